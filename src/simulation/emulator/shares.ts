/** Operations that create, change and delete shares. */
import { checkNameIsFree, isBeingDeleted, retire } from "./deleted-shares.js";
import { emptyReply, xmlReply, type Exchange, type Reply } from "./exchange.js";
import { Failure, badHeader, type Pair } from "./failures.js";
import { rootDirectory } from "./item-properties.js";
import { Lease } from "./lease.js";
import { checkShareLease, findShare } from "./lookup.js";
import { checkShareName } from "./names.js";
import { readMetadata } from "./request-values.js";
import { changeHeaders, metadataHeaders } from "./response-headers.js";
import { deleteSnapshot } from "./share-snapshots.js";
import { downgradeHeaders, provisionedHeaders, readKind, readQuota, readSettings, readTier, settingsHeaders } from "./share-settings.js";
import { FileIds, usageOf, type Share } from "./state.js";
import { millisecondsOf } from "./time.js";
import { element, textElement, xmlDocument } from "./xml.js";

/** Create Share. */
export function createShare(exchange: Exchange): Reply {
  const { account, headers } = exchange;
  const name = exchange.target.share ?? "";
  checkShareName(name);
  const kind = readKind(headers, account.policy.kind);
  const [metadata, quotaGiB, accessTier] = [readMetadata(headers), readQuota(headers, kind), readTier(headers, kind)];
  const settings = readSettings(headers, kind, quotaGiB, account.clock.now());
  if (account.shares.has(name)) throw new Failure("ShareAlreadyExists");
  checkNameIsFree(account, name);
  const [modified, rootMade] = [account.clock.next(), account.clock.next()]; // the root has an ETag of its own
  const share: Share = {
    name,
    created: modified,
    snapshot: undefined,
    snapshots: new Map(),
    lastSnapshot: undefined,
    root: rootDirectory(account, { settings }, rootMade),
    ids: new FileIds(),
    metadata,
    modified,
    quotaGiB,
    accessTier: accessTier ?? (kind === "premium" ? "Premium" : "TransactionOptimized"),
    accessTierChanged: modified,
    accessTierTransition: undefined,
    settings,
    lease: new Lease("share"),
    policies: [],
  };
  account.shares.set(name, share);
  return emptyReply(201, [...changeHeaders(modified), ...provisionedHeaders(share)]);
}

/** Get Share Properties. */
export function getShareProperties(exchange: Exchange): Reply {
  const share = findShare(exchange);
  checkShareLease(exchange, share);
  return emptyReply(200, [
    ...metadataHeaders(share.metadata),
    ...changeHeaders(share.modified),
    ...share.lease.headers(millisecondsOf(exchange.account.clock.now())),
    ["x-ms-has-immutability-policy", "false"],
    ["x-ms-has-legal-hold", "false"],
    ...settingsHeaders(share, exchange.version),
  ]);
}

/** Get Share Metadata. */
export function getShareMetadata(exchange: Exchange): Reply {
  const share = findShare(exchange);
  checkShareLease(exchange, share);
  return emptyReply(200, [...metadataHeaders(share.metadata), ...changeHeaders(share.modified)]);
}

/** Set Share Metadata: replaces all of it. */
export function setShareMetadata(exchange: Exchange): Reply {
  const share = findShare(exchange);
  checkShareLease(exchange, share);
  share.metadata = readMetadata(exchange.headers);
  share.modified = exchange.account.clock.next();
  return emptyReply(200, changeHeaders(share.modified));
}

/** Set Share Properties: changes what is given. */
export function setShareProperties(exchange: Exchange): Reply {
  const { account, headers } = exchange;
  const share = findShare(exchange);
  checkShareLease(exchange, share);
  const { kind } = share.settings;
  const [quotaGiB, accessTier] = [readQuota(headers, kind, share.quotaGiB), readTier(headers, kind)];
  const settings = readSettings(headers, kind, quotaGiB, account.clock.now(), share);
  share.modified = account.clock.next();
  share.quotaGiB = quotaGiB;
  share.settings = settings;
  if (accessTier !== undefined) {
    // Only the first change away from the tier that a share is made with was recorded to take its time.
    share.accessTierTransition = undefined;
    if (accessTier !== share.accessTier && share.accessTier === "TransactionOptimized")
      share.accessTierTransition = `pending-from-${share.accessTier.charAt(0).toLowerCase()}${share.accessTier.slice(1)}`;
    share.accessTier = accessTier;
    share.accessTierChanged = share.modified;
  }
  return emptyReply(200, [...changeHeaders(share.modified), ...provisionedHeaders(share), ...downgradeHeaders(share)]);
}

/** The definition of this version promises ETag and Last-Modified; no recording of an older one has them. */
const versionWithStatsEtag = "2026-10-06";

/** Get Share Stats. */
export function getShareStats(exchange: Exchange): Reply {
  const share = findShare(exchange);
  checkShareLease(exchange, share);
  const change = exchange.version >= versionWithStatsEtag ? changeHeaders(share.modified) : [];
  return xmlReply(xmlDocument(element("ShareStats", textElement("ShareUsageBytes", usageOf(share.root)))), change);
}

/** Delete Share: with its snapshots, or one of them. */
export function deleteShare(exchange: Exchange): Reply {
  const { account, headers, target } = exchange;
  const value = headers.get("x-ms-delete-snapshots");
  if (value !== null && value !== "include" && value !== "include-leased") throw badHeader("x-ms-delete-snapshots", value);
  if (value !== null && target.query.has("sharesnapshot")) throw badHeader("x-ms-delete-snapshots", value);
  // To delete once more what is being deleted is fine.
  if (!account.shares.has(target.share ?? "") && isBeingDeleted(account, target.share ?? "")) return emptyReply(202);
  const share = findShare(exchange);
  checkShareLease(exchange, share);
  if (share.snapshot !== undefined) {
    const base = account.shares.get(share.name);
    if (base) deleteSnapshot(base, share);
    return emptyReply(202);
  }
  if (share.snapshots.size > 0 && value === null) throw new Failure("ShareHasSnapshots");
  const now = millisecondsOf(account.clock.now());
  if (value === "include" && [...share.snapshots.values()].some(({ lease }) => lease.isHeld(now))) {
    throw new Failure("DeleteShareWhenSnapshotLeased");
  }
  retire(account, share);
  const usage = (of: readonly Share[]): string => String(of.reduce((sum, { root }) => sum + usageOf(root), 0));
  const told: Pair[] = [
    ["x-ms-file-share-usage-bytes", usage([share])],
    ["x-ms-file-share-snapshot-usage-bytes", usage([...share.snapshots.values()])],
  ];
  return emptyReply(202, share.settings.kind === "provisioned" ? told : []);
}
