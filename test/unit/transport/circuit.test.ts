/** The circuit breaker in its place: between the tries of calls and the credential, shared by connections that go the same way. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { connect, derive } from "../../../src/connect.js";
import { isRetryable, retryAfter, TransportError } from "../../../src/errors.js";
import { observe } from "../../../src/observability/observe.js";
import { getProperties } from "../../../src/services/files.js";
import { renew } from "../../../src/services/leases.js";
import { download, upload } from "../../../src/streaming/index.js";
import type { Connection } from "../../../src/types/connection.js";
import type { Telemetry } from "../../../src/types/telemetry.js";
import { turn } from "../virtual-clock.js";
import { coded, ending, wired } from "../wire-double.js";

const path = "file.txt";
const broken = (): TransportError => new TransportError("network", "the line is cut");
const get = (connection: Connection): Promise<unknown> => ending(getProperties(connection, { path }));
const quick = { retry: false, circuitBreaker: { failures: 2, openFor: 1000, successes: 1 } } as const;

/** Fails calls until the circuit is open. */
async function open({ wire, connection }: ReturnType<typeof wired>): Promise<void> {
  const once = derive(connection, { retry: false });
  while (connection.circuit?.state !== "open") {
    const end = get(once);
    (await wire.nextRequest()).fail(broken());
    await end;
  }
}

describe("a call while the circuit is open", () => {
  it("fails at once, without asking the credential, and its error says when to try again", async () => {
    const asked: string[] = [];
    const credential = { kind: "anonymous" as const, authorize: (request: never) => (asked.push("asked"), request) };
    const scene = wired({ ...quick, credential });
    await open(scene);
    await scene.clock.advance(300);
    const error = await get(scene.connection);
    expect(error).toMatchObject({
      name: "TransportError",
      reason: "circuit-open",
      operation: "Get File Properties",
      attempts: [],
      cause: { message: "the line is cut" },
    });
    expect([isRetryable(error), retryAfter(error), asked.length, scene.clock.pending]).toEqual([true, 700, 2, []]);
  });

  it("is not waited for between tries: what failed is told, with no further try", async () => {
    const { wire, clock, connection } = wired({ circuitBreaker: { failures: 2 } });
    const end = get(connection);
    (await wire.nextRequest()).fail(broken());
    await clock.advance(250);
    (await wire.nextRequest()).fail(broken());
    expect(await end).toMatchObject({ reason: "network", attempts: { length: 2 } });
    expect(clock.pending).toEqual([]);
  });

  it("that another call opened during a wait between tries tells the tries there were", async () => {
    const { wire, clock, connection } = wired({ circuitBreaker: { failures: 2 } });
    const end = get(connection);
    (await wire.nextRequest()).respond(500);
    await clock.advance(100);
    const other = get(derive(connection, { retry: false }));
    (await wire.nextRequest()).fail(broken());
    await other;
    await clock.advance(150);
    expect(await end).toMatchObject({
      reason: "circuit-open",
      retryAfter: 9850,
      attempts: [{ status: 500 }],
      cause: { message: "the line is cut" },
    });
    expect([wire.requests.length, clock.pending]).toEqual([2, []]);
  });

  it("goes through when it may be tried again, before the wait between two tries is over", async () => {
    const { wire, clock, connection } = wired({ circuitBreaker: { failures: 1, openFor: 100, successes: 1 } });
    const end = get(connection);
    (await wire.nextRequest()).fail(broken());
    await clock.advance(250);
    (await wire.nextRequest()).respond(200);
    expect(await end).not.toBeInstanceOf(Error);
    expect(connection.circuit?.state).toBe("closed");
  });
});

describe("what does not open it", () => {
  it("a caller's own impatience: aborts and the overall time", async () => {
    const { wire, clock, connection } = wired({ ...quick, timeouts: { overall: 10 } });
    for (let time = 0; time < 3; time++) {
      const controller = new AbortController();
      const end = ending(getProperties(connection, { path, signal: controller.signal }));
      await wire.nextRequest();
      if (time === 1) await clock.advance(10);
      else controller.abort(new Error("enough"));
      await end;
    }
    expect(connection.circuit?.state).toBe("closed");
    const patient = derive(connection, { timeouts: { overall: Infinity, firstByte: 10 } });
    for (let time = 0; time < 2; time++) {
      const end = get(patient);
      await wire.nextRequest();
      await clock.advance(10);
      expect(await end).toMatchObject({ reason: "timeout" });
    }
    expect(connection.circuit?.state).toBe("open");
  });

  it("anything, where it is off", async () => {
    const { wire, connection } = wired({ retry: false, circuitBreaker: false });
    for (let time = 0; time < 50; time++) {
      const end = get(connection);
      (await wire.nextRequest()).fail(broken());
      expect(await end).toMatchObject({ reason: "network" });
    }
    expect(connection.circuit).toBeUndefined();
  });
});

describe("connections", () => {
  it("derived from one another share a circuit while they go the same way", () => {
    const { connection } = wired(quick);
    const same = [{ share: "other" }, { retry: { attempts: 3 } }, { timeouts: { idle: 1 } }, { circuitBreaker: { openFor: 1000 } }];
    for (const options of same) expect(derive(connection, options).circuit).toBe(connection.circuit);
    const other = [
      { endpoint: "https://other.file.core.windows.net" },
      { middleware: [] },
      { fetch: () => Promise.reject(new Error("no")) },
      { transport: "fetch" as const },
      { clock: { ...connection.clock } },
      { circuitBreaker: { openFor: 1 } },
    ];
    for (const options of other) expect(derive(connection, options).circuit).not.toBe(connection.circuit);
    const { endpoint } = connection;
    expect(connect({ endpoint }).circuit).not.toBe(connect({ endpoint }).circuit);
  });

  it("that share a circuit hear of its changes, each listener once, whichever connection's calls it were", async () => {
    const heard: string[] = [];
    const telemetryOf = (name: string): Telemetry =>
      observe((event) => void (event.type === "breaker" && heard.push(`${name}: ${event.from} to ${event.to}`)));
    const scene = wired({ ...quick, telemetry: telemetryOf("first") });
    const second = derive(scene.connection, { telemetry: telemetryOf("second") });
    // This one has the listeners of the one that it is derived from.
    derive(second, { share: "other" });
    await open(scene);
    expect(heard).toEqual(["first: closed to open", "second: closed to open"]);
  });

  it("that share a circuit and are gone are not held by it", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const { connection } = wired(quick);
    const listening = (): WeakRef<object> => {
      const listener = (): undefined => undefined;
      derive(connection, { telemetry: observe(listener) });
      return new WeakRef(listener);
    };
    const held = listening();
    for (let time = 0; time < 20 && held.deref() !== undefined; time++) {
      await turn();
      collect();
    }
    expect(held.deref()).toBeUndefined();
    expect(connection.circuit?.state).toBe("closed");
  });
});

describe("a transfer", () => {
  const bytes = new Uint8Array([1, 2, 3]);

  it("waits until it may be tried again, and then goes on: upload and download", async () => {
    for (const kind of ["upload", "download"] as const) {
      const scene = wired({ circuitBreaker: { openFor: 5000, successes: 1 } });
      const { wire, clock, connection } = scene;
      await open(scene);
      const work = kind === "upload" ? upload(connection, { path, body: bytes }) : download(connection, { path });
      const end = ending(Promise.resolve(work));
      expect(await wire.waiting()).toBe(0);
      await clock.advance(4999);
      expect(await wire.waiting()).toBe(0);
      await clock.advance(1);
      const request = await wire.nextRequest();
      if (kind === "upload") request.respond(201);
      else request.respond(206, { "content-range": "bytes 0-2/3", etag: '"1"' }, bytes);
      expect(await end).not.toBeInstanceOf(Error);
      expect(clock.pending).toEqual([]);
    }
  });

  it("is aborted while it waits, and waits no longer than its overall time", async () => {
    const scene = wired();
    await open(scene);
    const { clock, connection, wire } = scene;
    const sent = wire.requests.length;
    const controller = new AbortController();
    const reason = new Error("enough");
    const end = ending(Promise.resolve(upload(connection, { path, body: bytes, signal: controller.signal })));
    await turn();
    controller.abort(reason);
    expect(await end).toBe(reason);
    const hasty = derive(connection, { timeouts: { overall: 9999 } });
    expect(await ending(download(hasty, { path }))).toMatchObject({ reason: "circuit-open", retryAfter: 10_000 });
    expect([wire.requests.length, clock.pending]).toEqual([sent, []]);
  });

  it("of many ranges lets one of them look, and ends when that has used up its tries", async () => {
    const scene = wired({ retry: { attempts: 2 }, circuitBreaker: { failures: 2, openFor: 1000, successes: 1 } });
    await open(scene);
    const { clock, connection, wire } = scene;
    const before = wire.requests.length;
    const end = ending(Promise.resolve(upload(connection, { path, body: new Uint8Array(8 * 512).fill(1), rangeSize: 512 })));
    await clock.advance(1000);
    (await wire.nextRequest()).respond(201);
    for (let time = 0; time < 8; time++) {
      expect(await wire.waiting()).toBeGreaterThanOrEqual(0);
      for (let waits = await wire.waiting(); waits > 0; waits--) (await wire.nextRequest()).fail(broken());
      await clock.advance(1000);
    }
    expect(await end).toMatchObject({ reason: "network", attempts: { length: 2 } });
    // Four together, then the one that looks each second: no more than its tries.
    expect(wire.requests.length - before).toBeLessThanOrEqual(1 + 4 + 4);
    expect(clock.pending).toEqual([]);
  });
});

describe("a sign of life of a lock", () => {
  it("goes through an open circuit, and what it finds counts", async () => {
    const scene = wired({ retry: false, circuitBreaker: { successes: 1 } });
    await open(scene);
    const { connection, wire } = scene;
    const end = ending(renew(connection, { leaseId: "00000000-0000-4000-8000-000000000000" }));
    (await wire.nextRequest()).respond(200);
    expect(await end).not.toBeInstanceOf(Error);
    expect(connection.circuit?.state).toBe("closed");
    const refused = get(connection);
    (await wire.nextRequest()).respond(404, coded("ResourceNotFound"));
    expect(await refused).toMatchObject({ status: 404 });
  });
});
