import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readBinary, readSddl, writeBinary, writeSddl } from "../../../src/simulation/emulator/security-descriptor.js";

/** The descriptor that cpp-FileShareClientTest/FilePermissionFormat.jsonl shows in both forms. */
const recordedSddl =
  "O:S-1-5-21-2127521184-1604012920-1887927527-21560751G:S-1-5-21-2127521184-1604012920-1887927527-513D:AI(A;;FA;;;SY)(A;;FA;;;BA)(A;;0x1200a9;;;S-1-5-21-397955417-626881126-188441444-3053964)S:NO_ACCESS_CONTROL";
const recordedBinary =
  "AQAUhGwAAACIAAAAAAAAABQAAAACAFgAAwAAAAAAFAD/AR8AAQEAAAAAAAUSAAAAAAAYAP8BHwABAgAAAAAABSAAAAAgAgAAAAAkAKkAEgABBQAAAAAABRUAAABZUbgXZnJdJWRjOwuMmS4AAQUAAAAAAAUVAAAAoGXPfnhLm1/nfIdwr/1IAQEFAAAAAAAFFQAAAKBlz354S5tf53yHcAECAAA=";
const minimal = "O:SYG:SYD:";

/** Changes one byte of a descriptor in base64. */
function withByte(base64: string, at: number, value: number): string {
  const bytes = Buffer.from(base64, "base64");
  bytes[at] = value;
  return bytes.toString("base64");
}

describe("security descriptors", () => {
  it("are the recorded bytes for the recorded text, and the other way round", () => {
    expect(writeBinary(readSddl(recordedSddl))).toBe(recordedBinary);
    expect(writeSddl(readBinary(recordedBinary))).toBe(recordedSddl);
  });

  it.each([
    "O:SYG:SYD:(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)(A;;0x1200a9;;;BU)(A;OICIIO;GXGR;;;BU)(A;OICI;0x1301bf;;;AU)(A;;FA;;;SY)(A;OICIIO;GA;;;CO)",
    "O:S-1-5-21-2127521184-1604012920-1887927527-21560751G:S-1-5-21-2127521184-1604012920-1887927527-513D:(A;;FA;;;SY)(A;;FA;;;BA)(A;;0x1200a9;;;S-1-5-21-397955417-626881126-188441444-3053964)",
    minimal,
    "O:BAG:BUD:PARAI(D;OICINPIOID;FR;;;WD)S:PARAI(AU;SAFA;CCDCSDAS;;;AN)",
    "O:BAG:BAD:NO_ACCESS_CONTROL",
    "O:BAG:BAD:S:(ML;;NWNX;;;LW)",
    "O:BAG:BAD:(OA;;CR;00299570-246d-11d0-a768-00aa006e0529;bf967aba-0de6-11d0-a285-00aa003049e2;PS)(OD;;WP;;bf967aba-0de6-11d0-a285-00aa003049e2;SY)",
    "O:S-1-0x10000000000-1G:S-1-5-21-4294967295D:(A;;;;;S-1-5-32-999)",
  ])("write %s as it was read, also through bytes", (sddl) => {
    expect(writeSddl(readSddl(sddl))).toBe(sddl);
    expect(writeSddl(readBinary(writeBinary(readSddl(sddl))))).toBe(sddl);
  });

  it.each([
    ["o:syg:syd:(a;;fa;;;sy)", "O:SYG:SYD:(A;;FA;;;SY)"],
    ["D:(A; ;FA;;;S-1-5-18) G:S-1-5-32-545 O:S-1-5-32-544", "O:BAG:BUD:(A;;FA;;;SY)"],
    ["O:SYG:SYD:AIP(A;CIOI;0x1f01ff;;;SY)", "O:SYG:SYD:PAI(A;OICI;FA;;;SY)"],
    ["O:SYG:SYD:(A;;1179785;;;SY)", "O:SYG:SYD:(A;;FR;;;SY)"],
    ["O:SYG:SYD:(A;;GRGX;;;SY)", "O:SYG:SYD:(A;;GXGR;;;SY)"],
    ["O:SYG:SYD:(A;;FRFW;;;SY)", "O:SYG:SYD:(A;;0x12019f;;;SY)"],
  ])("normalise %s", (given, expected) => {
    expect(writeSddl(readSddl(given))).toBe(expected);
  });

  it.each([
    "",
    "O:SY",
    "O:SYG:SY",
    "G:SYD:(A;;FA;;;SY)",
    "O:SYD:(A;;FA;;;SY)",
    "O:SYO:SYG:SYD:",
    "O:SYG:SYD:D:",
    "O:DAG:SYD:",
    "O:SYG:DUD:",
    "O:SYG:SYD:(A;;FA;;;DA)",
    "O:SYG:SYD:(A;;FA;;;)",
    "O:SYG:SYD:(A;;FA;;SY)",
    "O:SYG:SYD:(A;;FA;;;SY;x)",
    "O:SYG:SYD:(A;;ZZ;;;SY)",
    "O:SYG:SYD:(A;;0x100000000;;;SY)",
    "O:SYG:SYD:(A;ZZ;FA;;;SY)",
    "O:SYG:SYD:(A;O;FA;;;SY)",
    "O:SYG:SYD:(X;;FA;;;SY)",
    "O:SYG:SYD:(AU;SA;FA;;;SY)",
    "O:SYG:SYD:S:(A;;FA;;;SY)",
    "O:SYG:SYD:(A;;FA;00299570-246d-11d0-a768-00aa006e0529;;SY)",
    "O:SYG:SYD:(OA;;FA;00299570;;SY)",
    "O:SYG:SYD:(A;;FA;;;SY",
    "O:SYG:SYD:(A;;FA;;;SY)trailing",
    "O:SYG:SYD:NO_ACCESS_CONTROL(A;;FA;;;SY)",
    "O:SYG:SYD:(XA;;FX;;;SY;(Title==1))",
    "O:S-1-5G:SYD:",
    "O:S-2-5-18G:SYD:",
    "O:S-1-5-4294967296G:SYD:",
  ])("refuse the text %j", (sddl) => {
    expect(() => readSddl(sddl)).toThrow(expect.objectContaining({ code: "FileInvalidPermission" }));
  });

  it.each([
    ["no base64", "%%%"],
    ["nothing", ""],
    ["too little", "AQAUhA=="],
    ["another revision", withByte(recordedBinary, 0, 2)],
    ["an absolute descriptor", withByte(recordedBinary, 3, 0x04)],
    ["no DACL", withByte(recordedBinary, 2, 0x10)],
    ["no owner", withByte(recordedBinary, 4, 0)],
    ["an owner beyond the end", withByte(recordedBinary, 5, 1)],
    ["a group inside the header", withByte(recordedBinary, 8, 4)],
    ["a DACL that ends too late", withByte(recordedBinary, 22, 0xff)],
    ["more entries than there is room for", withByte(recordedBinary, 24, 9)],
    ["an entry without length", withByte(recordedBinary, 30, 0)],
    ["an entry too short for its SID", withByte(recordedBinary, 30, 0x10)],
    ["an auditing entry in the DACL", withByte(recordedBinary, 28, 2)],
    ["a flag nobody knows", withByte(recordedBinary, 29, 0x20)],
  ])("refuse bytes with %s", (_, base64) => {
    expect(() => readBinary(base64)).toThrow(expect.objectContaining({ code: "FileInvalidPermission" }));
  });

  it("keep entries that SDDL has no words for, and say so when asked for it", () => {
    const conditional = withByte(recordedBinary, 28, 9);
    const descriptor = readBinary(conditional);
    expect(writeBinary(descriptor)).toBe(conditional);
    expect(() => writeSddl(descriptor)).toThrow(expect.objectContaining({ code: "CannotConvertToSddlDueToCustomAce" }));
  });

  it("are the same through either form, whatever they say", () => {
    const number = fc.integer({ min: 0, max: 0xffffffff });
    const sid = fc.oneof(
      fc.constantFrom("SY", "BA", "BU", "AU", "CO", "WD", "NS", "HI", "AC"),
      fc.array(number, { minLength: 1, maxLength: 15 }).map((parts) => `S-1-21-${parts.join("-")}`),
    );
    const words = (all: string[]): fc.Arbitrary<string> => fc.subarray(all).map((some) => some.join(""));
    const rights = fc.oneof(
      number.map((value) => `0x${value.toString(16)}`),
      words(["CC", "DC", "LC", "SW", "RP", "WP", "DT", "LO", "CR", "SD", "RC", "WD", "WO", "GA", "GX", "GW", "GR"]),
      fc.constantFrom("FA", "FR", "FW", "FX", "KA", "KR", "KW"),
    );
    const guid = fc.oneof(fc.constant(""), fc.uuid());
    const flags = words(["OI", "CI", "NP", "IO", "ID", "SA", "FA"]);
    const entry = (types: string[], object: fc.Arbitrary<string>): fc.Arbitrary<string> =>
      fc.tuple(fc.constantFrom(...types), flags, rights, object, object, sid).map((fields) => `(${fields.join(";")})`);
    const list = (plain: string[], withGuids: string[]): fc.Arbitrary<string> =>
      fc
        .tuple(words(["P", "AR", "AI"]), fc.array(fc.oneof(entry(plain, fc.constant("")), entry(withGuids, guid)), { maxLength: 5 }))
        .map(([control, entries]) => control + entries.join(""));
    const sacl = fc.oneof(
      fc.constant(""),
      fc.constant("S:NO_ACCESS_CONTROL"),
      list(["AU", "AL"], ["OU", "OL"]).map((text) => `S:${text}`),
    );
    fc.assert(
      fc.property(sid, sid, list(["A", "D"], ["OA", "OD"]), sacl, (owner, group, dacl, audit) => {
        const descriptor = readSddl(`O:${owner}G:${group}D:${dacl}${audit}`);
        const text = writeSddl(descriptor);
        expect(readSddl(text)).toEqual(descriptor);
        expect(readBinary(writeBinary(descriptor))).toEqual(descriptor);
        expect(writeSddl(readBinary(writeBinary(descriptor)))).toBe(text);
      }),
      { seed: 20260101, numRuns: 300 },
    );
  });

  it("are refused, never a crash, whatever bytes come", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(179), fc.nat(255)), { maxLength: 4 }), fc.integer({ min: 0, max: 180 }), (changes, length) => {
        const bytes = Buffer.from(recordedBinary, "base64");
        for (const [at, value] of changes) bytes[at] = value;
        try {
          const descriptor = readBinary(bytes.subarray(0, length).toString("base64"));
          expect(readBinary(writeBinary(descriptor))).toEqual(descriptor);
        } catch (error) {
          expect(error).toMatchObject({ code: "FileInvalidPermission" });
        }
      }),
      { seed: 20260102, numRuns: 500 },
    );
  });
});
