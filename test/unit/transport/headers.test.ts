import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  byteRange,
  contentRange,
  date,
  flag,
  metadata,
  metadataHeaders,
  number,
  retryAfterOf,
  text,
} from "../../../src/transport/headers.js";

const MiB = 1024 * 1024;

describe("a byte range", () => {
  it("names its first and its last byte", () => {
    expect(byteRange(0, 1)).toBe("bytes=0-0");
    expect(byteRange(0, 4 * MiB)).toBe("bytes=0-4194303");
    expect(byteRange(4 * 1024 ** 4 - 1, 1)).toBe("bytes=4398046511103-4398046511103");
    expect(byteRange(0, 4 * 1024 ** 4, 4 * 1024 ** 4)).toBe("bytes=0-4398046511103");
  });

  it.each([
    [-1, 1, /^offset is -1, but must be a whole number from 0/],
    [0.5, 1, /^offset is 0.5/],
    [NaN, 1, /^offset is NaN/],
    [Infinity, 1, /^offset is Infinity/],
    [2 ** 53, 1, /^offset is 9007199254740992/],
    ["0" as unknown as number, 1, /^offset is "0"/],
    [0, 0, /^range length is 0, but must be a whole number from 1 to 4194304$/],
    [0, -1, /^range length is -1/],
    [0, 1.5, /^range length is 1.5/],
    [0, 4 * MiB + 1, /^range length is 4194305/],
    [0, NaN, /^range length is NaN/],
  ])("of %j bytes %j is refused", (offset, count, message) => {
    expect(() => byteRange(offset, count)).toThrow(RangeError);
    expect(() => byteRange(offset, count)).toThrow(message);
  });
});

describe("an answer's Content-Range", () => {
  it.each([
    ["bytes 0-4/10", { start: 0, end: 4, size: 10 }],
    ["bytes 4398046511103-4398046511103/4398046511104", { start: 4_398_046_511_103, end: 4_398_046_511_103, size: 4_398_046_511_104 }],
    ["bytes */10", undefined],
    ["bytes 0-4/*", undefined],
    ["bytes=0-4/10", undefined],
    ["items 0-4/10", undefined],
    ["bytes 0-4/10, bytes 5-6/10", undefined],
    ["bytes -4-5/10", undefined],
    ["", undefined],
  ])("%j", (value, range) => expect(contentRange(new Headers({ "content-range": value }))).toEqual(range));

  it("may be absent", () => expect(contentRange(new Headers())).toBeUndefined());

  it("reads back whatever range was asked for", () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31), fc.integer({ min: 1, max: 4 * MiB }), (offset, count) => {
        const value = `${byteRange(offset, count).replace("=", " ")}/${offset + count}`;
        expect(contentRange(new Headers({ "content-range": value }))).toEqual({
          start: offset,
          end: offset + count - 1,
          size: offset + count,
        });
      }),
      { seed: 9 },
    );
  });
});

describe("Retry-After", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  it.each([
    ["0", 0],
    ["7", 7000],
    ["1.5", 1500],
    ["-1", 0],
    ["Thu, 01 Jan 2026 00:00:05 GMT", 5000],
    ["Wed, 31 Dec 2025 00:00:05 GMT", 0],
    ["Thursday, 01-Jan-26 00:00:05 GMT", 5000],
    ["soon", undefined],
    ["NaN", undefined],
  ])("%s", (value, wait) => expect(retryAfterOf(new Headers({ "retry-after": value }), now)).toBe(wait));

  it("may be absent", () => expect(retryAfterOf(new Headers(), now)).toBeUndefined());

  it("is never negative nor no number", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."0123456789.-+eEx, :GMTJan"), maxLength: 30 }), (value) => {
        const wait = retryAfterOf(new Headers({ "retry-after": value }), now);
        expect(wait === undefined || wait >= 0).toBe(true);
      }),
      { numRuns: 500, seed: 10 },
    );
  });
});

describe("single values", () => {
  it("are numbers, dates and flags only where they are just that", () => {
    const read = (value: string): unknown[] => {
      const headers = new Headers({ etag: value });
      return [text(headers, "etag"), number(headers, "etag"), flag(headers, "etag")];
    };
    expect(read("12")).toEqual(["12", 12, undefined]);
    expect(read("0")).toEqual(["0", 0, undefined]);
    for (const odd of ["-1", "1.5", "0x10", "1e3", "1 2", "Infinity"]) expect(read(odd)).toEqual([odd, undefined, undefined]);
    expect(read("True")).toEqual(["True", undefined, true]);
    expect(read("false")).toEqual(["false", undefined, false]);
    expect(date(new Headers({ date: "Thu, 01 Jan 2026 00:00:00 GMT" }), "date")).toEqual(new Date("2026-01-01T00:00:00Z"));
    expect(date(new Headers({ date: "never" }), "date")).toBeUndefined();
    expect(date(new Headers(), "date")).toBeUndefined();
    expect(text(new Headers({ etag: "" }), "etag")).toBe("");
  });
});

describe("metadata", () => {
  const names = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,10}$/);
  const values = fc.stringMatching(/^([!-~]([ -~]{0,12}[!-~])?)?$/);
  const legal = fc
    .dictionary(names, values, { maxKeys: 6, noNullPrototype: true })
    .filter((entries) => new Set(Object.keys(entries).map((name) => name.toLowerCase())).size === Object.keys(entries).length);

  it("reads back as it was written, names in lower case", () => {
    fc.assert(
      fc.property(legal, (entries) => {
        const folded = Object.fromEntries(Object.entries(entries).map(([name, value]) => [name.toLowerCase(), value]));
        expect(metadata(new Headers(metadataHeaders(entries) as Record<string, string>))).toEqual(folded);
      }),
      { numRuns: 300, seed: 11 },
    );
  });

  it("of any other name or value is a TypeError before the network, never a fault of fetch", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 6 }), fc.string({ unit: "binary", maxLength: 6 }), (name, value) => {
        let headers;
        try {
          headers = metadataHeaders({ [name]: value });
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
          return;
        }
        expect(new Headers(headers as Record<string, string>).get(`x-ms-meta-${name}`)).toBe(value);
      }),
      { numRuns: 2000, seed: 12 },
    );
  });

  it.each(["", "1a", "a-b", "a b", "é", "a.b", "a\n", "\u212A", "\u017f", "a:"])("has no name %j", (name) => {
    expect(() => metadataHeaders({ [name]: "x" })).toThrow(/^metadata name .* must be an identifier, and there only once in any case$/s);
  });

  it("has a name once, in any case", () => {
    expect(() => metadataHeaders({ name: "a", NAME: "b" })).toThrow(/^metadata name "NAME" must be an identifier, and there only once/);
    expect(metadataHeaders({ __proto__x: "a", constructor: "b", toString: "c" })).toEqual({
      "x-ms-meta-__proto__x": "a",
      "x-ms-meta-constructor": "b",
      "x-ms-meta-toString": "c",
    });
  });

  it.each([" a", "a ", "a\nb", "a\r", "\0", "é", "\t", 5, null, undefined])("has no value %j", (value) => {
    expect(() => metadataHeaders({ name: value as string })).toThrow(/^metadata name must be ASCII without spaces at its ends/);
  });

  it("has at most 8 KiB in all, names included", () => {
    expect(Object.keys(metadataHeaders({ ab: "x".repeat(8190) }))).toHaveLength(1);
    expect(() => metadataHeaders({ ab: "x".repeat(8191) })).toThrow(
      new RangeError("metadata has 8193 bytes, but at most 8192 are allowed"),
    );
    expect(metadataHeaders(undefined)).toEqual({});
  });
});
