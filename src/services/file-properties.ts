/**
 * What files are like: properties, metadata, whether they are there. Entry point: `azure-files/files`.
 */
import { date, flag, type Metadata, metadata, metadataHeaders, number, text } from "../transport/headers.js";
import { unlessDoneBefore } from "../transport/retry.js";
import type { Connection } from "../types/connection.js";
import type { ContentProperties, FileFacts, ItemProperties } from "../types/properties.js";
import type { WireHeaders } from "../types/responses.js";
import { isThere } from "./existence.js";
import { type FileRequest, setFileProperties, type SetFilePropertiesRequest } from "./file-writes.js";
import { fileProperties, itemProperties } from "./item-properties.js";
import { fileTarget } from "./targets.js";

/** Names a file, or its state in a snapshot of the share. */
export interface ReadFileRequest extends FileRequest {
  /** Time of a share snapshot, to read that instead. */
  snapshot?: string | undefined;
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
export interface FileChanged extends ItemProperties {
  /** On NFS shares: how many names the file has. */
  readonly linkCount: number | undefined;
  readonly serverEncrypted: boolean | undefined;
}

const fileChanged = (headers: WireHeaders): FileChanged => ({
  ...itemProperties(headers),
  linkCount: number(headers, "x-ms-link-count"),
  serverEncrypted: flag(headers, "x-ms-request-server-encrypted"),
});

/** What `getMetadata` takes. */
export interface GetFileMetadataRequest extends ReadFileRequest {
  /** How to ask; the service answers both alike. A refused HEAD has a code and no message. @default "GET" */
  method?: "GET" | "HEAD" | undefined;
}

/** What `getMetadata` resolves with. */
export interface FileMetadata {
  readonly metadata: Readonly<Record<string, string>>;
  readonly etag: string | undefined;
  readonly lastModified: Date | undefined;
  readonly requestId: string | undefined;
}

/**
 * Reads the metadata of a file.
 *
 * @throws ServiceError `ResourceNotFound`, `ParentNotFound`, `ShareNotFound`.
 * @see https://learn.microsoft.com/rest/api/storageservices/get-file-metadata
 */
export async function getMetadata(connection: Connection, request: GetFileMetadataRequest = {}): Promise<FileMetadata> {
  const { headers } = await connection.send({
    operation: "Get File Metadata",
    method: request.method ?? "GET",
    target: fileTarget(connection, request),
    query: { comp: "metadata", sharesnapshot: request.snapshot },
    headers: { "x-ms-allow-trailing-dot": connection.allowTrailingDot, "x-ms-lease-id": request.leaseId },
    success: [200],
    idempotent: true,
    signal: request.signal,
  });
  return {
    metadata: metadata(headers),
    etag: text(headers, "etag"),
    lastModified: date(headers, "last-modified"),
    requestId: text(headers, "x-ms-request-id"),
  };
}

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
  return fileChanged(headers);
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
    lock: request.lock,
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
  return fileChanged(headers);
}

/** What `delete` did. */
export interface FileDeleted {
  /** On NFS shares: how many other names the file still has. */
  readonly linkCount: number | undefined;
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
  const headers = (await unlessDoneBefore(reply))?.headers;
  return { linkCount: headers && number(headers, "x-ms-link-count"), requestId: headers && text(headers, "x-ms-request-id") };
}
export { remove as delete };
