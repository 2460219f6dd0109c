/**
 * The ranges of files: writing, clearing, listing them. Entry point: `azure-files/files`.
 */
import { between } from "../config.js";
import { byteRange, date, flag, number, text } from "../transport/headers.js";
import type { Connection, Reply } from "../types/connection.js";
import type { ByteRange } from "../types/properties.js";
import type { WireHeaders } from "../types/responses.js";
import { type FileRequest, MAX_FILE, putRangeOf, type PutRangeRequest } from "./file-writes.js";
import { type Listing, listing } from "./listing.js";
import { type ListRangesRequest, parseRangeList, rangeListOf } from "./range-list.js";
import { type CopySource, sourceHeaders } from "./copy-source.js";
import { fileTarget } from "./targets.js";

/** What a write of a range did. */
export interface RangeWritten {
  readonly etag: string | undefined;
  readonly lastModified: Date | undefined;
  /** Base64 of the MD5 that the service computed of what it got. */
  readonly contentMd5: string | undefined;
  /** ISO 8601 with seven decimals. */
  readonly lastWriteTime: string | undefined;
  /** Base64 of the CRC-64 of what a range from a URL got. */
  readonly contentCrc64: string | undefined;
  /** The kind of structured body that the service understood. */
  readonly structuredBody: string | undefined;
  readonly serverEncrypted: boolean | undefined;
  readonly requestId: string | undefined;
}

const rangeWritten = (headers: WireHeaders): RangeWritten => ({
  etag: text(headers, "etag"),
  lastModified: date(headers, "last-modified"),
  contentMd5: text(headers, "content-md5"),
  contentCrc64: text(headers, "x-ms-content-crc64"),
  structuredBody: text(headers, "x-ms-structured-body"),
  lastWriteTime: text(headers, "x-ms-file-last-write-time"),
  serverEncrypted: flag(headers, "x-ms-request-server-encrypted"),
  requestId: text(headers, "x-ms-request-id"),
});

/**
 * Writes up to 4 MiB at `offset`. The file must already be that long: a range never makes it grow.
 *
 * @throws ServiceError `InvalidRange` beyond the end, `ResourceNotFound`, `Md5Mismatch`, `LeaseIdMissing`; RangeError for an empty body
 * or one over 4 MiB.
 * @see https://learn.microsoft.com/rest/api/storageservices/put-range
 */
export async function putRange(connection: Connection, request: PutRangeRequest): Promise<RangeWritten> {
  const { headers } = await connection.send(putRangeOf(connection, request));
  return rangeWritten(headers);
}

/** What `clearRange` takes. */
export interface ClearRangeRequest extends FileRequest {
  /** Where the range begins. */
  offset: number;
  /** Bytes in the range, as many as the file has. */
  count: number;
  /** "Preserve" leaves the file's last-write time as it is. @default "Now" */
  lastWriteTime?: "Now" | "Preserve" | (string & {}) | undefined;
}

/**
 * Sets a range to zero. Whole pages of 512 bytes give their space back; the size stays.
 *
 * @throws ServiceError `InvalidRange` beyond the end, `ResourceNotFound`, `LeaseIdMissing`.
 * @see https://learn.microsoft.com/rest/api/storageservices/put-range
 */
export async function clearRange(connection: Connection, request: ClearRangeRequest): Promise<RangeWritten> {
  const { headers } = await connection.send({
    operation: "Clear Range",
    method: "PUT",
    target: fileTarget(connection, request),
    query: { comp: "range" },
    headers: {
      "x-ms-write": "clear",
      "x-ms-range": byteRange(request.offset, request.count, MAX_FILE),
      "x-ms-allow-trailing-dot": connection.allowTrailingDot,
      "x-ms-lease-id": request.leaseId,
      "x-ms-file-last-write-time": request.lastWriteTime,
    },
    success: [201],
    idempotent: true,
    signal: request.signal,
  });
  return { ...rangeWritten(headers), contentMd5: undefined };
}

/** What `putRangeFromUrl` takes. */
export interface PutRangeFromUrlRequest extends FileRequest {
  /** Where in the file the bytes go. */
  offset: number;
  /** From 1 byte to 4 MiB. */
  count: number;
  /**
   * A file or blob: a URL with its own SAS, or a file of this account where the credential is a SAS, too. Unlike a copy, this operation does not
   * lend the rights of the account's key to its source.
   */
  from: CopySource;
  /** Where in the source they come from. @default 0 */
  sourceOffset?: number | undefined;
  /** A bearer token for the source, in place of a SAS. */
  sourceToken?: string | undefined;
  /** Base64 of the CRC-64 that the bytes must have; otherwise nothing is written. */
  sourceCrc64?: string | undefined;
  /** Writes only where the bytes have this CRC-64. */
  ifSourceCrc64?: string | undefined;
  /** Writes only where the bytes have another CRC-64 than this. */
  unlessSourceCrc64?: string | undefined;
  /** "Preserve" leaves the file's last-write time as it is. @default "Now" */
  lastWriteTime?: "Now" | "Preserve" | (string & {}) | undefined;
}

/**
 * Writes up to 4 MiB that the service fetches from another file or blob by itself.
 *
 * @throws ServiceError `CannotVerifyCopySource` with the source's own refusal in `details`, `InvalidRange`, `Crc64Mismatch`,
 * `Crc64ConditionNotMet`; RangeError for a count outside 1 to 4 MiB.
 * @see https://learn.microsoft.com/rest/api/storageservices/put-range-from-url
 */
export async function putRangeFromUrl(connection: Connection, request: PutRangeFromUrlRequest): Promise<RangeWritten> {
  const { offset, count, sourceOffset = 0, sourceToken } = request;
  const { headers } = await connection.send({
    operation: "Put Range from URL",
    method: "PUT",
    target: fileTarget(connection, request),
    query: { comp: "range" },
    headers: {
      "x-ms-write": "update",
      "x-ms-range": byteRange(offset, count),
      "x-ms-source-range": byteRange(sourceOffset, count),
      ...sourceHeaders(connection, request, request.from),
      "x-ms-copy-source-authorization": sourceToken === undefined ? undefined : `Bearer ${sourceToken}`,
      "x-ms-source-content-crc64": request.sourceCrc64,
      "x-ms-source-if-match-crc64": request.ifSourceCrc64,
      "x-ms-source-if-none-match-crc64": request.unlessSourceCrc64,
      "x-ms-allow-trailing-dot": connection.allowTrailingDot,
      "x-ms-lease-id": request.leaseId,
      "x-ms-file-last-write-time": request.lastWriteTime,
    },
    success: [201],
    idempotent: true,
    signal: request.signal,
  });
  return rangeWritten(headers);
}

/** The written parts of a file. */
export interface RangesListed {
  /** Written ranges, ascending, apart from each other; they begin and end at multiples of 512 bytes, or with the file. */
  readonly ranges: readonly ByteRange[];
  /** Ranges that were cleared since `previousSnapshot`; none without one. */
  readonly clearRanges: readonly ByteRange[];
  /** Bytes in the file. */
  readonly size: number | undefined;
  readonly etag: string | undefined;
  readonly lastModified: Date | undefined;
  readonly requestId: string | undefined;
}

/**
 * Lists which parts of a file were ever written and not cleared since; the rest reads as zeros. With `previousSnapshot`, what changed since
 * then. Of a file in very many pieces `rangePages` takes less time and memory.
 *
 * @throws ServiceError `ResourceNotFound`, `PreviousSnapshotNotFound`.
 * @see https://learn.microsoft.com/rest/api/storageservices/list-ranges
 */
export async function listRanges(connection: Connection, request: ListRangesRequest = {}): Promise<RangesListed> {
  const { headers, payload } = await connection.send(rangeListOf(connection, request));
  const { ranges, clearRanges } = parseRangeList(payload);
  return { ranges, clearRanges, ...rangesFacts({ headers }) };
}

const rangesFacts = ({ headers }: Pick<Reply<unknown>, "headers">): Omit<RangesListed, "ranges" | "clearRanges"> => ({
  size: number(headers, "x-ms-content-length"),
  etag: text(headers, "etag"),
  lastModified: date(headers, "last-modified"),
  requestId: text(headers, "x-ms-request-id"),
});

/** A part of a file in a listing by pages. */
export interface RangeEntry extends ByteRange {
  /** Whether it was cleared since `previousSnapshot`, and not written. */
  readonly cleared: boolean;
}

/** What `rangePages` takes. */
export interface RangePagesRequest extends ListRangesRequest {
  /** Ranges on a page, from 1 to 10,000. @default 5000 */
  pageSize?: number | undefined;
}

/**
 * Lists the same as `listRanges` page by page, for files in very many pieces.
 *
 * @throws ServiceError `ResourceNotFound`, `PreviousSnapshotNotFound`.
 * @see https://learn.microsoft.com/rest/api/storageservices/list-ranges
 */
export function rangePages(connection: Connection, request: RangePagesRequest = {}): Listing<RangeEntry> {
  const maxresults = between("pageSize", request.pageSize ?? 5000, 1, 10_000, true);
  return listing(async (marker) => {
    const { payload } = await connection.send(rangeListOf(connection, request, { marker, maxresults }));
    const { ranges, clearRanges, marker: next } = parseRangeList(payload);
    const entry =
      (cleared: boolean) =>
      (range: ByteRange): RangeEntry => ({ start: range.start, end: range.end, cleared });
    const entries = [...ranges.map(entry(false)), ...clearRanges.map(entry(true))];
    return { entries: entries.sort((a, b) => a.start - b.start), marker: next };
  });
}
