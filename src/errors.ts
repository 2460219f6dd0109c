/**
 * What can go wrong once a request is valid: the service refused, the network failed, or the bytes are not what they should be.
 *
 * Wrong arguments are `TypeError` and `RangeError`, thrown before the network. Aborts reject with the caller's own reason.
 * No error carries a secret: URLs, headers, messages and causes pass through `redact.ts`.
 */
import { redactCause, redactHeaders, redactText, redactUrl } from "./redact.js";
import type { ErrorCode } from "./types/error-codes.js";
import type { OperationName, WireRequest } from "./types/requests.js";

/** One try of a call, as `error.attempts` lists them. */
export interface Attempt {
  /** When the try began, milliseconds since 1970. */
  readonly startedAt: number;
  /** How long it took, in milliseconds. */
  readonly duration: number;
  /** The status of the answer; absent where none came. */
  readonly status?: number | undefined;
  /** The service's error code, or the reason of a `TransportError` or `IntegrityError`. */
  readonly code?: string | undefined;
}

/** The request an error is about, without its secrets. */
export interface FailedRequest {
  readonly method: string;
  /** The URL with `sig` redacted. */
  readonly url: string;
  /** Headers by lower-case name, `authorization` redacted. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Facts about an error that are known where it is made. */
export interface ErrorFacts {
  /** The request of the last try. */
  readonly request?: WireRequest | undefined;
  readonly cause?: unknown;
  /** Milliseconds until trying again makes sense, for a `TransportError` of reason `circuit-open`. */
  readonly retryAfter?: number | undefined;
}

/** The base of all errors of this package: what was asked, and what each try met. */
export class AzureFilesError extends Error {
  /** The FileREST operation that failed; absent where the error is about no single request. */
  readonly operation: OperationName | undefined;
  /** The request of the last try, without secrets. */
  readonly request: FailedRequest | undefined;
  /** Each try of the call, the last one last. */
  attempts: readonly Attempt[] = [];
  /** For a transfer: what had been written or read when it failed, in plain JSON. */
  transfer?: unknown;

  constructor(message: string, { request, cause }: ErrorFacts = {}) {
    const tried = request ? `${request.operation} failed: ${message} (attempt ${request.attempt})` : message;
    super(redactText(tried), cause === undefined ? undefined : { cause: redactCause(cause) });
    this.name = "AzureFilesError";
    this.operation = request?.operation;
    this.request = request && { method: request.method, url: redactUrl(request.url), headers: redactHeaders(request.headers) };
  }
}

/** What a refusal of the service said besides its message. */
export type Refusal = Pick<ServiceError, "status" | "code" | "requestId" | "retryAfter" | "details">;

/**
 * The service answered, and the answer is no.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/file-service-error-codes
 */
export class ServiceError extends AzureFilesError {
  /** The HTTP status. */
  declare readonly status: number;
  /** The service's error code; `"Unknown"` where neither header nor body tell one (a proxy's answer, or a page that may not see the header). */
  declare readonly code: ErrorCode | (string & {});
  /** The service's id of the request, for Microsoft's support. */
  declare readonly requestId: string | undefined;
  /** Milliseconds after which the service asks to try again; absent where it does not say. */
  declare readonly retryAfter: number | undefined;
  /** Further elements of the error body by name, such as `HeaderName` or `AuthenticationErrorDetail`. */
  declare readonly details: Readonly<Record<string, string>>;

  constructor(message: string, refusal: Refusal, facts: ErrorFacts = {}) {
    const { status, code, requestId } = refusal;
    super(`${status} ${code} - ${message}${requestId ? ` (request ${requestId})` : ""}`, facts);
    Object.assign(this, refusal, { name: "ServiceError", details: redactHeaders(refusal.details) });
  }
}

/**
 * Why no usable answer came. `network`: no connection, or it broke, or in a page the CORS rule forbids the request; `timeout`: no first
 * byte of an answer in time, or the overall time is up; `stalled`: a body stopped coming; `truncated`: a body ended before its length;
 * `redirect`: the answer points elsewhere, where credentials must not follow; `certificate`: who answers cannot prove to be who was asked,
 * where the engine tells (Node's HTTP client does; for `fetch` it is `network`); `circuit-open`: nothing was sent, because the service or
 * the way to it failed too often just before.
 */
export type TransportReason = "network" | "timeout" | "stalled" | "truncated" | "redirect" | "certificate" | "circuit-open";

/** No answer came, or it did not come whole. */
export class TransportError extends AzureFilesError {
  readonly reason: TransportReason;
  /** Milliseconds until a call will be let through again; with `circuit-open` only. */
  readonly retryAfter: number | undefined;

  constructor(reason: TransportReason, message: string, facts: ErrorFacts = {}) {
    super(message, facts);
    this.name = "TransportError";
    this.reason = reason;
    this.retryAfter = facts.retryAfter;
  }
}

/**
 * Why bytes cannot be trusted. `length`: more or fewer than promised; `offset`: the service answered with another range than asked for;
 * `changed`: the file changed while it was read; `source`: the source of an upload held more or fewer bytes than said; `encoding`: the
 * runtime decoded a stored `Content-Encoding` on the way; `checksum`: bytes do not fit the sum that came with them; `resume`: what is there is not what the source
 * would continue; `exists`: there is a file already that shall not be overwritten; `unfinished`: the upload of
 * the file has not ended; `listing`: a page of a listing does not lead on.
 */
export type IntegrityReason =
  | "length"
  | "offset"
  | "changed"
  | "source"
  | "encoding"
  | "checksum"
  | "resume"
  | "exists"
  | "unfinished"
  | "listing";

/** The bytes are not what they should be. */
export class IntegrityError extends AzureFilesError {
  readonly reason: IntegrityReason;

  constructor(reason: IntegrityReason, message: string, facts: ErrorFacts = {}) {
    super(message, facts);
    this.name = "IntegrityError";
    this.reason = reason;
  }
}

/**
 * Why there is no lock, or no more. `lost`: it was taken away, or could not be kept alive and may be somebody else's soon; `released`: it
 * was given back; `timeout`: others held it for as long as one was willing to wait.
 */
export type LockReason = "lost" | "released" | "timeout";

/** A lock is not held: what signals of locks abort with, and what waiting for one ends with. */
export class LockError extends AzureFilesError {
  readonly reason: LockReason;

  constructor(reason: LockReason, message: string, facts: ErrorFacts = {}) {
    super(message, facts);
    this.name = "LockError";
    this.reason = reason;
  }
}

/** Compares the name and not the class, so that an error of another realm or a second copy of the package is known too. */
const isNamed = (error: unknown, names: RegExp, reason?: string): boolean => {
  const { name, attempts, code, reason: given } = (error ?? {}) as Partial<ServiceError & TransportError>;
  return names.test(name ?? "") && attempts !== undefined && (reason === undefined || reason === (code ?? given));
};

/** Whether this package threw it, in this realm or another. */
export function isAzureFilesError(error: unknown): error is AzureFilesError {
  return isNamed(error, /^(AzureFiles|Service|Transport|Integrity|Lock)Error$/);
}

/** Whether the service refused, with this error code where one is given. */
export function isServiceError<Code extends ErrorCode>(error: unknown, code?: Code): error is ServiceError & { readonly code: Code } {
  return isNamed(error, /^ServiceError$/, code);
}

/** Whether no usable answer came, for this reason where one is given. */
export function isTransportError(error: unknown, reason?: TransportReason): error is TransportError {
  return isNamed(error, /^TransportError$/, reason);
}

/** Whether bytes could not be trusted, for this reason where one is given. */
export function isIntegrityError(error: unknown, reason?: IntegrityReason): error is IntegrityError {
  return isNamed(error, /^IntegrityError$/, reason);
}

/** Whether a lock is not held, for this reason where one is given. */
export function isLockError(error: unknown, reason?: LockReason): error is LockError {
  return isNamed(error, /^LockError$/, reason);
}

/**
 * Whether the same request may succeed later: the network failed, a body broke off or was garbled on its way, the service was busy (408,
 * 429, 5xx), or the circuit is open.
 *
 * It says nothing about whether repeating does harm; the client decides that for each operation.
 */
export function isRetryable(error: unknown): boolean {
  if (isIntegrityError(error, "checksum")) return true;
  if (!isServiceError(error)) return isTransportError(error) && !/redirect|certificate/.test(error.reason);
  const { status, code } = error as ServiceError;
  return status >= 500
    ? status !== 501 && status !== 505
    : status === 408 || status === 429 || code === "Md5Mismatch" || code === "Crc64Mismatch";
}

/** Milliseconds to wait before the next try, as the service or an open circuit says, or undefined where neither does. */
export function retryAfter(error: unknown): number | undefined {
  return isServiceError(error) || isTransportError(error) ? (error as ServiceError | TransportError).retryAfter : undefined;
}
