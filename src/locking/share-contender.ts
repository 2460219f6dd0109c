/** The lock of a share, or of a snapshot: a lease that is renewed, and runs out by itself when its holder is no more. */
import { between } from "../config.js";
import { isServiceError, LockError, type ServiceError } from "../errors.js";
import { reckoned } from "../services/held-lease.js";
import { proposedId } from "../services/lease-targets.js";
import { termOf } from "../services/lease-term.js";
import { release, renew, takeLease } from "../services/leases.js";
import { shareTarget } from "../services/targets.js";
import type { Connection } from "../types/connection.js";
import type { Contender } from "./contender.js";
import { bounded } from "./keeper.js";
import type { ShareLockOptions, ShareLockTarget } from "./lock.js";

/** One who wants the lock of a share. Throws RangeError for a duration that no lease has. */
export function shareContender(connection: Connection, target: ShareLockTarget, { duration = 60 }: ShareLockOptions): Contender {
  between("duration", duration, 15, 60, true);
  const { share = "" } = shareTarget(connection, target);
  const { snapshot } = target;
  const named = { share, path: "", snapshot } as const;
  // One id for all tries: what a try took whose answer was lost, the next one finds to be its own.
  const leaseId = proposedId(connection);
  const every = (duration * 1000) / 3;
  let isUnknown = false;
  return {
    resource: named,
    async attempt(signal) {
      const term = termOf(
        connection.clock,
        reckoned(duration),
        () => new LockError("lost", `the lease of ${duration} s could not be renewed in time`),
      );
      const beginning = term.begin();
      isUnknown = true;
      try {
        await takeLease(connection, { ...named, duration, proposedLeaseId: leaseId, signal });
        isUnknown = false;
        beginning.confirm();
      } catch (error) {
        // The second where a lost answer's try took it and somebody has been breaking it since: it is free again after a while.
        if (!isServiceError(error) || !/^Lease(AlreadyPresent|IsBreaking)/.test((error as ServiceError).code)) throw error;
        isUnknown = false;
        return undefined;
      } finally {
        beginning.cancel();
      }
      return {
        leaseId,
        term,
        every,
        first: every,
        renew: (ending) => renew(connection, { ...named, leaseId, signal: ending }),
        isLost: (error) => isServiceError(error) && [404, 409, 412].includes((error as ServiceError).status),
        release: (ending) => release(connection, { ...named, leaseId, signal: ending }),
      };
    },
    holder: () => "",
    close() {
      if (!isUnknown) return;
      bounded(connection, undefined, every, (signal) => release(connection, { ...named, leaseId, signal })).catch(() => undefined);
    },
  };
}
