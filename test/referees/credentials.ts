/**
 * Credentials for recorded requests, in place of those that recorders removed: the owner's key, unless the exchange is about another one.
 */
import { createHmac } from "node:crypto";
import { serviceSas } from "../../src/auth/mint.js";
import { stringToSign } from "../../src/auth/shared-key.js";
import type { Emulator } from "../../src/simulation/index.js";
import type { Exchange } from "./recording.js";

/** What is signed. */
export interface Parts {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
}

const hmac = (key: string, text: string): string => createHmac("sha256", Buffer.from(key, "base64")).update(text).digest("base64");

const requestOf = ({ method, url, headers, body }: Parts): Request =>
  new Request(url, { method, headers, body: body.length === 0 ? null : body });

/** A request of the owner's. */
export function byOwner({ account, key }: Emulator, now: number, parts: Parts): Request {
  const headers: Record<string, string> = { ...parts.headers, "x-ms-date": new Date(now).toUTCString() };
  const body = parts.body.length === 0 ? undefined : parts.body;
  const text = stringToSign(account, { method: parts.method as "PUT", url: parts.url, headers, body });
  return requestOf({ ...parts, headers: { ...headers, authorization: `SharedKey ${account}:${hmac(key, text)}` } });
}

/** A request with a bearer token. */
const byUser = (token: string, parts: Parts): Request => {
  return requestOf({ ...parts, headers: { "x-ms-file-request-intent": "backup", ...parts.headers, authorization: `Bearer ${token}` } });
};

/** A request with a SAS. */
function bySas(sas: string, parts: Parts): Request {
  return requestOf({ ...parts, url: `${parts.url}${parts.url.includes("?") ? "&" : "?"}${sas}` });
}

/** An account SAS for all resources with some services and letters. */
function accountToken({ account, key }: Emulator, now: number, services: string, permissions: string): string {
  const expiry = new Date(now + 3_600_000).toISOString().replace(/\.\d+/, "");
  const lines = [account, permissions, services, "sco", "", expiry, "", "", "2021-10-04", "", ""];
  const words = { sv: "2021-10-04", ss: services, srt: "sco", sp: permissions, se: expiry, sig: hmac(key, lines.join("\n")) };
  return new URLSearchParams(words).toString();
}

/** Headers that a SAS of the recording had for the answer; undefined where it had none. */
function answerHeaders({ url }: Exchange) {
  const { searchParams: words } = new URL(url);
  if (!["rscc", "rscd", "rsce", "rscl", "rsct"].some((name) => words.has(name))) return undefined;
  const word = (name: string): string | undefined => words.get(name) ?? undefined;
  return {
    cacheControl: word("rscc"),
    contentDisposition: word("rscd"),
    contentEncoding: word("rsce"),
    contentLanguage: word("rscl"),
    contentType: word("rsct"),
  };
}

/** The request of an exchange with a credential that has to get the recorded answer. */
export async function authorized(exchange: Exchange, emulator: Emulator, now: number, parts: Parts): Promise<Request> {
  const { account, key } = emulator;
  const code = exchange.responseHeaders["x-ms-error-code"];
  if (code === "AuthorizationPermissionMismatch") return bySas(accountToken(emulator, now, "f", "d"), parts);
  if (code === "AuthorizationServiceMismatch") return bySas(accountToken(emulator, now, "b", "r"), parts);
  if (code === "InvalidAuthenticationInfo") return byUser(emulator.token({ audience: "https://elsewhere.example" }), parts);
  if (exchange.operation === "Get User Delegation Key") return byUser(emulator.token(), parts);
  const headers = answerHeaders(exchange);
  if (headers === undefined) return byOwner(emulator, now, parts);
  const [path, expiresOn] = [exchange.path.join("/"), new Date(now + 3_600_000)];
  return bySas(await serviceSas({ account, key, share: exchange.share, path, permissions: "rcwd", expiresOn, ...headers }), parts);
}
