/** Downloads and small calls under faults: sixteen of them, over Node's own client and over fetch, each with the end that it should have. */
import type { ServiceError } from "azure-files";
import { getProperties } from "azure-files/files";
import { crc64, download, type DownloadRequest, md5 } from "azure-files/streaming";
import { afterEach, describe, expect, it } from "vitest";
import type { Arrived, Fault } from "./fault-server.js";
import { CONTENT, CUT, first, RANGE, type Scene, setScene } from "./scene.js";

const third = 2 * RANGE;
const RANGES = 8;
const busy = { kind: "answer", status: 503, code: "ServerBusy" } as const;
/** The body of the answer breaks off here. */
const after = 100_001;

let scene: Scene;
afterEach(async () => {
  expect(scene.clock.pending, "timers left behind").toBe(0);
  await scene.close();
});

/** The two ways to read: ranges straight into one array, and a stream in order. */
const ways = {
  ranges: async (request: DownloadRequest): Promise<Uint8Array> => (await download(scene.connection, request)).bytes(),
  stream: async (request: DownloadRequest): Promise<Uint8Array> => {
    const chunks: Uint8Array[] = [];
    const reader = (await download(scene.connection, request)).body.getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) chunks.push(next.value);
    return Buffer.concat(chunks);
  },
};

const cases = (["node", "fetch"] as const).flatMap((transport) => (["ranges", "stream"] as const).map((way) => ({ transport, way })));

describe.each(cases)("a download as $way over $transport", ({ transport, way }) => {
  /** Downloads under a fault what was uploaded before; resolves to what came. */
  async function run(
    decide: (arrived: Arrived) => Fault | undefined,
    request: DownloadRequest = {},
    stored: object = {},
  ): Promise<Uint8Array> {
    scene = await setScene(transport, decide);
    await scene.put("f", CONTENT, stored);
    return scene.clock.drive(ways[way]({ path: "f", ...CUT, ...request }));
  }

  function expectWhole(bytes: Uint8Array, requests: number): void {
    expect(Buffer.compare(bytes, CONTENT)).toBe(0);
    expect(scene.server.requests).toHaveLength(requests);
  }

  it("asks for a range again that was answered with 503 once", async () => {
    expectWhole(await run(first(1, "GET", third, busy)), RANGES + 1);
    expect(scene.clock.elapsed).toBe(250);
  });

  it.each([
    ["the first range", 0, "reset"],
    ["the first range", 0, "end"],
    ["another range", third, "reset"],
    ["another range", third, "end"],
  ] as const)("goes on at the next byte of %s (%i) after its body broke off by a %s", async (_, start, how) => {
    expectWhole(await run(first(1, "GET", start, { kind: "cut", after, how })), RANGES + 1);
    const again = scene.server.requests.filter(({ end }) => end === start + RANGE - 1).map((request) => request.start as number);
    // A reset may overtake bytes that were sent before it.
    if (how === "end") expect(again).toEqual([start, start + after]);
    else expect(again[1]).toBeLessThanOrEqual(start + after);
  });

  it("asks for the missing bytes of a range that came short in good order", async () => {
    expectWhole(await run(first(1, "GET", third, { kind: "short", by: 1000 })), RANGES + 1);
    expect(scene.server.requests.map(({ start }) => start)).toContain(third + RANGE - 1000);
  });

  it.each([0, third])("asks for the missing bytes of a range at %i that came short, and said so", async (start) => {
    expectWhole(await run(first(1, "GET", start, { kind: "short", by: 1000, told: true })), RANGES + 1);
    expect(scene.server.requests.map((request) => request.start)).toContain(start + RANGE - 1000);
  });

  it("ends with `offset` where the answer is that of another range", async () => {
    const work = run(first(1, "GET", third, { kind: "other", shift: RANGE }));
    await expect(work).rejects.toMatchObject({ name: "IntegrityError", reason: "offset", operation: "Get File" });
  });

  it.each([crc64(), md5()])(
    "ends with `checksum` where the answer is that of another range, under the headers of the right one ($algorithm)",
    async (checksum) => {
      const lying: Fault = { kind: "other", shift: RANGE, lying: true };
      await expect(run(first(1, "GET", third, lying), { checksum }, { checksum })).rejects.toMatchObject({
        name: "IntegrityError",
        reason: "checksum",
      });
    },
  );

  it.each([crc64(), md5()])("asks for a range again of which a bit is wrong ($algorithm)", async (checksum) => {
    const flip: Fault = { kind: "flip", at: 77_777, where: "answer" };
    expectWhole(await run(first(1, "GET", third, flip), { checksum }), RANGES + 1);
    expect(scene.requests("GET", third)).toHaveLength(2);
  });

  it("ends with `changed` where the ETag changes between ranges", async () => {
    const work = run(first(1, "GET", third, { kind: "etag" }));
    await expect(work).rejects.toMatchObject({ name: "IntegrityError", reason: "changed" });
  });

  it("ends with `changed` where the ETag is another one after a reset", async () => {
    const work = run(({ start, time, end }) => {
      if (start === third && time === 1) return { kind: "cut", after, how: "end" };
      return start !== third && end === third + RANGE - 1 ? { kind: "etag" } : undefined;
    });
    await expect(work).rejects.toMatchObject({ name: "IntegrityError", reason: "changed" });
  });

  it("goes on at the next byte after its body stalled for as long as it may", async () => {
    expectWhole(await run(first(1, "GET", third, { kind: "stall", after })), RANGES + 1);
    expect(scene.server.requests.map(({ start }) => start)).toContain(third + after);
    expect(scene.clock.elapsed).toBe(30_000 + 250);
  });

  it("waits for a body that stalls for less than that", async () => {
    expectWhole(await run(first(1, "GET", third, { kind: "stall", after, by: 29_000 })), RANGES);
  });
});

describe.each(["node", "fetch"] as const)("a small call over %s", (transport) => {
  it("is sent again after a 503", async () => {
    scene = await setScene(transport, first(1, "HEAD", undefined, busy));
    await scene.put("f");
    expect(await scene.clock.drive(getProperties(scene.connection, { path: "f" }))).toMatchObject({ size: CONTENT.byteLength });
    expect(scene.requests("HEAD")).toHaveLength(2);
  });

  it("ends with `timeout` where it is never answered", async () => {
    scene = await setScene(transport, first(Infinity, "HEAD", undefined, { kind: "silent" }));
    const error: unknown = await scene.clock.drive(getProperties(scene.connection, { path: "f" })).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "TransportError", reason: "timeout", operation: "Get File Properties" });
    expect((error as ServiceError).attempts).toHaveLength(5);
    expect(scene.clock.elapsed).toBe(5 * 30_000 + 250 + 500 + 1000 + 2000);
  });
});
