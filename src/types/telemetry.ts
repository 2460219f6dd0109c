/**
 * What a connection tells those who listen to it. Types only: this file compiles to nothing.
 *
 * Each event is a plain object with the time and what happened. None carries a secret: addresses are those before a credential has its
 * turn, and errors are the ones that the caller gets.
 */
import type { Circuit, Clock, Connection, LockedResource, Operation, Reply, Target } from "./connection.js";
import type { Method, OperationName, WireRequest } from "./requests.js";

/** How something ended: `aborted` by the caller's signal, or because the transfer or lock that it was part of had ended. */
export type Outcome = "success" | "failure" | "aborted";

/** What a call asks for. All events of a call hold the same object, so calls that run side by side can be told apart by it. */
export interface CallFacts {
  /** Counts calls and transfers, from 1. */
  readonly id: number;
  readonly operation: OperationName;
  readonly method: Method;
  /** The whole URL, before a credential put anything into it. */
  readonly url: string;
  /** Name of the share; undefined for the service itself. */
  readonly share: string | undefined;
  /** Path in the share; undefined for the service itself, "" for the share or its root directory. */
  readonly path: string | undefined;
  /** The transfer that it is part of. */
  readonly transfer: TransferFacts | undefined;
}

/** A call goes out: its input keeps the rules. Each has one `call-ended`. */
export interface CallStarted {
  readonly type: "call-started";
  readonly call: CallFacts;
}

/** A try goes out, before the credential signs it. Each has one `attempt-ended`. */
export interface AttemptStarted {
  readonly type: "attempt-started";
  readonly call: CallFacts;
  /** Which try of the call this is, from 1. */
  readonly attempt: number;
  /** Adds a header to this try, such as `traceparent`; until the listener returns. Names that the request has already are left alone. */
  readonly addHeader: (name: string, value: string) => void;
}

/** What is known at the end of a try or a call. */
export interface Ending {
  readonly call: CallFacts;
  readonly outcome: Outcome;
  /** Milliseconds. */
  readonly duration: number;
  /** The HTTP status; undefined where no answer came. */
  readonly status: number | undefined;
  /** The service's error code, or the reason of a `TransportError` or `IntegrityError`; undefined after a success. */
  readonly code: string | undefined;
  /** The service's id of the request, where it told one. */
  readonly requestId: string | undefined;
  /** Bytes of the body that was sent, in one try. */
  readonly sent: number;
  /** Bytes of the answer's body, as its Content-Length says; undefined where it does not, or where there was no success. */
  readonly received: number | undefined;
  /** What went wrong: the very error that the caller gets, or the reason of the abort. */
  readonly error: unknown;
}

/** A try is over. */
export interface AttemptEnded extends Ending {
  readonly type: "attempt-ended";
  /** Which try of the call this was, from 1. */
  readonly attempt: number;
}

/** A try failed and another one follows. */
export interface Retrying {
  readonly type: "retry";
  readonly call: CallFacts;
  /** The try that failed. */
  readonly attempt: number;
  /** Milliseconds until the next one. */
  readonly wait: number;
  readonly error: unknown;
}

/** A call is over. */
export interface CallEnded extends Ending {
  readonly type: "call-ended";
  /** How many tries it took. */
  readonly attempts: number;
}

/** State of a circuit breaker: `closed` lets requests through, `open` does not, `half-open` tries some. */
export type BreakerState = "closed" | "open" | "half-open";

/** A circuit breaker changed its state. All connections that share it are told, whichever of them made the calls. */
export interface BreakerChanged {
  readonly type: "breaker";
  /** The service that it stands before. */
  readonly endpoint: string;
  readonly from: BreakerState;
  readonly to: BreakerState;
  /** When an open one lets a request through again, in milliseconds since 1970. */
  readonly retryAt?: number | undefined;
}

/** What a transfer does. All events of a transfer hold the same object. */
export interface TransferFacts {
  /** Counts calls and transfers, from 1. */
  readonly id: number;
  readonly kind: "upload" | "download";
  readonly share: string | undefined;
  readonly path: string;
}

/** A transfer begins. Each has one `transfer-ended`. */
export interface TransferStarted {
  readonly type: "transfer-started";
  readonly transfer: TransferFacts;
}

/** A transfer goes on. */
export interface TransferProgressed {
  readonly type: "transfer-progress";
  readonly transfer: TransferFacts;
  /** Bytes that the service has acknowledged, or that were handed out. */
  readonly transferred: number;
  /** Bytes in all; undefined while the length of a stream is not known. */
  readonly total: number | undefined;
}

/** A transfer is over. A download is when its last byte was handed out, or when it was cancelled. */
export interface TransferEnded {
  readonly type: "transfer-ended";
  readonly transfer: TransferFacts;
  readonly outcome: Outcome;
  /** Milliseconds. */
  readonly duration: number;
  readonly transferred: number;
  readonly error: unknown;
}

/** A lock was taken. Each has one `lock-released` or `lock-lost`. */
export interface LockAcquired {
  readonly type: "lock-acquired";
  readonly lock: LockedResource;
  /** Milliseconds that it was waited for. */
  readonly waited?: number | undefined;
  /** The number that grows with each holder. */
  readonly fence?: number | undefined;
}

/** A lock was renewed: its holder gave a sign of life. */
export interface LockRenewed {
  readonly type: "lock-renewed";
  readonly lock: LockedResource;
}

/** A lock was taken away, or could not be kept alive or given back, and then it is free after its time. */
export interface LockLost {
  readonly type: "lock-lost";
  readonly lock: LockedResource;
  readonly error: unknown;
}

/** A lock was given back. */
export interface LockReleased {
  readonly type: "lock-released";
  readonly lock: LockedResource;
}

/** What happens, without its time. */
export type TelemetryFact =
  | CallStarted
  | AttemptStarted
  | AttemptEnded
  | Retrying
  | CallEnded
  | BreakerChanged
  | TransferStarted
  | TransferProgressed
  | TransferEnded
  | LockAcquired
  | LockRenewed
  | LockLost
  | LockReleased;

/** What a listener is told: one of these things, and when, in milliseconds since 1970 by the connection's clock. */
export type TelemetryEvent = TelemetryFact & { readonly at: number };

/**
 * Told of each event at the moment it happens. What it throws, or rejects with, goes nowhere: nothing that listens can break or change a
 * call. Work that takes long belongs elsewhere, because calls go on when it returns.
 */
export type TelemetryListener = (event: TelemetryEvent) => void;

/** Listeners for a connection; made by `observe()`. */
export interface Telemetry {
  /** Binds them to the clock of a connection. */
  on(clock: Clock): Emitter;
}

/** Tells all listeners of one connection. Without listeners there is none, so `connection.telemetry?.({ … })` costs nothing there. */
export interface Emitter extends Telemetry {
  (fact: TelemetryFact): void;
  /** Tells that a call starts, and watches it. */
  call<T>(operation: Operation<T>, request: Pick<WireRequest, "method" | "url" | "body">): CallWatch;
  /** Tells that a transfer begins, and watches it. */
  transfer(kind: TransferFacts["kind"], target: Target, signal: AbortSignal | undefined): TransferWatch;
  /** Tells of the changes of a circuit. */
  circuit(endpoint: string, circuit: Circuit): void;
}

/** Watches one call and tells of it. */
export interface CallWatch {
  /** Tells of one try, sent by `run`, which is given the request with the headers that listeners added. */
  attempt<T>(request: WireRequest, run: (request: WireRequest) => Promise<Reply<T>>): Promise<Reply<T>>;
  /** Tells that a try follows after a wait. */
  retry(error: unknown, wait: number): void;
  /** Runs the call, and tells of its end. */
  over<T>(work: () => Promise<Reply<T>>): Promise<Reply<T>>;
}

/** Watches one transfer and tells of it. */
export interface TransferWatch {
  /** The connection for the calls that belong to the transfer. */
  through(connection: Connection): Connection;
  /** Tells how far it is. */
  progress(transferred: number, total: number | undefined): void;
  /** Tells of its end, once; a second one says nothing. Without a failure it was a success. */
  ended(failure?: { readonly error: unknown; readonly cancelled?: boolean | undefined }): void;
}
