/**
 * Locks: wait for one, work under it, give it back.
 *
 * On a share or a snapshot the lock is a lease of 15 to 60 seconds that is renewed. On a file, whose leases never end, it is a lease with a
 * heartbeat; `file-contender.ts` says how that is taken over.
 */
import { between } from "../config.js";
import { LockError } from "../errors.js";
import { notOfFiles } from "../services/lease-targets.js";
import { guardOf } from "../services/lease-guard.js";
import { LONGEST, within } from "../transport/within.js";
import type { Connection } from "../types/connection.js";
import type { Contender } from "./contender.js";
import { type FileContender, fileContender } from "./file-contender.js";
import { bounded, keep, type Taken } from "./keeper.js";
import type { FileLock, FileLockOptions, FileLockTarget, Lock, LockOptions, ShareLockOptions, ShareLockTarget } from "./lock.js";
import { shareContender } from "./share-contender.js";

/**
 * Waits for a lock, runs work under it, and gives it back, also when the work fails.
 *
 * The lock is kept alive while the work runs. Where that does not succeed, or the lock is taken away, `signal` aborts: before anybody else
 * can have the lock, as long as the program runs on time. A program that stands still meanwhile cannot be told; by `fence`, late
 * work of it can be told apart. Hand the lock itself to calls, as `lock`, and they end with it.
 *
 * @param run The work. What it throws is thrown untouched, whatever becomes of the lock.
 * @throws LockError `timeout` where others held the lock for too long; `lost` where the work came to its end after the lock was lost. The
 * reason of the signal after an abort; what keeps the service from being asked, such as ServiceError `ShareNotFound`. TypeError for a
 * file that holds something, RangeError and TypeError for options that break the rules.
 * @see https://learn.microsoft.com/rest/api/storageservices/lease-file
 * @see https://learn.microsoft.com/rest/api/storageservices/lease-share
 * @example
 * await withLock(connection, { path: "jobs/leader" }, async (lock) => {
 *   await upload(connection, { path: "report.csv", body, lock, metadata: { fence: String(lock.fence) } });
 * });
 */
export async function withLock<T>(
  connection: Connection,
  target: FileLockTarget,
  run: (lock: FileLock) => T | PromiseLike<T>,
  options?: FileLockOptions,
): Promise<T>;
export async function withLock<T>(
  connection: Connection,
  target: ShareLockTarget,
  run: (lock: Lock) => T | PromiseLike<T>,
  options?: ShareLockOptions,
): Promise<T>;
export async function withLock<T>(
  connection: Connection,
  target: FileLockTarget | ShareLockTarget,
  run: (lock: FileLock) => T | PromiseLike<T>,
  options: FileLockOptions & ShareLockOptions = {},
): Promise<T> {
  const contender = contenderOf(connection, target, options);
  const { signal } = options;
  const { telemetry, clock } = connection;
  const lock = contender.resource;
  const waitedFrom = telemetry && clock.now();
  const taken = await waitFor(connection, contender, options);
  const { leaseId, term } = taken;
  const { fence } = contender as FileContender;
  telemetry?.({ type: "lock-acquired", lock, waited: clock.now() - (waitedFrom ?? 0), fence });
  let isLost = false;
  const onEnd = (): void => {
    isLost = !signal?.aborted;
    if (isLost) telemetry?.({ type: "lock-lost", lock, error: term.signal.reason });
  };
  term.signal.addEventListener("abort", onEnd);
  const onAbort = (): void => term.end(signal?.reason);
  signal?.addEventListener("abort", onAbort);
  const keeper = keep(connection, taken, lock);
  try {
    if (signal?.aborted) onAbort();
    term.check();
    const result = await run({ ...guardOf(contender.resource, leaseId, term), fence });
    // Work that did not look at the signal may have gone on beside somebody else's. An abort was the caller's own wish.
    if (!signal?.aborted) term.check();
    return result;
  } finally {
    signal?.removeEventListener("abort", onAbort);
    keeper.stop();
    // What fails here hides nothing of the work: a lock that is not given back is free again when its time is up.
    term.signal.removeEventListener("abort", onEnd);
    const kept = keeper.isTaken ? undefined : await giveBack(connection, taken);
    if (!isLost) telemetry?.(kept === undefined ? { type: "lock-released", lock } : { type: "lock-lost", lock, error: kept });
    term.end(new LockError("released", "the lock was given back"));
  }
}

/** Gives a lock back, with bounded patience, and says what kept it from that. */
const giveBack = (connection: Connection, { every, release }: Taken): Promise<unknown> =>
  bounded(connection, undefined, every / 2, release).then(
    () => undefined,
    (error: unknown) => error,
  );

/** The kind of lock that a target asks for. */
function contenderOf(
  connection: Connection,
  target: FileLockTarget | ShareLockTarget,
  options: FileLockOptions & ShareLockOptions,
): Contender {
  const { path = connection.path ?? "", snapshot } = target;
  if (path !== "") {
    if (snapshot !== undefined) throw notOfFiles("snapshot", snapshot);
    if (options.duration !== undefined) throw notOfFiles("duration", options.duration);
    return fileContender(connection, { ...target, path, snapshot }, options);
  }
  for (const name of ["staleAfter", "owner"] as const) {
    if (options[name] !== undefined)
      throw new TypeError(`${name} is given, but a share is locked by a lease that ends; duration says when`);
  }
  return shareContender(connection, { ...target, path }, options);
}

/** Tries until the lock is taken, the time is up, or the signal aborts. */
async function waitFor(connection: Connection, contender: Contender, options: LockOptions): Promise<Taken> {
  const { clock, random } = connection;
  const { timeout = Infinity, poll = 1000, signal } = options;
  between("timeout", timeout, 0);
  between("poll", poll, 10, LONGEST / 2);
  signal?.throwIfAborted();
  const waiting = new AbortController();
  const late = (): LockError => new LockError("timeout", `the lock was held${contender.holder()} for all of ${timeout} ms`);
  const onAbort = (): void => waiting.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort);
  const timer = timeout > 0 && timeout <= LONGEST ? clock.setTimeout(() => waiting.abort(late()), timeout) : undefined;
  try {
    for (;;) {
      const taken = await contender.attempt(waiting.signal);
      if (taken && !taken.term.signal.aborted) return taken;
      // Answered too late to be of use.
      if (taken) await giveBack(connection, taken);
      if (timeout === 0) throw late();
      await within(clock, waiting.signal, poll * (0.5 + random()));
    }
  } finally {
    clock.clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
    contender.close();
  }
}
