/**
 * When and after what wait a call is tried again: one policy for all operations and both transports.
 *
 * Each operation states what a second try does to it (`idempotent`). Most are repeated after any failure that passes. Those that end
 * something are too, and finding nothing after a try whose answer was lost, they have done it. Those that make or move something are too,
 * and refused after such a try, they look whether what is there is of their own making. The rest (snapshots, restoring, copies and their
 * ends) are repeated only where the service turned them away untouched: nothing that can be seen tells their work from another's.
 */
import { type AzureFilesError, isRetryable, isServiceError, isTransportError, retryAfter, type ServiceError } from "../errors.js";
import type { Settings } from "../types/connection.js";
import type { WireHeaders } from "../types/responses.js";
import { date } from "./headers.js";

/**
 * Milliseconds to wait before the next try, or undefined where there shall be none. A wait that the service asks for is kept; otherwise
 * it is a random part of a bound that doubles ("full jitter"), so that clients which failed together do not come back together.
 *
 * What is not idempotent is repeated only where the service turned it away without touching anything.
 */
export function waitBeforeRetry(error: unknown, attempt: number, idempotent: boolean, { retry, random }: Settings): number | undefined {
  const untouched = isServiceError(error) && isUntouched(error);
  if (attempt >= retry.attempts || !isRetryable(error) || !(idempotent || untouched)) return undefined;
  return Math.max(retryAfter(error) ?? 0, random() * Math.min(retry.maxDelay, retry.baseDelay * 2 ** (attempt - 1)));
}

/** Whether the service turned a try away before it did anything. */
const isUntouched = ({ status, code }: Pick<ServiceError, "status" | "code">): boolean => status === 429 || code === "ServerBusy";

/** Whether an earlier try may have done the work: it ended without an answer, or with one that says nothing of what was done. */
const isUnsure = ({ attempts }: AzureFilesError): boolean =>
  attempts.slice(0, -1).some(({ status = 500, code = "" }) => status >= 500 && !isUntouched({ status, code }));

/**
 * What a call that ends something resolves with; or undefined where it found nothing to end because an earlier try of it did the work and its
 * answer was lost: then what was asked for is done.
 *
 * @param isGone Whether a refusal means that there is nothing to end. @default 404
 */
export async function unlessDoneBefore<T>(
  call: Promise<T>,
  isGone: (error: ServiceError) => boolean = ({ status }) => status === 404,
): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isServiceError(error) && isUnsure(error) && isGone(error)) return undefined;
    throw error;
  }
}

/** Says whether the time of what is there lies within the call that asks, by the clock of the service whose answer that is. */
export type IsOfNow = (headers: WireHeaders, time: Date | undefined) => boolean;

/**
 * What a call that makes or moves something resolves with; or, where a repeated try of it was refused with one of these codes and an earlier
 * one may have done the work, what `look` makes of what is there.
 *
 * @param look Resolves to undefined where it is not of this call's making. Where it may not look, the call's own refusal stands.
 */
export async function reconciled<T>(
  { clock }: Pick<Settings, "clock">,
  call: Promise<T>,
  codes: RegExp,
  look: (isOfNow: IsOfNow) => Promise<T | undefined>,
): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!isServiceError(error) || !codes.test((error as ServiceError).code) || !isUnsure(error)) throw error;
    // The clocks of client and service are never compared. Times in answers are cut to seconds.
    const most = clock.now() - (error.attempts[0]?.startedAt ?? NaN) + 1000;
    const isOfNow: IsOfNow = (headers, time) => (date(headers, "date")?.getTime() ?? NaN) - (time?.getTime() ?? NaN) <= most;
    const found = await look(isOfNow).catch((second: unknown) => {
      if (isServiceError(second) || isTransportError(second)) return undefined;
      throw second;
    });
    if (found === undefined) throw error;
    return found;
  }
}
