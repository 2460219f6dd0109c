/**
 * Leases and locks, the entry point `azure-files/leases`.
 *
 * A lease is what the service has: an id that writes want. A lock is what programs want: it waits for its turn, is kept alive, says when it
 * is lost, and is free again soon after its holder crashed.
 */
export {
  acquire,
  type AcquireFileLeaseRequest,
  type AcquireLeaseRequest,
  type AcquireShareLeaseRequest,
  break,
  type BreakLeaseRequest,
  change,
  type ChangeLeaseRequest,
  type FileLeaseRequest,
  type Lease,
  type LeaseEnded,
  type LeaseHeld,
  release,
  type ReleaseLeaseRequest,
  renew,
  type RenewLeaseRequest,
  type ShareLease,
  type ShareLeaseRequest,
} from "../services/leases.js";
export { type LockHolder, lockHolder, type LockHolderRequest } from "./lock-holder.js";
export type { FileLock, FileLockOptions, FileLockTarget, Lock, LockOptions, ShareLockOptions, ShareLockTarget } from "./lock.js";
export { withLock } from "./with-lock.js";
