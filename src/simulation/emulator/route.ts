/** Finds the row of the table that a request's method, address and words name, and checks the words that all operations share. */
import { Failure, badHeader, badQuery, missingHeader } from "./failures.js";
import { operations, type Operation, type Scope } from "./operations.js";
import { sasWords } from "./sas.js";
import type { Target } from "./target.js";

function scopeOf(target: Target): Scope {
  const restype = target.query.get("restype");
  if (target.share === undefined) return "service";
  if (restype === undefined && /^(list|forceclose)handles$/.test(target.query.get("comp") ?? "")) return "item";
  if (restype === "directory") return "directory";
  return target.path.length === 0 ? "share" : "file";
}

/** The operation a request asks for. Throws `InvalidUri`, `InvalidQueryParameterValue` or `UnsupportedHttpVerb`. */
export function findOperation(method: string, headers: Headers, target: Target): Operation {
  const [restype, comp, scope] = [target.query.get("restype"), target.query.get("comp"), scopeOf(target)];
  const rows = Object.values(operations).filter((row) => row.scope === scope && row.restype === restype && row.comp === comp);
  if (rows.length === 0) {
    // Refused by the front end; that it blames `restype` for a bad `comp` is recorded behaviour.
    if (comp !== undefined) throw frontEnd(badQuery("restype", comp));
    if (restype !== undefined) throw frontEnd(badQuery("restype", restype));
    throw new Failure("InvalidUri", { frontEnd: true });
  }
  const operation = rows.find((row) => row.methods.includes(method) && (row.when?.(headers) ?? true));
  if (!operation && comp === "lease" && method === "PUT") {
    const action = headers.get("x-ms-lease-action");
    throw action === null ? missingHeader("x-ms-lease-action") : badHeader("x-ms-lease-action", action);
  }
  if (!operation) throw new Failure("UnsupportedHttpVerb", { frontEnd: true });
  return operation;
}

function frontEnd(failure: Failure): Failure {
  return new Failure(failure.code, { details: failure.details, frontEnd: true });
}

const oldest = "2014-02-14";

/**
 * The version that shapes the answer: `api-version`, else `x-ms-version`, else the SAS's own. Any date from the first version on is
 * taken, as newer ones appear faster than emulators.
 */
export function readVersion(headers: Headers, target: Target): string {
  const query = target.query.get("api-version");
  const header = headers.get("x-ms-version");
  const version = query ?? header ?? target.query.get("sv");
  if (version === undefined) throw missingHeader("x-ms-version");
  const real = /^\d{4}-\d{2}-\d{2}$/.test(version) && !Number.isNaN(Date.parse(`${version}T00:00:00Z`));
  if (real && version >= oldest) return version;
  throw query === undefined ? badHeader("x-ms-version", version) : badQuery("api-version", version);
}

/**
 * Bearer tokens came to operations on directories and files first, and later to all others. Throws `FileOAuthManagementApiRestrictedToSrp`, as
 * recorded, or for versions that know no tokens at all `FeatureVersionMismatch`.
 */
export function checkBearerVersion({ scope, bearerSince }: Operation, version: string): void {
  const [data, all] = ["2022-11-02", "2024-11-04"];
  const since = bearerSince ?? (scope === "service" || scope === "share" ? all : data);
  if (version >= since) return;
  throw new Failure(version >= data ? "FileOAuthManagementApiRestrictedToSrp" : "FeatureVersionMismatch");
}

/** Taken by every operation. `_` is what browsers' clients add to get past caches. */
const commonWords: ReadonlySet<string> = /* @__PURE__ */ new Set(["restype", "comp", "timeout", "api-version", "_"]);

/** Checks the query against the row. Throws `UnsupportedQueryParameter`, `InvalidQueryParameterValue` or `ShareSnapshotNotFound`. */
export function checkQuery(operation: Operation, target: Target): void {
  for (const [name, value] of target.query) {
    if (commonWords.has(name) || sasWords.has(name) || operation.query?.includes(name)) continue;
    if (name === "sharesnapshot") throw badQuery(name, value); // a snapshot cannot be written to
    throw new Failure("UnsupportedQueryParameter", {
      details: [
        ["QueryParameterName", name],
        ["QueryParameterValue", value],
      ],
    });
  }
  const timeout = target.query.get("timeout");
  if (timeout !== undefined && !/^\d{1,9}$/.test(timeout)) throw badQuery("timeout", timeout);
}
