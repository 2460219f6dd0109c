/** Operations on shares. */
import type { ShareOperation } from "../../types/requests.js";
import { getShareAcl, setShareAcl } from "./access-policies.js";
import type { Grant } from "./access.js";
import type { Operation } from "./operations.js";
import { createPermission, getPermission } from "./permissions.js";
import { acquireShareLease, breakShareLease, changeShareLease, releaseShareLease, renewShareLease } from "./share-leases.js";
import { restoreShare } from "./deleted-shares.js";
import { snapshotShare } from "./share-snapshots.js";
import {
  createShare,
  deleteShare,
  getShareMetadata,
  getShareProperties,
  getShareStats,
  setShareMetadata,
  setShareProperties,
} from "./shares.js";

// Grants: resource type and letters of an account SAS, then letters of a service SAS on the share and on the file.
const read: Grant = { account: ["c", "r"] };
const write: Grant = { account: ["c", "w"] };

/** The five operations of Lease Share share their words; a header tells them apart. */
const lease = (action: string, run: Operation["run"], letters = "w"): Operation => ({
  methods: ["PUT"],
  scope: "share",
  restype: "share",
  comp: "lease",
  when: (headers) => headers.get("x-ms-lease-action")?.toLowerCase() === action,
  query: ["sharesnapshot"],
  grant: { account: ["c", letters] },
  run,
});

/** Their rows. */
export const shareOperations: Readonly<Record<ShareOperation, Operation>> = {
  "Create Share": { methods: ["PUT"], scope: "share", restype: "share", grant: { account: ["c", "cw"] }, run: createShare },
  "Get Share Properties": {
    methods: ["GET", "HEAD"],
    scope: "share",
    restype: "share",
    query: ["sharesnapshot"],
    grant: read,
    run: getShareProperties,
  },
  "Set Share Properties": {
    methods: ["PUT"],
    scope: "share",
    restype: "share",
    comp: "properties",
    grant: write,
    run: setShareProperties,
  },
  "Get Share Metadata": {
    methods: ["GET", "HEAD"],
    scope: "share",
    restype: "share",
    comp: "metadata",
    query: ["sharesnapshot"],
    grant: read,
    run: getShareMetadata,
  },
  "Set Share Metadata": { methods: ["PUT"], scope: "share", restype: "share", comp: "metadata", grant: write, run: setShareMetadata },
  "Delete Share": {
    methods: ["DELETE"],
    scope: "share",
    restype: "share",
    query: ["sharesnapshot"],
    grant: { account: ["c", "d"] },
    run: deleteShare,
  },
  "Restore Share": { methods: ["PUT"], scope: "share", restype: "share", comp: "undelete", grant: write, run: restoreShare },
  "Snapshot Share": {
    methods: ["PUT"],
    scope: "share",
    restype: "share",
    comp: "snapshot",
    grant: { account: ["c", "cw"] },
    run: snapshotShare,
  },
  // Signed words may never say who may do what.
  "Get Share ACL": { methods: ["GET", "HEAD"], scope: "share", restype: "share", comp: "acl", grant: {}, run: getShareAcl },
  "Set Share ACL": { methods: ["PUT"], scope: "share", restype: "share", comp: "acl", grant: {}, run: setShareAcl },
  "Get Share Stats": { methods: ["GET"], scope: "share", restype: "share", comp: "stats", grant: read, run: getShareStats },
  "Create Permission": {
    methods: ["PUT"],
    scope: "share",
    restype: "share",
    comp: "filepermission",
    grant: { account: ["c", "w"], share: "w" },
    bearerSince: "2022-11-02",
    run: createPermission,
  },
  "Get Permission": {
    methods: ["GET", "HEAD"],
    scope: "share",
    restype: "share",
    comp: "filepermission",
    query: ["sharesnapshot"],
    grant: { account: ["c", "r"], share: "r" },
    bearerSince: "2022-11-02",
    run: getPermission,
  },
  "Acquire Share Lease": lease("acquire", acquireShareLease),
  "Renew Share Lease": lease("renew", renewShareLease),
  "Change Share Lease": lease("change", changeShareLease),
  "Release Share Lease": lease("release", releaseShareLease),
  "Break Share Lease": lease("break", breakShareLease, "wd"),
};
