/**
 * Reads the service's XML documents.
 */
import { xmlParser } from "#xml-parser";
import { IntegrityError } from "../errors.js";

/** An element: its text where it has no children, otherwise its children under ".name", attributes under "@name" and text under "#text". */
export type Element = string | { readonly [name: string]: Element | readonly Element[] | undefined };

/**
 * Parses a document and returns its root element's content. Values stay text: a share named "123" and a 64-bit id are no numbers, and
 * blanks around a name belong to it. Read what may be there several times with `children`: a single one is no array.
 *
 * @throws IntegrityError for what is not XML or has another root.
 */
export async function parseXml(document: string, root: string): Promise<Element> {
  const XMLParser = await xmlParser();
  // Made per document and not at import: a page that never lists must not carry the parser.
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "@",
    ignoreDeclaration: true,
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
    // With this it resolves numeric references, too.
    htmlEntities: true,
    // The parser refuses a document with an element such as <constructor>, as metadata may have one; with a dot, which no name begins with,
    // it is a name like any other. Elements that close themselves come by twice.
    transformTagName: (name) => (name.startsWith(".") ? name : `.${name}`),
  });
  let parsed: Record<string, Element>;
  try {
    parsed = parser.parse(document, true) as Record<string, Element>;
  } catch (error) {
    throw new IntegrityError("listing", `the answer is not the XML it should be: ${(error as Error).message}`, { cause: error });
  }
  const element = parsed[`.${root}`];
  if (element === undefined) throw new IntegrityError("listing", `the answer is XML without the element ${root}`);
  return element;
}

/** The child of an element; undefined where there is none. */
export function child(element: Element | undefined, name: string): Element | undefined {
  return children(element, name)[0];
}

/** The children of one name, however many there are. */
export function children(element: Element | undefined, name: string): readonly Element[] {
  if (typeof element !== "object") return [];
  const value = element[`.${name}`];
  return value === undefined ? [] : Array.isArray(value) ? (value as readonly Element[]) : [value as Element];
}

/** The text of a child; undefined where there is no such child or it is empty. */
export function childText(element: Element | undefined, name: string): string | undefined {
  const value = child(element, name);
  const content = typeof value === "object" ? value["#text"] : value;
  return typeof content === "string" && content !== "" ? content : undefined;
}

/**
 * The name in a child, decoded where the service encoded it because XML cannot hold one of its characters.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/list-directories-and-files#response-body
 */
export function childName(element: Element | undefined, name: string): string {
  const value = childText(element, name) ?? "";
  const named = child(element, name);
  const encoded = typeof named === "object" && named["@Encoded"] === "true";
  try {
    return encoded ? decodeURIComponent(value) : value;
  } catch (error) {
    throw new IntegrityError("listing", `the ${name} ${JSON.stringify(value)} is said to be encoded and is not`, { cause: error });
  }
}

/** The children of an element that are plain text, by name. */
export function leaves(element: Element | undefined): Record<string, string> {
  const entries = typeof element === "object" ? Object.entries(element) : [];
  return Object.fromEntries(
    entries.flatMap(([name, value]) => (name.startsWith(".") && typeof value === "string" ? [[name.slice(1), value]] : [])),
  );
}
