/** Operations on the service and on shares. */
import { emptyReply, xmlReply, type Exchange, type Reply } from "./exchange.js";
import { Failure, badHeader, badQuery } from "./failures.js";
import { checkShareLease, findShare } from "./lookup.js";
import { checkShareName } from "./names.js";
import { readInclude, readMetadata, readPageSize } from "./request-values.js";
import { changeHeaders, metadataHeaders } from "./response-headers.js";
import { readSmbProperties } from "./smb.js";
import { Children, FileIds, usageOf, type DirectoryNode, type Share } from "./state.js";
import { etagOf, httpDate } from "./time.js";
import { element, textElement, xmlDocument } from "./xml.js";

const defaultQuota = 102400; // as of accounts with large file shares, which new ones are
const maxQuota = 102400;

function readQuota(headers: Headers): number | undefined {
  const value = headers.get("x-ms-share-quota");
  if (value === null) return undefined;
  const quota = /^\d{1,9}$/.test(value) ? Number(value) : 0;
  if (quota < 1 || quota > maxQuota) throw badHeader("x-ms-share-quota", value);
  return quota;
}

function readTier(headers: Headers): string | undefined {
  const value = headers.get("x-ms-access-tier");
  if (value === null) return undefined;
  const tier = ["TransactionOptimized", "Hot", "Cool"].find((name) => name.toLowerCase() === value.toLowerCase());
  if (!tier) throw badHeader("x-ms-access-tier", value); // Premium is another kind of account
  return tier;
}

function refuseNfs(headers: Headers): void {
  const protocols = headers.get("x-ms-enabled-protocols");
  if (protocols !== null && protocols !== "SMB") {
    throw protocols === "NFS" ? new Failure("FeatureNotSupportedOnStorageAccount") : badHeader("x-ms-enabled-protocols", protocols);
  }
  const squash = headers.get("x-ms-root-squash");
  if (squash !== null) throw badHeader("x-ms-root-squash", squash);
}

/** Create Share. */
export function createShare(exchange: Exchange): Reply {
  const { account, headers } = exchange;
  const name = exchange.target.share ?? "";
  checkShareName(name);
  refuseNfs(headers);
  const [metadata, quotaGiB, accessTier] = [readMetadata(headers), readQuota(headers), readTier(headers)];
  if (account.shares.has(name)) throw new Failure("ShareAlreadyExists");
  const [modified, rootMade] = [account.clock.next(), account.clock.next()]; // the root has an ETag of its own
  const root: DirectoryNode = {
    kind: "directory",
    id: "0",
    name: "",
    parent: undefined,
    smb: readSmbProperties(account, new Headers(), "directory", rootMade),
    modified: rootMade,
    metadata: [],
    encrypted: false,
    children: new Children(),
  };
  account.shares.set(name, {
    name,
    root,
    ids: new FileIds(),
    metadata,
    modified,
    quotaGiB: quotaGiB ?? defaultQuota,
    accessTier: accessTier ?? "TransactionOptimized",
    accessTierChanged: modified,
    accessTierTransition: undefined,
  });
  return emptyReply(201, changeHeaders(modified));
}

/** Get Share Properties. */
export function getShareProperties(exchange: Exchange): Reply {
  const share = findShare(exchange);
  checkShareLease(exchange.headers);
  return emptyReply(200, [
    ...metadataHeaders(share.metadata),
    ...changeHeaders(share.modified),
    ["x-ms-lease-status", "unlocked"],
    ["x-ms-lease-state", "available"],
    ["x-ms-has-immutability-policy", "false"],
    ["x-ms-has-legal-hold", "false"],
    ["x-ms-share-quota", String(share.quotaGiB)],
    ["x-ms-access-tier", share.accessTier],
    ["x-ms-access-tier-change-time", httpDate(share.accessTierChanged)],
    ...(share.accessTierTransition === undefined ? [] : [["x-ms-access-tier-transition-state", share.accessTierTransition] as const]),
  ]);
}

/** Get Share Metadata. */
export function getShareMetadata(exchange: Exchange): Reply {
  const share = findShare(exchange);
  checkShareLease(exchange.headers);
  return emptyReply(200, [...metadataHeaders(share.metadata), ...changeHeaders(share.modified)]);
}

/** Set Share Metadata: replaces all of it. */
export function setShareMetadata(exchange: Exchange): Reply {
  const share = findShare(exchange);
  checkShareLease(exchange.headers);
  share.metadata = readMetadata(exchange.headers);
  share.modified = exchange.account.clock.next();
  return emptyReply(200, changeHeaders(share.modified));
}

/** Set Share Properties: changes what is given. */
export function setShareProperties(exchange: Exchange): Reply {
  const share = findShare(exchange);
  checkShareLease(exchange.headers);
  refuseNfs(exchange.headers);
  const [quotaGiB, accessTier] = [readQuota(exchange.headers), readTier(exchange.headers)];
  share.modified = exchange.account.clock.next();
  if (quotaGiB !== undefined) share.quotaGiB = quotaGiB;
  if (accessTier !== undefined) {
    if (accessTier !== share.accessTier)
      share.accessTierTransition = `pending-from-${share.accessTier.charAt(0).toLowerCase()}${share.accessTier.slice(1)}`;
    share.accessTier = accessTier;
    share.accessTierChanged = share.modified;
  }
  return emptyReply(200, changeHeaders(share.modified));
}

/** Get Share Stats. */
export function getShareStats(exchange: Exchange): Reply {
  const share = findShare(exchange);
  checkShareLease(exchange.headers);
  return xmlReply(xmlDocument(element("ShareStats", textElement("ShareUsageBytes", usageOf(share.root)))));
}

/** Delete Share. The name is free at once. */
export function deleteShare(exchange: Exchange): Reply {
  const value = exchange.headers.get("x-ms-delete-snapshots");
  if (value !== null && value !== "include" && value !== "include-leased") throw badHeader("x-ms-delete-snapshots", value);
  const share = findShare(exchange);
  checkShareLease(exchange.headers);
  exchange.account.shares.delete(share.name);
  return emptyReply(202);
}

function shareElement(share: Share, withMetadata: boolean): string {
  const properties =
    textElement("Last-Modified", httpDate(share.modified)) +
    textElement("Etag", etagOf(share.modified)) +
    textElement("LeaseStatus", "unlocked") +
    textElement("LeaseState", "available") +
    textElement("Quota", share.quotaGiB) +
    textElement("AccessTier", share.accessTier) +
    textElement("AccessTierChangeTime", httpDate(share.accessTierChanged)) +
    (share.accessTierTransition === undefined ? "" : textElement("AccessTierTransitionState", share.accessTierTransition)) +
    textElement("DefaultEncryptionScope", "$account-encryption-key") +
    textElement("DenyEncryptionScopeOverride", "false");
  const metadata = withMetadata ? element("Metadata", share.metadata.map(([name, value]) => textElement(name, value)).join("")) : "";
  return element("Share", textElement("Name", share.name) + element("Properties", properties) + metadata);
}

/** List Shares. Its marker is `/account/share`. */
export function listShares(exchange: Exchange): Reply {
  const { account, target } = exchange;
  const [prefix, marker, maxResults] = [target.query.get("prefix"), target.query.get("marker"), target.query.get("maxresults")];
  const size = readPageSize(target.query);
  const include = readInclude(target.query, ["metadata", "snapshots", "deleted"]);
  const start = `/${account.name}/`;
  if (marker && !marker.startsWith(start)) throw badQuery("marker", marker);
  const from = marker ? marker.slice(start.length) : "";
  const names = [...account.shares.keys()].filter((name) => name.startsWith(prefix ?? "") && name >= from).sort();
  const page = names.slice(0, size).map((name) => shareElement(account.shares.get(name) as Share, include.has("metadata")));
  const next = names[size];
  const body =
    (prefix === undefined ? "" : textElement("Prefix", prefix)) +
    (marker === undefined ? "" : textElement("Marker", marker)) +
    (maxResults === undefined ? "" : textElement("MaxResults", maxResults)) +
    element("Shares", page.join("")) +
    textElement("NextMarker", next === undefined ? "" : start + next);
  return xmlReply(xmlDocument(element("EnumerationResults", body, `ServiceEndpoint="${target.serviceEndpoint}"`)));
}
