/**
 * The shares of an account as a listing. Entry point: `azure-files/shares`.
 */
import { said } from "../config.js";
import { readText } from "../transport/body.js";
import { child, childName, children, childText, type Element, leaves, parseXml } from "../transport/xml.js";
import type { Connection, RequestOptions } from "../types/connection.js";
import type { ShareEntry } from "../types/shares.js";
import { type Listing, listing, pageSizeOf } from "./listing.js";
import { burstingOf } from "./share-settings.js";

/** What `list` takes. */
export interface ListSharesRequest extends Omit<RequestOptions, "share"> {
  /** Only shares whose name begins so. */
  prefix?: string | undefined;
  /** What to list or tell besides. */
  include?: readonly ("snapshots" | "metadata" | "deleted")[] | undefined;
  /** Entries on a page, from 1 to 5000. @default 5000 */
  pageSize?: number | undefined;
}

/**
 * Lists the account's shares by name; snapshots stand before their share, the oldest first.
 *
 * @throws ServiceError `AuthorizationFailure` for a SAS that is not an account SAS with the service level and `l`.
 * @see https://learn.microsoft.com/rest/api/storageservices/list-shares
 */
export function list(connection: Connection, request: ListSharesRequest = {}): Listing<ShareEntry> {
  const maxresults = pageSizeOf(request.pageSize);
  return listing(async (marker) => {
    const { payload } = await connection.send({
      operation: "List Shares",
      method: "GET",
      target: { lock: request.lock },
      query: { comp: "list", prefix: request.prefix, marker, maxresults, include: request.include?.join(",") },
      success: [200],
      idempotent: true,
      read: readText,
      signal: request.signal,
    });
    const page = await parseXml(payload, "EnumerationResults");
    return { entries: children(child(page, "Shares"), "Share").map(shareEntry), marker: childText(page, "NextMarker") };
  });
}

function shareEntry(element: Element): ShareEntry {
  const properties = leaves(child(element, "Properties"));
  const entries = child(element, "Metadata");
  const word = (name: string): string | undefined => properties[name] || undefined;
  const number = (name: string): number | undefined => {
    const value = word(name);
    return value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined;
  };
  const flag = (name: string): boolean | undefined => {
    const value = word(name)?.toLowerCase();
    return value === "true" ? true : value === "false" ? false : undefined;
  };
  // RFC 1123, but an old version of the service wrote one of them as Americans do.
  const date = (name: string): Date | undefined => {
    const value = new Date(word(name) ?? NaN);
    return Number.isNaN(+value) ? undefined : value;
  };
  const found = {
    snapshot: childText(element, "Snapshot"),
    deleted: childText(element, "Deleted") === "true" ? true : undefined,
    version: childText(element, "Version"),
    deletedTime: date("DeletedTime"),
    remainingRetentionDays: number("RemainingRetentionDays"),
    accessTier: word("AccessTier"),
    accessTierChangeTime: date("AccessTierChangeTime"),
    accessTierTransitionState: word("AccessTierTransitionState"),
    enabledProtocols: word("EnabledProtocols"),
    rootSquash: word("RootSquash"),
    snapshotVirtualDirectoryAccess: flag("EnableSnapshotVirtualDirectoryAccess"),
    smbDirectoryLease: flag("EnableSmbDirectoryLease"),
    paidBursting: burstingOf(flag("PaidBurstingEnabled"), number("PaidBurstingMaxIops"), number("PaidBurstingMaxBandwidthMibps")),
    provisionedIops: number("ProvisionedIops"),
    provisionedBandwidthMibps: number("ProvisionedBandwidthMiBps"),
    provisionedIngressMbps: number("ProvisionedIngressMBps"),
    provisionedEgressMbps: number("ProvisionedEgressMBps"),
    includedBurstIops: number("IncludedBurstIops"),
    maxBurstCreditsForIops: number("MaxBurstCreditsForIops"),
    nextAllowedQuotaDowngradeTime: date("NextAllowedQuotaDowngradeTime"),
    nextAllowedProvisionedIopsDowngradeTime: date("NextAllowedProvisionedIopsDowngradeTime"),
    nextAllowedProvisionedBandwidthDowngradeTime: date("NextAllowedProvisionedBandwidthDowngradeTime"),
    leaseStatus: word("LeaseStatus"),
    leaseState: word("LeaseState"),
    leaseDuration: word("LeaseDuration"),
    metadata: entries === undefined ? undefined : leaves(entries),
  };
  return {
    name: childName(element, "Name"),
    etag: properties["Etag"] ?? "",
    lastModified: date("Last-Modified"),
    quotaGiB: number("Quota") ?? 0,
    properties,
    ...said(found),
  };
}
