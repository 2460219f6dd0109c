/**
 * Owner, group and mode on NFS shares.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/create-file
 */
import { Failure, badHeader, type Pair } from "./failures.js";
import type { TreeNode } from "./state.js";

/** What an item on an NFS share has instead of attributes and permissions. */
export interface NfsProperties {
  /** Decimal id of a user. */
  readonly owner: string;
  /** Decimal id of a group. */
  readonly group: string;
  /** Four octal digits. */
  readonly mode: string;
}

/** Modes of what is created without one. */
const defaultModes = { file: "0664", directory: "0755" } as const;

/** What symbolic links always have. */
export const linkMode = "0777";

/** The first version that speaks of these properties. */
const versionWithNfs = "2025-05-05";

/** Headers that mean something on NFS shares only, and on SMB shares only. */
const foreign = {
  NFS: [
    "x-ms-file-attributes",
    "x-ms-file-permission-copy-mode",
    "x-ms-file-permission",
    "x-ms-file-permission-key",
    "x-ms-file-permission-format",
    "x-ms-file-property-semantics",
  ],
  SMB: ["x-ms-file-mode-copy-mode", "x-ms-file-owner-copy-mode", "x-ms-mode", "x-ms-owner", "x-ms-group"],
} as const;

/** Throws `UnsupportedHeader` for a property of the other protocol: it would mean nothing, so it is refused rather than dropped. */
export function refuseForeignHeaders(headers: Headers, protocol: "SMB" | "NFS"): void {
  for (const name of foreign[protocol]) {
    const value = headers.get(name);
    if (value === null) continue;
    throw new Failure("UnsupportedHeader", {
      details: [
        ["HeaderName", name],
        ["HeaderValue", value],
      ],
    });
  }
}

function readId(headers: Headers, name: string): string | undefined {
  const value = headers.get(name);
  if (value !== null && (!/^\d{1,10}$/.test(value) || Number(value) > 0xffffffff)) throw badHeader(name, value);
  return value ?? undefined;
}

/**
 * Owner, group and mode from the headers of Create and Set Properties; what is absent is kept, or has its default on creation.
 * Throws `InvalidHeaderValue` unless ids are decimal and the mode is four octal digits.
 */
export function readNfsProperties(headers: Headers, kind: TreeNode["kind"], current?: NfsProperties): NfsProperties {
  const mode = headers.get("x-ms-mode");
  if (mode !== null && !/^[0-7]{4}$/.test(mode)) throw badHeader("x-ms-mode", mode);
  return {
    owner: readId(headers, "x-ms-owner") ?? current?.owner ?? "0",
    group: readId(headers, "x-ms-group") ?? current?.group ?? "0",
    mode: mode ?? current?.mode ?? defaultModes[kind],
  };
}

/** The word for what an item is. */
function fileTypeOf(node: TreeNode): string {
  if (node.kind === "directory") return "Directory";
  return node.linkText === undefined ? "Regular" : "SymLink";
}

/** Which of the headers that not every operation gives are wanted. */
export interface NfsExtras {
  /** `x-ms-file-file-type`. @default false */
  readonly fileType?: boolean | undefined;
  /** `x-ms-link-count`, of files. @default false */
  readonly linkCount?: boolean | undefined;
}

/** The headers of an answer that only NFS shares have. */
export function nfsHeaders(node: TreeNode, nfs: NfsProperties, version: string, { fileType, linkCount }: NfsExtras): Pair[] {
  if (version < versionWithNfs) return [];
  return [
    ...(fileType ? [["x-ms-file-file-type", fileTypeOf(node)] as const] : []),
    ...(linkCount && node.kind === "file" ? [["x-ms-link-count", String(node.linkCount)] as const] : []),
    ["x-ms-mode", nfs.mode],
    ["x-ms-owner", nfs.owner],
    ["x-ms-group", nfs.group],
  ];
}
