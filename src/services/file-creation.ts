/**
 * Making files: Create File, with or without content, and whole files from memory. Entry point: `azure-files/files`.
 */
import { between, MAX_RANGE } from "../config.js";
import { isServiceError, type ServiceError } from "../errors.js";
import { type BytesLike, bodyOf, sizeOfBody, sliceOf } from "../transport/bytes.js";
import { flag, text } from "../transport/headers.js";
import { limit } from "../transport/limit.js";
import type { Connection } from "../types/connection.js";
import type { ItemProperties } from "../types/properties.js";
import type { WireBody } from "../types/requests.js";
import { getProperties } from "./file-properties.js";
import { putRange, type RangeWritten } from "./file-ranges.js";
import { createFile, type CreateFileRequest as CreateRequest, type StructuredBody, structuredHeaders } from "./file-writes.js";
import { itemProperties } from "./item-properties.js";
import { fileTarget } from "./targets.js";

/** What `create` takes. */
export interface CreateFileRequest extends CreateRequest {
  /** The beginning of the content, at most 4 MiB and `size` bytes; the rest reads as zeros. */
  body?: BytesLike | undefined;
  /** Base64 of the MD5 of `body`, which the service checks. */
  contentMd5?: string | undefined;
  /** Says that `body` is structured. */
  structuredBody?: StructuredBody | undefined;
}

/** What `create` did. */
export interface FileCreated extends ItemProperties {
  /** False where `createIfMissing` found the file. */
  readonly created: boolean;
  /** Base64 of the MD5 of the content that came with the request. */
  readonly contentMd5: string | undefined;
  /** The kind of structured body that the service understood. */
  readonly structuredBody: string | undefined;
  readonly serverEncrypted: boolean | undefined;
}

/**
 * Creates a file of a given size. Beware: a file that is there already is emptied; see `createIfMissing`.
 *
 * @throws ServiceError `ParentNotFound`, `LeaseIdMissing`, `ReadOnlyAttribute`; RangeError for a size outside 0 to 4 TiB,
 * and for a body over 4 MiB.
 * @see https://learn.microsoft.com/rest/api/storageservices/create-file
 */
export async function create(connection: Connection, request: CreateFileRequest): Promise<FileCreated> {
  const operation = createFile(connection, request);
  const { contentMd5, structuredBody } = request;
  const body = request.body === undefined ? undefined : bodyOf(request.body);
  if (body) between("body size", structuredBody?.contentLength ?? sizeOfBody(body), 0, MAX_RANGE, true);
  const { headers } = await connection.send({
    ...operation,
    headers: { ...operation.headers, "content-md5": contentMd5, ...structuredHeaders(structuredBody) },
    body,
  });
  return {
    created: true,
    ...itemProperties(headers),
    contentMd5: text(headers, "content-md5"),
    structuredBody: text(headers, "x-ms-structured-body"),
    serverEncrypted: flag(headers, "x-ms-request-server-encrypted"),
  };
}

/**
 * Creates a file unless there is one. The service has no such operation: this looks first, so of two callers at the same moment both
 * may create. Needs permission to read.
 */
export async function createIfMissing(connection: Connection, request: CreateFileRequest): Promise<FileCreated> {
  try {
    const { content: _, metadata: __, ...properties } = await getProperties(connection, request);
    return { created: false, contentMd5: undefined, structuredBody: undefined, ...properties };
  } catch (error) {
    if (!isServiceError(error) || (error as ServiceError).status !== 404) throw error;
    return create(connection, request);
  }
}

/** What `write` takes. */
export interface WriteFileRequest extends Omit<CreateFileRequest, "size" | "contentMd5" | "structuredBody"> {
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
  const { share, leaseId, signal, lock } = request;
  // A last-write time of the caller's own would otherwise be replaced by each range.
  const lastWriteTime = request.smb?.lastWriteTime ? "Preserve" : undefined;
  let failed: unknown;
  const put = async (offset: number): Promise<RangeWritten | undefined> => {
    if (failed !== undefined) return undefined;
    const part: WireBody = sliceOf(body, offset, Math.min(size, offset + MAX_RANGE));
    return putRange(connection, { share, path, leaseId, signal, lock, offset, body: part, lastWriteTime }).catch((error: unknown) => {
      failed = error;
      throw error;
    });
  };
  const written = await Promise.all(parts.map((offset) => run(() => put(offset))));
  const last = written.reduce<RangeWritten | FileCreated>((a, b) => (b && (b.etag ?? "") >= (a.etag ?? "") ? b : a), created);
  return { path, size, etag: last.etag, lastModified: last.lastModified };
}
