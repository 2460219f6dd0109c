/**
 * What the account holds: shares, and in each a tree of directories and files that carry their own properties. Plain data with the
 * few rules that keep it consistent; what an operation may do is decided elsewhere.
 */
import type { StoredPolicy } from "./access-policies.js";
import type { SparseContent } from "./content.js";
import type { CopyState } from "./copy.js";
import type { DelegationKeys } from "./delegation-keys.js";
import type { DeletedShare } from "./deleted-shares.js";
import type { Handles } from "./handles.js";
import type { Lease } from "./lease.js";
import type { NfsProperties } from "./nfs.js";
import type { Permissions } from "./permission-store.js";
import type { ServiceProperties } from "./service-properties.js";
import type { ShareSettings } from "./share-settings.js";
import { fold } from "./text.js";
import type { TickClock, Ticks } from "./time.js";

/** User metadata: names as given, in the order given. */
export type Metadata = readonly (readonly [name: string, value: string])[];

/** The SMB properties of a file or directory. */
export interface SmbProperties {
  /** Attribute bits as `smb.ts` names them. */
  attributes: number;
  creationTime: Ticks;
  lastWriteTime: Ticks;
  changeTime: Ticks;
  permissionKey: string;
}

/** The six HTTP properties that Get File gives back; undefined means the header is not sent. */
export interface ContentHeaders {
  readonly type: string | undefined;
  readonly encoding: string | undefined;
  readonly language: string | undefined;
  readonly cacheControl: string | undefined;
  readonly md5: string | undefined;
  readonly disposition: string | undefined;
}

interface NodeProperties {
  readonly id: string;
  name: string;
  parent: DirectoryNode | undefined;
  smb: SmbProperties;
  /** Owner, group and mode; on NFS shares only. */
  nfs: NfsProperties | undefined;
  /** The time the ETag is made of. */
  modified: Ticks;
  metadata: Metadata;
  /** What reads say of encryption: recorded as false of a share's root, and of what had all its metadata taken away. */
  encrypted: boolean;
}

/** A directory; the root of a share has no parent. */
export interface DirectoryNode extends NodeProperties {
  readonly kind: "directory";
  readonly children: Children;
}

/** A file. */
export interface FileNode extends NodeProperties {
  readonly kind: "file";
  content: SparseContent;
  http: ContentHeaders;
  readonly lease: Lease;
  /** What the last copy onto this file did. */
  copy: CopyState | undefined;
  /** Names that this file has: hard links, its first name included. */
  linkCount: number;
  /** What a symbolic link points at; undefined of a regular file. */
  readonly linkText: string | undefined;
}

/** Either. */
export type TreeNode = DirectoryNode | FileNode;

/** The entries of a directory: found without case and listed by folded name, except on NFS shares, where case counts. */
export class Children {
  /** How names compare: `fold`, or as they are. */
  readonly caseSensitive: boolean;
  readonly #nodes = new Map<string, TreeNode>();
  #sorted: readonly TreeNode[] | undefined;

  constructor(caseSensitive = false) {
    this.caseSensitive = caseSensitive;
  }

  get size(): number {
    return this.#nodes.size;
  }

  /** The text by which a name is found and sorted. */
  keyOf(name: string): string {
    return this.caseSensitive ? name : fold(name);
  }

  get(name: string): TreeNode | undefined {
    return this.#nodes.get(this.keyOf(name));
  }

  set(node: TreeNode): void {
    this.#nodes.set(this.keyOf(node.name), node);
    this.#sorted = undefined;
  }

  delete(name: string): void {
    this.#nodes.delete(this.keyOf(name));
    this.#sorted = undefined;
  }

  /** All entries in listing order. */
  sorted(): readonly TreeNode[] {
    this.#sorted ??= [...this.#nodes].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, node]) => node);
    return this.#sorted;
  }
}

/**
 * Another name for a file. Name and parent are its own; all else is read from and written to `target`, which lives on in its other names
 * when its first is deleted.
 */
export function anotherName(target: FileNode, name: string, parent: DirectoryNode): FileNode {
  const own: Pick<FileNode, "name" | "parent"> = { name, parent };
  target.linkCount += 1;
  return new Proxy(target, {
    get: (file, key) => Reflect.get(key in own ? own : file, key) as unknown,
    set: (file, key, value) => Reflect.set(key in own ? own : file, key, value),
  });
}

/** Takes a file's name out of its directory and returns how many names it has left. Its content lives until the last is gone. */
export function unlink(file: FileNode): number {
  file.parent?.children.delete(file.name);
  file.linkCount -= 1;
  return file.linkCount;
}

/** Gives the ids of one share: a counter with its bits reversed, below a set top bit, as recorded of fresh shares. */
export class FileIds {
  #count = 0n;

  next(): string {
    this.#count += 1n;
    let id = 0x8000400000000000n;
    for (let bits = this.#count, position = 62n; bits > 0n; bits >>= 1n, position--) {
      if (position === 46n) position--; // taken by the constant above
      if (bits & 1n) id |= 1n << position;
    }
    return id.toString();
  }
}

/** One share, or one snapshot of it, which nothing changes any more. */
export interface Share {
  readonly name: string;
  readonly created: Ticks;
  /** The time that names the snapshot that this is; undefined of a share itself. */
  readonly snapshot: string | undefined;
  /** Snapshots by their times, the oldest first; a snapshot has none. */
  readonly snapshots: Map<string, Share>;
  /** When the latest snapshot was taken by its name, which it keeps when it is deleted. */
  lastSnapshot: Ticks | undefined;
  readonly root: DirectoryNode;
  readonly ids: FileIds;
  metadata: Metadata;
  modified: Ticks;
  quotaGiB: number;
  accessTier: string;
  accessTierChanged: Ticks;
  /** What a change of tier leaves behind: `pending-from-…`. */
  accessTierTransition: string | undefined;
  /** Protocol, provisioning and the like. */
  settings: ShareSettings;
  readonly lease: Lease;
  /** Stored access policies, at most five. */
  policies: readonly StoredPolicy[];
}

/** What kind of account it is; set when the emulator is made. */
export interface AccountPolicy {
  /** `any` takes what a request asks for. */
  readonly kind: "any" | "standard" | "premium" | "provisioned";
  /** Seconds for which the name of a deleted share is not free. */
  readonly deletionSeconds: number;
  /** Days for which a deleted share can be restored; 0 for not at all. */
  readonly softDeleteDays: number;
  /** Whether a copy is done at once, or stays pending until it is completed by hand. */
  copies: "immediate" | "pending";
}

/** What an account is made of besides shares. */
export interface AccountParts {
  readonly permissions: Permissions;
  readonly handles: Handles;
  readonly delegationKeys: DelegationKeys;
  readonly properties: ServiceProperties;
  readonly policy: AccountPolicy;
}

/** The whole state of one emulated account. */
export class Account {
  readonly name: string;
  readonly clock: TickClock;
  readonly shares: Map<string, Share> = new Map();
  /** Shares that can be restored, and names that are not free yet. */
  readonly deleted: DeletedShare[] = [];
  readonly permissions: Permissions;
  readonly handles: Handles;
  readonly delegationKeys: DelegationKeys;
  properties: ServiceProperties;
  readonly policy: AccountPolicy;

  constructor(name: string, clock: TickClock, parts: AccountParts) {
    this.name = name;
    this.clock = clock;
    this.permissions = parts.permissions;
    this.handles = parts.handles;
    this.delegationKeys = parts.delegationKeys;
    this.properties = parts.properties;
    this.policy = parts.policy;
  }
}

/** All files below a directory; one with several names comes with each. */
export function* filesOf(directory: DirectoryNode): Generator<FileNode> {
  const pending: DirectoryNode[] = [directory];
  for (let current = pending.pop(); current; current = pending.pop()) {
    for (const child of current.children.sorted()) {
      if (child.kind === "file") yield child;
      else pending.push(child);
    }
  }
}

/** Bytes of storage that the files below a directory use; a file with several names counts once. */
export function usageOf(directory: DirectoryNode): number {
  const contents = new Set<SparseContent>();
  for (const { content } of filesOf(directory)) contents.add(content);
  return [...contents].reduce((bytes, content) => bytes + content.allocated, 0);
}
