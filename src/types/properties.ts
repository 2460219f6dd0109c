/**
 * The models of directories and files as the client takes and gives them. Types only: this file compiles to nothing.
 *
 * A field that is `undefined` in an answer is absent, or, in a page, hidden by the account's CORS rule.
 */

/** The six HTTP headers that the service stores with a file and gives back with its content. */
export interface ContentProperties {
  /** Content-Type. @default "application/octet-stream" on a new file */
  type?: string | undefined;
  /** Content-Encoding. Beware: browsers decode by it, so a file that carries one is not read back byte for byte in a page. */
  encoding?: string | undefined;
  /** Content-Language. */
  language?: string | undefined;
  /** Content-Disposition. */
  disposition?: string | undefined;
  /** Cache-Control. */
  cacheControl?: string | undefined;
  /** Content-MD5 of the whole file, base64 of 16 bytes. The service stores it and never computes or checks it. */
  md5?: string | undefined;
}

/** Attributes, times and access rights as SMB clients see them. */
export interface SmbOptions {
  /** Attributes joined by "|", such as "ReadOnly|Hidden"; "None" for none. @default "Archive" for a new file, "Directory" for a new directory */
  attributes?: string | undefined;
  /** ISO 8601 in UTC with up to seven decimals, or "now". @default now, for a new item */
  creationTime?: string | undefined;
  /** ISO 8601 in UTC with up to seven decimals, or "now". @default now, for a new item */
  lastWriteTime?: string | undefined;
  /** ISO 8601 in UTC with up to seven decimals, or "now". @default now */
  changeTime?: string | undefined;
  /** A security descriptor in SDDL (or base64, see `permissionFormat`), at most 8 KiB. @default inherited from the parent, for a new item */
  permission?: string | undefined;
  /** The key of a stored security descriptor; not together with `permission`. */
  permissionKey?: string | undefined;
  /** How `permission` is written. @default "Sddl" */
  permissionFormat?: "Sddl" | "Binary" | (string & {}) | undefined;
}

/** Owner, group and mode as NFS clients see them; on NFS shares only. */
export interface NfsOptions {
  /** User id in decimal. @default "0", for a new item */
  owner?: string | undefined;
  /** Group id in decimal. @default "0", for a new item */
  group?: string | undefined;
  /** Four octal digits, such as "0640". @default "0664" for a new file, "0755" for a new directory */
  mode?: string | undefined;
}

/** What the service says of every directory and file. */
export interface ItemProperties {
  /** Quoted version tag; changes with content, properties and metadata. */
  readonly etag: string | undefined;
  /** Last change, to the second. */
  readonly lastModified: Date | undefined;
  /** Attributes joined by " | ". */
  readonly attributes: string | undefined;
  /** ISO 8601 with seven decimals (100 ns), which a `Date` would cut. */
  readonly creationTime: string | undefined;
  /** ISO 8601 with seven decimals (100 ns). */
  readonly lastWriteTime: string | undefined;
  /** ISO 8601 with seven decimals (100 ns). */
  readonly changeTime: string | undefined;
  /** Unsigned 64-bit number in decimal; a string, because it does not fit a JavaScript number. */
  readonly fileId: string | undefined;
  /** Id of the parent directory; "0" is a share's root. */
  readonly parentId: string | undefined;
  /** Key of the item's security descriptor; not on NFS shares. */
  readonly permissionKey: string | undefined;
  /** On NFS shares: user id in decimal. */
  readonly owner: string | undefined;
  /** On NFS shares: group id in decimal. */
  readonly group: string | undefined;
  /** On NFS shares: four octal digits. */
  readonly mode: string | undefined;
  /** On NFS shares, where the answer tells it: "Regular", "Directory", "SymLink" or one of a newer version. */
  readonly fileType: string | undefined;
  /** The service's id of the request. */
  readonly requestId: string | undefined;
}

/** What the service says of a file only. */
export interface FileFacts {
  /** Bytes in the file (of a ranged read: in the answer). */
  readonly size: number | undefined;
  /** The stored HTTP headers. */
  readonly content: Readonly<ContentProperties>;
  /** Metadata by lower-case name. */
  readonly metadata: Readonly<Record<string, string>>;
  /** "locked" or "unlocked". */
  readonly leaseStatus: string | undefined;
  /** "available", "leased" or "broken". */
  readonly leaseState: string | undefined;
  /** "infinite", while leased. */
  readonly leaseDuration: string | undefined;
  /** Whether the service keeps the file encrypted. */
  readonly serverEncrypted: boolean | undefined;
  /** On NFS shares: how many names the file has. */
  readonly linkCount: number | undefined;
  /** What the last copy onto this file did; undefined for a file that was never copied to. */
  readonly copy: Readonly<CopyFacts> | undefined;
}

/** A copy, as the file that it wrote to tells it. */
export interface CopyFacts {
  readonly id: string;
  /** "pending", "success", "aborted" or "failed". */
  readonly status: string | undefined;
  /** URL of the source, without its signature. */
  readonly source: string | undefined;
  /** Bytes copied, and bytes in all, as in "1024/4096". */
  readonly progress: string | undefined;
  readonly completedOn: Date | undefined;
  /** Why it failed. */
  readonly statusDescription: string | undefined;
}

/** Bytes from `start` to `end`, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What a listing may say of an entry when asked by `include`. */
export interface EntryExtras {
  readonly fileId?: string;
  /** With "timestamps": ISO 8601 with seven decimals. */
  readonly creationTime?: string;
  /** With "timestamps". */
  readonly lastAccessTime?: string;
  /** With "timestamps". */
  readonly lastWriteTime?: string;
  /** With "timestamps". */
  readonly changeTime?: string;
  /** With "timestamps": to the second. */
  readonly lastModified?: Date;
  /** With "etag". */
  readonly etag?: string;
  /** With "attributes": joined by " | ". */
  readonly attributes?: string;
  /** With "permissionKey". */
  readonly permissionKey?: string;
}

/** A file as a listing shows it. */
export interface FileEntry extends EntryExtras {
  readonly kind: "file";
  readonly name: string;
  /** Bytes in the file. */
  readonly size: number;
}

/** A directory as a listing shows it. */
export interface DirectoryEntry extends EntryExtras {
  readonly kind: "directory";
  readonly name: string;
}
