/**
 * What the account holds: shares, and in each a tree of directories and files that carry their own properties. Plain data with the
 * few rules that keep it consistent; what an operation may do is decided elsewhere.
 */
import type { SparseContent } from "./content.js";
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
}

/** Either. */
export type TreeNode = DirectoryNode | FileNode;

/** The entries of a directory: found without case, listed by folded name. */
export class Children {
  readonly #nodes = new Map<string, TreeNode>();
  #sorted: readonly TreeNode[] | undefined;

  get size(): number {
    return this.#nodes.size;
  }

  get(name: string): TreeNode | undefined {
    return this.#nodes.get(fold(name));
  }

  set(node: TreeNode): void {
    this.#nodes.set(fold(node.name), node);
    this.#sorted = undefined;
  }

  delete(name: string): void {
    this.#nodes.delete(fold(name));
    this.#sorted = undefined;
  }

  /** All entries in listing order. */
  sorted(): readonly TreeNode[] {
    this.#sorted ??= [...this.#nodes].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, node]) => node);
    return this.#sorted;
  }
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

/** One share. */
export interface Share {
  readonly name: string;
  readonly root: DirectoryNode;
  readonly ids: FileIds;
  metadata: Metadata;
  modified: Ticks;
  quotaGiB: number;
  accessTier: string;
  accessTierChanged: Ticks;
  /** What a change of tier leaves behind: `pending-from-…`. */
  accessTierTransition: string | undefined;
}

/** The whole state of one emulated account. */
export class Account {
  readonly name: string;
  readonly clock: TickClock;
  readonly shares: Map<string, Share> = new Map();
  /** Keys of the security descriptors that were given, by their text. */
  readonly permissions: Map<string, string> = new Map();

  constructor(name: string, clock: TickClock) {
    this.name = name;
    this.clock = clock;
  }
}

/** Bytes of storage that the files below a directory use. */
export function usageOf(directory: DirectoryNode): number {
  let bytes = 0;
  const pending: DirectoryNode[] = [directory];
  for (let current = pending.pop(); current; current = pending.pop()) {
    for (const child of current.children.sorted()) {
      if (child.kind === "file") bytes += child.content.allocated;
      else pending.push(child);
    }
  }
  return bytes;
}
