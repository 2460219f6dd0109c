/**
 * What the client has to make of a recorded answer, written down here once more and by other means than the client's.
 */
import type { OperationName } from "../../src/types/requests.js";
import { changed, date, type Fields, flag, lease, metadata, number, page, said, text } from "./client-fields.js";
import { shareAnswers } from "./client-share-answers.js";
import type { Exchange } from "./recording.js";
import { nameOf, parse, textOf, type XmlNode, childOf } from "./xml.js";

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

function ranges(exchange: Exchange): Fields {
  const found = parse(exchange.responseBody ?? "").children.filter(({ name }) => name === "Range");
  const both = (node: XmlNode): Fields => ({ start: number(textOf(node, "Start")), end: number(textOf(node, "End")) });
  return { ...changed(exchange), ranges: found.map(both), size: number(text(exchange, "x-ms-content-length")) };
}

const created = (exchange: Exchange): Fields => ({ created: true, ...item(exchange) });

/** What each operation resolves with. */
export const answers: Readonly<Partial<Record<OperationName, (exchange: Exchange) => Fields>>> = {
  ...shareAnswers,
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
