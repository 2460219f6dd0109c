/** Reads the XML documents that clients send: the only file of the emulator that parses XML. */
import { XMLParser, XMLValidator } from "fast-xml-parser";
import type { Exchange } from "./exchange.js";
import { Failure } from "./failures.js";

/** An element with its children in order, and its text where it has none. */
export interface XmlElement {
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** `InvalidXmlDocument`. The service tells no place, whatever is wrong: as recorded. */
export function invalidDocument(): Failure {
  return new Failure("InvalidXmlDocument", {
    details: [
      ["LineNumber", "0"],
      ["LinePosition", "0"],
      ["Reason", ""],
    ],
  });
}

/** `UnsupportedXmlNode` for an element that does not belong where it is. */
export function unsupportedNode(name: string): Failure {
  return new Failure("UnsupportedXmlNode", { details: [["XmlNodeName", name]] });
}

/** `InvalidXmlNodeValue` for an element whose text is not what it should be. */
export function badNode(name: string, value: string): Failure {
  return new Failure("InvalidXmlNodeValue", {
    details: [
      ["XmlNodeName", name],
      ["XmlNodeValue", value],
    ],
  });
}

/** `MissingRequiredXmlNode`. */
export function missingNode(name: string): Failure {
  return new Failure("MissingRequiredXmlNode", { details: [["XmlNodeName", name]] });
}

type Ordered = Readonly<Record<string, unknown>>;

function elementOf(node: Ordered): XmlElement | undefined {
  const name = Object.keys(node).find((key) => key !== ":@");
  if (name === undefined || name.startsWith("#") || name.startsWith("?")) return undefined;
  const inner = node[name] as readonly Ordered[];
  return {
    name,
    text: inner.map((child) => (typeof child["#text"] === "string" ? child["#text"] : "")).join(""),
    children: inner.map(elementOf).filter((child) => child !== undefined),
  };
}

const commentOrData = /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>/g;
/** What no such document may have: a document type, and with it entities of one's own. */
const foreignMarkup = /<!|&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);)/i;

function isWellFormed(text: string): boolean {
  return !foreignMarkup.test(text.replace(commentOrData, "")) && XMLValidator.validate(text) === true;
}

/** The root element of a request's body; undefined for an empty body. Throws `InvalidXmlDocument`. */
export async function readXml(exchange: Exchange, root: string): Promise<XmlElement | undefined> {
  const text = new TextDecoder().decode(await exchange.body.bytes()).trim();
  if (text === "") return undefined;
  if (!isWellFormed(text)) throw invalidDocument();
  // Without htmlEntities the parser leaves numeric references such as &#13; as they are.
  const options = { preserveOrder: true, parseTagValue: false, trimValues: false, ignoreAttributes: true, htmlEntities: true };
  const parser = new XMLParser(options);
  let nodes: Ordered[];
  try {
    nodes = parser.parse(text) as Ordered[];
  } catch {
    throw invalidDocument();
  }
  const elements = nodes.map(elementOf).filter((element) => element !== undefined);
  if (elements.length !== 1 || elements[0]?.name !== root) throw invalidDocument();
  return elements[0];
}

/** The child of a name; undefined where there is none. Throws `InvalidXmlDocument` where there are several. */
export function onlyChild(element: XmlElement | undefined, name: string): XmlElement | undefined {
  const found = element?.children.filter((child) => child.name === name) ?? [];
  if (found.length > 1) throw invalidDocument();
  return found[0];
}

/** The text of a child, which has to be there. */
export function textOf(element: XmlElement, name: string): string {
  const child = onlyChild(element, name);
  if (!child) throw missingNode(name);
  return child.text.trim();
}

/** Throws `UnsupportedXmlNode` for a child with any other name. */
export function allowOnly(element: XmlElement, names: readonly string[]): void {
  const other = element.children.find((child) => !names.includes(child.name));
  if (other) throw unsupportedNode(other.name);
}
