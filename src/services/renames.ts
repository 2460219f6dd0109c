/**
 * What renaming a file and renaming a directory have in common.
 */
import { shown } from "../redact.js";
import { urlOf } from "../transport/address.js";
import { date, flag, type Metadata, metadataHeaders } from "../transport/headers.js";
import { reconciled } from "../transport/retry.js";
import type { Connection, Operation, RequestOptions, Target } from "../types/connection.js";
import type { ItemProperties, SmbOptions } from "../types/properties.js";
import type { WireHeaders } from "../types/responses.js";
import { isThere } from "./existence.js";
import { smbHeaders } from "./header-groups.js";
import { itemProperties } from "./item-properties.js";
import { headOf } from "./look.js";

/** What both take. */
export interface RenameRequest extends RequestOptions {
  /** What is renamed. @default the connection's `path` */
  path?: string | undefined;
  /** Its new path in the same share. */
  to: string;
  /** Replaces a file that has the new name; a directory is never replaced. @default false */
  replaceIfExists?: boolean | undefined;
  /** With `replaceIfExists`: also a read-only file. @default false */
  ignoreReadOnly?: boolean | undefined;
  /** Lease id of what is renamed; its lease goes with it. */
  sourceLeaseId?: string | undefined;
  /** Lease id of the file that is replaced; that lease is gone then. */
  destinationLeaseId?: string | undefined;
  /** Attributes, times and permission. @default those it has */
  smb?: SmbOptions | undefined;
  /** Metadata by name, all of it. @default that which it has */
  metadata?: Metadata | undefined;
}

/** The operation, without its name and what only one of the two says. */
export function renameOf(
  connection: Connection,
  request: RenameRequest,
  from: Target,
  to: Target,
): Omit<Operation<undefined>, "operation" | "query"> {
  if (typeof request.to !== "string" || request.to === "") throw new TypeError(`to is ${shown(request.to)}, but must be a path`);
  if (from.path === undefined || from.path === "") throw new TypeError("path is missing: the root of a share cannot be renamed");
  return {
    method: "PUT",
    target: to,
    headers: {
      "x-ms-file-rename-source": urlOf(connection.endpoint, from),
      "x-ms-file-rename-replace-if-exists": request.replaceIfExists,
      "x-ms-file-rename-ignore-readonly": request.ignoreReadOnly,
      "x-ms-source-lease-id":
        request.sourceLeaseId ?? request.lock?.cover(connection, { share: from.share, path: from.path, leaseId: undefined }).leaseId,
      "x-ms-destination-lease-id": request.destinationLeaseId,
      "x-ms-allow-trailing-dot": connection.allowTrailingDot,
      "x-ms-source-allow-trailing-dot": connection.allowTrailingDot,
      ...smbHeaders(request.smb),
      ...metadataHeaders(request.metadata),
    },
    success: [200],
    // A second try after a first that did its work finds no source; `renamed` sees to that.
    idempotent: true,
    signal: request.signal,
  };
}

/** What `rename` did: the item as it is now. */
export interface Renamed extends ItemProperties {
  readonly serverEncrypted: boolean | undefined;
}

/**
 * Sends it and reads the answer. Where an answer was lost, the source is gone and what has the new name was changed since the call began,
 * this call has done it.
 */
export function renamed(
  connection: Connection,
  kind: "File" | "Directory",
  from: Target,
  operation: Operation<undefined>,
): Promise<Renamed> {
  const { target: to, signal } = operation;
  const read = ({ headers }: { headers: WireHeaders }): Renamed => ({
    ...itemProperties(headers),
    serverEncrypted: flag(headers, "x-ms-request-server-encrypted"),
  });
  return reconciled(connection, connection.send(operation).then(read), /^Resource(NotFound|AlreadyExists)$/, async (isOfNow) => {
    if (await isThere(headOf(connection, kind, from, signal))) return undefined;
    const headers = await headOf(connection, kind, to, signal);
    return isOfNow(headers, date(headers, "last-modified")) ? read({ headers }) : undefined;
  });
}
