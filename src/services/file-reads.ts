/**
 * Get File: reading a file, or a part of it, in one request. Entry point: `azure-files/files`.
 */
import { between } from "../config.js";
import { needStreams } from "../platform.js";
import { readStream, throughResponse } from "../transport/body.js";
import { byteRange, contentRange, number, text } from "../transport/headers.js";
import type { Connection } from "../types/connection.js";
import type { FileProperties, ReadFileRequest } from "./file-properties.js";
import { MAX_FILE } from "./file-writes.js";
import { fileProperties } from "./item-properties.js";
import { fileTarget } from "./targets.js";

/** What `read` takes. */
export interface GetFileRequest extends ReadFileRequest {
  /** Where to begin. @default 0 */
  offset?: number | undefined;
  /** Bytes to read; the service stops at the end of the file. @default up to the end */
  count?: number | undefined;
  /** Asks for the MD5 of a part of at most 4 MiB, in `contentMd5`. @default false */
  rangeMd5?: boolean | undefined;
  /** Asks for a structured body, `XSM/1.0; properties=crc64`, whose framing is the reader's to take off. */
  structuredBody?: string | undefined;
}

/** A file's properties, and its bytes as they come. Read the body one way only, once. */
export interface FileContent extends FileProperties {
  /** Bytes in the whole file, also for a part; undefined where a page may not see `Content-Range`. */
  readonly size: number | undefined;
  /** Base64 of the MD5 of the part, where `rangeMd5` asked for it. */
  readonly contentMd5: string | undefined;
  /** The unit in which parts can be asked for: "bytes". */
  readonly acceptRanges: string | undefined;
  /** The kind of structured body that came. */
  readonly structuredBody: string | undefined;
  /** Bytes of content in a structured body. */
  readonly structuredContentLength: number | undefined;
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
  needStreams();
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
    headers: {
      "x-ms-range": part,
      "x-ms-range-get-content-md5": request.rangeMd5,
      "x-ms-structured-body": request.structuredBody,
      "x-ms-allow-trailing-dot": connection.allowTrailingDot,
      "x-ms-lease-id": request.leaseId,
    },
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
    contentMd5: request.rangeMd5 ? text(headers, "content-md5") : undefined,
    acceptRanges: text(headers, "accept-ranges"),
    structuredBody: text(headers, "x-ms-structured-body"),
    structuredContentLength: number(headers, "x-ms-structured-content-length"),
    body: payload,
    bytes: async () => new Uint8Array(await whole((response) => response.arrayBuffer())),
    text: () => whole((response) => response.text()),
    async blob() {
      const blob = await whole((response) => response.blob());
      // Bun forgets the type.
      return blob.type === "" ? new Blob([blob], { type: properties.content.type ?? "" }) : blob;
    },
  };
}
