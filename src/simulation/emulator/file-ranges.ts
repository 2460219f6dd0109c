/** Put Range, Clear Range and List Ranges. */
import { checkedMd5 } from "./body-md5.js";
import { emptyReply, xmlReply, type Exchange, type Reply } from "./exchange.js";
import { Failure, badHeader, badQuery, type Pair } from "./failures.js";
import { findFile, findShare, findWritableFile } from "./lookup.js";
import { markerOf, readMarker } from "./markers.js";
import type { Span } from "./page-set.js";
import { checkQuota } from "./quota.js";
import { changesOf } from "./range-diffs.js";
import { maxBody, readPageSize, readReadRange, readWriteRange } from "./request-values.js";
import { changeHeaders, encrypted } from "./response-headers.js";
import { isStructured, readContent, readContentLength, structuredHeaders } from "./structured-body.js";
import type { FileNode } from "./state.js";
import { isoTime } from "./time.js";
import { element, textElement, xmlDocument } from "./xml.js";

/** Whether a write leaves the last-write time as it is. */
export function readPreserve(headers: Headers): boolean {
  const value = headers.get("x-ms-file-last-write-time") ?? "Now";
  const word = value.toLowerCase();
  if (word !== "now" && word !== "preserve") throw badHeader("x-ms-file-last-write-time", value);
  return word === "preserve";
}

/** Throws `InvalidRange` for a range beyond the end. */
export function checkInside(file: FileNode, range: Span): void {
  if (range.end > file.content.size) throw new Failure("InvalidRange");
}

/** Moves the times after the content changed, and gives the headers that say so. */
export function touched(exchange: Exchange, file: FileNode, preserve: boolean): { change: Pair[]; lastWrite: Pair[] } {
  const modified = exchange.account.clock.next();
  file.modified = modified;
  file.smb = { ...file.smb, changeTime: modified, lastWriteTime: preserve ? file.smb.lastWriteTime : modified };
  const lastWrite: Pair[] = exchange.version >= "2021-06-08" ? [["x-ms-file-last-write-time", isoTime(file.smb.lastWriteTime)]] : [];
  return { change: changeHeaders(modified), lastWrite };
}

/** Put Range: writes up to 4 MiB inside the file, never beyond its end. */
export async function putRange(exchange: Exchange): Promise<Reply> {
  const { headers } = exchange;
  const write = headers.get("x-ms-write");
  if (write === null) throw new Failure("MissingRequiredHeader", { details: [["HeaderName", "x-ms-write"]] });
  if (write.toLowerCase() !== "update") throw badHeader("x-ms-write", write);
  const range = readWriteRange(headers);
  const preserve = readPreserve(headers);
  const length = readContentLength(headers) ?? (await exchange.body.length());
  if (length > maxBody || range.end - range.start > maxBody) throw new Failure("RequestBodyTooLarge");
  if (length !== range.end - range.start) throw badHeader("Content-Length", String(length));
  checkInside(findWritableFile(exchange), range);
  const bytes = await readContent(exchange);
  const md5 = checkedMd5(exchange, bytes);
  // Looked up again: the file may have changed hands while the body came in.
  const file = findWritableFile(exchange);
  checkInside(file, range);
  checkQuota(findShare(exchange), file.content.growth(range.start, bytes.length));
  file.content.write(range.start, bytes);
  const { change, lastWrite } = touched(exchange, file, preserve);
  // A structured body brings checksums of its own; no MD5 is answered then.
  const told: Pair[] = isStructured(headers) ? structuredHeaders(headers) : [["Content-MD5", md5]];
  return emptyReply(201, [...told, ...change, encrypted, ...lastWrite]);
}

/** Clear Range: zeroes, and releases the 512-byte pages that lie wholly inside. */
export async function clearRange(exchange: Exchange): Promise<Reply> {
  const { headers } = exchange;
  const range = readWriteRange(headers);
  const preserve = readPreserve(headers);
  const length = await exchange.body.length();
  if (length > 0) throw badHeader("Content-Length", String(length));
  const md5 = headers.get("content-md5");
  if (md5 !== null) throw badHeader("Content-MD5", md5);
  const file = findWritableFile(exchange);
  checkInside(file, range);
  file.content.clear(range.start, range.end);
  const { change, lastWrite } = touched(exchange, file, preserve);
  return emptyReply(201, [...change, ...lastWrite]);
}

/** List Ranges: what is allocated, in pages, cut to the file and to the range asked for; paged from version 2026-10-06. */
export function listRanges(exchange: Exchange): Reply {
  const { headers, version } = exchange;
  const { query } = exchange.target;
  const file = findFile(exchange);
  exchange.account.handles.permit(file, "read");
  const paged = version >= "2026-10-06" && (query.has("maxresults") || query.has("marker"));
  const marker = paged ? readMarker(query.get("marker")) : undefined;
  if (marker !== undefined && !/^\d{1,15}$/.test(marker)) throw badQuery("marker", query.get("marker") ?? "");
  const range = readReadRange(headers, file.content.size) ?? { start: 0, end: file.content.size };
  const start = Math.max(range.start, Number(marker ?? 0));
  const spans = query.has("prevsharesnapshot")
    ? changesOf(exchange, file, start, range.end)
    : file.content.ranges(start, range.end).map(({ start: from, end }) => ({ start: from, end, cleared: false }));
  const size = paged ? readPageSize(query) : spans.length;
  const next = spans[size];
  const body =
    spans
      .slice(0, size)
      .map((span) => element(span.cleared ? "ClearRange" : "Range", textElement("Start", span.start) + textElement("End", span.end - 1)))
      .join("") + (next ? textElement("NextMarker", markerOf(String(next.start))) : "");
  return xmlReply(xmlDocument(element("Ranges", body)), [
    ...changeHeaders(file.modified),
    ["x-ms-content-length", String(file.content.size)],
  ]);
}
