/**
 * The client of Azure Files: connections, credentials, errors and their types.
 *
 * Operations as single functions are in `azure-files/account`, `/shares`, `/directories`, `/files`, `/leases` and `/streaming`; minting of SAS tokens in
 * `azure-files/sas`; the emulator in `azure-files/simulation`.
 */
export { anonymous } from "./auth/anonymous.js";
export { type AccessToken, bearer, type TokenSource } from "./auth/bearer.js";
export { explain } from "./auth/explain.js";
export { sas } from "./auth/sas.js";
export { canonicalizedHeaders, canonicalizedResource, sharedKey, type SharedKeyOptions, stringToSign } from "./auth/shared-key.js";
export { AzureFilesClient, type Bound, type BoundLeases } from "./client.js";
export type { CircuitBreakerOptions, ConnectionOptions, RetryOptions, TimeoutOptions } from "./config.js";
export { connect, type DerivedOptions, derive, fromConnectionString, fromUrl } from "./connect.js";
export {
  type Attempt,
  AzureFilesError,
  type ErrorFacts,
  type FailedRequest,
  IntegrityError,
  type IntegrityReason,
  isAzureFilesError,
  isIntegrityError,
  isLockError,
  isRetryable,
  isServiceError,
  isTransportError,
  LockError,
  type LockReason,
  type Refusal,
  retryAfter,
  ServiceError,
  TransportError,
  type TransportReason,
} from "./errors.js";
export { type LogLevel, type LogOptions, logger } from "./observability/log.js";
export { observe } from "./observability/observe.js";
export type { CorsRule, Metrics, UserDelegationKey } from "./types/account.js";
export type {
  Circuit,
  CircuitChange,
  CircuitState,
  Clock,
  Connection,
  Credential,
  HeldLock,
  LockableRequest,
  LockedResource,
  Middleware,
  Operation,
  Reply,
  RequestOptions,
  Send,
  Settings,
  Target,
} from "./types/connection.js";
export type { ErrorCode } from "./types/error-codes.js";
export type {
  ByteRange,
  ContentProperties,
  CopyFacts,
  DirectoryEntry,
  EntryExtras,
  FileEntry,
  FileFacts,
  ItemProperties,
  NfsOptions,
  SmbOptions,
} from "./types/properties.js";
export type { Method, OperationName, WireBody, WireRequest } from "./types/requests.js";
export type { WireHeaders, WireResponse } from "./types/responses.js";
export type {
  AttemptEnded,
  AttemptStarted,
  BreakerChanged,
  BreakerState,
  CallEnded,
  CallFacts,
  CallStarted,
  CallWatch,
  Emitter,
  Ending,
  LockAcquired,
  LockLost,
  LockReleased,
  LockRenewed,
  Outcome,
  Retrying,
  Telemetry,
  TelemetryEvent,
  TelemetryFact,
  TelemetryListener,
  TransferEnded,
  TransferFacts,
  TransferProgressed,
  TransferStarted,
  TransferWatch,
} from "./types/telemetry.js";
export type { AccessPolicy, PaidBursting, ShareDowngradeTimes, ShareEntry, ShareFacts, ShareProvisioning } from "./types/shares.js";
