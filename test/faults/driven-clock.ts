/**
 * Time that passes only while nothing else does: real sockets, and no waiting for clocks.
 *
 * The clock stands still as long as bytes are on their way or files are read; when all is quiet, it jumps to the next timer that is set. A
 * wait of two seconds is seen to be one of two seconds, and costs a millisecond.
 */
import type { Clock } from "azure-files";
import type { Loopback } from "./loopback.js";

/** A clock that jumps from timer to timer while `drive` waits for something. */
export interface DrivenClock extends Clock {
  /** Milliseconds since the clock was made. */
  readonly elapsed: number;
  /** Timers that are set: none may be left when everything is over. */
  readonly pending: number;
  /** Waits for work, and lets time pass whenever nothing moves. Rejects with a `Hang` where nothing ever will. */
  drive<T>(work: Promise<T>): Promise<T>;
  /** Waits until nothing moves any more. */
  settle(): Promise<void>;
}

/** Work that waits for nothing that could come: no byte moves, no timer is set. */
export class Hang extends Error {
  override readonly name = "Hang";
}

/** Real milliseconds without movement and without a timer after which work is taken to hang. */
const PATIENCE = 5_000;
/** Real milliseconds after which bytes that nobody fetches are taken to be held back by their reader. */
const HELD = 100;

/** Requests to the operating system that are under way: files, names, connections, keys. */
const isUnderWay = (): boolean => process.getActiveResourcesInfo().some((name) => /Req|Job|ConnectWrap|WriteWrap|ShutdownWrap/i.test(name));

/**
 * Makes a clock that stands still while bytes move.
 *
 * @param isBusy Whether anybody computes something of which neither sockets nor the system's requests tell, such as a signature.
 */
export function drivenClock(loopback: Loopback, isBusy: () => boolean): DrivenClock {
  const start = Date.parse("2026-01-01T00:00:00Z");
  const timers = new Map<number, { readonly at: number; readonly callback: () => void }>();
  let [now, last] = [start, 0];
  const turn = (): Promise<void> => new Promise((done) => setImmediate(done));
  const quiet = async (isOver: () => boolean): Promise<void> => {
    let [moved, since, turns] = [loopback.moved, performance.now(), 0];
    while (!isOver()) {
      await turn();
      const isStill = loopback.moved === moved && !isBusy() && !isUnderWay();
      if (!isStill) [moved, since, turns] = [loopback.moved, performance.now(), 0];
      else if (!loopback.isSettled) turns = 0;
      else if (++turns >= 6 && performance.now() - since > 1) return;
      if (performance.now() - since > HELD) return;
    }
  };
  return {
    now: () => now,
    setTimeout(callback, delay) {
      timers.set(++last, { at: now + delay, callback });
      return last;
    },
    clearTimeout: (handle) => void timers.delete(handle as number),
    get elapsed() {
      return now - start;
    },
    get pending() {
      return timers.size;
    },
    settle: () => quiet(() => false),
    async drive(work) {
      let isOver = false;
      const over = (): void => void (isOver = true);
      work.then(over, over);
      let idleSince: number | undefined;
      for (;;) {
        await quiet(() => isOver);
        if (isOver) return work;
        const [next] = [...timers].sort(([, a], [, b]) => a.at - b.at);
        if (next === undefined) {
          idleSince ??= performance.now();
          if (performance.now() - idleSince > PATIENCE) throw new Hang("nothing moves, and no timer is set");
          continue;
        }
        idleSince = undefined;
        const [handle, { at, callback }] = next;
        now = Math.max(now, at);
        timers.delete(handle);
        callback();
      }
    },
  };
}
