/** Looks at a lock by a file from outside. */
import { isServiceError, type ServiceError } from "../errors.js";
import { getProperties } from "../services/file-properties.js";
import type { Connection } from "../types/connection.js";
import type { FileLockTarget } from "./lock.js";
import { recordOf } from "./lock-record.js";

/** What `lockHolder` takes. */
export interface LockHolderRequest extends FileLockTarget {
  /** Aborts the call, which then rejects with the signal's reason, untouched. */
  signal?: AbortSignal | undefined;
}

/** Who holds a lock by a file. */
export interface LockHolder {
  /** What the holder calls itself. */
  readonly owner: string;
  /** Signs of life so far. One whose number stands still for `staleAfter` milliseconds has stopped. */
  readonly beat: number;
  /** When the last one was given, by the holder's clock. */
  readonly time: Date;
  /** Grows with each holder. */
  readonly fence: number;
  readonly staleAfter: number;
}

/**
 * Says who holds the lock of a file, or undefined while nobody does. It is a look and no more: the next moment may be different.
 *
 * @throws ServiceError; a file that is missing is a lock that nobody holds.
 */
export async function lockHolder(connection: Connection, request: LockHolderRequest): Promise<LockHolder | undefined> {
  try {
    const properties = await getProperties(connection, request);
    const record = recordOf(properties);
    if (properties.leaseState !== "leased" || record === undefined || record.id === "") return undefined;
    const { owner, beat, time, fence, staleAfter } = record;
    return { owner, beat, time: new Date(time), fence, staleAfter };
  } catch (error) {
    if (isServiceError(error) && (error as ServiceError).status === 404) return undefined;
    throw error;
  }
}
