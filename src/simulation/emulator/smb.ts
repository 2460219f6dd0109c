/**
 * SMB properties on the wire: attributes, times and permission keys.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/create-file
 */
import { Failure, badHeader } from "./failures.js";
import { readPermissionFormat } from "./permission-store.js";
import type { Account, SmbProperties, TreeNode } from "./state.js";
import { utf8 } from "./text.js";
import { parseIsoTime, type Ticks } from "./time.js";

/** Attribute names in the order in which the service joins them; the bit is the place. */
const attributeNames = [
  "ReadOnly",
  "Hidden",
  "System",
  "Directory",
  "Archive",
  "Temporary",
  "Offline",
  "NotContentIndexed",
  "NoScrubData",
] as const;

/** The bit of one attribute. */
export function attributeBit(name: (typeof attributeNames)[number]): number {
  return 1 << attributeNames.indexOf(name);
}

/** `ReadOnly | Archive`, or `None`. */
export function attributesText(bits: number): string {
  return attributeNames.filter((_, index) => bits & (1 << index)).join(" | ") || "None";
}

function parseAttributes(text: string): number {
  let bits = 0;
  for (const part of text.split("|")) {
    const word = part.trim().toLowerCase();
    const index = attributeNames.findIndex((name) => name.toLowerCase() === word);
    if (index < 0 && word !== "none") throw badHeader("x-ms-file-attributes", text);
    if (index >= 0) bits |= 1 << index;
  }
  return bits;
}

/** The key of the permission that the headers name or carry; without one, `current` or what is inherited. */
function readPermission(account: Account, headers: Headers, kind: TreeNode["kind"], current: string | undefined): string {
  const { permissions } = account;
  const inherited = permissions.inherited[kind];
  const text = headers.get("x-ms-file-permission");
  const key = headers.get("x-ms-file-permission-key");
  if (text !== null && key !== null) throw badHeader("x-ms-file-permission-key", key);
  if (key !== null) {
    if (!permissions.has(key)) throw new Failure("FileInvalidPermissionKey");
    return key;
  }
  const word = text?.toLowerCase();
  if (word === "inherit") return inherited;
  if (text === null) return current ?? inherited;
  if (word === "preserve" && current !== undefined) return current;
  if (utf8(text).length > 8192) throw badHeader("x-ms-file-permission", `${text.slice(0, 64)}…`);
  return permissions.add(text, readPermissionFormat(headers));
}

function readTime(headers: Headers, name: string, now: Ticks, absent: Ticks, current: Ticks | undefined): Ticks {
  const text = headers.get(name);
  if (text === null) return absent;
  const word = text.toLowerCase();
  if (word === "now") return now;
  if (word === "preserve" && current !== undefined) return current;
  const time = parseIsoTime(text);
  if (time === undefined) throw badHeader(name, text);
  return time;
}

/**
 * SMB properties from the headers of Create and Set Properties. On creation (`current` undefined) what is absent has the default;
 * otherwise it is kept, except the change time, which moves to `now`.
 */
export function readSmbProperties(
  account: Account,
  headers: Headers,
  kind: TreeNode["kind"],
  now: Ticks,
  current?: SmbProperties,
): SmbProperties {
  const text = headers.get("x-ms-file-attributes");
  const keep = current !== undefined && (text === null || text.toLowerCase() === "preserve");
  let attributes = keep ? current.attributes : parseAttributes(text ?? "None");
  const directory = attributeBit("Directory");
  if (kind === "directory") attributes |= directory;
  else if (attributes & directory) throw badHeader("x-ms-file-attributes", text ?? "");
  const semantics = (headers.get("x-ms-file-property-semantics") ?? "new").toLowerCase();
  if (semantics !== "new" && semantics !== "restore") throw badHeader("x-ms-file-property-semantics", semantics);
  if (kind === "file" && current === undefined && semantics === "new") attributes |= attributeBit("Archive");
  return {
    attributes,
    creationTime: readTime(headers, "x-ms-file-creation-time", now, current?.creationTime ?? now, current?.creationTime),
    lastWriteTime: readTime(headers, "x-ms-file-last-write-time", now, current?.lastWriteTime ?? now, current?.lastWriteTime),
    changeTime: readTime(headers, "x-ms-file-change-time", now, now, current?.changeTime),
    permissionKey: readPermission(account, headers, kind, current?.permissionKey),
  };
}

/** Whether the ReadOnly attribute forbids writing. */
export function isReadOnly(node: TreeNode): boolean {
  return (node.smb.attributes & attributeBit("ReadOnly")) !== 0;
}
