/**
 * What the client has to make of a recorded answer, written down here once more and by other means than the client's.
 */
import type { DirectoryOperation, FileOperation, OperationName } from "../../src/types/requests.js";
import { changed, date, type Fields, flag, lease, metadata, number, page, said, text } from "./client-fields.js";
import { ended, acquired, held, shareAnswers } from "./client-share-answers.js";
import { type Exchange, responseText } from "./recording.js";
import { childOf, nameOf, parse, textOf, type XmlNode } from "./xml.js";

type Answer = (exchange: Exchange) => Fields;

const item = (exchange: Exchange): Fields => ({
  ...changed(exchange),
  attributes: text(exchange, "x-ms-file-attributes"),
  creationTime: text(exchange, "x-ms-file-creation-time"),
  lastWriteTime: text(exchange, "x-ms-file-last-write-time"),
  changeTime: text(exchange, "x-ms-file-change-time"),
  fileId: text(exchange, "x-ms-file-id"),
  parentId: text(exchange, "x-ms-file-parent-id"),
  permissionKey: text(exchange, "x-ms-file-permission-key"),
  owner: text(exchange, "x-ms-owner"),
  group: text(exchange, "x-ms-group"),
  mode: text(exchange, "x-ms-mode"),
  fileType: text(exchange, "x-ms-file-file-type"),
});

const linkCount = (exchange: Exchange): Fields => ({ linkCount: number(text(exchange, "x-ms-link-count")) });

/** What a write tells of encryption. */
const written = (exchange: Exchange): Fields => ({ serverEncrypted: flag(text(exchange, "x-ms-request-server-encrypted")) });

/** The last copy onto a file. */
function copied(exchange: Exchange): Fields {
  const id = text(exchange, "x-ms-copy-id");
  const copy = id && {
    id,
    status: text(exchange, "x-ms-copy-status"),
    source: text(exchange, "x-ms-copy-source"),
    progress: text(exchange, "x-ms-copy-progress"),
    completedOn: date(text(exchange, "x-ms-copy-completion-time")),
    statusDescription: text(exchange, "x-ms-copy-status-description"),
  };
  return { copy };
}

const file = (exchange: Exchange): Fields => ({
  ...item(exchange),
  ...lease(exchange),
  ...metadata(exchange),
  ...linkCount(exchange),
  ...copied(exchange),
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
  ...written(exchange),
  contentMd5: text(exchange, "content-md5"),
  contentCrc64: text(exchange, "x-ms-content-crc64"),
  structuredBody: text(exchange, "x-ms-structured-body"),
  lastWriteTime: text(exchange, "x-ms-file-last-write-time"),
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

const span = (node: XmlNode): { start: number; end: number } => ({
  start: Number(textOf(node, "Start")),
  end: Number(textOf(node, "End")),
});

/** Ranges as a whole, or a page of them. */
function ranges(exchange: Exchange): Fields {
  const root = parse(responseText(exchange));
  const of = (name: string): XmlNode[] => root.children.filter((node) => node.name === name);
  if (!exchange.query.has("maxresults") && !exchange.query.has("marker")) {
    const size = number(text(exchange, "x-ms-content-length"));
    return { ...changed(exchange), ranges: of("Range").map(span), clearRanges: of("ClearRange").map(span), size };
  }
  const entries = root.children.filter(({ name }) => name.endsWith("Range"));
  return {
    entries: entries.map((node) => Object.assign(span(node), { cleared: node.name === "ClearRange" })),
    marker: textOf(root, "NextMarker"),
  };
}

const handle = (node: XmlNode): Fields => ({
  handleId: textOf(node, "HandleId"),
  path: textOf(node, "Path") ?? "",
  fileId: textOf(node, "FileId"),
  parentId: textOf(node, "ParentId"),
  sessionId: textOf(node, "SessionId"),
  clientIp: textOf(node, "ClientIp"),
  clientName: textOf(node, "ClientName"),
  openedOn: date(textOf(node, "OpenTime")),
  reconnectedOn: date(textOf(node, "LastReconnectTime")),
  accessRights: (childOf(node, "AccessRightList")?.children ?? []).map((right) => right.text),
});

const createdItem = (exchange: Exchange): Fields => ({ created: true, ...item(exchange), ...written(exchange) });
const changedItem = (exchange: Exchange): Fields => ({ ...item(exchange), ...written(exchange) });
const changedFile = (exchange: Exchange): Fields => ({ ...changedItem(exchange), ...linkCount(exchange) });
const onlyMetadata = (exchange: Exchange): Fields => ({ ...changed(exchange), ...metadata(exchange) });

const directoryAnswers: Readonly<Record<DirectoryOperation, Answer>> = {
  "Create Directory": createdItem,
  "Get Directory Properties": (exchange) => ({
    ...item(exchange),
    ...metadata(exchange),
    serverEncrypted: flag(text(exchange, "x-ms-server-encrypted")),
  }),
  "Set Directory Properties": changedItem,
  "Get Directory Metadata": onlyMetadata,
  "Set Directory Metadata": changedItem,
  "Delete Directory": (exchange) => ({ deleted: 1, requestId: text(exchange, "x-ms-request-id") }),
  "Rename Directory": changedItem,
  "List Directories and Files": (exchange) => page(exchange, "Entries", entry),
  "List Handles": (exchange) => page(exchange, "Entries", handle),
  "Force Close Handles": (exchange) => ({
    closed: number(text(exchange, "x-ms-number-of-handles-closed")) ?? 0,
    failed: number(text(exchange, "x-ms-number-of-handles-failed")) ?? 0,
    requestId: text(exchange, "x-ms-request-id"),
  }),
};

const fileAnswers: Readonly<Record<FileOperation, Answer>> = {
  "Create File": (exchange) => ({
    ...createdItem(exchange),
    contentMd5: text(exchange, "content-md5"),
    structuredBody: text(exchange, "x-ms-structured-body"),
  }),
  "Get File": (exchange) => ({
    ...file(exchange),
    size: number(/\/(\d+)$/.exec(text(exchange, "content-range") ?? "")?.[1] ?? text(exchange, "content-length")),
    contentMd5: exchange.requestHeaders["x-ms-range-get-content-md5"] === "true" ? text(exchange, "content-md5") : undefined,
    structuredBody: text(exchange, "x-ms-structured-body"),
    acceptRanges: text(exchange, "accept-ranges"),
    structuredContentLength: number(text(exchange, "x-ms-structured-content-length")),
    bytes: 0,
  }),
  "Get File Properties": (exchange) => ({ ...file(exchange), size: number(text(exchange, "content-length")) }),
  "Set File Properties": changedFile,
  "Get File Metadata": onlyMetadata,
  "Set File Metadata": changedFile,
  "Delete File": (exchange) => ({ ...linkCount(exchange), requestId: text(exchange, "x-ms-request-id") }),
  "Rename File": changedItem,
  "Copy File": (exchange) => ({
    ...changed(exchange),
    copyId: text(exchange, "x-ms-copy-id"),
    copyStatus: text(exchange, "x-ms-copy-status"),
  }),
  "Abort Copy File": (exchange) => ({ requestId: text(exchange, "x-ms-request-id") }),
  "Put Range": rangeWritten,
  "Clear Range": rangeWritten,
  "Put Range from URL": rangeWritten,
  "List Ranges": ranges,
  "Acquire File Lease": acquired,
  "Change File Lease": held,
  "Release File Lease": ended,
  "Break File Lease": ended,
  "Create Symbolic Link": changedItem,
  "Get Symbolic Link": (exchange) => ({ ...changed(exchange), text: decodeURIComponent(text(exchange, "x-ms-link-text") ?? "") }),
  "Create Hard Link": changedFile,
};

/** What each operation resolves with; a missing one does not compile. */
export const answers: Readonly<Record<OperationName, Answer>> = { ...shareAnswers, ...directoryAnswers, ...fileAnswers };

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
