/** The lock by a file, against the emulator: hosts that crash, stand still and lose their network, in time that passes as a test says. */
import { describe, expect, it } from "vitest";
import { isLockError } from "../../../src/errors.js";
import { type FileLock, lockHolder, withLock } from "../../../src/locking/index.js";
import type { FileLockOptions } from "../../../src/locking/lock.js";
import * as files from "../../../src/services/files.js";
import * as leases from "../../../src/services/leases.js";
import type { Connection, Operation } from "../../../src/types/connection.js";
import { ending } from "../wire-double.js";
import { createWorld, deferred, type Host, seeded, type World } from "./world.js";

const path = "leader";

/** A world with fair weather and hosts whose clocks are hours apart. */
async function fair(): Promise<{ world: World; hosts: Host[]; look: Connection }> {
  const random = seeded(7);
  const world = await createWorld(random);
  const hosts = ["a", "b", "c"].map((name, at) => world.host(name, { skew: at * 7_200_000, drift: 0 }, () => ({ there: 10, back: 10 })));
  return { world, hosts, look: (hosts[2] as Host).connection };
}

/** What a host does with a lock, and what it saw. */
interface Holding {
  readonly lock: FileLock | undefined;
  /** When it had the lock. */
  readonly since: number | undefined;
  readonly end: Promise<unknown>;
  finish(): void;
}

/** Holds a lock until told otherwise or its end. */
function hold(world: World, host: Host | undefined, options: FileLockOptions = {}): Holding {
  let lock: FileLock | undefined;
  let since: number | undefined;
  const work = deferred<string>();
  const { connection } = host as Host;
  const end = ending(
    withLock(
      connection,
      { path },
      (held) => {
        [lock, since] = [held, world.now];
        held.signal.addEventListener("abort", () => work.reject(held.signal.reason));
        return work.promise;
      },
      { owner: (host as Host).name, poll: 1000, ...options },
    ),
  );
  return {
    get lock() {
      return lock;
    },
    get since() {
      return since;
    },
    end,
    finish: () => work.resolve("done"),
  };
}

/** Asks while time passes. */
async function asked<T>(world: World, question: Promise<T>): Promise<unknown> {
  const answer = ending(question);
  await world.run(world.now + 1000);
  return answer;
}

describe("a lock by a file", () => {
  it("makes the file, shows its holder a third of staleAfter apart, and leaves it free", async () => {
    const { world, hosts, look } = await fair();
    const a = hold(world, hosts[0]);
    await world.run(5000);
    expect(a.lock?.resource).toEqual({ share: "share", path });
    const early = (await asked(world, lockHolder(look, { path }))) as leases.LeaseHeld;
    expect(early).toMatchObject({ owner: "a", fence: a.lock?.fence, staleAfter: 60_000 });
    await world.run(world.now + 20_000);
    const later = await asked(world, lockHolder(look, { path }));
    expect(later).toMatchObject({ beat: (early as unknown as { beat: number }).beat + 1 });
    a.finish();
    await world.run(world.now + 1000);
    expect(await a.end).toBe("done");
    expect(isLockError(a.lock?.signal.reason, "released")).toBe(true);
    expect(await asked(world, lockHolder(look, { path }))).toBeUndefined();
    expect(await asked(world, lockHolder(look, { path: "none" }))).toBeUndefined();
    expect(await asked(world, files.getProperties(look, { path }))).toMatchObject({ size: 0, leaseState: "available" });
  });

  it("goes from one to the next, each with a larger fence", async () => {
    const { world, hosts } = await fair();
    const a = hold(world, hosts[0]);
    await world.run(1000);
    const b = hold(world, hosts[1]);
    await world.run(200_000);
    expect([a.since !== undefined, b.since]).toEqual([true, undefined]);
    a.finish();
    await world.run(202_000);
    expect(b.lock?.fence).toBeGreaterThan(a.lock?.fence ?? Infinity);
    b.finish();
    await world.run(203_000);
    expect(await b.end).toBe("done");
  });

  it("is free for the next within staleAfter and a little after its holder crashed", async () => {
    const { world, hosts } = await fair();
    const a = hold(world, hosts[0], { staleAfter: 30_000 });
    await world.run(1000);
    const b = hold(world, hosts[1], { staleAfter: 30_000 });
    await world.run(60_000);
    expect(b.since).toBeUndefined();
    hosts[0]?.crash();
    await world.run(100_000);
    expect(b.since).toBeGreaterThan(60_000);
    expect(b.since).toBeLessThan(60_000 + 30_000 + 2000);
    expect(b.lock?.fence).toBeGreaterThan(a.lock?.fence ?? Infinity);
  });

  it("goes by the larger staleAfter of holder and waiter", async () => {
    const { world, hosts } = await fair();
    hold(world, hosts[0], { staleAfter: 60_000 });
    await world.run(1000);
    const b = hold(world, hosts[1], { staleAfter: 5000 });
    hosts[0]?.crash();
    await world.run(60_000);
    expect(b.since).toBeUndefined();
    await world.run(65_000);
    expect(b.since).toBeDefined();
  });

  it("is lost in time where its holder has no network, and before another has it", async () => {
    const { world, hosts } = await fair();
    const a = hold(world, hosts[0]);
    await world.run(1000);
    const b = hold(world, hosts[1]);
    let lostAt = 0;
    a.lock?.signal.addEventListener("abort", () => (lostAt = world.now));
    hosts[0]?.cut(200_000);
    await world.run(300_000);
    expect(isLockError(await a.end, "lost")).toBe(true);
    expect((b.since ?? 0) - lostAt).toBeGreaterThan(6000);
  });

  it("that was taken from a holder who stood still refuses its late beat, and tells it at once", async () => {
    const { world, hosts, look } = await fair();
    const a = hold(world, hosts[0]);
    await world.run(1000);
    const b = hold(world, hosts[1]);
    hosts[0]?.freeze(90_000);
    await world.run(95_000);
    expect(isLockError(a.lock?.signal.reason, "lost")).toBe(true);
    expect(await asked(world, lockHolder(look, { path }))).toMatchObject({ owner: "b", fence: b.lock?.fence });
    expect(b.lock?.signal.aborted).toBe(false);
  });

  it("that somebody breaks by hand is lost at the next beat", async () => {
    const { world, hosts, look } = await fair();
    const a = hold(world, hosts[0]);
    await world.run(10_000);
    await asked(world, leases.break(look, { path }));
    await world.run(33_000);
    expect(a.lock?.signal.reason).toMatchObject({ reason: "lost", cause: { code: "LeaseLost" } });
  });

  it("keeps counting where the file is deleted and made anew", async () => {
    const { world, hosts, look } = await fair();
    const a = hold(world, hosts[0]);
    await world.run(1000);
    a.finish();
    await world.run(2000);
    await asked(world, files.delete(look, { path }));
    const b = hold(world, hosts[1]);
    await world.run(5000);
    expect(b.lock?.fence).toBeGreaterThan(a.lock?.fence ?? Infinity);
  });

  it("is not made of a file that holds something, and leaves that alone", async () => {
    const { world, hosts, look } = await fair();
    await asked(world, files.write(look, { path, body: "data" }));
    const before = await asked(world, files.getProperties(look, { path }));
    const error = await asked(
      world,
      withLock((hosts[0] as Host).connection, { path }, () => 1),
    );
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain("a file of 4 bytes");
    const { requestId: _, ...after } = (await asked(world, files.getProperties(look, { path }))) as files.FileProperties;
    expect(before).toMatchObject(after);
  });

  it("never takes a lease that is no lock's, and says who holds what it waited for", async () => {
    const { world, hosts, look } = await fair();
    await asked(world, files.create(look, { path, size: 0 }));
    const held = (await asked(world, leases.acquire(look, { path }))) as leases.Lease;
    const waiting = hold(world, hosts[0], { staleAfter: 5000, timeout: 60_000 });
    await world.run(70_000);
    expect(await waiting.end).toMatchObject({ reason: "timeout", message: "the lock was held for all of 60000 ms" });
    await asked(world, held.release());

    hold(world, hosts[0]);
    await world.run(world.now + 1000);
    const second = hold(world, hosts[1], { timeout: 5000 });
    await world.run(world.now + 6000);
    expect(await second.end).toMatchObject({ message: 'the lock was held by "a" for all of 5000 ms' });
  });

  it("tells a page that sees no leases that it cannot lock so", async () => {
    const { hosts, world } = await fair();
    const { connection } = hosts[0] as Host;
    await asked(world, files.create(connection, { path, size: 0 }));
    const blind: Connection = {
      ...connection,
      send: async (operation) => {
        const reply = await connection.send(operation);
        const shown = new Headers();
        reply.headers.forEach((value, name) => name.startsWith("x-ms-") || shown.set(name, value));
        return { ...reply, headers: shown };
      },
    };
    expect(
      String(
        await asked(
          world,
          withLock(blind, { path }, () => 1),
        ),
      ),
    ).toMatch(/TypeError.*CORS/);
  });
});

/** Takes the lock over by breaking the lease, whoever has it by then, instead of changing it from the id that was seen. */
const breaking = (connection: Connection): Connection => ({
  ...connection,
  send: async <T>(operation: Operation<T>) => {
    const { headers } = operation;
    const from = headers?.["x-ms-lease-id"] ?? "";
    if (operation.operation !== "Change File Lease" || String(from).startsWith("a10c4ed0")) return connection.send(operation);
    const lease = { ...operation, headers: { ...headers, "x-ms-lease-id": undefined } };
    await connection.send({
      ...lease,
      operation: "Break File Lease",
      headers: { ...lease.headers, "x-ms-lease-action": "break", "x-ms-proposed-lease-id": undefined },
      success: [202, 409],
    });
    return connection.send({
      ...lease,
      operation: "Acquire File Lease",
      headers: { ...lease.headers, "x-ms-lease-action": "acquire", "x-ms-lease-duration": -1 },
      success: [201],
    });
  },
});

describe("of two who take over, one of them late", () => {
  it.each([
    ["the late one does no harm", (connection: Connection) => connection, false],
    ["the late one would, if it broke the lease", breaking, true],
  ] as const)("%s", async (_what, mistake, harm) => {
    const { world, hosts } = await fair();
    hold(world, hosts[0]);
    await world.run(1000);
    const b = hold(world, hosts[1]);
    let isLate = false;
    const late = world.host("late", { skew: 0, drift: 0 }, ({ operation }) => {
      const there = !isLate && /^(Change|Break)/.test(operation) ? 3000 : 10;
      isLate ||= there > 10;
      return { there, back: 10 };
    });
    const c = hold(world, { ...late, connection: mistake(late.connection) });
    await world.run(5000);
    hosts[0]?.crash();
    await world.run(100_000, () => c.since !== undefined);
    expect([isLate, b.since !== undefined]).toEqual([true, true]);
    // Two at the same time, of whom the first does not know yet that it lost the lock.
    expect([c.since !== undefined, b.lock?.signal.aborted]).toEqual([harm, false]);
  });
});

describe("a host that crashes while it takes a lock", () => {
  // Each request on the way: look, make, claim, look, publish, change, and the first beat.
  it.each([1, 2, 3, 4, 5, 6, 7])("after its request %i arrived leaves a lock that the next can have", async (count) => {
    const { world, hosts } = await fair();
    const a = hold(world, hosts[0], { staleAfter: 10_000 });
    await world.run(60_000, () => world.requests === count);
    expect(world.requests).toBe(count);
    hosts[0]?.crash();
    const crashedAt = world.now;
    const b = hold(world, hosts[1], { staleAfter: 10_000 });
    await world.run(crashedAt + 60_000);
    expect((b.since ?? Infinity) - crashedAt).toBeLessThan(10_000 + 3000);
    expect(b.lock?.fence).toBeGreaterThan(a.lock?.fence ?? 0);
  });

  it("while it takes over from one that crashed, too", async () => {
    for (const count of [1, 2, 3, 4]) {
      const { world, hosts } = await fair();
      hold(world, hosts[0], { staleAfter: 10_000 });
      await world.run(1000);
      hosts[0]?.crash();
      hold(world, hosts[1], { staleAfter: 10_000 });
      await world.run(10_900);
      const before = world.requests;
      await world.run(60_000, () => world.requests === before + count);
      hosts[1]?.crash();
      const crashedAt = world.now;
      const c = hold(world, hosts[2], { staleAfter: 10_000 });
      await world.run(crashedAt + 60_000);
      expect((c.since ?? Infinity) - crashedAt).toBeLessThan(10_000 + 3000);
    }
  });

  it("and leaves an id that nobody knows, because another came by the same claim, is followed once its lease is broken", async () => {
    const { world, hosts, look } = await fair();
    /** Chooses the same claim as everybody who does so, and ids of its own. */
    const alike = (host: Host | undefined, seed: number): Host => {
      const next = seeded(seed);
      let isFirst = true;
      const random = (): number => {
        if (!isFirst) return next();
        isFirst = false;
        return 0.5;
      };
      const { connection } = host as Host;
      return { ...(host as Host), connection: { ...connection, random } };
    };
    const a = hold(world, alike(hosts[0], 1), { staleAfter: 10_000 });
    const b = hold(world, alike(hosts[1], 2), { staleAfter: 10_000 });
    await world.run(1000, () => a.lock !== undefined || b.lock !== undefined);
    const [first, other] = a.lock ? [a, b] : [b, a];
    hosts[a.lock ? 0 : 1]?.crash();
    expect([first.lock !== undefined, other.lock]).toEqual([true, undefined]);
    const record = (await asked(world, lockHolder(look, { path }))) as { owner: string };
    // Its own sign of life is not there yet; the one that published last is not the one that has the lease.
    expect(record.owner).toBe(a.lock ? "b" : "a");
    await world.run(world.now + 120_000);
    expect(other.lock).toBeUndefined();
    await asked(world, leases.break(look, { path }));
    await world.run(world.now + 5000);
    expect(other.lock?.fence).toBeGreaterThan(first.lock?.fence ?? 0);
  });
});
