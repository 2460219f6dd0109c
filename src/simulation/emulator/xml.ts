/** XML as the service writes it: a byte order mark, a declaration, no white space. Written by hand; nothing is parsed here. */

/** Text safe between tags and in attributes. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) =>
    character === "&" ? "&amp;" : character === "<" ? "&lt;" : character === ">" ? "&gt;" : "&quot;",
  );
}

/** An element around markup; without any it is written `<Name />`. */
export function element(name: string, markup: string, attributes = ""): string {
  const start = attributes ? `${name} ${attributes}` : name;
  return markup === "" ? `<${start} />` : `<${start}>${markup}</${name}>`;
}

/** An element around text; quotes stay as they are, as in `<Etag>"0x8D…"</Etag>`. */
export function textElement(name: string, text: string | number | bigint): string {
  return element(name, escapeXml(String(text)).replaceAll("&quot;", '"'));
}

/** Anything XML 1.0 cannot hold, not even as a reference; with the `u` flag a lone surrogate is such a character. */
const illegal = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/** Whether a name holds characters that XML cannot, so that it travels percent-encoded. */
export function needsEncoding(name: string): boolean {
  return illegal.test(name);
}

/** A name as an element, marked `Encoded="true"` where XML cannot hold it. */
export function nameElement(element_: string, name: string): string {
  return needsEncoding(name) ? element(element_, encodeName(name), 'Encoded="true"') : textElement(element_, name);
}

/** Percent-encodes a whole name, so that a reader decodes it once. */
export function encodeName(name: string): string {
  return encodeURIComponent(name);
}

/** Text with what XML cannot hold replaced, for echoing what a client sent. */
export function printable(text: string): string {
  return text.replace(new RegExp(illegal, "gu"), "\uFFFD");
}

/** A whole document, ready to be sent. */
export function xmlDocument(root: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`\uFEFF<?xml version="1.0" encoding="utf-8"?>${root}`);
}
