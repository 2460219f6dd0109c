/** Operations on files. */
import type { FileOperation } from "../../types/requests.js";
import type { Grant } from "./access.js";
import { abortCopy, copyFile } from "./copy.js";
import { acquireFileLease, breakFileLease, changeFileLease, releaseFileLease } from "./file-leases.js";
import { clearRange, listRanges, putRange } from "./file-ranges.js";
import { getFile, getFileProperties } from "./file-reads.js";
import { createFile, deleteFile, getFileMetadata, setFileMetadata, setFileProperties } from "./files.js";
import { createHardLink, createSymbolicLink, getSymbolicLink } from "./links.js";
import type { Operation } from "./operations.js";
import { putRangeFromUrl } from "./range-from-url.js";
import { renameFile } from "./rename.js";

const read: Grant = { account: ["o", "r"], share: "r", file: "r" };
const write: Grant = { account: ["o", "w"], share: "w", file: "w" };
const create: Grant = { account: ["o", "cw"], share: "cw", file: "cw" };

const clears = (headers: Headers): boolean => headers.get("x-ms-write")?.toLowerCase() === "clear";
const copies = (headers: Headers): boolean => headers.has("x-ms-copy-source");

/** The four operations of Lease File share their words; a header tells them apart. */
const lease = (action: string, run: Operation["run"]): Operation => ({
  methods: ["PUT"],
  scope: "file",
  comp: "lease",
  when: (headers) => headers.get("x-ms-lease-action")?.toLowerCase() === action,
  grant: write,
  run,
});

/** Their rows. */
export const fileOperations: Readonly<Record<FileOperation, Operation>> = {
  "Copy File": { methods: ["PUT"], scope: "file", when: copies, grant: create, run: copyFile },
  "Create File": { methods: ["PUT"], scope: "file", when: (headers) => !copies(headers), grant: create, run: createFile },
  "Get File": { methods: ["GET"], scope: "file", query: ["sharesnapshot"], grant: read, run: getFile },
  "Get File Properties": { methods: ["HEAD"], scope: "file", query: ["sharesnapshot"], grant: read, run: getFileProperties },
  "Set File Properties": { methods: ["PUT"], scope: "file", comp: "properties", grant: write, run: setFileProperties },
  "Get File Metadata": {
    methods: ["GET", "HEAD"],
    scope: "file",
    comp: "metadata",
    query: ["sharesnapshot"],
    grant: read,
    run: getFileMetadata,
  },
  "Set File Metadata": { methods: ["PUT"], scope: "file", comp: "metadata", grant: write, run: setFileMetadata },
  "Delete File": { methods: ["DELETE"], scope: "file", grant: { account: ["o", "d"], share: "d", file: "d" }, run: deleteFile },
  "Rename File": { methods: ["PUT"], scope: "file", comp: "rename", grant: write, run: renameFile },
  "Abort Copy File": { methods: ["PUT"], scope: "file", comp: "copy", query: ["copyid"], grant: write, run: abortCopy },
  "Clear Range": { methods: ["PUT"], scope: "file", comp: "range", when: clears, grant: write, run: clearRange },
  "Put Range from URL": {
    methods: ["PUT"],
    scope: "file",
    comp: "range",
    when: (headers) => copies(headers) && !clears(headers),
    grant: write,
    run: putRangeFromUrl,
  },
  "Put Range": {
    methods: ["PUT"],
    scope: "file",
    comp: "range",
    when: (headers) => !copies(headers) && !clears(headers),
    grant: write,
    run: putRange,
  },
  "List Ranges": {
    methods: ["GET"],
    scope: "file",
    comp: "rangelist",
    query: ["sharesnapshot", "prevsharesnapshot", "marker", "maxresults"],
    grant: read,
    run: listRanges,
  },
  "Acquire File Lease": lease("acquire", acquireFileLease),
  "Change File Lease": lease("change", changeFileLease),
  "Release File Lease": lease("release", releaseFileLease),
  "Break File Lease": lease("break", breakFileLease),
  "Create Symbolic Link": { methods: ["PUT"], scope: "file", restype: "symboliclink", grant: create, run: createSymbolicLink },
  "Get Symbolic Link": {
    methods: ["GET"],
    scope: "file",
    restype: "symboliclink",
    query: ["sharesnapshot"],
    grant: read,
    run: getSymbolicLink,
  },
  "Create Hard Link": { methods: ["PUT"], scope: "file", restype: "hardlink", grant: create, run: createHardLink },
};
