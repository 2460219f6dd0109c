/**
 * The options of a connection, their defaults and their rules. There is no second place for a default of the whole client.
 */
import { shown } from "./redact.js";
import type { Clock, Credential, Middleware, Settings } from "./types/connection.js";
import type { Telemetry } from "./types/telemetry.js";

/** How often and how patiently a call is tried again. */
export interface RetryOptions {
  /** Tries in all, the first included; from 1 to 100. @default 5 */
  attempts?: number | undefined;
  /** Milliseconds: upper bound of the first wait; each further one doubles it. The wait is a random part of it ("full jitter"). @default 500 */
  baseDelay?: number | undefined;
  /** Milliseconds: upper bound of any wait that the service did not ask for. @default 30000 */
  maxDelay?: number | undefined;
}

/** How long to wait for what, in milliseconds. */
export interface TimeoutOptions {
  /**
   * From the start of a try to the first byte of its answer. The time that a body needs at 32 KiB/s comes on top, so that a slow
   * link is no fault. @default 30000
   */
  firstByte?: number | undefined;
  /** Longest silence within the body of an answer. @default 30000 */
  idle?: number | undefined;
  /** A whole call with all its tries and waits (of a transfer: each of its requests). @default Infinity */
  overall?: number | undefined;
}

/** When calls are stopped because the service, or the way to it, is broken. */
export interface CircuitBreakerOptions {
  /**
   * Failures in a row that open the circuit, from 1 to 100: tries without a whole answer, and with one of 5xx other than 501, 505 and
   * ServerBusy. Any other answer begins anew. Calls that were under way together and fail within a second count once, so that a network
   * that drops all ranges of a download does not open it; the default is two calls with all their tries.
   *
   * @default 10
   */
  failures?: number | undefined;
  /** Milliseconds that it stays open before a call is let through. @default 10000 */
  openFor?: number | undefined;
  /** Successes that close it again, from 1 to 100; as many calls are let through at once to see. @default 2 */
  successes?: number | undefined;
}

/** What `connect` and `new AzureFilesClient` take. */
export interface ConnectionOptions {
  /**
   * URL of the file service: `https://myaccount.file.core.windows.net`, or with the account as first path segment, as emulators and
   * IP hosts have it: `http://127.0.0.1:10004/devstoreaccount1`. Without query; a SAS goes into `credential: sas(token)`.
   */
  endpoint: string | URL;
  /** Who is calling. @default anonymous() */
  credential?: Credential | undefined;
  /** Share of requests that name none. */
  share?: string | undefined;
  /** Path of requests that name none. */
  path?: string | undefined;
  /** Used instead of the global `fetch`, which is otherwise looked up at each request; `emulator.fetch` fits. */
  fetch?: ((request: Request, init?: RequestInit) => Promise<Response>) | undefined;
  /**
   * What carries requests. `node` is Node's own HTTP client: a quarter of the cost of Node's `fetch`, connections that stay open, stored
   * bytes as they are stored. `auto` takes it on Node itself where no `fetch` is given and the global one is not replaced by a test's
   * double; everywhere else it takes `fetch`.
   *
   * @default "auto"
   */
  transport?: "auto" | "fetch" | "node" | undefined;
  /** Wraps the sending of each try, the first one outermost; runs after the credential, so it sees what is really sent. @default [] */
  middleware?: readonly Middleware[] | undefined;
  /** Tries after failures that pass; `false` for one try only. */
  retry?: RetryOptions | false | undefined;
  /** Patience, in milliseconds. */
  timeouts?: TimeoutOptions | undefined;
  /** What it takes to stop calling for a while; `false` for never. */
  circuitBreaker?: CircuitBreakerOptions | false | undefined;
  /** Time, for tests. @default the system's */
  clock?: Clock | undefined;
  /** Randomness of waits and request ids, from 0 up to 1. @default Math.random */
  random?: (() => number) | undefined;
  /**
   * Whether dots at the end of names are kept (`a.` and `a` are two names) or cut off by the service, as it does unless told otherwise.
   * @default true
   */
  allowTrailingDot?: boolean | undefined;
  /**
   * Told of calls, their tries, transfers, locks and the breaker as they happen: `observe(logger())`. Nothing that it does can break a call.
   *
   * @default none, which costs nothing
   */
  telemetry?: Telemetry | undefined;
}

/** The service version that every request names, that of the OpenAPI definition this client follows. */
export const SERVICE_VERSION = "2026-10-06";

/** The most bytes that one Put Range carries. */
export const MAX_RANGE: number = 4 * 1024 * 1024;

/** Binds the globals at call time, so that fake timers which are installed later are seen. */
const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (callback, delay) => setTimeout(callback, delay),
  clearTimeout: (handle) => clearTimeout(handle as Parameters<typeof clearTimeout>[0]),
};

/**
 * Checks options and fills in the defaults, each of which stands here and nowhere else.
 *
 * @throws TypeError for an endpoint that is no http(s) URL or carries a query and for an unknown transport, RangeError for numbers outside
 * their limits.
 */
export function resolve(options: ConnectionOptions, anonymous: Credential): Settings {
  const settings: Settings = {
    credential: anonymous,
    middleware: [],
    transport: "auto",
    clock: systemClock,
    random: () => Math.random(),
    allowTrailingDot: true,
    ...said(options),
    // `connect` binds it to the clock.
    telemetry: undefined,
    endpoint: endpointOf(options.endpoint),
    retry: { attempts: 5, baseDelay: 500, maxDelay: 30_000, ...(options.retry === false ? { attempts: 1 } : said(options.retry)) },
    timeouts: { firstByte: 30_000, idle: 30_000, overall: Infinity, ...said(options.timeouts) },
    circuitBreaker: options.circuitBreaker !== false && { failures: 10, openFor: 10_000, successes: 2, ...said(options.circuitBreaker) },
  };
  if (!/^(auto|fetch|node)$/.test(settings.transport)) {
    throw new TypeError(`transport is ${shown(settings.transport)}, but must be "auto", "fetch" or "node"`);
  }
  if (options.telemetry && typeof options.telemetry.on !== "function") throw new TypeError("telemetry must come from observe()");
  for (const [name, value] of Object.entries({ ...settings.retry, ...settings.timeouts, ...settings.circuitBreaker })) {
    // Counts have names in the plural; all others are delays.
    if (name.endsWith("s")) between(name, value, 1, 100, true);
    else between(name, value, 0);
  }
  return settings;
}

/** The options that are said: `undefined` means that one is not. */
export const said = <T extends object>(options: T | undefined): { [name in keyof T]?: Exclude<T[name], undefined> } =>
  Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined)) as {
    [name in keyof T]?: Exclude<T[name], undefined>;
  };

/** A number within its limits; the error names the option, the value and the rule. */
export function between(name: string, value: number, least: number, most: number = Infinity, whole: boolean = false): number {
  if (typeof value !== "number" || !(value >= least && value <= most) || (whole && value % 1)) {
    throw new RangeError(`${name} is ${shown(value)}, but must be a ${whole ? "whole " : ""}number from ${least} to ${most}`);
  }
  return value;
}

function endpointOf(endpoint: string | URL): string {
  let url: Partial<URL> = {};
  try {
    url = new URL(endpoint);
  } catch {
    // Said below. Never echoed: what stands there may hold a SAS.
  }
  const { origin, protocol = "", pathname = "", search, hash, username } = url;
  if (!/^https?:$/.test(protocol) || search || hash || username) {
    throw new TypeError(
      "endpoint must be an http(s) URL without query or user; a SAS goes into credential: sas(token), a whole SAS URL into fromUrl()",
    );
  }
  return origin + pathname.replace(/\/+$/, "");
}
