/**
 * Lease File: leases without end, that break at once.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/lease-file
 */
import type { Exchange, Reply } from "./exchange.js";
import { badHeader, type Pair } from "./failures.js";
import { findLeasedFile } from "./lookup.js";
import { readGivenLeaseId, readLeaseDuration, readLeaseId, readProposedLeaseId } from "./lease-headers.js";
import { changeHeaders } from "./response-headers.js";
import type { FileNode } from "./state.js";
import { millisecondsOf } from "./time.js";

const now = (exchange: Exchange): number => millisecondsOf(exchange.account.clock.now());

/** No lease operation changes the ETag. Recorded, each time, as an empty body in chunks, so no length is named. */
function answer(status: number, file: FileNode, more: readonly Pair[] = []): Reply {
  return { status, headers: [...changeHeaders(file.modified), ...more] };
}

/** Acquire. */
export function acquireFileLease(exchange: Exchange): Reply {
  const duration = readLeaseDuration(exchange.headers);
  if (duration !== -1) throw badHeader("x-ms-lease-duration", String(duration));
  const id = readProposedLeaseId(exchange.headers) ?? exchange.guid();
  const file = findLeasedFile(exchange);
  file.lease.acquire(now(exchange), id, -1);
  return answer(201, file, [["x-ms-lease-id", id]]);
}

/** Change. */
export function changeFileLease(exchange: Exchange): Reply {
  const [id, proposed] = [readLeaseId(exchange.headers), readProposedLeaseId(exchange.headers) ?? exchange.guid()];
  const file = findLeasedFile(exchange);
  file.lease.change(now(exchange), id, proposed);
  return answer(200, file, [["x-ms-lease-id", proposed]]);
}

/** Release. */
export function releaseFileLease(exchange: Exchange): Reply {
  const id = readLeaseId(exchange.headers);
  const file = findLeasedFile(exchange);
  file.lease.release(id);
  return answer(200, file);
}

/** Break, at once. */
export function breakFileLease(exchange: Exchange): Reply {
  const id = readGivenLeaseId(exchange.headers, "x-ms-lease-id");
  const file = findLeasedFile(exchange);
  file.lease.break(now(exchange), id, 0);
  return answer(202, file, [["x-ms-lease-time", "0"]]);
}
