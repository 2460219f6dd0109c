/**
 * Lease ids that recorders removed, given back from what the emulator answered.
 */
import type { OperationName } from "../../src/types/requests.js";
import { type Exchange, isOf, type Place, succeeded } from "./recording.js";
import { renameSource } from "./sources.js";
import { leaseDuration } from "./told.js";

/** An exchange, and what the emulator answered it with. */
export interface Played {
  readonly exchange: Exchange;
  readonly answer: Headers;
  /** Of a listing of shares. */
  readonly body: string;
}

/** An id that no lease has. */
const strange = "11111111-2222-4333-8444-555555555555";

const gives = /^(Acquire|Renew|Change) (Share|File) Lease$/;
const takes = /^Release (Share|File) Lease$|^Delete (Share|File)$/;

/** The id of the lease on a share, a snapshot or a file by now; a rename takes a lease along. */
export function leaseOn(place: Place, snapshot: string | undefined, played: readonly Played[]): string | undefined {
  for (const [index, { exchange, answer }] of [...played.entries()].toReversed()) {
    if (!isOf(exchange, place) || !succeeded(exchange) || exchange.query.get("sharesnapshot") !== snapshot) continue;
    const { operation = "" } = exchange;
    if (gives.test(operation)) return answer.get("x-ms-lease-id") ?? undefined;
    if (takes.test(operation)) return undefined;
    if (!operation.startsWith("Rename ")) continue;
    const source = renameSource(exchange, []);
    return source && leaseOn(source, undefined, played.slice(0, index));
  }
  return undefined;
}

const withoutNone = (headers: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter((pair): pair is [string, string] => pair[1] !== undefined));

/** Headers of a lease operation; those that were recorded are laid over them. */
function ofLease(
  exchange: Exchange,
  later: readonly Exchange[],
  current: string | undefined,
  operation: OperationName,
): Record<string, string> {
  const [action = ""] = operation.split(" ");
  const headers: Record<string, string> = { "x-ms-lease-action": action.toLowerCase() };
  const [said, time] = [exchange.responseHeaders["x-ms-lease-id"], exchange.responseHeaders["x-ms-lease-time"]];
  if (action === "Acquire") {
    headers["x-ms-lease-duration"] = leaseDuration(exchange, later);
    if (said !== undefined && exchange.requestBodyNotRecorded) headers["x-ms-proposed-lease-id"] = said;
  } else if (action !== "Break") headers["x-ms-lease-id"] = current ?? strange;
  if (action === "Change") headers["x-ms-proposed-lease-id"] = said ?? strange;
  if (operation === "Break Share Lease" && time !== undefined) headers["x-ms-lease-break-period"] = time;
  return headers;
}

/** What an operation needs besides its own headers, so that leases are met as they were. */
export function leaseHeaders(exchange: Exchange, later: readonly Exchange[], played: readonly Played[]): Record<string, string> {
  const { operation } = exchange;
  const current = leaseOn(exchange, exchange.query.get("sharesnapshot"), played);
  if (operation === undefined) return {};
  if (operation.endsWith(" Lease")) return ofLease(exchange, later, current, operation);
  if (exchange.responseHeaders["x-ms-error-code"]?.startsWith("LeaseIdMismatch")) return { "x-ms-lease-id": strange };
  if (!succeeded(exchange)) return {};
  if (!operation.startsWith("Rename "))
    return exchange.method === "PUT" && exchange.path.length > 0 ? withoutNone({ "x-ms-lease-id": current }) : {};
  const source = renameSource(exchange, later);
  return withoutNone({
    "x-ms-destination-lease-id": current,
    "x-ms-source-lease-id": source && leaseOn(source, undefined, played),
  });
}
