/**
 * What a share is set to besides its quota and tier: protocol, provisioning, bursting; read from headers, told in headers and listings.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/create-share
 */
import { Failure, badHeader, type FailureCode, type Pair } from "./failures.js";
import type { Account, Share } from "./state.js";
import { httpDate, type Ticks } from "./time.js";
import { textElement } from "./xml.js";

/** Which kind of account a share lives in: its answers differ. */
export type ShareKind = "standard" | "premium" | "provisioned";

/** The settings of one share. What is undefined the account does not speak of. */
export interface ShareSettings {
  readonly kind: ShareKind;
  readonly protocol: "SMB" | "NFS" | undefined;
  readonly rootSquash: string | undefined;
  readonly snapshotDirectory: boolean | undefined;
  readonly smbDirectoryLease: boolean | undefined;
  readonly bursting: boolean | undefined;
  readonly burstingIops: number | undefined;
  readonly burstingBandwidth: number | undefined;
  /** As provisioned, or as they follow from the quota. */
  readonly iops: number;
  readonly bandwidth: number;
  /** When quota, IOPS and bandwidth may be lowered again. */
  readonly downgrades: { readonly quota: Ticks; readonly iops: Ticks; readonly bandwidth: Ticks };
}

const day: Ticks = 864000000000n;

/** Quotas in GiB: the least, the most, and that of a share that names none. */
const quotas = {
  standard: [1, 102400, 102400], // as of accounts with large file shares, which new ones are
  premium: [100, 102400, 100],
  provisioned: [32, 262144, 32],
} as const;

function readWord(headers: Headers, name: string, words: readonly string[]): string | undefined {
  const value = headers.get(name);
  if (value === null) return undefined;
  const word = words.find((known) => known.toLowerCase() === value.toLowerCase());
  if (!word) throw badHeader(name, value);
  return word;
}

function readFlag(headers: Headers, name: string): boolean | undefined {
  const word = readWord(headers, name, ["true", "false"]);
  return word === undefined ? undefined : word === "true";
}

function readNumber(headers: Headers, name: string): number | undefined {
  const value = headers.get(name);
  if (value === null) return undefined;
  if (!/^\d{1,12}$/.test(value)) throw badHeader(name, value);
  return Number(value);
}

const isGiven = (headers: Headers, names: RegExp): boolean => [...headers.keys()].some((name) => names.test(name));

/** The kind of a new share: the account's, or in an account of any kind the one that the request speaks of. */
export function readKind(headers: Headers, accountKind: Account["policy"]["kind"]): ShareKind {
  const isNfs = headers.get("x-ms-enabled-protocols")?.toUpperCase() === "NFS";
  if (accountKind === "standard" && isNfs) throw new Failure("FeatureNotSupportedOnStorageAccount");
  if (accountKind !== "any") return accountKind;
  if (isGiven(headers, /^x-ms-share-provisioned-(iops|bandwidth-mibps)$/)) return "provisioned";
  const isPremium = isNfs || isGiven(headers, /^x-ms-share-paid-bursting-/) || headers.get("x-ms-access-tier")?.toLowerCase() === "premium";
  return isPremium ? "premium" : "standard";
}

/** `x-ms-share-quota` in GiB, or what there is, or the default. Throws `InvalidHeaderValue` or `FileShareProvisionedStorageInvalid`. */
export function readQuota(headers: Headers, kind: ShareKind, current?: number): number {
  const [least, most, usual] = quotas[kind];
  const value = headers.get("x-ms-share-quota");
  if (value === null) return current ?? usual;
  const quota = /^\d{1,9}$/.test(value) ? Number(value) : 0;
  if (quota >= least && quota <= most) return quota;
  throw kind === "provisioned" && quota > 0 ? new Failure("FileShareProvisionedStorageInvalid") : badHeader("x-ms-share-quota", value);
}

/** `x-ms-access-tier`: what the kind of account has. */
export function readTier(headers: Headers, kind: ShareKind): string | undefined {
  const tiers = { standard: ["TransactionOptimized", "Hot", "Cool"], premium: ["Premium"], provisioned: [] };
  return readWord(headers, "x-ms-access-tier", tiers[kind]);
}

function within(value: number, least: number, most: number, code: FailureCode): number {
  if (value < least || value > most) throw new Failure(code);
  return value;
}

/** The settings of a new share, or those that `current` becomes: what is not given stays. */
export function readSettings(headers: Headers, kind: ShareKind, quota: number, now: Ticks, current?: Share): ShareSettings {
  const old = current?.settings;
  const isAdvanced = kind !== "standard";
  const protocol = readWord(headers, "x-ms-enabled-protocols", ["SMB", "NFS"]) as "SMB" | "NFS" | undefined;
  const isNfs = (old ? old.protocol : protocol) === "NFS";
  const squash = readWord(headers, "x-ms-root-squash", ["NoRootSquash", "RootSquash", "AllSquash"]);
  if (squash !== undefined && !isNfs) throw badHeader("x-ms-root-squash", squash);
  const iops = readNumber(headers, "x-ms-share-provisioned-iops");
  const bandwidth = readNumber(headers, "x-ms-share-provisioned-bandwidth-mibps");
  const usualBandwidth = kind === "premium" ? 100 + Math.ceil(quota * 0.04) + Math.ceil(quota * 0.06) : 100 + Math.ceil(quota * 0.9);
  const raised = (was: number | undefined, is: number | undefined, time: Ticks): Ticks =>
    was !== undefined && is !== undefined && is > was ? now + day : time;
  // What was bought stays as it is; elsewhere it follows from the quota.
  const kept = kind === "provisioned" || current?.quotaGiB === quota ? old : undefined;
  const downgrades = old?.downgrades ?? { quota: now, iops: now, bandwidth: now };
  return {
    kind,
    protocol: old ? old.protocol : (protocol ?? (isAdvanced ? "SMB" : undefined)),
    rootSquash: squash ?? old?.rootSquash ?? (isNfs ? "NoRootSquash" : undefined),
    snapshotDirectory: readFlag(headers, "x-ms-enable-snapshot-virtual-directory-access") ?? old?.snapshotDirectory,
    smbDirectoryLease: readFlag(headers, "x-ms-enable-smb-directory-lease") ?? old?.smbDirectoryLease,
    bursting: readFlag(headers, "x-ms-share-paid-bursting-enabled") ?? old?.bursting,
    burstingIops: readNumber(headers, "x-ms-share-paid-bursting-max-iops") ?? old?.burstingIops,
    burstingBandwidth: readNumber(headers, "x-ms-share-paid-bursting-max-bandwidth-mibps") ?? old?.burstingBandwidth,
    iops: iops === undefined ? (kept?.iops ?? 3000 + quota) : within(iops, 500, 102400, "FileShareProvisionedIopsInvalid"),
    bandwidth:
      bandwidth === undefined ? (kept?.bandwidth ?? usualBandwidth) : within(bandwidth, 60, 10340, "FileShareProvisionedBandwidthInvalid"),
    downgrades: {
      quota: raised(current?.quotaGiB, quota, downgrades.quota),
      iops: raised(old?.iops, iops, downgrades.iops),
      bandwidth: raised(old?.bandwidth, bandwidth, downgrades.bandwidth),
    },
  };
}

/** What a provisioned share bursts to, and the credits it may save up: as recorded. */
function burstOf({ iops }: ShareSettings): { readonly included: number; readonly credits: number } {
  const included = Math.max(10000, iops * 3);
  return { included, credits: (included - iops) * 3600 };
}

/** The headers with which creating and changing a provisioned share is answered; no other kind tells anything. */
export function provisionedHeaders({ settings, quotaGiB }: Share): Pair[] {
  if (settings.kind !== "provisioned") return [];
  const { included, credits } = burstOf(settings);
  return [
    ["x-ms-share-quota", String(quotaGiB)],
    ["x-ms-share-included-burst-iops", String(included)],
    ["x-ms-share-max-burst-credits-for-iops", String(credits)],
    ["x-ms-share-provisioned-iops", String(settings.iops)],
    ["x-ms-share-provisioned-bandwidth-mibps", String(settings.bandwidth)],
  ];
}

/** When a provisioned share may be lowered. */
export function downgradeHeaders({ settings }: Share): Pair[] {
  if (settings.kind !== "provisioned") return [];
  const { quota, iops, bandwidth } = settings.downgrades;
  return [
    ["x-ms-share-next-allowed-quota-downgrade-time", httpDate(quota)],
    ["x-ms-share-next-allowed-provisioned-iops-downgrade-time", httpDate(iops)],
    ["x-ms-share-next-allowed-provisioned-bandwidth-downgrade-time", httpDate(bandwidth)],
  ];
}

type Told = readonly [header: string, element: string, value: string | number | boolean | Ticks | undefined];

/** What Get Share Properties and listings tell of a share, in their order; undefined is left out. */
function told(share: Share, version: string): Told[] {
  const { settings, quotaGiB } = share;
  const { kind, downgrades } = settings;
  const [isProvisioned, isPremium] = [kind === "provisioned", kind === "premium"];
  const { included, credits } = burstOf(settings);
  const advanced = <T>(value: T): T | undefined => (kind === "standard" ? undefined : value);
  const premium = <T>(value: T): T | undefined => (isPremium ? value : undefined);
  const provisioned = <T>(value: T): T | undefined => (isProvisioned ? value : undefined);
  const tiered = <T>(value: T): T | undefined => (isProvisioned || version < "2020-02-10" ? undefined : value);
  const standard = <T>(value: T): T | undefined => (kind === "standard" ? tiered(value) : undefined);
  const since = <T>(first: string, value: T): T | undefined => (version < first ? undefined : value);
  const bursting = <T>(value: T): T | undefined => since("2024-11-04", value);
  return [
    ["x-ms-share-quota", "Quota", quotaGiB],
    ["x-ms-enabled-protocols", "EnabledProtocols", settings.protocol],
    ["x-ms-root-squash", "RootSquash", settings.rootSquash],
    [
      "x-ms-enable-snapshot-virtual-directory-access",
      "EnableSnapshotVirtualDirectoryAccess",
      since("2024-11-04", settings.snapshotDirectory),
    ],
    ["x-ms-access-tier", "AccessTier", tiered(share.accessTier)],
    ["x-ms-access-tier-change-time", "AccessTierChangeTime", standard(share.accessTierChanged)],
    ["x-ms-access-tier-transition-state", "AccessTierTransitionState", standard(share.accessTierTransition)],
    ["x-ms-share-provisioned-iops", "ProvisionedIops", advanced(settings.iops)],
    ["x-ms-share-provisioned-bandwidth-mibps", "ProvisionedBandwidthMiBps", advanced(settings.bandwidth)],
    ["x-ms-share-provisioned-ingress-mbps", "ProvisionedIngressMBps", premium(settings.bandwidth)],
    ["x-ms-share-provisioned-egress-mbps", "ProvisionedEgressMBps", premium(settings.bandwidth)],
    ["x-ms-share-next-allowed-quota-downgrade-time", "NextAllowedQuotaDowngradeTime", advanced(downgrades.quota)],
    ["x-ms-share-next-allowed-provisioned-iops-downgrade-time", "NextAllowedProvisionedIopsDowngradeTime", provisioned(downgrades.iops)],
    [
      "x-ms-share-next-allowed-provisioned-bandwidth-downgrade-time",
      "NextAllowedProvisionedBandwidthDowngradeTime",
      provisioned(downgrades.bandwidth),
    ],
    ["x-ms-share-included-burst-iops", "IncludedBurstIops", provisioned(included)],
    ["x-ms-share-max-burst-credits-for-iops", "MaxBurstCreditsForIops", provisioned(credits)],
    ["x-ms-share-paid-bursting-enabled", "PaidBurstingEnabled", bursting(settings.bursting)],
    ["x-ms-share-paid-bursting-max-iops", "PaidBurstingMaxIops", settings.bursting ? bursting(settings.burstingIops) : undefined],
    [
      "x-ms-share-paid-bursting-max-bandwidth-mibps",
      "PaidBurstingMaxBandwidthMibps",
      settings.bursting ? bursting(settings.burstingBandwidth) : undefined,
    ],
    ["x-ms-enable-smb-directory-lease", "EnableSmbDirectoryLease", since("2026-02-06", settings.smbDirectoryLease)],
  ];
}

const textOf = (value: NonNullable<Told[2]>): string => (typeof value === "bigint" ? httpDate(value) : String(value));

/** The settings as Get Share Properties tells them. */
export function settingsHeaders(share: Share, version: string): Pair[] {
  return told(share, version).flatMap(([header, , value]) => (value === undefined ? [] : [[header, textOf(value)] as const]));
}

/** The settings as a listing tells them. */
export function settingsElements(share: Share, version: string): string {
  return told(share, version)
    .map(([, element, value]) => (value === undefined ? "" : textElement(element, textOf(value))))
    .join("");
}
