/** Time that passes as fast as nothing else is to be done, so that what waits for hours is over at once. */
import { turn, type VirtualClock, virtualClock } from "../virtual-clock.js";

/** Marks a function whose work takes real time, as signatures do, which are computed in threads: no virtual time passes meanwhile. */
export type Counted = <Given extends unknown[], T>(work: (...given: Given) => Promise<T>) => (...given: Given) => Promise<T>;

/** Runs work under a clock of its own; rejects where it can never end, because nothing is under way and no timer is set. */
export async function hurried<T>(work: (clock: VirtualClock, counted: Counted) => Promise<T>, most: number = 24 * 3_600_000): Promise<T> {
  const clock = virtualClock();
  const startedAt = clock.now();
  let [busy, isOver] = [0, false];
  const counted: Counted =
    (task) =>
    async (...given) => {
      busy++;
      return task(...given).finally(() => busy--);
    };
  const result = work(clock, counted).finally(() => (isOver = true));
  result.catch(() => undefined);
  for (let idle = 0; !isOver;) {
    for (let still = 0; still < 5 && !isOver; still = busy > 0 ? 0 : still + 1) await turn();
    const [next] = clock.pending;
    if (next === undefined) {
      if (++idle > 1000 && busy === 0) throw new Error("this call would never end: it waits for nothing");
      continue;
    }
    idle = 0;
    await clock.advance(next);
    if (clock.now() - startedAt > most)
      throw new Error(`this call has not ended after ${most} ms, with timers at ${clock.pending.join(", ")}`);
  }
  return result;
}
