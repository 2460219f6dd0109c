/**
 * Shared Key and Shared Key Lite, from the server's side: the string that must have been signed, stage by stage, and its check.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key
 */
import { compareCulture, compareOrdinal } from "./culture-order.js";
import { Failure } from "./failures.js";
import { sameText, type Sign } from "./hmac.js";
import type { Target } from "./target.js";
import { parseHttpDate } from "./time.js";

/** How header names are ordered. */
type Compare = (a: string, b: string) => number;

/** The parts of a request that are signed. */
export interface SignedParts {
  readonly method: string;
  readonly headers: Headers;
  readonly target: Pick<Target, "rawPath" | "query">;
  readonly account: string;
  /** Bytes of the body, which stand in for a Content-Length that the runtime does not show. */
  readonly contentLength: number;
}

/** `x-ms-date:…\nx-ms-version:…\n`: every `x-ms-` header, sorted. */
export function canonicalHeaders(headers: Headers, compare: Compare): string {
  const own: [string, string][] = [];
  headers.forEach((value, name) => {
    if (name.startsWith("x-ms-")) own.push([name, value.trim().replace(/\s*\r?\n\s*/g, " ")]);
  });
  return own
    .sort(([a], [b]) => compare(a, b))
    .map(([name, value]) => `${name}:${value}\n`)
    .join("");
}

/** `/account/path` and the query, a line each, sorted by name. */
export function canonicalResource(account: string, target: SignedParts["target"]): string {
  const query = [...target.query].sort(([a], [b]) => compareOrdinal(a, b)).map(([name, value]) => `\n${name}:${value}`);
  return `/${account}${target.rawPath}${query.join("")}`;
}

/** The string that `SharedKey` signs. */
export function stringToSign(parts: SignedParts, compare: Compare): string {
  const value = (name: string): string => parts.headers.get(name) ?? "";
  return [
    parts.method,
    value("content-encoding"),
    value("content-language"),
    parts.contentLength === 0 ? "" : String(parts.contentLength),
    value("content-md5"),
    value("content-type"),
    parts.headers.has("x-ms-date") ? "" : value("date"),
    value("if-modified-since"),
    value("if-match"),
    value("if-none-match"),
    value("if-unmodified-since"),
    value("range"),
    canonicalHeaders(parts.headers, compare) + canonicalResource(parts.account, parts.target),
  ].join("\n");
}

/** The string that `SharedKeyLite` signs. */
export function liteStringToSign(parts: SignedParts, compare: Compare): string {
  const value = (name: string): string => parts.headers.get(name) ?? "";
  const comp = parts.target.query.get("comp");
  return [
    parts.method,
    value("content-md5"),
    value("content-type"),
    parts.headers.has("x-ms-date") ? "" : value("date"),
    canonicalHeaders(parts.headers, compare) + `/${parts.account}${parts.target.rawPath}${comp === undefined ? "" : `?comp=${comp}`}`,
  ].join("\n");
}

const tolerance = 15 * 60 * 1000;

function refuse(detail: string): Failure {
  return new Failure("AuthenticationFailed", { details: [["AuthenticationErrorDetail", detail]] });
}

/** Checks an `Authorization: SharedKey account:signature` header and its date. Throws unless both hold. */
export async function verifySharedKey(parts: SignedParts, authorization: string, sign: Sign, now: number): Promise<void> {
  const [, scheme, account, signature] = /^(SharedKey|SharedKeyLite) ([^:]+):(\S+)$/.exec(authorization) ?? [];
  if (!scheme || !account || !signature) throw new Failure("InvalidAuthenticationInfo");
  const text = parts.headers.get("x-ms-date") ?? parts.headers.get("date");
  if (text === null) throw refuse("Neither x-ms-date nor Date is given.");
  const date = parseHttpDate(text);
  if (date === undefined || Math.abs(now - date) > tolerance) {
    throw refuse(`The date header in the request is incorrect or more than 15 minutes off: ${text}`);
  }
  if (account !== parts.account) throw refuse(`The account ${account} is not the account of the address.`);
  const make = scheme === "SharedKey" ? stringToSign : liteStringToSign;
  const expected = make(parts, compareCulture);
  for (const candidate of new Set([expected, make(parts, compareOrdinal)])) {
    if (sameText(await sign(candidate), signature)) return;
  }
  throw refuse(
    `The MAC signature found in the HTTP request is not the same as any computed signature. Server used following string to sign: '${expected}'.`,
  );
}
