/** Time that passes when a case says so. */
import type { Clock } from "azure-files";
import { until } from "./wire.js";

interface Timer {
  readonly at: number;
  readonly delay: number;
  readonly callback: () => void;
}

/** A clock that stands still until `pass` is called. */
export interface ManualClock extends Clock {
  /** Waits until somebody has set a timer of just this delay, and lets that much time pass. */
  pass(delay: number): Promise<void>;
  /** The delays of the timers that are set, in milliseconds. */
  readonly set: readonly number[];
}

/** Makes a clock that starts at the true time, because requests are dated by it. */
export function manualClock(): ManualClock {
  const timers = new Map<number, Timer>();
  let now = Date.now();
  let last = 0;
  const delays = (): number[] => [...timers.values()].map(({ delay }) => delay);
  return {
    now: () => now,
    setTimeout(callback, delay) {
      timers.set(++last, { at: now + delay, delay, callback });
      return last;
    },
    clearTimeout: (handle) => void timers.delete(handle as number),
    get set() {
      return delays();
    },
    async pass(delay) {
      await until(() => delays().includes(delay), `a timer of ${delay} ms (there are ${delays().join(", ")})`);
      now += delay;
      for (const [handle, { at, callback }] of [...timers].sort(([, a], [, b]) => a.at - b.at)) {
        if (at <= now && timers.delete(handle)) callback();
      }
    },
  };
}
