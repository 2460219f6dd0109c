/**
 * Reads response headers into values and writes values as request headers: one small function for each form that the wire has.
 */
import { between, MAX_RANGE } from "../config.js";
import { shown } from "../redact.js";
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
  const value = headers.get(name);
  return value === null ? undefined : dateOf(value);
}

/** A date of RFC 9110, or any other that the engine reads; undefined for what is no date. */
export function dateOf(text: string): Date | undefined {
  const date = new Date(text);
  return isNaN(date.getTime()) ? undefined : date;
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
  const seconds = Number(value);
  const wait = seconds >= 0 ? seconds * 1000 : Date.parse(value) - now;
  return wait >= 0 ? wait : wait < 0 ? 0 : undefined;
}

/**
 * The `bytes=a-b` of a range of `count` bytes from `offset`.
 *
 * @throws RangeError for an offset or a count that is negative, fractional or beyond what the operation carries.
 */
export function byteRange(offset: number, count: number, most: number = MAX_RANGE): string {
  between("offset", offset, 0, Number.MAX_SAFE_INTEGER, true);
  between("range length", count, 1, most, true);
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
  const seen = new Set<string>();
  let size = 0;
  for (const [name, value] of Object.entries(entries ?? {})) {
    const folded = name.toLowerCase();
    // The name and not its lower case, into which other letters fall, too.
    if (!/^[a-z_]\w*$/i.test(name) || seen.has(folded)) {
      throw new TypeError(`metadata name ${shown(name)} must be an identifier, and there only once in any case`);
    }
    // Beyond ASCII, engines disagree on the bytes or refuse; spaces at the ends are lost on the way.
    if (typeof value !== "string" || !/^(?! )[\x20-\x7e]*(?<! )$/.test(value)) {
      throw new TypeError(`metadata ${name} must be ASCII without spaces at its ends; encode it first`);
    }
    seen.add(folded);
    headers[`x-ms-meta-${name}`] = value;
    size += name.length + value.length;
  }
  if (size > 8192) throw new RangeError(`metadata has ${size} bytes, but at most 8192 are allowed`);
  return headers;
}
