/**
 * Reads response headers into values and writes values as request headers: one small function for each form that the wire has.
 */
import { MAX_RANGE } from "../config.js";
import type { RequestHeaderName } from "../types/requests.js";
import type { ResponseHeaderName, WireHeaders } from "../types/responses.js";

/** The text of a header; undefined where it is absent, or where a page may not see it. */
export const text = (headers: WireHeaders, name: ResponseHeaderName): string | undefined => headers.get(name) ?? undefined;

/** A header with a decimal number below 2^53. */
export function number(headers: WireHeaders, name: ResponseHeaderName): number | undefined {
  const value = headers.get(name);
  return value !== null && /^\d+$/.test(value) ? Number(value) : undefined;
}

/** A header with a date of RFC 9110, or any other that the engine reads; undefined for what is no date. */
export function date(headers: WireHeaders, name: ResponseHeaderName): Date | undefined {
  const value = new Date(headers.get(name) ?? NaN);
  return isNaN(+value) ? undefined : value;
}

/** A header that says `true` or `false`. */
export function flag(headers: WireHeaders, name: ResponseHeaderName): boolean | undefined {
  const value = headers.get(name)?.toLowerCase();
  return value === "true" ? true : value === "false" ? false : undefined;
}

/** The metadata of a resource by name. HTTP has folded the names to lower case. */
export function metadata(headers: WireHeaders): Record<string, string> {
  const entries: Record<string, string> = {};
  headers.forEach((value, name) => {
    if (name.startsWith("x-ms-meta-")) entries[name.slice("x-ms-meta-".length)] = value;
  });
  return entries;
}

/**
 * Milliseconds of a Retry-After header, which holds seconds or a date; undefined for neither.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function retryAfterOf(headers: WireHeaders, now: number): number | undefined {
  const value = headers.get("retry-after");
  if (value === null) return undefined;
  const wait = /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

/**
 * The `bytes=a-b` of a range of `count` bytes from `offset`.
 *
 * @throws RangeError for an offset or a count that is negative, fractional or beyond what the operation carries.
 */
export function byteRange(offset: number, count: number, most: number = MAX_RANGE): string {
  if (!Number.isSafeInteger(offset) || offset < 0) throw new RangeError(`offset is ${offset}, but must be a whole number of bytes from 0`);
  if (!Number.isSafeInteger(count) || count < 1) throw new RangeError(`the range has ${count} bytes, but must have a whole number from 1`);
  if (count > most) throw new RangeError(`the range has ${count} bytes, but one request carries at most ${most}`);
  return `bytes=${offset}-${offset + count - 1}`;
}

/** First and last offset and the size of the whole, of a `Content-Range` header; undefined for any other form. */
export function contentRange(headers: WireHeaders): { start: number; end: number; size: number } | undefined {
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers.get("content-range") ?? "");
  return match ? { start: Number(match[1]), end: Number(match[2]), size: Number(match[3]) } : undefined;
}

/** Metadata as it is given: values by name. */
export type Metadata = Readonly<Record<string, string>>;

/**
 * Metadata as request headers.
 *
 * @throws TypeError for a name that is no identifier (a letter or "_", then letters, digits, "_"), for two names that differ in case
 * only, and for a value that an HTTP header cannot hold; RangeError for more than 8 KiB in all.
 */
export function metadataHeaders(entries: Metadata | undefined): Partial<Record<RequestHeaderName, string>> {
  const headers: Partial<Record<RequestHeaderName, string>> = {};
  let size = 0;
  for (const [name, value] of Object.entries(entries ?? {})) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      throw new TypeError(`metadata name ${JSON.stringify(name)} is no identifier: a letter or _ first, then letters, digits or _`);
    }
    if (typeof value !== "string") throw new TypeError(`metadata ${name} is ${value === null ? "null" : typeof value}, but must be a string`);
    // Beyond Latin-1 no engine can send it; between, engines disagree on the bytes. Leading and trailing spaces would be lost on the way.
    const at = value.search(/[^\x20-\x7e\t]/);
    if (at >= 0) throw new TypeError(`metadata ${name} has a character at index ${at} that is not printable ASCII: encode the value first`);
    if (value !== value.trim()) throw new TypeError(`metadata ${name} begins or ends with white space, which HTTP cuts off: encode the value first`);
    const header: RequestHeaderName = `x-ms-meta-${name}`;
    if (Object.keys(headers).some((other) => other.toLowerCase() === header.toLowerCase())) {
      throw new TypeError(`metadata has ${JSON.stringify(name)} twice: names that differ in case only are the same`);
    }
    headers[header] = value;
    size += name.length + value.length;
  }
  if (size > 8192) throw new RangeError(`metadata has ${size} bytes in all, but at most 8192 are allowed`);
  return headers;
}
