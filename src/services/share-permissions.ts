/**
 * Security descriptors stored with shares, which files and directories name by their keys. Entry point: `azure-files/shares`.
 */
import { IntegrityError } from "../errors.js";
import { readText } from "../transport/body.js";
import { text } from "../transport/headers.js";
import type { Connection, RequestOptions } from "../types/connection.js";
import { shareTarget } from "./targets.js";

/** What `createPermission` takes. */
export interface CreatePermissionRequest extends RequestOptions {
  /** A security descriptor with owner, group and DACL: SDDL, or base64 of its binary form (see `permissionFormat`). Over 8 KiB, too. */
  permission: string;
  /** How `permission` is written. @default "Sddl" */
  permissionFormat?: "Sddl" | "Binary" | (string & {}) | undefined;
}

/** A descriptor that is stored. */
export interface PermissionCreated {
  /** Its key, for `permissionKey` of files and directories; undefined in a page that may not see it. The same descriptor has the same key. */
  readonly permissionKey: string | undefined;
  readonly requestId: string | undefined;
}

/**
 * Stores a security descriptor with a share.
 *
 * @throws ServiceError `ShareNotFound`, `FileInvalidPermission`; TypeError without a descriptor.
 * @see https://learn.microsoft.com/rest/api/storageservices/create-permission
 */
export async function createPermission(connection: Connection, request: CreatePermissionRequest): Promise<PermissionCreated> {
  const { permission, permissionFormat: format } = request;
  if (typeof permission !== "string" || permission === "") throw new TypeError("permission is missing: a security descriptor is wanted");
  const { headers } = await connection.send({
    operation: "Create Permission",
    method: "PUT",
    target: shareTarget(connection, request),
    query: { restype: "share", comp: "filepermission" },
    headers: { "content-type": "application/json" },
    body: new TextEncoder().encode(JSON.stringify({ permission, format })),
    success: [201],
    idempotent: true,
    signal: request.signal,
  });
  return { permissionKey: text(headers, "x-ms-file-permission-key"), requestId: text(headers, "x-ms-request-id") };
}

/** What `getPermission` takes. */
export interface GetPermissionRequest extends RequestOptions {
  /** The key of a stored descriptor. */
  permissionKey: string;
  /** How to write it. @default "Sddl" */
  permissionFormat?: "Sddl" | "Binary" | (string & {}) | undefined;
}

/** A stored descriptor. */
export interface Permission {
  /** SDDL, or base64 of the binary form. The service writes SDDL in its own way and says `S:NO_ACCESS_CONTROL` where there is no SACL. */
  readonly permission: string;
  /** How it is written; undefined where the service does not say, which means SDDL. */
  readonly permissionFormat: string | undefined;
  readonly requestId: string | undefined;
}

/**
 * Reads a security descriptor by its key.
 *
 * @throws ServiceError `ShareNotFound`, `FileInvalidPermissionKey`, `CannotConvertToSddlDueToCustomAce`; TypeError without a key.
 * @see https://learn.microsoft.com/rest/api/storageservices/get-permission
 */
export async function getPermission(connection: Connection, request: GetPermissionRequest): Promise<Permission> {
  if (!request.permissionKey) throw new TypeError("permissionKey is missing");
  const { headers, payload } = await connection.send({
    operation: "Get Permission",
    method: "GET",
    target: shareTarget(connection, request),
    query: { restype: "share", comp: "filepermission" },
    headers: { "x-ms-file-permission-key": request.permissionKey, "x-ms-file-permission-format": request.permissionFormat },
    success: [200],
    idempotent: true,
    read: readText,
    signal: request.signal,
  });
  return { ...descriptorOf(payload), requestId: text(headers, "x-ms-request-id") };
}

function descriptorOf(json: string): Omit<Permission, "requestId"> {
  let cause: unknown;
  try {
    const { permission, format } = JSON.parse(json.replace(/^\uFEFF/, "")) as { permission?: unknown; format?: unknown };
    if (typeof permission === "string") return { permission, permissionFormat: typeof format === "string" ? format : undefined };
  } catch (error) {
    cause = error;
  }
  throw new IntegrityError("listing", "the answer is no JSON with a permission", { cause });
}
