/**
 * Mints SAS tokens, where the account's key may live: on a server, at the edge, in a script. The entry `azure-files/sas`.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/create-service-sas
 */
import { checkAccount } from "./account.js";
import { importKey, sign } from "./hmac.js";

/** The newest service version whose rules of signing are the ones here. */
const VERSION = "2026-10-06";

/** What every token says. */
export interface SasOptions {
  /** Name of the storage account. */
  account: string;
  /** One of its keys, in base64; it is not in the token. */
  key: string;
  /** When the token begins to be good; seconds count. @default at once */
  startsOn?: Date | string | undefined;
  /** When it ends; seconds count. */
  expiresOn?: Date | string | undefined;
  /** An IPv4 address, or two with "-" between for a range, that may use it. @default any */
  ipRange?: string | undefined;
  /** What it may travel over; an emulator on plain HTTP needs "https,http". @default "https" */
  protocol?: "https" | "https,http" | undefined;
  /** The service version of the token. @default "2026-10-06" */
  version?: string | undefined;
}

/** What `serviceSas` takes. */
export interface ServiceSasOptions extends SasOptions {
  /** Name of the share. */
  share: string;
  /** Path of a file, for a token that is good for this file only. @default the whole share */
  path?: string | undefined;
  /** Letters: `r` read, `c` create, `w` write, `d` delete, and `l` list for a share. Needed unless `identifier` names a policy that says it. */
  permissions?: string | undefined;
  /** Id of a policy stored with the share, which then says what the token leaves out and can be withdrawn. */
  identifier?: string | undefined;
  /** Cache-Control that reads with this token answer with. */
  cacheControl?: string | undefined;
  /** Content-Disposition that reads answer with, such as `attachment; filename="a.txt"`. */
  contentDisposition?: string | undefined;
  /** Content-Encoding that reads answer with. */
  contentEncoding?: string | undefined;
  /** Content-Language that reads answer with. */
  contentLanguage?: string | undefined;
  /** Content-Type that reads answer with. */
  contentType?: string | undefined;
}

/** What `accountSas` takes. */
export interface AccountSasOptions extends SasOptions {
  /** Letters: `r` read, `w` write, `d` delete, `l` list, `c` create; `a`, `u` and `p` mean nothing to file shares. */
  permissions: string;
  /** Letters of what it opens: `s` the service, `c` shares, `o` directories and files. */
  resourceTypes: string;
  /** Letters of services. @default "f" */
  services?: string | undefined;
  /** When it ends; an account token cannot leave that to a policy. */
  expiresOn: Date | string;
}

/** The fields of a token by their query names; those that are not used are empty. */
export type SasFields = Readonly<Record<string, string>>;

/**
 * Mints a token for one share, or for one file in it.
 *
 * @returns the token without "?".
 * @throws TypeError for letters, times, paths and addresses that break the rules; RangeError where the end is not after the start.
 * @see https://learn.microsoft.com/rest/api/storageservices/create-service-sas
 * @example
 * const token = await serviceSas({ account, key, share: "inbox", permissions: "cw", expiresOn: new Date(Date.now() + 3_600_000) });
 */
export async function serviceSas(options: ServiceSasOptions): Promise<string> {
  const { share, path, permissions, identifier } = options;
  if (typeof share !== "string" || !/^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$/.test(share)) {
    throw new TypeError("share is no name of a share: 3 to 63 of a-z, 0-9 and single hyphens between them");
  }
  const file = path === undefined ? undefined : plain("path", path).replace(/^\/|\/$/g, "");
  // The client refuses such paths, so a token for one would open nothing.
  if (file !== undefined && /(^|\/)\.{0,2}(\/|$)/.test(file)) {
    throw new TypeError('path has an empty component, "." or ".."; leave it out for a token of the whole share');
  }
  if (identifier !== undefined && !/^.{1,64}$/.test(identifier)) throw new TypeError("identifier must have 1 to 64 characters");
  if (identifier === undefined && (permissions === undefined || options.expiresOn === undefined)) {
    throw new TypeError("permissions and expiresOn are needed, unless identifier names a stored policy that says them");
  }
  const fields: SasFields = {
    ...commonFields(options),
    sp: permissions === undefined ? "" : inOrder("permissions", permissions, file === undefined ? "rcwdl" : "rcwd"),
    sr: file === undefined ? "s" : "f",
    si: plain("identifier", identifier),
    rscc: plain("cacheControl", options.cacheControl),
    rscd: plain("contentDisposition", options.contentDisposition),
    rsce: plain("contentEncoding", options.contentEncoding),
    rscl: plain("contentLanguage", options.contentLanguage),
    rsct: plain("contentType", options.contentType),
  };
  return tokenOf(options, fields, serviceSasStringToSign(checkAccount(options.account), share, file, fields));
}

/** What a service token's signature is of. The resource is not percent-encoded. */
export function serviceSasStringToSign(account: string, share: string, path: string | undefined, fields: SasFields): string {
  const resource = `/file/${account}/${share}${path === undefined ? "" : `/${path}`}`;
  const { sp, st, se, si, sip, spr, sv, rscc, rscd, rsce, rscl, rsct } = fields;
  return [sp, st, se, resource, si, sip, spr, sv, rscc, rscd, rsce, rscl, rsct].map((field) => field ?? "").join("\n");
}

/**
 * Mints a token for the account: the only kind that lists, creates and deletes shares.
 *
 * @returns the token without "?".
 * @throws TypeError for letters, times and addresses that break the rules; RangeError where the end is not after the start.
 * @see https://learn.microsoft.com/rest/api/storageservices/create-account-sas
 */
export async function accountSas(options: AccountSasOptions): Promise<string> {
  if (options.expiresOn === undefined) throw new TypeError("expiresOn is needed");
  const fields: SasFields = {
    ...commonFields(options),
    sp: inOrder("permissions", options.permissions, "rwdlacup"),
    ss: inOrder("services", options.services ?? "f", "bqtf"),
    srt: inOrder("resourceTypes", options.resourceTypes, "sco"),
    ses: "",
  };
  return tokenOf(options, fields, accountSasStringToSign(checkAccount(options.account), fields));
}

/** What an account token's signature is of. It ends in a line break. */
export function accountSasStringToSign(account: string, fields: SasFields): string {
  const { sp, ss, srt, st, se, sip, spr, sv, ses } = fields;
  const lines = [account, sp, ss, srt, st, se, sip, spr, sv];
  // The encryption scope came with this version.
  if ((sv ?? "") >= "2020-12-06") lines.push(ses);
  return lines.map((line) => `${line ?? ""}\n`).join("");
}

function commonFields(options: SasOptions): SasFields {
  const { startsOn, expiresOn, ipRange, protocol = "https", version = VERSION } = options;
  const st = startsOn === undefined ? "" : sasTime("startsOn", startsOn);
  const se = expiresOn === undefined ? "" : sasTime("expiresOn", expiresOn);
  if (st !== "" && se !== "" && Date.parse(se) <= Date.parse(st)) throw new RangeError(`expiresOn ${se} is not after startsOn ${st}`);
  if (protocol !== "https" && protocol !== "https,http")
    throw new TypeError(`protocol is ${JSON.stringify(protocol)}, but must be "https" or "https,http"`);
  if (!/^\d{4}-\d\d-\d\d$/.test(version) || version < "2015-04-05")
    throw new TypeError(`version is ${JSON.stringify(version)}, but must be a service version from 2015-04-05`);
  if (ipRange !== undefined && !isRange(ipRange)) {
    throw new TypeError(`ipRange is ${JSON.stringify(ipRange)}, but must be an IPv4 address or two with "-" between`);
  }
  return { sv: version, st, se, sip: ipRange ?? "", spr: protocol };
}

/** Whether a text is one IPv4 address, or two of them, the lower one first. */
function isRange(text: string): boolean {
  const ends = text.split("-").map((address) => {
    const numbers = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address)?.slice(1).map(Number) ?? [];
    return numbers.length === 4 && numbers.every((number) => number < 256) ? numbers.reduce((sum, number) => sum * 256 + number) : NaN;
  });
  const [first = NaN, last = first] = ends;
  return ends.length < 3 && first <= last;
}

/** ISO 8601 to the day, the minute or the second, with an offset where it has a time: without one it would mean another time elsewhere. */
const ISO_TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

/** A time to the second, in UTC, as tokens have it. */
function sasTime(name: string, time: Date | string): string {
  const value = new Date(time instanceof Date || ISO_TIME.test(time) ? time : NaN);
  const year = value.getUTCFullYear();
  if (!(year >= 0 && year <= 9999)) throw new TypeError(`${name} is no time: pass a Date, or ISO 8601 such as "2026-12-31T23:59:59Z"`);
  return value.toISOString().replace(/\.\d+Z$/, "Z");
}

/**
 * Text that stands on a line of its own in what is signed. A line break in it, as from the name of somebody's file, would move what
 * follows to other fields.
 */
function plain(name: string, text = ""): string {
  if (typeof text !== "string" || /[\p{Cc}\p{Cs}]/u.test(text))
    throw new TypeError(`${name} must be text without control characters and halves of surrogate pairs`);
  return text;
}

/** Letters in the order in which the service wants them. */
function inOrder(name: string, letters: string, order: string): string {
  if (typeof letters !== "string" || letters === "") throw new TypeError(`${name} is empty: it takes letters of "${order}"`);
  const wrong = [...letters].find((letter) => !order.includes(letter));
  if (wrong !== undefined) throw new TypeError(`${name} has ${JSON.stringify(wrong)}, but takes letters of "${order}" only`);
  return [...order].filter((letter) => letters.includes(letter)).join("");
}

/** Signs a string made of the fields, and writes both as a query. */
async function tokenOf(options: SasOptions, fields: SasFields, stringToSign: string): Promise<string> {
  const signed = { ...fields, sig: await sign(importKey(options.key), stringToSign) };
  return Object.entries(signed)
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join("&");
}
