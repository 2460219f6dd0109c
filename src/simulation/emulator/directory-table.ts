/** Operations on directories, and those on whatever has handles. */
import type { DirectoryOperation } from "../../types/requests.js";
import type { Grant } from "./access.js";
import {
  createDirectory,
  deleteDirectory,
  getDirectoryMetadata,
  getDirectoryProperties,
  setDirectoryMetadata,
  setDirectoryProperties,
} from "./directories.js";
import { forceCloseHandles, listHandles } from "./handles.js";
import { listDirectoriesAndFiles } from "./listing.js";
import type { Operation } from "./operations.js";
import { renameDirectory } from "./rename.js";

const read: Grant = { account: ["o", "r"], share: "r" };
const write: Grant = { account: ["o", "w"], share: "w" };

/** Their rows. */
export const directoryOperations: Readonly<Record<DirectoryOperation, Operation>> = {
  "Create Directory": {
    methods: ["PUT"],
    scope: "directory",
    restype: "directory",
    grant: { account: ["o", "cw"], share: "cw" },
    run: createDirectory,
  },
  "Get Directory Properties": {
    methods: ["GET", "HEAD"],
    scope: "directory",
    restype: "directory",
    query: ["sharesnapshot"],
    grant: read,
    run: getDirectoryProperties,
  },
  "Set Directory Properties": {
    methods: ["PUT"],
    scope: "directory",
    restype: "directory",
    comp: "properties",
    grant: write,
    run: setDirectoryProperties,
  },
  "Get Directory Metadata": {
    methods: ["GET", "HEAD"],
    scope: "directory",
    restype: "directory",
    comp: "metadata",
    query: ["sharesnapshot"],
    grant: read,
    run: getDirectoryMetadata,
  },
  "Set Directory Metadata": {
    methods: ["PUT"],
    scope: "directory",
    restype: "directory",
    comp: "metadata",
    grant: write,
    run: setDirectoryMetadata,
  },
  "Delete Directory": {
    methods: ["DELETE"],
    scope: "directory",
    restype: "directory",
    grant: { account: ["o", "d"], share: "d" },
    run: deleteDirectory,
  },
  "Rename Directory": {
    methods: ["PUT"],
    scope: "directory",
    restype: "directory",
    comp: "rename",
    grant: write,
    run: renameDirectory,
  },
  "List Directories and Files": {
    methods: ["GET"],
    scope: "directory",
    restype: "directory",
    comp: "list",
    query: ["prefix", "marker", "maxresults", "include", "sharesnapshot"],
    grant: { account: ["c", "l"], share: "l" },
    run: listDirectoriesAndFiles,
  },
  "List Handles": {
    methods: ["GET"],
    scope: "item",
    comp: "listhandles",
    query: ["marker", "maxresults", "sharesnapshot"],
    grant: { account: ["o", "rl"] },
    run: listHandles,
  },
  "Force Close Handles": {
    methods: ["PUT"],
    scope: "item",
    comp: "forceclosehandles",
    query: ["marker", "sharesnapshot"],
    grant: { account: ["o", "wd"] },
    run: forceCloseHandles,
  },
};
