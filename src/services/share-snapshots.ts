/**
 * Snapshots of shares. Entry point: `azure-files/shares`. Reading takes a snapshot's time as `snapshot` in every request that reads;
 * `delete` takes it too.
 */
import { date, type Metadata, metadataHeaders, text } from "../transport/headers.js";
import type { Connection, RequestOptions } from "../types/connection.js";
import { shareTarget } from "./targets.js";

/** What `createSnapshot` takes. */
export interface CreateShareSnapshotRequest extends RequestOptions {
  /** Metadata of the snapshot. @default that of the share */
  metadata?: Metadata | undefined;
}

/** A snapshot that was made. */
export interface ShareSnapshotCreated {
  /** Its time, which names it in other requests; text as the service wrote it, to be passed on as it is. */
  readonly snapshot: string;
  readonly etag: string | undefined;
  readonly lastModified: Date | undefined;
  readonly requestId: string | undefined;
}

/**
 * Makes a read-only copy of a share as it is now; a share has at most 200. A page needs a CORS rule that exposes `x-ms-snapshot`.
 *
 * @throws ServiceError `ShareNotFound`, `ShareSnapshotCountExceeded`, `ShareSnapshotInProgress`; TypeError where the page may not see the
 * snapshot's time (it is made all the same).
 * @see https://learn.microsoft.com/rest/api/storageservices/snapshot-share
 */
export async function createSnapshot(connection: Connection, request: CreateShareSnapshotRequest = {}): Promise<ShareSnapshotCreated> {
  const { headers } = await connection.send({
    operation: "Snapshot Share",
    method: "PUT",
    target: shareTarget(connection, request),
    query: { restype: "share", comp: "snapshot" },
    headers: metadataHeaders(request.metadata),
    success: [201],
    idempotent: false,
    signal: request.signal,
  });
  const snapshot = text(headers, "x-ms-snapshot");
  // Never undefined: a delete of "that snapshot" would be one of the share.
  if (snapshot === undefined) throw new TypeError("the snapshot is made, but the page cannot see its time: expose x-ms-* in the CORS rule");
  return {
    snapshot,
    etag: text(headers, "etag"),
    lastModified: date(headers, "last-modified"),
    requestId: text(headers, "x-ms-request-id"),
  };
}
