/**
 * The client's call for a recorded request about a directory, or about handles.
 */
import * as directories from "../../src/services/directories.js";
import * as files from "../../src/services/files.js";
import type { DirectoryOperation } from "../../src/types/requests.js";
import { type Call, firstPage, flag, optionsOf, paging, words } from "./client-options.js";
import { type Exchange, isOf } from "./recording.js";

const inclusions = { timestamps: "timestamps", etag: "etag", attributes: "attributes", permissionkey: "permissionKey" } as const;

/** Operations on handles are the same for both; which of the client's it is, what went before tells. */
const isDirectory = (exchange: Exchange): boolean =>
  exchange.path.length === 0 || exchange.earlier.some((other) => isOf(other, exchange) && other.operation === "Create Directory");

/** One call for each operation. */
export const directoryCalls: Readonly<Record<DirectoryOperation, Call>> = {
  "Create Directory": (connection, exchange) =>
    directories.create(connection, {
      ...optionsOf(exchange),
      propertySemantics: exchange.requestHeaders["x-ms-file-property-semantics"],
    }),
  "Get Directory Properties": (connection, exchange) =>
    directories.getProperties(connection, { ...optionsOf(exchange), method: exchange.method as "GET" }),
  "Set Directory Properties": (connection, exchange) => directories.setProperties(connection, optionsOf(exchange)),
  "Get Directory Metadata": (connection, exchange) =>
    directories.getMetadata(connection, { ...optionsOf(exchange), method: exchange.method as "GET" }),
  "Set Directory Metadata": (connection, exchange) => directories.setMetadata(connection, optionsOf(exchange)),
  "Delete Directory": (connection, exchange) => directories.delete(connection, optionsOf(exchange)),
  "Rename Directory": (connection, exchange) => {
    const { path: to, smb, metadata, share } = optionsOf(exchange);
    const { requestHeaders: headers } = exchange;
    return directories.rename(connection, {
      share,
      path: "removed",
      to,
      smb,
      metadata,
      replaceIfExists: flag(headers["x-ms-file-rename-replace-if-exists"]),
      ignoreReadOnly: flag(headers["x-ms-file-rename-ignore-readonly"]),
      sourceLeaseId: headers["x-ms-source-lease-id"],
      destinationLeaseId: headers["x-ms-destination-lease-id"],
    });
  },
  "List Directories and Files": (connection, exchange) => {
    const include = words(exchange).map((word) => inclusions[word.toLowerCase() as "etag"]);
    return firstPage(directories.list(connection, { ...optionsOf(exchange), ...paging(exchange), include }), exchange);
  },
  "List Handles": (connection, exchange) => {
    const { pageSize } = paging(exchange);
    const options = { ...optionsOf(exchange), pageSize, recursive: flag(exchange.requestHeaders["x-ms-recursive"]) };
    return firstPage(
      isDirectory(exchange) ? directories.listHandles(connection, options) : files.listHandles(connection, options),
      exchange,
    );
  },
  "Force Close Handles": (connection, exchange) => {
    const { requestHeaders: headers } = exchange;
    const options = { ...optionsOf(exchange), handleId: headers["x-ms-handle-id"] ?? "*", recursive: flag(headers["x-ms-recursive"]) };
    return isDirectory(exchange) ? directories.forceCloseHandles(connection, options) : files.forceCloseHandles(connection, options);
  },
};
