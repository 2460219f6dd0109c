/**
 * For how long a lease is known to be held, by the holder's own reckoning, which must end before the service's does.
 *
 * Time is counted from the moment before a request was sent, because the service may have begun to count at any moment after it. Timers
 * count it, which no change of the system's time moves; and the system's time besides, which goes on while a computer sleeps: whichever
 * says first that it is over is believed.
 */
import type { Clock } from "../types/connection.js";
import { LONGEST } from "../transport/within.js";

/** A request that would begin the time anew, if it succeeded. */
export interface Beginning {
  /** It did. */
  confirm(): void;
  /** It did not, or nobody knows. Does nothing after `confirm`. */
  cancel(): void;
}

/** The time of one lease. */
export interface Term {
  /** Aborts at the end, with what says why. */
  readonly signal: AbortSignal;
  /** To be called before a request that begins the time anew is sent. */
  begin(): Beginning;
  /** Ends it now. Only the first end counts. */
  end(reason: unknown): void;
  /** Throws the reason where it is over, also where no timer has had its turn to say so. */
  check(): void;
}

/** Made anew by each beginning that is confirmed. */
interface Stretch {
  readonly startedAt: number;
  timer: unknown;
  isOver: boolean;
}

/**
 * Makes one that nothing has begun.
 *
 * @param lasts Milliseconds from the moment before the request until its end; `Infinity` for a lease that does not run out.
 * @param over Makes what the signal aborts with when the time is up.
 */
export function termOf(clock: Clock, lasts: number, over: () => unknown): Term {
  const controller = new AbortController();
  const { signal } = controller;
  let current: Stretch | undefined;

  const end = (reason: unknown): void => {
    if (current) clock.clearTimeout(current.timer);
    controller.abort(reason);
  };
  const isLate = ({ isOver, startedAt }: Stretch): boolean => isOver || clock.now() - startedAt >= lasts;
  return {
    signal,
    begin() {
      const stretch: Stretch = { startedAt: clock.now(), timer: undefined, isOver: false };
      if (lasts <= LONGEST) {
        stretch.timer = clock.setTimeout(() => {
          stretch.isOver = true;
          if (current === stretch) end(over());
        }, lasts);
        // Watching shall keep no program running.
        (stretch.timer as { unref?: () => void } | undefined)?.unref?.();
      }
      return {
        confirm() {
          if (current) clock.clearTimeout(current.timer);
          current = stretch;
          if (signal.aborted) clock.clearTimeout(stretch.timer);
          else if (isLate(stretch)) end(over());
        },
        cancel: () => {
          if (current !== stretch) clock.clearTimeout(stretch.timer);
        },
      };
    },
    end,
    check() {
      if (!signal.aborted && current && isLate(current)) end(over());
      signal.throwIfAborted();
    },
  };
}
