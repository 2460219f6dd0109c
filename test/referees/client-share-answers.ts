/**
 * What the client has to make of a recorded answer about the service or a share, by other means than the client's.
 */
import type { ServiceOperation, ShareOperation } from "../../src/types/requests.js";
import { changed, date, type Fields, flag, leaves, lease, metadata, number, page, said, text } from "./client-fields.js";
import { type Exchange, responseText } from "./recording.js";
import { childOf, nameOf, parse, textOf, type XmlNode } from "./xml.js";

/** Field by header, of numbers and of moments, in the order of the two kinds. */
const provisioned = {
  quotaGiB: "x-ms-share-quota",
  provisionedIops: "x-ms-share-provisioned-iops",
  provisionedBandwidthMibps: "x-ms-share-provisioned-bandwidth-mibps",
  includedBurstIops: "x-ms-share-included-burst-iops",
  maxBurstCreditsForIops: "x-ms-share-max-burst-credits-for-iops",
};
const downgrades = {
  nextAllowedQuotaDowngradeTime: "x-ms-share-next-allowed-quota-downgrade-time",
  nextAllowedProvisionedIopsDowngradeTime: "x-ms-share-next-allowed-provisioned-iops-downgrade-time",
  nextAllowedProvisionedBandwidthDowngradeTime: "x-ms-share-next-allowed-provisioned-bandwidth-downgrade-time",
};

const each = (names: Readonly<Record<string, string>>, read: (name: string) => unknown): Fields =>
  Object.fromEntries(Object.entries(names).map(([field, name]) => [field, read(name)]));

const provisioning = (exchange: Exchange): Fields => each(provisioned, (name) => number(text(exchange, name)));

const downgradeTimes = (exchange: Exchange): Fields => each(downgrades, (name) => date(text(exchange, name)));

/** Bursting as one value, where there is any. */
function bursting(fields: Fields): Fields | undefined {
  return Object.values(fields).every((value) => value === undefined) ? undefined : fields;
}

const shareFacts = (exchange: Exchange): Fields => ({
  ...changed(exchange),
  ...lease(exchange),
  ...metadata(exchange),
  ...provisioning(exchange),
  ...downgradeTimes(exchange),
  accessTier: text(exchange, "x-ms-access-tier"),
  accessTierChangeTime: date(text(exchange, "x-ms-access-tier-change-time")),
  accessTierTransitionState: text(exchange, "x-ms-access-tier-transition-state"),
  enabledProtocols: text(exchange, "x-ms-enabled-protocols"),
  rootSquash: text(exchange, "x-ms-root-squash"),
  snapshotVirtualDirectoryAccess: flag(text(exchange, "x-ms-enable-snapshot-virtual-directory-access")),
  smbDirectoryLease: flag(text(exchange, "x-ms-enable-smb-directory-lease")),
  paidBursting: bursting({
    enabled: flag(text(exchange, "x-ms-share-paid-bursting-enabled")),
    maxIops: number(text(exchange, "x-ms-share-paid-bursting-max-iops")),
    maxBandwidthMibps: number(text(exchange, "x-ms-share-paid-bursting-max-bandwidth-mibps")),
  }),
  provisionedIngressMbps: number(text(exchange, "x-ms-share-provisioned-ingress-mbps")),
  provisionedEgressMbps: number(text(exchange, "x-ms-share-provisioned-egress-mbps")),
  hasImmutabilityPolicy: flag(text(exchange, "x-ms-has-immutability-policy")),
  hasLegalHold: flag(text(exchange, "x-ms-has-legal-hold")),
});

function share(node: XmlNode): Fields {
  const properties = leaves(childOf(node, "Properties"));
  const meta = childOf(node, "Metadata");
  const word = (name: string): string | undefined => properties[name] || undefined;
  return said({
    name: nameOf(node),
    snapshot: textOf(node, "Snapshot"),
    deleted: flag(textOf(node, "Deleted")),
    version: textOf(node, "Version"),
    deletedTime: date(word("DeletedTime")),
    remainingRetentionDays: number(word("RemainingRetentionDays")),
    etag: word("Etag"),
    lastModified: date(word("Last-Modified")),
    quotaGiB: number(word("Quota")),
    accessTier: word("AccessTier"),
    accessTierChangeTime: date(word("AccessTierChangeTime")),
    accessTierTransitionState: word("AccessTierTransitionState"),
    enabledProtocols: word("EnabledProtocols"),
    rootSquash: word("RootSquash"),
    snapshotVirtualDirectoryAccess: flag(word("EnableSnapshotVirtualDirectoryAccess")),
    paidBursting: bursting({
      enabled: flag(word("PaidBurstingEnabled")),
      maxIops: number(word("PaidBurstingMaxIops")),
      maxBandwidthMibps: number(word("PaidBurstingMaxBandwidthMibps")),
    }),
    provisionedIops: number(word("ProvisionedIops")),
    provisionedBandwidthMibps: number(word("ProvisionedBandwidthMiBps")),
    provisionedIngressMbps: number(word("ProvisionedIngressMBps")),
    provisionedEgressMbps: number(word("ProvisionedEgressMBps")),
    nextAllowedQuotaDowngradeTime: date(word("NextAllowedQuotaDowngradeTime")),
    leaseStatus: word("LeaseStatus"),
    leaseState: word("LeaseState"),
    leaseDuration: word("LeaseDuration"),
    properties,
    metadata: meta && leaves(meta),
  });
}

function metrics(node: XmlNode | undefined): Fields | undefined {
  const policy = childOf(node, "RetentionPolicy");
  if (node === undefined) return undefined;
  return said({
    version: textOf(node, "Version"),
    enabled: flag(textOf(node, "Enabled")),
    includeApis: flag(textOf(node, "IncludeAPIs")),
    retentionDays: flag(textOf(policy, "Enabled")) ? number(textOf(policy, "Days")) : undefined,
  });
}

function corsRule(node: XmlNode): Fields {
  const words = leaves(node);
  const list = (name: string): string[] => (words[name] ?? "").split(",").filter(Boolean);
  return {
    allowedOrigins: list("AllowedOrigins"),
    allowedMethods: list("AllowedMethods"),
    allowedHeaders: list("AllowedHeaders"),
    exposedHeaders: list("ExposedHeaders"),
    maxAgeInSeconds: number(words["MaxAgeInSeconds"]),
  };
}

function serviceProperties(exchange: Exchange): Fields {
  const root = parse(responseText(exchange));
  const protocols = childOf(root, "ProtocolSettings");
  const setting = (protocol: string, name: string, word: string): boolean | undefined =>
    flag(textOf(childOf(childOf(protocols, protocol), name), word));
  return {
    cors: (childOf(root, "Cors")?.children ?? []).map(corsRule),
    hourMetrics: metrics(childOf(root, "HourMetrics")),
    minuteMetrics: metrics(childOf(root, "MinuteMetrics")),
    smbMultichannel: setting("SMB", "Multichannel", "Enabled"),
    smbEncryptionInTransit: setting("SMB", "EncryptionInTransit", "Required"),
    nfsEncryptionInTransit: setting("NFS", "EncryptionInTransit", "Required"),
    requestId: text(exchange, "x-ms-request-id"),
  };
}

function policy(node: XmlNode): Fields {
  const words = leaves(childOf(node, "AccessPolicy"));
  const said = { startsOn: words["Start"], expiresOn: words["Expiry"], permissions: words["Permission"] };
  return { id: textOf(node, "Id"), ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) };
}

/** Fields of the key: the names of the elements, in camelCase. */
function delegationKey(exchange: Exchange): Fields {
  const pairs = Object.entries(leaves(parse(responseText(exchange))));
  const fields = pairs.map(([name, value]) => [name.replace(/^./, (letter) => letter.toLowerCase()), value]);
  return { ...Object.fromEntries(fields), requestId: text(exchange, "x-ms-request-id") };
}

function permission(exchange: Exchange): Fields {
  const body = JSON.parse(responseText(exchange)) as { permission: string; format?: string };
  return { permission: body.permission, permissionFormat: body.format, requestId: text(exchange, "x-ms-request-id") };
}

/** A lease that is held. An id that the recorder removed is the one that the client proposed. */
export const held = (exchange: Exchange): Fields => ({
  ...changed(exchange),
  leaseId: text(exchange, "x-ms-lease-id") ?? exchange.requestHeaders["x-ms-proposed-lease-id"] ?? "proposed",
});

/** A lease that was acquired, whose id has two names. */
export function acquired(exchange: Exchange): Fields {
  const lease = held(exchange);
  return { ...lease, id: lease["leaseId"] };
}

/** A lease that is over. */
export const ended = (exchange: Exchange): Fields => ({
  ...changed(exchange),
  leaseId: text(exchange, "x-ms-lease-id"),
  remaining: number(text(exchange, "x-ms-lease-time")),
});

/** What each operation resolves with. */
export const shareAnswers: Readonly<Record<ServiceOperation | ShareOperation, (exchange: Exchange) => Fields>> = {
  "List Shares": (exchange) => page(exchange, "Shares", share),
  "Get File Service Properties": serviceProperties,
  "Set File Service Properties": (exchange) => ({ requestId: text(exchange, "x-ms-request-id") }),
  "Get User Delegation Key": delegationKey,
  "Create Share": (exchange) => ({ created: true, ...changed(exchange), ...provisioning(exchange) }),
  "Get Share Properties": shareFacts,
  "Set Share Properties": (exchange) => ({ ...changed(exchange), ...provisioning(exchange), ...downgradeTimes(exchange) }),
  "Get Share Metadata": (exchange) => ({ ...changed(exchange), ...metadata(exchange) }),
  "Set Share Metadata": changed,
  "Delete Share": (exchange) => ({
    usageBytes: number(text(exchange, "x-ms-file-share-usage-bytes")),
    snapshotUsageBytes: number(text(exchange, "x-ms-file-share-snapshot-usage-bytes")),
    requestId: text(exchange, "x-ms-request-id"),
  }),
  "Restore Share": (exchange) => ({ ...changed(exchange), ...provisioning(exchange) }),
  "Snapshot Share": (exchange) => ({ ...changed(exchange), snapshot: text(exchange, "x-ms-snapshot") }),
  "Get Share ACL": (exchange) => ({ ...changed(exchange), policies: parse(responseText(exchange)).children.map(policy) }),
  "Set Share ACL": changed,
  "Get Share Stats": (exchange) => ({
    ...changed(exchange),
    usageBytes: number(textOf(parse(responseText(exchange)), "ShareUsageBytes")),
  }),
  "Create Permission": (exchange) => ({
    permissionKey: text(exchange, "x-ms-file-permission-key"),
    requestId: text(exchange, "x-ms-request-id"),
  }),
  "Get Permission": permission,
  "Acquire Share Lease": acquired,
  "Renew Share Lease": held,
  "Change Share Lease": held,
  "Release Share Lease": ended,
  "Break Share Lease": ended,
};
