/**
 * The client's call for a recorded request: its options are read from the request's address and headers.
 */
import * as directories from "../../src/services/directories.js";
import * as files from "../../src/services/files.js";
import type { Connection } from "../../src/types/connection.js";
import type { OperationName } from "../../src/types/requests.js";
import { type Call, firstPage, number, optionsOf, paging, words } from "./client-options.js";
import { shareCalls } from "./client-share-calls.js";
import { type Exchange, requestBody, responseBody } from "./recording.js";

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

/** One call for each operation. */
export const calls: Readonly<Partial<Record<OperationName, Call>>> = {
  ...shareCalls,
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
