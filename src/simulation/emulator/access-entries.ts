/**
 * Entries of access control lists (ACEs), between SDDL's `(type;flags;rights;object;inherited object;SID)` and bytes.
 *
 * @see https://learn.microsoft.com/windows/win32/secauthz/ace-strings
 */
import { readSid, sidAlias, sidBytes, sidFromBytes } from "./sids.js";

/** Which list an entry may stand in: `D` grants and denies, `S` audits and labels. */
export type ListName = "D" | "S";

/** One entry. */
export interface AccessEntry {
  readonly type: number;
  readonly flags: number;
  readonly body: EntryBody | UnknownBody;
}

/** What an entry of a known type says. */
interface EntryBody {
  readonly rights: number;
  /** GUIDs in text; of object entries only. */
  readonly object: string | undefined;
  readonly inheritedObject: string | undefined;
  /** In its full form. */
  readonly sid: string;
}

/** An entry that SDDL has no words for here, such as a conditional one: kept as it came. */
interface UnknownBody {
  readonly bytes: Uint8Array;
}

interface EntryType {
  readonly word: string;
  readonly type: number;
  readonly list: ListName;
  /** Whether it has room for two GUIDs. */
  readonly object?: true;
}

const types: readonly EntryType[] = [
  { word: "A", type: 0x00, list: "D" },
  { word: "D", type: 0x01, list: "D" },
  { word: "OA", type: 0x05, list: "D", object: true },
  { word: "OD", type: 0x06, list: "D", object: true },
  { word: "AU", type: 0x02, list: "S" },
  { word: "AL", type: 0x03, list: "S" },
  { word: "OU", type: 0x07, list: "S", object: true },
  { word: "OL", type: 0x08, list: "S", object: true },
  { word: "ML", type: 0x11, list: "S" },
  { word: "SP", type: 0x13, list: "S" },
];

type Words = readonly (readonly [word: string, bits: number])[];

const flagWords: Words = [
  ["OI", 0x01],
  ["CI", 0x02],
  ["NP", 0x04],
  ["IO", 0x08],
  ["ID", 0x10],
  ["SA", 0x40],
  ["FA", 0x80],
];

/** One bit each, the lowest first: the order in which they are written. */
const rightWords: Words = [
  ["CC", 0x00000001],
  ["DC", 0x00000002],
  ["LC", 0x00000004],
  ["SW", 0x00000008],
  ["RP", 0x00000010],
  ["WP", 0x00000020],
  ["DT", 0x00000040],
  ["LO", 0x00000080],
  ["CR", 0x00000100],
  ["SD", 0x00010000],
  ["RC", 0x00020000],
  ["WD", 0x00040000],
  ["WO", 0x00080000],
  ["AS", 0x01000000],
  ["MA", 0x02000000],
  ["GA", 0x10000000],
  ["GX", 0x20000000],
  ["GW", 0x40000000],
  ["GR", 0x80000000],
];

/** Several bits each; written where they are all that is given. */
const rightSets: Words = [
  ["FA", 0x001f01ff],
  ["FR", 0x00120089],
  ["FW", 0x00120116],
  ["FX", 0x001200a0],
  ["KA", 0x000f003f],
  ["KR", 0x00020019],
  ["KW", 0x00020006],
];

const labelType = 0x11;
const labelWords: Words = [
  ["NW", 0x1],
  ["NR", 0x2],
  ["NX", 0x4],
];

/** Bits of words that follow one another, or undefined where one is not in the table. */
function readWords(text: string, words: Words): number | undefined {
  let bits = 0;
  for (const word of text.match(/..?/g) ?? []) {
    const known = words.find(([name]) => name === word);
    if (!known) return undefined;
    bits |= known[1];
  }
  return bits >>> 0;
}

/** Words for all of the bits, or undefined where some have none. */
function writeWords(bits: number, words: Words): string | undefined {
  const used = words.filter(([, bit]) => bits & bit);
  return used.reduce((all, [, bit]) => (all | bit) >>> 0, 0) === bits ? used.map(([word]) => word).join("") : undefined;
}

function readRights(text: string, type: number): number | undefined {
  if (/^(0X[0-9A-F]{1,8}|\d{1,10})$/.test(text)) {
    const rights = Number(text.toLowerCase());
    return rights > 0xffffffff ? undefined : rights;
  }
  return readWords(text, type === labelType ? labelWords : [...rightWords, ...rightSets, ["KX", 0x00020019]]);
}

function writeRights(rights: number, type: number): string {
  const set = rightSets.find(([, bits]) => bits === rights)?.[0];
  const words = type === labelType ? writeWords(rights, labelWords) : (set ?? writeWords(rights, rightWords));
  return words ?? `0x${rights.toString(16)}`;
}

const guid = /^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/;

/** The entry that SDDL writes so, brackets apart, or undefined where that is none. */
export function readEntry(text: string, list: ListName): AccessEntry | undefined {
  const [word = "", flagText = "", rightText = "", object = "", inheritedObject = "", sidText = "", ...more] = text
    .toUpperCase()
    .split(";");
  const kind = types.find((type) => type.word === word && type.list === list);
  const flags = readWords(flagText, flagWords);
  const sid = readSid(sidText);
  if (!kind || flags === undefined || sid === undefined || more.length > 0) return undefined;
  const rights = readRights(rightText, kind.type);
  const guids = [object, inheritedObject].filter((value) => value !== "");
  if (rights === undefined || guids.some((value) => !kind.object || !guid.test(value))) return undefined;
  const textOf = (value: string): string | undefined => (value === "" ? undefined : value.toLowerCase());
  return { type: kind.type, flags, body: { rights, object: textOf(object), inheritedObject: textOf(inheritedObject), sid } };
}

/** An entry in SDDL with its brackets, or undefined where SDDL has no words for it. */
export function writeEntry({ type, flags, body }: AccessEntry): string | undefined {
  const kind = types.find((known) => known.type === type);
  if (!kind || "bytes" in body) return undefined;
  const fields = [
    kind.word,
    writeWords(flags, flagWords) ?? "",
    writeRights(body.rights, type),
    body.object ?? "",
    body.inheritedObject ?? "",
    sidAlias(body.sid),
  ];
  return `(${fields.join(";")})`;
}

/** Swaps a GUID's first three parts between text and bytes: these are little-endian. */
const guidOrder = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

function guidBytes(text: string): number[] {
  const digits = text.replaceAll("-", "");
  return guidOrder.map((index) => Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16));
}

function guidText(bytes: Uint8Array): string {
  const hex = guidOrder.map((index) => (bytes[index] ?? 0).toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** Four bytes, the lowest first. */
export function uint32(value: number): number[] {
  return [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];
}

/** An entry as bytes, its header of four included. */
export function entryBytes({ type, flags, body }: AccessEntry): number[] {
  const content = "bytes" in body ? [...body.bytes] : bodyBytes(body, types.find((known) => known.type === type)?.object === true);
  const size = content.length + 4;
  return [type, flags, size & 255, size >>> 8, ...content];
}

function bodyBytes(body: EntryBody, object: boolean): number[] {
  const guids = [body.object, body.inheritedObject];
  const present = guids.reduce((bits, value, index) => (value === undefined ? bits : bits | (1 << index)), 0);
  return [
    ...uint32(body.rights),
    ...(object ? uint32(present) : []),
    ...guids.flatMap((value) => (value === undefined ? [] : guidBytes(value))),
    ...sidBytes(body.sid),
  ];
}

/** The entry that some bytes are, header included, or undefined where they are none that may stand in the list. */
export function entryFromBytes(bytes: Uint8Array, list: ListName): AccessEntry | undefined {
  const [type = 0, flags = 0] = bytes;
  const kind = types.find((known) => known.type === type);
  if (!kind) return { type, flags, body: { bytes: bytes.slice(4) } };
  if (kind.list !== list || bytes.length < 8 || writeWords(flags, flagWords) === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rights = view.getUint32(4, true);
  if (!kind.object)
    return withSid(bytes, 8, (sid) => ({ type, flags, body: { rights, object: undefined, inheritedObject: undefined, sid } }));
  const present = bytes.length < 12 ? 0 : view.getUint32(8, true);
  const guids = [1, 2].filter((bit) => present & bit).map((_, index) => bytes.subarray(12 + index * 16, 28 + index * 16));
  if (guids.some((value) => value.length < 16)) return undefined;
  const texts = guids.map(guidText);
  const object = present & 1 ? texts.shift() : undefined;
  return withSid(bytes, 12 + guids.length * 16, (sid) => ({
    type,
    flags,
    body: { rights, object, inheritedObject: texts[0], sid },
  }));
}

function withSid(bytes: Uint8Array, at: number, make: (sid: string) => AccessEntry): AccessEntry | undefined {
  const sid = sidFromBytes(bytes.subarray(at));
  return sid === undefined ? undefined : make(sid);
}
