/** What directories and files are said to be, on SMB shares and on NFS shares: one way in for headers, one way out. */
import type { Pair } from "./failures.js";
import { nfsHeaders, readNfsProperties, refuseForeignHeaders, type NfsExtras, type NfsProperties } from "./nfs.js";
import { attributesText, readSmbProperties } from "./smb.js";
import { Children, type Account, type DirectoryNode, type Share, type SmbProperties, type TreeNode } from "./state.js";
import { isoTime, type Ticks } from "./time.js";

/** Both kinds of properties: on NFS shares times count and the rest of `smb` is never seen, on SMB shares `nfs` is undefined. */
export interface ItemProperties {
  readonly smb: SmbProperties;
  readonly nfs: NfsProperties | undefined;
}

/**
 * Properties from the headers of Create and Set Properties. On creation (`current` undefined) what is absent has the default; otherwise it
 * is kept, except the change time, which moves to `now`. Throws `UnsupportedHeader` for headers of the other protocol.
 */
export function readItemProperties(
  account: Account,
  share: Pick<Share, "settings">,
  headers: Headers,
  kind: TreeNode["kind"],
  now: Ticks,
  current?: ItemProperties,
): ItemProperties {
  const nfs = share.settings.protocol === "NFS";
  refuseForeignHeaders(headers, nfs ? "NFS" : "SMB");
  return {
    smb: readSmbProperties(account, headers, kind, now, current?.smb),
    nfs: nfs ? readNfsProperties(headers, kind, current?.nfs) : undefined,
  };
}

/** The headers of an answer that say what an item is; versions before 2019-02-02 know none. `extras` are for NFS shares. */
export function itemHeaders(node: TreeNode, version: string, extras: NfsExtras = {}): Pair[] {
  if (version < "2019-02-02") return [];
  const { smb, nfs } = node;
  // The root of a share is described without a permission.
  const key: Pair[] = nfs || !node.parent ? [] : [["x-ms-file-permission-key", smb.permissionKey]];
  return [
    ["x-ms-file-change-time", isoTime(smb.changeTime)],
    ["x-ms-file-last-write-time", isoTime(smb.lastWriteTime)],
    ["x-ms-file-creation-time", isoTime(smb.creationTime)],
    ...key,
    ...(nfs ? [] : [["x-ms-file-attributes", attributesText(smb.attributes)] as const]),
    ["x-ms-file-id", node.id],
    ["x-ms-file-parent-id", node.parent?.id ?? "0"],
    ...(nfs ? nfsHeaders(node, nfs, version, extras) : []),
  ];
}

/** The root directory of a new share: id 0, or 1 on NFS shares. */
export function rootDirectory(account: Account, share: Pick<Share, "settings">, modified: Ticks): DirectoryNode {
  const nfs = share.settings.protocol === "NFS";
  return {
    kind: "directory",
    id: nfs ? "1" : "0",
    name: "",
    parent: undefined,
    ...readItemProperties(account, share, new Headers(), "directory", modified),
    modified,
    metadata: [],
    encrypted: false,
    children: new Children(nfs),
  };
}
