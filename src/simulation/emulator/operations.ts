/** The table of operations: the words that name each, what a SAS needs for it, and the code that does it. */
import type { OperationName } from "../../types/requests.js";
import type { Grant } from "./access.js";
import {
  createDirectory,
  deleteDirectory,
  getDirectoryMetadata,
  getDirectoryProperties,
  setDirectoryMetadata,
  setDirectoryProperties,
} from "./directories.js";
import type { Exchange, Reply } from "./exchange.js";
import { getFile, getFileProperties } from "./file-reads.js";
import { clearRange, listRanges, putRange } from "./file-ranges.js";
import { createFile, deleteFile, getFileMetadata, setFileMetadata, setFileProperties } from "./files.js";
import { listDirectoriesAndFiles } from "./listing.js";
import {
  createShare,
  deleteShare,
  getShareMetadata,
  getShareProperties,
  getShareStats,
  listShares,
  setShareMetadata,
  setShareProperties,
} from "./shares.js";

/** Operations the emulator knows: those of the client, and a few that others use. */
export type EmulatedOperation =
  | OperationName
  | "Get Share Metadata"
  | "Get Share Stats"
  | "Set Share Metadata"
  | "Set Share Properties"
  | "Get Directory Metadata"
  | "Set Directory Metadata"
  | "Set Directory Properties"
  | "Get File Metadata";

/** What a URL can address; a share's root directory is a directory. */
export type Scope = "service" | "share" | "directory" | "file";

/** One row of the table. */
export interface Operation {
  readonly methods: readonly string[];
  readonly scope: Scope;
  readonly restype?: string;
  readonly comp?: string;
  /** Tells apart operations that share all their words. */
  readonly when?: (headers: Headers) => boolean;
  /** Query words it takes besides those that all take. */
  readonly query?: readonly string[];
  readonly grant: Grant;
  readonly run: (exchange: Exchange) => Reply | Promise<Reply>;
}

const read = ["GET", "HEAD"] as const;
const paging = ["prefix", "marker", "maxresults", "include"] as const;
const clears = (headers: Headers): boolean => headers.get("x-ms-write")?.toLowerCase() === "clear";

// Grants: resource type and letters of an account SAS, then letters of a service SAS on the share and on the file.
const readShare: Grant = { account: ["c", "r"] };
const writeShare: Grant = { account: ["c", "w"] };
const readDirectory: Grant = { account: ["o", "r"], share: "r" };
const writeDirectory: Grant = { account: ["o", "w"], share: "w" };
const readFile: Grant = { account: ["o", "r"], share: "r", file: "r" };
const writeFile: Grant = { account: ["o", "w"], share: "w", file: "w" };

/** All rows. A missing operation does not compile. */
export const operations: Readonly<Record<EmulatedOperation, Operation>> = {
  "List Shares": { methods: ["GET"], scope: "service", comp: "list", query: paging, grant: { account: ["s", "l"] }, run: listShares },

  "Create Share": { methods: ["PUT"], scope: "share", restype: "share", grant: { account: ["c", "cw"] }, run: createShare },
  "Get Share Properties": {
    methods: read,
    scope: "share",
    restype: "share",
    query: ["sharesnapshot"],
    grant: readShare,
    run: getShareProperties,
  },
  "Delete Share": {
    methods: ["DELETE"],
    scope: "share",
    restype: "share",
    query: ["sharesnapshot"],
    grant: { account: ["c", "d"] },
    run: deleteShare,
  },
  "Get Share Metadata": {
    methods: read,
    scope: "share",
    restype: "share",
    comp: "metadata",
    query: ["sharesnapshot"],
    grant: readShare,
    run: getShareMetadata,
  },
  "Get Share Stats": { methods: ["GET"], scope: "share", restype: "share", comp: "stats", grant: readShare, run: getShareStats },
  "Set Share Metadata": { methods: ["PUT"], scope: "share", restype: "share", comp: "metadata", grant: writeShare, run: setShareMetadata },
  "Set Share Properties": {
    methods: ["PUT"],
    scope: "share",
    restype: "share",
    comp: "properties",
    grant: writeShare,
    run: setShareProperties,
  },

  "Create Directory": {
    methods: ["PUT"],
    scope: "directory",
    restype: "directory",
    grant: { account: ["o", "cw"], share: "cw" },
    run: createDirectory,
  },
  "Get Directory Properties": {
    methods: read,
    scope: "directory",
    restype: "directory",
    query: ["sharesnapshot"],
    grant: readDirectory,
    run: getDirectoryProperties,
  },
  "Delete Directory": {
    methods: ["DELETE"],
    scope: "directory",
    restype: "directory",
    grant: { account: ["o", "d"], share: "d" },
    run: deleteDirectory,
  },
  "Get Directory Metadata": {
    methods: read,
    scope: "directory",
    restype: "directory",
    comp: "metadata",
    query: ["sharesnapshot"],
    grant: readDirectory,
    run: getDirectoryMetadata,
  },
  "Set Directory Metadata": {
    methods: ["PUT"],
    scope: "directory",
    restype: "directory",
    comp: "metadata",
    grant: writeDirectory,
    run: setDirectoryMetadata,
  },
  "Set Directory Properties": {
    methods: ["PUT"],
    scope: "directory",
    restype: "directory",
    comp: "properties",
    grant: writeDirectory,
    run: setDirectoryProperties,
  },
  "List Directories and Files": {
    methods: ["GET"],
    scope: "directory",
    restype: "directory",
    comp: "list",
    query: [...paging, "sharesnapshot"],
    grant: { account: ["c", "l"], share: "l" },
    run: listDirectoriesAndFiles,
  },

  "Create File": { methods: ["PUT"], scope: "file", grant: { account: ["o", "cw"], share: "cw", file: "cw" }, run: createFile },
  "Get File": { methods: ["GET"], scope: "file", query: ["sharesnapshot"], grant: readFile, run: getFile },
  "Get File Properties": { methods: ["HEAD"], scope: "file", query: ["sharesnapshot"], grant: readFile, run: getFileProperties },
  "Delete File": { methods: ["DELETE"], scope: "file", grant: { account: ["o", "d"], share: "d", file: "d" }, run: deleteFile },
  "Get File Metadata": { methods: read, scope: "file", comp: "metadata", query: ["sharesnapshot"], grant: readFile, run: getFileMetadata },
  "Set File Metadata": { methods: ["PUT"], scope: "file", comp: "metadata", grant: writeFile, run: setFileMetadata },
  "Set File Properties": { methods: ["PUT"], scope: "file", comp: "properties", grant: writeFile, run: setFileProperties },
  "Clear Range": { methods: ["PUT"], scope: "file", comp: "range", when: clears, grant: writeFile, run: clearRange },
  "Put Range": { methods: ["PUT"], scope: "file", comp: "range", when: (headers) => !clears(headers), grant: writeFile, run: putRange },
  "List Ranges": {
    methods: ["GET"],
    scope: "file",
    comp: "rangelist",
    query: ["sharesnapshot", "prevsharesnapshot", "marker", "maxresults"],
    grant: readFile,
    run: listRanges,
  },
};
