/** Operations that create, change and delete files; reading and ranges are elsewhere. */
import { demand } from "./access.js";
import { SparseContent } from "./content.js";
import { emptyReply, type Exchange, type Reply } from "./exchange.js";
import { Failure, badHeader, missingHeader } from "./failures.js";
import { checkedMd5 } from "./body-md5.js";
import { Lease } from "./lease.js";
import { itemHeaders, readItemProperties } from "./item-properties.js";
import { checkFileLease, checkIdle, checkWritable, findFileOrLink, findPlace, findShare } from "./lookup.js";
import { checkQuota } from "./quota.js";
import { maxBody, readContentHeaders, readFileSize, readMetadata } from "./request-values.js";
import { changeHeaders, encrypted, metadataHeaders } from "./response-headers.js";
import { isStructured, readContent, structuredHeaders } from "./structured-body.js";
import { unlink, type FileNode } from "./state.js";

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
  const bytes = isStructured(headers) || (await exchange.body.length()) > 0 ? await readContent(exchange) : undefined;
  if (bytes && (version < versionWithBody || bytes.length > size)) throw badHeader("Content-Length", String(bytes.length));
  if (bytes && bytes.length > maxBody) throw new Failure("RequestBodyTooLarge");
  const md5 = bytes && checkedMd5(exchange, bytes);

  const { share, parent, name, node } = findPlace(exchange);
  if (node?.kind === "directory" || node?.linkText !== undefined) throw new Failure("ResourceTypeMismatch");
  if (node) demand(exchange.identity, "w"); // whoever may only create must not overwrite
  if (node) checkFileLease(exchange, node);
  // An overwrite takes away what is there.
  if (node) for (const access of ["write", "delete"] as const) checkWritable(exchange, node, access);
  const modified = account.clock.next();
  const made: FileNode = {
    kind: "file",
    id: node?.id ?? share.ids.next(),
    name,
    parent,
    ...readItemProperties(account, share, headers, "file", modified),
    modified,
    metadata,
    encrypted: true,
    lease: node?.lease ?? new Lease("file"),
    copy: undefined,
    linkCount: node?.linkCount ?? 1,
    linkText: undefined,
    content: new SparseContent(size),
    http: { ...http, type: http.type ?? "application/octet-stream" },
  };
  if (bytes) {
    checkQuota(share, made.content.growth(0, bytes.length) - (node?.content.allocated ?? 0));
    made.content.write(0, bytes);
  }
  if (node) made.content.replace(node.content);
  // What is there is changed in place, so that its other names show the change.
  const file = node ? Object.assign(node, made) : made;
  parent.children.set(file);
  return emptyReply(201, [
    ...(md5 === undefined ? [] : [["Content-MD5", md5] as const]),
    ...structuredHeaders(headers),
    ...changeHeaders(modified),
    encrypted,
    ...itemHeaders(file, version, { fileType: true }),
  ]);
}

/** Delete File, or one of its names; NFS shares tell how many are left. */
export function deleteFile(exchange: Exchange): Reply {
  const file = findFileOrLink(exchange);
  checkWritable(exchange, file, "removal");
  const left = unlink(file);
  return emptyReply(202, file.nfs ? [["x-ms-link-count", String(left)]] : []);
}

/**
 * Set File Properties. Its quirk: as soon as one HTTP property is given, or no new size is, all six are replaced, so those that are
 * not given are gone, Content-Type included.
 */
export function setFileProperties(exchange: Exchange): Reply {
  const { account, headers, version } = exchange;
  const size = readFileSize(headers);
  const { given, values } = readContentHeaders(headers);
  const file = findFileOrLink(exchange);
  if (size !== undefined && file.linkText !== undefined) throw new Failure("ResourceTypeMismatch");
  const modified = account.clock.next();
  const { smb, nfs } = readItemProperties(account, findShare(exchange), headers, "file", modified, file);
  // Changing the attributes away is how a read-only file becomes writable again; changing its size is a write.
  if (size !== undefined) checkWritable(exchange, file);
  else checkIdle(exchange, file);
  if (size !== undefined) {
    file.content.resize(size);
    // A resize is a write: it moves this time even where it shall be preserved, as recorded; but not one that is given.
    if (/^(preserve)?$/i.test(headers.get("x-ms-file-last-write-time") ?? "")) smb.lastWriteTime = modified;
  }
  if (given || size === undefined) file.http = values;
  [file.smb, file.nfs] = [smb, nfs];
  file.modified = modified;
  return emptyReply(200, [...changeHeaders(modified), encrypted, ...itemHeaders(file, version, { linkCount: true })]);
}

/** Set File Metadata: replaces all of it. */
export function setFileMetadata(exchange: Exchange): Reply {
  const metadata = readMetadata(exchange.headers);
  const file = findFileOrLink(exchange);
  checkWritable(exchange, file);
  file.metadata = metadata;
  file.encrypted = metadata.length > 0;
  file.modified = exchange.account.clock.next();
  file.smb = { ...file.smb, changeTime: file.modified };
  return emptyReply(200, [...changeHeaders(file.modified), encrypted]);
}

/** Get File Metadata, by GET or HEAD. */
export function getFileMetadata(exchange: Exchange): Reply {
  const file = findFileOrLink(exchange);
  return emptyReply(200, [...metadataHeaders(file.metadata), ...changeHeaders(file.modified), ["x-ms-type", "File"]]);
}
