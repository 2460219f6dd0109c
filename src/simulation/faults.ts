/**
 * Faults of networks and services, the same again for the same seed, around an emulator, a recording or the real service.
 *
 * What happens to a request follows from the seed, from what it asks for (method, path, query without a SAS, range) and from how often that was
 * asked before, and not from when it comes: requests at the same time meet the same faults in each run, whichever is first.
 */
import { redactUrl, shown } from "../redact.js";
import type { Clock, Middleware } from "../types/connection.js";
import type { OperationName } from "../types/requests.js";
import { pathOf, queryOf, SAS_WORDS } from "./asked.js";
import { checkNumbers } from "./checks.js";
import { halved } from "./halved-body.js";

/**
 * What can happen to a request. `loss`: it never arrives. `reset`: it arrives, and its answer is lost. `truncate`: half of the answer's body
 * comes, and then the end. `break`: half of it comes, and then the connection breaks. `stall`: half of it comes, and then nothing. `throttle`: 503
 * `ServerBusy` with Retry-After. `error`: 500. `expire`: 403 `AuthenticationFailed`, as of a token that ran out.
 */
export type FaultKind = "loss" | "reset" | "truncate" | "break" | "stall" | "throttle" | "error" | "expire";

/** What happens, and how often. */
export interface FaultOptions {
  /** Tells one course of things from another. Where names are random, inject what they are made of. @default 1 */
  readonly seed?: number | undefined;
  /** The share of requests that each kind happens to, from 0 to 1; together at most 1. @default none */
  readonly rates?: { readonly [kind in FaultKind]?: number | undefined } | undefined;
  /** What happens to the first requests, as they come, before the rates count; "none" lets one through. @default nothing */
  readonly script?: readonly (FaultKind | "none")[] | undefined;
  /** Milliseconds before each request goes on, or the least and the most. @default 0 */
  readonly latency?: number | readonly [number, number] | undefined;
  /** Seconds that a throttled request asks to wait. @default 1 */
  readonly retryAfter?: number | undefined;
  /** Which requests they happen to, by method and URL. @default all */
  readonly only?: ((request: { readonly method: string; readonly url: string }) => boolean) | undefined;
  /** Time, for tests. @default the system's */
  readonly clock?: Clock | undefined;
}

/** A fault that happened. */
export interface Fault {
  readonly kind: FaultKind;
  readonly method: string;
  /** Without secrets. */
  readonly url: string;
}

/** Faults to put around something. */
export interface Faults {
  /** Around the transport of a connection. */
  readonly middleware: Middleware;
  /** Around a fetch. @param inner The fetch; by default the global one. */
  fetch(inner?: (request: Request) => Promise<Response>): (input: Request | string | URL, init?: RequestInit) => Promise<Response>;
  /** What happened so far. */
  readonly happened: readonly Fault[];
}

const KINDS: readonly FaultKind[] = ["loss", "reset", "truncate", "break", "stall", "throttle", "error", "expire"];

/** Numbers from 0 up to 1, the same for the same text and seed (FNV-1a, then mulberry32). */
function chanceOf(seed: number, text: string): () => number {
  let state = (0x811c9dc5 ^ seed) | 0;
  for (let index = 0; index < text.length; index++) state = Math.imul(state ^ text.charCodeAt(index), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A request, as far as faults go by it. */
interface Asked {
  readonly method: string;
  readonly url: string;
  readonly signal: AbortSignal;
  /** Its `x-ms-range`, or `range`. */
  readonly range: string;
}

/** What it asks for, wherever the account is and whoever asks. */
function wordsOf({ method, url, range }: Asked): string {
  const address = new URL(url);
  return JSON.stringify([method, pathOf(address), ...queryOf(address, (name) => SAS_WORDS.has(name)), range]);
}

interface Answer {
  readonly status: number;
  readonly statusText?: string | undefined;
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>> | null;
}

const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (callback, delay) => setTimeout(callback, delay),
  clearTimeout: (handle) => clearTimeout(handle as Parameters<typeof clearTimeout>[0]),
};

/**
 * Makes faults.
 *
 * @throws RangeError for rates that are no share, or more than all together.
 * @example
 * const connection = connect({ endpoint, share, credential, fetch: faults({ seed: 7, rates: { break: 0.1 } }).fetch(emulator.fetch) });
 */
export function faults(options: FaultOptions = {}): Faults {
  const { seed = 1, rates = {}, script = [], latency = 0, retryAfter = 1, only = () => true, clock = systemClock } = options;
  const [least, most] = typeof latency === "number" ? [latency, latency] : latency;
  checkNumbers({ ...rates, latency: least, retryAfter });
  if (!Number.isFinite(seed)) throw new RangeError(`seed is ${shown(seed)}, but must be a number`);
  if (!(most >= least && most < Infinity)) throw new RangeError(`latency is from ${least} to ${shown(most)}, but must not fall, and end`);
  const sum = KINDS.reduce((all, kind) => all + (rates[kind] ?? 0), 0);
  if (sum > 1 + 1e-9) throw new RangeError(`the rates are ${sum} together, but must not be more than 1`);
  const unknown = [...Object.keys(rates), ...script].find((kind) => kind !== "none" && !KINDS.includes(kind as FaultKind));
  if (unknown !== undefined) throw new TypeError(`there is no fault ${shown(unknown)}; there are ${KINDS.join(", ")}`);
  const happened: Fault[] = [];
  const times = new Map<string, number>();
  let scripted = 0;

  /** What happens to a request, and after how many milliseconds. */
  const draw = (request: Asked): { readonly kind: FaultKind | undefined; readonly delay: number } => {
    const words = wordsOf(request);
    const time = (times.get(words) ?? 0) + 1;
    times.set(words, time);
    const chance = chanceOf(seed, `${time} ${words}`);
    const delay = least + chance() * (most - least);
    if (!only(request)) return { kind: undefined, delay };
    const said = script[scripted++];
    if (said !== undefined) return { kind: said === "none" ? undefined : said, delay };
    let at = chance();
    for (const kind of KINDS) {
      const rate = rates[kind] ?? 0;
      if (at < rate) return { kind, delay };
      at -= rate;
    }
    return { kind: undefined, delay };
  };

  const refused = ({ method }: Asked, status: number, code: string, more: Record<string, string> = {}): Answer => ({
    status,
    headers: new Headers({ "x-ms-error-code": code, "content-type": "application/xml", ...more }),
    body:
      method === "HEAD"
        ? null
        : new Blob([
            `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>A fault that was asked for.</Message></Error>`,
          ]).stream(),
  });

  const waited = async (delay: number, signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    if (delay <= 0) return;
    await new Promise<void>((done, fail) => {
      const onAbort = (): void => {
        clock.clearTimeout(timer);
        fail(signal.reason);
      };
      const timer = clock.setTimeout(() => {
        signal.removeEventListener("abort", onAbort);
        done();
      }, delay);
      signal.addEventListener("abort", onAbort, { once: true });
    });
  };

  /** Sends a request, or does not. @param lost What a request without an answer fails with. */
  const around = async (request: Asked, send: () => Promise<Answer>, lost: () => Error): Promise<Answer> => {
    const { kind, delay } = draw(request);
    await waited(delay, request.signal);
    if (kind === undefined) return send();
    happened.push({ kind, method: request.method, url: redactUrl(request.url) });
    if (kind === "loss") throw lost();
    if (kind === "throttle") return refused(request, 503, "ServerBusy", { "retry-after": String(retryAfter) });
    if (kind === "error") return refused(request, 500, "InternalError");
    if (kind === "expire") return refused(request, 403, "AuthenticationFailed");
    const answer = await send();
    if (kind === "reset") {
      answer.body?.cancel().catch(() => undefined);
      throw lost();
    }
    return { ...answer, body: answer.body && halved(answer.headers, answer.body, kind, lost, request.signal) };
  };

  return {
    happened,
    middleware: (next) => async (request) => {
      let given: unknown;
      const { method, url, signal, headers } = request;
      const answer = await around(
        { method, url, signal, range: headers["x-ms-range"] ?? headers["range"] ?? "" },
        async () => {
          const response = await next(request);
          const seen = new Headers();
          response.headers.forEach((value, name) => seen.append(name, value));
          given = response;
          return { status: response.status, headers: seen, body: response.body };
        },
        () => lostTry(request.operation),
      );
      const untouched = given as Answer | undefined;
      return untouched !== undefined && untouched.body === answer.body ? untouched : answer;
    },
    fetch:
      (inner = (request) => globalThis.fetch(request)) =>
      async (input, init) => {
        const request = input instanceof Request && init === undefined ? input : new Request(input, init);
        request.signal.throwIfAborted();
        let given: Response | undefined;
        const { method, url, signal } = request;
        const { body, ...said } = await around(
          { method, url, signal, range: request.headers.get("x-ms-range") ?? request.headers.get("range") ?? "" },
          async () => {
            given = await inner(request);
            const { status, statusText, headers } = given;
            return { status, statusText, headers, body: given.body };
          },
          () => new TypeError("fetch failed"),
        );
        return given !== undefined && given.body === body ? given : new Response(body, { ...said, statusText: said.statusText ?? "" });
      },
  };
}

/** What a transport of this package rejects with, by the names that its guards go by: no code is shared with the client. */
const lostTry = (operation: OperationName): Error =>
  Object.assign(new Error(`${operation} failed: no answer, as a fault that was asked for`), {
    name: "TransportError",
    reason: "network",
    operation,
    attempts: [],
  });
