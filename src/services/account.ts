/**
 * Operations on the file service itself, the entry point `azure-files/account`. Service version 2026-10-06.
 */
import { between } from "../config.js";
import { IntegrityError } from "../errors.js";
import { shown } from "../redact.js";
import { readText } from "../transport/body.js";
import { text } from "../transport/headers.js";
import { isoSpan } from "../transport/times.js";
import { childText, parseXml } from "../transport/xml.js";
import { element, optional, type WrittenElement, xmlBody } from "../transport/xml-writer.js";
import type { CorsRule, Metrics, UserDelegationKey } from "../types/account.js";
import type { Connection } from "../types/connection.js";
import { type ServiceProperties, servicePropertiesOf } from "./service-properties.js";

export type { CorsRule, Metrics, ServiceProperties, UserDelegationKey };

/** Options that each request about the service takes. */
export interface ServiceRequest {
  /** Aborts the call, which then rejects with the signal's reason, untouched. */
  signal?: AbortSignal | undefined;
}

/**
 * Reads the settings of the file service: rules for pages of other origins, statistics, protocols.
 *
 * @throws ServiceError `AuthorizationFailure` and its like for a SAS that is not an account SAS with the service level and `r`.
 * @see https://learn.microsoft.com/rest/api/storageservices/get-file-service-properties
 */
export async function getProperties(connection: Connection, request: ServiceRequest = {}): Promise<ServiceProperties> {
  const { headers, payload } = await connection.send({
    operation: "Get File Service Properties",
    method: "GET",
    target: {},
    query: { restype: "service", comp: "properties" },
    success: [200],
    idempotent: true,
    read: readText,
    signal: request.signal,
  });
  return { ...(await servicePropertiesOf(payload)), requestId: text(headers, "x-ms-request-id") };
}

/** What `setProperties` takes. What is not said stays as it is. */
export interface SetServicePropertiesRequest extends ServiceRequest {
  /** All rules for pages of other origins, at most five; an empty list removes them. */
  cors?: readonly CorsRule[] | undefined;
  /** Statistics by the hour. */
  hourMetrics?: Metrics | undefined;
  /** Statistics by the minute. */
  minuteMetrics?: Metrics | undefined;
  /** Whether SMB clients may use several connections at once; premium accounts only. */
  smbMultichannel?: boolean | undefined;
  /** Whether SMB clients must encrypt. */
  smbEncryptionInTransit?: boolean | undefined;
  /** Whether NFS clients must encrypt. */
  nfsEncryptionInTransit?: boolean | undefined;
}

/** What `setProperties` did. */
export interface ServicePropertiesSet {
  readonly requestId: string | undefined;
}

/**
 * Changes settings of the file service. What is not said stays as it is. A change may take 30 seconds to be known everywhere.
 *
 * @throws ServiceError `FeatureNotSupportedOnStorageAccount`, `InvalidXmlNodeValue`; TypeError where nothing is said or a list of a rule
 * has an entry with a comma; RangeError for more than five rules and for numbers outside their limits.
 * @see https://learn.microsoft.com/rest/api/storageservices/set-file-service-properties
 * @example
 * await setProperties(connection, { cors: [{ allowedOrigins: ["https://example.com"], allowedMethods: ["GET", "HEAD", "PUT"], allowedHeaders: ["x-ms-*"], exposedHeaders: ["x-ms-*", "ETag"], maxAgeInSeconds: 300 }] });
 */
export async function setProperties(connection: Connection, request: SetServicePropertiesRequest): Promise<ServicePropertiesSet> {
  const { headers } = await connection.send({
    operation: "Set File Service Properties",
    method: "PUT",
    target: {},
    query: { restype: "service", comp: "properties" },
    headers: { "content-type": "application/xml" },
    body: xmlBody(propertiesElement(request)),
    success: [202],
    idempotent: true,
    signal: request.signal,
  });
  return { requestId: text(headers, "x-ms-request-id") };
}

function propertiesElement(request: SetServicePropertiesRequest): WrittenElement {
  const { cors, hourMetrics, minuteMetrics, smbMultichannel, smbEncryptionInTransit, nfsEncryptionInTransit } = request;
  if (cors !== undefined && cors.length > 5) throw new RangeError(`cors has ${cors.length} rules, but at most 5 are allowed`);
  const setting = (name: string, switchName: string, value: boolean | undefined): WrittenElement | undefined =>
    value === undefined ? undefined : element(name, [element(switchName, value)]);
  const group = (name: string, ...members: (WrittenElement | undefined)[]): WrittenElement | undefined =>
    members.every((member) => member === undefined) ? undefined : element(name, members);
  const parts = [
    hourMetrics && metricsElement("HourMetrics", hourMetrics),
    minuteMetrics && metricsElement("MinuteMetrics", minuteMetrics),
    cors && element("Cors", cors.map(ruleElement)),
    group(
      "ProtocolSettings",
      group("SMB", setting("Multichannel", "Enabled", smbMultichannel), setting("EncryptionInTransit", "Required", smbEncryptionInTransit)),
      group("NFS", setting("EncryptionInTransit", "Required", nfsEncryptionInTransit)),
    ),
  ];
  const root = group("StorageServiceProperties", ...parts);
  if (root === undefined) throw new TypeError("there is nothing to set: say cors, hourMetrics, minuteMetrics or a setting of a protocol");
  return root;
}

function metricsElement(name: string, { version = "1.0", enabled, includeApis = false, retentionDays }: Metrics): WrittenElement {
  const days = retentionDays === undefined ? undefined : between("retentionDays", retentionDays, 1, 365, true);
  return element(name, [
    element("Version", version),
    element("Enabled", enabled),
    // The service refuses the element where nothing is gathered.
    enabled ? element("IncludeAPIs", includeApis) : undefined,
    element("RetentionPolicy", [element("Enabled", days !== undefined), optional("Days", days)]),
  ]);
}

function ruleElement(rule: CorsRule): WrittenElement {
  const joined = (name: keyof CorsRule & `${string}s`): string => {
    const list = rule[name] as readonly string[];
    const wrong = list.find((entry) => entry === "" || entry.includes(","));
    if (wrong !== undefined) throw new TypeError(`${name} has ${shown(wrong)}: each entry is one name, without commas`);
    return list.join(",");
  };
  return element("CorsRule", [
    element("AllowedOrigins", joined("allowedOrigins")),
    element("AllowedMethods", joined("allowedMethods")),
    element("AllowedHeaders", joined("allowedHeaders")),
    element("ExposedHeaders", joined("exposedHeaders")),
    element("MaxAgeInSeconds", between("maxAgeInSeconds", rule.maxAgeInSeconds, 0, 2 ** 31 - 1, true)),
  ]);
}

/** What `getUserDelegationKey` takes. */
export interface GetUserDelegationKeyRequest extends ServiceRequest {
  /** When the key begins to be good; seconds count. @default at once */
  startsOn?: Date | string | undefined;
  /** When it ends, at most seven days from now; seconds count. */
  expiresOn: Date | string;
  /** Tenant of the only user who may use the tokens that the key signs, where it is not the tenant of whoever asks. */
  delegatedUserTenantId?: string | undefined;
}

/** A key and the request that brought it. */
export interface UserDelegationKeyGiven extends UserDelegationKey {
  readonly requestId: string | undefined;
}

/**
 * Asks for a key with which `userDelegationSas` of `azure-files/sas` mints tokens without the account's key. Takes a bearer token; no key
 * and no SAS will do.
 *
 * @throws ServiceError `AuthorizationPermissionMismatch` without the role for it; TypeError for what is no time, RangeError where the end is
 * not after the start.
 * @see https://learn.microsoft.com/rest/api/storageservices/get-user-delegation-key
 */
export async function getUserDelegationKey(connection: Connection, request: GetUserDelegationKeyRequest): Promise<UserDelegationKeyGiven> {
  const { start, expiry } = isoSpan(request.startsOn, request.expiresOn);
  if (expiry === undefined) throw new TypeError("expiresOn is needed");
  // Tokens say the key's times to the second.
  const seconds = (time: string | undefined): string | undefined => time && new Date(time).toISOString().replace(/\.\d+/, "");
  const info = [
    optional("Start", seconds(start)),
    optional("Expiry", seconds(expiry)),
    optional("DelegatedUserTid", request.delegatedUserTenantId),
  ];
  const { headers, payload } = await connection.send({
    operation: "Get User Delegation Key",
    method: "POST",
    target: {},
    query: { restype: "service", comp: "userdelegationkey" },
    headers: { "content-type": "application/xml" },
    body: xmlBody(element("KeyInfo", info)),
    success: [200],
    idempotent: true,
    read: readText,
    signal: request.signal,
  });
  const key = await parseXml(payload, "UserDelegationKey");
  const field = (name: string): string => {
    const value = childText(key, name);
    if (value === undefined) throw new IntegrityError("listing", `the answer has a key without ${name}`);
    return value;
  };
  const signedDelegatedUserTid = childText(key, "SignedDelegatedUserTid");
  return {
    signedOid: field("SignedOid"),
    signedTid: field("SignedTid"),
    signedStart: field("SignedStart"),
    signedExpiry: field("SignedExpiry"),
    signedService: field("SignedService"),
    signedVersion: field("SignedVersion"),
    ...(signedDelegatedUserTid === undefined ? {} : { signedDelegatedUserTid }),
    value: field("Value"),
    requestId: text(headers, "x-ms-request-id"),
  };
}
