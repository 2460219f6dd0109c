/**
 * When and after what wait a call is tried again: one policy for all operations and both transports.
 */
import { isRetryable, isServiceError, retryAfter, type ServiceError } from "../errors.js";
import type { Reply, Settings } from "../types/connection.js";
import type { WireHeaders } from "../types/responses.js";

/**
 * Milliseconds to wait before the next try, or undefined where there shall be none. A wait that the service asks for is kept; otherwise
 * it is a random part of a bound that doubles ("full jitter"), so that clients which failed together do not come back together.
 *
 * What is not idempotent is repeated only where the service turned it away without touching anything.
 */
export function waitBeforeRetry(error: unknown, attempt: number, idempotent: boolean, { retry, random }: Settings): number | undefined {
  const { status, code } = error as ServiceError;
  const untouched = isServiceError(error) && (status === 429 || code === "ServerBusy");
  if (attempt >= retry.attempts || !isRetryable(error) || !(idempotent || untouched)) return undefined;
  return Math.max(retryAfter(error) ?? 0, random() * Math.min(retry.maxDelay, retry.baseDelay * 2 ** (attempt - 1)));
}

/**
 * The headers of the answer to a request that ends something, or undefined where it found nothing to end because an earlier try of it did
 * the work and its answer was lost: then what was asked for is done.
 *
 * @param isGone Whether a refusal means that there is nothing to end. @default 404
 */
export async function unlessDoneBefore(
  reply: Promise<Reply<unknown>>,
  isGone: (error: ServiceError) => boolean = ({ status }) => status === 404,
): Promise<WireHeaders | undefined> {
  try {
    return (await reply).headers;
  } catch (error) {
    // A try that ended without an answer, or with one that says nothing of what was done.
    const before = isServiceError(error) && error.attempts.slice(0, -1).some((attempt) => (attempt.status ?? 500) >= 500);
    if (before && isGone(error)) return undefined;
    throw error;
  }
}
