/**
 * Options of the client's operations, read from the address and the headers of a recorded request.
 */
import { asyncDispose } from "../../src/platform.js";
import type { Lease, LeaseHeld, ShareLease } from "../../src/services/leases.js";
import type { Listing, Page } from "../../src/services/listing.js";
import type { Connection } from "../../src/types/connection.js";
import type { ContentProperties, NfsOptions, SmbOptions } from "../../src/types/properties.js";
import type { Exchange } from "./recording.js";

/** Makes the client do what was recorded. */
export type Call = (connection: Connection, exchange: Exchange) => Promise<unknown>;

/** A number. */
export const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));

/** True or false. */
export const flag = (text: string | undefined): boolean | undefined => (text === undefined ? undefined : text.toLowerCase() === "true");

/** What the service said of a lease: all that `acquire` resolves with, but for what the client itself hangs on it. */
export async function saidOfLease(acquired: Promise<Lease & Partial<Pick<ShareLease, "renew">>>): Promise<LeaseHeld & { id: string }> {
  const { signal: _, resource: __, guard: ___, cover: ____, renew: _____, release: ______, ...rest } = await acquired;
  const { [asyncDispose()]: _______, ...said } = rest;
  return said;
}

/** Offset and count of a range, for a request that has one. */
export function rangeOf(exchange: Exchange, header = "x-ms-range"): { offset?: number; count?: number } {
  const [, start, end] = /^bytes=(\d+)-(\d+)?$/.exec(exchange.requestHeaders[header] ?? "") ?? [];
  if (start === undefined) return {};
  return end === undefined ? { offset: Number(start) } : { offset: Number(start), count: Number(end) - Number(start) + 1 };
}

/** What most operations take. */
export interface Options {
  readonly share: string;
  readonly path: string;
  readonly snapshot: string | undefined;
  readonly leaseId: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly content: Required<ContentProperties>;
  readonly smb: SmbOptions;
  readonly nfs: NfsOptions;
}

/** The options of a request that are headers. */
export function optionsOf(exchange: Exchange): Options {
  const { requestHeaders: headers } = exchange;
  const meta = Object.entries(headers).filter(([name]) => name.startsWith("x-ms-meta-"));
  // "" for those that are not sent: the client then does not look up what they are.
  const content: Required<ContentProperties> = {
    type: headers["x-ms-content-type"] ?? "",
    encoding: headers["x-ms-content-encoding"] ?? "",
    language: headers["x-ms-content-language"] ?? "",
    disposition: headers["x-ms-content-disposition"] ?? "",
    cacheControl: headers["x-ms-cache-control"] ?? "",
    md5: headers["x-ms-content-md5"] ?? "",
  };
  const smb: SmbOptions = {
    attributes: headers["x-ms-file-attributes"],
    creationTime: headers["x-ms-file-creation-time"],
    lastWriteTime: headers["x-ms-file-last-write-time"],
    changeTime: headers["x-ms-file-change-time"],
    permission: headers["x-ms-file-permission"],
    permissionKey: headers["x-ms-file-permission-key"],
    permissionFormat: headers["x-ms-file-permission-format"],
  };
  return {
    share: exchange.share,
    path: exchange.path.join("/"),
    snapshot: exchange.query.get("sharesnapshot"),
    leaseId: exchange.requestHeaders["x-ms-lease-id"],
    metadata: Object.fromEntries(meta.map(([name, value]) => [name.slice("x-ms-meta-".length), value])),
    content,
    smb,
    nfs: { owner: headers["x-ms-owner"], group: headers["x-ms-group"], mode: headers["x-ms-mode"] },
  };
}

/** The words of `include`. */
export const words = (exchange: Exchange): string[] => (exchange.query.get("include") ?? "").split(",").filter(Boolean);

/** How much of a listing is asked for. */
export const paging = ({ query }: Exchange): { prefix: string | undefined; pageSize: number | undefined } => ({
  prefix: query.get("prefix"),
  pageSize: number(query.get("maxresults")),
});

/** One page. */
export async function firstPage<T>(listing: Listing<T>, exchange: Exchange): Promise<Page<T> | undefined> {
  for await (const page of listing.pages({ marker: exchange.query.get("marker") })) return page;
  return undefined;
}
