/** Time that passes as fast as nothing else is to be done, so that what waits for hours is over at once. */
import { type VirtualClock, virtualClock } from "../virtual-clock.js";

/** Runs work under a clock of its own; rejects where it can never end, because nothing is under way and no timer is set. */
export async function hurried<T>(work: (clock: VirtualClock) => Promise<T>, most: number = 24 * 3_600_000): Promise<T> {
  const clock = virtualClock();
  const startedAt = clock.now();
  let isOver = false;
  const result = work(clock).finally(() => (isOver = true));
  result.catch(() => undefined);
  // What is signed, or read from a stream, comes by the event loop and not by a timer.
  for (let idle = 0; !isOver;) {
    await new Promise((done) => setTimeout(done, 0));
    const [next] = clock.pending;
    if (next === undefined) {
      if (++idle > 1000) throw new Error("this call would never end: it waits for nothing");
      continue;
    }
    idle = 0;
    await clock.advance(next);
    if (clock.now() - startedAt > most)
      throw new Error(`this call has not ended after ${most} ms, with timers at ${clock.pending.join(", ")}`);
  }
  return result;
}
