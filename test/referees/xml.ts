/**
 * XML as a tree in document order, read by the parser's ordered mode and not by the client's code.
 */
import { XMLParser } from "fast-xml-parser";

/** An element with its attributes in order; `text` is undefined where it holds elements. */
export interface XmlNode {
  readonly name: string;
  readonly attributes: readonly (readonly [name: string, value: string])[];
  readonly children: readonly XmlNode[];
  readonly text: string;
}

type Ordered = Record<string, Ordered[] | string | Record<string, string>>;

function nodeOf(ordered: Ordered): XmlNode {
  const name = Object.keys(ordered).find((key) => key !== ":@") ?? "";
  const inner = ordered[name] as Ordered[];
  const text = inner.map((part) => (typeof part["#text"] === "string" ? part["#text"] : "")).join("");
  const children = inner.filter((part) => !("#text" in part)).map(nodeOf);
  return { name, attributes: Object.entries((ordered[":@"] ?? {}) as Record<string, string>), children, text };
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: "",
  ignoreDeclaration: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
});

/** The root element of a document; a byte order mark before it is allowed. */
export function parse(document: string): XmlNode {
  const [root] = parser.parse(document.replace(/^\uFEFF/, ""), true) as Ordered[];
  if (root === undefined) throw new Error("no root element");
  return nodeOf(root);
}

/** The first child of a name. */
export const childOf = (node: XmlNode | undefined, name: string): XmlNode | undefined =>
  node?.children.find((child) => child.name === name);

/** The text of the first child of a name; undefined where it is missing or empty. */
export const textOf = (node: XmlNode | undefined, name: string): string | undefined => childOf(node, name)?.text || undefined;

/** The name in an element's `Name`, decoded where it is marked as encoded. */
export function nameOf(node: XmlNode): string {
  const element = childOf(node, "Name");
  const encoded = element?.attributes.some(([name, value]) => name === "Encoded" && value === "true") ?? false;
  return encoded ? decodeURIComponent(element?.text ?? "") : (element?.text ?? "");
}
