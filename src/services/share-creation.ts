/**
 * Shares come and go: create, restore, delete. Entry point: `azure-files/shares`.
 */
import { isServiceError } from "../errors.js";
import { date, type Metadata, metadataHeaders, number, text } from "../transport/headers.js";
import { reconciled, unlessDoneBefore } from "../transport/retry.js";
import type { Connection, RequestOptions } from "../types/connection.js";
import type { WireHeaders } from "../types/responses.js";
import type { ShareProvisioning } from "../types/shares.js";
import { hasMetadata } from "./look.js";
import { getProperties } from "./share-properties.js";
import { provisioning, type ShareSettings, settingsHeaders } from "./share-settings.js";
import { shareTarget } from "./targets.js";

/** What `create` takes. */
export interface CreateShareRequest extends RequestOptions, ShareSettings {
  /** Protocol of mounts; "NFS" on premium accounts only. It cannot be changed later. @default "SMB" */
  enabledProtocols?: "SMB" | "NFS" | (string & {}) | undefined;
  /** Metadata by name. @default {} */
  metadata?: Metadata | undefined;
}

/** What `create` did. */
export interface ShareCreated extends ShareProvisioning {
  /** False where `createIfMissing` found the share. */
  readonly created: boolean;
  readonly etag: string | undefined;
  readonly lastModified: Date | undefined;
  readonly requestId: string | undefined;
}

/**
 * Creates a share. Where an answer was lost and the next try finds a share that was made since the call began, with the metadata and the size
 * limit asked for, that is taken for this call's own.
 *
 * @throws ServiceError `ShareAlreadyExists`, `ShareBeingDeleted` (for at least 30 seconds after a delete), `InvalidHeaderValue` for what
 * the account does not offer.
 * @see https://learn.microsoft.com/rest/api/storageservices/create-share
 */
export async function create(connection: Connection, request: CreateShareRequest = {}): Promise<ShareCreated> {
  const target = shareTarget(connection, request);
  const call = connection.send({
    operation: "Create Share",
    method: "PUT",
    target,
    query: { restype: "share" },
    headers: {
      ...settingsHeaders(request),
      "x-ms-enabled-protocols": request.enabledProtocols,
      ...metadataHeaders(request.metadata),
    },
    success: [201],
    idempotent: true,
    signal: request.signal,
  });
  const made = ({ headers }: { headers: WireHeaders }): ShareCreated => ({
    created: true,
    etag: text(headers, "etag"),
    lastModified: date(headers, "last-modified"),
    ...provisioning(headers),
    requestId: text(headers, "x-ms-request-id"),
  });
  return reconciled(connection, call.then(made), /^ShareAlreadyExists$/, async (isOfNow) => {
    const { headers } = await connection.send({
      operation: "Get Share Properties",
      method: "HEAD",
      target: { share: target.share },
      query: { restype: "share" },
      success: [200],
      idempotent: true,
      signal: request.signal,
    });
    const isOurs =
      isOfNow(headers, date(headers, "last-modified")) &&
      hasMetadata(headers, request.metadata) &&
      (request.quotaGiB ?? number(headers, "x-ms-share-quota")) === number(headers, "x-ms-share-quota");
    return isOurs ? made({ headers }) : undefined;
  });
}

/** Creates a share, or finds that it is there. Takes what `create` takes; an existing share stays as it is. */
export async function createIfMissing(connection: Connection, request: CreateShareRequest = {}): Promise<ShareCreated> {
  try {
    return await create(connection, request);
  } catch (error) {
    if (!isServiceError(error, "ShareAlreadyExists")) throw error;
    const found = await getProperties(connection, { share: request.share, signal: request.signal, lock: request.lock });
    return {
      created: false,
      etag: found.etag,
      lastModified: found.lastModified,
      quotaGiB: found.quotaGiB,
      provisionedIops: found.provisionedIops,
      provisionedBandwidthMibps: found.provisionedBandwidthMibps,
      includedBurstIops: found.includedBurstIops,
      maxBurstCreditsForIops: found.maxBurstCreditsForIops,
      requestId: found.requestId,
    };
  }
}

/** What `restore` takes; `share` is the name that the restored share shall have. */
export interface RestoreShareRequest extends RequestOptions {
  /** The name that it had. @default the name that it shall have */
  deletedName?: string | undefined;
  /** Its version, as `list` with `include: ["deleted"]` tells. */
  deletedVersion: string;
}

/** What `restore` did. */
export interface ShareRestored extends ShareProvisioning {
  readonly etag: string | undefined;
  readonly lastModified: Date | undefined;
  readonly requestId: string | undefined;
}

/**
 * Brings a deleted share back, with its snapshots, while the account still keeps it.
 *
 * @throws ServiceError `ShareNotFound` where nothing is kept, `ShareAlreadyExists` where the name is taken; TypeError without a version.
 * @see https://learn.microsoft.com/rest/api/storageservices/restore-share
 */
export async function restore(connection: Connection, request: RestoreShareRequest): Promise<ShareRestored> {
  const target = shareTarget(connection, request);
  const { deletedName = target.share, deletedVersion } = request;
  if (!deletedVersion) throw new TypeError('deletedVersion is missing: list the shares with include: ["deleted"] to see it');
  const { headers } = await connection.send({
    operation: "Restore Share",
    method: "PUT",
    target,
    query: { restype: "share", comp: "undelete" },
    headers: { "x-ms-deleted-share-name": deletedName, "x-ms-deleted-share-version": deletedVersion },
    success: [201],
    idempotent: false,
    signal: request.signal,
  });
  return {
    etag: text(headers, "etag"),
    lastModified: date(headers, "last-modified"),
    ...provisioning(headers),
    requestId: text(headers, "x-ms-request-id"),
  };
}

/** What `delete` takes. */
export interface DeleteShareRequest extends RequestOptions {
  /** What to do with snapshots; without it a share that has any is refused. Not together with `snapshot`. */
  deleteSnapshots?: "include" | "include-leased" | (string & {}) | undefined;
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
 * @throws ServiceError `ShareNotFound`, `ShareSnapshotNotFound`, `ShareHasSnapshots`, `DeleteShareWhenSnapshotLeased`, `LeaseIdMissing`.
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
  const headers = (await unlessDoneBefore(reply))?.headers;
  return {
    usageBytes: headers && number(headers, "x-ms-file-share-usage-bytes"),
    snapshotUsageBytes: headers && number(headers, "x-ms-file-share-snapshot-usage-bytes"),
    requestId: headers && text(headers, "x-ms-request-id"),
  };
}
export { remove as delete };
