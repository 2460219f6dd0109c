/** What listeners are told of transfers and of locks. */
import { describe, expect, it } from "vitest";
import { sharedKey } from "../../../src/auth/shared-key.js";
import { connect } from "../../../src/connect.js";
import { withLock } from "../../../src/locking/index.js";
import { observe } from "../../../src/observability/observe.js";
import * as files from "../../../src/services/files.js";
import * as shares from "../../../src/services/shares.js";
import { createEmulator } from "../../../src/simulation/index.js";
import { download, downloadTo, upload } from "../../../src/streaming/index.js";
import type { Connection } from "../../../src/types/connection.js";
import type { TelemetryEvent } from "../../../src/types/telemetry.js";
import { coded, ending, refusal, wired } from "../wire-double.js";

const path = "a.bin";
const rangeSize = 512;
const body = new Uint8Array(2000).fill(7);

/** An empty share of an emulator, and what is told of it. */
async function observed(): Promise<{
  connection: Connection;
  events: TelemetryEvent[];
  of(kind: string): TelemetryEvent[];
  forget(): void;
}> {
  const { account, key, endpoint, fetch } = createEmulator();
  const events: TelemetryEvent[] = [];
  const connection = connect({
    endpoint,
    share: "share",
    credential: sharedKey({ account, key }),
    fetch,
    retry: false,
    telemetry: observe((event) => void events.push(event)),
  });
  await shares.create(connection);
  events.length = 0;
  return { connection, events, of: (kind) => events.filter(({ type }) => type.startsWith(kind)), forget: () => void (events.length = 0) };
}

describe("the events of a transfer", () => {
  it("that uploads: start, progress as it is reported, end; and its calls say that they are part of it", async () => {
    const { connection, events, of } = await observed();
    const progress: unknown[] = [];
    await upload(connection, { path, body, rangeSize, onProgress: (now) => void progress.push(now) });
    const transfer = { id: expect.any(Number) as number, kind: "upload", share: "share", path };
    expect(of("transfer")[0]).toMatchObject({ type: "transfer-started", transfer });
    expect(of("transfer-progress").map((event) => event as unknown)).toMatchObject(progress as object[]);
    expect(events.at(-1)).toMatchObject({ type: "transfer-ended", outcome: "success", transferred: 2000, error: undefined });
    const facts = (of("transfer")[0] as { transfer: unknown }).transfer;
    const calls = of("call-started") as (TelemetryEvent & { type: "call-started" })[];
    expect(calls.map(({ call }) => call.operation).toSorted()).toEqual([
      "Create File",
      ...Array<string>(4).fill("Put Range"),
      "Set File Metadata",
    ]);
    expect(calls.every(({ call }) => call.transfer === facts)).toBe(true);
  });

  const downloads: Record<string, (connection: Connection) => Promise<unknown>> = {
    bytes: async (connection) => (await download(connection, { path, rangeSize })).bytes(),
    text: async (connection) => (await download(connection, { path, rangeSize })).text(),
    blob: async (connection) => (await download(connection, { path, rangeSize })).blob(),
    sink: (connection) => {
      const nothing = async (): Promise<void> => undefined;
      const sink = { written: 1000, write: nothing, finish: nothing, discard: nothing, close: nothing };
      return downloadTo(connection, { path, rangeSize, to: { open: async () => sink } });
    },
  };

  it.each(Object.entries(downloads))("that downloads as %s", async (_, run) => {
    const { connection, events, of, forget } = await observed();
    await files.create(connection, { path, size: 2000, body });
    forget();
    await run(connection);
    expect(of("transfer").map(({ type }) => type)).toEqual([
      "transfer-started",
      ...of("transfer-progress").map(({ type }) => type),
      "transfer-ended",
    ]);
    expect(of("transfer-progress").at(-1)).toMatchObject({ transferred: 2000, total: 2000 });
    expect(events.at(-1)).toMatchObject({ transfer: { kind: "download", path }, outcome: "success", transferred: 2000 });
    const calls = of("call-started") as (TelemetryEvent & { type: "call-started" })[];
    expect(calls.every(({ call }) => call.transfer?.kind === "download")).toBe(true);
  });

  it("that fails, is aborted, or is cancelled: one end each", async () => {
    const { connection, of, forget } = await observed();
    const missing = await ending(download(connection, { path }));
    expect(of("transfer")).toMatchObject([{ type: "transfer-started" }, { type: "transfer-ended", outcome: "failure", error: missing }]);
    forget();
    const reason = new Error("enough");
    const controller = new AbortController();
    await ending(upload(connection, { path, body, rangeSize, signal: controller.signal, onProgress: () => controller.abort(reason) }));
    expect(of("transfer-ended")).toMatchObject([{ outcome: "aborted", error: reason }]);
    await files.create(connection, { path, size: 2000, body });
    forget();
    const { body: stream } = await download(connection, { path, rangeSize });
    await stream.cancel(reason);
    expect(of("transfer-ended")).toMatchObject([{ outcome: "aborted", transferred: 0, error: reason }]);
    forget();
    const late = new AbortController();
    const { body: second } = await download(connection, { path, rangeSize, signal: late.signal });
    late.abort(reason);
    await ending(second.getReader().read());
    expect(of("transfer-ended")).toMatchObject([{ outcome: "aborted", error: reason }]);
    forget();
    await ending(upload(connection, { path, body, rangeSize: 1 }));
    expect(of("transfer")).toMatchObject([{ type: "transfer-started" }, { type: "transfer-ended", outcome: "failure" }]);
  });
});

describe("the events of a lock", () => {
  const events: TelemetryEvent[] = [];
  const telemetry = observe((event) => event.type.startsWith("lock") && void events.push(event));
  const lock = { share: "share", path: "" };

  /** Begins work under a lock of a share, which ends with the promise. */
  async function working(work: Promise<unknown>): Promise<ReturnType<typeof wired> & { end: Promise<unknown> }> {
    events.length = 0;
    const world = wired({ telemetry });
    const end = ending(withLock(world.connection, {}, () => work, { duration: 15 }));
    await world.wire.nextRequest();
    await world.clock.advance(400);
    world.wire.respond(201);
    await world.clock.advance(5000);
    await world.wire.nextRequest();
    return { ...world, end };
  }

  it("that is held, renewed and given back", async () => {
    let finish: (result: unknown) => void = () => undefined;
    const { wire, end, clock } = await working(new Promise((done) => (finish = done)));
    wire.respond(200);
    await clock.advance(0);
    finish("done");
    await wire.nextRequest();
    wire.respond(200);
    expect(await end).toBe("done");
    expect(events).toMatchObject([
      { type: "lock-acquired", lock, waited: 400, fence: undefined },
      { type: "lock-renewed", lock },
      { type: "lock-released", lock },
    ]);
  });

  it("that is taken away", async () => {
    let fail: (reason: unknown) => void = () => undefined;
    const { wire, end, clock } = await working(new Promise((_, no) => (fail = no)));
    wire.respond(409, coded("LeaseIdMismatchWithLeaseOperation"), refusal("LeaseIdMismatchWithLeaseOperation"));
    await clock.advance(0);
    fail(new Error("stopped"));
    await end;
    expect(events).toMatchObject([{ type: "lock-acquired" }, { type: "lock-lost", lock, error: { name: "LockError", reason: "lost" } }]);
  });
});
