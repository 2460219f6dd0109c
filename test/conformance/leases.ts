/** Leases of files, shares and snapshots of shares. */
import { AzureFilesClient } from "azure-files";
import * as files from "azure-files/files";
import * as leases from "azure-files/leases";
import * as shares from "azure-files/shares";
import { type Case, inShare } from "./case.js";
import { deepEqual, equal, ok, rejects } from "./check.js";

const [A, B, C] = ["a", "b", "c"].map((digit) => `${digit.repeat(8)}-1111-4222-8333-${digit.repeat(12)}`) as [string, string, string];
const path = "a.txt";
const refused = (status: number, code: string) => ({ name: "ServiceError", status, code });

export const leaseCases: readonly Case[] = [
  inShare("leases.acquire locks a file against writes without its id", async ({ connection }) => {
    const made = await files.create(connection, { path, size: 5 });
    const { leaseId, etag, lastModified, requestId } = await leases.acquire(connection, { path });
    ok(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(leaseId), leaseId);
    equal(etag, made.etag, "a lease changes no etag");
    deepEqual(lastModified, made.lastModified);
    ok(requestId, "request id");
    const locked = await files.getProperties(connection, { path });
    deepEqual([locked.leaseStatus, locked.leaseState, locked.leaseDuration], ["locked", "leased", "infinite"]);
    const write = { path, offset: 0, body: "hello" };
    await rejects(files.putRange(connection, write), refused(412, "LeaseIdMissing"));
    await rejects(files.putRange(connection, { ...write, leaseId: C }), refused(412, "LeaseIdMismatchWithFileOperation"));
    await rejects(files.delete(connection, { path }), refused(412, "LeaseIdMissing"));
    await files.putRange(connection, { ...write, leaseId });
    equal(await (await files.read(connection, { path })).text(), "hello");
    await leases.release(connection, { path, leaseId });
    await files.delete(connection, { path });
  }),

  inShare("leases.acquire again with the same id is the same lease, with another a refusal", async ({ connection }) => {
    await files.create(connection, { path, size: 0 });
    equal((await leases.acquire(connection, { path, proposedLeaseId: A })).leaseId, A);
    equal((await leases.acquire(connection, { path, proposedLeaseId: A, duration: -1 })).leaseId, A);
    await rejects(leases.acquire(connection, { path, proposedLeaseId: B }), refused(409, "LeaseAlreadyPresent"));
    await rejects(leases.acquire(connection, { path }), refused(409, "LeaseAlreadyPresent"));
    await rejects(leases.acquire(connection, { path: "none" }), refused(404, "ResourceNotFound"));
    await leases.release(connection, { path, leaseId: A });
  }),

  inShare("leases.change gives a file's lease another id, once", async ({ connection }) => {
    await files.create(connection, { path, size: 1 });
    await leases.acquire(connection, { path, proposedLeaseId: A });
    const changed = await leases.change(connection, { path, leaseId: A, proposedLeaseId: B });
    equal(changed.leaseId, B);
    ok(changed.etag && changed.lastModified && changed.requestId, "etag, time and request id");
    await rejects(leases.change(connection, { path, leaseId: A, proposedLeaseId: C }), refused(409, "LeaseIdMismatchWithLeaseOperation"));
    equal((await leases.change(connection, { path, leaseId: A, proposedLeaseId: B })).leaseId, B, "what a lost answer makes a client do");
    await leases.release(connection, { path, leaseId: B });
    await rejects(leases.change(connection, { path, leaseId: B, proposedLeaseId: C }), refused(409, "LeaseNotPresentWithLeaseOperation"));
  }),

  inShare("leases.release makes a file free; it takes the right id", async ({ connection }) => {
    await files.create(connection, { path, size: 1 });
    await leases.acquire(connection, { path, proposedLeaseId: A });
    await rejects(leases.release(connection, { path, leaseId: B }), refused(409, "LeaseIdMismatchWithLeaseOperation"));
    const released = await leases.release(connection, { path, leaseId: A });
    ok(released.etag && released.lastModified && released.requestId, "etag, time and request id");
    const free = await files.getProperties(connection, { path });
    deepEqual([free.leaseStatus, free.leaseState, free.leaseDuration], ["unlocked", "available", undefined]);
    await rejects(files.putRange(connection, { path, offset: 0, body: "x", leaseId: A }), refused(412, "LeaseNotPresentWithFileOperation"));
  }),

  inShare("leases.break ends a file's lease at once, without its id", async ({ connection }) => {
    await files.create(connection, { path, size: 1 });
    await rejects(leases.break(connection, { path }), refused(409, "LeaseNotPresentWithLeaseOperation"));
    await leases.acquire(connection, { path, proposedLeaseId: A });
    const client = new AzureFilesClient(connection);
    const broken = await client.leases.break({ path });
    equal(broken.remaining, 0);
    ok(broken.etag && broken.lastModified && broken.requestId, "etag, time and request id");
    const after = await files.getProperties(connection, { path });
    deepEqual([after.leaseStatus, after.leaseState], ["unlocked", "broken"]);
    await files.putRange(connection, { path, offset: 0, body: "x" });
    equal((await client.leases.acquire({ path, proposedLeaseId: B })).leaseId, B);
    await client.leases.release({ path, leaseId: B });
  }),

  inShare("a lease of the connection's file needs no path", async (space) => {
    await files.create(space.connection, { path, size: 0 });
    const connection = space.connect({ share: space.share, path });
    const { leaseId } = await leases.acquire(connection);
    equal((await files.getProperties(connection)).leaseState, "leased");
    equal((await shares.getProperties(connection)).leaseState, "available");
    await leases.release(connection, { leaseId });
    const whole = await leases.acquire(connection, { path: "" });
    equal((await shares.getProperties(connection)).leaseState, "leased");
    await leases.release(connection, { path: "", leaseId: whole.leaseId });
  }),

  inShare("leases.acquire locks a share against its deletion, and leases.renew starts it anew", async ({ connection }) => {
    const before = await shares.getProperties(connection);
    const { leaseId, etag } = await leases.acquire(connection, { duration: 60 });
    equal(etag, before.etag, "a lease changes no etag");
    const locked = await shares.getProperties(connection);
    deepEqual([locked.leaseStatus, locked.leaseState, locked.leaseDuration], ["locked", "leased", "fixed"]);
    await rejects(shares.delete(connection), refused(412, "LeaseIdMissing"));
    await rejects(shares.delete(connection, { leaseId: C }), refused(412, "LeaseIdMismatchWithContainerOperation"));
    await shares.setMetadata(connection, { metadata: { still: "possible" } });
    const renewed = await leases.renew(connection, { leaseId });
    equal(renewed.leaseId, leaseId);
    ok(renewed.etag && renewed.lastModified && renewed.requestId, "etag, time and request id");
    await rejects(leases.renew(connection, { leaseId: C }), refused(409, "LeaseIdMismatchWithLeaseOperation"));
    await rejects(leases.acquire(connection, { duration: 15 }), refused(409, "LeaseAlreadyPresent"));
    await rejects(leases.release(connection, { leaseId: C }), refused(409, "LeaseIdMismatchWithLeaseOperation"));
    const changed = await leases.change(connection, { leaseId });
    ok(changed.leaseId !== leaseId, "another id");
    await leases.release(connection, { leaseId: changed.leaseId });
    equal((await shares.getProperties(connection)).leaseState, "available");
  }),

  inShare("leases.break lets a share's lease run for a while, or ends it", async ({ connection }) => {
    await rejects(leases.break(connection), refused(409, "LeaseNotPresentWithLeaseOperation"));
    const { leaseId } = await leases.acquire(connection);
    equal((await shares.getProperties(connection)).leaseDuration, "infinite");
    const breaking = await leases.break(connection, { breakPeriod: 60 });
    ok(breaking.remaining !== undefined && breaking.remaining > 30 && breaking.remaining <= 60, `${breaking.remaining} seconds`);
    deepEqual((await shares.getProperties(connection)).leaseState, "breaking");
    await rejects(leases.renew(connection, { leaseId }), refused(409, "LeaseIsBrokenAndCannotBeRenewed"));
    await rejects(leases.change(connection, { leaseId }), refused(409, "LeaseIsBreakingAndCannotBeChanged"));
    await rejects(leases.acquire(connection, { proposedLeaseId: leaseId }), refused(409, "LeaseIsBreakingAndCannotBeAcquired"));
    equal((await leases.break(connection, { breakPeriod: 0 })).remaining, 0);
    deepEqual((await shares.getProperties(connection)).leaseState, "broken");
    await leases.release(connection, { leaseId });
    equal((await shares.getProperties(connection)).leaseState, "available");
  }),

  inShare("a snapshot of a share has a lease of its own", async ({ connection }) => {
    const { snapshot } = await shares.createSnapshot(connection);
    const { leaseId } = await leases.acquire(connection, { snapshot, duration: 60 });
    equal((await shares.getProperties(connection, { snapshot })).leaseState, "leased");
    equal((await shares.getProperties(connection)).leaseState, "available");
    await rejects(shares.delete(connection, { snapshot }), refused(412, "LeaseIdMissing"));
    await rejects(shares.delete(connection, { deleteSnapshots: "include" }), refused(409, "DeleteShareWhenSnapshotLeased"));
    await leases.renew(connection, { snapshot, leaseId });
    await leases.release(connection, { snapshot, leaseId });
    await leases.acquire(connection, { snapshot });
    await shares.delete(connection, { deleteSnapshots: "include-leased" });
    equal(await shares.exists(connection), false);
  }),
];
