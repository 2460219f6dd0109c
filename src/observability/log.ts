/**
 * A listener that writes structured logs: one JSON object a line, one line for each call.
 *
 * Every line passes through `redact.ts` as a whole before anybody sees it.
 */
import { isAzureFilesError, isServiceError, type ServiceError } from "../errors.js";
import { redactText, shown } from "../redact.js";
import type { LockedResource } from "../types/connection.js";
import type { CallFacts, Ending, TelemetryEvent, TelemetryListener, TransferFacts } from "../types/telemetry.js";

/** How much a line matters. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** What is logged, and where to. */
export interface LogOptions {
  /**
   * The least that is written. `error`: calls that failed for reasons that are not the caller's; `warn`: also those that were refused (4xx),
   * changes of the circuit breaker, and locks that were lost; `info`: all calls, one line each; `debug`: also their tries and waits,
   * transfers and locks.
   *
   * @default "info"
   */
  level?: LogLevel | undefined;
  /** Takes each line, without its end. @default the console's method of that level */
  write?: ((line: string, level: LogLevel) => void) | undefined;
}

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/**
 * Makes a listener that writes logs.
 *
 * Each line has `time` (ISO 8601), `level` and `event`; a call's also `operation`, `share`, `path`, `outcome`, `status`, `code`, `attempts`,
 * `duration_ms`, `bytes_sent`, `bytes_received`, `request_id` and `error`, as far as there are such. Milliseconds and bytes.
 *
 * @throws TypeError for an unknown level.
 * @example
 * connect({ endpoint, credential, telemetry: observe(logger({ level: "warn" })) });
 */
export function logger({ level = "info", write = toConsole }: LogOptions = {}): TelemetryListener {
  const least = LEVELS.indexOf(level);
  if (least < 0) throw new TypeError(`level is ${shown(level)}, but must be one of ${LEVELS.join(", ")}`);
  return (event) => {
    const own = levelOf(event);
    if (LEVELS.indexOf(own) < least) return;
    write(redactText(JSON.stringify({ time: new Date(event.at).toISOString(), level: own, event: event.type, ...fieldsOf(event) })), own);
  };
}

const toConsole = (line: string, level: LogLevel): void => console[level](line);

/** How much an event matters. */
function levelOf(event: TelemetryEvent): LogLevel {
  if (event.type === "breaker" || event.type === "lock-lost") return "warn";
  if (event.type !== "call-ended") return "debug";
  if (event.outcome !== "failure") return "info";
  const { status } = event.error as ServiceError;
  return isServiceError(event.error) && status < 500 ? "warn" : "error";
}

type Fields = Readonly<Record<string, string | number | undefined>>;

/** The fields of an event, in the order in which they are written; those that are undefined are not. */
function fieldsOf(event: TelemetryEvent): Fields {
  switch (event.type) {
    case "call-started":
    case "attempt-started":
      return { ...callFields(event.call), attempt: "attempt" in event ? event.attempt : undefined };
    case "attempt-ended":
      return { ...callFields(event.call), ...endingFields(event), attempt: event.attempt };
    case "retry":
      return { ...callFields(event.call), attempt: event.attempt, wait_ms: event.wait, error: textOf(event.error) };
    case "call-ended":
      return { ...callFields(event.call), ...endingFields(event), attempts: event.attempts };
    case "breaker":
      return { endpoint: event.endpoint, from: event.from, to: event.to, retry_at: timeOf(event.retryAt) };
    case "transfer-started":
      return transferFields(event.transfer);
    case "transfer-progress":
      return { ...transferFields(event.transfer), transferred: event.transferred, total: event.total };
    case "transfer-ended": {
      const { transfer, outcome, transferred, duration, error } = event;
      return { ...transferFields(transfer), outcome, transferred, duration_ms: duration, error: textOf(error) };
    }
    case "lock-acquired":
      return { ...lockFields(event.lock), waited_ms: event.waited, fence: event.fence };
    case "lock-lost":
      return { ...lockFields(event.lock), error: textOf(event.error) };
    case "lock-renewed":
    case "lock-released":
    default:
      return lockFields(event.lock);
  }
}

const callFields = ({ id, operation, share, path, transfer }: CallFacts): Fields => ({
  call: id,
  transfer: transfer?.id,
  operation,
  share,
  path,
});

const endingFields = ({ outcome, status, code, duration, sent, received, requestId, error }: Ending): Fields => ({
  outcome,
  status,
  code,
  duration_ms: duration,
  bytes_sent: sent,
  bytes_received: received,
  request_id: requestId,
  error: textOf(error),
});

const transferFields = ({ id, kind, share, path }: TransferFacts): Fields => ({ transfer: id, kind, share, path });

const lockFields = ({ share, path, snapshot }: LockedResource): Fields => ({ share, path, snapshot });

const timeOf = (milliseconds: number | undefined): string | undefined =>
  milliseconds === undefined ? undefined : new Date(milliseconds).toISOString();

/** What an error says, in one text. Of an abort's reason, which is the caller's own, the name is enough. */
function textOf(error: unknown): string | undefined {
  if (error === undefined) return undefined;
  if (isAzureFilesError(error)) return `${error.name}: ${error.message}`;
  return String((Object(error) as { name?: unknown }).name ?? typeof error);
}
