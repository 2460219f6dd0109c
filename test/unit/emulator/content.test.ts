import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SparseContent } from "../../../src/simulation/emulator/content.js";
import { PageSet } from "../../../src/simulation/emulator/page-set.js";

const limit = 3000000;
const offset = fc.oneof(fc.nat(5000), fc.integer({ min: 1048000, max: 1050000 }), fc.nat(limit));
const step = fc.oneof(
  fc.record({
    kind: fc.constant("write" as const),
    at: offset,
    length: fc.integer({ min: 1, max: 3000 }),
    value: fc.integer({ min: 1, max: 255 }),
  }),
  fc.record({ kind: fc.constant("clear" as const), at: offset, length: fc.integer({ min: 1, max: limit }) }),
  fc.record({ kind: fc.constant("resize" as const), at: offset }),
);

describe("sparse content", () => {
  it("agrees with a plain array of bytes and a plain list of pages", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const content = new SparseContent(limit);
        const bytes = new Uint8Array(limit);
        const pages = new Set<number>();
        for (const one of steps) {
          if (one.kind === "resize") {
            if (one.at < content.size) {
              bytes.fill(0, one.at);
              for (const page of pages) if (page * 512 >= one.at) pages.delete(page);
            }
            content.resize(one.at);
            continue;
          }
          const end = Math.min(one.at + one.length, content.size);
          if (end <= one.at) continue;
          if (one.kind === "write") {
            content.write(one.at, new Uint8Array(end - one.at).fill(one.value));
            bytes.fill(one.value, one.at, end);
            for (let page = Math.floor(one.at / 512); page * 512 < end; page++) pages.add(page);
          } else {
            content.clear(one.at, end);
            bytes.fill(0, one.at, end);
            for (const page of pages) if (page * 512 >= one.at && page * 512 + 512 <= end) pages.delete(page);
            // Zeros are written to what is only partly inside.
            for (const edge of [one.at, end]) if (edge % 512 > 0) pages.add(Math.floor(edge / 512));
          }
        }
        expect(Buffer.compare(content.read(0, content.size), bytes.subarray(0, content.size))).toBe(0);
        const listed: number[] = [];
        let before = -1;
        for (const span of content.ranges(0, content.size)) {
          expect(span.start).toBeGreaterThan(before); // sorted, disjoint and merged
          before = span.end;
          for (let page = span.start / 512; page * 512 < span.end; page++) listed.push(page);
        }
        expect(listed).toEqual([...pages].filter((page) => page * 512 < content.size).sort((a, b) => a - b));
        expect(content.allocated).toBe(pages.size * 512);
      }),
      { numRuns: 150, seed: 20260101 },
    );
  });

  it("keeps one span for a file written through, and one for each hole", () => {
    const pages = new PageSet();
    for (let at = 0; at < 1000; at++) pages.add(at * 4096, at * 4096 + 4096);
    expect([...pages.within(0, 1e9)]).toEqual([{ start: 0, end: 4096000 }]);
    pages.remove(1000, 2100);
    expect([...pages.within(0, 4000)]).toEqual([
      { start: 0, end: 1024 },
      { start: 2048, end: 4000 },
    ]);
    pages.remove(0, 1e9);
    expect([...pages.within(0, 1e9)]).toEqual([]);
  });

  it("gives copies, so that a reader cannot write", () => {
    const content = new SparseContent(10);
    content.write(0, new Uint8Array([1, 2, 3]));
    content.read(0, 3).fill(9);
    expect([...content.read(0, 4)]).toEqual([1, 2, 3, 0]);
  });
});
