/**
 * What directories are like: properties, metadata, whether they are there. Entry point: `azure-files/directories`.
 */
import { date, flag, type Metadata, metadata, metadataHeaders, text } from "../transport/headers.js";
import type { Connection, RequestOptions } from "../types/connection.js";
import type { ItemProperties, NfsOptions, SmbOptions } from "../types/properties.js";
import { isThere } from "./existence.js";
import { nfsHeaders, smbHeaders } from "./header-groups.js";
import { itemProperties } from "./item-properties.js";
import { directoryTarget } from "./targets.js";

/** Names a directory. */
export interface DirectoryRequest extends RequestOptions {
  /** Path in the share; "" is the root. @default the connection's `path`, or the root */
  path?: string | undefined;
}

/** What `getProperties`, `getMetadata` and `exists` take. */
export interface GetDirectoryPropertiesRequest extends DirectoryRequest {
  /** Time of a share snapshot, to read that instead. */
  snapshot?: string | undefined;
  /** How to ask; the service answers both alike. A refused HEAD has a code and no message. @default "GET" */
  method?: "GET" | "HEAD" | undefined;
}

/** What the service says of a directory. */
export interface DirectoryProperties extends ItemProperties {
  /** Metadata by lower-case name. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Whether the service keeps the directory's metadata encrypted. */
  readonly serverEncrypted: boolean | undefined;
}

/**
 * Reads the properties and metadata of a directory; the root has them too.
 *
 * @throws ServiceError `ResourceNotFound`, `ParentNotFound`, `ShareNotFound`.
 * @see https://learn.microsoft.com/rest/api/storageservices/get-directory-properties
 */
export async function getProperties(connection: Connection, request: GetDirectoryPropertiesRequest = {}): Promise<DirectoryProperties> {
  const { headers } = await connection.send({
    operation: "Get Directory Properties",
    method: request.method ?? "GET",
    target: directoryTarget(connection, request),
    query: { restype: "directory", sharesnapshot: request.snapshot },
    headers: { "x-ms-allow-trailing-dot": connection.allowTrailingDot },
    success: [200],
    idempotent: true,
    signal: request.signal,
  });
  return { ...itemProperties(headers), metadata: metadata(headers), serverEncrypted: flag(headers, "x-ms-server-encrypted") };
}

/** Whether a directory is there. A file with the name is no directory. */
export function exists(connection: Connection, request: GetDirectoryPropertiesRequest = {}): Promise<boolean> {
  return isThere(getProperties(connection, request));
}

/** What `getMetadata` resolves with. */
export interface DirectoryMetadata {
  readonly metadata: Readonly<Record<string, string>>;
  readonly etag: string | undefined;
  readonly lastModified: Date | undefined;
  readonly requestId: string | undefined;
}

/**
 * Reads the metadata of a directory.
 *
 * @throws ServiceError `ResourceNotFound`, `ParentNotFound`, `ShareNotFound`.
 * @see https://learn.microsoft.com/rest/api/storageservices/get-directory-metadata
 */
export async function getMetadata(connection: Connection, request: GetDirectoryPropertiesRequest = {}): Promise<DirectoryMetadata> {
  const { headers } = await connection.send({
    operation: "Get Directory Metadata",
    method: request.method ?? "GET",
    target: directoryTarget(connection, request),
    query: { restype: "directory", comp: "metadata", sharesnapshot: request.snapshot },
    headers: { "x-ms-allow-trailing-dot": connection.allowTrailingDot },
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

/** What a change of a directory's properties or metadata did. */
export interface DirectoryChanged extends ItemProperties {
  readonly serverEncrypted: boolean | undefined;
}

/** What `setProperties` takes. What is not said stays as it is, but the change time, which becomes now. */
export interface SetDirectoryPropertiesRequest extends DirectoryRequest {
  /** Attributes, times and permission; on SMB shares. */
  smb?: SmbOptions | undefined;
  /** Owner, group and mode; on NFS shares. */
  nfs?: NfsOptions | undefined;
}

/**
 * Changes a directory's attributes, times and permission, or its owner, group and mode.
 *
 * @throws ServiceError `ResourceNotFound`, `FileInvalidPermission`.
 * @see https://learn.microsoft.com/rest/api/storageservices/set-directory-properties
 */
export async function setProperties(connection: Connection, request: SetDirectoryPropertiesRequest): Promise<DirectoryChanged> {
  const { headers } = await connection.send({
    operation: "Set Directory Properties",
    method: "PUT",
    target: directoryTarget(connection, request),
    query: { restype: "directory", comp: "properties" },
    headers: { "x-ms-allow-trailing-dot": connection.allowTrailingDot, ...smbHeaders(request.smb), ...nfsHeaders(request.nfs) },
    success: [200],
    idempotent: true,
    signal: request.signal,
  });
  return { ...itemProperties(headers), serverEncrypted: flag(headers, "x-ms-request-server-encrypted") };
}

/** What `setMetadata` takes. */
export interface SetDirectoryMetadataRequest extends DirectoryRequest {
  /** All metadata by name; what is not in it is removed. */
  metadata: Metadata;
}

/**
 * Replaces the metadata of a directory, all of it.
 *
 * @throws ServiceError `ResourceNotFound`; TypeError and RangeError for metadata that breaks the rules.
 * @see https://learn.microsoft.com/rest/api/storageservices/set-directory-metadata
 */
export async function setMetadata(connection: Connection, request: SetDirectoryMetadataRequest): Promise<DirectoryChanged> {
  const { headers } = await connection.send({
    operation: "Set Directory Metadata",
    method: "PUT",
    target: directoryTarget(connection, request),
    query: { restype: "directory", comp: "metadata" },
    headers: { "x-ms-allow-trailing-dot": connection.allowTrailingDot, ...metadataHeaders(request.metadata) },
    success: [200],
    idempotent: true,
    signal: request.signal,
  });
  return { ...itemProperties(headers), serverEncrypted: flag(headers, "x-ms-request-server-encrypted") };
}
