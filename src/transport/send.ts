/**
 * Sends an operation: builds the wire request, tries it under the clocks, and reads the answer.
 *
 * The order, outermost first: the retry loop here, the circuit breaker, the credential, the caller's middleware, the transport. Each try is
 * a new request that the credential signs anew.
 */
import { SERVICE_VERSION } from "../config.js";
import { type Attempt, isAzureFilesError, isServiceError, type ServiceError, TransportError } from "../errors.js";
import type { Operation, Reply, Send, Settings } from "../types/connection.js";
import type { WireRequest } from "../types/requests.js";
import type { WireResponse } from "../types/responses.js";
import type { CallWatch } from "../types/telemetry.js";
import { urlOf } from "./address.js";
import { SLOWEST } from "./body.js";
import { sizeOfBody } from "./bytes.js";
import type { CircuitBreaker } from "./circuit-breaker.js";
import { isFiltered, readStart, refusalOf } from "./refusal.js";
import { waitBeforeRetry } from "./retry.js";
import { LONGEST, within } from "./within.js";

/**
 * Sends one operation until it succeeds, its tries are used up, or it fails for good.
 *
 * @param transport The caller's middleware around the transport.
 * @throws ServiceError where the service refused, TransportError where no whole answer came or the circuit is open; each with `attempts`. The
 * reason of the signal, untouched, after an abort. TypeError or RangeError for names and numbers that break the rules, before the network.
 */
export async function send<T>(
  settings: Settings,
  transport: Send,
  asked: Operation<T>,
  breaker: CircuitBreaker | undefined,
): Promise<Reply<T>> {
  const operation = asked.target.lock?.guard(asked) ?? asked;
  operation.signal?.throwIfAborted();
  const template = wireRequest(settings, operation);
  const watch = settings.telemetry?.call(operation, template);
  const run = (): Promise<Reply<T>> => sendTries(settings, transport, operation, template, breaker, watch);
  return watch ? watch.over(run) : run();
}

/** A request without what is of one try. */
type Template = Omit<WireRequest, "attempt" | "signal">;

async function sendTries<T>(
  settings: Settings,
  transport: Send,
  operation: Operation<T>,
  template: Template,
  breaker: CircuitBreaker | undefined,
  watch: CallWatch | undefined,
): Promise<Reply<T>> {
  const { clock, credential, timeouts } = settings;
  const { signal } = operation;
  const attempts: Attempt[] = [];
  const deadline = clock.now() + timeouts.overall;
  let renewed = false;
  let first: number | undefined;
  for (let attempt = 1; ; attempt++) {
    const controller = new AbortController();
    const again = attempt === 1 ? undefined : operation.again?.();
    const headers = again ? { ...template.headers, ...again } : template.headers;
    const request: WireRequest = { ...template, headers, attempt, signal: controller.signal };
    const pass = breaker?.admit(operation.whenOpen) ?? (await breaker?.readmit(request, operation, deadline, attempts)) ?? 0;
    first ??= pass;
    const startedAt = clock.now();
    try {
      const run = (wire: WireRequest): Promise<Reply<T>> => tryOnce(settings, transport, operation, wire, deadline);
      const reply = await (watch ? watch.attempt(request, run) : run(request));
      breaker?.settle(pass, first);
      return reply;
    } catch (error) {
      // A caller that has waited enough says nothing of the service.
      breaker?.settle(pass, first, signal?.aborted || clock.now() >= deadline ? null : error);
      // Whatever ended the try, what is left of it shall end too.
      controller.abort(error);
      if (signal?.aborted || !isAzureFilesError(error)) throw error;
      const { status, code, reason } = error as Partial<ServiceError & TransportError>;
      attempts.push({ startedAt, duration: clock.now() - startedAt, status, code: code ?? reason });
      error.attempts = attempts;
      let wait = waitBeforeRetry(error, attempt, operation.idempotent, settings);
      // A secret that ran out is replaced once; that is no fault of the network, so there is no wait.
      if (!renewed && isUnauthenticated(error) && credential.refused?.(request)) {
        renewed = true;
        wait = 0;
      }
      // A wait of weeks, as of a clock that is wrong, is no wait.
      if (wait === undefined || wait > LONGEST || clock.now() + wait >= deadline) throw error;
      // What failed says more than that the circuit is open, which it would find after the wait.
      if (!operation.whenOpen && (breaker?.retryAt ?? 0) > clock.now() + wait) throw error;
      operation.onRetry?.(error);
      watch?.retry(error, wait);
      await within(clock, signal, wait);
    }
  }
}

/** Whether the service could not tell who was asking. On a HEAD in a page the code may be hidden. */
function isUnauthenticated(error: unknown): boolean {
  const { status, code } = error as ServiceError;
  return isServiceError(error) && (status === 401 || (status === 403 && /^(AuthenticationFailed|Unknown)$/.test(code)));
}

function wireRequest<T>(settings: Settings, operation: Operation<T>): Template {
  const headers: Record<string, string> = { "x-ms-version": SERVICE_VERSION };
  for (const [name, value] of Object.entries(operation.headers ?? {})) {
    if (value === undefined) continue;
    const text = String(value);
    // Engines would refuse it, cut it, or send bytes of their own choice.
    if (/[^\t\x20-\x7e]/.test(text)) throw new TypeError(`${name} must be printable ASCII; encode it first`);
    headers[name] = text;
  }
  const { method, body } = operation;
  return { operation: operation.operation, method, url: urlOf(settings.endpoint, operation.target, operation.query), headers, body };
}

/** One try: rejects as soon as the signal or a clock says so, whatever the transport is still doing. */
function tryOnce<T>(
  settings: Settings,
  transport: Send,
  operation: Operation<T>,
  request: WireRequest,
  deadline: number,
): Promise<Reply<T>> {
  const { clock, timeouts, credential } = settings;
  const left = deadline - clock.now();
  const firstByte = timeouts.firstByte + (request.body ? sizeOfBody(request.body) / SLOWEST : 0);
  const late = (): TransportError => {
    const why = clock.now() >= deadline ? `the overall ${timeouts.overall} ms are up` : `no answer within ${Math.round(firstByte)} ms`;
    return new TransportError("timeout", why, { request });
  };
  return within(clock, operation.signal, Math.min(left, firstByte), late, async (extend) => {
    const authorized = await credential.authorize(request, clock);
    // Given up meanwhile, it is not sent: to sign takes an engine a while, and to fetch a token a long one.
    request.signal.throwIfAborted();
    const response = await transport(authorized);
    const { status, headers } = response;
    const context = { clock, request, idle: timeouts.idle, caller: operation.signal };
    if (!operation.success.includes(status)) throw await refusalOf(authorized, response, clock);
    // What is read has a clock of its own, for its silences.
    if (operation.read) extend(deadline - clock.now());
    const payload = operation.read ? await operation.read(response, context) : await drained(response);
    return { attempt: request.attempt, status, headers, filtered: isFiltered(response), payload: payload as T };
  });
}

/** Reads a body that nobody wants to its end, which is near, so that its connection is free again. */
const drained = async (response: WireResponse): Promise<void> => void (await readStart(response));
