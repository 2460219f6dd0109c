/** The lease that `acquire` gives: how long it counts on itself, and what is made under it. */
import { describe, expect, it } from "vitest";
import { isLockError } from "../../../src/errors.js";
import * as directories from "../../../src/services/directories.js";
import * as files from "../../../src/services/files.js";
import * as leases from "../../../src/services/leases.js";
import * as shares from "../../../src/services/shares.js";
import { downloadRange, upload } from "../../../src/streaming/index.js";
import type { Connection } from "../../../src/types/connection.js";
import { coded, ending, refusal, wired } from "../wire-double.js";

const id = "11111111-2222-4333-8444-555555555555";

async function leased(request: leases.AcquireLeaseRequest): Promise<ReturnType<typeof wired> & { lease: leases.ShareLease }> {
  const world = wired();
  const lease = leases.acquire(world.connection, { ...request, proposedLeaseId: id } as leases.AcquireShareLeaseRequest);
  await world.wire.nextRequest();
  world.wire.respond(201);
  return { ...world, lease: await lease };
}

describe("a lease of a share", () => {
  it("ends a tenth before it can have run out, unless it is renewed", async () => {
    const { wire, clock, lease } = await leased({ duration: 15 });
    await clock.advance(10_000);
    const renewed = lease.renew();
    await wire.nextRequest();
    wire.respond(200);
    expect(await renewed).toMatchObject({ leaseId: id });
    await clock.advance(13_499);
    expect(lease.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(isLockError(lease.signal.reason, "lost")).toBe(true);
    expect(clock.pending).toEqual([]);
  });

  it("is not prolonged by a renewal that is refused", async () => {
    const { wire, clock, lease } = await leased({ duration: 60 });
    await clock.advance(20_000);
    const renewed = ending(lease.renew());
    await wire.nextRequest();
    wire.respond(409, coded("LeaseIdMismatchWithLeaseOperation"), refusal("LeaseIdMismatchWithLeaseOperation"));
    expect(await renewed).toMatchObject({ status: 409 });
    await clock.advance(34_000);
    expect(lease.signal.aborted).toBe(true);
  });

  it("without end sets no timer", async () => {
    const { clock, lease } = await leased({});
    expect(clock.pending).toEqual([]);
    expect(lease.signal.aborted).toBe(false);
  });
});

describe("a lease of a file", () => {
  it("cannot be renewed, and says so", async () => {
    const { wire, lease } = await leased({ path: "a" });
    expect(String(await ending(lease.renew()))).toMatch(/^TypeError: path is "a", but the lease of a file lasts until/);
    expect(wire.requests).toHaveLength(1);
  });

  it("is released once, and again where that failed", async () => {
    const { wire, lease } = await leased({ path: "a" });
    const failed = [ending(lease.release()), ending(lease.release())];
    await wire.nextRequest();
    wire.respond(403, coded("AuthorizationFailure"), refusal("AuthorizationFailure"));
    expect(await Promise.all(failed)).toMatchObject([{ status: 403 }, { status: 403 }]);
    expect(lease.signal.aborted).toBe(false);
    const released = lease.release();
    await wire.nextRequest();
    wire.respond(200);
    await released;
    await lease.release();
    expect(wire.requests).toHaveLength(3);
    expect(isLockError(lease.signal.reason, "released")).toBe(true);
  });
});

describe("a call under a lease", () => {
  const body = "x";
  it.each<[string, leases.AcquireLeaseRequest, (connection: Connection, lock: leases.Lease) => Promise<unknown>, Record<string, string>]>([
    ["a write of the file", { path: "a" }, (c, lock) => files.putRange(c, { path: "a", offset: 0, body, lock }), { "x-ms-lease-id": id }],
    ["the same, otherwise spelt", { path: "a" }, (c, lock) => files.delete(c, { path: "/a", lock }), { "x-ms-lease-id": id }],
    ["a look at it", { path: "a" }, (c, lock) => files.getProperties(c, { path: "a", lock }), { "x-ms-lease-id": id }],
    ["an upload of it", { path: "a" }, (c, lock) => upload(c, { path: "a", body, lock }), { "x-ms-lease-id": id }],
    ["a download of it", { path: "a" }, (c, lock) => downloadRange(c, { path: "a", offset: 0, count: 1, lock }), { "x-ms-lease-id": id }],
    ["another file", { path: "a" }, (c, lock) => files.putRange(c, { path: "b", offset: 0, body, lock }), {}],
    ["an upload of another", { path: "a" }, (c, lock) => upload(c, { path: "b", body, lock }), {}],
    ["a file of another share", { path: "a" }, (c, lock) => files.delete(c, { share: "other", path: "a", lock }), {}],
    ["a name in another case", { path: "a" }, (c, lock) => files.delete(c, { path: "A", lock }), {}],
    [
      "an id of the caller's own",
      { path: "a" },
      (c, lock) => files.delete(c, { path: "a", leaseId: "own", lock }),
      { "x-ms-lease-id": "own" },
    ],
    ["the share", {}, (c, lock) => shares.delete(c, { lock }), { "x-ms-lease-id": id }],
    ["a snapshot of the leased share", {}, (c, lock) => shares.delete(c, { snapshot: "2026", lock }), {}],
    ["a file in the leased share", {}, (c, lock) => files.delete(c, { path: "a", lock }), {}],
    ["a directory, which knows no leases", {}, (c, lock) => directories.delete(c, { path: "a", lock }), {}],
    ["a new name", { path: "a" }, (c, lock) => files.rename(c, { path: "a", to: "b", lock }), { "x-ms-source-lease-id": id }],
    [
      "a file that is replaced",
      { path: "a" },
      (c, lock) => files.rename(c, { path: "b", to: "a", lock }),
      { "x-ms-destination-lease-id": id },
    ],
  ])("says its id where it is about the very thing: %s", async (_what, request, call, expected) => {
    const { wire, connection, lease } = await leased(request);
    void ending(call(connection, lease));
    const { headers } = await wire.nextRequest();
    expect(Object.fromEntries(Object.entries(headers).filter(([name]) => name.includes("lease-id")))).toEqual(expected);
  });

  it.each<[string, (connection: Connection, lock: leases.Lease) => Promise<unknown>]>([
    ["an operation", (c, lock) => files.delete(c, { path: "b", lock })],
    ["an upload", (c, lock) => upload(c, { path: "b", body, lock })],
    ["a download", (c, lock) => downloadRange(c, { path: "b", offset: 0, count: 1, lock })],
    ["many operations", (c, lock) => directories.delete(c, { path: "b", recursive: true, lock })],
    ["a listing of shares", (c, lock) => shares.list(c, { lock }).pages()[Symbol.asyncIterator]().next()],
  ])("ends with it: %s", async (_what, call) => {
    const { wire, clock, connection, lease } = await leased({ duration: 60 });
    const end = ending(call(connection, lease));
    await wire.nextRequest();
    await clock.advance(54_000);
    expect(await end).toBe(lease.signal.reason);
    const sent = wire.requests.length;
    expect(await ending(call(connection, lease))).toBe(lease.signal.reason);
    expect(wire.requests).toHaveLength(sent);
  });

  it("ends with the caller's own signal as well, also where engines cannot join signals", async () => {
    const { any } = AbortSignal;
    for (const joining of [any, undefined]) {
      Object.assign(AbortSignal, { any: joining });
      try {
        const { wire, connection, lease } = await leased({ path: "a" });
        const controller = new AbortController();
        const end = ending(files.delete(connection, { path: "b", lock: lease, signal: controller.signal }));
        await wire.nextRequest();
        controller.abort("mine");
        expect(await end).toBe("mine");
        expect(await ending(files.delete(connection, { path: "b", lock: lease, signal: controller.signal }))).toBe("mine");
      } finally {
        Object.assign(AbortSignal, { any });
      }
    }
  });
});
