/** Waits for work, a moment or a signal, whichever comes first. */
import type { Clock } from "../types/connection.js";

/** Longest delay that engines' timers know, in milliseconds; a longer one would fire at once. */
export const LONGEST: number = 2 ** 31 - 1;

/**
 * Settles with `work` once it does; or after `delay` milliseconds, by rejecting with `late()` or, without that, by resolving; or as soon
 * as the signal aborts, by rejecting with its reason. Leaves no timer and no listener behind.
 *
 * @param work Is given a function that replaces the moment by another one, counted from then.
 */
export function within<T>(
  clock: Clock,
  signal: AbortSignal | undefined,
  delay: number,
  late?: () => unknown,
  work?: (extend: (delay: number) => void) => Promise<T>,
): Promise<T> {
  return new Promise((done, fail) => {
    let timer: unknown;
    const settled = (): void => {
      clock.clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
    const onAbort = (): void => {
      settled();
      fail(signal?.reason);
    };
    const extend = (to: number): void => {
      clock.clearTimeout(timer);
      if (to > LONGEST) return;
      timer = clock.setTimeout(() => {
        settled();
        if (late) fail(late());
        else done(undefined as T);
      }, to);
    };
    if (signal?.aborted) return onAbort();
    signal?.addEventListener("abort", onAbort);
    extend(delay);
    work?.(extend).then(done, fail).finally(settled);
  });
}
