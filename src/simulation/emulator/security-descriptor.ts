/**
 * Security descriptors: owner, group and two access control lists, read from and written as SDDL or as the bytes that Windows calls
 * self-relative (base64 on the wire). One descriptor has one form here whichever way it came, so that it gets one key.
 *
 * Conditional entries and other kinds that SDDL writes with expressions are taken in bytes only, and then have no SDDL.
 *
 * @see https://learn.microsoft.com/windows/win32/secauthz/security-descriptor-string-format
 * @see https://learn.microsoft.com/openspecs/windows_protocols/ms-dtyp/7d4dac05-9cef-4563-a058-f108abecce1d
 */
import { entryBytes, entryFromBytes, readEntry, uint32, writeEntry, type AccessEntry, type ListName } from "./access-entries.js";
import { Failure } from "./failures.js";
import { readSid, sidAlias, sidBytes, sidFromBytes } from "./sids.js";
import { base64Of, bytesOfBase64 } from "./text.js";

/** An access control list. */
export interface AccessList {
  /** Protection and inheritance: bits of the control word, those of the list in question only. */
  readonly control: number;
  /** Null lets everybody in; SDDL writes `NO_ACCESS_CONTROL`. */
  readonly entries: readonly AccessEntry[] | null;
}

/** A security descriptor; SIDs are in their full form. */
export interface SecurityDescriptor {
  readonly owner: string;
  readonly group: string;
  readonly dacl: AccessList;
  /** Undefined where it was never spoken of, as in the descriptors that a share begins with. */
  readonly sacl: AccessList | undefined;
}

// Bits of the control word.
const selfRelative = 0x8000;
const present = { D: 0x0004, S: 0x0010 } as const;
/** Words after `D:` or `S:`, with their bits in either list. */
const listWords = [
  { word: "P", D: 0x1000, S: 0x2000 },
  { word: "AR", D: 0x0100, S: 0x0200 },
  { word: "AI", D: 0x0400, S: 0x0800 },
] as const;

const nobodyAsked = "NO_ACCESS_CONTROL";
const parts = /([OG]):(.*?)(?=[OGDS]:|$)|([DS]):((?:NO_ACCESS_CONTROL|AR|AI|P)*)((?:\([^()]*\))*)/gy;

/** Thrown for whatever is not a whole and valid descriptor. */
function invalid(): Failure {
  return new Failure("FileInvalidPermission");
}

/** Reads SDDL. Throws `FileInvalidPermission` unless it has owner, group and DACL, and none of them twice. */
export function readSddl(text: string): SecurityDescriptor {
  const line = text.replace(/\s+/g, "").toUpperCase();
  const sids = new Map<string, string>();
  const lists = new Map<string, AccessList>();
  let end = 0;
  for (const [whole, sidName, sidText = "", listName, words = "", entries = ""] of line.matchAll(parts)) {
    end += whole.length;
    const sid = readSid(sidText);
    if (sidName !== undefined && sid !== undefined && !sids.has(sidName)) sids.set(sidName, sid);
    else if ((listName === "D" || listName === "S") && !lists.has(listName)) lists.set(listName, readList(listName, words, entries));
    else throw invalid();
  }
  const [owner, group, dacl] = [sids.get("O"), sids.get("G"), lists.get("D")];
  if (end !== line.length || owner === undefined || group === undefined || !dacl) throw invalid();
  return { owner, group, dacl, sacl: lists.get("S") };
}

function readList(name: ListName, words: string, entryText: string): AccessList {
  let control = 0;
  const open = words.includes(nobodyAsked);
  for (const word of words.replaceAll(nobodyAsked, "").match(/AR|AI|P/g) ?? [])
    control |= listWords.find((known) => known.word === word)?.[name] ?? 0;
  if (open && entryText !== "") throw invalid();
  if (open) return { control, entries: null };
  const entries = entryText === "" ? [] : entryText.slice(1, -1).split(")(");
  return {
    control,
    entries: entries.map((entry) => {
      const known = readEntry(entry, name);
      if (!known) throw invalid();
      return known;
    }),
  };
}

/** Writes SDDL. Throws `CannotConvertToSddlDueToCustomAce` where SDDL has no words for an entry. */
export function writeSddl({ owner, group, dacl, sacl }: SecurityDescriptor): string {
  return `O:${sidAlias(owner)}G:${sidAlias(group)}${listText("D", dacl)}${sacl ? listText("S", sacl) : ""}`;
}

function listText(name: ListName, { control, entries }: AccessList): string {
  const words = listWords.filter((known) => control & known[name]).map(({ word }) => word);
  if (!entries) return `${name}:${words.join("")}${nobodyAsked}`;
  const texts = entries.map((entry) => {
    const text = writeEntry(entry);
    if (text === undefined) throw new Failure("CannotConvertToSddlDueToCustomAce");
    return text;
  });
  return `${name}:${words.join("")}${texts.join("")}`;
}

/** Bytes in base64, laid out as recorded: SACL, DACL, owner, group. Throws `FileInvalidPermission` where a list has no room. */
export function writeBinary({ owner, group, dacl, sacl }: SecurityDescriptor): string {
  const control = selfRelative | present.D | dacl.control | (sacl ? present.S | sacl.control : 0);
  const bytes = [1, 0, control & 255, control >>> 8];
  let at = 20;
  const content: number[] = [];
  const place = (part: readonly number[]): number => {
    const offset = part.length > 0 ? at : 0;
    at += part.length;
    content.push(...part);
    return offset;
  };
  const [saclAt, daclAt] = [place(sacl ? listBytes(sacl) : []), place(listBytes(dacl))];
  const [ownerAt, groupAt] = [place([...sidBytes(owner)]), place([...sidBytes(group)])];
  for (const offset of [ownerAt, groupAt, saclAt, daclAt]) bytes.push(...uint32(offset));
  return base64Of(Uint8Array.from([...bytes, ...content]));
}

/** A list that is null takes no room at all. */
function listBytes({ entries }: AccessList): number[] {
  if (!entries) return [];
  const content = entries.flatMap(entryBytes);
  const size = content.length + 8;
  if (size > 0xffff || entries.length > 0xffff) throw invalid();
  // Entries with GUIDs need the lists of directory services.
  const revision = entries.some(({ type }) => type >= 5 && type <= 8) ? 4 : 2;
  return [revision, 0, size & 255, size >>> 8, entries.length & 255, entries.length >>> 8, 0, 0, ...content];
}

/** Reads bytes in base64. Throws `FileInvalidPermission` unless they are a self-relative descriptor with owner, group and DACL. */
export function readBinary(base64: string): SecurityDescriptor {
  const bytes = bytesOfBase64(base64);
  if (!bytes || bytes.length < 20 || bytes[0] !== 1) throw invalid();
  const view = new DataView(bytes.buffer);
  const control = view.getUint16(2, true);
  const sidAt = (position: number): string => {
    const offset = view.getUint32(position, true);
    const sid = offset < 20 ? undefined : sidFromBytes(bytes.subarray(offset));
    if (sid === undefined) throw invalid();
    return sid;
  };
  if (!(control & selfRelative) || !(control & present.D)) throw invalid();
  const listAt = (name: ListName, position: number): AccessList => ({
    control: listWords.reduce((bits, word) => bits | (control & word[name]), 0),
    entries: entriesFromBytes(bytes, view.getUint32(position, true), name),
  });
  return {
    owner: sidAt(4),
    group: sidAt(8),
    dacl: listAt("D", 16),
    sacl: control & present.S ? listAt("S", 12) : undefined,
  };
}

function entriesFromBytes(bytes: Uint8Array<ArrayBuffer>, offset: number, name: ListName): AccessEntry[] | null {
  if (offset === 0) return null;
  if (offset < 20 || offset + 8 > bytes.length) throw invalid();
  const view = new DataView(bytes.buffer);
  const end = offset + view.getUint16(offset + 2, true);
  if (end > bytes.length || end < offset + 8) throw invalid();
  const entries: AccessEntry[] = [];
  let at = offset + 8;
  for (let left = view.getUint16(offset + 4, true); left > 0; left--) {
    const size = at + 4 > end ? 0 : view.getUint16(at + 2, true);
    const entry = size < 4 || at + size > end ? undefined : entryFromBytes(bytes.subarray(at, at + size), name);
    if (!entry) throw invalid();
    entries.push(entry);
    at += size;
  }
  return entries;
}
