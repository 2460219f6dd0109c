/**
 * Reads the settings of the file service out of the document that holds them.
 */
import { child, children, childText, type Element, parseXml } from "../transport/xml.js";
import type { CorsRule, Metrics } from "../types/account.js";

/** The settings of the file service. */
export interface ServiceProperties {
  /** Rules for pages of other origins. */
  readonly cors: readonly CorsRule[];
  /** Statistics by the hour. */
  readonly hourMetrics: Metrics | undefined;
  /** Statistics by the minute. */
  readonly minuteMetrics: Metrics | undefined;
  /** Whether SMB clients may use several connections at once. */
  readonly smbMultichannel: boolean | undefined;
  /** Whether SMB clients must encrypt; undefined where it was never said. */
  readonly smbEncryptionInTransit: boolean | undefined;
  /** Whether NFS clients must encrypt; undefined where it was never said. */
  readonly nfsEncryptionInTransit: boolean | undefined;
  readonly requestId: string | undefined;
}

/** The settings in a document. @throws IntegrityError for what is none. */
export async function servicePropertiesOf(xml: string): Promise<Omit<ServiceProperties, "requestId">> {
  const root = await parseXml(xml, "StorageServiceProperties");
  const protocols = child(root, "ProtocolSettings");
  const [smb, nfs] = [child(protocols, "SMB"), child(protocols, "NFS")];
  return {
    cors: children(child(root, "Cors"), "CorsRule").map(ruleOf),
    hourMetrics: metricsOf(child(root, "HourMetrics")),
    minuteMetrics: metricsOf(child(root, "MinuteMetrics")),
    smbMultichannel: flagOf(child(smb, "Multichannel"), "Enabled"),
    smbEncryptionInTransit: flagOf(child(smb, "EncryptionInTransit"), "Required"),
    nfsEncryptionInTransit: flagOf(child(nfs, "EncryptionInTransit"), "Required"),
  };
}

const flagOf = (element: Element | undefined, name: string): boolean | undefined => {
  const value = childText(element, name)?.toLowerCase();
  return value === "true" ? true : value === "false" ? false : undefined;
};

function metricsOf(element: Element | undefined): Metrics | undefined {
  const enabled = flagOf(element, "Enabled");
  if (enabled === undefined) return undefined;
  const policy = child(element, "RetentionPolicy");
  const includeApis = flagOf(element, "IncludeAPIs");
  return {
    version: childText(element, "Version"),
    enabled,
    ...(includeApis === undefined ? {} : { includeApis }),
    ...(flagOf(policy, "Enabled") ? { retentionDays: Number(childText(policy, "Days")) } : {}),
  };
}

function ruleOf(element: Element): CorsRule {
  const list = (name: string): string[] =>
    (childText(element, name) ?? "")
      .split(",")
      .map((entry) => entry.trim())
      .filter(Boolean);
  return {
    allowedOrigins: list("AllowedOrigins"),
    allowedMethods: list("AllowedMethods"),
    allowedHeaders: list("AllowedHeaders"),
    exposedHeaders: list("ExposedHeaders"),
    maxAgeInSeconds: Number(childText(element, "MaxAgeInSeconds") ?? 0),
  };
}
