/**
 * What the client has to make of a recorded answer, written down here once more and by other means than the client's.
 */
import type { OperationName } from "../../src/types/requests.js";
import type { Exchange } from "./recording.js";
import { childOf, nameOf, parse, textOf, type XmlNode } from "./xml.js";

type Fields = Readonly<Record<string, unknown>>;

const text = (exchange: Exchange, name: string): string | undefined => exchange.responseHeaders[name];

const number = (value: string | undefined): number | undefined => (value === undefined ? undefined : Number(value));

const date = (value: string | undefined): Date | undefined => (value === undefined ? undefined : new Date(value));

const flag = (value: string | undefined): boolean | undefined => (value === undefined ? undefined : value === "true");

const changed = (exchange: Exchange): Fields => ({
  etag: text(exchange, "etag"),
  lastModified: date(text(exchange, "last-modified")),
  requestId: text(exchange, "x-ms-request-id"),
});

const item = (exchange: Exchange): Fields => ({
  ...changed(exchange),
  attributes: text(exchange, "x-ms-file-attributes"),
  creationTime: text(exchange, "x-ms-file-creation-time"),
  lastWriteTime: text(exchange, "x-ms-file-last-write-time"),
  changeTime: text(exchange, "x-ms-file-change-time"),
  fileId: text(exchange, "x-ms-file-id"),
  parentId: text(exchange, "x-ms-file-parent-id"),
  permissionKey: text(exchange, "x-ms-file-permission-key"),
});

const lease = (exchange: Exchange): Fields => ({
  leaseStatus: text(exchange, "x-ms-lease-status"),
  leaseState: text(exchange, "x-ms-lease-state"),
  leaseDuration: text(exchange, "x-ms-lease-duration"),
});

function metadata(exchange: Exchange): Fields {
  const entries = Object.entries(exchange.responseHeaders).filter(([name]) => name.startsWith("x-ms-meta-"));
  return { metadata: Object.fromEntries(entries.map(([name, value]) => [name.slice(10), value])) };
}

const file = (exchange: Exchange): Fields => ({
  ...item(exchange),
  ...lease(exchange),
  ...metadata(exchange),
  serverEncrypted: flag(text(exchange, "x-ms-server-encrypted")),
  content: {
    type: text(exchange, "content-type"),
    encoding: text(exchange, "content-encoding"),
    language: text(exchange, "content-language"),
    disposition: text(exchange, "content-disposition"),
    cacheControl: text(exchange, "cache-control"),
    md5: text(exchange, "x-ms-content-md5") ?? (exchange.status === 206 ? undefined : text(exchange, "content-md5")),
  },
});

const rangeWritten = (exchange: Exchange): Fields => ({
  ...changed(exchange),
  contentMd5: text(exchange, "content-md5"),
  lastWriteTime: text(exchange, "x-ms-file-last-write-time"),
  serverEncrypted: flag(text(exchange, "x-ms-request-server-encrypted")),
});

/** Without the fields that are undefined, which entries of listings leave out. */
const said = (fields: Fields): Fields => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

const leaves = (node: XmlNode | undefined): Fields => Object.fromEntries((node?.children ?? []).map((leaf) => [leaf.name, leaf.text]));

function share(node: XmlNode): Fields {
  const properties = childOf(node, "Properties");
  const meta = childOf(node, "Metadata");
  return said({
    name: nameOf(node),
    snapshot: textOf(node, "Snapshot"),
    deleted: flag(textOf(node, "Deleted")),
    version: textOf(node, "Version"),
    etag: textOf(properties, "Etag"),
    lastModified: date(textOf(properties, "Last-Modified")),
    quotaGiB: number(textOf(properties, "Quota")),
    properties: leaves(properties),
    metadata: meta && leaves(meta),
  });
}

function entry(node: XmlNode): Fields {
  const properties = childOf(node, "Properties");
  return said({
    kind: node.name === "File" ? "file" : "directory",
    name: nameOf(node),
    size: number(textOf(properties, "Content-Length")),
    fileId: textOf(node, "FileId"),
    creationTime: textOf(properties, "CreationTime"),
    lastAccessTime: textOf(properties, "LastAccessTime"),
    lastWriteTime: textOf(properties, "LastWriteTime"),
    changeTime: textOf(properties, "ChangeTime"),
    lastModified: date(textOf(properties, "Last-Modified")),
    etag: textOf(properties, "Etag"),
    attributes: textOf(node, "Attributes"),
    permissionKey: textOf(node, "PermissionKey"),
  });
}

function page(exchange: Exchange, list: string, map: (node: XmlNode) => Fields): Fields {
  const root = parse(exchange.responseBody ?? "");
  return { entries: (childOf(root, list)?.children ?? []).map(map), marker: textOf(root, "NextMarker") };
}

function ranges(exchange: Exchange): Fields {
  const found = parse(exchange.responseBody ?? "").children.filter(({ name }) => name === "Range");
  const both = (node: XmlNode): Fields => ({ start: number(textOf(node, "Start")), end: number(textOf(node, "End")) });
  return { ...changed(exchange), ranges: found.map(both), size: number(text(exchange, "x-ms-content-length")) };
}

const created = (exchange: Exchange): Fields => ({ created: true, ...item(exchange) });

/** What each operation resolves with. */
export const answers: Readonly<Record<OperationName, (exchange: Exchange) => Fields>> = {
  "List Shares": (exchange) => page(exchange, "Shares", share),
  "Create Share": (exchange) => ({ created: true, ...changed(exchange) }),
  "Get Share Properties": (exchange) => ({
    ...changed(exchange),
    ...lease(exchange),
    ...metadata(exchange),
    quotaGiB: number(text(exchange, "x-ms-share-quota")),
    accessTier: text(exchange, "x-ms-access-tier"),
    enabledProtocols: text(exchange, "x-ms-enabled-protocols"),
    rootSquash: text(exchange, "x-ms-root-squash"),
  }),
  "Delete Share": (exchange) => ({
    usageBytes: number(text(exchange, "x-ms-file-share-usage-bytes")),
    snapshotUsageBytes: number(text(exchange, "x-ms-file-share-snapshot-usage-bytes")),
    requestId: text(exchange, "x-ms-request-id"),
  }),
  "Create Directory": created,
  "Get Directory Properties": (exchange) => ({
    ...item(exchange),
    ...metadata(exchange),
    serverEncrypted: flag(text(exchange, "x-ms-server-encrypted")),
  }),
  "Delete Directory": () => ({ deleted: 1 }),
  "List Directories and Files": (exchange) => page(exchange, "Entries", entry),
  "Create File": created,
  "Get File": (exchange) => ({
    ...file(exchange),
    size: number(/\/(\d+)$/.exec(text(exchange, "content-range") ?? "")?.[1] ?? text(exchange, "content-length")),
    bytes: 0,
  }),
  "Get File Properties": (exchange) => ({ ...file(exchange), size: number(text(exchange, "content-length")) }),
  "Delete File": (exchange) => ({ requestId: text(exchange, "x-ms-request-id") }),
  "Set File Properties": item,
  "Set File Metadata": item,
  "Put Range": rangeWritten,
  "Clear Range": rangeWritten,
  "List Ranges": ranges,
};

/** What a refusal throws. */
export function refusal(exchange: Exchange, operation: OperationName): Fields {
  const body = exchange.method === "HEAD" || !exchange.responseBody ? undefined : parse(exchange.responseBody);
  const message = textOf(body, "Message");
  return {
    name: "ServiceError",
    operation,
    status: exchange.status,
    code: text(exchange, "x-ms-error-code") ?? textOf(body, "Code"),
    requestId: text(exchange, "x-ms-request-id") ?? /RequestId:(.*)/.exec(message ?? "")?.[1],
    message: message?.split("\n")[0],
    details: Object.fromEntries(
      (body?.children ?? []).filter(({ name }) => name !== "Code" && name !== "Message").map((leaf) => [leaf.name, leaf.text]),
    ),
  };
}
