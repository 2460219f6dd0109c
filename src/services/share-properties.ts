/**
 * What shares are like: properties, metadata, statistics. Entry point: `azure-files/shares`.
 */
import { IntegrityError } from "../errors.js";
import { readText } from "../transport/body.js";
import { date, flag, type Metadata, metadata, metadataHeaders, text } from "../transport/headers.js";
import { childText, parseXml } from "../transport/xml.js";
import type { Connection, RequestOptions } from "../types/connection.js";
import type { ShareDowngradeTimes, ShareFacts, ShareProvisioning } from "../types/shares.js";
import { isThere } from "./existence.js";
import { downgradeTimes, provisioning, shareFacts, type ShareSettings, settingsHeaders } from "./share-settings.js";
import { shareTarget } from "./targets.js";

/** What `getProperties`, `getMetadata` and `exists` take. */
export interface GetSharePropertiesRequest extends RequestOptions {
  /** Time of a snapshot, to read that instead. */
  snapshot?: string | undefined;
  /** Refuses unless the share is leased with this id. */
  leaseId?: string | undefined;
  /** How to ask; the service answers both alike. A refused HEAD has a code and no message. @default "GET" */
  method?: "GET" | "HEAD" | undefined;
}

/** What the service says of a share. */
export interface ShareProperties extends ShareFacts {
  readonly etag: string | undefined;
  readonly lastModified: Date | undefined;
  /** Whether a policy forbids changes of what is stored. */
  readonly hasImmutabilityPolicy: boolean | undefined;
  /** Whether a legal hold forbids them. */
  readonly hasLegalHold: boolean | undefined;
  /** Metadata by lower-case name. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly requestId: string | undefined;
}

/**
 * Reads the properties and metadata of a share or of a snapshot of it.
 *
 * @throws ServiceError `ShareNotFound`, `ShareSnapshotNotFound`.
 * @see https://learn.microsoft.com/rest/api/storageservices/get-share-properties
 */
export async function getProperties(connection: Connection, request: GetSharePropertiesRequest = {}): Promise<ShareProperties> {
  const { headers } = await connection.send({
    operation: "Get Share Properties",
    method: request.method ?? "GET",
    target: shareTarget(connection, request),
    query: { restype: "share", sharesnapshot: request.snapshot },
    headers: { "x-ms-lease-id": request.leaseId },
    success: [200],
    idempotent: true,
    signal: request.signal,
  });
  return {
    etag: text(headers, "etag"),
    lastModified: date(headers, "last-modified"),
    ...shareFacts(headers),
    hasImmutabilityPolicy: flag(headers, "x-ms-has-immutability-policy"),
    hasLegalHold: flag(headers, "x-ms-has-legal-hold"),
    metadata: metadata(headers),
    requestId: text(headers, "x-ms-request-id"),
  };
}

/** Whether a share is there. It is not while it is being deleted. */
export function exists(connection: Connection, request: GetSharePropertiesRequest = {}): Promise<boolean> {
  return isThere(getProperties(connection, request));
}

/** What `setProperties` takes. What is not said stays as it is. */
export interface SetSharePropertiesRequest extends RequestOptions, ShareSettings {
  /** Refuses unless the share is leased with this id. */
  leaseId?: string | undefined;
}

/** What a change of a share's properties did. */
export interface SharePropertiesSet extends ShareProvisioning, ShareDowngradeTimes {
  readonly etag: string | undefined;
  readonly lastModified: Date | undefined;
  readonly requestId: string | undefined;
}

/**
 * Changes a share's settings. What is not said stays as it is. A size limit below what is used stops writes.
 *
 * @throws ServiceError `ShareNotFound`, `InvalidHeaderValue` for what the account does not offer, `ContainerQuotaDowngradeNotAllowed` and
 * its like where something is lowered too early; RangeError for numbers that no account has.
 * @see https://learn.microsoft.com/rest/api/storageservices/set-share-properties
 */
export async function setProperties(connection: Connection, request: SetSharePropertiesRequest): Promise<SharePropertiesSet> {
  const { headers } = await connection.send({
    operation: "Set Share Properties",
    method: "PUT",
    target: shareTarget(connection, request),
    query: { restype: "share", comp: "properties" },
    headers: { ...settingsHeaders(request), "x-ms-lease-id": request.leaseId },
    success: [200],
    idempotent: true,
    signal: request.signal,
  });
  return {
    etag: text(headers, "etag"),
    lastModified: date(headers, "last-modified"),
    ...provisioning(headers),
    ...downgradeTimes(headers),
    requestId: text(headers, "x-ms-request-id"),
  };
}

/** The metadata of a share. */
export interface ShareMetadata {
  /** Metadata by lower-case name. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly etag: string | undefined;
  readonly lastModified: Date | undefined;
  readonly requestId: string | undefined;
}

/**
 * Reads the metadata of a share or of a snapshot of it.
 *
 * @throws ServiceError `ShareNotFound`, `ShareSnapshotNotFound`.
 * @see https://learn.microsoft.com/rest/api/storageservices/get-share-metadata
 */
export async function getMetadata(connection: Connection, request: GetSharePropertiesRequest = {}): Promise<ShareMetadata> {
  const { headers } = await connection.send({
    operation: "Get Share Metadata",
    method: request.method ?? "GET",
    target: shareTarget(connection, request),
    query: { restype: "share", comp: "metadata", sharesnapshot: request.snapshot },
    headers: { "x-ms-lease-id": request.leaseId },
    success: [200],
    idempotent: true,
    signal: request.signal,
  });
  return {
    metadata: metadata(headers),
    etag: text(headers, "etag"),
    lastModified: date(headers, "last-modified"),
    requestId: text(headers, "x-ms-request-id"),
  };
}

/** What `setMetadata` takes. */
export interface SetShareMetadataRequest extends RequestOptions {
  /** All metadata by name; what is not in it is removed. */
  metadata: Metadata;
  /** Refuses unless the share is leased with this id. */
  leaseId?: string | undefined;
}

/** What a change of a share did. */
export interface ShareChanged {
  readonly etag: string | undefined;
  readonly lastModified: Date | undefined;
  readonly requestId: string | undefined;
}

/**
 * Replaces the metadata of a share, all of it.
 *
 * @throws ServiceError `ShareNotFound`; TypeError and RangeError for metadata that breaks the rules.
 * @see https://learn.microsoft.com/rest/api/storageservices/set-share-metadata
 */
export async function setMetadata(connection: Connection, request: SetShareMetadataRequest): Promise<ShareChanged> {
  const { headers } = await connection.send({
    operation: "Set Share Metadata",
    method: "PUT",
    target: shareTarget(connection, request),
    query: { restype: "share", comp: "metadata" },
    headers: { "x-ms-lease-id": request.leaseId, ...metadataHeaders(request.metadata) },
    success: [200],
    idempotent: true,
    signal: request.signal,
  });
  return {
    etag: text(headers, "etag"),
    lastModified: date(headers, "last-modified"),
    requestId: text(headers, "x-ms-request-id"),
  };
}

/** What `getStatistics` takes. */
export interface GetShareStatisticsRequest extends RequestOptions {
  /** Refuses unless the share is leased with this id. */
  leaseId?: string | undefined;
}

/** How full a share is. */
export interface ShareStatistics {
  /** Bytes stored, about; what was written a moment ago may be missing. */
  readonly usageBytes: number;
  readonly etag: string | undefined;
  readonly lastModified: Date | undefined;
  readonly requestId: string | undefined;
}

/**
 * Reads how many bytes a share holds.
 *
 * @throws ServiceError `ShareNotFound`.
 * @see https://learn.microsoft.com/rest/api/storageservices/get-share-stats
 */
export async function getStatistics(connection: Connection, request: GetShareStatisticsRequest = {}): Promise<ShareStatistics> {
  const { headers, payload } = await connection.send({
    operation: "Get Share Stats",
    method: "GET",
    target: shareTarget(connection, request),
    query: { restype: "share", comp: "stats" },
    headers: { "x-ms-lease-id": request.leaseId },
    success: [200],
    idempotent: true,
    read: readText,
    signal: request.signal,
  });
  const usageBytes = Number(childText(await parseXml(payload, "ShareStats"), "ShareUsageBytes") ?? NaN);
  if (Number.isNaN(usageBytes)) throw new IntegrityError("listing", "the share's statistics do not say how many bytes it holds");
  return {
    usageBytes,
    etag: text(headers, "etag"),
    lastModified: date(headers, "last-modified"),
    requestId: text(headers, "x-ms-request-id"),
  };
}
