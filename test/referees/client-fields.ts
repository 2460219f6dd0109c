/**
 * Pieces of what the client has to make of a recorded answer.
 */
import type { Exchange } from "./recording.js";
import { childOf, parse, textOf, type XmlNode } from "./xml.js";

/** Values by field. */
export type Fields = Readonly<Record<string, unknown>>;

/** A header as it stands. */
export const text = (exchange: Exchange, name: string): string | undefined => exchange.responseHeaders[name];

/** A number. */
export const number = (value: string | undefined): number | undefined => (value === undefined ? undefined : Number(value));

/** A moment. */
export const date = (value: string | undefined): Date | undefined => (value === undefined ? undefined : new Date(value));

/** True or false. */
export const flag = (value: string | undefined): boolean | undefined => (value === undefined ? undefined : value.toLowerCase() === "true");

/** What every change tells. */
export const changed = (exchange: Exchange): Fields => ({
  etag: text(exchange, "etag"),
  lastModified: date(text(exchange, "last-modified")),
  requestId: text(exchange, "x-ms-request-id"),
});

/** The state of a lease. */
export const lease = (exchange: Exchange): Fields => ({
  leaseStatus: text(exchange, "x-ms-lease-status"),
  leaseState: text(exchange, "x-ms-lease-state"),
  leaseDuration: text(exchange, "x-ms-lease-duration"),
});

/** All metadata. */
export function metadata(exchange: Exchange): Fields {
  const entries = Object.entries(exchange.responseHeaders).filter(([name]) => name.startsWith("x-ms-meta-"));
  return { metadata: Object.fromEntries(entries.map(([name, value]) => [name.slice(10), value])) };
}

/** Without the fields that are undefined, which entries of listings leave out. */
export const said = (fields: Fields): Fields => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

/** The texts of an element's children by their names. */
export const leaves = (node: XmlNode | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries((node?.children ?? []).map((leaf) => [leaf.name, leaf.text]));

/** A page of a listing. */
export function page(exchange: Exchange, list: string, map: (node: XmlNode) => Fields): Fields {
  const root = parse(exchange.responseBody ?? "");
  return { entries: (childOf(root, list)?.children ?? []).map(map), marker: textOf(root, "NextMarker") };
}
