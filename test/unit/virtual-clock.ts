/** Time that stands still until a test lets it pass. */
import type { Clock } from "../../src/types/connection.js";

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that a test drives. */
export interface VirtualClock extends Clock {
  /** Lets time pass, with each timer called at its moment and what follows from it done before the next. */
  advance(milliseconds: number): Promise<void>;
  /** Milliseconds until each timer that is set, the next one first. */
  readonly pending: readonly number[];
}

/** One turn of the event loop: everything that is ready is done. */
export const turn = (): Promise<void> => new Promise((done) => setImmediate(done));

/** Makes a clock that starts at the given time. */
export function virtualClock(start: string | number = "2026-01-01T00:00:00Z"): VirtualClock {
  const timers = new Map<number, Timer>();
  let now = new Date(start).getTime();
  let last = 0;
  const inOrder = (): [number, Timer][] => [...timers].sort(([, a], [, b]) => a.at - b.at);
  return {
    now: () => now,
    setTimeout(callback, delay) {
      if (!(delay >= 0 && delay < 2 ** 31)) throw new RangeError(`no engine has a timer of ${delay} ms`);
      timers.set(++last, { at: now + delay, callback });
      return last;
    },
    clearTimeout: (handle) => void timers.delete(handle as number),
    get pending() {
      return inOrder().map(([, { at }]) => at - now);
    },
    async advance(milliseconds) {
      const end = now + milliseconds;
      await turn();
      for (let next = inOrder()[0]; next && next[1].at <= end; next = inOrder()[0]) {
        const [handle, { at, callback }] = next;
        now = at;
        timers.delete(handle);
        callback();
        await turn();
      }
      now = end;
    },
  };
}
