/**
 * The client's call for a recorded request about the service or a share.
 */
import * as account from "../../src/services/account.js";
import * as leases from "../../src/services/leases.js";
import * as shares from "../../src/services/shares.js";
import type { ServiceOperation, ShareOperation } from "../../src/types/requests.js";
import { type Call, firstPage, flag, number, optionsOf, paging, saidOfLease, words } from "./client-options.js";
import { type Exchange, requestBody } from "./recording.js";
import { childOf, parse, textOf, type XmlNode } from "./xml.js";

const xmlOf = (exchange: Exchange): XmlNode => parse(new TextDecoder().decode(requestBody(exchange).bytes));

function settingsOf({ requestHeaders: headers }: Exchange): shares.ShareSettings {
  return {
    quotaGiB: number(headers["x-ms-share-quota"]),
    accessTier: headers["x-ms-access-tier"],
    rootSquash: headers["x-ms-root-squash"],
    snapshotVirtualDirectoryAccess: flag(headers["x-ms-enable-snapshot-virtual-directory-access"]),
    smbDirectoryLease: flag(headers["x-ms-enable-smb-directory-lease"]),
    paidBursting: {
      enabled: flag(headers["x-ms-share-paid-bursting-enabled"]),
      maxIops: number(headers["x-ms-share-paid-bursting-max-iops"]),
      maxBandwidthMibps: number(headers["x-ms-share-paid-bursting-max-bandwidth-mibps"]),
    },
    provisionedIops: number(headers["x-ms-share-provisioned-iops"]),
    provisionedBandwidthMibps: number(headers["x-ms-share-provisioned-bandwidth-mibps"]),
  };
}

function metricsOf(node: XmlNode | undefined): account.Metrics | undefined {
  const policy = childOf(node, "RetentionPolicy");
  return (
    node && {
      version: textOf(node, "Version"),
      enabled: flag(textOf(node, "Enabled")) === true,
      includeApis: flag(textOf(node, "IncludeAPIs")),
      retentionDays: number(textOf(policy, "Days")),
    }
  );
}

function rulesOf(node: XmlNode | undefined): account.CorsRule[] | undefined {
  const list = (rule: XmlNode, name: string): string[] => (textOf(rule, name) ?? "").split(",").filter(Boolean);
  return node?.children.map((rule) => ({
    allowedOrigins: list(rule, "AllowedOrigins"),
    allowedMethods: list(rule, "AllowedMethods"),
    allowedHeaders: list(rule, "AllowedHeaders"),
    exposedHeaders: list(rule, "ExposedHeaders"),
    maxAgeInSeconds: Number(textOf(rule, "MaxAgeInSeconds")),
  }));
}

const setServiceProperties: Call = (connection, exchange) => {
  const root = xmlOf(exchange);
  const protocols = childOf(root, "ProtocolSettings");
  const setting = (protocol: string, name: string, word: string): boolean | undefined =>
    flag(textOf(childOf(childOf(protocols, protocol), name), word));
  return account.setProperties(connection, {
    cors: rulesOf(childOf(root, "Cors")),
    hourMetrics: metricsOf(childOf(root, "HourMetrics")),
    minuteMetrics: metricsOf(childOf(root, "MinuteMetrics")),
    smbMultichannel: setting("SMB", "Multichannel", "Enabled"),
    smbEncryptionInTransit: setting("SMB", "EncryptionInTransit", "Required"),
    nfsEncryptionInTransit: setting("NFS", "EncryptionInTransit", "Required"),
  });
};

const setAccessPolicy: Call = (connection, exchange) => {
  const policies = xmlOf(exchange).children.map((identifier) => {
    const policy = childOf(identifier, "AccessPolicy");
    return {
      id: textOf(identifier, "Id") ?? "",
      startsOn: textOf(policy, "Start"),
      expiresOn: textOf(policy, "Expiry"),
      permissions: childOf(policy, "Permission")?.text,
    };
  });
  return shares.setAccessPolicy(connection, { ...optionsOf(exchange), policies });
};

const createPermission: Call = (connection, exchange) => {
  const text = new TextDecoder().decode(requestBody(exchange).bytes) || '{"permission":"kept by nobody"}';
  const { permission, format } = JSON.parse(text) as { permission: string; format?: string };
  return shares.createPermission(connection, { ...optionsOf(exchange), permission, permissionFormat: format });
};

/** A lease of the share itself; ids that the recorder removed are made up. */
const leaseOf = (exchange: Exchange) => {
  const headers = exchange.requestHeaders;
  return {
    share: exchange.share,
    path: "" as const,
    snapshot: exchange.query.get("sharesnapshot"),
    leaseId: headers["x-ms-lease-id"] ?? "removed",
    proposedLeaseId: headers["x-ms-proposed-lease-id"] ?? "proposed",
  };
};

/** One call for each operation. */
export const shareCalls: Readonly<Record<ServiceOperation | ShareOperation, Call>> = {
  "List Shares": (connection, exchange) => {
    const include = words(exchange) as ("metadata" | "snapshots" | "deleted")[];
    return firstPage(shares.list(connection, { ...paging(exchange), include }), exchange);
  },
  "Get File Service Properties": (connection) => account.getProperties(connection),
  "Set File Service Properties": setServiceProperties,
  "Get User Delegation Key": (connection, exchange) => {
    const info = xmlOf(exchange);
    return account.getUserDelegationKey(connection, {
      startsOn: textOf(info, "Start"),
      expiresOn: textOf(info, "Expiry") ?? "",
      delegatedUserTenantId: textOf(info, "DelegatedUserTid"),
    });
  },
  "Create Share": (connection, exchange) =>
    shares.create(connection, {
      ...optionsOf(exchange),
      ...settingsOf(exchange),
      enabledProtocols: exchange.requestHeaders["x-ms-enabled-protocols"],
    }),
  "Get Share Properties": (connection, exchange) =>
    shares.getProperties(connection, { ...optionsOf(exchange), method: exchange.method as "GET" }),
  "Set Share Properties": (connection, exchange) => shares.setProperties(connection, { ...optionsOf(exchange), ...settingsOf(exchange) }),
  "Get Share Metadata": (connection, exchange) =>
    shares.getMetadata(connection, { ...optionsOf(exchange), method: exchange.method as "GET" }),
  "Set Share Metadata": (connection, exchange) => shares.setMetadata(connection, optionsOf(exchange)),
  "Delete Share": (connection, exchange) =>
    shares.delete(connection, { ...optionsOf(exchange), deleteSnapshots: exchange.requestHeaders["x-ms-delete-snapshots"] }),
  "Restore Share": (connection, exchange) =>
    shares.restore(connection, {
      share: exchange.share,
      deletedName: exchange.requestHeaders["x-ms-deleted-share-name"],
      deletedVersion: exchange.requestHeaders["x-ms-deleted-share-version"] ?? "",
    }),
  "Snapshot Share": (connection, exchange) => shares.createSnapshot(connection, optionsOf(exchange)),
  "Get Share ACL": (connection, exchange) => shares.getAccessPolicy(connection, optionsOf(exchange)),
  "Set Share ACL": setAccessPolicy,
  "Get Share Stats": (connection, exchange) => shares.getStatistics(connection, optionsOf(exchange)),
  "Create Permission": createPermission,
  "Get Permission": (connection, exchange) =>
    shares.getPermission(connection, {
      share: exchange.share,
      permissionKey: exchange.requestHeaders["x-ms-file-permission-key"] ?? "1*2",
      permissionFormat: exchange.requestHeaders["x-ms-file-permission-format"],
    }),
  "Acquire Share Lease": (connection, exchange) =>
    saidOfLease(leases.acquire(connection, { ...leaseOf(exchange), duration: number(exchange.requestHeaders["x-ms-lease-duration"]) })),
  "Renew Share Lease": (connection, exchange) => leases.renew(connection, leaseOf(exchange)),
  "Change Share Lease": (connection, exchange) => leases.change(connection, leaseOf(exchange)),
  "Release Share Lease": (connection, exchange) => leases.release(connection, leaseOf(exchange)),
  "Break Share Lease": (connection, exchange) => {
    const { leaseId: _, ...options } = leaseOf(exchange);
    const headers = exchange.requestHeaders;
    return leases.break(connection, {
      ...options,
      leaseId: headers["x-ms-lease-id"],
      breakPeriod: number(headers["x-ms-lease-break-period"]),
    });
  },
};
