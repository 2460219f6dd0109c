/**
 * The client's call for a recorded request: its options are read from the request's address and headers.
 */
import * as directories from "../../src/services/directories.js";
import * as files from "../../src/services/files.js";
import * as shares from "../../src/services/shares.js";
import type { Listing, Page } from "../../src/services/listing.js";
import type { Connection } from "../../src/types/connection.js";
import type { ContentProperties, SmbOptions } from "../../src/types/properties.js";
import type { OperationName } from "../../src/types/requests.js";
import { type Exchange, requestBody, responseBody } from "./recording.js";

const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));

/** The options of a request that are headers. */
function optionsOf(exchange: Exchange) {
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
    leaseId: headers["x-ms-lease-id"],
    metadata: Object.fromEntries(meta.map(([name, value]) => [name.slice("x-ms-meta-".length), value])),
    content,
    smb,
  };
}

/** Offset and count of a range, for a request that has one. */
function rangeOf(exchange: Exchange): { offset?: number; count?: number } {
  const [, start, end] = /^bytes=(\d+)-(\d+)?$/.exec(exchange.requestHeaders["x-ms-range"] ?? "") ?? [];
  if (start === undefined) return {};
  return end === undefined ? { offset: Number(start) } : { offset: Number(start), count: Number(end) - Number(start) + 1 };
}

function contentOf(exchange: Exchange) {
  const lastWriteTime = exchange.requestHeaders["x-ms-file-last-write-time"] as "Now" | undefined;
  return { body: requestBody(exchange).bytes, contentMd5: exchange.requestHeaders["content-md5"], lastWriteTime };
}

const inclusions = { timestamps: "timestamps", etag: "etag", attributes: "attributes", permissionkey: "permissionKey" } as const;

const words = (exchange: Exchange): string[] => (exchange.query.get("include") ?? "").split(",").filter(Boolean);

const paging = ({ query }: Exchange) => ({ prefix: query.get("prefix"), pageSize: number(query.get("maxresults")) });

async function firstPage<T>(listing: Listing<T>, exchange: Exchange): Promise<Page<T> | undefined> {
  for await (const page of listing.pages({ marker: exchange.query.get("marker") })) return page;
  return undefined;
}

async function read(connection: Connection, exchange: Exchange): Promise<unknown> {
  const {
    body: _,
    bytes,
    text: __,
    blob: ___,
    ...properties
  } = await files.read(connection, { ...optionsOf(exchange), ...rangeOf(exchange) });
  return { ...properties, bytes: Buffer.compare(await bytes(), responseBody(exchange).bytes) };
}

type Call = (connection: Connection, exchange: Exchange) => Promise<unknown>;

/** One call for each operation. */
export const calls: Readonly<Record<OperationName, Call>> = {
  "List Shares": (connection, exchange) => {
    const include = words(exchange) as ("metadata" | "snapshots" | "deleted")[];
    return firstPage(shares.list(connection, { ...paging(exchange), include }), exchange);
  },
  "Create Share": (connection, exchange) => {
    const headers = exchange.requestHeaders;
    return shares.create(connection, {
      ...optionsOf(exchange),
      quotaGiB: number(headers["x-ms-share-quota"]),
      accessTier: headers["x-ms-access-tier"],
      enabledProtocols: headers["x-ms-enabled-protocols"] as "NFS" | undefined,
      rootSquash: headers["x-ms-root-squash"] as "AllSquash" | undefined,
    });
  },
  "Get Share Properties": (connection, exchange) => shares.getProperties(connection, optionsOf(exchange)),
  "Delete Share": (connection, exchange) =>
    shares.delete(connection, {
      ...optionsOf(exchange),
      deleteSnapshots: exchange.requestHeaders["x-ms-delete-snapshots"] as "include" | undefined,
    }),
  "Create Directory": (connection, exchange) => directories.create(connection, optionsOf(exchange)),
  "Get Directory Properties": (connection, exchange) => directories.getProperties(connection, optionsOf(exchange)),
  "Delete Directory": (connection, exchange) => directories.delete(connection, optionsOf(exchange)),
  "List Directories and Files": (connection, exchange) => {
    const include = words(exchange).map((word) => inclusions[word.toLowerCase() as "etag"]);
    return firstPage(directories.list(connection, { ...optionsOf(exchange), ...paging(exchange), include }), exchange);
  },
  "Create File": (connection, exchange) =>
    files.create(connection, { ...optionsOf(exchange), size: Number(exchange.requestHeaders["x-ms-content-length"] ?? 0) }),
  "Get File": read,
  "Get File Properties": (connection, exchange) => files.getProperties(connection, optionsOf(exchange)),
  "Delete File": (connection, exchange) => files.delete(connection, optionsOf(exchange)),
  "Set File Properties": (connection, exchange) =>
    files.setProperties(connection, { ...optionsOf(exchange), size: number(exchange.requestHeaders["x-ms-content-length"]) }),
  "Set File Metadata": (connection, exchange) => files.setMetadata(connection, optionsOf(exchange)),
  "Put Range": (connection, exchange) =>
    files.putRange(connection, { ...optionsOf(exchange), offset: rangeOf(exchange).offset ?? 0, ...contentOf(exchange) }),
  "Clear Range": (connection, exchange) => {
    const { lastWriteTime } = contentOf(exchange);
    const { offset = 0, count = 0 } = rangeOf(exchange);
    return files.clearRange(connection, { ...optionsOf(exchange), offset, count, lastWriteTime });
  },
  "List Ranges": (connection, exchange) => files.listRanges(connection, { ...optionsOf(exchange), ...rangeOf(exchange) }),
};

/** Whether the client has the operation. */
export const isCallable = (operation: string | undefined): operation is OperationName => operation !== undefined && operation in calls;
