/**
 * The settings of a share: as headers of the requests that make and change them, and as answers tell them.
 */
import { between } from "../config.js";
import { date, flag, number, text } from "../transport/headers.js";
import type { RequestHeaderName } from "../types/requests.js";
import type { WireHeaders } from "../types/responses.js";
import type { PaidBursting, ShareDowngradeTimes, ShareFacts, ShareProvisioning } from "../types/shares.js";

/** Settings that a share is created with and that can be changed. */
export interface ShareSettings {
  /** Size limit in GiB, from 1 to 262144. @default the account's, 5120 or 102400, for a new share */
  quotaGiB?: number | undefined;
  /** Storage tier. @default the account's, for a new share */
  accessTier?: "TransactionOptimized" | "Hot" | "Cool" | "Premium" | (string & {}) | undefined;
  /** What NFS clients that come as root may do. @default "NoRootSquash", for a new share */
  rootSquash?: "NoRootSquash" | "RootSquash" | "AllSquash" | (string & {}) | undefined;
  /** Whether NFS clients see snapshots in a directory of their own. */
  snapshotVirtualDirectoryAccess?: boolean | undefined;
  /** Whether SMB clients may keep directories in their caches. */
  smbDirectoryLease?: boolean | undefined;
  /** Bursting beyond what is provisioned, on premium accounts. */
  paidBursting?: PaidBursting | undefined;
  /** I/O operations a second, on accounts that bill by provisioning. */
  provisionedIops?: number | undefined;
  /** MiB a second, on accounts that bill by provisioning. */
  provisionedBandwidthMibps?: number | undefined;
}

/**
 * The settings as headers.
 *
 * @throws RangeError for numbers that are negative, fractional or beyond what any account has.
 */
export function settingsHeaders(settings: ShareSettings): { [name in RequestHeaderName]?: string | number | boolean | undefined } {
  const { paidBursting = {}, quotaGiB } = settings;
  const whole = (name: string, value: number | undefined, least = 0, most: number = Number.MAX_SAFE_INTEGER): number | undefined =>
    value === undefined ? undefined : between(name, value, least, most, true);
  return {
    "x-ms-share-quota": whole("quotaGiB", quotaGiB, 1, 262_144),
    "x-ms-access-tier": settings.accessTier,
    "x-ms-root-squash": settings.rootSquash,
    "x-ms-enable-snapshot-virtual-directory-access": settings.snapshotVirtualDirectoryAccess,
    "x-ms-enable-smb-directory-lease": settings.smbDirectoryLease,
    "x-ms-share-paid-bursting-enabled": paidBursting.enabled,
    "x-ms-share-paid-bursting-max-iops": whole("paidBursting.maxIops", paidBursting.maxIops),
    "x-ms-share-paid-bursting-max-bandwidth-mibps": whole("paidBursting.maxBandwidthMibps", paidBursting.maxBandwidthMibps),
    "x-ms-share-provisioned-iops": whole("provisionedIops", settings.provisionedIops),
    "x-ms-share-provisioned-bandwidth-mibps": whole("provisionedBandwidthMibps", settings.provisionedBandwidthMibps),
  };
}

/** What an answer says of the share's provisioning. */
export const provisioning = (headers: WireHeaders): ShareProvisioning => ({
  quotaGiB: number(headers, "x-ms-share-quota"),
  provisionedIops: number(headers, "x-ms-share-provisioned-iops"),
  provisionedBandwidthMibps: number(headers, "x-ms-share-provisioned-bandwidth-mibps"),
  includedBurstIops: number(headers, "x-ms-share-included-burst-iops"),
  maxBurstCreditsForIops: number(headers, "x-ms-share-max-burst-credits-for-iops"),
});

/** What it says of when that may be lowered. */
export const downgradeTimes = (headers: WireHeaders): ShareDowngradeTimes => ({
  nextAllowedQuotaDowngradeTime: date(headers, "x-ms-share-next-allowed-quota-downgrade-time"),
  nextAllowedProvisionedIopsDowngradeTime: date(headers, "x-ms-share-next-allowed-provisioned-iops-downgrade-time"),
  nextAllowedProvisionedBandwidthDowngradeTime: date(headers, "x-ms-share-next-allowed-provisioned-bandwidth-downgrade-time"),
});

/** All that an answer says of a share's settings, state and limits. */
export function shareFacts(headers: WireHeaders): ShareFacts {
  return {
    ...provisioning(headers),
    ...downgradeTimes(headers),
    accessTier: text(headers, "x-ms-access-tier"),
    accessTierChangeTime: date(headers, "x-ms-access-tier-change-time"),
    accessTierTransitionState: text(headers, "x-ms-access-tier-transition-state"),
    enabledProtocols: text(headers, "x-ms-enabled-protocols"),
    rootSquash: text(headers, "x-ms-root-squash"),
    snapshotVirtualDirectoryAccess: flag(headers, "x-ms-enable-snapshot-virtual-directory-access"),
    smbDirectoryLease: flag(headers, "x-ms-enable-smb-directory-lease"),
    paidBursting: burstingOf(
      flag(headers, "x-ms-share-paid-bursting-enabled"),
      number(headers, "x-ms-share-paid-bursting-max-iops"),
      number(headers, "x-ms-share-paid-bursting-max-bandwidth-mibps"),
    ),
    provisionedIngressMbps: number(headers, "x-ms-share-provisioned-ingress-mbps"),
    provisionedEgressMbps: number(headers, "x-ms-share-provisioned-egress-mbps"),
    leaseStatus: text(headers, "x-ms-lease-status"),
    leaseState: text(headers, "x-ms-lease-state"),
    leaseDuration: text(headers, "x-ms-lease-duration"),
  };
}

/** Bursting as one value; undefined where nothing is said of it. */
export function burstingOf(
  enabled: boolean | undefined,
  maxIops: number | undefined,
  maxBandwidthMibps: number | undefined,
): Readonly<PaidBursting> | undefined {
  const said = enabled ?? maxIops ?? maxBandwidthMibps;
  return said === undefined ? undefined : { enabled, maxIops, maxBandwidthMibps };
}
