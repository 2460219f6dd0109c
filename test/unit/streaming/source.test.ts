import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addRange } from "../../../src/streaming/ranges.js";
import { openSource, type UploadBody } from "../../../src/streaming/source.js";
import type { ByteRange } from "../../../src/types/properties.js";
import { turn } from "../virtual-clock.js";
import { bytesOf, ending } from "../wire-double.js";

/** The parts of a body; each is copied, as the source may use its memory again. */
async function partsOf(body: UploadBody, rangeSize: number, release = false): Promise<number[][]> {
  const source = await openSource(body, rangeSize);
  const parts: number[][] = [];
  for (let part = await source.next(); part; part = await source.next()) {
    parts.push([...(await bytesOf(part))]);
    if (release) source.release(part);
  }
  // The end stays the end.
  expect(await source.next()).toBeUndefined();
  return parts;
}

const cut = (bytes: Uint8Array, size: number): number[][] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => Array.from(bytes.subarray(index * size, (index + 1) * size)));

const streamOf = (pieces: readonly unknown[]): ReadableStream<unknown> =>
  new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });

async function* iterableOf(pieces: readonly unknown[]): AsyncGenerator {
  yield* pieces;
}

describe("the parts of a body", () => {
  it("are the same whatever its form and however it comes in pieces, with memory given back or not", async () => {
    const pieces = fc.array(
      fc.uint8Array({ maxLength: 12 }).map((piece) => new Uint8Array(piece)),
      { maxLength: 10 },
    );
    await fc.assert(
      fc.asyncProperty(pieces, fc.integer({ min: 1, max: 9 }), fc.boolean(), async (chunks, size, release) => {
        const whole = new Uint8Array(await new Blob(chunks).arrayBuffer());
        const expected = cut(whole, size);
        const forms: UploadBody[] = [
          whole,
          whole.buffer,
          new Blob(chunks),
          streamOf(chunks),
          iterableOf(chunks),
          new Response(new Blob(chunks)),
          streamOf(chunks.map((chunk) => new Blob([chunk]))),
          iterableOf(chunks.map((chunk) => chunk.buffer)),
        ];
        for (const body of forms) expect(await partsOf(body, size, release)).toEqual(expected);
      }),
      { numRuns: 60, seed: 14 },
    );
  });

  it("of text are UTF-8, also where the pieces of a stream are text", async () => {
    const text = "grüße 🗂";
    const expected = cut(new TextEncoder().encode(text), 4);
    for (const body of [text, streamOf([text]), streamOf(["grü", "ße ", "🗂"]), iterableOf([...text]), new Response(text)])
      expect(await partsOf(body, 4)).toEqual(expected);
  });

  it("of text that is cut in the middle of a character are whole all the same", async () => {
    const text = "a😀b\ud83dc😀";
    const expected = [...new TextEncoder().encode(text)];
    for (const form of [streamOf, iterableOf]) {
      expect((await partsOf(form(text.split("")), 3)).flat()).toEqual(expected);
      expect((await partsOf(form([text, "\ud83d"]), 5)).flat()).toEqual([...expected, 0xef, 0xbf, 0xbd]);
    }
  });

  it("are copies, so that whoever gave the pieces may use their buffer again", async () => {
    const buffer = new Uint8Array(4);
    async function* reusing(): AsyncGenerator<Uint8Array> {
      for (let round = 1; round <= 3; round++) yield buffer.fill(round);
    }
    expect(await partsOf(reusing(), 6)).toEqual([
      [1, 1, 1, 1, 2, 2],
      [2, 2, 3, 3, 3, 3],
    ]);
  });

  it("of a File are slices of it, not read before somebody sends them", async () => {
    const file = new File([new Uint8Array(10)], "a.bin", { type: "application/x" });
    const source = await openSource(file, 4);
    expect(source.size).toBe(10);
    const part = await source.next();
    expect(part).toBeInstanceOf(Blob);
    expect((part as Blob).size).toBe(4);
    expect((part as Blob).type).toBe("");
  });

  it("are read no sooner than asked for", async () => {
    let given = 0;
    const source = await openSource(
      new ReadableStream(
        {
          pull(controller) {
            given++;
            controller.enqueue(new Uint8Array(3));
          },
        },
        { highWaterMark: 0 },
      ),
      6,
    );
    await turn();
    expect(given).toBe(0);
    await source.next();
    expect(given).toBe(2);
  });

  it("have a size beforehand only where nothing has to be read for it", async () => {
    expect((await openSource("é", 512)).size).toBe(2);
    expect((await openSource(new Response(null), 512)).size).toBe(0);
    expect((await openSource(streamOf([]), 512)).size).toBeUndefined();
    expect((await openSource(new Response("abc"), 512)).size).toBeUndefined();
  });
});

it("the parts of what becomes shorter end there, whatever it grows to again", async () => {
  let there = 5;
  const read = async (offset: number, into: Uint8Array): Promise<number> => Math.max(0, Math.min(into.length, there - offset));
  const source = await openSource({ open: async () => ({ size: 12, read, close: async () => undefined }) }, 4);
  expect((await source.next())?.valueOf()).toHaveLength(4);
  expect((await source.next())?.valueOf()).toHaveLength(1);
  there = 12;
  expect(await source.next()).toBeUndefined();
});

describe("a body that cannot be read", () => {
  it("because it is locked or was read is a TypeError", async () => {
    const locked = streamOf([]);
    locked.getReader();
    const read = new Response("abc");
    await read.text();
    const half = new Response("abc");
    half.body?.getReader();
    for (const body of [locked, read, half])
      await expect(openSource(body, 4)).rejects.toThrow(new TypeError("body is locked or already read"));
  });

  it.each([
    [null, "null"],
    [undefined, "undefined"],
    [5, "5"],
    [{}, "object"],
    [[1], "object"],
    [() => "", "function"],
  ])("because it is %s is a TypeError", async (body, kind) => {
    await expect(openSource(body as unknown as UploadBody, 4)).rejects.toThrow(
      new TypeError(`body is ${kind}, but must be a Blob, bytes or a string`),
    );
  });

  it("because a piece of it is none is a TypeError when its turn comes", async () => {
    const source = await openSource(streamOf([new Uint8Array(4), { no: "bytes" }]), 4);
    expect(await bytesOf(await source.next())).toHaveLength(4);
    expect(await ending(source.next())).toBeInstanceOf(TypeError);
  });

  it("because it fails, fails with just that", async () => {
    const mine = new Error("the disk is gone");
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(1);
      throw mine;
    }
    const source = await openSource(failing(), 1);
    await source.next();
    expect(await ending(source.next())).toBe(mine);
  });
});

describe("letting go", () => {
  it("cancels a stream with the reason, and ends an iterator", async () => {
    let reason: unknown;
    (await openSource(new ReadableStream({ cancel: (given) => void (reason = given) }), 4)).cancel("why");
    expect(reason).toBe("why");
    let ended = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield new Uint8Array(1);
      } finally {
        ended = true;
      }
    }
    const source = await openSource(endless(), 1);
    await source.next();
    source.cancel("why");
    await turn();
    expect(ended).toBe(true);
  });

  it("does nothing where there is nothing to let go, and hides the faults of others", async () => {
    (await openSource("text", 4)).cancel("why");
    (await openSource({ [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true, value: undefined }) }) }, 4)).cancel(
      "why",
    );
    (await openSource(new ReadableStream({ cancel: () => Promise.reject(new Error("no")) }), 4)).cancel("why");
    await turn();
  });
});

describe("the ranges that are written", () => {
  it("are what a set of bytes would be, ascending and apart", () => {
    const range = fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 8 })).map(([start, length]) => ({ start, end: start + length - 1 }));
    fc.assert(
      fc.property(fc.array(range, { maxLength: 20 }), (added) => {
        const ranges: ByteRange[] = [];
        const bytes = new Set<number>();
        for (const each of added) {
          addRange(ranges, each);
          for (let at = each.start; at <= each.end; at++) bytes.add(at);
          const expected: ByteRange[] = [];
          for (let at = 0; at <= 48; at++) {
            if (!bytes.has(at)) continue;
            const start = at;
            while (bytes.has(at + 1)) at++;
            expected.push({ start, end: at });
          }
          expect(ranges).toEqual(expected);
        }
      }),
      { numRuns: 500, seed: 15 },
    );
  });
});
