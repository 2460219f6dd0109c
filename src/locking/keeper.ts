/** Keeps a lock alive while its holder works, and notices when it is lost. */
import { LockError } from "../errors.js";
import type { Term } from "../services/lease-term.js";
import { within } from "../transport/within.js";
import type { Connection, LockedResource } from "../types/connection.js";

/** A lock that was just taken, as the two kinds of locks give it to `withLock`. */
export interface Taken {
  readonly leaseId: string;
  readonly term: Term;
  /** Milliseconds between signs of life. */
  readonly every: number;
  /** Milliseconds before the first one. */
  readonly first: number;
  /** Gives one sign of life, in a request that is not repeated later by anybody. */
  renew(signal: AbortSignal): Promise<unknown>;
  /** Whether a failure of `renew` means that the lock is somebody else's, or nobody's. */
  isLost(error: unknown): boolean;
  /** Gives the lock back. */
  release(signal: AbortSignal): Promise<unknown>;
}

/** Runs work no longer than so many milliseconds, and ends it then. */
export async function bounded<T>(
  { clock }: Connection,
  signal: AbortSignal | undefined,
  most: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  try {
    return await within(
      clock,
      signal,
      most,
      () => new LockError("timeout", `no answer within ${Math.round(most)} ms`),
      () => work(controller.signal),
    );
  } catch (error) {
    controller.abort(error);
    throw error;
  }
}

/** A watch over a lock. */
export interface Keeper {
  /** Ends the watch. */
  stop(): void;
  /** Whether the lock was taken away; then there is nothing to give back. */
  readonly isTaken: boolean;
}

/**
 * Renews a lock until it is stopped or the lock is lost. A sign of life that fails is tried again soon, in time for several more before
 * the term ends.
 */
export function keep(connection: Connection, taken: Taken, lock: LockedResource): Keeper {
  const { clock, random } = connection;
  const { term, every } = taken;
  const stopping = new AbortController();
  const { signal } = stopping;
  let isTaken = false;
  term.signal.addEventListener("abort", () => stopping.abort(), { once: true, signal });

  const watch = async (): Promise<void> => {
    let wait = taken.first;
    while (!signal.aborted) {
      await within(clock, signal, wait);
      const beginning = term.begin();
      try {
        await bounded(connection, signal, every / 2, (ending) => taken.renew(ending));
        beginning.confirm();
        connection.telemetry?.({ type: "lock-renewed", lock });
        wait = every;
      } catch (error) {
        if (signal.aborted) return;
        if (taken.isLost(error)) {
          isTaken = true;
          return term.end(new LockError("lost", "the lock was taken away", { cause: error }));
        }
        wait = (random() * every) / 4;
      } finally {
        beginning.cancel();
      }
    }
  };
  // Ended by its own signal, which is no failure.
  void watch().catch(() => undefined);
  return {
    stop: () => stopping.abort(),
    get isTaken() {
      return isTaken;
    },
  };
}
