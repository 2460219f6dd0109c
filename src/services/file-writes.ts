/**
 * The operations that write files, as literals. `files.ts` sends them and maps all that the answers say; transfers send them too and need
 * next to nothing of the answers, so a page that only uploads does not carry the mapping.
 */
import { between } from "../config.js";
import { type BytesLike, bodyOf, sizeOfBody } from "../transport/bytes.js";
import { byteRange, type Metadata, metadataHeaders } from "../transport/headers.js";
import type { Connection, Operation, RequestOptions } from "../types/connection.js";
import type { ContentProperties, NfsOptions, SmbOptions } from "../types/properties.js";
import type { FileOperation, WireBody } from "../types/requests.js";
import { contentHeaders, nfsHeaders, smbHeaders } from "./header-groups.js";
import { fileTarget } from "./targets.js";

/** The largest file: 4 TiB. */
export const MAX_FILE: number = 4 * 1024 ** 4;

/** Names a file. */
export interface FileRequest extends RequestOptions {
  /** Path in the share. @default the connection's `path` */
  path?: string | undefined;
  /** The lease id, where the file is leased. */
  leaseId?: string | undefined;
}

/** What `create` takes. */
export interface CreateFileRequest extends FileRequest {
  /** Bytes, from 0 to 4 TiB; all zero until written. */
  size: number;
  /** The stored HTTP headers. */
  content?: ContentProperties | undefined;
  /** Metadata by name. @default {} */
  metadata?: Metadata | undefined;
  /** Attributes, times and permission; on SMB shares. */
  smb?: SmbOptions | undefined;
  /** Owner, group and mode; on NFS shares. */
  nfs?: NfsOptions | undefined;
  /** Kind of the file on NFS shares. @default "Regular" */
  fileType?: "Regular" | (string & {}) | undefined;
  /**
   * "Restore" stores attributes and permission just as they are given, as a restore wants it; "New" adds the archive attribute and what is
   * inherited. @default "New"
   */
  propertySemantics?: "New" | "Restore" | (string & {}) | undefined;
}

/** A body in which content travels with its checksums. */
export interface StructuredBody {
  /** The kind of framing and of checksum. */
  readonly format: "XSM/1.0; properties=crc64" | (string & {});
  /** Bytes of content, without the framing. */
  readonly contentLength: number;
}

/** The headers that say so. */
export const structuredHeaders = (body: StructuredBody | undefined): Headers =>
  body && { "x-ms-structured-body": body.format, "x-ms-structured-content-length": body.contentLength };

/** What `putRange` takes. */
export interface PutRangeRequest extends FileRequest {
  /** Where in the file the bytes go. */
  offset: number;
  /** From 1 byte to 4 MiB. */
  body: BytesLike;
  /** Base64 of the MD5 of the body, which the service checks. */
  contentMd5?: string | undefined;
  /**
   * Says that the body is structured, `XSM/1.0; properties=crc64`, and how many bytes of content are in it. `checksum: crc64()` of
   * `azure-files/streaming` makes such bodies.
   */
  structuredBody?: StructuredBody | undefined;
  /** "Preserve" leaves the file's last-write time as it is. @default "Now" */
  lastWriteTime?: "Now" | "Preserve" | (string & {}) | undefined;
}

/** What `setProperties` takes. What is not said stays as it is. */
export interface SetFilePropertiesRequest extends FileRequest {
  /** New size in bytes, from 0 to 4 TiB: shrinking cuts, growing adds zeros. */
  size?: number | undefined;
  /** The stored HTTP headers; "" clears one. */
  content?: ContentProperties | undefined;
  /** Attributes, times and permission; on SMB shares. */
  smb?: SmbOptions | undefined;
  /** Owner, group and mode; on NFS shares. */
  nfs?: NfsOptions | undefined;
}

type Headers = Operation<undefined>["headers"];

/** An operation on a file, as a literal: what every one of them says, and what is its own. A write, unless another `method` is put in. */
export const onFile = (
  connection: Connection,
  request: FileRequest,
  operation: FileOperation,
  headers?: Headers,
  comp?: string,
  body?: WireBody,
): Operation<undefined> => ({
  operation,
  method: "PUT",
  target: fileTarget(connection, request),
  query: { comp },
  headers: { "x-ms-allow-trailing-dot": connection.allowTrailingDot, "x-ms-lease-id": request.leaseId, ...headers },
  body,
  success: [/^(Create|Put)/.test(operation) ? 201 : 200],
  idempotent: true,
  signal: request.signal,
});

/** Create File. @see https://learn.microsoft.com/rest/api/storageservices/create-file */
export const createFile = (connection: Connection, request: CreateFileRequest): Operation<undefined> =>
  onFile(connection, request, "Create File", {
    "x-ms-type": "file",
    "x-ms-content-length": between("size", request.size, 0, MAX_FILE, true),
    ...contentHeaders(request.content),
    ...smbHeaders(request.smb),
    ...nfsHeaders(request.nfs),
    "x-ms-file-file-type": request.fileType,
    "x-ms-file-property-semantics": request.propertySemantics,
    ...metadataHeaders(request.metadata),
  });

/** Put Range. @see https://learn.microsoft.com/rest/api/storageservices/put-range */
export function putRangeOf(connection: Connection, request: PutRangeRequest): Operation<undefined> {
  const body = bodyOf(request.body);
  const headers: Headers = {
    "x-ms-write": "update",
    "x-ms-range": byteRange(request.offset, request.structuredBody?.contentLength ?? sizeOfBody(body)),
    "x-ms-file-last-write-time": request.lastWriteTime,
    "content-md5": request.contentMd5,
    ...structuredHeaders(request.structuredBody),
  };
  return onFile(connection, request, "Put Range", headers, "range", body);
}

/**
 * Set File Properties, as it is on the wire: stored HTTP headers that are not given are cleared, unless the size is changed and none of
 * them is given.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/set-file-properties
 */
export function setFileProperties(connection: Connection, request: SetFilePropertiesRequest): Operation<undefined> {
  const { size, content, smb, nfs } = request;
  const headers: Headers = {
    "x-ms-content-length": size === undefined ? size : between("size", size, 0, MAX_FILE, true),
    ...contentHeaders(content),
    ...smbHeaders(smb),
    ...nfsHeaders(nfs),
  };
  return onFile(connection, request, "Set File Properties", headers, "properties");
}
