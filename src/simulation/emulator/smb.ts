/**
 * SMB properties on the wire: attributes, times and permission keys.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/create-file
 */
import { Failure, badHeader, type Pair } from "./failures.js";
import type { Account, SmbProperties, TreeNode } from "./state.js";
import { utf8 } from "./text.js";
import { isoTime, parseIsoTime, type Ticks } from "./time.js";

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

// The second half belongs to the account, the first to the descriptor; files and directories inherit different ones.
const accountHalf = "11581588750433322810";
const inheritedKeys = { file: `584053819618422708*${accountHalf}`, directory: `14438882940201373875*${accountHalf}` } as const;

/** The key of a descriptor: the same text has the same key in every share. */
function keyOfDescriptor(account: Account, text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of utf8(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  const key = `${hash}*${accountHalf}`;
  account.permissions.set(key, text);
  return key;
}

const descriptor = /^O:.+G:.+D:/s;

function readPermission(account: Account, headers: Headers, inherited: string, current: string | undefined): string {
  const text = headers.get("x-ms-file-permission");
  const key = headers.get("x-ms-file-permission-key");
  if (text !== null && key !== null) throw badHeader("x-ms-file-permission-key", key);
  if (key !== null) {
    if (!account.permissions.has(key) && !Object.values<string>(inheritedKeys).includes(key)) throw new Failure("FileInvalidPermissionKey");
    return key;
  }
  const word = text?.toLowerCase();
  if (text === null || word === "inherit" || (word === "preserve" && current !== undefined))
    return word === "inherit" ? inherited : (current ?? inherited);
  if (utf8(text).length > 8192) throw badHeader("x-ms-file-permission", `${text.slice(0, 64)}…`);
  if ((headers.get("x-ms-file-permission-format") ?? "sddl").toLowerCase() !== "sddl")
    throw badHeader("x-ms-file-permission-format", "binary");
  if (!descriptor.test(text)) throw new Failure("FileInvalidPermission");
  return keyOfDescriptor(account, text);
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

/** Properties of NFS shares mean nothing here, so they are refused rather than dropped. */
export function refuseNfsHeaders(headers: Headers): void {
  for (const name of ["x-ms-mode", "x-ms-owner", "x-ms-group"]) {
    const value = headers.get(name);
    if (value !== null) {
      throw new Failure("UnsupportedHeader", {
        details: [
          ["HeaderName", name],
          ["HeaderValue", value],
        ],
      });
    }
  }
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
  refuseNfsHeaders(headers);
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
    permissionKey: readPermission(account, headers, inheritedKeys[kind], current?.permissionKey),
  };
}

/** Whether the ReadOnly attribute forbids writing. */
export function isReadOnly(node: TreeNode): boolean {
  return (node.smb.attributes & attributeBit("ReadOnly")) !== 0;
}

/** The SMB headers of an answer; versions before 2019-02-02 know none. */
export function smbHeaders(node: TreeNode, version: string): Pair[] {
  if (version < "2019-02-02") return [];
  const { smb } = node;
  return [
    ["x-ms-file-change-time", isoTime(smb.changeTime)],
    ["x-ms-file-last-write-time", isoTime(smb.lastWriteTime)],
    ["x-ms-file-creation-time", isoTime(smb.creationTime)],
    // The root of a share is described without one.
    ...(node.parent ? [["x-ms-file-permission-key", smb.permissionKey] as const] : []),
    ["x-ms-file-attributes", attributesText(smb.attributes)],
    ["x-ms-file-id", node.id],
    ["x-ms-file-parent-id", node.parent?.id ?? "0"],
  ];
}
