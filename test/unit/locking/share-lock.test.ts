/** The lock of a share: how it is taken, kept alive, lost and given back, in time that a test drives. */
import { describe, expect, it } from "vitest";
import type { ConnectionOptions } from "../../../src/config.js";
import { isLockError, TransportError } from "../../../src/errors.js";
import { type Lock, withLock } from "../../../src/locking/index.js";
import type { ShareLockOptions } from "../../../src/locking/lock.js";
import { observe } from "../../../src/observability/observe.js";
import type { TelemetryEvent } from "../../../src/types/telemetry.js";
import { coded, ending, refusal, type WireDouble, wired } from "../wire-double.js";
import type { VirtualClock } from "../virtual-clock.js";
import { deferred, seeded } from "./world.js";

/** Work that a test ends, under a lock that was just taken. */
interface Working {
  readonly wire: WireDouble;
  readonly clock: VirtualClock;
  readonly lock: Lock;
  readonly end: Promise<unknown>;
  finish(result: unknown): void;
  fail(error: unknown): void;
}

async function working(options: ShareLockOptions = {}, connected: Partial<ConnectionOptions> = {}): Promise<Working> {
  const { wire, clock, connection } = wired(connected);
  let begin: (lock: Lock) => void;
  const begun = new Promise<Lock>((done) => (begin = done));
  const work = deferred<unknown>();
  const end = ending(
    withLock(
      connection,
      {},
      (lock) => {
        begin(lock);
        return work.promise;
      },
      options,
    ),
  );
  await wire.nextRequest();
  wire.respond(201);
  return { wire, clock, end, lock: await begun, finish: work.resolve, fail: work.reject };
}

const answerAll = async (wire: WireDouble, status: number, code?: string): Promise<void> => {
  while ((await wire.waiting()) > 0) {
    await wire.nextRequest();
    if (code) wire.respond(status, coded(code), refusal(code));
    else wire.respond(status);
  }
};

describe("a lock of a share", () => {
  it("is a lease of 60 s, renewed at a third of it, and released at the end", async () => {
    const { wire, clock, lock, end, finish } = await working();
    expect(wire.requests[0]).toMatchObject({ operation: "Acquire Share Lease", headers: { "x-ms-lease-duration": "60" } });
    for (let renewal = 1; renewal <= 5; renewal++) {
      await clock.advance(19_999);
      expect(await wire.waiting()).toBe(0);
      await clock.advance(1);
      const request = await wire.nextRequest();
      expect(request).toMatchObject({ operation: "Renew Share Lease", headers: { "x-ms-lease-id": lock.leaseId } });
      wire.respond(200);
    }
    expect(lock.signal.aborted).toBe(false);
    finish("done");
    expect(await wire.nextRequest()).toMatchObject({ operation: "Release Share Lease", headers: { "x-ms-lease-id": lock.leaseId } });
    wire.respond(200);
    expect(await end).toBe("done");
    expect(isLockError(lock.signal.reason, "released")).toBe(true);
    expect(clock.pending).toEqual([]);
  });

  it("is of a snapshot where the target says one, and of the duration that is asked for", async () => {
    const { wire, connection } = wired({ path: "a/file" });
    const target = { path: "", snapshot: "2026-01-01T00:00:00.0000000Z" } as const;
    const end = ending(withLock(connection, target, ({ resource }) => resource, { duration: 15 }));
    const request = await wire.nextRequest();
    expect([request.query.get("restype"), request.query.get("sharesnapshot")]).toEqual(["share", target.snapshot]);
    expect(request.headers["x-ms-lease-duration"]).toBe("15");
    wire.respond(201);
    expect((await wire.nextRequest()).query.get("sharesnapshot")).toBe(target.snapshot);
    wire.respond(200);
    expect(await end).toEqual({ share: "share", ...target });
  });

  it("survives renewals that fail for 28 s", async () => {
    const { wire, clock, lock, end, finish } = await working();
    await clock.advance(20_000);
    for (let second = 0; second < 28; second++) {
      await answerAll(wire, 503, "ServerBusy");
      await clock.advance(1000);
    }
    // The service is back; what is asked next is asked in time.
    for (let second = 0; second < 30; second++) {
      await answerAll(wire, 200);
      await clock.advance(1000);
    }
    expect(lock.signal.aborted).toBe(false);
    finish(1);
    await answerAll(wire, 200);
    expect(await end).toBe(1);
  });

  it("is lost six seconds before the lease can have run out, counted from before it was asked for", async () => {
    const { wire, clock, connection } = wired();
    let lock: Lock | undefined;
    const end = ending(
      withLock(connection, {}, (held) => ((lock = held), new Promise((done) => held.signal.addEventListener("abort", done)))),
    );
    await wire.nextRequest();
    // The service may have answered at once; the answer took its time.
    await clock.advance(10_000);
    wire.respond(201);
    await clock.advance(43_999);
    expect(lock?.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(isLockError(lock?.signal.reason, "lost")).toBe(true);
    // It may still be there: others shall not wait for it.
    await clock.advance(10_000);
    expect(wire.requests.at(-1)?.operation).toBe("Release Share Lease");
    expect(isLockError(await end, "lost")).toBe(true);
  });

  it("counts a renewal from before it was sent, too", async () => {
    const { wire, clock, lock } = await working();
    await clock.advance(20_000);
    await wire.nextRequest();
    await clock.advance(9000);
    wire.respond(200);
    await clock.advance(44_999);
    expect(lock.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(lock.signal.aborted).toBe(true);
  });

  it("is lost where the computer slept, as soon as anything is asked of it", async () => {
    const { lock, clock, wire, end, finish } = await working();
    const { now } = clock;
    // Timers stood still, the time of day did not.
    clock.now = () => now() + 3_600_000;
    const operation = { operation: "Get File", method: "GET", target: {}, success: [200], idempotent: true } as const;
    expect(() => lock.guard(operation)).toThrow(/may|could not/);
    expect(lock.signal.aborted).toBe(true);
    finish(1);
    await answerAll(wire, 200);
    expect(isLockError(await end, "lost")).toBe(true);
  });

  it("that was taken away is lost at the next renewal, and there is nothing to release", async () => {
    const { wire, clock, lock, end, fail } = await working();
    await clock.advance(20_000);
    await answerAll(wire, 409, "LeaseIdMismatchWithLeaseOperation");
    expect(lock.signal.reason).toMatchObject({ name: "LockError", reason: "lost", cause: { code: "LeaseIdMismatchWithLeaseOperation" } });
    fail(lock.signal.reason);
    expect(await end).toBe(lock.signal.reason);
    expect(wire.requests.map(({ operation }) => operation)).toEqual(["Acquire Share Lease", "Renew Share Lease"]);
    expect(clock.pending).toEqual([]);
  });

  it("is released when the work fails, and a release that fails hides neither failure nor result", async () => {
    const failed = await working();
    const error = new Error("the work failed");
    failed.fail(error);
    await answerAll(failed.wire, 404, "ShareNotFound");
    expect(failed.wire.requests.at(-1)?.operation).toBe("Release Share Lease");
    expect(await failed.end).toBe(error);

    const done = await working();
    done.finish("result");
    // Nobody answers at all.
    await done.clock.advance(10_000);
    expect(await done.end).toBe("result");
  });

  it("ends with the caller's signal, with its reason, and is released", async () => {
    const controller = new AbortController();
    const { wire, lock, end, fail } = await working({ signal: controller.signal });
    const reason = new Error("enough");
    controller.abort(reason);
    expect(lock.signal.reason).toBe(reason);
    fail(reason);
    await answerAll(wire, 200);
    expect(wire.requests.at(-1)?.operation).toBe("Release Share Lease");
    expect(await end).toBe(reason);
  });
});

describe("listeners", () => {
  const told: TelemetryEvent[] = [];
  const listening = { telemetry: observe((event) => event.type.startsWith("lock") && told.push(event)) };
  const lock = { share: "share", path: "", snapshot: undefined };

  it("are told of a lock that is taken, renewed and given back", async () => {
    told.length = 0;
    const { wire, clock, end, finish } = await working({}, listening);
    await clock.advance(20_000);
    await answerAll(wire, 200);
    finish(1);
    await answerAll(wire, 200);
    await end;
    expect(told).toMatchObject([
      { type: "lock-acquired", lock, waited: 0 },
      { type: "lock-renewed", lock },
      { type: "lock-released", lock },
    ]);
  });

  it("are told once of a lock that is lost, and of one that could not be given back", async () => {
    told.length = 0;
    const lost = await working({}, listening);
    await lost.clock.advance(20_000);
    await answerAll(lost.wire, 409, "LeaseIdMismatchWithLeaseOperation");
    lost.finish(1);
    await lost.end;
    expect(told.slice(1)).toMatchObject([{ type: "lock-lost", lock, error: lost.lock.signal.reason as unknown }]);

    told.length = 0;
    const stuck = await working({}, listening);
    stuck.finish(1);
    await answerAll(stuck.wire, 404, "ShareNotFound");
    await stuck.end;
    expect(told.slice(1)).toMatchObject([{ type: "lock-lost", lock, error: { code: "ShareNotFound" } }]);
  });
});

describe("waiting for a lock", () => {
  const held = ["LeaseAlreadyPresent"] as const;

  it("asks with the same id about once in `poll`, never all at the same moment", async () => {
    const { wire, clock, connection } = wired({ random: seeded(1) });
    const end = ending(withLock(connection, {}, () => "mine", { poll: 1000 }));
    const ids = new Set<string | undefined>();
    const times: number[] = [];
    const start = clock.now();
    for (let tries = 0; tries < 8; tries++) {
      while ((await wire.waiting()) === 0) await clock.advance(1);
      times.push(clock.now() - start);
      ids.add((await wire.nextRequest()).headers["x-ms-proposed-lease-id"]);
      wire.respond(409, coded(...held), refusal(...held));
    }
    while ((await wire.waiting()) === 0) await clock.advance(1);
    await wire.nextRequest();
    wire.respond(201);
    await answerAll(wire, 200);
    expect(await end).toBe("mine");
    expect(ids.size).toBe(1);
    const waits = times.slice(1).map((time, at) => time - (times[at] ?? 0));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(500);
    expect(Math.max(...waits)).toBeLessThanOrEqual(1500);
    expect(new Set(waits).size).toBeGreaterThan(1);
  });

  it("goes on where a try whose answer was lost took it, and somebody is breaking that", async () => {
    const { wire, clock, connection } = wired({ retry: { attempts: 2 } });
    const end = ending(withLock(connection, {}, () => "mine"));
    const asked = await wire.nextRequest();
    asked.fail(new TransportError("network", "the answer was lost"));
    await clock.advance(500);
    for (let tries = 0; tries < 3; tries++) {
      await wire.nextRequest();
      wire.respond(409, coded("LeaseIsBreakingAndCannotBeAcquired"), refusal("LeaseIsBreakingAndCannotBeAcquired"));
      await clock.advance(1500);
    }
    const again = await wire.nextRequest();
    expect(again.headers["x-ms-proposed-lease-id"]).toBe(asked.headers["x-ms-proposed-lease-id"]);
    wire.respond(201);
    await answerAll(wire, 200);
    expect(await end).toBe("mine");
  });

  it("ends with a LockError when the time is up, also in the middle of a request", async () => {
    const { wire, clock, connection } = wired();
    const end = ending(withLock(connection, {}, () => "mine", { timeout: 2500 }));
    for (let tries = 0; tries < 2; tries++) {
      await wire.nextRequest();
      wire.respond(409, coded(...held), refusal(...held));
      await clock.advance(1000);
    }
    await wire.nextRequest();
    await clock.advance(500);
    expect(await end).toMatchObject({ name: "LockError", reason: "timeout", message: "the lock was held for all of 2500 ms" });
    // What may have been taken without an answer is given back.
    expect((await wire.nextRequest()).operation).toBe("Release Share Lease");
  });

  it("tries once with a timeout of 0", async () => {
    const { wire, clock, connection } = wired();
    const end = ending(withLock(connection, {}, () => "mine", { timeout: 0 }));
    await wire.nextRequest();
    wire.respond(409, coded(...held), refusal(...held));
    expect(isLockError(await end, "timeout")).toBe(true);
    expect(clock.pending).toEqual([]);
  });

  it("ends with the signal's reason, and with what keeps the service from being asked", async () => {
    const { wire, clock, connection } = wired();
    const controller = new AbortController();
    const end = ending(withLock(connection, {}, () => "mine", { signal: controller.signal }));
    await wire.nextRequest();
    wire.respond(409, coded(...held), refusal(...held));
    await clock.advance(100);
    controller.abort("no more");
    expect(await end).toBe("no more");
    expect(clock.pending).toEqual([]);

    const missing = ending(withLock(connection, {}, () => "mine"));
    await wire.nextRequest();
    wire.respond(404, coded("ShareNotFound"), refusal("ShareNotFound"));
    expect(await missing).toMatchObject({ code: "ShareNotFound" });
    expect(await ending(withLock(connection, {}, () => "mine", { signal: AbortSignal.abort("before") }))).toBe("before");
  });

  it.each<[string, object, object, new () => Error]>([
    ["a duration of 14", {}, { duration: 14 }, RangeError],
    ["a duration of 61", {}, { duration: 61 }, RangeError],
    ["an endless duration", {}, { duration: -1 }, RangeError],
    ["a duration for a file", { path: "a" }, { duration: 15 }, TypeError],
    ["staleAfter for a share", {}, { staleAfter: 60_000 }, TypeError],
    ["an owner for a share", {}, { owner: "me" }, TypeError],
    ["staleAfter of 4 s", { path: "a" }, { staleAfter: 4000 }, RangeError],
    ["an owner that is no text", { path: "a" }, { owner: 7 }, TypeError],
    ["an owner of 201 characters", { path: "a" }, { owner: "x".repeat(201) }, TypeError],
    ["a negative timeout", {}, { timeout: -1 }, RangeError],
    ["a poll of 0", {}, { poll: 0 }, RangeError],
    ["a file in a snapshot", { path: "a", snapshot: "2026" }, {}, TypeError],
    ["a directory", { path: "a/" }, {}, TypeError],
  ])("is refused before the network: %s", async (_what, target, options, type) => {
    const { wire, connection } = wired();
    expect(await ending(withLock(connection, target, () => 1, options))).toBeInstanceOf(type);
    expect(wire.requests).toHaveLength(0);
  });
});
