/**
 * Lease Share, also of snapshots: leases of 15 to 60 seconds or without end.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/lease-share
 */
import { emptyReply, type Exchange, type Reply } from "./exchange.js";
import { badHeader, type Pair } from "./failures.js";
import { readGivenLeaseId, readLeaseDuration, readLeaseId, readProposedLeaseId } from "./lease-headers.js";
import { findShare } from "./lookup.js";
import { changeHeaders } from "./response-headers.js";
import type { Share } from "./state.js";
import { millisecondsOf } from "./time.js";

const now = (exchange: Exchange): number => millisecondsOf(exchange.account.clock.now());

function answer(status: number, share: Share, more: readonly Pair[] = []): Reply {
  return emptyReply(status, [...changeHeaders(share.modified), ...more]);
}

/** Acquire. */
export function acquireShareLease(exchange: Exchange): Reply {
  const duration = readLeaseDuration(exchange.headers);
  if (duration !== -1 && (duration < 15 || duration > 60)) throw badHeader("x-ms-lease-duration", String(duration));
  const id = readProposedLeaseId(exchange.headers) ?? exchange.guid();
  const share = findShare(exchange);
  share.lease.acquire(now(exchange), id, duration);
  return answer(201, share, [["x-ms-lease-id", id]]);
}

/** Renew. */
export function renewShareLease(exchange: Exchange): Reply {
  const id = readLeaseId(exchange.headers);
  const share = findShare(exchange);
  share.lease.renew(now(exchange), id);
  return answer(200, share, [["x-ms-lease-id", id]]);
}

/** Change. */
export function changeShareLease(exchange: Exchange): Reply {
  const [id, proposed] = [readLeaseId(exchange.headers), readProposedLeaseId(exchange.headers) ?? exchange.guid()];
  const share = findShare(exchange);
  share.lease.change(now(exchange), id, proposed);
  return answer(200, share, [["x-ms-lease-id", proposed]]);
}

/** Release. */
export function releaseShareLease(exchange: Exchange): Reply {
  const id = readLeaseId(exchange.headers);
  const share = findShare(exchange);
  share.lease.release(id);
  return answer(200, share, [["x-ms-lease-time", "0"]]);
}

/** Break, at once or after a while. */
export function breakShareLease(exchange: Exchange): Reply {
  const id = readGivenLeaseId(exchange.headers, "x-ms-lease-id");
  const text = exchange.headers.get("x-ms-lease-break-period");
  if (text !== null && !(/^\d{1,2}$/.test(text) && Number(text) <= 60)) throw badHeader("x-ms-lease-break-period", text);
  const share = findShare(exchange);
  const wait = share.lease.break(now(exchange), id, text === null ? undefined : Number(text));
  return answer(202, share, [["x-ms-lease-time", String(wait)]]);
}
