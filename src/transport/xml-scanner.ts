/**
 * Reads the service's bulk documents, listings, in one pass and without a tree: one of 50,000 entries costs a seventh of what a general
 * parser takes. It knows elements, attributes, text and character references, which is all that the service writes; what
 * else XML has (comments, CDATA, document types) is refused, never misread. All other documents are read by `xml.ts`.
 */
import { IntegrityError } from "../errors.js";

/** What is called as the elements go by, in the order of the document. */
export interface XmlVisitor {
  /** An element that has child elements begins. */
  open?(name: string): void;
  /** An element without child elements: its text, and what stands behind its name in the tag. */
  leaf(name: string, text: string, attributes: string): void;
  /** An element that has child elements ends. */
  close?(name: string): void;
}

const malformed = (what: string): IntegrityError => new IntegrityError("listing", `the answer is not the XML it should be: ${what}`);

/**
 * Goes over a document whose root element is `root`.
 *
 * @throws IntegrityError `listing` for what is not well-formed, is cut off, or has another root.
 */
export function scanXml(xml: string, root: string, visitor: XmlVisitor): void {
  const open: string[] = [];
  /** Names that were looked at before: a document has few, and each thousands of times. */
  const known = new Set<string>();
  let seen = false;
  let at = xml.indexOf("<");
  if (xml.startsWith("<?xml", at)) at = xml.indexOf("<", xml.indexOf("?>", at) + 1 || xml.length);
  while (at >= 0) {
    const end = xml.indexOf(">", at);
    if (end < 0) throw malformed("a tag has no end");
    if (xml.charCodeAt(at + 1) === SLASH) {
      const name = xml.slice(at + 2, end).trimEnd();
      if (open.pop() !== name) throw malformed(`</${name.slice(0, 40)}> ends nothing`);
      visitor.close?.(name);
      at = xml.indexOf("<", end);
      continue;
    }
    if (open.length === 0 && seen) throw malformed("something follows the root element");
    seen = true;
    const empty = xml.charCodeAt(end - 1) === SLASH;
    const tag = xml.slice(at + 1, empty ? end - 1 : end);
    // Most tags are a name and nothing else.
    const space = known.has(tag) ? -1 : tag.search(/\s/);
    const name = space < 0 ? tag : tag.slice(0, space);
    if (!known.has(name) && !NAME.test(name)) throw malformed(`an element is called ${JSON.stringify(name.slice(0, 40))}`);
    known.add(name);
    if (open.length === 0 && name !== root) throw malformed(`it has no element ${root}`);
    const attributes = space < 0 ? "" : tag.slice(space);
    if (attributes !== "" && !ATTRIBUTES.test(attributes)) throw malformed(`attributes of ${name}`);
    if (empty) {
      visitor.leaf(name, "", attributes);
      at = xml.indexOf("<", end);
      continue;
    }
    const next = xml.indexOf("<", end);
    if (next < 0) throw malformed(`<${name}> has no end`);
    if (xml.charCodeAt(next + 1) === SLASH) {
      const close = xml.indexOf(">", next);
      if (close < 0 || xml.slice(next + 2, close).trimEnd() !== name) throw malformed(`<${name}> has no end`);
      visitor.leaf(name, unescapeXml(xml.slice(end + 1, next)), attributes);
      at = xml.indexOf("<", close);
    } else {
      open.push(name);
      visitor.open?.(name);
      at = next;
    }
  }
  if (open.length > 0 || !seen) throw malformed(seen ? `<${open.at(-1)}> has no end` : "it has no element");
}

const SLASH = 47;
const NAME = /^[\p{L}_][\p{L}\p{N}_.:-]*$/u;
const ATTRIBUTES = /^(?:\s+[\p{L}_][\p{L}\p{N}_.:-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*$/u;

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

/** Text with its references resolved. An unknown one stays as it is. */
export function unescapeXml(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|([a-z]+));/g, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return ENTITIES[name] ?? whole;
    const code = decimal === undefined ? parseInt(hex ?? "", 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** A name, decoded where its element says that XML could not hold it. @throws IntegrityError where it is said to be encoded and is not. */
export function decodeName(text: string, attributes: string): string {
  if (!/\bEncoded\s*=\s*["']true["']/.test(attributes)) return text;
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw new IntegrityError("listing", `the name ${JSON.stringify(text)} is said to be encoded and is not`, { cause: error });
  }
}
