/**
 * Get and Set File Service Properties: cross-origin rules, metrics, and settings of SMB and NFS.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/get-file-service-properties
 * @see https://learn.microsoft.com/rest/api/storageservices/set-file-service-properties
 */
import type { CorsRule } from "./cors.js";
import { emptyReply, xmlReply, type Exchange, type Reply } from "./exchange.js";
import { Failure } from "./failures.js";
import { allowOnly, badNode, invalidDocument, missingNode, onlyChild, readXml, textOf, type XmlElement } from "./xml-reader.js";
import { element, textElement, xmlDocument } from "./xml.js";

/** Which metrics are kept, and for how many days; undefined for ever. */
export interface Metrics {
  readonly version: string;
  readonly enabled: boolean;
  readonly includeApis: boolean | undefined;
  readonly retentionDays: number | undefined;
}

/** The properties of the file service. */
export interface ServiceProperties {
  cors: readonly CorsRule[];
  readonly hourMetrics: Metrics;
  readonly minuteMetrics: Metrics;
  readonly multichannel: boolean;
  /** Undefined until it is set. */
  readonly smbEncryption: boolean | undefined;
  readonly nfsEncryption: boolean | undefined;
}

/** As of a new account. */
export function defaultProperties(cors: readonly CorsRule[]): ServiceProperties {
  return {
    cors,
    hourMetrics: { version: "1.0", enabled: true, includeApis: true, retentionDays: 7 },
    minuteMetrics: { version: "1.0", enabled: false, includeApis: undefined, retentionDays: undefined },
    multichannel: false,
    smbEncryption: undefined,
    nfsEncryption: undefined,
  };
}

function readBoolean(parent: XmlElement, name: string): boolean {
  const text = textOf(parent, name);
  if (text !== "true" && text !== "false") throw badNode(name, text);
  return text === "true";
}

function readMetrics(root: XmlElement, name: string, current: Metrics): Metrics {
  const metrics = onlyChild(root, name);
  if (!metrics) return current;
  allowOnly(metrics, ["Version", "Enabled", "IncludeAPIs", "RetentionPolicy"]);
  const enabled = readBoolean(metrics, "Enabled");
  const retention = onlyChild(metrics, "RetentionPolicy");
  if (retention) allowOnly(retention, ["Enabled", "Days"]);
  const keeps = retention !== undefined && readBoolean(retention, "Enabled");
  // What does not apply may not be said.
  if ((!enabled && onlyChild(metrics, "IncludeAPIs")) || (!keeps && onlyChild(retention, "Days"))) throw invalidDocument();
  const days = keeps ? textOf(retention, "Days") : "";
  if (keeps && !(/^\d{1,3}$/.test(days) && Number(days) >= 1 && Number(days) <= 365)) throw badNode("Days", days);
  const version = textOf(metrics, "Version");
  if (version !== "1.0") throw badNode("Version", version);
  return {
    version,
    enabled,
    includeApis: enabled ? readBoolean(metrics, "IncludeAPIs") : undefined,
    retentionDays: keeps ? Number(days) : undefined,
  };
}

const mostRules = 5;
/** Characters of all rules together. */
const mostRuleText = 2048;
const methods = new Set(["DELETE", "GET", "HEAD", "MERGE", "PATCH", "POST", "OPTIONS", "PUT"]);

/** Names in a list with commas: at most 64 literal ones and two prefixes. */
function readNames(rule: XmlElement, name: string): string[] {
  const text = textOf(rule, name);
  const names = text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  const prefixes = names.filter((part) => part.endsWith("*") && part !== "*").length;
  if (names.length - prefixes > 64 || prefixes > 2 || names.some((part) => part.length > 256)) throw badNode(name, text.slice(0, 256));
  return names;
}

function readRule(rule: XmlElement): CorsRule {
  if (rule.name !== "CorsRule") throw invalidDocument();
  allowOnly(rule, ["AllowedOrigins", "AllowedMethods", "AllowedHeaders", "ExposedHeaders", "MaxAgeInSeconds"]);
  const allowedOrigins = readNames(rule, "AllowedOrigins");
  const allowedMethods = readNames(rule, "AllowedMethods");
  const age = textOf(rule, "MaxAgeInSeconds");
  if (allowedOrigins.length === 0) throw badNode("AllowedOrigins", "");
  if (allowedMethods.length === 0 || !allowedMethods.every((method) => methods.has(method))) {
    throw badNode("AllowedMethods", allowedMethods.join(","));
  }
  if (!/^\d{1,9}$/.test(age)) throw badNode("MaxAgeInSeconds", age);
  return {
    allowedOrigins,
    allowedMethods,
    allowedHeaders: readNames(rule, "AllowedHeaders"),
    exposedHeaders: readNames(rule, "ExposedHeaders"),
    maxAgeSeconds: Number(age),
  };
}

function readRules(root: XmlElement, current: readonly CorsRule[]): readonly CorsRule[] {
  const cors = onlyChild(root, "Cors");
  if (!cors) return current;
  if (cors.children.length > mostRules) throw invalidDocument();
  const rules = cors.children.map(readRule);
  const texts = cors.children.flatMap(({ children }) => children.map(({ text }) => text.length));
  if (texts.reduce((sum, length) => sum + length, 0) > mostRuleText) throw invalidDocument();
  return rules;
}

/** `<Name><EncryptionInTransit><Required>…`, or undefined. */
function readEncryption(protocol: XmlElement | undefined): boolean | undefined {
  const encryption = onlyChild(protocol, "EncryptionInTransit");
  if (!encryption) return undefined;
  allowOnly(encryption, ["Required"]);
  return readBoolean(encryption, "Required");
}

function readProtocols(root: XmlElement, exchange: Exchange): Pick<ServiceProperties, "multichannel" | "smbEncryption" | "nfsEncryption"> {
  const { properties, policy } = exchange.account;
  const settings = onlyChild(root, "ProtocolSettings");
  if (settings) allowOnly(settings, ["SMB", "NFS"]);
  const [smb, nfs] = [onlyChild(settings, "SMB"), onlyChild(settings, "NFS")];
  if (smb) allowOnly(smb, ["Multichannel", "EncryptionInTransit"]);
  if (nfs) allowOnly(nfs, ["EncryptionInTransit"]);
  const channels = onlyChild(smb, "Multichannel");
  const multichannel = channels ? readBoolean(channels, "Enabled") : properties.multichannel;
  if (multichannel && policy.kind === "standard") throw new Failure("FeatureNotSupportedOnStorageAccount");
  return {
    multichannel,
    smbEncryption: readEncryption(smb) ?? properties.smbEncryption,
    nfsEncryption: readEncryption(nfs) ?? properties.nfsEncryption,
  };
}

/** Protocol settings are read and told from the first version on, encryption in transit is told from the second. */
const [versionWithProtocols, versionWithEncryption] = ["2020-02-10", "2026-02-06"];

/** Set File Service Properties: what is left out keeps its value, and an empty `Cors` removes all rules. */
export async function setServiceProperties(exchange: Exchange): Promise<Reply> {
  const { account } = exchange;
  const root = await readXml(exchange, "StorageServiceProperties");
  if (!root) throw missingNode("StorageServiceProperties");
  const protocols = exchange.version >= versionWithProtocols ? ["ProtocolSettings"] : [];
  allowOnly(root, ["HourMetrics", "MinuteMetrics", "Cors", ...protocols]);
  const { properties } = account;
  account.properties = {
    hourMetrics: readMetrics(root, "HourMetrics", properties.hourMetrics),
    minuteMetrics: readMetrics(root, "MinuteMetrics", properties.minuteMetrics),
    cors: readRules(root, properties.cors),
    ...readProtocols(root, exchange),
  };
  return emptyReply(202);
}

function metricsElement(name: string, { version, enabled, includeApis, retentionDays }: Metrics): string {
  return element(
    name,
    textElement("Version", version) +
      textElement("Enabled", String(enabled)) +
      (includeApis === undefined ? "" : textElement("IncludeAPIs", String(includeApis))) +
      element(
        "RetentionPolicy",
        textElement("Enabled", String(retentionDays !== undefined)) +
          (retentionDays === undefined ? "" : textElement("Days", retentionDays)),
      ),
  );
}

function ruleElement(rule: CorsRule): string {
  return element(
    "CorsRule",
    textElement("AllowedMethods", rule.allowedMethods.join(",")) +
      textElement("AllowedOrigins", rule.allowedOrigins.join(",")) +
      textElement("AllowedHeaders", rule.allowedHeaders.join(",")) +
      textElement("ExposedHeaders", rule.exposedHeaders.join(",")) +
      textElement("MaxAgeInSeconds", rule.maxAgeSeconds),
  );
}

/** Get File Service Properties. */
export function getServiceProperties({ account, version }: Exchange): Reply {
  const { hourMetrics, minuteMetrics, cors, multichannel, smbEncryption, nfsEncryption } = account.properties;
  const encryption = (required: boolean | undefined): string =>
    required === undefined || version < versionWithEncryption
      ? ""
      : element("EncryptionInTransit", textElement("Required", String(required)));
  const nfs = encryption(nfsEncryption);
  const protocols =
    element("SMB", element("Multichannel", textElement("Enabled", String(multichannel))) + encryption(smbEncryption)) +
    (nfs === "" ? "" : element("NFS", nfs));
  const body =
    metricsElement("HourMetrics", hourMetrics) +
    metricsElement("MinuteMetrics", minuteMetrics) +
    element("Cors", cors.map(ruleElement).join("")) +
    (version >= versionWithProtocols ? element("ProtocolSettings", protocols) : "");
  return xmlReply(xmlDocument(element("StorageServiceProperties", body)));
}
