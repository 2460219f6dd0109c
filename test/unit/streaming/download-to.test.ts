/** Downloads to a sink: what is written where, what is gone on with, and what the sink learns of failures. */
import { describe, expect, it } from "vitest";
import { sharedKey } from "../../../src/auth/shared-key.js";
import { connect, derive } from "../../../src/connect.js";
import * as files from "../../../src/services/files.js";
import * as shares from "../../../src/services/shares.js";
import { createEmulator } from "../../../src/simulation/index.js";
import { crc64, md5 } from "../../../src/streaming/checksum.js";
import { type DownloadSink, downloadTo, type DownloadToRequest, type OpenSink } from "../../../src/streaming/download-to.js";
import { upload } from "../../../src/streaming/upload.js";
import type { Middleware } from "../../../src/types/connection.js";

const { account, key, endpoint, fetch } = createEmulator();
const connection = connect({ endpoint, share: "sinks", credential: sharedKey({ account, key }), fetch, retry: false });
await shares.create(connection);

const rangeSize = 1024;
const content = Uint8Array.from({ length: 10 * rangeSize + 77 }, (_, index) => ((index * 31 + (index >> 8)) % 251) + 1);

/** A sink in memory, which notes what is done with it and keeps what it has between downloads of the same version. */
class MemorySink implements DownloadSink {
  readonly calls: string[] = [];
  readonly writes: [offset: number, bytes: number][] = [];
  bytes: Uint8Array = new Uint8Array();
  written = 0;
  version: string | undefined;
  canRead = false;

  constructor(private readonly faults: Partial<Omit<OpenSink, "written">> = {}) {}

  async open({ size, etag }: Parameters<DownloadSink["open"]>[0]): Promise<OpenSink> {
    this.calls.push("open");
    if (this.version !== etag || this.bytes.length !== size) {
      [this.bytes, this.written, this.version] = [new Uint8Array(size), 0, etag];
    }
    const call = async (name: "finish" | "discard" | "close"): Promise<void> => {
      this.calls.push(name);
      if (name === "discard") this.version = undefined;
      await this.faults[name]?.();
    };
    const read = async (offset: number, into: Uint8Array): Promise<number> => {
      // A few at a time, as files may do.
      const some = this.bytes.subarray(offset, offset + Math.min(into.byteLength, 700));
      into.set(some);
      return some.byteLength;
    };
    return {
      written: this.written,
      ...(this.canRead ? { read } : {}),
      write: async (offset, bytes) => {
        await this.faults.write?.(offset, bytes);
        this.writes.push([offset, bytes.byteLength]);
        this.bytes.set(bytes, offset);
        this.written = offset + bytes.byteLength;
      },
      finish: () => call("finish"),
      discard: () => call("discard"),
      close: () => call("close"),
    };
  }

  /** Offsets of what was written, ascending and joined. */
  get covered(): [start: number, end: number][] {
    const spans: [number, number][] = [];
    for (const [offset, bytes] of this.writes) {
      const last = spans.at(-1);
      if (last?.[1] === offset) last[1] += bytes;
      else spans.push([offset, offset + bytes]);
    }
    return spans;
  }
}

const withMiddleware = (middleware: Middleware) => derive(connection, { middleware: [middleware] });

/** A connection whose line is cut after so many ranges. */
function cutAfter(ranges: number) {
  let asked = 0;
  return withMiddleware((next) => (request) => {
    if (request.operation === "Get File" && ++asked > ranges) return Promise.reject(new Error("the line is cut"));
    return next(request);
  });
}

/** Counts the ranges that are asked for. */
function counting() {
  const asked: (string | null)[] = [];
  const counted = withMiddleware((next) => (request) => {
    if (request.operation === "Get File") asked.push(new Headers(request.headers).get("x-ms-range"));
    return next(request);
  });
  return { asked, counted };
}

async function stored(path: string, bytes: Uint8Array<ArrayBuffer> = content): Promise<string> {
  await files.write(connection, { path, body: bytes });
  return path;
}

const take = (to: DownloadSink, path: string, more: Partial<DownloadToRequest> = {}, over = connection) =>
  downloadTo(over, { path, to, rangeSize, concurrency: 2, ...more });

/** A sink that holds the beginning of a file. */
async function begun(path: string, ranges: number, more: Partial<DownloadToRequest> = {}): Promise<MemorySink> {
  const sink = new MemorySink();
  await expect(take(sink, path, { concurrency: 1, ...more }, cutAfter(ranges))).rejects.toThrow("the line is cut");
  sink.calls.length = 0;
  sink.writes.length = 0;
  return sink;
}

describe("a download to a sink", () => {
  it("writes the file in order, and finishes once", async () => {
    const sink = new MemorySink();
    const seen: number[] = [];
    const result = await take(sink, await stored("plain"), {
      onProgress: ({ transferred, total }) => {
        expect(total).toBe(content.length);
        seen.push(transferred);
      },
    });
    expect(sink.bytes).toEqual(content);
    expect(sink.covered).toEqual([[0, content.length]]);
    expect(sink.calls).toEqual(["open", "finish", "close"]);
    expect(result).toMatchObject({ size: content.length, resumed: 0, unchecked: [], contentType: "application/octet-stream" });
    expect(result.etag).toBe(sink.version);
    expect([seen[0], seen.at(-1)]).toEqual([0, content.length]);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  });

  it("of nothing finishes without a write", async () => {
    const sink = new MemorySink();
    expect(await take(sink, await stored("nothing", new Uint8Array()))).toMatchObject({ size: 0, resumed: 0 });
    expect([sink.calls, sink.writes]).toEqual([["open", "finish", "close"], []]);
  });

  it("neither fetches nor writes holes", async () => {
    await files.create(connection, { path: "holes", size: 8 * rangeSize });
    await files.putRange(connection, { path: "holes", offset: 3 * rangeSize, body: new Uint8Array(rangeSize).fill(9) });
    const sink = new MemorySink();
    const seen: number[] = [];
    const { size } = await take(sink, "holes", { sparse: true, onProgress: ({ transferred }) => seen.push(transferred) });
    // The first range is fetched before anything is known of the file.
    expect(sink.covered).toEqual([
      [0, rangeSize],
      [3 * rangeSize, 4 * rangeSize],
    ]);
    expect([size, seen.at(-1)]).toEqual([8 * rangeSize, 8 * rangeSize]);
  });

  it("proves the whole by its sum, of either kind", async () => {
    for (const [name, sum] of Object.entries({ crc64, md5 })) {
      await upload(connection, { path: name, body: content, rangeSize, checksum: sum() });
      const sink = new MemorySink();
      expect((await take(sink, name, { checksum: sum() })).unchecked).toEqual([]);
      expect(sink.bytes).toEqual(content);
    }
  });
});

describe("one that goes on", () => {
  it("asks for what is missing only, of the version that is there, and counts what it found", async () => {
    const sink = await begun(await stored("again"), 4);
    const { asked, counted } = counting();
    const seen: number[] = [];
    const result = await take(sink, "again", { onProgress: ({ transferred }) => seen.push(transferred) }, counted);
    expect(result).toMatchObject({ size: content.length, resumed: 4 * rangeSize, unchecked: [] });
    expect(sink.covered).toEqual([[4 * rangeSize, content.length]]);
    expect(asked).toHaveLength(7);
    expect(asked[0]).toBe(`bytes=${4 * rangeSize}-${5 * rangeSize - 1}`);
    expect([seen[0], seen.at(-1)]).toEqual([4 * rangeSize, content.length]);
    expect(sink.bytes).toEqual(content);
  });

  it("goes on in the middle of a range", async () => {
    const sink = await begun(await stored("middle"), 3);
    sink.written -= 100;
    sink.bytes.fill(0, sink.written);
    expect((await take(sink, "middle")).resumed).toBe(3 * rangeSize - 100);
    expect(sink.bytes).toEqual(content);
  });

  it("says that the sum of the whole was not checked", async () => {
    await upload(connection, { path: "unchecked", body: content, rangeSize, checksum: crc64() });
    const sink = await begun("unchecked", 4, { checksum: crc64() });
    expect((await take(sink, "unchecked", { checksum: crc64() })).unchecked).toEqual([expect.stringContaining("whole file is unchecked")]);
    expect(sink.bytes).toEqual(content);
  });

  it.each([crc64(), md5()])("reads back what is there for the sum of the whole, where the sink can ($algorithm)", async (checksum) => {
    const path = `back-${checksum.algorithm}`;
    await upload(connection, { path, body: content, rangeSize, checksum });
    const begin = async (): Promise<MemorySink> => Object.assign(await begun(path, 4), { canRead: true });
    const right = await begin();
    expect(await take(right, path, { checksum })).toMatchObject({ resumed: 4 * rangeSize, unchecked: [] });
    expect(right.bytes).toEqual(content);
    // Wrong before this download began: in its beginning, or in all of it, as of one that was stopped before it could compare.
    for (const isAllThere of [false, true]) {
      const wrong = await begin();
      if (isAllThere) [wrong.bytes, wrong.written] = [content.slice(), content.length];
      wrong.bytes[77] = (wrong.bytes[77] ?? 0) ^ 1;
      await expect(take(wrong, path, { checksum })).rejects.toMatchObject({ reason: "checksum" });
      expect(wrong.calls).toEqual(["open", "discard", "close"]);
      // Thrown away, the next one begins anew.
      expect(await take(wrong, path, { checksum })).toMatchObject({ resumed: 0 });
      expect(wrong.bytes).toEqual(content);
    }
  });

  it("reads holes back as zeros, and stops when it is told to", async () => {
    const sparse = new Uint8Array(content.length);
    sparse.set(content.subarray(0, rangeSize), 6 * rangeSize);
    await upload(connection, { path: "back-holes", body: sparse, rangeSize, checksum: crc64() });
    const sink = Object.assign(await begun("back-holes", 3), { canRead: true });
    expect(await take(sink, "back-holes", { checksum: crc64(), sparse: true })).toMatchObject({ resumed: 3 * rangeSize, unchecked: [] });
    expect(sink.bytes).toEqual(sparse);
    const stopped = Object.assign(await begun("back-holes", 3), { canRead: true });
    const controller = new AbortController();
    const reason = new Error("never mind");
    const end = take(stopped, "back-holes", { checksum: crc64(), signal: controller.signal, onProgress: () => controller.abort(reason) });
    await expect(end).rejects.toBe(reason);
  });

  it("asks for nothing where all is there, and still knows the file", async () => {
    const sink = new MemorySink({ finish: () => Promise.reject(new Error("no room for a name")) });
    await files.write(connection, { path: "all", body: content, content: { type: "video/mp4" } });
    await expect(take(sink, "all")).rejects.toThrow("no room for a name");
    expect(sink.calls).toEqual(["open", "finish", "close"]);
    const complete = new MemorySink();
    Object.assign(complete, { bytes: sink.bytes, written: sink.written, version: sink.version });
    const { asked, counted } = counting();
    expect(await take(complete, "all", {}, counted)).toMatchObject({ resumed: content.length, contentType: "video/mp4" });
    expect(asked).toEqual([]);
    expect(complete.calls).toEqual(["open", "finish", "close"]);
  });

  it("begins anew where the file is another by now", async () => {
    const sink = await begun(await stored("newer"), 4);
    const newer = content.map((byte) => byte ^ 255);
    await stored("newer", newer);
    expect((await take(sink, "newer")).resumed).toBe(0);
    expect(sink.bytes).toEqual(newer);
  });
});

describe("one that fails", () => {
  it("closes the sink with what it has, and does not finish it", async () => {
    const sink = new MemorySink();
    await expect(take(sink, await stored("cut"), { concurrency: 1 }, cutAfter(3))).rejects.toThrow("the line is cut");
    expect(sink.calls).toEqual(["open", "close"]);
    expect(sink.covered).toEqual([[0, 3 * rangeSize]]);
  });

  it("of a file that is not there opens no sink", async () => {
    const sink = new MemorySink();
    await expect(take(sink, "missing")).rejects.toMatchObject({ code: "ResourceNotFound" });
    expect(sink.calls).toEqual([]);
  });

  it("of a file that changes after the sink is open mixes no versions", async () => {
    const path = await stored("moving");
    let changed = false;
    const changing = withMiddleware((next) => async (request) => {
      if (request.operation === "Get File" && !changed) {
        changed = true;
        await stored(path, content.toReversed());
      }
      return next(request);
    });
    const sink = new MemorySink();
    await expect(take(sink, path, {}, changing)).rejects.toMatchObject({ reason: "changed" });
    expect([sink.calls, sink.writes]).toEqual([["open", "close"], []]);
  });

  it("of a file whose upload has not ended is refused, unless asked for", async () => {
    await files.create(connection, { path: "half", size: content.length, metadata: { azurefilesupload: "1" } });
    const sink = new MemorySink();
    await expect(take(sink, "half")).rejects.toMatchObject({ reason: "unfinished" });
    // Before anything is made at the sink's side, and so also where all of it is there already.
    expect(sink.calls).toEqual([]);
    expect((await take(sink, "half", { unfinished: true })).size).toBe(content.length);
  });

  it("by what the sink throws passes that on, and asks for no more", async () => {
    const full = new Error("the disk is full");
    const sink = new MemorySink({ write: (offset) => (offset < 2 * rangeSize ? Promise.resolve() : Promise.reject(full)) });
    const { asked, counted } = counting();
    await expect(take(sink, await stored("full"), {}, counted)).rejects.toBe(full);
    expect(sink.calls).toEqual(["open", "close"]);
    expect(sink.covered).toEqual([[0, 2 * rangeSize]]);
    expect(asked.length).toBeLessThan(7);
  });

  it("ends what was fetched ahead", async () => {
    const sink = new MemorySink({ write: () => Promise.reject(new Error("the disk is full")) });
    let asked = 0;
    let ended: Promise<string> | undefined;
    const hanging = withMiddleware((next) => (request) => {
      if (request.operation !== "Get File" || ++asked === 1) return next(request);
      ended = new Promise((resolve) => request.signal.addEventListener("abort", () => resolve("aborted")));
      return new Promise(() => undefined);
    });
    await expect(take(sink, await stored("ahead"), {}, hanging)).rejects.toThrow("the disk is full");
    expect(await ended).toBe("aborted");
  });

  it("by what onProgress throws closes the sink, too", async () => {
    const tired = new Error("tired");
    const sink = new MemorySink();
    const onProgress = ({ transferred }: { transferred: number }): void => {
      if (transferred > rangeSize) throw tired;
    };
    await expect(take(sink, await stored("tired"), { onProgress })).rejects.toBe(tired);
    expect(sink.calls).toEqual(["open", "close"]);
  });

  it("by an abort gives the reason, and goes on later", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const sink = new MemorySink();
    const onProgress = ({ transferred }: { transferred: number }): void => {
      if (transferred >= 3 * rangeSize) controller.abort(reason);
    };
    await expect(take(sink, await stored("stopped"), { signal: controller.signal, onProgress })).rejects.toBe(reason);
    expect(sink.calls).toEqual(["open", "close"]);
    expect((await take(sink, "stopped")).resumed).toBe(3 * rangeSize);
    expect(sink.bytes).toEqual(content);
  });

  it("by an abort beforehand opens nothing", async () => {
    const sink = new MemorySink();
    const reason = new Error("never mind");
    await expect(take(sink, await stored("early"), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(sink.calls).toEqual([]);
  });

  it("by the sum of the whole throws away what it has, so that the next one cannot take it for right", async () => {
    await files.create(connection, { path: "wrong", size: content.length, metadata: { crc64: "AAAAAAAAAAA=" } });
    await files.putRange(connection, { path: "wrong", offset: 0, body: content });
    const sink = new MemorySink();
    for (let time = 0; time < 2; time++) {
      sink.calls.length = 0;
      await expect(take(sink, "wrong", { checksum: crc64() })).rejects.toMatchObject({ reason: "checksum" });
      expect(sink.calls).toEqual(["open", "discard", "close"]);
    }
  });
});
