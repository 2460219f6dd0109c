/**
 * The lock of a file: a lease without end on a file that is for the lock alone, and a heartbeat in the file's metadata.
 *
 * Such a lease never runs out, so a holder that crashed would hold it for ever. Others take over by changing the lease's id, which of
 * several succeeds for one, and for which they must know the id that it has. So at every moment the id is one that can be known:
 *
 * 1. A contender takes the free lease under one of a few ids that everybody knows, a claim. It is not the lock: no work is done under it.
 * 2. Under the claim it publishes in the metadata its own random id, and the fence, one more than the last.
 * 3. It changes the lease from the claim to that id. That is the moment at which it has the lock; of two who came by the same claim, one.
 * 4. From then on it gives signs of life: the same metadata with a counter. The service takes them with the id of the lease only.
 *
 * A holder that crashes between 3 and its first sign of life, while another that came by the same claim published its own id between 2 and 3,
 * leaves a lease whose id nobody knows: that one is broken by hand. A way without it would have to be a write that one of two loses, and the
 * service has none but `change`.
 *
 * Whoever sees the metadata unchanged for `staleAfter`, by timers of its own, changes the lease from the published id to a claim, or from
 * whatever claim it has, and goes on at 2. Clocks of hosts are never compared. The holder has promised to stop before: its term counts from
 * the moment before its last sign of life was sent, which was before anybody could see that.
 */
import { between } from "../config.js";
import { isServiceError, LockError, type ServiceError } from "../errors.js";
import { shown } from "../redact.js";
import { getProperties } from "../services/file-properties.js";
import { createFile } from "../services/file-writes.js";
import { MARGIN } from "../services/held-lease.js";
import { proposedId } from "../services/lease-targets.js";
import { termOf } from "../services/lease-term.js";
import { change, release, takeLease } from "../services/leases.js";
import { fileTarget } from "../services/targets.js";
import { metadataHeaders } from "../transport/headers.js";
import { limit } from "../transport/limit.js";
import type { Connection } from "../types/connection.js";
import type { Contender } from "./contender.js";
import { bounded, type Taken } from "./keeper.js";
import type { FileLockOptions, FileLockTarget } from "./lock.js";
import { type LockRecord, recordMetadata, recordOf } from "./lock-record.js";

/**
 * How many claims there are. Of two contenders at the same moment one in so many meets the other under one id, which costs one of them a
 * new try; whoever takes over from one that crashed under a claim tries them all.
 */
const CLAIMS = 256;

const claimId = (number: number): string => `a10c4ed0-10cc-4c1a-8a11-0000000000${number.toString(16).padStart(2, "0")}`;

/** What one look at the file shows. */
interface Look {
  readonly isLeased: boolean;
  readonly record: LockRecord | undefined;
  /** Another one after each write. */
  readonly version: string;
  /** The service's time of the last change, in milliseconds since 1970. */
  readonly changedAt: number;
}

/** One who wants a lock by a file, and what it may hold without knowing. Throws RangeError and TypeError for bad options. */
export interface FileContender extends Contender {
  /** The number that goes with the lock, once it was taken. */
  readonly fence: number;
}

/** Makes one. */
export function fileContender(connection: Connection, target: FileLockTarget, options: FileLockOptions): FileContender {
  const { staleAfter = 60_000, owner = "" } = options;
  between("staleAfter", staleAfter, 5000, 86_400_000, true);
  if (typeof owner !== "string" || owner.length > 200) throw new TypeError("owner must be a string of at most 200 characters");
  const { clock, random } = connection;
  const { share = "", path } = fileTarget(connection, target);
  const named = { share, path };
  const every = staleAfter / 3;
  /** Ids that may be leased by this contender, because no answer said otherwise. */
  const open = new Set<string>();
  let fence = 0;
  let seen: Look | undefined;
  let isStale = false;
  let timer: unknown;

  /** Runs an operation that leaves the lease with an id; false where the service refused, because the lease is another's. */
  const tried = async (id: string, work: () => Promise<unknown>): Promise<boolean> => {
    open.add(id);
    try {
      await work();
      return true;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      open.delete(id);
      return false;
    }
  };
  const changed = (from: string, to: string, signal: AbortSignal): Promise<boolean> =>
    tried(to, () => change(connection, { ...named, leaseId: from, proposedLeaseId: to, signal }));

  /** Starts to watch a version of the file; it is stale when nothing else is seen for long enough. */
  const watch = (look: Look | undefined): void => {
    if (look && look.version === seen?.version) return;
    clock.clearTimeout(timer);
    seen = look;
    isStale = false;
    if (look) timer = clock.setTimeout(() => (isStale = true), Math.max(staleAfter, look.record?.staleAfter ?? 0));
  };

  /** Takes the claim from a holder, or another claimant, that gave no sign of life. */
  const succeed = async (holder: string | undefined, claim: string, signal: AbortSignal): Promise<boolean> => {
    if (holder && (await changed(holder, claim, signal))) return true;
    const run = limit(8);
    let isDone = false;
    const others = Array.from({ length: CLAIMS }, (_, number) => claimId(number));
    await Promise.all(
      others.map((other) =>
        run(async () => {
          if (!isDone && (await changed(other, claim, signal))) isDone = true;
        }),
      ),
    );
    return isDone;
  };

  /** Makes the claim a lock; undefined where another was quicker. */
  const promote = async (claim: string, signal: AbortSignal): Promise<Taken | undefined> => {
    const look = await lookAt(connection, named, signal);
    if (!look?.isLeased) {
      open.clear();
      return undefined;
    }
    const id = proposedId(connection);
    // The service's time is a floor, for a file that was made anew and has forgotten its number.
    fence = Math.max((look.record?.fence ?? 0) + 1, look.changedAt);
    let beat = 0;
    const publish = (leaseId: string, ending: AbortSignal): Promise<unknown> =>
      write(connection, named, leaseId, { id, owner, beat: beat++, time: new Date(clock.now()).toISOString(), fence, staleAfter }, ending);
    const term = termOf(
      clock,
      staleAfter * (1 - MARGIN),
      () => new LockError("lost", `no sign of life could be given for ${staleAfter} ms, and others may take the lock`),
    );
    const beginning = term.begin();
    try {
      if (!(await tried(claim, () => publish(claim, signal)))) return undefined;
      const isDone = await changed(claim, id, signal);
      // The claim is no more, whoever ended it, and what is held is given back by whoever has it.
      open.clear();
      if (!isDone) return undefined;
      beginning.confirm();
    } finally {
      beginning.cancel();
    }
    return {
      leaseId: id,
      term,
      every,
      // Soon, because one who came by the same claim may have published another id after this one was.
      first: every / 10,
      renew: (ending) => publish(id, ending),
      isLost: (error) => isServiceError(error) && [404, 412].includes((error as ServiceError).status),
      release: (ending) => release(connection, { ...named, leaseId: id, signal: ending }),
    };
  };

  return {
    resource: named,
    get fence() {
      return fence;
    },
    async attempt(signal) {
      const claim = claimId(Math.floor(random() * CLAIMS));
      const look = await lookAt(connection, named, signal);
      let isClaimed: boolean;
      if (look?.isLeased) {
        watch(look);
        if (!isStale) return undefined;
        // Whatever comes of it, what is seen next is watched from its beginning.
        watch(undefined);
        isClaimed = await succeed(look.record?.id, claim, signal);
      } else {
        watch(undefined);
        if (!look) await make(connection, named, signal);
        isClaimed = await tried(claim, () => takeLease(connection, { ...named, proposedLeaseId: claim, signal }));
      }
      return isClaimed ? await promote(claim, signal) : undefined;
    },
    holder: () => (seen?.record?.owner ? ` by ${JSON.stringify(seen.record.owner)}` : ""),
    close() {
      clock.clearTimeout(timer);
      for (const id of open) {
        bounded(connection, undefined, every, (signal) => release(connection, { ...named, leaseId: id, signal })).catch(() => undefined);
      }
    },
  };
}

/** Refusals that mean that somebody else was quicker. */
const isRefusal = (error: unknown): boolean =>
  isServiceError(error) && /^Lease(AlreadyPresent|IdMi|NotPresent|Lost|IsBr)/.test((error as ServiceError).code);

/** A lock's file as it is; undefined where it is missing. */
async function lookAt(connection: Connection, named: { share: string; path: string }, signal: AbortSignal): Promise<Look | undefined> {
  try {
    const properties = await getProperties(connection, { ...named, signal });
    const { size, leaseState, etag, changeTime, lastModified } = properties;
    if (size) {
      throw new TypeError(
        `path is ${shown(named.path)}, a file of ${size} bytes, but a lock wants a file of its own, which it keeps empty`,
      );
    }
    if (leaseState === undefined) {
      throw new TypeError(
        "a page sees neither leases nor metadata unless the account's CORS rule exposes x-ms-*: it cannot lock by a file",
      );
    }
    const record = recordOf(properties);
    return {
      isLeased: leaseState === "leased",
      record,
      version: JSON.stringify([etag, record]),
      changedAt: Date.parse(changeTime ?? "") || (lastModified?.getTime() ?? 0),
    };
  } catch (error) {
    if (isServiceError(error) && (error as ServiceError).status === 404) return undefined;
    throw error;
  }
}

/** Makes a lock's file. Where somebody made it meanwhile and took the lock, that is as good. */
async function make(connection: Connection, named: { share: string; path: string }, signal: AbortSignal): Promise<void> {
  const metadata = recordMetadata({ id: "", owner: "", beat: 0, time: "", fence: 0, staleAfter: 0 });
  try {
    await connection.send({ ...createFile(connection, { ...named, size: 0, metadata, signal }), signal });
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

/**
 * Writes the metadata with the id of the lease. It is not repeated by the client: a repetition that arrives late would put an older sign of
 * life in place of a newer one.
 */
const write = (
  connection: Connection,
  named: { share: string; path: string },
  leaseId: string,
  record: LockRecord,
  signal: AbortSignal,
): Promise<unknown> =>
  connection.send({
    operation: "Set File Metadata",
    method: "PUT",
    target: named,
    query: { comp: "metadata" },
    headers: {
      "x-ms-allow-trailing-dot": connection.allowTrailingDot,
      "x-ms-lease-id": leaseId,
      ...metadataHeaders(recordMetadata(record)),
    },
    success: [200],
    idempotent: false,
    whenOpen: "pass",
    signal,
  });
