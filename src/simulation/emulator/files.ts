/** Operations that create, change and delete files; reading and ranges are elsewhere. */
import { demand } from "./access.js";
import { SparseContent } from "./content.js";
import { emptyReply, type Exchange, type Reply } from "./exchange.js";
import { Failure, badHeader, missingHeader } from "./failures.js";
import { checkedMd5 } from "./body-md5.js";
import { checkFileLease, findFile, findPlace, findWritableFile } from "./lookup.js";
import { readContentHeaders, readFileSize, readMetadata } from "./request-values.js";
import { changeHeaders, encrypted, metadataHeaders } from "./response-headers.js";
import { isReadOnly, readSmbProperties, smbHeaders } from "./smb.js";
import type { FileNode } from "./state.js";

/** The first version whose Create File may carry the beginning of the content. */
const versionWithBody = "2026-06-06";

function checkType(headers: Headers): void {
  const type = headers.get("x-ms-type");
  if (type === null) throw missingHeader("x-ms-type");
  if (type.toLowerCase() !== "file") throw badHeader("x-ms-type", type);
  const fileType = headers.get("x-ms-file-file-type");
  if (fileType !== null && fileType.toLowerCase() !== "regular") throw badHeader("x-ms-file-file-type", fileType);
}

/** Create File: makes a file or empties the one that is there, which keeps its id. */
export async function createFile(exchange: Exchange): Promise<Reply> {
  const { account, headers, version } = exchange;
  checkType(headers);
  const size = readFileSize(headers);
  if (size === undefined) throw missingHeader("x-ms-content-length");
  const [metadata, http] = [readMetadata(headers), readContentHeaders(headers).values];
  const bytes = (await exchange.body.length()) > 0 ? await exchange.body.bytes() : undefined;
  if (bytes && (version < versionWithBody || bytes.length > size)) throw badHeader("Content-Length", String(bytes.length));
  const md5 = bytes && checkedMd5(exchange, bytes);

  const { share, parent, name, node } = findPlace(exchange);
  if (node?.kind === "directory") throw new Failure("ResourceTypeMismatch");
  if (node) demand(exchange.identity, "w"); // whoever may only create must not overwrite
  checkFileLease(headers);
  if (node && isReadOnly(node)) throw new Failure("ReadOnlyAttribute");
  const modified = account.clock.next();
  const smb = readSmbProperties(account, headers, "file", modified);
  const file: FileNode = {
    kind: "file",
    id: node?.id ?? share.ids.next(),
    name,
    parent,
    smb,
    modified,
    metadata,
    encrypted: true,
    content: new SparseContent(size),
    http: { ...http, type: http.type ?? "application/octet-stream" },
  };
  if (bytes) file.content.write(0, bytes);
  parent.children.set(file);
  return emptyReply(201, [
    ...(md5 === undefined ? [] : [["Content-MD5", md5] as const]),
    ...changeHeaders(modified),
    encrypted,
    ...smbHeaders(file, version),
  ]);
}

/** Delete File. */
export function deleteFile(exchange: Exchange): Reply {
  const file = findWritableFile(exchange);
  file.parent?.children.delete(file.name);
  return emptyReply(202);
}

/**
 * Set File Properties. Its quirk: as soon as one HTTP property is given, or no new size is, all six are replaced, so those that are
 * not given are gone, Content-Type included.
 */
export function setFileProperties(exchange: Exchange): Reply {
  const { account, headers, version } = exchange;
  const size = readFileSize(headers);
  const { given, values } = readContentHeaders(headers);
  const file = findFile(exchange);
  const modified = account.clock.next();
  const smb = readSmbProperties(account, headers, "file", modified, file.smb);
  // Changing the attributes away is how a read-only file becomes writable again; changing its size is a write.
  if (size !== undefined && isReadOnly(file)) throw new Failure("ReadOnlyAttribute");
  if (size !== undefined) {
    file.content.resize(size);
    // A resize is a write: it moves this time even where it shall be preserved, as recorded; but not one that is given.
    if (/^(preserve)?$/i.test(headers.get("x-ms-file-last-write-time") ?? "")) smb.lastWriteTime = modified;
  }
  if (given || size === undefined) file.http = values;
  file.smb = smb;
  file.modified = modified;
  return emptyReply(200, [...changeHeaders(modified), encrypted, ...smbHeaders(file, version)]);
}

/** Set File Metadata: replaces all of it. */
export function setFileMetadata(exchange: Exchange): Reply {
  const metadata = readMetadata(exchange.headers);
  const file = findWritableFile(exchange);
  file.metadata = metadata;
  file.encrypted = metadata.length > 0;
  file.modified = exchange.account.clock.next();
  file.smb = { ...file.smb, changeTime: file.modified };
  return emptyReply(200, [...changeHeaders(file.modified), encrypted]);
}

/** Get File Metadata, by GET or HEAD. */
export function getFileMetadata(exchange: Exchange): Reply {
  const file = findFile(exchange);
  return emptyReply(200, [...metadataHeaders(file.metadata), ...changeHeaders(file.modified), ["x-ms-type", "File"]]);
}
