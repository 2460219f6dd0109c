/** What a lock is taken on, how, and what its holder is given. Types only. */
import type { HeldLock } from "../types/connection.js";

/** Names a share, or a snapshot of it, to be locked by a lease that is renewed. */
export interface ShareLockTarget {
  /** Name of the share. @default the connection's `share` */
  share?: string | undefined;
  /** "" means the share where the connection has a path. @default the connection's `path` */
  path?: "" | undefined;
  /** Time of a snapshot of the share, to lock that instead. */
  snapshot?: string | undefined;
}

/** Names the file of a lock. It is made if missing, and is for the lock alone: each beat of its holder changes it. */
export interface FileLockTarget {
  /** Name of the share. @default the connection's `share` */
  share?: string | undefined;
  /** Path of the lock's file; its directory must be there. */
  path: string;
  /** Files in snapshots have no leases. */
  snapshot?: undefined;
}

/** How long and how patiently to wait. */
export interface LockOptions {
  /** Milliseconds to wait for others at most; 0 tries once. Then a `LockError` `timeout`. @default Infinity */
  timeout?: number | undefined;
  /** Ends the waiting, and afterwards the lock: the work's signal aborts with the same reason. */
  signal?: AbortSignal | undefined;
  /** Milliseconds between looks at a lock that others hold, from 10; half to one and a half times that, so that waiters do not come together. @default 1000 */
  poll?: number | undefined;
}

/** How to lock a share. */
export interface ShareLockOptions extends LockOptions {
  /**
   * Seconds that the lease lasts, from 15 to 60. It is renewed at a third of them; if its holder crashes, the lock is free after them.
   *
   * The default is the longest: a network that is away for half a minute then costs nobody his lock.
   *
   * @default 60
   */
  duration?: number | undefined;
}

/** How to lock by a file. */
export interface FileLockOptions extends LockOptions {
  /**
   * Milliseconds without a sign of life after which the holder's lock may be taken over, from 5,000 to 86,400,000. The holder gives a sign
   * at a third of them, and stops on its own at nine tenths. Where holder and waiter say different numbers, the larger one counts.
   *
   * @default 60000
   */
  staleAfter?: number | undefined;
  /** Who holds the lock, for people who look at it; up to 200 characters. @default "" */
  owner?: string | undefined;
}

/** A lock that is held. Give it to calls as `lock`, and they end when it is lost. */
export interface Lock extends HeldLock {
  /** Aborts before anybody else can have the lock: with a `LockError`, or with the reason of the option `signal`. */
  readonly signal: AbortSignal;
}

/** A lock by a file. */
export interface FileLock extends Lock {
  /**
   * A number that grows with each holder of this lock. Write it with what you change, and refuse what comes with a smaller one: that is the
   * late work of a holder who was held up and does not know yet that it lost the lock.
   */
  readonly fence: number;
}
