/** Downloads as conversations: what is asked for and when, and what is made of each answer. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { connect } from "../../../src/connect.js";
import type { ConnectionOptions } from "../../../src/config.js";
import { download, downloadRange } from "../../../src/streaming/download.js";
import type { DownloadRequest } from "../../../src/streaming/download-facts.js";
import { base64 } from "../../../src/streaming/base64.js";
import { md5 } from "../../../src/streaming/checksum.js";
import { turn } from "../virtual-clock.js";
import { bodyOfPieces, coded, countedSignal, ending, type Received, wired } from "../wire-double.js";

const path = "file.bin";
const hash = (bytes: Uint8Array): Uint8Array => createHash("md5").update(bytes).digest();
const content = (size: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 8)) % 251);

/** What a service answers to a ranged read of a file. */
function slice(
  file: Uint8Array<ArrayBuffer>,
  request: Pick<Received, "headers">,
): { bytes: Uint8Array<ArrayBuffer>; headers: Record<string, string> } {
  const [start = 0, end = 0] = (request.headers["x-ms-range"] ?? "").replace("bytes=", "").split("-").map(Number);
  const bytes = file.slice(start, end + 1);
  return {
    bytes,
    headers: {
      etag: '"v1"',
      "content-range": `bytes ${start}-${start + bytes.length - 1}/${file.length}`,
      "content-length": String(bytes.length),
      "content-type": "text/plain",
      "last-modified": "Thu, 01 Jan 2026 00:00:00 GMT",
    },
  };
}

/** Answers a range of a file, with some headers changed or left out. */
function give(request: Received | undefined, file: Uint8Array<ArrayBuffer>, changes: Record<string, string | undefined> = {}): void {
  const { bytes, headers } = slice(file, request as Received);
  const all = Object.entries({ ...headers, ...changes }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  request?.respond(206, Object.fromEntries(all), bytes);
}

/** A page's view of an answer through a CORS rule that exposes only these headers. */
function exposed(response: Response, names: readonly string[]): Response {
  const headers = new Headers([...response.headers].filter(([name]) => names.includes(name)));
  return Object.defineProperty(new Response(response.body, { status: response.status, headers }), "type", { value: "cors" });
}

const rangeOf = (request: Received): string => (request.headers["x-ms-range"] ?? "").replace("bytes=", "");

/** Starts a download in ranges of 512 bytes and answers its first range. */
async function started(file: Uint8Array<ArrayBuffer>, request: Partial<DownloadRequest> = {}, options: Partial<ConnectionOptions> = {}) {
  const { wire, clock, connection } = wired(options);
  const end = download(connection, { path, rangeSize: 512, ...request });
  const first = await wire.nextRequest();
  give(first, file);
  return { wire, clock, result: await end, first };
}

describe("ranges", () => {
  it("are handed out in order, whatever the order of their answers", async () => {
    const file = content(5 * 512 - 7);
    const { wire, result, first } = await started(file, { concurrency: 4 });
    expect([first.operation, rangeOf(first)]).toEqual(["Get File", "0-511"]);
    expect(result).toMatchObject({
      size: file.length,
      etag: '"v1"',
      lastModified: new Date("2026-01-01T00:00:00Z"),
      contentType: "text/plain",
      unchecked: [],
    });
    const end = result.bytes();
    const requests: Received[] = [];
    for (let index = 0; index < 4; index++) requests.push(await wire.nextRequest());
    expect(requests.map(rangeOf)).toEqual(["512-1023", "1024-1535", "1536-2047", "2048-2552"]);
    for (const request of requests.toReversed()) {
      give(request, file);
      await turn();
    }
    expect(await end).toEqual(file);
  });

  it("make the same bytes for any offset, count, size of range and number at once", async () => {
    const file = content(5000);
    const connection = connect({
      endpoint: "https://account.file.core.windows.net",
      share: "share",
      middleware: [
        () => async (request) => {
          const { bytes, headers } = slice(file, request);
          // Answers overtake each other.
          for (let wait = (Number(headers["content-length"]) + request.url.length + (bytes[0] ?? 0) * 7) % 5; wait > 0; wait--)
            await turn();
          return new Response(bytes, { status: 206, headers });
        },
      ],
    });
    const asked = fc.record({
      offset: fc.nat(4999),
      count: fc.option(fc.integer({ min: 1, max: 6000 }), { nil: undefined }),
      rangeSize: fc.integer({ min: 512, max: 1500 }),
      concurrency: fc.integer({ min: 1, max: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(asked, async (request) => {
        const expected = file.slice(request.offset, request.offset + (request.count ?? Infinity));
        const seen: number[] = [];
        const result = await download(connection, {
          path,
          ...request,
          onProgress: ({ transferred, total }) => seen.push(transferred, total ?? NaN),
        });
        expect(result.size).toBe(expected.length);
        expect(await result.bytes()).toEqual(expected);
        const transferred = seen.filter((_, index) => index % 2 === 0);
        expect(transferred).toEqual(transferred.toSorted((a, b) => a - b));
        expect(transferred.at(-1)).toBe(expected.length);
        expect(new Set(seen.filter((_, index) => index % 2 === 1))).toEqual(new Set([expected.length]));
      }),
      { numRuns: 60, seed: 16 },
    );
  });

  it("are asked for as they are read, so many ahead and no more", async () => {
    const file = content(20 * 512);
    const { wire, result } = await started(file, { concurrency: 3 });
    expect(await wire.waiting()).toBe(0);
    const reader = result.body.getReader();
    expect((await reader.read()).value).toEqual(file.slice(0, 512));
    expect(await wire.waiting()).toBe(2);
    const requests = [await wire.nextRequest(), await wire.nextRequest()];
    for (const request of requests) give(request, file);
    // They are here, but nobody reads.
    expect(await wire.waiting()).toBe(0);
    expect((await reader.read()).value).toEqual(file.slice(512, 1024));
    expect(await wire.waiting()).toBe(1);
    await reader.cancel();
  });

  it("that come in pieces are whole", async () => {
    const file = content(512);
    const { wire, connection } = wired();
    const end = download(connection, { path, rangeSize: 512 });
    const first = await wire.nextRequest();
    first.respond(206, slice(file, first).headers, bodyOfPieces([file.slice(0, 100), file.slice(100, 101), file.slice(101)]));
    expect(await (await end).bytes()).toEqual(file);
  });

  it("end with the file", async () => {
    const file = content(100);
    const { result, first } = await started(file, { offset: 60, count: 1000 });
    expect(rangeOf(first)).toBe("60-571");
    expect(result.size).toBe(40);
    expect(await result.bytes()).toEqual(file.slice(60));
  });
});

describe("an answer that is not what was asked for", () => {
  it.each(["bytes 1-512/2000", "bytes 512-1023/2000", "bytes 0-512/2000", "bytes 1-511/2000", "bytes */2000", "0-511"])(
    "%s is an IntegrityError of offset, and not asked for again",
    async (range) => {
      const { wire, connection } = wired();
      const end = ending(download(connection, { path, rangeSize: 512 }));
      const first = await wire.nextRequest();
      give(first, content(2000), { "content-range": range });
      expect(await end).toMatchObject({
        name: "IntegrityError",
        reason: "offset",
        operation: "Get File",
        message: expect.stringContaining(range),
      });
      expect(await wire.waiting()).toBe(0);
    },
  );

  it("does not say which range it is, where nothing hides that, is one of offset, too", async () => {
    const { wire, connection } = wired();
    const end = ending(download(connection, { path, rangeSize: 512 }));
    give(await wire.nextRequest(), content(2000), { "content-range": undefined });
    expect(await end).toMatchObject({ name: "IntegrityError", reason: "offset" });
    expect(await wire.waiting()).toBe(0);
  });

  it("of another version of the file is an IntegrityError of changed", async () => {
    const file = content(1024);
    const { wire, result } = await started(file);
    const end = ending(result.bytes());
    give(await wire.nextRequest(), file, { etag: '"v2"' });
    expect(await end).toMatchObject({
      name: "IntegrityError",
      reason: "changed",
      message: expect.stringContaining('the file changed while it was read: its version was "v1" and is "v2"'),
    });
  });

  it("that is shorter because the file became shorter is one of changed, also under the same ETag", async () => {
    const file = content(2048);
    const { wire, result } = await started(file);
    const end = ending(result.bytes());
    give(await wire.nextRequest(), file.slice(0, 800));
    expect(await end).toMatchObject({ name: "IntegrityError", reason: "changed" });
  });

  it("that breaks off or ends early goes on at the next byte, alone", async () => {
    const file = content(1024);
    const { wire, clock, result } = await started(file);
    const end = result.bytes();
    const short = await wire.nextRequest();
    short.respond(206, slice(file, short).headers, file.slice(512, 600));
    await clock.advance(250);
    const broken = await wire.nextRequest();
    expect(rangeOf(broken)).toBe("600-1023");
    broken.respond(206, slice(file, broken).headers, bodyOfPieces([file.slice(600, 688)], new Error("reset")));
    await clock.advance(500);
    const last = await wire.nextRequest();
    expect([last.attempt, rangeOf(last)]).toEqual([3, "688-1023"]);
    give(last, file);
    expect(await end).toEqual(file);
    expect(clock.pending).toEqual([]);
  });

  it("that is longer than its Content-Range says is an IntegrityError of length", async () => {
    const { wire, connection } = wired();
    const end = ending(download(connection, { path, rangeSize: 512 }).then((file) => file.text()));
    const first = await wire.nextRequest();
    first.respond(206, { "content-range": "bytes 0-511/512" }, new Uint8Array(513));
    expect(await end).toMatchObject({ reason: "length" });
  });

  it("that the runtime decoded is an IntegrityError of encoding, for other lengths and for what cannot be decoded", async () => {
    for (const body of [new Uint8Array(700), bodyOfPieces([new Uint8Array(3)], new TypeError("invalid gzip data"))]) {
      const { wire, connection } = wired();
      const end = ending(download(connection, { path, rangeSize: 512 }).then((file) => file.text()));
      const first = await wire.nextRequest();
      first.respond(206, { "content-range": "bytes 0-511/2000", "content-encoding": "gzip" }, body);
      expect(await end).toMatchObject({
        name: "IntegrityError",
        reason: "encoding",
        message: expect.stringContaining("Content-Encoding gzip"),
        attempts: { length: 1 },
      });
    }
  });

  it("but stored with an encoding that nobody decodes is read as it is", async () => {
    const file = content(100);
    const { wire, connection } = wired();
    const end = download(connection, { path });
    give(await wire.nextRequest(), file, { "content-encoding": "aes128gcm-of-ours" });
    expect(await (await end).bytes()).toEqual(file);
  });
});

describe("while a range is still coming", () => {
  it("its first bytes are handed out, and ranges after it are asked for", async () => {
    const file = content(2 * 1024 * 1024);
    const rangeSize = 1024 * 1024;
    const { wire, connection } = wired();
    const opening = download(connection, { path, rangeSize });
    const first = await wire.nextRequest();
    first.respond(206, slice(file, first).headers, bodyOfPieces([file.slice(0, 300_000)], "hangs"));
    const reader = (await opening).body.getReader();
    expect((await reader.read()).value).toEqual(file.slice(0, 300_000));
    expect(rangeOf(await wire.nextRequest())).toBe(`${rangeSize}-${2 * rangeSize - 1}`);
    await reader.cancel();
  });

  it("nothing of it is handed out where it has to be proven first", async () => {
    const file = content(1024 * 1024);
    const { wire, clock, connection } = wired();
    const opening = download(connection, { path, checksum: md5() });
    const first = await wire.nextRequest();
    const headers = { ...slice(file, first).headers, "content-md5": base64(new Uint8Array(hash(file))) };
    const wrong = file.slice();
    wrong[700_000] = 1 + (wrong[700_000] ?? 0);
    first.respond(206, headers, wrong);
    const reader = (await opening).body.getReader();
    const read = reader.read();
    await clock.advance(250);
    (await wire.nextRequest()).respond(206, headers, file);
    expect((await read).value).toEqual(file);
  });

  it("a service that is near is asked for wide ranges, one after the other; but never where rangeSize is said", async () => {
    const file = content(40 * 1024 * 1024);
    for (const [request, later] of [
      [{}, "16777216-33554431"],
      [{ rangeSize: 4 * 1024 * 1024 }, "20971520-25165823"],
    ] as const) {
      const { wire, connection } = wired();
      const opening = download(connection, { path, concurrency: 4, ...request });
      give(await wire.nextRequest(), file);
      const reader = (await opening).body.getReader();
      const reading = (async () => {
        let size = 0;
        for (let next = await reader.read(); !next.done; next = await reader.read()) size += next.value.length;
        return size;
      })();
      const ranges: string[] = [];
      for (let asked = 0; asked < file.length - 4 * 1024 * 1024;) {
        const range = await wire.nextRequest();
        ranges.push(rangeOf(range));
        asked += slice(file, range).bytes.length;
        give(range, file);
      }
      expect(await reading).toBe(file.length);
      expect(ranges).toContain(later);
    }
  });
});

describe("an empty file", () => {
  it("has no range, and is told from its properties", async () => {
    for (const request of [{}, { count: 10 }]) {
      const { wire, connection } = wired();
      const end = download(connection, { path, ...request });
      await wire.nextRequest();
      wire.respond(416, coded("InvalidRange"));
      const head = await wire.nextRequest();
      expect([head.operation, head.method]).toEqual(["Get File Properties", "HEAD"]);
      wire.respond(200, { "content-length": "0", etag: '"e"', "content-type": "text/plain" });
      const result = await end;
      expect(result).toMatchObject({ size: 0, etag: '"e"', contentType: "text/plain" });
      expect(await result.bytes()).toEqual(new Uint8Array());
    }
  });

  it("that has bytes a moment later changed", async () => {
    const { wire, connection } = wired();
    const end = ending(download(connection, { path }));
    await wire.nextRequest();
    wire.respond(416, coded("InvalidRange"));
    await wire.nextRequest();
    wire.respond(200, { "content-length": "5" });
    expect(await end).toMatchObject({ name: "IntegrityError", reason: "changed" });
  });

  it("is not what an offset beyond the end means", async () => {
    const { wire, connection } = wired();
    const end = ending(download(connection, { path, offset: 5 }));
    await wire.nextRequest();
    wire.respond(416, coded("InvalidRange"));
    expect(await end).toMatchObject({ status: 416, code: "InvalidRange" });
  });
});

describe("in a page whose CORS rule hides headers", () => {
  const page = async (names: readonly string[], headNames: readonly string[] = names) => {
    const file = content(700);
    const { wire, connection } = wired();
    const end = ending(download(connection, { path, rangeSize: 512 }));
    const first = await wire.nextRequest();
    const { bytes, headers } = slice(file, first);
    first.answer(exposed(new Response(bytes, { status: 206, headers }), names));
    if (!names.includes("content-range")) {
      expect((await wire.nextRequest()).operation).toBe("Get File Properties");
      wire.requests
        .at(-1)
        ?.answer(exposed(new Response(null, { status: 200, headers: { "content-length": "700", etag: '"v1"' } }), headNames));
    }
    return { file, wire, end };
  };

  it("everything that is needed may be seen: nothing is unchecked", async () => {
    const { end } = await page(["content-range", "etag"]);
    expect(await end).toMatchObject({ size: 700, unchecked: [] });
  });

  it("the size comes from a HEAD, and what goes unchecked is said, with the header to expose", async () => {
    const { file, wire, end } = await page(["content-length"]);
    const result = (await end) as Awaited<ReturnType<typeof download>>;
    expect(result).toMatchObject({
      size: 700,
      etag: undefined,
      unchecked: [
        "A change of the file during the download goes unnoticed: add ETag to ExposedHeaders of the account's CORS rule.",
        "The offset of each range goes unchecked: add Content-Range to ExposedHeaders of the account's CORS rule.",
      ],
    });
    const bytes = result.bytes();
    const second = await wire.nextRequest();
    second.answer(exposed(new Response(slice(file, second).bytes, { status: 206 }), []));
    expect(await bytes).toEqual(file);
  });

  it("a range that comes short is noticed all the same", async () => {
    const { wire, end } = await page(["content-length"]);
    const bytes = ending(((await end) as Awaited<ReturnType<typeof download>>).bytes());
    (await wire.nextRequest()).answer(exposed(new Response(new Uint8Array(100), { status: 206 }), []));
    expect(await bytes).toMatchObject({ name: "IntegrityError" });
  });

  it("a size that cannot be known is an error that says what to expose", async () => {
    const { end } = await page([]);
    expect(await end).toMatchObject({
      name: "IntegrityError",
      reason: "length",
      message: expect.stringContaining("add Content-Range (or Content-Length) to ExposedHeaders"),
    });
  });

  it("a file that shrank between the range and the HEAD is an error, never more bytes than said", async () => {
    const { wire, connection } = wired();
    const end = ending(download(connection, { path, rangeSize: 512 }).then((file) => file.text()));
    const first = await wire.nextRequest();
    first.answer(exposed(new Response(content(512), { status: 206 }), []));
    const head = await wire.nextRequest();
    head.answer(exposed(new Response(null, { status: 200, headers: { "content-length": "100" } }), ["content-length"]));
    expect(await end).toMatchObject({ name: "IntegrityError" });
  });
});

describe("the end of a download", () => {
  const reason = { why: "enough" };

  it("by cancelling the body stops every request", async () => {
    const file = content(10 * 512);
    const { signal, listeners } = countedSignal();
    const { wire, clock, result } = await started(file, { concurrency: 3, signal });
    const reader = result.body.getReader();
    await reader.read();
    const under = [await wire.nextRequest(), await wire.nextRequest()];
    await reader.cancel(reason);
    await turn();
    expect(under.map(({ signal }) => [signal.aborted, signal.reason])).toEqual([
      [true, reason],
      [true, reason],
    ]);
    expect([await wire.waiting(), listeners(), clock.pending]).toEqual([0, 0, []]);
  });

  it("by an abort shows at once, while it is read and while nobody reads", async () => {
    for (const reading of [true, false]) {
      const file = content(10 * 512);
      const { signal, controller, listeners } = countedSignal();
      const { wire, clock, result } = await started(file, { concurrency: 2, signal });
      const reader = result.body.getReader();
      await reader.read();
      const second = await wire.nextRequest();
      const next = reading ? ending(reader.read()) : undefined;
      controller.abort(reason);
      expect(await (next ?? ending(reader.read()))).toBe(reason);
      expect(await ending(reader.closed)).toBe(reason);
      await turn();
      expect([second.signal.aborted, clock.pending]).toEqual([true, []]);
      expect(listeners()).toBe(0);
    }
  });

  it("by an abort before or during the first range is the reason, untouched", async () => {
    const { wire, connection } = wired();
    expect(await ending(download(connection, { path, signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(wire.requests).toEqual([]);
    const { signal, controller, listeners } = countedSignal();
    const end = ending(download(connection, { path, signal }));
    await wire.nextRequest();
    controller.abort(reason);
    expect(await end).toBe(reason);
    expect(listeners()).toBe(0);
  });

  it("by a failure stops the other ranges, and what was read before stays read", async () => {
    const file = content(10 * 512);
    const { wire, clock, result } = await started(file, { concurrency: 3 });
    const reader = result.body.getReader();
    await reader.read();
    const [second, third] = [await wire.nextRequest(), await wire.nextRequest()];
    give(third, file);
    second?.respond(404, coded("ResourceNotFound"));
    expect(await ending(reader.read())).toMatchObject({ code: "ResourceNotFound" });
    await turn();
    expect(wire.requests.slice(3).every(({ signal }) => signal.aborted)).toBe(true);
    expect(clock.pending).toEqual([]);
  });

  it("leaves no listener on a signal that lives on", async () => {
    const { signal, listeners, added } = countedSignal();
    const { result } = await started(content(100), { signal });
    await result.bytes();
    expect(added()).toBeGreaterThan(0);
    expect(listeners()).toBe(0);
  });

  it("by a callback that throws is just that", async () => {
    const mine = new Error("no room for a progress bar");
    const { result } = await started(content(100), {
      onProgress: () => {
        throw mine;
      },
    });
    expect(await ending(result.bytes())).toBe(mine);
  });
});

describe("reading it whole", () => {
  it("gives bytes, text or a Blob of the file's type, once", async () => {
    const file = new TextEncoder().encode("grüße 🗂".repeat(100));
    const whole = async () => {
      const { wire, result } = await started(file);
      void (async () => {
        for (;;) give(await wire.nextRequest(), file);
      })();
      return result;
    };
    expect(await (await whole()).bytes()).toEqual(file);
    expect(await (await whole()).text()).toBe("grüße 🗂".repeat(100));
    const blob = await (await whole()).blob();
    expect([blob.type, blob.size]).toEqual(["text/plain", file.length]);
    const once = await whole();
    await once.bytes();
    expect(await ending(once.bytes())).toBeInstanceOf(Error);
    expect(await ending(once.text())).toBeInstanceOf(TypeError);
  });

  it("as a Blob takes ranges as the engine has them, and begins one again that breaks off or takes too long", async () => {
    const file = content(3 * 512);
    const { wire, clock, result } = await started(file);
    const end = result.blob();
    const [broken, late] = [await wire.nextRequest(), await wire.nextRequest()];
    broken.respond(206, slice(file, broken).headers, bodyOfPieces([file.slice(512, 600)], new Error("reset")));
    late.respond(206, slice(file, late).headers, bodyOfPieces([file.slice(1024, 1100)], "hangs"));
    await clock.advance(250);
    const again = await wire.nextRequest();
    expect(rangeOf(again)).toBe("512-1023");
    give(again, file);
    // Its silence, and the time that 512 bytes take on the slowest link; then the wait before the next try.
    await clock.advance(30_016);
    await clock.advance(250);
    const last = await wire.nextRequest();
    expect([rangeOf(last), last.attempt]).toEqual(["1024-1535", 2]);
    give(last, file);
    expect(new Uint8Array(await (await end).arrayBuffer())).toEqual(file);
    expect(clock.pending).toEqual([]);
  });

  it("of a range gives just it", async () => {
    const file = content(2000);
    const { wire, connection } = wired();
    const end = downloadRange(connection, { path, offset: 100, count: 50 });
    const request = await wire.nextRequest();
    expect(rangeOf(request)).toBe("100-149");
    give(request, file);
    expect(await end).toEqual(file.slice(100, 150));
    expect(wire.requests).toHaveLength(1);
  });

  it.each<[Partial<DownloadRequest>, RegExp]>([
    [{ offset: -1 }, /^offset is -1/],
    [{ offset: 0.5 }, /^offset is 0.5/],
    [{ count: 0 }, /^count is 0, but must be a whole number from 1/],
    [{ count: 1.5 }, /^count is 1.5/],
    [{ concurrency: 0 }, /^concurrency is 0/],
    [{ concurrency: 33 }, /^concurrency is 33/],
    [{ rangeSize: 511 }, /^rangeSize is 511/],
    [{ rangeSize: 4 * 1024 * 1024 + 1 }, /^rangeSize/],
  ])("with %j is refused before the network", async (request, message) => {
    const { wire, connection } = wired();
    const error = await ending(download(connection, { path, ...request }));
    expect(error).toBeInstanceOf(RangeError);
    expect((error as Error).message).toMatch(message);
    expect(wire.requests).toEqual([]);
  });
});
