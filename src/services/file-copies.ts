/**
 * Copy File and Abort Copy File. Entry point: `azure-files/files`.
 */
import { date, type Metadata, metadataHeaders, text } from "../transport/headers.js";
import type { Connection } from "../types/connection.js";
import type { NfsOptions, SmbOptions } from "../types/properties.js";
import { type CopySource, sourceHeaders } from "./copy-source.js";
import type { FileRequest } from "./file-writes.js";
import { nfsHeaders, smbHeaders } from "./header-groups.js";
import { fileTarget } from "./targets.js";

/** What `startCopy` takes. */
export interface StartCopyRequest extends FileRequest {
  /** What to copy: a URL of a file or blob with its own SAS, or a file of this account. */
  from: CopySource;
  /** Metadata by name. @default that of the source */
  metadata?: Metadata | undefined;
  /** Attributes and times, each a value or "source" for the source's own; permission with `permissionCopyMode` "override". @default those of a new file */
  smb?: SmbOptions | undefined;
  /** Owner, group and mode, each with its copy mode "override". */
  nfs?: NfsOptions | undefined;
  /** Where the permission comes from. @default inherited from the parent */
  permissionCopyMode?: "source" | "override" | (string & {}) | undefined;
  /** Where the mode comes from; on NFS shares. */
  modeCopyMode?: "source" | "override" | (string & {}) | undefined;
  /** Where owner and group come from; on NFS shares. */
  ownerCopyMode?: "source" | "override" | (string & {}) | undefined;
  /** Also writes over a read-only file. @default false */
  ignoreReadOnly?: boolean | undefined;
  /** Sets the archive attribute whatever `smb.attributes` says. @default false */
  setArchive?: boolean | undefined;
}

/** What `startCopy` did. */
export interface CopyStarted {
  readonly copyId: string | undefined;
  /** "success" where it is done already, as within an account; "pending" otherwise: `getProperties` tells how far it is. */
  readonly copyStatus: string | undefined;
  readonly etag: string | undefined;
  readonly lastModified: Date | undefined;
  readonly requestId: string | undefined;
}

/**
 * Copies a file or blob onto a file, which is created or overwritten; the service does it by itself.
 *
 * @throws ServiceError `CannotVerifyCopySource` with the source's own refusal in `details`, `ResourceNotFound`, `ParentNotFound`,
 * `ReadOnlyAttribute`, `LeaseIdMissing`, `PendingCopyOperation`; TypeError for a source that is no URL and no path.
 * @see https://learn.microsoft.com/rest/api/storageservices/copy-file
 */
export async function startCopy(connection: Connection, request: StartCopyRequest): Promise<CopyStarted> {
  const { headers } = await connection.send({
    operation: "Copy File",
    method: "PUT",
    target: fileTarget(connection, request),
    headers: {
      ...sourceHeaders(connection, request, request.from),
      ...smbHeaders(request.smb),
      ...nfsHeaders(request.nfs),
      "x-ms-file-permission-copy-mode": request.permissionCopyMode,
      "x-ms-file-mode-copy-mode": request.modeCopyMode,
      "x-ms-file-owner-copy-mode": request.ownerCopyMode,
      "x-ms-file-copy-ignore-readonly": request.ignoreReadOnly,
      "x-ms-file-copy-set-archive": request.setArchive,
      "x-ms-allow-trailing-dot": connection.allowTrailingDot,
      "x-ms-lease-id": request.leaseId,
      ...metadataHeaders(request.metadata),
    },
    success: [202],
    // Another try would be another copy, with an id of its own.
    idempotent: false,
    signal: request.signal,
  });
  return {
    copyId: text(headers, "x-ms-copy-id"),
    copyStatus: text(headers, "x-ms-copy-status"),
    etag: text(headers, "etag"),
    lastModified: date(headers, "last-modified"),
    requestId: text(headers, "x-ms-request-id"),
  };
}

/** What `abortCopy` takes. */
export interface AbortCopyRequest extends FileRequest {
  /** Of the copy that is pending, as `startCopy` told it. */
  copyId: string;
}

/** What `abortCopy` did. */
export interface CopyAborted {
  readonly requestId: string | undefined;
}

/**
 * Stops a pending copy; the target stays behind empty, with its metadata.
 *
 * @throws ServiceError `NoPendingCopyOperation`, `CopyIdMismatch`, `ResourceNotFound`.
 * @see https://learn.microsoft.com/rest/api/storageservices/abort-copy-file
 */
export async function abortCopy(connection: Connection, request: AbortCopyRequest): Promise<CopyAborted> {
  const { headers } = await connection.send({
    operation: "Abort Copy File",
    method: "PUT",
    target: fileTarget(connection, request),
    query: { comp: "copy", copyid: request.copyId },
    headers: {
      "x-ms-copy-action": "abort",
      "x-ms-allow-trailing-dot": connection.allowTrailingDot,
      "x-ms-lease-id": request.leaseId,
    },
    success: [204],
    idempotent: false,
    signal: request.signal,
  });
  return { requestId: text(headers, "x-ms-request-id") };
}
