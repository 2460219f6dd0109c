/** What is written as XML reads back as it was. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isoSpan, isoTime } from "../../../src/transport/times.js";
import { childText, parseXml } from "../../../src/transport/xml.js";
import { element, optional, xmlBody } from "../../../src/transport/xml-writer.js";

const textOf = (body: ReturnType<typeof xmlBody>): string => new TextDecoder().decode(body as Uint8Array);

describe("element()", () => {
  it("writes text, numbers, booleans and children, and leaves out what is undefined", () => {
    const root = element("A", [
      element("B", "x<y>&z"),
      undefined,
      optional("C", undefined),
      element("D", 5),
      element("E", false),
      element("F", []),
    ]);
    expect(textOf(xmlBody(root))).toBe('<?xml version="1.0" encoding="utf-8"?><A><B>x&lt;y&gt;&amp;z</B><D>5</D><E>false</E><F /></A>');
  });

  it.each(["", "a b", "1a", "a>", "a/", "<a", "-a", "a\n", "é:"])("takes no name like %j", (name) => {
    expect(() => element(name, "x")).toThrow(TypeError);
  });

  it.each(["\0", "\u0008", "\uFFFE", "\uFFFF", "\ud800", "a\udc00b"])("takes no text like %j", (text) => {
    expect(() => element("a", text)).toThrow(/^a has a character that XML cannot hold$/);
  });

  it("writes text that the parser gives back, whatever it is", async () => {
    const unit = fc.oneof(
      fc.constantFrom("<", ">", "&", "]]>", "\r", "\n", "\t", " ", '"', "'", "&amp;", "<!--", "\u{10FFFF}"),
      fc.string({ unit: "grapheme" }),
    );
    const given = fc
      .string({ unit, maxLength: 20 })
      .filter((text) => text !== "" && !/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.test(text));
    await fc.assert(
      fc.asyncProperty(given, async (text) => {
        const written = textOf(xmlBody(element("Root", [element("Text", text)])));
        // The parser keeps numeric references as they are; a conforming one reads a carriage return.
        expect(childText(await parseXml(written, "Root"), "Text")?.replaceAll("&#13;", "\r")).toBe(text);
      }),
      { numRuns: 500, seed: 1 },
    );
  });
});

describe("times", () => {
  it.each<[Date | string, string]>([
    [new Date("2027-01-02T03:04:05.000Z"), "2027-01-02T03:04:05Z"],
    [new Date("2027-01-02T03:04:05.006Z"), "2027-01-02T03:04:05.006Z"],
    ["2027-01-02", "2027-01-02"],
    ["2027-01-02T03:04Z", "2027-01-02T03:04Z"],
    ["2027-01-02T03:04:05.1234567Z", "2027-01-02T03:04:05.1234567Z"],
    ["2027-01-02T03:04:05+02:00", "2027-01-02T01:04:05Z"],
  ])("%j are written as %s", (time, written) => {
    expect(isoTime("startsOn", time)).toBe(written);
  });

  it.each(["tomorrow", "", "2027-01-02T03:04:05", "2027-13-01", new Date(NaN), new Date(8.64e15), 5])("%j are refused", (time) => {
    expect(() => isoTime("startsOn", time as string)).toThrow(/^startsOn is no time/);
  });

  it("begin before they end", () => {
    expect(isoSpan(undefined, "2027-01-01")).toEqual({ start: undefined, expiry: "2027-01-01" });
    expect(isoSpan("2026-01-01", undefined)).toEqual({ start: "2026-01-01", expiry: undefined });
    expect(() => isoSpan("2027-01-01", "2027-01-01T00:00:00Z")).toThrow(RangeError);
  });
});
