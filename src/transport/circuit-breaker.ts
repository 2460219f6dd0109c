/**
 * The circuit breaker: stops a connection's calls for a while when its service or the way to it is broken, and lets a few through to see
 * whether it is well again. It counts and compares; it has no timer of its own.
 *
 * Closed, every try goes through; enough failures in a row open it. Open, none does until its time is up; then it is half-open, and lets
 * through as many tries as it wants successes. These close it, one failure opens it again.
 */
import { type Attempt, isAzureFilesError, isRetryable, isTransportError, type ServiceError, TransportError } from "../errors.js";
import type { Circuit, CircuitChange, CircuitState, Clock, Operation, Settings } from "../types/connection.js";
import type { WireRequest } from "../types/requests.js";
import { within } from "./within.js";

/** A circuit breaker as the retry loop sees it: each try is admitted first and settled in the end. */
export interface CircuitBreaker extends Circuit {
  /**
   * Lets a try through and gives its pass, a number above 0 that grows; undefined where it shall not be sent now. It never waits.
   */
  admit(whenOpen: Operation<unknown>["whenOpen"]): number | undefined;
  /**
   * Waits until a try is let through, where its operation waits for that; rejects otherwise, and where the circuit stays open beyond the
   * deadline, with a `TransportError` of reason `circuit-open`.
   */
  readmit(request: WireRequest, operation: Operation<unknown>, deadline: number, attempts: readonly Attempt[]): Promise<number>;
  /**
   * Takes notice of how a try ended.
   *
   * @param first The pass of the first try of the same call.
   * @param error What it failed with; undefined after a success, and null where its end says nothing of the service.
   */
  settle(pass: number, first: number, error?: unknown): void;
}

/** Calls that were under way together and fail within so many milliseconds fail of one cause. */
const TOGETHER = 1000;

/**
 * Whether an end speaks for the service (true) or against it (false), or says nothing. An answer of the 4xx kind is one of a service that is
 * well. One that is busy (429, 503 ServerBusy) is neither: to slow down is the transfers' business.
 */
function verdictOf(error: unknown): boolean | undefined {
  if (error === undefined) return true;
  // Comes from the caller's own code.
  if (!isAzureFilesError(error)) return undefined;
  const { status, code } = error as ServiceError;
  // An answer to HEAD has no body, and a page may not see the header: it is most likely a busy one, too.
  if (status === 429 || code === "ServerBusy" || (status === 503 && code === "Unknown" && error.request?.method === "HEAD"))
    return undefined;
  if (isTransportError(error)) return isRetryable(error) ? false : undefined;
  // Of whole answers, those that say that the service is broken. The other errors are about bytes.
  return !(status >= 500 && isRetryable(error));
}

/** Makes a breaker, closed. */
export function circuitBreaker(options: Exclude<Settings["circuitBreaker"], false>, clock: Clock): CircuitBreaker {
  const { failures, openFor, successes } = options;
  const listeners = new Set<(change: CircuitChange) => void>();
  /** Resolves with `wake`, for those who wait for the next change. */
  let changed: Promise<void> | undefined;
  let resolve: (() => void) | undefined;
  let state: CircuitState = "closed";
  /** The last pass that was given; and the last one of the state before, whose ends do not matter any more. */
  let [last, before] = [0, 0];
  /** Failures in a row; the first pass of the call that failed last, and when, and which passes had been given by then. */
  let [failed, countedOf, countedAt, countedAfter] = [0, 0, 0, 0];
  let [succeeded, probes, passing] = [0, 0, 0];
  /** When it opened, or let the last try through while half-open. */
  let heldAt = 0;
  let cause: unknown;

  const wake = (): void => {
    changed = undefined;
    resolve?.();
  };
  const hasRoom = (): boolean => state === "half-open" && probes + succeeded < successes;
  /** A clock that was set back does not keep it open. */
  const isUp = (now: number): boolean => now - heldAt >= openFor || now < heldAt;
  const retryAt = (): number | undefined => (state === "closed" || hasRoom() ? undefined : heldAt + openFor);
  const change = (to: CircuitState): void => {
    const previous = state;
    state = to;
    before = last;
    failed = succeeded = probes = passing = 0;
    heldAt = clock.now();
    wake();
    for (const listener of listeners) {
      try {
        listener({ state, previous, retryAt: retryAt(), cause: to === "closed" ? undefined : cause });
      } catch {
        // Whoever looks on must not make calls fail.
      }
    }
  };
  const breaker: CircuitBreaker = {
    get state() {
      return state;
    },
    get retryAt() {
      return retryAt();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    admit(whenOpen) {
      if (state === "closed") return ++last;
      // What cannot wait has a place of its own, one at a time, so that neither it nor the others are starved.
      if (whenOpen === "pass" && passing === 0) return (passing = ++last);
      const now = clock.now();
      // While half-open another one goes each time that is up, lest one that hangs should hold all others back.
      if (!hasRoom() && !isUp(now)) return undefined;
      if (state === "open") change("half-open");
      probes++;
      heldAt = now;
      return ++last;
    },
    async readmit(request, { whenOpen, signal }, deadline, attempts) {
      for (;;) {
        const now = clock.now();
        const left = (retryAt() ?? now) - now;
        if (whenOpen !== "wait" || now + left >= deadline) {
          const facts = { request, cause, retryAfter: left };
          throw Object.assign(new TransportError("circuit-open", `nothing was sent; try again in ${left} ms`, facts), { attempts });
        }
        const next = (changed ??= new Promise((done) => (resolve = done)));
        await within(clock, signal, left, undefined, () => next);
        const pass = breaker.admit(whenOpen);
        if (pass !== undefined) return pass;
      }
    },
    settle(pass, first, error) {
      if (pass <= before) return;
      const verdict = error === null ? undefined : verdictOf(error);
      if (verdict === false) cause = error;
      if (state === "closed") {
        if (verdict === true) failed = 0;
        if (verdict !== false) return;
        const now = clock.now();
        // Ranges of one download fail together when its network does: that is one sign and not many.
        if (first !== countedOf && first <= countedAfter && now - countedAt < TOGETHER) return;
        [countedOf, countedAt, countedAfter] = [first, now, last];
        if (++failed >= failures) change("open");
        return;
      }
      if (pass === passing) passing = 0;
      else probes--;
      // While open, one that was let through for its own sake does not put off the others' turn.
      if (verdict === false) return state === "half-open" ? change("open") : undefined;
      if (verdict === true) {
        if (state === "open") change("half-open");
        if (++succeeded >= successes) return change("closed");
      }
      wake();
    },
  };
  return breaker;
}
