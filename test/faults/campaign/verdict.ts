/** Whether a transfer that failed says truly what befell it. */
import type { IntegrityError, IntegrityReason, ServiceError, TransportError, TransportReason } from "azure-files";
import { isAzureFilesError, isIntegrityError, isServiceError, isTransportError } from "azure-files";
import type { Happened } from "./weather.js";

/** Errors that are no errors of the library: a source's, a caller's, a token's. */
export interface Foreign {
  readonly abort: unknown;
  readonly source: unknown;
  readonly token: unknown;
}

/** Why an error is not the right one for what happened; undefined where it is. */
export function wrongAbout(error: unknown, happened: Happened, foreign: Foreign, isOverall: boolean): string | undefined {
  const { faults, statuses } = happened;
  const did: Did = (...kinds) => kinds.some((kind) => (faults[kind] ?? 0) > 0);
  const told = `${String(error)} after ${JSON.stringify(faults)}`;
  if (error === foreign.abort) return did("abort") ? undefined : `aborted by nobody: ${told}`;
  if (error === foreign.source) return did("broken source") ? undefined : `the source did not break: ${told}`;
  if (error === foreign.token) return did("no token") ? undefined : `tokens were there: ${told}`;
  if (!isAzureFilesError(error)) return `an error of no type: ${error instanceof Error ? error.stack : told}`;
  if (/sig=(?!REDACTED)[^&]{20}|Bearer ey/i.test(JSON.stringify(error) + error.message + String(error.cause))) return `a secret in ${told}`;
  const isTrue = isServiceError(error)
    ? isTrueRefusal(error, did, statuses)
    : isTransportError(error)
      ? isTrueFailure(error, did, isOverall)
      : isIntegrityError(error) && isTrueDoubt(error, did);
  return isTrue ? undefined : `not what happened: ${told}`;
}

type What = keyof Happened["faults"];
type Did = (...kinds: readonly What[]) => boolean;

function isTrueRefusal({ status, code, attempts }: ServiceError, did: Did, statuses: ReadonlySet<number>): boolean {
  if (attempts.length === 0) return false;
  if (statuses.has(status)) return true;
  // What was done without the client's knowing it: a second time there is nothing left to do.
  if (status === 404 || status === 409) return did("twice", "lost", "done-answer", "restart", "cut", "changed");
  if (status === 403 || status === 401) return did("expiry");
  // The first range that is asked for, of a file that is another one by then.
  if (status === 416) return did("changed");
  return status === 400 && did("flip-request") && /^(Crc64Mismatch|Md5Mismatch|InvalidHeaderValue)$/.test(code);
}

/** What each failure may come of. */
const FAILURES: Readonly<Record<TransportReason, readonly What[]>> = {
  network: ["reset", "lost", "restart", "cut"],
  timeout: ["silent", "late", "stall"],
  stalled: ["stall"],
  truncated: ["cut", "short", "restart"],
  redirect: [],
  certificate: [],
  "circuit-open": ["answer", "done-answer", "reset", "silent", "lost", "late", "cut", "stall", "restart"],
};

const isTrueFailure = ({ reason }: TransportError, did: Did, isOverall: boolean): boolean =>
  did(...FAILURES[reason]) || (isOverall && reason === "timeout");

/** What each doubt may come of. */
const DOUBTS: Readonly<Record<IntegrityReason, readonly What[]>> = {
  changed: ["etag", "changed"],
  offset: ["other"],
  checksum: ["flip-answer", "flip-request", "other"],
  length: ["changed"],
  resume: ["etag", "changed", "twice", "lost"],
  unfinished: [],
  exists: [],
  source: [],
  encoding: [],
  listing: [],
};

const isTrueDoubt = ({ reason }: IntegrityError, did: Did): boolean => did(...DOUBTS[reason]);
