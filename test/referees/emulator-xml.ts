/**
 * XML of the emulator against recorded XML: elements and attributes in the same order, and their values by rule.
 */
import { type Exchange, requestBody, responseBody } from "./recording.js";
import type { Pairs, Rule } from "./values.js";
import { parse, type XmlNode } from "./xml.js";

const rules: Readonly<Record<string, Rule>> = {
  FileId: "id",
  DirectoryId: "id",
  PermissionKey: "key",
  Etag: "tick",
  CreationTime: "tick",
  LastAccessTime: "tick",
  LastWriteTime: "tick",
  ChangeTime: "tick",
  "Last-Modified": "date",
  AccessTierChangeTime: "date",
  NextAllowedQuotaDowngradeTime: "date",
  DeletedTime: "date",
  Snapshot: "snapshot",
  SignedOid: "any",
  SignedTid: "any",
  Value: "any",
  // The account's default, or its name, which recorders replace.
  Quota: "any",
  ServiceEndpoint: "any",
};

/** A refusal's message ends with a line for the request's id and one for the time. */
const tail = /\nRequestId:[0-9a-f-]{36}\nTime:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/;

function compareMessage(recorded: string, emulated: string): string[] {
  if (!tail.test(recorded) || !tail.test(emulated)) return [`Message has another form: ${emulated}, recorded ${recorded}`];
  return recorded.replace(tail, "") === emulated.replace(tail, "") ? [] : [`Message is ${emulated}, recorded ${recorded}`];
}

/** A kind of account without tiers does not speak of them. */
const withoutTiers = (children: readonly XmlNode[]): XmlNode[] => children.filter(({ name }) => !name.startsWith("AccessTier"));

/** How the text of an element is held. */
function ruleOf(name: string, exchange: Exchange): Rule {
  if (name === "Version" && exchange.operation === "List Shares") return "deletion";
  // Decided by request headers that the recorder did not keep.
  if (exchange.requestBodyNotRecorded && (name === "AccessTier" || name === "Content-Length")) return "any";
  if (name === "ServerCalculatedMd5" && !requestBody(exchange).whole) return "any";
  return rules[name] ?? "equal";
}

/** A marker of shares without the account's name, which recorders replace in addresses only, and without what names a version of a share. */
const markerShape = (text: string): string => text.replace(/^\/[^/]+\//, "/").replace(/\/[0-9A-F]{16}\//, "/version/");

/** A marker of shares has the form that was recorded, and is taken back in its place; any other is the same. */
function compareMarker(recorded: string, emulated: string, exchange: Exchange, pairs: Pairs): string[] {
  if (markerShape(recorded) !== markerShape(emulated)) return [`NextMarker is ${emulated}, recorded ${recorded}`];
  const complaint =
    recorded === "" || exchange.operation !== "List Shares" ? undefined : pairs.complaint("marker", recorded, emulated, exchange);
  return complaint === undefined ? [] : [`NextMarker ${complaint}`];
}

function compareNode(recorded: XmlNode, emulated: XmlNode, exchange: Exchange, pairs: Pairs, tiers: boolean): string[] {
  const { name } = recorded;
  const names = (node: readonly XmlNode[]): string => node.map((child) => child.name).join(", ");
  const held = (what: string, rule: Rule, was: string, is: string): string[] => {
    const complaint = pairs.complaint(rule, was, is, exchange);
    return complaint === undefined ? [] : [`${what} ${complaint}`];
  };
  const complaints = held(
    `attributes of ${name}`,
    "equal",
    recorded.attributes.map(([key]) => key).join(),
    emulated.attributes.map(([key]) => key).join(),
  );
  for (const [index, [key, value]] of recorded.attributes.entries()) {
    complaints.push(...held(`${name} ${key}`, ruleOf(key, exchange), value, emulated.attributes[index]?.[1] ?? ""));
  }
  const [left, right] = tiers ? [recorded.children, emulated.children] : [recorded.children, withoutTiers(emulated.children)];
  if (names(left) !== names(right)) return [...complaints, `${name} holds ${names(right)}, recorded ${names(left)}`];
  for (const [index, child] of left.entries()) complaints.push(...compareNode(child, right[index] as XmlNode, exchange, pairs, tiers));
  if (left.length > 0) return complaints;
  if (name === "Message") return [...complaints, ...compareMessage(recorded.text, emulated.text)];
  if (name === "NextMarker" || name === "Marker") return [...complaints, ...compareMarker(recorded.text, emulated.text, exchange, pairs)];
  return [...complaints, ...held(name, ruleOf(name, exchange), recorded.text, emulated.text)];
}

/** What is wrong with an emulated document. */
export function compareXml(exchange: Exchange, emulated: string, pairs: Pairs): string[] {
  const recorded = new TextDecoder("utf-8", { ignoreBOM: true }).decode(responseBody(exchange).bytes);
  const start = /^\uFEFF<\?xml version="1\.0" encoding="utf-8"\?></;
  if (start.test(recorded) && !start.test(emulated)) return [`does not begin as recorded: ${emulated.slice(0, 60)}`];
  return compareNode(parse(recorded), parse(emulated), exchange, pairs, recorded.includes("<AccessTier"));
}
