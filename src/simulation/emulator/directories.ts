/** Operations on directories, listing apart. */
import { emptyReply, type Exchange, type Reply } from "./exchange.js";
import { Failure } from "./failures.js";
import { itemHeaders, readItemProperties } from "./item-properties.js";
import { findDirectory, findPlace, findShare, storedPath } from "./lookup.js";
import { readMetadata } from "./request-values.js";
import { changeHeaders, encrypted, metadataHeaders } from "./response-headers.js";
import { isReadOnly } from "./smb.js";
import { Children, type DirectoryNode } from "./state.js";

/** Create Directory. */
export function createDirectory(exchange: Exchange): Reply {
  const { account, headers } = exchange;
  if (storedPath(exchange).length === 0) throw new Failure("UnsupportedHttpVerb");
  const { share, parent, name, node } = findPlace(exchange);
  if (node) throw new Failure("ResourceAlreadyExists");
  const metadata = readMetadata(headers);
  const modified = account.clock.next();
  const directory: DirectoryNode = {
    kind: "directory",
    id: share.ids.next(),
    name,
    parent,
    ...readItemProperties(account, share, headers, "directory", modified),
    modified,
    metadata,
    encrypted: true,
    children: new Children(parent.children.caseSensitive),
  };
  parent.children.set(directory);
  return emptyReply(201, [...changeHeaders(modified), encrypted, ...itemHeaders(directory, exchange.version, { fileType: true })]);
}

/** Get Directory Properties, by GET or HEAD. */
export function getDirectoryProperties(exchange: Exchange): Reply {
  const directory = findDirectory(exchange);
  return emptyReply(200, [
    ...changeHeaders(directory.modified),
    ["x-ms-server-encrypted", String(directory.encrypted)],
    ...metadataHeaders(directory.metadata),
    ...itemHeaders(directory, exchange.version, { fileType: true }),
  ]);
}

/** Get Directory Metadata, by GET or HEAD. */
export function getDirectoryMetadata(exchange: Exchange): Reply {
  const directory = findDirectory(exchange);
  return emptyReply(200, [...metadataHeaders(directory.metadata), ...changeHeaders(directory.modified)]);
}

/** Set Directory Properties: keeps what is not given and moves the change time. */
export function setDirectoryProperties(exchange: Exchange): Reply {
  const { account, headers } = exchange;
  const directory = findDirectory(exchange);
  const modified = account.clock.next();
  const { smb, nfs } = readItemProperties(account, findShare(exchange), headers, "directory", modified, directory);
  [directory.smb, directory.nfs] = [smb, nfs];
  directory.modified = modified;
  return emptyReply(200, [...changeHeaders(modified), encrypted, ...itemHeaders(directory, exchange.version)]);
}

/** Set Directory Metadata: replaces all of it. */
export function setDirectoryMetadata(exchange: Exchange): Reply {
  const directory = findDirectory(exchange);
  directory.metadata = readMetadata(exchange.headers);
  directory.encrypted = directory.metadata.length > 0;
  directory.modified = exchange.account.clock.next();
  directory.smb = { ...directory.smb, changeTime: directory.modified };
  return emptyReply(200, [...changeHeaders(directory.modified), encrypted]);
}

/** Delete Directory: only an empty one, never the root. */
export function deleteDirectory(exchange: Exchange): Reply {
  const directory = findDirectory(exchange);
  if (!directory.parent) throw new Failure("UnsupportedHttpVerb");
  if (directory.children.size > 0) throw new Failure("DirectoryNotEmpty");
  if (isReadOnly(directory)) throw new Failure("ReadOnlyAttribute");
  exchange.account.handles.permit(directory, "removal");
  directory.parent.children.delete(directory.name);
  return emptyReply(202);
}
