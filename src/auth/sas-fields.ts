/**
 * What tokens have in common: the fields that every one has, the rules for what stands in them, and how they are signed and written.
 */
import { importKey, sign } from "./hmac.js";
import { isDate } from "../platform.js";
import { shown } from "../redact.js";

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

/** What reads of shares and files with a token answer with, instead of what is stored. */
export interface ReadOverrides {
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

/** The fields of a token by their query names; those that are not used are empty. */
export type SasFields = Readonly<Record<string, string>>;

/** The fields of the answers' headers. */
export const overridesOf = (options: ReadOverrides): SasFields => ({
  rscc: plain("cacheControl", options.cacheControl),
  rscd: plain("contentDisposition", options.contentDisposition),
  rsce: plain("contentEncoding", options.contentEncoding),
  rscl: plain("contentLanguage", options.contentLanguage),
  rsct: plain("contentType", options.contentType),
});

/**
 * The path of the file that a token is for, without a slash at its ends; undefined for the whole share.
 *
 * @throws TypeError for a share or path that breaks the rules.
 */
export function fileOf(share: string, path: string | undefined): string | undefined {
  if (typeof share !== "string" || !/^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$/.test(share)) {
    throw new TypeError("share is no name of a share: 3 to 63 of a-z, 0-9 and single hyphens between them");
  }
  const file = path === undefined ? undefined : plain("path", path).replace(/^\/|\/$/g, "");
  // The client refuses such paths, so a token for one would open nothing.
  if (file !== undefined && /(^|\/)\.{0,2}(\/|$)/.test(file)) {
    throw new TypeError('path has an empty component, "." or ".."; leave it out for a token of the whole share');
  }
  return file;
}

/** The share or file as it is signed. It is not percent-encoded. */
export const resourceOf = (account: string, share: string, path: string | undefined): string =>
  `/file/${account}/${share}${path === undefined ? "" : `/${path}`}`;

/** Letters of a token for a file, or for a whole share. */
export const lettersOf = (permissions: string, file: string | undefined): string =>
  inOrder("permissions", permissions, file === undefined ? "rcwdl" : "rcwd");

/** The fields that every token has. */
export function commonFields(options: Omit<SasOptions, "key">): SasFields {
  const { startsOn, expiresOn, ipRange, protocol = "https", version = VERSION } = options;
  const st = startsOn === undefined ? "" : sasTime("startsOn", startsOn);
  const se = expiresOn === undefined ? "" : sasTime("expiresOn", expiresOn);
  if (st !== "" && se !== "" && Date.parse(se) <= Date.parse(st)) throw new RangeError(`expiresOn ${se} is not after startsOn ${st}`);
  if (protocol !== "https" && protocol !== "https,http")
    throw new TypeError(`protocol is ${shown(protocol)}, but must be "https" or "https,http"`);
  if (!/^\d{4}-\d\d-\d\d$/.test(version) || version < "2015-04-05")
    throw new TypeError(`version is ${shown(version)}, but must be a service version from 2015-04-05`);
  if (ipRange !== undefined && !isRange(ipRange)) {
    throw new TypeError(`ipRange is ${shown(ipRange)}, but must be an IPv4 address or two with "-" between`);
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
  const value = new Date(isDate(time) || ISO_TIME.test(time) ? time : NaN);
  const year = value.getUTCFullYear();
  if (!(year >= 0 && year <= 9999)) throw new TypeError(`${name} is no time: pass a Date, or ISO 8601 such as "2026-12-31T23:59:59Z"`);
  return value.toISOString().replace(/\.\d+Z$/, "Z");
}

/**
 * Text that stands on a line of its own in what is signed. A line break in it, as from the name of somebody's file, would move what
 * follows to other fields.
 */
export function plain(name: string, text = ""): string {
  if (typeof text !== "string" || /[\p{Cc}\p{Cs}]/u.test(text))
    throw new TypeError(`${name} must be text without control characters and halves of surrogate pairs`);
  return text;
}

/** Letters in the order in which the service wants them. */
export function inOrder(name: string, letters: string, order: string): string {
  if (typeof letters !== "string" || letters === "") throw new TypeError(`${name} is empty: it takes letters of "${order}"`);
  const wrong = [...letters].find((letter) => !order.includes(letter));
  if (wrong !== undefined) throw new TypeError(`${name} has ${shown(wrong)}, but takes letters of "${order}" only`);
  return [...order].filter((letter) => letters.includes(letter)).join("");
}

/** Signs a string made of the fields, and writes both as a query. */
export async function tokenOf(key: string, fields: SasFields, stringToSign: string): Promise<string> {
  const signed = { ...fields, sig: await sign(importKey(key), stringToSign) };
  return Object.entries(signed)
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join("&");
}
