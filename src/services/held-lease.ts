/// <reference lib="esnext.disposable" preserve="true" />
/** What `leases.acquire` gives: a lease that can be given back, renewed, and calls be made under. */
import { LockError } from "../errors.js";
import { asyncDispose } from "../platform.js";
import type { Clock, HeldLock, LockedResource } from "../types/connection.js";
import { guardOf } from "./lease-guard.js";
import { type Term, termOf } from "./lease-term.js";

/** What the service says of a lease that is held. */
export interface LeaseHeld {
  /** Its id, which writes and `release` want. */
  readonly leaseId: string;
  readonly etag: string | undefined;
  readonly lastModified: Date | undefined;
  readonly requestId: string | undefined;
}

/** A lease that is over, or soon will be. */
export interface LeaseEnded {
  /** Seconds until it is over; 0 where it is; undefined where the service does not say. */
  readonly remaining: number | undefined;
  /** Its id, where the service tells. */
  readonly leaseId: string | undefined;
  readonly etag: string | undefined;
  readonly lastModified: Date | undefined;
  readonly requestId: string | undefined;
}

/**
 * A lease that was acquired. Give it to calls as `lock`; give it back with `release`, or write `await using lease = await acquire(…)`
 * where the platform has that.
 */
export interface Lease extends LeaseHeld, HeldLock {
  /** The same as `leaseId`. */
  readonly id: string;
  /**
   * Aborts with a `LockError`: when the lease is released here, and before one of 15 to 60 seconds can have run out. What others do, such
   * as breaking it, it does not know; `withLock` looks after that.
   */
  readonly signal: AbortSignal;
  /** Gives it back. A second time it does nothing. Throws what `leases.release` throws. */
  release(options?: { signal?: AbortSignal | undefined }): Promise<LeaseEnded>;
  /** Gives it back; that it is over already is no error. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A lease of a share or a snapshot, which can be renewed. */
export interface ShareLease extends Lease {
  /** Starts its time anew. Throws what `leases.renew` throws, and TypeError for the lease of a file. */
  renew(options?: { signal?: AbortSignal | undefined }): Promise<LeaseHeld>;
}

/** The part of a fixed lease that its holder does not count on: a tenth, for clocks that do not go alike and for what is under way. */
export const MARGIN = 0.1;

/** Milliseconds that a holder counts on a lease of so many seconds. */
export const reckoned = (duration: number): number => (duration < 0 ? Infinity : duration * 1000 * (1 - MARGIN));

/** The time of a lease that nobody renews by himself. */
export const plainTerm = (clock: Clock, duration: number): Term =>
  termOf(clock, reckoned(duration), () => new LockError("lost", `the lease of ${duration} s was not renewed and may have run out`));

/** Refusals that mean that there is no lease with this id. */
export const isOver = ({ code }: { readonly code?: string }): boolean =>
  code === "LeaseIdMismatchWithLeaseOperation" || code === "LeaseNotPresentWithLeaseOperation";

/** The operations on a lease, with all but its id and a signal filled in. */
interface LeaseOperations {
  renew(signal: AbortSignal | undefined): Promise<LeaseHeld>;
  release(signal: AbortSignal | undefined): Promise<LeaseEnded>;
}

/** Makes the object that `acquire` resolves with. */
export function leaseObject(held: LeaseHeld, resource: LockedResource, term: Term, operations: LeaseOperations): ShareLease {
  let released: Promise<LeaseEnded> | undefined;
  const release: Lease["release"] = ({ signal } = {}) => {
    released ??= operations.release(signal).then(
      (ended) => {
        term.end(new LockError("released", "the lease was given back"));
        return ended;
      },
      (error: unknown) => {
        released = undefined;
        throw error;
      },
    );
    return released;
  };
  const dispose: typeof Symbol.asyncDispose = asyncDispose();
  return {
    ...held,
    ...guardOf(resource, held.leaseId, term),
    id: held.leaseId,
    release,
    async renew({ signal } = {}) {
      const beginning = term.begin();
      try {
        const renewed = await operations.renew(signal);
        beginning.confirm();
        return renewed;
      } finally {
        beginning.cancel();
      }
    },
    async [dispose]() {
      await release().catch((error: unknown) => {
        if (!isOver(error as { code?: string })) throw error;
      });
    },
  };
}
