/** Readers of request headers and query words; each throws the failure the service answers with. */
import { Failure, badHeader, badQuery, missingHeader } from "./failures.js";
import type { ContentHeaders, Metadata } from "./state.js";
import { bytesOfBase64 } from "./text.js";
import type { Query } from "./target.js";
import type { Span } from "./page-set.js";

/** Largest file: 4 TiB. */
export const maxFileSize = 4398046511104;
/** Most bytes one request body may have: 4 MiB. */
export const maxBody = 4194304;

const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Reads every `x-ms-meta-*` header. */
export function readMetadata(headers: Headers): Metadata {
  const metadata: [string, string][] = [];
  let size = 0;
  headers.forEach((value, header) => {
    if (!header.startsWith("x-ms-meta-")) return;
    const name = header.slice("x-ms-meta-".length);
    if (name === "") throw new Failure("EmptyMetadataKey", { details: [["MetadataValue", value]] });
    if (!identifier.test(name) || !/^[\x20-\x7E\t]*$/.test(value)) throw new Failure("InvalidMetadata");
    size += name.length + value.length;
    metadata.push([name, value]);
  });
  if (size > 8192) throw new Failure("MetadataTooLarge");
  return metadata;
}

/** Reads `true` or `false`, any case; false when absent. */
export function readFlag(headers: Headers, name: string): boolean {
  const value = headers.get(name);
  if (value === null) return false;
  const word = value.toLowerCase();
  if (word !== "true" && word !== "false") throw badHeader(name, value);
  return word === "true";
}

/** Reads `x-ms-content-length` as a file size, or undefined when absent. */
export function readFileSize(headers: Headers): number | undefined {
  const value = headers.get("x-ms-content-length");
  if (value === null) return undefined;
  if (!/^-?\d{1,30}$/.test(value)) throw badHeader("x-ms-content-length", value);
  const size = Number(value);
  if (size < 0 || size > maxFileSize) throw new Failure("OutOfRangeInput");
  return size;
}

/** The six HTTP properties as given, and whether any was. */
export function readContentHeaders(headers: Headers): { readonly given: boolean; readonly values: ContentHeaders } {
  const read = (name: string): string | undefined => headers.get(`x-ms-${name}`) ?? undefined;
  const values: ContentHeaders = {
    type: read("content-type"),
    encoding: read("content-encoding"),
    language: read("content-language"),
    cacheControl: read("cache-control"),
    md5: read("content-md5"),
    disposition: read("content-disposition"),
  };
  // Stored as given: four bytes were accepted in recorded traffic.
  if (values.md5 !== undefined && values.md5 !== "" && bytesOfBase64(values.md5) === undefined) throw new Failure("InvalidMd5");
  return { given: Object.values(values).some((value) => value !== undefined), values };
}

const wholeRange = /^bytes=(\d{1,16})-(\d{1,16})?$/;

function spanOf(text: string): { start: number; end: number | undefined } | undefined {
  const match = wholeRange.exec(text.trim());
  if (!match) return undefined;
  const start = Number(match[1]);
  const end = match[2] === undefined ? undefined : Number(match[2]) + 1;
  return end !== undefined && end <= start ? undefined : { start, end };
}

/** The range of Put Range and Clear Range: both ends, required. `x-ms-range` wins over `Range`. */
export function readWriteRange(headers: Headers): Span {
  const name = headers.has("x-ms-range") ? "x-ms-range" : "Range";
  const value = headers.get(name);
  if (value === null) throw missingHeader("x-ms-range");
  const span = spanOf(value);
  if (span?.end === undefined) throw badHeader(name, value);
  return { start: span.start, end: span.end };
}

/**
 * The range of a read, cut to the size; undefined when there is none. A `Range` header of another form is ignored, as HTTP has it;
 * `x-ms-range` is refused.
 */
export function readReadRange(headers: Headers, size: number): Span | undefined {
  const own = headers.get("x-ms-range");
  const value = own ?? headers.get("range");
  if (value === null) return undefined;
  const span = spanOf(value);
  if (!span) {
    if (own === null) return undefined;
    throw badHeader("x-ms-range", own);
  }
  if (span.start >= size) throw new Failure("InvalidRange", { headers: [["Content-Range", `bytes */${size}`]] });
  return { start: span.start, end: Math.min(span.end ?? size, size) };
}

/** Reads `maxresults`, at most 5000 of which are given at once. */
export function readPageSize(query: Query): number {
  const value = query.get("maxresults");
  if (value === undefined) return 5000;
  if (!/^-?\d{1,18}$/.test(value)) throw badQuery("maxresults", value);
  const count = Number(value);
  if (count < 1 || count > 2147483647) {
    throw new Failure("OutOfRangeQueryParameterValue", {
      details: [
        ["QueryParameterName", "maxresults"],
        ["QueryParameterValue", value],
        ["MinimumAllowed", "1"],
        ["MaximumAllowed", "2147483647"],
      ],
    });
  }
  return Math.min(count, 5000);
}

/** Reads `include` as a set of lower-case words, each of which must be allowed. */
export function readInclude(query: Query, allowed: readonly string[]): ReadonlySet<string> {
  const value = query.get("include");
  const words = new Set(
    (value ?? "")
      .toLowerCase()
      .split(",")
      .map((word) => word.trim())
      .filter((word) => word !== ""),
  );
  for (const word of words) if (!allowed.includes(word)) throw badQuery("include", value ?? "");
  return words;
}
