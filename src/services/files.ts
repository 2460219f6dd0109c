/**
 * Operations on files. Service version 2026-10-06.
 */
import { between, MAX_RANGE } from "../config.js";
import { isServiceError, type ServiceError } from "../errors.js";
import { readStream, readText, throughResponse } from "../transport/body.js";
import { type BytesLike, bodyOf, sizeOfBody, sliceOf } from "../transport/bytes.js";
import { byteRange, contentRange, date, flag, type Metadata, metadataHeaders, number, text } from "../transport/headers.js";
import { unlessDoneBefore } from "../transport/retry.js";
import { limit } from "../transport/limit.js";
import { children, childText, parseXml } from "../transport/xml.js";
import type { Connection } from "../types/connection.js";
import type { ByteRange, ContentProperties, FileFacts, ItemProperties } from "../types/properties.js";
import type { WireBody } from "../types/requests.js";
import type { WireHeaders } from "../types/responses.js";
import {
  createFile,
  type CreateFileRequest,
  type FileRequest,
  MAX_FILE,
  putRangeOf,
  type PutRangeRequest,
  setFileProperties,
  type SetFilePropertiesRequest,
} from "./file-writes.js";
import { isThere } from "./existence.js";
import { fileProperties, itemProperties } from "./item-properties.js";
import { fileTarget } from "./targets.js";

export type { CreateFileRequest, FileRequest, PutRangeRequest, SetFilePropertiesRequest };

/** Names a file, or its state in a snapshot of the share. */
export interface ReadFileRequest extends FileRequest {
  /** Time of a share snapshot, to read that instead. */
  snapshot?: string | undefined;
}

/** What `create` did. */
export interface FileCreated extends ItemProperties {
  /** False where `createIfMissing` found the file. */
  readonly created: boolean;
}

/**
 * Creates a file of a given size. Beware: a file that is there already is emptied; see `createIfMissing`.
 *
 * @throws ServiceError `ParentNotFound`, `LeaseIdMissing`, `ReadOnlyAttribute`; RangeError for a size outside 0 to 4 TiB.
 * @see https://learn.microsoft.com/rest/api/storageservices/create-file
 */
export async function create(connection: Connection, request: CreateFileRequest): Promise<FileCreated> {
  const { headers } = await connection.send(createFile(connection, request));
  return { created: true, ...itemProperties(headers) };
}

/**
 * Creates a file unless there is one. The service has no such operation: this looks first, so of two callers at the same moment both
 * may create. Needs permission to read.
 */
export async function createIfMissing(connection: Connection, request: CreateFileRequest): Promise<FileCreated> {
  try {
    const { content: _, metadata: __, ...properties } = await getProperties(connection, request);
    return { created: false, ...properties };
  } catch (error) {
    if (!isServiceError(error) || (error as ServiceError).status !== 404) throw error;
    return create(connection, request);
  }
}

/** What `getProperties` resolves with. */
export interface FileProperties extends ItemProperties, FileFacts {}

/**
 * Reads the properties and metadata of a file.
 *
 * @throws ServiceError `ResourceNotFound`, `ParentNotFound`, `ShareNotFound`.
 * @see https://learn.microsoft.com/rest/api/storageservices/get-file-properties
 */
export async function getProperties(connection: Connection, request: ReadFileRequest = {}): Promise<FileProperties> {
  const { headers } = await head(connection, request);
  return fileProperties(headers);
}

function head(connection: Connection, request: ReadFileRequest): ReturnType<Connection["send"]> {
  return connection.send({
    operation: "Get File Properties",
    method: "HEAD",
    target: fileTarget(connection, request),
    query: { sharesnapshot: request.snapshot },
    headers: { "x-ms-allow-trailing-dot": connection.allowTrailingDot, "x-ms-lease-id": request.leaseId },
    success: [200],
    idempotent: true,
    signal: request.signal,
  });
}

/** Whether a file is there. A directory with the name is no file. */
export function exists(connection: Connection, request: ReadFileRequest = {}): Promise<boolean> {
  return isThere(getProperties(connection, request));
}

/** What a change of a file's properties or metadata did. */
export interface FileChanged extends ItemProperties {}

const CONTENT = ["type", "encoding", "language", "disposition", "cacheControl", "md5"] as const;

/**
 * Changes a file's size, stored HTTP headers, attributes, times or permission. What is not said stays as it is.
 *
 * The operation itself clears each stored HTTP header that it is not given, unless the size is changed and none of them is given. So where not all six are
 * given this first reads the others (one more request, and permission to read); a change of them in between is lost. A page cannot see
 * Content-Encoding, Content-Disposition and Content-MD5 through a CORS rule that does not expose them, and cannot tell that from their
 * absence: there it wants those three to be given ("" for none).
 *
 * @throws TypeError in such a page; ServiceError `ResourceNotFound`, `LeaseIdMissing`, `ReadOnlyAttribute`.
 * @see https://learn.microsoft.com/rest/api/storageservices/set-file-properties
 */
export async function setProperties(connection: Connection, request: SetFilePropertiesRequest): Promise<FileChanged> {
  const sizeOnly = request.content === undefined && request.size !== undefined;
  const content = sizeOnly ? undefined : await completed(connection, request);
  const { headers } = await connection.send(setFileProperties(connection, { ...request, content }));
  return itemProperties(headers);
}

/** The stored HTTP headers as they shall be: those given, and the others as they are. */
async function completed(connection: Connection, request: SetFilePropertiesRequest): Promise<ContentProperties> {
  const given = Object.fromEntries(Object.entries(request.content ?? {}).filter(([, value]) => value !== undefined)) as ContentProperties;
  if (CONTENT.every((name) => given[name] !== undefined)) return given;
  const { headers, filtered } = await head(connection, {
    share: request.share,
    path: request.path,
    leaseId: request.leaseId,
    signal: request.signal,
  });
  const { content } = fileProperties(headers);
  const hidden = (["encoding", "disposition", "md5"] as const).filter(
    (name) => filtered && given[name] === undefined && content[name] === undefined,
  );
  if (hidden.length > 0) {
    throw new TypeError(
      `content.${hidden.join(", content.")} must be given ("" for none): a page cannot see whether the file has them, and the operation would clear them`,
    );
  }
  return { ...content, ...given };
}

/** What `setMetadata` takes. */
export interface SetFileMetadataRequest extends FileRequest {
  /** All metadata by name; what is not in it is removed. */
  metadata: Metadata;
}

/**
 * Replaces the metadata of a file, all of it.
 *
 * @throws ServiceError `ResourceNotFound`, `LeaseIdMissing`; TypeError and RangeError for metadata that breaks the rules.
 * @see https://learn.microsoft.com/rest/api/storageservices/set-file-metadata
 */
export async function setMetadata(connection: Connection, request: SetFileMetadataRequest): Promise<FileChanged> {
  const { headers } = await connection.send({
    operation: "Set File Metadata",
    method: "PUT",
    target: fileTarget(connection, request),
    query: { comp: "metadata" },
    headers: {
      "x-ms-allow-trailing-dot": connection.allowTrailingDot,
      "x-ms-lease-id": request.leaseId,
      ...metadataHeaders(request.metadata),
    },
    success: [200],
    idempotent: true,
    signal: request.signal,
  });
  return itemProperties(headers);
}

/** What `delete` did. */
export interface FileDeleted {
  readonly requestId: string | undefined;
}

/**
 * Deletes a file.
 *
 * @throws ServiceError `ResourceNotFound`, `LeaseIdMissing`, `SharingViolation` (open on a mount).
 * @see https://learn.microsoft.com/rest/api/storageservices/delete-file2
 */
async function remove(connection: Connection, request: FileRequest = {}): Promise<FileDeleted> {
  const reply = connection.send({
    operation: "Delete File",
    method: "DELETE",
    target: fileTarget(connection, request),
    headers: { "x-ms-allow-trailing-dot": connection.allowTrailingDot, "x-ms-lease-id": request.leaseId },
    success: [202],
    idempotent: true,
    signal: request.signal,
  });
  const headers = await unlessDoneBefore(reply);
  return { requestId: headers && text(headers, "x-ms-request-id") };
}
export { remove as delete };

/** What a write of a range did. */
export interface RangeWritten {
  readonly etag: string | undefined;
  readonly lastModified: Date | undefined;
  /** Base64 of the MD5 that the service computed of what it got. */
  readonly contentMd5: string | undefined;
  /** ISO 8601 with seven decimals. */
  readonly lastWriteTime: string | undefined;
  readonly serverEncrypted: boolean | undefined;
  readonly requestId: string | undefined;
}

const rangeWritten = (headers: WireHeaders): RangeWritten => ({
  etag: text(headers, "etag"),
  lastModified: date(headers, "last-modified"),
  contentMd5: text(headers, "content-md5"),
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
  lastWriteTime?: "Now" | "Preserve" | undefined;
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

/** What `listRanges` takes. */
export interface ListRangesRequest extends ReadFileRequest {
  /** Where to begin. @default 0 */
  offset?: number | undefined;
  /** Bytes to look at. @default up to the end */
  count?: number | undefined;
}

/** The written parts of a file. */
export interface RangesListed {
  /** Written ranges, ascending, apart from each other; they begin and end at multiples of 512 bytes, or with the file. */
  readonly ranges: readonly ByteRange[];
  /** Bytes in the file. */
  readonly size: number | undefined;
  readonly etag: string | undefined;
  readonly lastModified: Date | undefined;
  readonly requestId: string | undefined;
}

/**
 * Lists which parts of a file were ever written and not cleared since; the rest reads as zeros.
 *
 * @throws ServiceError `ResourceNotFound`.
 * @see https://learn.microsoft.com/rest/api/storageservices/list-ranges
 */
export async function listRanges(connection: Connection, request: ListRangesRequest = {}): Promise<RangesListed> {
  const { offset = 0, count } = request;
  const part = request.offset === undefined && count === undefined ? undefined : byteRange(offset, count ?? MAX_FILE - offset, MAX_FILE);
  const { headers, payload } = await connection.send({
    operation: "List Ranges",
    method: "GET",
    target: fileTarget(connection, request),
    query: { comp: "rangelist", sharesnapshot: request.snapshot },
    headers: { "x-ms-range": part, "x-ms-allow-trailing-dot": connection.allowTrailingDot, "x-ms-lease-id": request.leaseId },
    success: [200],
    idempotent: true,
    read: readText,
    signal: request.signal,
  });
  const ranges = children(parseXml(payload, "Ranges"), "Range").map((range) => ({
    start: Number(childText(range, "Start")),
    end: Number(childText(range, "End")),
  }));
  return {
    ranges,
    size: number(headers, "x-ms-content-length"),
    etag: text(headers, "etag"),
    lastModified: date(headers, "last-modified"),
    requestId: text(headers, "x-ms-request-id"),
  };
}

/** What `read` takes. */
export interface GetFileRequest extends ReadFileRequest {
  /** Where to begin. @default 0 */
  offset?: number | undefined;
  /** Bytes to read; the service stops at the end of the file. @default up to the end */
  count?: number | undefined;
}

/** A file's properties, and its bytes as they come. Read the body one way only, once. */
export interface FileContent extends FileProperties {
  /** Bytes in the whole file, also for a part; undefined where a page may not see `Content-Range`. */
  readonly size: number | undefined;
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Reads the body whole. */
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  /** Reads the body whole, as UTF-8. */
  text(): Promise<string>;
  /** Reads the body whole, as a `Blob` of the file's content type. */
  blob(): Promise<Blob>;
}

/**
 * Reads a file, or a part of it, in one request of any size. A body that breaks off fails; `download` of `azure-files/streaming` reads in
 * ranges, several at once, and is what large files want.
 *
 * @throws ServiceError `ResourceNotFound`, `InvalidRange` for an offset at or beyond the end; the body errors with a TransportError.
 * @see https://learn.microsoft.com/rest/api/storageservices/get-file
 */
export async function read(connection: Connection, request: GetFileRequest = {}): Promise<FileContent> {
  const { offset = 0, count } = request;
  const part =
    count !== undefined
      ? byteRange(offset, count, MAX_FILE)
      : offset === 0
        ? undefined
        : `bytes=${between("offset", offset, 0, MAX_FILE, true)}-`;
  const { headers, payload } = await connection.send({
    operation: "Get File",
    method: "GET",
    target: fileTarget(connection, request),
    query: { sharesnapshot: request.snapshot },
    headers: { "x-ms-range": part, "x-ms-allow-trailing-dot": connection.allowTrailingDot, "x-ms-lease-id": request.leaseId },
    success: [200, 206],
    idempotent: true,
    read: readStream,
    signal: request.signal,
  });
  const properties = fileProperties(headers);
  const whole = <T>(take: (response: Response) => Promise<T>): Promise<T> => throughResponse(payload, properties.content.type, take);
  return {
    ...properties,
    size: part === undefined ? properties.size : contentRange(headers)?.size,
    body: payload,
    bytes: async () => new Uint8Array(await whole((response) => response.arrayBuffer())),
    text: () => whole((response) => response.text()),
    blob: () => whole((response) => response.blob()),
  };
}

/** What `write` takes. */
export interface WriteFileRequest extends Omit<CreateFileRequest, "size"> {
  /** The whole content; a string is written as UTF-8. */
  body: BytesLike;
}

/** What `write` did. */
export interface FileWritten {
  readonly path: string;
  /** Bytes written. */
  readonly size: number;
  readonly etag: string | undefined;
  readonly lastModified: Date | undefined;
}

/**
 * Writes a whole file from memory or a `Blob`: creates it, or empties the one that is there, and puts its content in ranges of 4 MiB, four
 * at once. `upload` of `azure-files/streaming` does the same for streams, with progress.
 *
 * @throws ServiceError `ParentNotFound`, `LeaseIdMissing`; what failed half way leaves a file of full size behind.
 * @see https://learn.microsoft.com/rest/api/storageservices/put-range
 */
export async function write(connection: Connection, request: WriteFileRequest): Promise<FileWritten> {
  const { body: given, ...rest } = request;
  const body = bodyOf(given);
  const size = sizeOfBody(body);
  const { path } = fileTarget(connection, request);
  const created = await create(connection, { ...rest, size });
  const run = limit(4);
  const parts = Array.from({ length: Math.ceil(size / MAX_RANGE) }, (_, index) => index * MAX_RANGE);
  const { share, leaseId, signal } = request;
  // A last-write time of the caller's own would otherwise be replaced by each range.
  const lastWriteTime = request.smb?.lastWriteTime ? "Preserve" : undefined;
  let failed: unknown;
  const put = async (offset: number): Promise<RangeWritten | undefined> => {
    if (failed !== undefined) return undefined;
    const part: WireBody = sliceOf(body, offset, Math.min(size, offset + MAX_RANGE));
    return putRange(connection, { share, path, leaseId, signal, offset, body: part, lastWriteTime }).catch((error: unknown) => {
      failed = error;
      throw error;
    });
  };
  const written = await Promise.all(parts.map((offset) => run(() => put(offset))));
  const last = written.reduce<RangeWritten | FileCreated>((a, b) => (b && (b.etag ?? "") >= (a.etag ?? "") ? b : a), created);
  return { path, size, etag: last.etag, lastModified: last.lastModified };
}
