/**
 * When and after what wait a call is tried again: one policy for all operations and both transports.
 */
import { isRetryable, isServiceError, retryAfter } from "../errors.js";
import type { Settings } from "../config.js";
import type { Clock } from "../types/connection.js";

/** Whether the service turned the request away without touching anything, so that even a repeat that may do harm does none. */
function wasTurnedAway(error: unknown): boolean {
  return isServiceError(error) && ((error as { status: number }).status === 429 || (error as { code: string }).code === "ServerBusy");
}

/**
 * Milliseconds to wait before the next try, or undefined where there shall be none. A wait that the service asks for is kept; otherwise
 * it is a random part of a bound that doubles ("full jitter"), so that clients which failed together do not come back together.
 */
export function waitBeforeRetry(error: unknown, attempt: number, idempotent: boolean, settings: Settings): number | undefined {
  const { attempts, baseDelay, maxDelay } = settings.retry;
  if (attempt >= attempts || !isRetryable(error) || !(idempotent || wasTurnedAway(error))) return undefined;
  return Math.max(retryAfter(error) ?? 0, settings.random() * Math.min(maxDelay, baseDelay * 2 ** (attempt - 1)));
}

/** Waits; rejects with the signal's reason as soon as that is aborted. */
export function sleep(delay: number, signal: AbortSignal | undefined, clock: Clock): Promise<void> {
  return new Promise((done, reject) => {
    const onAbort = (): void => {
      clock.clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = clock.setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      done();
    }, delay);
    if (signal?.aborted) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
  });
}
