/**
 * Shared access signatures, from the server's side: what a token says, the string it must have signed, and the checks in the order
 * of the service: signature, time, address, protocol.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/create-service-sas
 * @see https://learn.microsoft.com/rest/api/storageservices/create-account-sas
 */
import { Failure } from "./failures.js";
import { sameText, type Sign } from "./hmac.js";
import type { Query, Target } from "./target.js";
import { millisecondsOf, parseIsoTime } from "./time.js";

/** Query words that belong to a SAS and to no operation. */
export const sasWords: ReadonlySet<string> = /* @__PURE__ */ new Set(
  "sv ss srt sr sp st se spr sip si sig skoid sktid skt ske sks skv skdutid sduoid ses rscc rscd rsce rscl rsct".split(" "),
);

/** A token whose signature holds. */
export interface Sas {
  readonly kind: "account" | "service";
  /** Permission letters. */
  readonly permissions: string;
  /** `s` share or `f` file; service SAS only. */
  readonly resource: string;
  /** Letters of `ss`; account SAS only. */
  readonly services: string;
  /** Letters of `srt`; account SAS only. */
  readonly resourceTypes: string;
}

function refuse(detail: string): Failure {
  return new Failure("AuthenticationFailed", { details: [["AuthenticationErrorDetail", detail]] });
}

/** The string an account SAS signs; it ends with a line break, and has a line more from 2020-12-06. */
export function accountStringToSign(account: string, query: Query): string {
  const names = ["sp", "ss", "srt", "st", "se", "sip", "spr", "sv"];
  if ((query.get("sv") ?? "") >= "2020-12-06") names.push("ses");
  return [account, ...names.map((name) => query.get(name) ?? "")].join("\n") + "\n";
}

/** The string a service SAS signs for a share or file: decoded resource, no `sr`, no line break at the end. */
export function serviceStringToSign(account: string, target: Pick<Target, "share" | "path" | "query">): string {
  const { query, share = "", path } = target;
  const resource = query.get("sr") === "f" ? [share, ...path].join("/") : share;
  const middle = (query.get("sv") ?? "") >= "2015-04-05" ? ["si", "sip", "spr", "sv"] : ["si", "sv"];
  const value = (name: string): string => query.get(name) ?? "";
  return [
    ...["sp", "st", "se"].map(value),
    `/file/${account}/${resource}`,
    ...[...middle, "rscc", "rscd", "rsce", "rscl", "rsct"].map(value),
  ].join("\n");
}

/** Milliseconds since 1970 of a SAS time: a day, a minute, a second or finer. */
function sasTime(text: string): number | undefined {
  const full = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text.replace(/T(\d{2}:\d{2})Z$/, "T$1:00Z");
  const ticks = parseIsoTime(full);
  return ticks === undefined ? undefined : millisecondsOf(ticks);
}

function ipNumber(text: string): number | undefined {
  const parts = text.replace(/^::ffff:/i, "").split(".");
  if (parts.length !== 4 || parts.some((part) => !/^\d{1,3}$/.test(part) || Number(part) > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

function checkTime(query: Query, now: number): void {
  const [st, se] = [query.get("st"), query.get("se") ?? ""];
  const start = st === undefined ? undefined : sasTime(st);
  const end = sasTime(se);
  if (end === undefined || (st !== undefined && start === undefined)) throw refuse("st or se is not a valid UTC time.");
  if (start !== undefined && start >= end) throw refuse(`Signed expiry time [${se}] has to be after signed start time [${st}]`);
  if (now >= end || (start !== undefined && now < start)) {
    throw refuse(
      `Signature not valid in the specified time frame: Start [${st ?? ""}] - Expiry [${se}] - Current [${new Date(now).toUTCString()}]`,
    );
  }
}

function checkAddress(sip: string | undefined, clientAddress: string | undefined): void {
  if (sip === undefined) return;
  const [low, high = low] = sip.split("-", 2).map(ipNumber);
  if (low === undefined || high === undefined) throw refuse("sip is not an IPv4 address or range.");
  if (clientAddress === undefined) return; // a handler inside a page has no peer to look at
  const own = ipNumber(clientAddress);
  if (own === undefined || own < low || own > high) throw new Failure("AuthorizationSourceIPMismatch");
}

/** Checks the token in a query. Throws `AuthenticationFailed` and the mismatches of address and protocol. */
export async function verifySas(account: string, target: Target, sign: Sign, now: number, clientAddress: string | undefined): Promise<Sas> {
  const { query } = target;
  const value = (name: string): string => query.get(name) ?? "";
  const [sv, spr] = [value("sv"), query.get("spr")];
  if (!/^\d{4}-\d{2}-\d{2}$/.test(sv)) throw refuse("sv is missing or not a service version.");
  if (query.has("skoid")) throw refuse("No user delegation key has been issued by this account.");
  const isAccount = query.has("ss") || query.has("srt");
  const resource = value("sr");
  if (!isAccount && resource !== "s" && resource !== "f") throw refuse("sr must be s or f.");
  const text = isAccount ? accountStringToSign(account, query) : serviceStringToSign(account, target);
  if (!sameText(await sign(text), value("sig"))) {
    throw refuse(`Signature did not match. String to sign used was ${text}`);
  }
  if (query.has("si")) throw refuse("The stored access policy does not exist.");
  if (value("sp") === "") throw refuse("sp is missing.");
  checkTime(query, now);
  checkAddress(query.get("sip"), clientAddress);
  if (spr !== undefined && !["https", "https,http", "http,https"].includes(spr)) throw refuse("spr must be https or https,http.");
  if (spr === "https" && target.protocol !== "https:") throw new Failure("AuthorizationProtocolMismatch");
  return {
    kind: isAccount ? "account" : "service",
    permissions: value("sp"),
    resource,
    services: value("ss"),
    resourceTypes: value("srt"),
  };
}
