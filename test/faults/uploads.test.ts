/** Uploads under faults: twenty of them, over Node's own client and over fetch, each with the end that it should have. */
import { type Connection, type ServiceError, sas } from "azure-files";
import { upload, download, type UploadRequest } from "azure-files/streaming";
import { afterEach, describe, expect, it } from "vitest";
import { type Arrived, type Fault } from "./fault-server.js";
import { CONTENT, CUT, first, RANGE, type Scene, setScene, SIZE } from "./scene.js";

const third = 2 * RANGE;
/** Ranges, the request that makes the file, and the one that takes its marker away. */
const WHOLE = 10;
const busy = { kind: "answer", status: 503, code: "ServerBusy" } as const;

let scene: Scene;
afterEach(async () => {
  expect(scene.clock.pending, "timers left behind").toBe(0);
  await scene.close();
});

/** Uploads under a fault; resolves to the error that it ended with, if it did. */
async function run(
  transport: "node" | "fetch",
  decide: (arrived: Arrived) => Fault | undefined,
  request: Partial<UploadRequest> = {},
  connection?: (scene: Scene) => Connection,
): Promise<unknown> {
  scene = await setScene(transport, decide);
  const work = upload(connection?.(scene) ?? scene.connection, { path: "f", body: CONTENT, ...CUT, ...request });
  return scene.clock.drive(
    work.then(
      () => undefined,
      (error: unknown) => error,
    ),
  );
}

/** What is there is what was sent, and nothing but the requests of a whole upload and so many more went over the wire. */
async function expectWhole(more: number): Promise<void> {
  expect(Buffer.compare(await scene.stored("f"), CONTENT)).toBe(0);
  expect(scene.server.requests).toHaveLength(WHOLE + more);
}

/** Half a file does not pass for a whole one. */
async function expectMarked(): Promise<void> {
  await expect(scene.clock.drive(download(scene.connection, { path: "f" }))).rejects.toMatchObject({ reason: "unfinished" });
}

async function* pieces(bytes: number, failure?: Error): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes; at += 50_000) yield CONTENT.slice(at % SIZE, Math.min(bytes, at + 50_000) % (SIZE + 1));
  if (failure) throw failure;
}

describe.each(["node", "fetch"] as const)("an upload over %s", (transport) => {
  it.each([503, 500, 502, 504, 408, 429])("sends a range again that was answered with %i once", async (status) => {
    expect(await run(transport, first(1, "PUT range", third, { kind: "answer", status }))).toBeUndefined();
    await expectWhole(1);
    expect(scene.clock.elapsed).toBe(250);
  });

  it("sends a range again that was answered with 503 twice, after a longer wait", async () => {
    expect(await run(transport, first(2, "PUT range", third, busy))).toBeUndefined();
    await expectWhole(2);
    const [one, two, three] = scene.requests("PUT range", third).map(({ at }) => at) as [number, number, number];
    expect([two - one, three - two]).toEqual([250, 500]);
  });

  it("gives up a range that is always answered with 503, and says what each try met", async () => {
    const error = (await run(transport, first(Infinity, "PUT range", third, busy))) as ServiceError;
    expect(error).toMatchObject({ name: "ServiceError", status: 503, code: "ServerBusy", operation: "Put Range" });
    expect(error.attempts.map(({ status, code }) => `${status} ${code}`)).toEqual(Array.from({ length: 5 }, () => "503 ServerBusy"));
    expect(scene.requests("PUT range", third)).toHaveLength(5);
    expect(scene.clock.elapsed).toBe(250 + 500 + 1000 + 2000);
    await expectMarked();
  });

  it("keeps the wait that a 503 with Retry-After: 2 asks for, with all its ranges", async () => {
    expect(await run(transport, first(1, "PUT range", third, { ...busy, retryAfter: "2" }))).toBeUndefined();
    await expectWhole(1);
    const [one, two] = scene.requests("PUT range", third).map(({ at }) => at) as [number, number];
    expect(two - one).toBe(2000);
    expect(scene.clock.elapsed).toBe(2000);
    // Nothing was sent into the wait but what was under way.
    expect(scene.server.requests.filter(({ at }) => at > one && at < two)).toEqual([]);
  });

  it.each([
    [403, "AuthorizationFailure"],
    [412, "LeaseIdMissing"],
  ])("fails at once where a range is answered with %i, which no second try would change", async (status, code) => {
    const error = await run(transport, first(1, "PUT range", third, { kind: "answer", status, code }));
    expect(error).toMatchObject({ name: "ServiceError", status, code, attempts: [{ status, code }] });
    expect(scene.requests("PUT range", third)).toHaveLength(1);
    expect(scene.clock.elapsed).toBe(0);
    await expectMarked();
  });

  it("creates the file again where that was answered with 503 once", async () => {
    expect(await run(transport, first(1, "PUT", undefined, busy))).toBeUndefined();
    await expectWhole(1);
  });

  it("sends a range again whose connection was reset in its body", async () => {
    expect(await run(transport, first(1, "PUT range", third, { kind: "reset", after: 70_000 }))).toBeUndefined();
    await expectWhole(1);
  });

  it("gives up a range whose connection is reset every time, and says so", async () => {
    const error = await run(transport, first(Infinity, "PUT range", third, { kind: "reset", after: 70_000 }));
    expect(error).toMatchObject({ name: "TransportError", reason: "network", operation: "Put Range" });
    expect((error as ServiceError).attempts).toHaveLength(5);
    expect(String((error as Error).cause)).toMatch(/ECONNRESET|EPIPE|socket|closed/);
    await expectMarked();
  });

  it("sends a range again that got no answer in time", async () => {
    expect(await run(transport, first(1, "PUT range", third, { kind: "silent" }))).toBeUndefined();
    await expectWhole(1);
    // 30 s, and what the bytes need at 32 KiB/s.
    expect(scene.clock.elapsed).toBe(30_000 + 8000 + 250);
  });

  it("gives up a range that never gets an answer", async () => {
    const error = await run(transport, first(Infinity, "PUT range", third, { kind: "silent" }));
    expect(error).toMatchObject({ name: "TransportError", reason: "timeout", operation: "Put Range" });
    expect((error as ServiceError).attempts.map(({ code }) => code)).toEqual(Array.from({ length: 5 }, () => "timeout"));
    await expectMarked();
  });

  it("keeps its overall time where a range never gets an answer", async () => {
    const silent = first(Infinity, "PUT range", third, { kind: "silent" });
    const error = await run(transport, silent, {}, ({ connect }) => connect({ timeouts: { overall: 60_000 } }));
    expect(error).toMatchObject({ name: "TransportError", reason: "timeout" });
    expect(scene.clock.elapsed).toBe(60_000);
  });

  it("ends with the service's own words where its token runs out, and goes on with a new one", async () => {
    const old = { kind: "answer", status: 403, code: "AuthenticationFailed" } as const;
    let expired = "";
    const error = await run(transport, (arrived) => {
      if (arrived.operation === "PUT range" && (arrived.start as number) >= 4 * RANGE) expired ||= arrived.token ?? "";
      return arrived.token === expired ? old : undefined;
    });
    expect(error).toMatchObject({ name: "ServiceError", status: 403, code: "AuthenticationFailed", attempts: [{ status: 403 }] });
    expect((error as ServiceError).transfer).toMatchObject({ phase: "failed", size: SIZE });
    const written = new Set(
      scene
        .requests("PUT range")
        .filter(({ token, start = 0 }) => token === expired && start < 4 * RANGE)
        .map(({ start }) => start),
    );
    const before = scene.server.requests.length;
    const fresh = scene.connect({ credential: sas(await scene.token({ expiresOn: new Date("2026-03-01") })) });
    await scene.clock.drive(upload(fresh, { path: "f", body: CONTENT, ...CUT, resume: true }));
    expect(Buffer.compare(await scene.stored("f"), CONTENT)).toBe(0);
    // Looked for, listed, the missing ranges, and the marker taken away.
    expect(scene.server.requests.length - before).toBeLessThanOrEqual(1 + 1 + (8 - written.size) + 4 + 1);
  });

  it("asks once for a new token when the old one runs out under all its ranges", async () => {
    let asked = 0;
    let expired = "";
    const renewing = (arrived: Arrived): Fault | undefined => {
      if (arrived.start === 4 * RANGE) expired ||= arrived.token ?? "";
      return expired !== "" && arrived.token === expired ? { kind: "answer", status: 403, code: "AuthenticationFailed" } : undefined;
    };
    const error = await run(transport, renewing, {}, ({ connect, token }) =>
      connect({ credential: sas(() => token({ expiresOn: new Date(`2026-02-0${++asked}`) })) }),
    );
    expect(error).toBeUndefined();
    expect(asked).toBe(2);
    expect(Buffer.compare(await scene.stored("f"), CONTENT)).toBe(0);
  });

  it("sends a range of a stream again that was answered with 503 once", async () => {
    expect(await run(transport, first(1, "PUT range", third, busy), { body: pieces(SIZE), size: SIZE })).toBeUndefined();
    await expectWhole(1);
  });

  it("ends with the error of its source, untouched", async () => {
    const broken = new Error("source broke");
    expect(await run(transport, () => undefined, { body: pieces(SIZE / 2, broken), size: SIZE })).toBe(broken);
    await expectMarked();
  });

  it.each([
    ["shorter", SIZE - 100_000, /ends after/],
    ["longer", SIZE + 100_000, /goes on/],
  ])("ends with an error where its source is %s than said", async (_, bytes, message) => {
    const error = await run(transport, () => undefined, { body: pieces(bytes), size: SIZE });
    expect(error).toMatchObject({ name: "IntegrityError", reason: "source", message: expect.stringMatching(message) as string });
    await expectMarked();
  });
});
