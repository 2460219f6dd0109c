/** Range lists, which have a reader of their own: it reads what fast-xml-parser reads, and refuses what is not such a document to the last character. */
import { XMLParser } from "fast-xml-parser";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRangeList, type RangeList } from "../../../src/services/range-list.js";

const seeded = { numRuns: 1000, seed: 20261123 };

interface Listed {
  readonly Start: string;
  readonly End: string;
}

/** What the general parser reads; undefined for what it refuses. */
function parsed(xml: string): RangeList | undefined {
  const parser = new XMLParser({
    ignoreDeclaration: true,
    parseTagValue: false,
    trimValues: true,
    isArray: (name) => /^(Clear)?Range$/.test(name),
  });
  let document;
  try {
    document = parser.parse(xml, true) as { Ranges?: { Range?: Listed[]; ClearRange?: Listed[]; NextMarker?: string } | "" };
  } catch {
    return undefined;
  }
  const { Range = [], ClearRange = [], NextMarker = "" } = document.Ranges || {};
  const read = (listed: readonly Listed[]) => listed.map(({ Start, End }) => ({ start: Number(Start), end: Number(End) }));
  return { ranges: read(Range), clearRanges: read(ClearRange), marker: NextMarker || undefined };
}

const space = fc.constantFrom("", "\n", "\r\n  ", "\t");
const offset = fc.integer({ min: 0, max: 4 * 1024 ** 4 });
const range = fc
  .tuple(fc.constantFrom("Range", "ClearRange"), offset, offset, space)
  .map(([kind, start, end, gap]) => `<${kind}>${gap}<Start>${start}</Start>${gap}<End>${end}</End>${gap}</${kind}>`);
const other = fc.constantFrom("<NextMarker />", "<NextMarker>2!4!MQ--</NextMarker>", "<Newer>1</Newer>", "");
const head = fc.constantFrom("", '<?xml version="1.0" encoding="utf-8"?>', '<?xml version="1.0"?>\n');
const list = fc
  .tuple(head, fc.array(range, { maxLength: 6 }), other, space)
  .map(([declaration, ranges, last, gap]) =>
    ranges.length + last.length === 0
      ? `${declaration}<Ranges />`
      : `${declaration}<Ranges>${gap}${ranges.join(gap)}${last}</Ranges>${gap}`,
  );

describe("a list of ranges", () => {
  it("is read as a general parser reads it", () => {
    fc.assert(
      fc.property(list, (xml) => {
        expect(parseRangeList(xml)).toEqual(parsed(xml));
      }),
      seeded,
    );
  });

  it("is refused where it is cut off, at every place", () => {
    const property = fc.property(list, fc.nat(), (xml, at) => {
      const cut = xml.trimEnd().slice(0, at % xml.trimEnd().length);
      expect(() => parseRangeList(cut)).toThrow(expect.objectContaining({ name: "IntegrityError", reason: "listing" }));
    });
    fc.assert(property, seeded);
  });

  it("is refused where a character of it was changed, or read as a general parser reads that", () => {
    // No "&": one that refers to nothing stays what it is, here as everywhere.
    const put = fc.constantFrom("<", ">", "/", '"', "", "x", "7", "-");
    const property = fc.property(list, fc.nat(), put, (xml, number, character) => {
      // What a declaration says is nobody's business.
      const from = xml.indexOf("<Ranges");
      const at = from + (number % (xml.length - from));
      const changed = xml.slice(0, at) + character + xml.slice(at + 1);
      let read;
      try {
        read = parseRangeList(changed);
      } catch (error) {
        expect(error).toMatchObject({ name: "IntegrityError", reason: "listing" });
        return;
      }
      expect(read).toEqual(parsed(changed));
    });
    fc.assert(property, seeded);
  });

  it("of a million entries is read at once", () => {
    const one = "<Range><Start>1048576</Start><End>1049087</End></Range>";
    expect(parseRangeList(`<Ranges>${one.repeat(1_000_000)}</Ranges>`).ranges).toHaveLength(1_000_000);
  });

  it("is not what something else is", () => {
    for (const text of ["", "<html></html>", "<Ranges>", "<Ranges></Ranges><Ranges />", "<Ranges><Range /></Ranges>", "Ranges"]) {
      expect(() => parseRangeList(text), text).toThrow(expect.objectContaining({ reason: "listing" }));
    }
  });
});
