/** Locks: one holder at a time, succession of a holder that crashed, and calls that are made under a lock. */
import { AzureFilesClient, type Connection, isLockError, sas } from "azure-files";
import * as files from "azure-files/files";
import * as leases from "azure-files/leases";
import * as shares from "azure-files/shares";
import { download, upload } from "azure-files/streaming";
import { type Case, inShare, type Space } from "./case.js";
import { deepEqual, equal, ok, rejects } from "./check.js";

const path = "leader";
const refused = (status: number, code: string) => ({ name: "ServiceError", status, code });
const ended = { name: "LockError", reason: "released" };

/** A clock whose minutes are over in less than a second; its time of day is right, as signatures want it. */
const hasty = {
  now: () => Date.now(),
  setTimeout: (callback: () => void, delay: number) => setTimeout(callback, delay / 100),
  clearTimeout: (handle: unknown) => clearTimeout(handle as number),
};

/** Lets a few contend for a lock, and says how many worked at the same time, and with which fences. */
async function contend(work: (turn: (fence?: number) => Promise<void>) => Promise<void>[]): Promise<{ most: number; fences: unknown[] }> {
  let [inside, most] = [0, 0];
  const fences: unknown[] = [];
  const turn = async (fence?: number): Promise<void> => {
    most = Math.max(most, ++inside);
    fences.push(fence);
    await new Promise((done) => setTimeout(done, 5));
    inside--;
  };
  await Promise.all(work(turn));
  return { most, fences };
}

/** A connection whose other end falls silent when told. */
function mortal({ context, share }: { context: Space; share: string }): { connection: Connection; die(): void } {
  let isDead = false;
  const silence = new Promise<never>(() => undefined);
  const connection = context.connect({ share, middleware: [(next) => (request) => (isDead ? silence : next(request))] });
  return { connection, die: () => void (isDead = true) };
}

export const lockCases: readonly Case[] = [
  inShare(
    "leases.withLock by a file lets one work at a time, each with a larger fence",
    async ({ connection }) => {
      const client = new AzureFilesClient(connection);
      const { most, fences } = await contend((turn) =>
        [1, 2, 3, 4].map(() => client.leases.withLock({ path }, ({ fence }) => turn(fence), { poll: 20 })),
      );
      equal(most, 1);
      equal(fences.length, 4);
      ok(
        fences.every((fence, at) => at === 0 || Number(fence) > Number(fences[at - 1])),
        fences.join(", "),
      );
      equal((await files.getProperties(connection, { path })).leaseState, "available");
    },
    ["live"],
  ),

  inShare(
    "leases.withLock of a share lets one work at a time, and keeps the share from being deleted",
    async ({ connection }) => {
      const { most } = await contend((turn) =>
        [1, 2, 3].map(() =>
          leases.withLock(
            connection,
            {},
            async (lock) => {
              await rejects(shares.delete(connection), refused(412, "LeaseIdMissing"));
              await turn();
              equal((await shares.getProperties(connection, { lock })).leaseState, "leased");
            },
            { duration: 15, poll: 20 },
          ),
        ),
      );
      equal(most, 1);
      equal((await shares.getProperties(connection)).leaseState, "available");
    },
    ["live"],
  ),

  inShare(
    "leases.lockHolder shows who holds a lock",
    async ({ connection }) => {
      equal(await leases.lockHolder(connection, { path }), undefined);
      const work = async ({ fence }: leases.FileLock): Promise<void> => {
        const holder = await leases.lockHolder(connection, { path });
        deepEqual([holder?.owner, holder?.fence, holder?.staleAfter], ["Zoë \u{1f512}", fence, 60_000]);
        ok(Math.abs((holder?.time.getTime() ?? 0) - Date.now()) < 60_000, String(holder?.time));
      };
      await leases.withLock(connection, { path }, work, { owner: "Zoë \u{1f512}" });
      equal(await leases.lockHolder(connection, { path }), undefined);
    },
    ["live"],
  ),

  inShare(
    "leases.withLock takes over from a holder that crashed, whose late beat is refused",
    async (context) => {
      const { connection, die } = mortal({ context, share: context.share });
      const end = new AbortController();
      let crashed: leases.FileLock | undefined;
      const holding = new Promise<void>((begun) => {
        const work = (lock: leases.FileLock): Promise<void> => {
          crashed = lock;
          begun();
          return new Promise((_, fail) => end.signal.addEventListener("abort", () => fail(new Error("over"))));
        };
        leases.withLock(connection, { path }, work, { staleAfter: 5000 }).catch(() => undefined);
      });
      await holding;
      die();
      const later = context.connect({ share: context.share, clock: hasty });
      await leases.withLock(later, { path }, async ({ fence }) => {
        ok(fence > (crashed?.fence ?? Infinity), `${fence} after ${crashed?.fence}`);
        const beat = { path, leaseId: crashed?.leaseId, metadata: {} };
        await rejects(files.setMetadata(context.connection, beat), refused(412, "LeaseIdMismatchWithFileOperation"));
      });
      end.abort();
    },
    ["live"],
  ),

  inShare("a lock by a file takes a SAS of that one file, to read, create and write", async (context) => {
    const { share } = context;
    const credential = sas(await context.serviceToken({ share, path, permissions: "rcw" }));
    const guest = context.connect({ share, credential });
    equal(await leases.withLock(guest, { path }, () => "mine"), "mine");
    equal(await leases.withLock(guest, { path }, () => "again"), "again");
    await rejects(
      leases.withLock(guest, {}, () => "the share"),
      { name: "ServiceError", status: 403 },
    );
  }),

  inShare(
    "a lock of others is waited for no longer than one is willing to",
    async ({ connection }) => {
      await leases.withLock(connection, { path }, async () => {
        const waiting = leases.withLock(connection, { path }, () => undefined, { timeout: 50, poll: 20 });
        await rejects(waiting, { name: "LockError", reason: "timeout" });
        const reason = new Error("changed my mind");
        const signal = AbortSignal.abort(reason);
        equal(await leases.withLock(connection, { path }, () => undefined, { signal }).catch((error: unknown) => error), reason);
      });
    },
    ["live"],
  ),

  inShare("a call under a lease says its id for the leased file alone, and ends with the lease", async ({ connection }) => {
    await files.create(connection, { path, size: 5 });
    const lease = await leases.acquire(connection, { path });
    equal(lease.id, lease.leaseId);
    const put = { offset: 0, body: "hello", lock: lease };
    await files.putRange(connection, { path, ...put });
    await files.create(connection, { path: "other", size: 5, lock: lease });
    await files.putRange(connection, { path: "other", ...put });
    await upload(connection, { path, body: "whole", lock: lease });
    await upload(connection, { path: "other", body: "whole", lock: lease });
    equal(await (await download(connection, { path, lock: lease })).text(), "whole");
    await lease.release();
    await rejects(files.getProperties(connection, { path, lock: lease }), ended);
    await rejects(upload(connection, { path, body: "late", lock: lease }), ended);
    await rejects(download(connection, { path, lock: lease }), ended);
    ok(isLockError(lease.signal.reason, "released"), String(lease.signal.reason));

    // A file takes its lease with it to another name, and one that is replaced loses it.
    const second = await leases.acquire(connection, { path });
    await files.rename(connection, { path, to: "moved", lock: second });
    await leases.release(connection, { path: "moved", leaseId: second.id });
    const third = await leases.acquire(connection, { path: "other" });
    await files.rename(connection, { path: "moved", to: "other", replaceIfExists: true, lock: third });
    equal((await files.getProperties(connection, { path: "other" })).leaseState, "available");
  }),

  inShare("a lease is given back where it goes out of sight", async ({ connection }) => {
    const dispose: typeof Symbol.asyncDispose = Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose");
    const lease = await leases.acquire(connection, { duration: 60 });
    equal((await lease.renew()).leaseId, lease.id);
    await lease[dispose]();
    equal((await shares.getProperties(connection)).leaseState, "available");
    // It is over already, and that is no error.
    await lease[dispose]();
    await files.create(connection, { path, size: 0 });
    const broken = await leases.acquire(connection, { path });
    await leases.break(connection, { path });
    await leases.release(connection, { path, leaseId: broken.id });
    await broken[dispose]();
  }),
];
