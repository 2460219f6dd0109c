/**
 * The client's call for a recorded request about a file.
 */
import * as files from "../../src/services/files.js";
import * as leases from "../../src/services/leases.js";
import type { Connection } from "../../src/types/connection.js";
import type { FileOperation } from "../../src/types/requests.js";
import { type Call, firstPage, flag, number, optionsOf, paging, rangeOf, saidOfLease } from "./client-options.js";
import { type Exchange, requestBody, responseBody } from "./recording.js";

/** The header that says what becomes of the last-write time of a file that is written to. */
const lastWriteTimeOf = ({ requestHeaders }: Exchange): "Now" | undefined =>
  requestHeaders["x-ms-file-last-write-time"] as "Now" | undefined;

const modeOf = (exchange: Exchange, what: string): "source" | undefined =>
  exchange.requestHeaders[`x-ms-file-${what}-copy-mode`] as "source" | undefined;

/** Where a copy came from; something where the recorder removed it. */
const sourceOf = ({ requestHeaders }: Exchange): files.CopySource => requestHeaders["x-ms-copy-source"] ?? { path: "removed" };

const read = async (connection: Connection, exchange: Exchange): Promise<unknown> => {
  const { requestHeaders: headers } = exchange;
  const {
    body: _,
    bytes,
    text: __,
    blob: ___,
    ...properties
  } = await files.read(connection, {
    ...optionsOf(exchange),
    ...rangeOf(exchange),
    rangeMd5: flag(headers["x-ms-range-get-content-md5"]),
    structuredBody: headers["x-ms-structured-body"],
  });
  return { ...properties, bytes: Buffer.compare(await bytes(), responseBody(exchange).bytes) };
};

const create: Call = (connection, exchange) => {
  const { requestHeaders: headers } = exchange;
  const { bytes } = requestBody(exchange);
  const format = headers["x-ms-structured-body"];
  const contentLength = Number(headers["x-ms-structured-content-length"]);
  return files.create(connection, {
    ...optionsOf(exchange),
    size: Number(headers["x-ms-content-length"] ?? 0),
    fileType: headers["x-ms-file-file-type"],
    propertySemantics: headers["x-ms-file-property-semantics"],
    body: bytes.length === 0 ? undefined : bytes,
    contentMd5: headers["content-md5"],
    structuredBody: format === undefined ? undefined : { format, contentLength },
  });
};

const copy: Call = (connection, exchange) => {
  const { requestHeaders: headers } = exchange;
  return files.startCopy(connection, {
    ...optionsOf(exchange),
    from: sourceOf(exchange),
    permissionCopyMode: modeOf(exchange, "permission"),
    modeCopyMode: modeOf(exchange, "mode"),
    ownerCopyMode: modeOf(exchange, "owner"),
    ignoreReadOnly: flag(headers["x-ms-file-copy-ignore-readonly"]),
    setArchive: flag(headers["x-ms-file-copy-set-archive"]),
  });
};

const putRangeFromUrl: Call = (connection, exchange) => {
  const { requestHeaders: headers } = exchange;
  const { offset = 0, count = 1 } = rangeOf(exchange);
  return files.putRangeFromUrl(connection, {
    ...optionsOf(exchange),
    offset,
    count,
    from: sourceOf(exchange),
    sourceOffset: rangeOf(exchange, "x-ms-source-range").offset,
    sourceToken: headers["x-ms-copy-source-authorization"]?.replace("Bearer ", ""),
    sourceCrc64: headers["x-ms-source-content-crc64"],
    ifSourceCrc64: headers["x-ms-source-if-match-crc64"],
    unlessSourceCrc64: headers["x-ms-source-if-none-match-crc64"],
    lastWriteTime: lastWriteTimeOf(exchange),
  });
};

const listRanges: Call = (connection, exchange) => {
  const options = {
    ...optionsOf(exchange),
    ...rangeOf(exchange),
    previousSnapshot: exchange.query.get("prevsharesnapshot"),
    supportRename: flag(exchange.requestHeaders["x-ms-file-support-rename"]),
  };
  const inPages = exchange.query.has("maxresults") || exchange.query.has("marker");
  return inPages
    ? firstPage(files.rangePages(connection, { ...options, pageSize: paging(exchange).pageSize }), exchange)
    : files.listRanges(connection, options);
};

const createSymbolicLink: Call = (connection, exchange) => {
  const { requestHeaders: headers } = exchange;
  const { smb, nfs, ...options } = optionsOf(exchange);
  return files.createSymbolicLink(connection, {
    ...options,
    text: decodeURIComponent(headers["x-ms-link-text"] ?? ""),
    creationTime: smb.creationTime,
    lastWriteTime: smb.lastWriteTime,
    owner: nfs.owner,
    group: nfs.group,
  });
};

/** A lease; ids that the recorder removed are made up. */
const leaseOf = (exchange: Exchange): { share: string; path: string; leaseId: string; proposedLeaseId: string } => {
  const { requestHeaders: headers } = exchange;
  return {
    share: exchange.share,
    path: exchange.path.join("/"),
    leaseId: headers["x-ms-lease-id"] ?? "removed",
    proposedLeaseId: headers["x-ms-proposed-lease-id"] ?? "proposed",
  };
};

/** One call for each operation. */
export const fileCalls: Readonly<Record<FileOperation, Call>> = {
  "Create File": create,
  "Get File": read,
  "Get File Properties": (connection, exchange) => files.getProperties(connection, optionsOf(exchange)),
  "Set File Properties": (connection, exchange) =>
    files.setProperties(connection, { ...optionsOf(exchange), size: number(exchange.requestHeaders["x-ms-content-length"]) }),
  "Get File Metadata": (connection, exchange) =>
    files.getMetadata(connection, { ...optionsOf(exchange), method: exchange.method as "GET" }),
  "Set File Metadata": (connection, exchange) => files.setMetadata(connection, optionsOf(exchange)),
  "Delete File": (connection, exchange) => files.delete(connection, optionsOf(exchange)),
  "Rename File": (connection, exchange) => {
    const { path: to, smb, metadata, share } = optionsOf(exchange);
    const { requestHeaders: headers } = exchange;
    return files.rename(connection, {
      share,
      path: "removed",
      to,
      smb,
      metadata,
      replaceIfExists: flag(headers["x-ms-file-rename-replace-if-exists"]),
      ignoreReadOnly: flag(headers["x-ms-file-rename-ignore-readonly"]),
      sourceLeaseId: headers["x-ms-source-lease-id"],
      destinationLeaseId: headers["x-ms-destination-lease-id"],
      contentType: headers["x-ms-content-type"],
    });
  },
  "Copy File": copy,
  "Abort Copy File": (connection, exchange) =>
    files.abortCopy(connection, { ...optionsOf(exchange), copyId: exchange.query.get("copyid") ?? "" }),
  "Put Range": (connection, exchange) =>
    files.putRange(connection, {
      ...optionsOf(exchange),
      offset: rangeOf(exchange).offset ?? 0,
      body: requestBody(exchange).bytes,
      contentMd5: exchange.requestHeaders["content-md5"],
      lastWriteTime: lastWriteTimeOf(exchange),
    }),
  "Clear Range": (connection, exchange) => {
    const { offset = 0, count = 0 } = rangeOf(exchange);
    return files.clearRange(connection, { ...optionsOf(exchange), offset, count, lastWriteTime: lastWriteTimeOf(exchange) });
  },
  "Put Range from URL": putRangeFromUrl,
  "List Ranges": listRanges,
  "Acquire File Lease": (connection, exchange) =>
    saidOfLease(
      leases.acquire(connection, {
        ...leaseOf(exchange),
        duration: number(exchange.requestHeaders["x-ms-lease-duration"]) as -1 | undefined,
      }),
    ),
  "Change File Lease": (connection, exchange) => leases.change(connection, leaseOf(exchange)),
  "Release File Lease": (connection, exchange) => leases.release(connection, leaseOf(exchange)),
  "Break File Lease": (connection, exchange) => {
    const { share, path } = leaseOf(exchange);
    return leases.break(connection, { share, path, leaseId: exchange.requestHeaders["x-ms-lease-id"] });
  },
  "Create Symbolic Link": createSymbolicLink,
  "Get Symbolic Link": (connection, exchange) => files.getSymbolicLink(connection, optionsOf(exchange)),
  "Create Hard Link": (connection, exchange) => {
    const existing = decodeURIComponent(exchange.requestHeaders["x-ms-file-target-file"] ?? "");
    return files.createHardLink(connection, { ...optionsOf(exchange), existing });
  },
};
