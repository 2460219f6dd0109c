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
/** Milliseconds of the processor after which work is taken to go round in circles. */
const ENDLESS = 60_000;
/** Real milliseconds, and turns of the event loop, after which bytes that nobody fetches are taken to be held back by their reader. */
const HELD = { milliseconds: 100, turns: 500 } as const;

/** Milliseconds that the processor has worked for this process: time that others take is no sign of anything. */
const worked = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

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
    const begun = worked();
    let [moved, since, turns, still] = [loopback.moved, performance.now(), 0, 0];
    while (!isOver()) {
      if (worked() - begun > ENDLESS) throw new Hang("something goes on and on");
      await turn();
      turns++;
      if (loopback.moved !== moved || isBusy() || isUnderWay()) {
        [moved, since, turns, still] = [loopback.moved, performance.now(), 0, 0];
        continue;
      }
      still = loopback.isSettled ? still + 1 : 0;
      const waited = performance.now() - since;
      if ((still >= 6 && waited > 1) || (turns > HELD.turns && waited > HELD.milliseconds)) return;
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
      const begun = worked();
      for (;;) {
        await quiet(() => isOver);
        if (isOver) return work;
        if (worked() - begun > ENDLESS) throw new Hang(`no end after ${now - start} ms`);
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
