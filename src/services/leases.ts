/**
 * Operations on leases. Service version 2026-10-06. Entry point: `azure-files/leases`.
 *
 * Three things can be leased: a file, a share, and a snapshot of a share. The lease of a file guards its writes, lasts until it is released
 * or broken, and cannot be renewed. That of a share or a snapshot guards it against `delete` alone, and may run out on its own.
 */
import { between } from "../config.js";
import { date, number, text } from "../transport/headers.js";
import { unlessDoneBefore } from "../transport/retry.js";
import type { Connection, RequestOptions } from "../types/connection.js";
import type { WireHeaders } from "../types/responses.js";
import { isOver, type Lease, type LeaseEnded, type LeaseHeld, leaseObject, plainTerm, type ShareLease } from "./held-lease.js";
import { leaseOf, notOfFiles, proposedId } from "./lease-targets.js";

export type { Lease, LeaseEnded, LeaseHeld, ShareLease } from "./held-lease.js";

/** Names a file. */
export interface FileLeaseRequest extends RequestOptions {
  /** Path of the file in the share. */
  path: string;
  /** Snapshots of shares have leases; files in them have none. */
  snapshot?: undefined;
}

/** Names a share or a snapshot of it; or, where the connection has a path, the file that it names. */
export interface ShareLeaseRequest extends RequestOptions {
  /** "" means the share where the connection has a path. @default the connection's `path` */
  path?: "" | undefined;
  /** Time of a snapshot of the share, to lease that instead. */
  snapshot?: string | undefined;
}

/** What `acquire` takes for a file. */
export interface AcquireFileLeaseRequest extends FileLeaseRequest {
  /** Leases of files last until they are released or broken. */
  duration?: -1 | undefined;
  /** The id that the lease shall have, a GUID. @default a random one */
  proposedLeaseId?: string | undefined;
}

/** What `acquire` takes for a share or a snapshot. */
export interface AcquireShareLeaseRequest extends ShareLeaseRequest {
  /** Seconds, from 15 to 60, or -1 for a lease that lasts until it is released or broken. @default -1 */
  duration?: number | undefined;
  /** The id that the lease shall have, a GUID. @default a random one */
  proposedLeaseId?: string | undefined;
}

/** What `acquire` takes. */
export type AcquireLeaseRequest = AcquireFileLeaseRequest | AcquireShareLeaseRequest;

const held = (headers: WireHeaders, proposed: string): LeaseHeld => ({
  // A page may not see the header; the service gives the id that was proposed.
  leaseId: text(headers, "x-ms-lease-id") ?? proposed,
  etag: text(headers, "etag"),
  lastModified: date(headers, "last-modified"),
  requestId: text(headers, "x-ms-request-id"),
});

/**
 * Takes a lease. An id is always proposed, so that a repeated try finds its own lease and no stranger's. Nobody renews it: `withLock` does.
 *
 * @throws ServiceError `LeaseAlreadyPresent`, `LeaseIsBreakingAndCannotBeAcquired`; TypeError for a duration of a file's lease; RangeError
 * for one that no lease has.
 * @see https://learn.microsoft.com/rest/api/storageservices/lease-file
 * @see https://learn.microsoft.com/rest/api/storageservices/lease-share
 */
export async function acquire(connection: Connection, request: AcquireFileLeaseRequest): Promise<Lease>;
export async function acquire(connection: Connection, request?: AcquireShareLeaseRequest): Promise<ShareLease>;
export async function acquire(connection: Connection, request?: AcquireLeaseRequest): Promise<Lease>;
export async function acquire(connection: Connection, request: AcquireLeaseRequest = {}): Promise<ShareLease> {
  const { share = "", path = "" } = leaseOf(connection, request).target;
  const { duration = -1, snapshot } = request;
  const term = plainTerm(connection.clock, duration);
  const beginning = term.begin();
  try {
    const lease = await takeLease(connection, request);
    beginning.confirm();
    const { leaseId } = lease;
    return leaseObject(lease, { share, path, snapshot }, term, {
      renew: (signal) => renew(connection, { share, path: path as "", snapshot, leaseId, signal }),
      release: (signal) => release(connection, { share, path: path as "", snapshot, leaseId, signal }),
    });
  } finally {
    beginning.cancel();
  }
}

/** Takes a lease, and says no more than what the service says of it. */
export async function takeLease(connection: Connection, request: AcquireLeaseRequest): Promise<LeaseHeld> {
  const { duration = -1, proposedLeaseId = proposedId(connection) } = request;
  const { of, ...parts } = leaseOf(connection, request);
  if (duration !== -1) {
    if (of === "File") throw notOfFiles("duration", duration);
    between("duration", duration, 15, 60, true);
  }
  const { headers } = await connection.send({
    ...parts,
    operation: `Acquire ${of} Lease`,
    headers: {
      ...parts.headers,
      "x-ms-lease-action": "acquire",
      "x-ms-lease-duration": duration,
      "x-ms-proposed-lease-id": proposedLeaseId,
    },
    success: [201],
    idempotent: true,
  });
  return held(headers, proposedLeaseId);
}

/** What `renew` takes. */
export type RenewLeaseRequest = ShareLeaseRequest & {
  /** Id of the lease. */
  leaseId: string;
};

/**
 * Starts a share's lease anew for its duration, also one that has run out and that nobody else took. Files have no leases that run out.
 *
 * @throws ServiceError `LeaseIdMismatchWithLeaseOperation`, `LeaseIsBrokenAndCannotBeRenewed`; TypeError for a file.
 * @see https://learn.microsoft.com/rest/api/storageservices/lease-share
 */
export async function renew(connection: Connection, request: RenewLeaseRequest): Promise<LeaseHeld> {
  const { of, ...parts } = leaseOf(connection, request);
  if (of === "File") throw notOfFiles("path", request.path ?? connection.path);
  const leaseId = wanted("leaseId", request.leaseId);
  const { headers } = await connection.send({
    ...parts,
    operation: "Renew Share Lease",
    headers: { ...parts.headers, "x-ms-lease-action": "renew", "x-ms-lease-id": leaseId },
    success: [200],
    idempotent: true,
    whenOpen: "pass",
  });
  return held(headers, leaseId);
}

/** What `change` takes. */
export type ChangeLeaseRequest = (FileLeaseRequest | ShareLeaseRequest) & {
  /** Id of the lease. */
  leaseId: string;
  /** The id that it shall have, a GUID. @default a random one */
  proposedLeaseId?: string | undefined;
};

/**
 * Gives a lease another id; of several who try that with the same id at once, one succeeds. The duration stays.
 *
 * @throws ServiceError `LeaseIdMismatchWithLeaseOperation`, `LeaseNotPresentWithLeaseOperation`, `LeaseIsBreakingAndCannotBeChanged`.
 * @see https://learn.microsoft.com/rest/api/storageservices/lease-file
 * @see https://learn.microsoft.com/rest/api/storageservices/lease-share
 */
export async function change(connection: Connection, request: ChangeLeaseRequest): Promise<LeaseHeld> {
  const { of, ...parts } = leaseOf(connection, request);
  const { proposedLeaseId = proposedId(connection) } = request;
  const { headers } = await connection.send({
    ...parts,
    operation: `Change ${of} Lease`,
    headers: {
      ...parts.headers,
      "x-ms-lease-action": "change",
      "x-ms-lease-id": wanted("leaseId", request.leaseId),
      "x-ms-proposed-lease-id": proposedLeaseId,
    },
    success: [200],
    idempotent: true,
  });
  return held(headers, proposedLeaseId);
}

/** What `release` takes. */
export type ReleaseLeaseRequest = (FileLeaseRequest | ShareLeaseRequest) & {
  /** Id of the lease. */
  leaseId: string;
};

const ended = (headers: WireHeaders | undefined): LeaseEnded => ({
  remaining: headers && number(headers, "x-ms-lease-time"),
  leaseId: headers && text(headers, "x-ms-lease-id"),
  etag: headers && text(headers, "etag"),
  lastModified: headers && date(headers, "last-modified"),
  requestId: headers && text(headers, "x-ms-request-id"),
});

/**
 * Gives a lease back; what it held can be leased by others at once.
 *
 * @throws ServiceError `LeaseIdMismatchWithLeaseOperation`, `LeaseNotPresentWithLeaseOperation`.
 * @see https://learn.microsoft.com/rest/api/storageservices/lease-file
 * @see https://learn.microsoft.com/rest/api/storageservices/lease-share
 */
export async function release(connection: Connection, request: ReleaseLeaseRequest): Promise<LeaseEnded> {
  const { of, ...parts } = leaseOf(connection, request);
  const reply = connection.send({
    ...parts,
    operation: `Release ${of} Lease`,
    headers: { ...parts.headers, "x-ms-lease-action": "release", "x-ms-lease-id": wanted("leaseId", request.leaseId) },
    success: [200],
    idempotent: true,
  });
  return ended((await unlessDoneBefore(reply, isOver))?.headers);
}

/** What `break` takes. */
export type BreakLeaseRequest = (
  | (FileLeaseRequest & {
      /** Leases of files are broken at once. */
      breakPeriod?: undefined;
    })
  | (ShareLeaseRequest & {
      /** Seconds, from 0 to 60, that the lease may go on; a shorter rest is kept. @default its rest; an infinite one is over at once */
      breakPeriod?: number | undefined;
    })
) & {
  /** Refuses unless the lease has this id. */
  leaseId?: string | undefined;
};

/**
 * Ends somebody's lease without its id: at once for a file, after a while for a share. It is no way to take a lease over safely; `change`
 * is.
 *
 * @throws ServiceError `LeaseNotPresentWithLeaseOperation`; TypeError for a break period of a file's lease; RangeError outside 0 to 60.
 * @see https://learn.microsoft.com/rest/api/storageservices/lease-file
 * @see https://learn.microsoft.com/rest/api/storageservices/lease-share
 */
async function breakLease(connection: Connection, request: BreakLeaseRequest = {}): Promise<LeaseEnded> {
  const { breakPeriod, leaseId } = request;
  const { of, ...parts } = leaseOf(connection, request);
  if (breakPeriod !== undefined) {
    if (of === "File") throw notOfFiles("breakPeriod", breakPeriod);
    between("breakPeriod", breakPeriod, 0, 60, true);
  }
  const { headers } = await connection.send({
    ...parts,
    operation: `Break ${of} Lease`,
    headers: { ...parts.headers, "x-ms-lease-action": "break", "x-ms-lease-break-period": breakPeriod, "x-ms-lease-id": leaseId },
    success: [202],
    idempotent: true,
  });
  return ended(headers);
}
export { breakLease as break };

function wanted(name: string, value: string): string {
  if (typeof value !== "string" || value === "") throw new TypeError(`${name} is missing`);
  return value;
}
