/**
 * What a download is asked for, and what is known of the file once its first range is there.
 */
import { IntegrityError } from "../errors.js";
import { getProperties, listRanges, type ReadFileRequest } from "../services/files.js";
import { contentRange, date, type Metadata, metadata, text } from "../transport/headers.js";
import type { Connection } from "../types/connection.js";
import type { ByteRange } from "../types/properties.js";
import type { WireHeaders } from "../types/responses.js";
import { base64 } from "./base64.js";
import type { Checksum, WholeSum } from "./checksum.js";
import { CRC64_METADATA, UPLOAD_MARKER } from "./marks.js";
import { type RangeHead, shrunk } from "./range-reader.js";
import type { TransferProgress } from "./upload.js";

/** What every kind of download takes. */
export interface DownloadRequest extends ReadFileRequest {
  /** Where to begin, in bytes; anywhere before the end. @default 0 */
  offset?: number | undefined;
  /** Bytes to read, from 1; the end of the file ends it too. @default up to the end */
  count?: number | undefined;
  /**
   * Ranges under way at once, from 1 to 32; that many are held at most.
   *
   * @default 5, so that four come while one waits for its first byte
   */
  concurrency?: number | undefined;
  /** Bytes in a range, from 512 to 4 MiB. @default 4194304; more where one connection is as fast as this machine, without `checksum` */
  rangeSize?: number | undefined;
  /** Proves that each range arrived as it was sent, and the whole file as it was uploaded where its sum is stored: `crc64()` or `md5()`. */
  checksum?: Checksum | undefined;
  /** Does not fetch what was never written, and gives zeros for it; costs one List Ranges, which `r` allows, too. @default false */
  sparse?: boolean | undefined;
  /** Also reads a file whose upload has not ended, or never will. @default false: it is refused with `unfinished` */
  unfinished?: boolean | undefined;
  /** The version to read; any other is refused with `changed`. @default the one that is there */
  etag?: string | undefined;
  /** Called as bytes are handed out; what it throws fails the download. */
  onProgress?: ((progress: TransferProgress) => void) | undefined;
}

/** What is known of a file once its first range is there. */
export interface DownloadFacts {
  /** Bytes that will come. */
  readonly size: number;
  /** Version of the file that all ranges belong to; undefined where a page may not see it. */
  readonly etag: string | undefined;
  readonly lastModified: Date | undefined;
  readonly contentType: string | undefined;
  /** What could not be checked because the account's CORS rule hides it, a sentence each with the header to expose; usually empty. */
  readonly unchecked: readonly string[];
}

/**
 * The facts that the head of the first answer tells, and where it does not, those of Get File Properties.
 *
 * @param first Undefined for an empty file, which has no range at all.
 * @throws IntegrityError `length` where a page may not see how long the file is; `changed`.
 */
export async function factsOf(
  connection: Connection,
  request: DownloadRequest,
  first: RangeHead | undefined,
): Promise<DownloadFacts & { readonly headers: WireHeaders | undefined }> {
  const { offset = 0, count } = request;
  const headers = first?.headers;
  const told = headers && contentRange(headers)?.size;
  const properties = told === undefined ? await getProperties(connection, request) : undefined;
  const whole = told ?? properties?.size;
  if (whole === undefined) {
    throw new IntegrityError(
      "length",
      "the size of the file is hidden; add Content-Range (or Content-Length) to ExposedHeaders of the CORS rule",
    );
  }
  const size = Math.min(count ?? Infinity, whole - offset);
  if (first === undefined && size > 0) throw new IntegrityError("changed", `the file was empty and then had ${size} bytes`);
  const etag = headers ? text(headers, "etag") : properties?.etag;
  if (request.etag !== undefined && etag !== undefined && etag !== request.etag) {
    throw new IntegrityError("changed", `the file has version ${etag} and not ${request.etag}`);
  }
  return {
    size,
    etag,
    lastModified: headers ? date(headers, "last-modified") : properties?.lastModified,
    contentType: headers ? text(headers, "content-type") : properties?.content.type,
    unchecked: first?.filtered && headers ? hidden(headers) : [],
    headers,
  };
}

/** The parts of the file that were written; what is between them reads as zeros. @throws IntegrityError `changed`. */
export async function dataOf(
  connection: Connection,
  request: DownloadRequest,
  offset: number,
  count: number,
  version: string | undefined,
): Promise<readonly ByteRange[]> {
  const { share, path, snapshot, leaseId, signal } = request;
  const { ranges, etag } = await listRanges(connection, { share, path, snapshot, leaseId, signal, offset, count }).catch(shrunk);
  if (version !== undefined && etag !== undefined && etag !== version) {
    throw new IntegrityError("changed", `the file changed while it was read: its version was ${version} and is ${etag}`);
  }
  return ranges;
}

/** The sum of the whole file that an upload left with it. */
export function storedSum(headers: WireHeaders, { algorithm }: Checksum): string | undefined {
  return algorithm === "md5" ? text(headers, "x-ms-content-md5") : metadata(headers)[CRC64_METADATA];
}

let block: Uint8Array<ArrayBuffer> | undefined;

/** So many zeros, for the sum of a hole. All share them: they are never handed out. */
export function zeros(length: number): Uint8Array<ArrayBuffer> {
  if (block === undefined || block.byteLength < length) block = new Uint8Array(length);
  return block.subarray(0, length);
}

/** Throws where the sum of a file is not the one that was stored with it. */
export function compareSums(stored: string, whole: WholeSum): void {
  if (stored !== base64(whole.digest())) throw new IntegrityError("checksum", "the file does not fit the sum that was stored with it");
}

/** Throws where a file's metadata says that its upload has not ended. */
export function refuseUnfinished(metadata: Metadata): void {
  if (metadata[UPLOAD_MARKER] === undefined) return;
  throw new IntegrityError("unfinished", "the upload of this file has not ended; unfinished: true reads what is there");
}

/** What a page may not see of an answer, and what that leaves unchecked. */
function hidden(headers: WireHeaders): string[] {
  const rule = "of the account's CORS rule";
  return [
    ...(text(headers, "etag") === undefined
      ? [`A change of the file during the download goes unnoticed: add ETag to ExposedHeaders ${rule}.`]
      : []),
    ...(contentRange(headers) === undefined
      ? [`The offset of each range goes unchecked: add Content-Range to ExposedHeaders ${rule}.`]
      : []),
  ];
}
