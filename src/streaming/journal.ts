/**
 * The journal of an upload, kept by the service itself: a marker in the file's metadata says what is being written, the file's own list of
 * ranges says how far it came. So an upload goes on after a reload, a crash or on another machine, and one that never ended can be told
 * from a file that is whole.
 */
import { IntegrityError, isServiceError, type ServiceError } from "../errors.js";
import { parseRangeList, rangeListOf } from "../services/range-list.js";
import { metadata, number, text } from "../transport/headers.js";
import type { Connection } from "../types/connection.js";
import type { ByteRange } from "../types/properties.js";
import type { WireHeaders } from "../types/responses.js";
import type { FileRequest } from "../services/file-writes.js";
import { fileTarget } from "../services/targets.js";
import { UPLOAD_MARKER } from "./marks.js";
import type { Source } from "./source.js";

/**
 * What tells one source from another: size, time of the last change, and a sum over a few pieces of 4 KiB. No secret, no address, no name.
 *
 * @param rangeSize Is part of it, because only whole ranges are taken for written.
 */
export async function fingerprintOf(source: Source, rangeSize: number, size: number | undefined): Promise<string> {
  const { lastModified, sample } = source;
  let sum = 0;
  if (sample && size !== undefined) {
    for (const at of new Set([0, Math.floor(size / 2), Math.max(0, size - 4096)])) {
      sum = hashOf(await sample(at, Math.min(size, at + 4096)), sum);
    }
  }
  return ["1", rangeSize, size ?? "unknown", lastModified ?? "unknown", sample ? sum.toString(16) : "unsampled"].join("-");
}

/** A cheap hash of 53 bits: it tells files apart, and proves nothing. */
function hashOf(bytes: Uint8Array, seed: number): number {
  let [a, b] = [0xdeadbeef ^ (seed >>> 0), 0x41c6ce57 ^ Math.floor(seed / 2 ** 32)];
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 2654435761);
    b = Math.imul(b ^ byte, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return 4294967296 * (2097151 & b) + (a >>> 0);
}

/** What an earlier upload left. */
export interface Journal {
  /** Parts that are written whole, each of them `rangeSize` bytes or the last one. */
  isWritten(start: number, end: number): boolean;
  readonly written: readonly ByteRange[];
}

/**
 * Looks for an unfinished upload of the same source. Undefined where there is no file, or one that nothing is being written to.
 *
 * @throws IntegrityError `resume` where another source is being written there, or what is there has another size.
 */
export async function findJournal(
  connection: Connection,
  request: FileRequest,
  fingerprint: string,
  size: number | undefined,
): Promise<Journal | undefined> {
  const headers = await headOf(connection, request);
  const marker = headers && metadata(headers)[UPLOAD_MARKER];
  if (headers === undefined || marker === undefined) return undefined;
  if (marker !== fingerprint) {
    throw new IntegrityError("resume", "the unfinished upload that is there is of another source, or of this one before it changed");
  }
  const length = number(headers, "content-length");
  if (length !== size) throw new IntegrityError("resume", `the unfinished file has ${length} bytes and its source ${size}`);
  const { headers: listed, payload } = await connection.send(rangeListOf(connection, request));
  const [before, now] = [text(headers, "etag"), text(listed, "etag")];
  if (before !== undefined && now !== undefined && before !== now) {
    throw new IntegrityError("resume", "the unfinished file is being written to by somebody else");
  }
  const { ranges } = parseRangeList(payload);
  return {
    written: ranges,
    isWritten: (start, end) => ranges.some((range) => range.start <= start && range.end >= end - 1),
  };
}

/** The headers of a file's properties; undefined where there is no such file. */
export async function headOf(connection: Connection, request: FileRequest): Promise<WireHeaders | undefined> {
  try {
    const { headers } = await connection.send({
      operation: "Get File Properties",
      method: "HEAD",
      target: fileTarget(connection, request),
      headers: { "x-ms-allow-trailing-dot": connection.allowTrailingDot, "x-ms-lease-id": request.leaseId },
      success: [200],
      idempotent: true,
      signal: request.signal,
    });
    return headers;
  } catch (error) {
    if (isServiceError(error) && (error as ServiceError).status === 404) return undefined;
    throw error;
  }
}
