/** What a held lease adds to the calls that are made under it: its end, and its id where they are about the very thing that is leased. */
import type { HeldLock, LockableRequest, LockedResource, Operation } from "../types/connection.js";
import { anySignal } from "../platform.js";
import type { Term } from "./lease-term.js";

/** Whether two things that are named are one. Names that differ in case are not, because on NFS shares they are two. */
const isSame = (a: LockedResource, b: LockedResource): boolean =>
  a.share === b.share && plain(a.path) === plain(b.path) && (a.snapshot ?? "") === (b.snapshot ?? "");

const plain = (path: string): string => path.replace(/^\/+/, "");

/** The first of two signals that aborts. */
const either = (a: AbortSignal | undefined, b: AbortSignal): AbortSignal => (a === undefined || a === b ? b : anySignal(a, b));

/**
 * Makes of a lease what calls are given as `lock`.
 *
 * @param ended Says that one need not go on, besides the lease's own end: the caller's signal.
 */
export function guardOf(resource: LockedResource, leaseId: string, term: Term): HeldLock {
  const { signal } = term;
  return {
    leaseId,
    signal,
    resource,
    guard<T>(operation: Operation<T>): Operation<T> {
      term.check();
      const { target, query, headers } = operation;
      const named = { share: target.share ?? "", path: target.path ?? "", snapshot: query?.sharesnapshot as string | undefined };
      const about = isSame(named, resource);
      return {
        ...operation,
        signal: either(operation.signal, signal),
        headers: about ? { ...headers, ...idsFor(headers ?? {}, leaseId) } : headers,
      };
    },
    cover<Request extends LockableRequest>(connection: Parameters<HeldLock["cover"]>[0], request: Request): Request {
      const { share = connection.share ?? "", path = connection.path ?? "", snapshot } = request;
      const about = isSame({ share, path, snapshot }, resource);
      return {
        ...request,
        lock: undefined,
        signal: either(request.signal, signal),
        leaseId: request.leaseId ?? (about ? leaseId : undefined),
      };
    },
  };
}

/** The headers for an id that an operation knows and was not told: it states them, if only as undefined. */
function idsFor(headers: NonNullable<Operation<unknown>["headers"]>, leaseId: string): Operation<unknown>["headers"] {
  const names = ["x-ms-lease-id", "x-ms-destination-lease-id"] as const;
  return Object.fromEntries(names.filter((name) => name in headers && headers[name] === undefined).map((name) => [name, leaseId]));
}
