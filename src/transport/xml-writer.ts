/**
 * Writes the XML documents that a few operations send. What is written is escaped, and names are checked.
 */
import { shown } from "../redact.js";
import type { WireBody } from "../types/requests.js";

/** An element that is written already. Made by `element` only, so that nothing gets into a document unescaped. */
export interface WrittenElement {
  readonly xml: string;
}

/** What an element holds: text, or other elements; those that are undefined are left out. */
export type Content = string | number | boolean | readonly (WrittenElement | undefined)[];

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;" };

/**
 * Writes an element.
 *
 * @throws TypeError for a name that XML does not have, and for text with characters that XML cannot hold.
 */
export function element(name: string, content: Content): WrittenElement {
  if (!/^[A-Za-z_][\w.-]*$/.test(name)) throw new TypeError(`${shown(name)} is no name of an XML element`);
  const inner = typeof content === "object" ? content.map((child) => child?.xml ?? "").join("") : escaped(name, String(content));
  return { xml: inner === "" ? `<${name} />` : `<${name}>${inner}</${name}>` };
}

/** Writes an element where there is something to say. */
export const optional = (name: string, content: string | number | boolean | undefined): WrittenElement | undefined =>
  content === undefined ? undefined : element(name, content);

/** A document of one root element, as the body of a request. */
export const xmlBody = (root: WrittenElement): WireBody => new TextEncoder().encode(`<?xml version="1.0" encoding="utf-8"?>${root.xml}`);

/** Control characters, halves of surrogate pairs and two more. A carriage return would come out as a line feed, so it is escaped. */
const UNWRITABLE = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

function escaped(name: string, text: string): string {
  if (UNWRITABLE.test(text)) throw new TypeError(`${name} has a character that XML cannot hold`);
  return text.replace(/[&<>\r]/g, (character) => ENTITIES[character] ?? character);
}
