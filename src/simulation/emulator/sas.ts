/**
 * Shared access signatures, from the server's side: what a token says, the string it must have signed, and the checks in the order
 * of the service: signature, time, address, protocol.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/create-service-sas
 * @see https://learn.microsoft.com/rest/api/storageservices/create-account-sas
 * @see https://learn.microsoft.com/rest/api/storageservices/create-user-delegation-sas
 */
import type { Bearer } from "./bearer.js";
import { Failure, badQuery } from "./failures.js";
import { sameText, signer, type Sign } from "./hmac.js";
import type { Account } from "./state.js";
import type { Query, Target } from "./target.js";
import { isoTime, millisecondsOf, parseIsoTime, type Ticks } from "./time.js";

/** Query words that belong to a SAS and to no operation. */
export const sasWords: ReadonlySet<string> = /* @__PURE__ */ new Set(
  "sv ss srt sr sp st se spr sip si sig skoid sktid skt ske sks skv skdutid sduoid ses rscc rscd rsce rscl rsct".split(" "),
);

/** A token whose signature holds. A user delegation SAS is a service SAS that somebody else signed. */
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

/** The string a user delegation SAS signs: a service SAS's, with what the key is made of in place of the policy. */
export function delegationStringToSign(account: string, target: Pick<Target, "share" | "path" | "query">): string {
  const { query, share = "", path } = target;
  const resource = query.get("sr") === "f" ? [share, ...path].join("/") : share;
  const value = (name: string): string => query.get(name) ?? "";
  return [
    ...["sp", "st", "se"].map(value),
    `/file/${account}/${resource}`,
    ...["skoid", "sktid", "skt", "ske", "sks", "skv", "skdutid", "sduoid"].map(value),
    ...["sip", "spr", "sv", "rscc", "rscd", "rsce", "rscl", "rsct"].map(value),
  ].join("\n");
}

/** A SAS time: a day, a minute, a second or finer. */
export function sasTicks(text: string): Ticks | undefined {
  return parseIsoTime(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text.replace(/T(\d{2}:\d{2})Z$/, "T$1:00Z"));
}

/** The same in milliseconds since 1970. */
function sasTime(text: string): number | undefined {
  const ticks = sasTicks(text);
  return ticks === undefined ? undefined : millisecondsOf(ticks);
}

function ipNumber(text: string): number | undefined {
  const parts = text.replace(/^::ffff:/i, "").split(".");
  if (parts.length !== 4 || parts.some((part) => !/^\d{1,3}$/.test(part) || Number(part) > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

function checkTime(st: string | undefined, se: string, now: number): void {
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

/** What a token says, itself or by its stored policy. */
interface Terms {
  readonly permissions: string;
  readonly start: string | undefined;
  readonly expiry: string;
}

/** Fills in from the stored policy that `si` names; what the policy says the token may not say as well. */
function termsOf(account: Account, { query, share }: Target): Terms {
  const [id, sp, st, se] = ["si", "sp", "st", "se"].map((name) => query.get(name));
  if (id === undefined) return { permissions: sp ?? "", start: st, expiry: se ?? "" };
  // Only a service SAS signs `si`: in any other token anybody could have written it.
  if (isAccountSas(query) || query.has("skoid")) throw refuse("si belongs into a service SAS only.");
  const policy = account.shares.get(share ?? "")?.policies.find((stored) => stored.id === id);
  if (!policy) throw refuse("The stored access policy does not exist.");
  const [start, expiry] = [policy.start, policy.expiry].map((ticks) => (ticks === undefined ? undefined : isoTime(ticks)));
  for (const [name, own, stored] of [
    ["sp", sp, policy.permission],
    ["st", st, start],
    ["se", se, expiry],
  ]) {
    if (own !== undefined && stored !== undefined) throw badQuery(name ?? "", own, "The stored access policy says it already.");
  }
  return { permissions: sp ?? policy.permission ?? "", start: st ?? start, expiry: se ?? expiry ?? "" };
}

const isAccountSas = (query: Query): boolean => query.has("ss") || query.has("srt");

/** Who signs a token, and what. */
function signatureOf(account: Account, target: Target, sign: Sign): { text: string; sign: Sign } {
  const { query } = target;
  const value = (name: string): string => query.get(name) ?? "";
  if (isAccountSas(query)) return { text: accountStringToSign(account.name, query), sign };
  if (value("sr") !== "s" && value("sr") !== "f") throw refuse("sr must be s or f.");
  if (!query.has("skoid")) return { text: serviceStringToSign(account.name, target), sign };
  if (value("sv") < "2025-07-05") throw refuse("A user delegation SAS needs sv 2025-07-05 or later.");
  const facts = {
    oid: value("skoid"),
    tid: value("sktid"),
    start: value("skt"),
    expiry: value("ske"),
    service: value("sks"),
    version: value("skv"),
    delegatedTid: value("skdutid"),
  };
  if (facts.service !== "f") throw refuse("The user delegation key is not one of the file service.");
  return { text: delegationStringToSign(account.name, target), sign: signer(account.delegationKeys.valueOf(facts)) };
}

/** A key of a user is good for its own time only, and what it signed may be bound to another user, who then has to be the caller. */
function checkDelegation(query: Query, now: number, bearer: Bearer | undefined): void {
  if (isAccountSas(query) || !query.has("skoid")) return;
  const value = (name: string): string => query.get(name) ?? "";
  checkTime(value("skt"), value("ske"), now);
  const tenant = value("skdutid") || value("sktid");
  if (value("sduoid") !== "" && (bearer?.oid !== value("sduoid") || bearer.tid !== tenant)) {
    throw refuse("The SAS is another user's: a bearer token of that user is needed.");
  }
}

/** What the check of a token needs besides the token. */
export interface SasContext {
  readonly account: Account;
  /** Signs with the account's key. */
  readonly sign: Sign;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly clientAddress?: string | undefined;
  /** Who sent a bearer token along. */
  readonly bearer?: Bearer | undefined;
}

/** Checks the token in a query. Throws `AuthenticationFailed` and the mismatches of address and protocol. */
export async function verifySas(context: SasContext, target: Target): Promise<Sas> {
  const { account, now } = context;
  const { query } = target;
  const value = (name: string): string => query.get(name) ?? "";
  const [sv, spr] = [value("sv"), query.get("spr")];
  if (!/^\d{4}-\d{2}-\d{2}$/.test(sv)) throw refuse("sv is missing or not a service version.");
  const { text, sign } = signatureOf(account, target, context.sign);
  if (!sameText(await sign(text), value("sig"))) {
    throw refuse(`Signature did not match. String to sign used was ${text}`);
  }
  checkDelegation(query, now, context.bearer);
  const terms = termsOf(account, target);
  if (terms.permissions === "") throw refuse("sp is missing.");
  checkTime(terms.start, terms.expiry, now);
  checkAddress(query.get("sip"), context.clientAddress);
  if (spr !== undefined && !["https", "https,http", "http,https"].includes(spr)) throw refuse("spr must be https or https,http.");
  if (spr === "https" && target.protocol !== "https:") throw new Failure("AuthorizationProtocolMismatch");
  return {
    kind: isAccountSas(query) ? "account" : "service",
    permissions: terms.permissions,
    resource: value("sr"),
    services: value("ss"),
    resourceTypes: value("srt"),
  };
}
