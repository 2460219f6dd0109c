/**
 * Operations on shares. Service version 2026-10-06.
 */
import { isServiceError } from "../errors.js";
import { between } from "../config.js";
import { readText } from "../transport/body.js";
import { date, type Metadata, metadata, metadataHeaders, number, text } from "../transport/headers.js";
import { child, children, childName, childText, type Element, leaves, parseXml } from "../transport/xml.js";
import { unlessDoneBefore } from "../transport/retry.js";
import type { Connection, RequestOptions } from "../types/connection.js";
import type { ShareEntry } from "../types/properties.js";
import { isThere } from "./existence.js";
import { type Listing, listing, pageSizeOf } from "./listing.js";
import { shareTarget } from "./targets.js";

/** What `create` takes. */
export interface CreateShareRequest extends RequestOptions {
  /** Size limit in GiB, from 1 to 262144. @default the account's, 5120 or 102400 */
  quotaGiB?: number | undefined;
  /** Storage tier. @default the account's */
  accessTier?: "TransactionOptimized" | "Hot" | "Cool" | "Premium" | (string & {}) | undefined;
  /** Protocol of mounts; "NFS" on premium accounts only. @default "SMB" */
  enabledProtocols?: "SMB" | "NFS" | undefined;
  /** What NFS clients that come as root may do. @default "NoRootSquash" */
  rootSquash?: "NoRootSquash" | "RootSquash" | "AllSquash" | undefined;
  /** Metadata by name. @default {} */
  metadata?: Metadata | undefined;
}

/** What `create` did. */
export interface ShareCreated {
  /** False where `createIfMissing` found the share. */
  readonly created: boolean;
  readonly etag: string | undefined;
  readonly lastModified: Date | undefined;
  readonly requestId: string | undefined;
}

/**
 * Creates a share.
 *
 * @throws ServiceError `ShareAlreadyExists`, `ShareBeingDeleted` (for at least 30 seconds after a delete).
 * @see https://learn.microsoft.com/rest/api/storageservices/create-share
 */
export async function create(connection: Connection, request: CreateShareRequest = {}): Promise<ShareCreated> {
  const { headers } = await connection.send({
    operation: "Create Share",
    method: "PUT",
    target: shareTarget(connection, request),
    query: { restype: "share" },
    headers: {
      "x-ms-share-quota": request.quotaGiB === undefined ? undefined : between("quotaGiB", request.quotaGiB, 1, 262_144, true),
      "x-ms-access-tier": request.accessTier,
      "x-ms-enabled-protocols": request.enabledProtocols,
      "x-ms-root-squash": request.rootSquash,
      ...metadataHeaders(request.metadata),
    },
    success: [201],
    idempotent: false,
    signal: request.signal,
  });
  return {
    created: true,
    etag: text(headers, "etag"),
    lastModified: date(headers, "last-modified"),
    requestId: text(headers, "x-ms-request-id"),
  };
}

/** Creates a share, or finds that it is there. Takes what `create` takes; an existing share stays as it is. */
export async function createIfMissing(connection: Connection, request: CreateShareRequest = {}): Promise<ShareCreated> {
  try {
    return await create(connection, request);
  } catch (error) {
    if (!isServiceError(error, "ShareAlreadyExists")) throw error;
    const { etag, lastModified, requestId } = await getProperties(connection, { share: request.share, signal: request.signal });
    return { created: false, etag, lastModified, requestId };
  }
}

/** What `getProperties` and `exists` take. */
export interface GetSharePropertiesRequest extends RequestOptions {
  /** Time of a snapshot, to read that instead. */
  snapshot?: string | undefined;
  /** Refuses unless the share is leased with this id. */
  leaseId?: string | undefined;
}

/** What the service says of a share. */
export interface ShareProperties {
  readonly etag: string | undefined;
  readonly lastModified: Date | undefined;
  /** Size limit in GiB. */
  readonly quotaGiB: number | undefined;
  readonly accessTier: string | undefined;
  readonly enabledProtocols: string | undefined;
  readonly rootSquash: string | undefined;
  /** "locked" or "unlocked". */
  readonly leaseStatus: string | undefined;
  /** "available", "leased", "expired", "breaking" or "broken". */
  readonly leaseState: string | undefined;
  /** "infinite" or "fixed", while leased. */
  readonly leaseDuration: string | undefined;
  /** Metadata by lower-case name. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly requestId: string | undefined;
}

/**
 * Reads the properties and metadata of a share or of a snapshot of it.
 *
 * @throws ServiceError `ShareNotFound`, `ShareSnapshotNotFound`.
 * @see https://learn.microsoft.com/rest/api/storageservices/get-share-properties
 */
export async function getProperties(connection: Connection, request: GetSharePropertiesRequest = {}): Promise<ShareProperties> {
  const { headers } = await connection.send({
    operation: "Get Share Properties",
    method: "GET",
    target: shareTarget(connection, request),
    query: { restype: "share", sharesnapshot: request.snapshot },
    headers: { "x-ms-lease-id": request.leaseId },
    success: [200],
    idempotent: true,
    signal: request.signal,
  });
  return {
    etag: text(headers, "etag"),
    lastModified: date(headers, "last-modified"),
    quotaGiB: number(headers, "x-ms-share-quota"),
    accessTier: text(headers, "x-ms-access-tier"),
    enabledProtocols: text(headers, "x-ms-enabled-protocols"),
    rootSquash: text(headers, "x-ms-root-squash"),
    leaseStatus: text(headers, "x-ms-lease-status"),
    leaseState: text(headers, "x-ms-lease-state"),
    leaseDuration: text(headers, "x-ms-lease-duration"),
    metadata: metadata(headers),
    requestId: text(headers, "x-ms-request-id"),
  };
}

/** Whether a share is there. It is not while it is being deleted. */
export function exists(connection: Connection, request: GetSharePropertiesRequest = {}): Promise<boolean> {
  return isThere(getProperties(connection, request));
}

/** What `delete` takes. */
export interface DeleteShareRequest extends RequestOptions {
  /** What to do with snapshots; without it a share that has any is refused. */
  deleteSnapshots?: "include" | "include-leased" | undefined;
  /** Time of a snapshot, to delete only that. */
  snapshot?: string | undefined;
  /** The lease id, where the share is leased. */
  leaseId?: string | undefined;
}

/** What `delete` did. */
export interface ShareDeleted {
  /** Bytes that the share held, where the account tells. */
  readonly usageBytes: number | undefined;
  /** Bytes that its snapshots held, where the account tells. */
  readonly snapshotUsageBytes: number | undefined;
  readonly requestId: string | undefined;
}

/**
 * Deletes a share with everything in it, or one snapshot of it. Its name is taken for at least 30 seconds more.
 *
 * @throws ServiceError `ShareNotFound`, `ShareHasSnapshots`, `LeaseIdMissing`.
 * @see https://learn.microsoft.com/rest/api/storageservices/delete-share
 */
async function remove(connection: Connection, request: DeleteShareRequest = {}): Promise<ShareDeleted> {
  const reply = connection.send({
    operation: "Delete Share",
    method: "DELETE",
    target: shareTarget(connection, request),
    query: { restype: "share", sharesnapshot: request.snapshot },
    headers: { "x-ms-delete-snapshots": request.deleteSnapshots, "x-ms-lease-id": request.leaseId },
    success: [202],
    idempotent: true,
    signal: request.signal,
  });
  const headers = await unlessDoneBefore(reply);
  return {
    usageBytes: headers && number(headers, "x-ms-file-share-usage-bytes"),
    snapshotUsageBytes: headers && number(headers, "x-ms-file-share-snapshot-usage-bytes"),
    requestId: headers && text(headers, "x-ms-request-id"),
  };
}
export { remove as delete };

/** What `list` takes. */
export interface ListSharesRequest extends Omit<RequestOptions, "share"> {
  /** Only shares whose name begins so. */
  prefix?: string | undefined;
  /** What to list or tell besides. */
  include?: readonly ("snapshots" | "metadata" | "deleted")[] | undefined;
  /** Entries on a page, from 1 to 5000. @default 5000 */
  pageSize?: number | undefined;
}

/**
 * Lists the account's shares by name.
 *
 * @throws ServiceError `AuthorizationFailure` for a SAS that is not an account SAS with the service level and `l`.
 * @see https://learn.microsoft.com/rest/api/storageservices/list-shares
 */
export function list(connection: Connection, request: ListSharesRequest = {}): Listing<ShareEntry> {
  const maxresults = pageSizeOf(request.pageSize);
  return listing(async (marker) => {
    const { payload } = await connection.send({
      operation: "List Shares",
      method: "GET",
      target: {},
      query: { comp: "list", prefix: request.prefix, marker, maxresults, include: request.include?.join(",") },
      success: [200],
      idempotent: true,
      read: readText,
      signal: request.signal,
    });
    const page = parseXml(payload, "EnumerationResults");
    return { entries: children(child(page, "Shares"), "Share").map(shareEntry), marker: childText(page, "NextMarker") };
  });
}

function shareEntry(element: Element): ShareEntry {
  const properties = leaves(child(element, "Properties"));
  const snapshot = childText(element, "Snapshot");
  const version = childText(element, "Version");
  const entries = child(element, "Metadata");
  const modified = new Date(properties["Last-Modified"] ?? NaN);
  return {
    name: childName(element, "Name"),
    ...(snapshot === undefined ? {} : { snapshot }),
    ...(childText(element, "Deleted") === "true" ? { deleted: true } : {}),
    ...(version === undefined ? {} : { version }),
    etag: properties["Etag"] ?? "",
    lastModified: Number.isNaN(+modified) ? undefined : modified,
    quotaGiB: Number(properties["Quota"] ?? 0),
    properties,
    ...(entries === undefined ? {} : { metadata: leaves(entries) }),
  };
}
