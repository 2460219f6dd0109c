/**
 * Sends an operation: builds the wire request, tries it under the clocks, and reads the answer.
 *
 * The order, outermost first: the retry loop here, the credential, the caller's middleware, the transport. Each try is a new request
 * that the credential signs anew.
 */
import { SERVICE_VERSION, type Settings } from "../config.js";
import { type Attempt, isAzureFilesError, isServiceError, type ServiceError, TransportError } from "../errors.js";
import type { Credential, Operation, ReadContext, Reply, Send } from "../types/connection.js";
import type { WireRequest } from "../types/requests.js";
import type { WireHeaders, WireResponse } from "../types/responses.js";
import { urlOf } from "./address.js";
import { sizeOfBody } from "./bytes.js";
import { isFiltered, refusalOf } from "./refusal.js";
import { sleep, waitBeforeRetry } from "./retry.js";

/** The headers of an answer that was lost. */
const NO_HEADERS: WireHeaders = { get: () => null, forEach: () => undefined };

/** The slowest link that is no fault, in bytes a millisecond: 32 KiB/s. */
const SLOWEST = 32.768;

/** Everything that sending needs: settings, credential, and the middleware that ends in the transport. */
export interface Pipeline {
  readonly settings: Settings;
  readonly credential: Credential;
  /** The caller's middleware around the transport. */
  readonly transport: Send;
}

/**
 * Sends one operation until it succeeds, its tries are used up, or it fails for good.
 *
 * @throws ServiceError where the service refused, TransportError where no whole answer came; each with `attempts`. The reason of the
 * signal, untouched, after an abort. TypeError or RangeError for names and numbers that break the rules, before the network.
 */
export async function send<T>(pipeline: Pipeline, operation: Operation<T>): Promise<Reply<T>> {
  const { settings, credential } = pipeline;
  const { clock } = settings;
  const { signal } = operation;
  signal?.throwIfAborted();
  const template = wireRequest(settings, operation);
  const attempts: Attempt[] = [];
  const deadline = clock.now() + settings.timeouts.overall;
  let renewed = false;
  /** Whether an earlier try may have been carried out though its answer never came. */
  let uncertain = false;
  for (let number = 1; ; number++) {
    const startedAt = clock.now();
    const controller = new AbortController();
    const request: WireRequest = { ...template, attempt: number, signal: controller.signal };
    try {
      return await tryOnce(pipeline, operation, request, controller, deadline - startedAt);
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (!isAzureFilesError(error)) throw error;
      if (uncertain && isServiceError(error) && operation.alreadyDone?.some((code) => code === (error as ServiceError).code)) {
        return { status: (error as ServiceError).status, headers: NO_HEADERS, filtered: false, payload: undefined as T };
      }
      uncertain ||= !isServiceError(error) || (error as ServiceError).status >= 500;
      const { status, code, reason } = error as Partial<ServiceError & TransportError>;
      attempts.push({ startedAt, duration: clock.now() - startedAt, status, code: code ?? reason });
      error.attempts = attempts;
      let wait = waitBeforeRetry(error, number, operation.idempotent, settings);
      // A secret that ran out is replaced once; that is no fault of the network, so there is no wait.
      if (!renewed && isUnauthenticated(error) && credential.refused?.(request)) {
        renewed = true;
        wait = 0;
      }
      if (wait === undefined || clock.now() + wait >= deadline) throw error;
      await sleep(wait, signal, clock);
    }
  }
}

/** Whether the service could not tell who was asking. On a HEAD in a page the code may be hidden. */
function isUnauthenticated(error: unknown): boolean {
  if (!isServiceError(error)) return false;
  const { status, code } = error as ServiceError;
  return status === 401 || (status === 403 && (code === "AuthenticationFailed" || code === "Unknown"));
}

/** A wire request that is not yet a try. */
type Template = Omit<WireRequest, "attempt" | "signal">;

function wireRequest<T>(settings: Settings, operation: Operation<T>): Template {
  const headers: Record<string, string> = { "x-ms-version": SERVICE_VERSION, "x-ms-client-request-id": requestId(settings.random) };
  for (const [name, value] of Object.entries(operation.headers ?? {})) {
    if (value !== undefined) headers[name] = String(value);
  }
  const { method, body } = operation;
  return { operation: operation.operation, method, url: urlOf(settings.endpoint, operation.target, operation.query), headers, body };
}

/** A random UUID (RFC 9562, version 4). Not `crypto.randomUUID`, which insecure origins lack; it names a request and guards nothing. */
function requestId(random: () => number): string {
  return "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx".replace(/x/g, () => Math.floor(random() * 16).toString(16));
}

/** One try: rejects as soon as the signal or a clock says so, whatever the transport is still doing. */
function tryOnce<T>(pipeline: Pipeline, operation: Operation<T>, unsigned: WireRequest, controller: AbortController, left: number): Promise<Reply<T>> {
  const { clock, timeouts } = pipeline.settings;
  const { signal } = operation;
  const facts = { operation: operation.operation, request: unsigned };
  const firstByte = timeouts.firstByte + (operation.body === undefined ? 0 : sizeOfBody(operation.body) / SLOWEST);

  return new Promise((done, reject) => {
    const stop = (reason: unknown): void => {
      settle();
      reject(reason);
      controller.abort(reason);
    };
    const onAbort = (): void => stop(signal?.reason);
    const timer = clock.setTimeout(() => stop(new TransportError("timeout", `no answer within ${Math.round(firstByte)} ms`, facts)), firstByte);
    const overall =
      left === Infinity ? undefined : clock.setTimeout(() => stop(new TransportError("timeout", `the overall ${timeouts.overall} ms are up`, facts)), left);
    const settle = (): void => {
      clock.clearTimeout(timer);
      clock.clearTimeout(overall);
      signal?.removeEventListener("abort", onAbort);
    };
    let handedOn = false;
    const keepAlive = (): (() => void) => {
      handedOn = true;
      return settle;
    };
    const run = async (): Promise<Reply<T>> => {
      const request = await pipeline.credential.authorize(unsigned, clock);
      const response = await pipeline.transport(request);
      const context: ReadContext = { clock, request, idle: timeouts.idle, signal: controller.signal, keepAlive };
      if (!operation.success.includes(response.status)) throw await refusalOf(request, response, context);
      if (operation.read) clock.clearTimeout(timer);
      const payload = await (operation.read ?? drain)(response, context);
      return { status: response.status, headers: response.headers, filtered: isFiltered(response), payload: payload as T };
    };
    if (signal?.aborted) return onAbort();
    signal?.addEventListener("abort", onAbort);
    run().then(
      (reply) => {
        // A body that was handed on is still coming: the signal goes on to reach it, until it ends.
        if (!handedOn) settle();
        else clock.clearTimeout(overall);
        done(reply);
      },
      (error: unknown) => {
        settle();
        reject(error);
      },
    );
  });
}

/** Reads a body that nobody wants to its end, which is near, so that its connection is free again. */
async function drain({ body }: WireResponse): Promise<undefined> {
  const reader = body?.getReader();
  while (reader && !(await reader.read()).done);
}
