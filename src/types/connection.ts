/**
 * What an operation needs from a connection, and a connection from its parts. Types only: this file compiles to nothing.
 */
import type { Method, OperationName, QueryName, RequestHeaderName, WireBody, WireRequest } from "./requests.js";
import type { WireHeaders, WireResponse } from "./responses.js";
import type { Emitter, TransferFacts } from "./telemetry.js";

/** Sends one wire request and resolves with the answer, whatever its status; rejects when there is none. */
export type Send = (request: WireRequest) => Promise<WireResponse>;

/** Wraps the sending of each try: to change the request, look at the answer, record, delay or fail. */
export type Middleware = (next: Send) => Send;

/** Time as the client sees it, so that tests can drive it. */
export interface Clock {
  /** Milliseconds since 1970, as `Date.now()`. */
  now(): number;
  /** Calls back once after `delay` milliseconds; returns a handle for `clearTimeout`. */
  setTimeout(callback: () => void, delay: number): unknown;
  /** Forgets a callback. */
  clearTimeout(handle: unknown): void;
}

/** What a credential says itself of what it is good for. */
export interface Allowed {
  /** The letters of the permissions (`sp`); undefined where a stored policy has them. */
  readonly letters: string | undefined;
  /** Whether it is good for a single file only. */
  readonly isFile: boolean;
}

/** Proves to the service who is calling. Made by `sharedKey()`, `sas()`, `bearer()` and `anonymous()`. */
export interface Credential {
  readonly kind: "sharedKey" | "sas" | "bearer" | "anonymous";
  /** Returns the request with its proof; called anew for each try. */
  authorize(request: WireRequest, clock: Clock): WireRequest | Promise<WireRequest>;
  /**
   * Told that the service refused a request as not authentic. Answers true where the next `authorize` will bring a newer secret,
   * so that one more try makes sense.
   */
  refused?(request: WireRequest): boolean;
  /** What can be told beforehand of what it is good for. */
  allows?(clock: Clock): Allowed | Promise<Allowed>;
}

/** Where an operation points: the service itself, a share, or a directory or file in it. */
export interface Target {
  /** Name of the share; absent for the service itself. */
  readonly share?: string | undefined;
  /** Path in the share, "/" between components; "" or absent for the share itself or its root directory. */
  readonly path?: string | undefined;
  /** What the call is made under. */
  readonly lock?: HeldLock | undefined;
}

/** What a lock is on: a share, a snapshot of a share, or a file. */
export interface LockedResource {
  readonly share: string;
  /** Path of the file; "" for a share or snapshot. */
  readonly path: string;
  /** Time of the snapshot. */
  readonly snapshot?: string | undefined;
}

/**
 * A lock or a lease that calls can be made under, by the option `lock`: what `leases.withLock` and `leases.acquire` give. The calls end when
 * it ends, and where they are about the very thing that is leased, they say its id.
 */
export interface HeldLock {
  /** Id of the lease. */
  readonly leaseId: string;
  /** Aborts when the lease is over, or may be: with a `LockError`, or with the reason of the signal that was given for it. */
  readonly signal: AbortSignal;
  /** What it is on. */
  readonly resource: LockedResource;
  /** Puts an operation under the lock; called for each one that is given it. Throws the reason of the signal where the lock is lost. */
  guard<T>(operation: Operation<T>): Operation<T>;
  /** The same for a request that takes many operations, such as an upload. */
  cover<Request extends LockableRequest>(connection: Connection, request: Request): Request;
}

/** What `cover` changes in a request. */
export interface LockableRequest extends RequestOptions {
  path?: string | undefined;
  snapshot?: string | undefined;
  leaseId?: string | undefined;
}

/** Reads the body of a successful answer inside its try, so that a body that breaks off is tried again. */
export type BodyReader<T> = (response: WireResponse, context: ReadContext) => Promise<T>;

/** What a body reader is given besides the answer. */
export interface ReadContext {
  readonly clock: Clock;
  /** The request that is answered; its signal aborts when the try ends without success. */
  readonly request: WireRequest;
  /** Milliseconds without a byte after which a body counts as stalled. */
  readonly idle: number;
  /** The caller's own signal: for readers that hand the body on, which outlives the call. */
  readonly caller: AbortSignal | undefined;
}

/** One operation as its function states it: a single literal. */
export interface Operation<T> {
  readonly operation: OperationName;
  readonly method: Method;
  readonly target: Target;
  readonly query?: { readonly [name in QueryName]?: string | number | undefined } | undefined;
  readonly headers?: { readonly [name in RequestHeaderName]?: string | number | boolean | undefined } | undefined;
  readonly body?: WireBody | undefined;
  /** Status codes that mean success. */
  readonly success: readonly number[];
  /**
   * Whether a second try after an unknown end does no harm, and reports the truth or is put right by the operation's function. Otherwise it
   * is repeated only where the service turned it away without touching anything.
   */
  readonly idempotent: boolean;
  /** Reads the body; without it the body is thrown away. */
  readonly read?: BodyReader<T> | undefined;
  /** Headers that a repeated try has in place of the first one's: a read that broke off goes on where it stood. */
  readonly again?: (() => { readonly [name in RequestHeaderName]?: string }) | undefined;
  /** Told of each try that failed and is repeated, before the wait. */
  readonly onRetry?: ((error: unknown) => void) | undefined;
  /**
   * What to do while the circuit is open: `fail` at once; `wait` until it may be tried again, as parts of transfers do; `pass` all the same,
   * one at a time, as signs of life of a lock do, for which later is too late.
   *
   * @default "fail"
   */
  readonly whenOpen?: "fail" | "wait" | "pass" | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The transfer that it is part of, for telemetry. */
  readonly transfer?: TransferFacts | undefined;
}

/** The answer to an operation. */
export interface Reply<T> {
  /** Which try it answers, from 1. */
  readonly attempt: number;
  readonly status: number;
  readonly headers: WireHeaders;
  /** Whether a page sees the headers through a CORS rule: what it does not see may be there all the same. */
  readonly filtered: boolean;
  readonly payload: T;
}

/** The options of a connection with all defaults filled in. */
export interface Settings {
  /** URL of the service, without query. */
  readonly endpoint: string;
  readonly credential: Credential;
  /** Share of requests that name none. */
  readonly share?: string | undefined;
  /** Path of requests that name none. */
  readonly path?: string | undefined;
  readonly fetch?: ((request: Request, init?: RequestInit) => Promise<Response>) | undefined;
  readonly transport: "auto" | "fetch" | "node";
  readonly middleware: readonly Middleware[];
  /** Tries, and the bounds of the waits between them, in milliseconds. */
  readonly retry: { readonly attempts: number; readonly baseDelay: number; readonly maxDelay: number };
  /** Patience, in milliseconds. */
  readonly timeouts: { readonly firstByte: number; readonly idle: number; readonly overall: number };
  /** When the circuit opens, for how many milliseconds, and what closes it; false for none. */
  readonly circuitBreaker: { readonly failures: number; readonly openFor: number; readonly successes: number } | false;
  readonly clock: Clock;
  readonly random: () => number;
  /** Value of `x-ms-allow-trailing-dot` on every operation that knows it. */
  readonly allowTrailingDot: boolean;
  /** Tells those who listen; undefined where nobody does. */
  readonly telemetry?: Emitter | undefined;
}

/** `closed`: calls go through; `open`: they fail at once; `half-open`: a few go through, to see whether the service is well again. */
export type CircuitState = "closed" | "open" | "half-open";

/** A change of a circuit. */
export interface CircuitChange {
  readonly state: CircuitState;
  readonly previous: CircuitState;
  /** Milliseconds since 1970 at which a call will be let through again; undefined while there is room for one. */
  readonly retryAt: number | undefined;
  /** The failure that opened it last; undefined when it closes. */
  readonly cause: unknown;
}

/** What a connection's circuit breaker thinks of the service and of the way to it. */
export interface Circuit {
  /** It changes when a call comes or ends, and not by time alone: `open` means that nobody tried since `retryAt`. */
  readonly state: CircuitState;
  /** Milliseconds since 1970 at which a call will be let through again; undefined while there is room for one. */
  readonly retryAt: number | undefined;
  /** Calls back at each change, and returns a function that ends this. What the listener throws is lost. */
  onChange(listener: (change: CircuitChange) => void): () => void;
}

/**
 * A file service, how to reach it and how to prove who is calling; made by `connect()`, `fromConnectionString()` or `fromUrl()`. It is
 * frozen, holds no socket and needs no closing; secrets are out of sight inside its credential.
 */
export interface Connection extends Settings {
  /** The circuit breaker; undefined where it is off. Shared with the connections derived from this one that go the same way. */
  readonly circuit: Circuit | undefined;
  /** Sends one operation; the functions of `azure-files/files` and its neighbours are written with it. */
  send<T = undefined>(operation: Operation<T>): Promise<Reply<T>>;
}

/** Options that each request of an operation takes. */
export interface RequestOptions {
  /** Name of the share. @default the connection's `share` */
  share?: string | undefined;
  /** Aborts the call, which then rejects with the signal's reason, untouched. */
  signal?: AbortSignal | undefined;
  /**
   * A lock or lease that the call is made under: it rejects with the reason of its signal when that is lost. Its id is sent where the call
   * is about the leased file or share itself.
   */
  lock?: HeldLock | undefined;
}
