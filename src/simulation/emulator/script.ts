/** What a test puts in place of the emulator's own answers, and the list of what was asked and answered. */
import type { OperationName } from "../../types/requests.js";
import { answer, failureReply } from "./answer.js";
import { corsHeaders } from "./cors.js";
import { Failure, type FailureCode } from "./failures.js";
import { operationNames, operations } from "./operations.js";
import { findOperation } from "./route.js";
import { parseTarget, type Target } from "./target.js";
import type { Service } from "./pipeline.js";

/** One request that was answered: what a test asserts on. It has no header and no query, so there is no secret in it. */
export interface AnsweredRequest {
  /** What was asked for; undefined for a preflight, and where the request names no operation. */
  readonly operation: OperationName | undefined;
  readonly method: string;
  /** Share and path, decoded, as in `inbox/film.mov`; empty at the account. */
  readonly path: string;
  /** `x-ms-range` or `Range` as sent, such as `bytes=0-4194303`. */
  readonly range: string | undefined;
  /** Status of the answer; 0 where the connection was lost on purpose. */
  readonly status: number;
  /** `x-ms-error-code` of the answer. */
  readonly code: string | undefined;
}

/** Codes that a test can ask for; the emulator itself is never busy and never late. */
export type ScriptedCode = FailureCode | "ServerBusy" | "OperationTimedOut";

/**
 * What answers in place of the emulator: an error code, or a function. `answer()` gives what the emulator itself would say, so that a
 * function can delay it, hold it back, look at it or change it. `Response.error()` loses the connection.
 */
export type ScriptedAnswer = ScriptedCode | ((request: Request, answer: () => Promise<Response>) => Response | Promise<Response>);

/** Which requests a scripted answer is for. */
export interface ScriptOptions {
  /** How many requests it answers; `Infinity` for all that come. @default 1 */
  readonly times?: number | undefined;
  /** Only requests for this share and path, decoded, as in `inbox/film.mov`. @default any */
  readonly path?: string | undefined;
  /** Adds `Retry-After`, in whole seconds, to the answer of a code. @default none */
  readonly retryAfter?: number | undefined;
}

/** Statuses and texts of codes that only a script produces. */
const scripted = {
  ServerBusy: [503, "The server is currently unable to receive requests. Please retry your request."],
  OperationTimedOut: [500, "Operation could not be completed within the specified time."],
} as const satisfies Record<Exclude<ScriptedCode, FailureCode>, readonly [number, string]>;

interface Entry {
  readonly operation: OperationName | "*";
  readonly how: ScriptedAnswer;
  readonly path: string | undefined;
  readonly retryAfter: number | undefined;
  left: number;
}

/** How many requests are listed at most; the oldest go first, so that a server that runs for days holds no more. */
const KEPT = 10_000;

/** A wrong argument as an error shows it: numbers and short names. What is longer may be a key that was put there by mistake. */
const named = (value: unknown): string => (/^[\w .*-]{0,40}$/.test(String(value)) ? String(value) : `a ${typeof value}`);

/** The answers that a test asked for, and the requests that came. */
export class Script {
  #entries: Entry[] = [];
  #requests: AnsweredRequest[] = [];

  /** Requests answered, the oldest first. */
  get requests(): readonly AnsweredRequest[] {
    return this.#requests;
  }

  /** Adds an answer, and returns what takes it back. Throws `TypeError` and `RangeError` for what can never come about. */
  add(operation: OperationName | "*", how: ScriptedAnswer, options: ScriptOptions): () => void {
    const { times = 1, path, retryAfter } = options;
    if (operation !== "*" && !(operation in operations))
      throw new TypeError(`operation must be the name of one or "*", not ${named(operation)}`);
    if (times !== Number.POSITIVE_INFINITY && !(Number.isInteger(times) && times > 0)) {
      throw new RangeError(`times must be a whole number from 1, or Infinity, not ${named(times)}`);
    }
    if (retryAfter !== undefined && !(Number.isInteger(retryAfter) && retryAfter >= 0)) {
      throw new RangeError(`retryAfter must be a whole number of seconds, not ${named(retryAfter)}`);
    }
    const entry: Entry = { operation, how, path, retryAfter, left: times };
    this.#entries.push(entry);
    return () => {
      this.#entries = this.#entries.filter((other) => other !== entry);
    };
  }

  /** Answers by the first entry that fits and has turns left; undefined where none does. `answer` is the emulator's own. */
  async respond(service: Service, request: Request, own: () => Promise<Response>): Promise<Response | undefined> {
    if (this.#entries.length === 0 || request.method === "OPTIONS") return undefined;
    const asked = read(request);
    const fits = ({ operation, path }: Entry): boolean =>
      (operation === "*" || operation === asked.operation) && (path === undefined || path === asked.path);
    const entry = this.#entries.find(fits);
    if (!entry) return undefined;
    if (--entry.left === 0) this.#entries = this.#entries.filter((other) => other !== entry);
    if (typeof entry.how === "string") return refusal(service, request, entry.how, entry.retryAfter);
    const response = await unlessAborted(request.signal, entry.how(request, own));
    return response.type === "error" ? response : readable(service, request, response);
  }

  /** Lists a request with its answer. */
  note(request: Request, response: Response): void {
    const { operation, path } = read(request);
    const { method, headers } = request;
    if (this.#requests.length >= KEPT) this.#requests = this.#requests.slice(KEPT / 10);
    this.#requests.push({
      operation,
      method,
      path,
      range: headers.get("x-ms-range") ?? headers.get("range") ?? undefined,
      status: response.status,
      code: response.headers.get("x-ms-error-code") ?? undefined,
    });
  }

  /** Forgets answers and requests. */
  clear(): void {
    this.#entries = [];
    this.#requests = [];
  }
}

/** What a request asks for, as far as it can be told. */
function read(request: Request): { operation: OperationName | undefined; path: string } {
  let target: Target;
  try {
    target = parseTarget(request.url);
  } catch {
    return { operation: undefined, path: new URL(request.url).pathname };
  }
  const path = [...(target.share === undefined ? [] : [target.share]), ...target.path].join("/");
  try {
    return { operation: operationNames.get(findOperation(request.method, request.headers, target)), path };
  } catch {
    return { operation: undefined, path };
  }
}

/** What a test's function answers, unless the caller leaves first: a function may wait for ever. */
function unlessAborted(signal: AbortSignal, response: Response | Promise<Response>): Promise<Response> {
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason);
    signal.addEventListener("abort", leave, { once: true });
    if (signal.aborted) leave();
    Promise.resolve(response)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", leave));
  });
}

/** The service's error document for a code, with all that comes with it. */
function refusal(service: Service, request: Request, code: ScriptedCode, retryAfter: number | undefined): Response {
  const context = {
    request,
    requestId: service.newRequestId(),
    version: request.headers.get("x-ms-version") ?? undefined,
    now: service.account.clock.now(),
    rules: service.rules,
  };
  const headers = retryAfter === undefined ? [] : [["Retry-After", String(retryAfter)] as const];
  if (code in scripted) {
    const [status, message] = scripted[code as keyof typeof scripted];
    return answer(failureReply({ code, status, message, headers, details: [] }, context), context);
  }
  const failure = new Failure(code as FailureCode, { headers });
  return answer(failureReply(failure, context), context, failure.frontEnd);
}

/** A test's own answer with the cross-origin headers that it forgot: without them a page cannot read even its status. */
function readable(service: Service, request: Request, response: Response): Response {
  if (response.headers.has("access-control-allow-origin")) return response;
  const added = corsHeaders(service.rules, request, [...response.headers]);
  if (added.length === 0) return response;
  const { status, statusText } = response;
  return new Response(response.body, {
    status,
    statusText,
    headers: [...response.headers, ...added].map(([name, value]) => [name, value]),
  });
}
