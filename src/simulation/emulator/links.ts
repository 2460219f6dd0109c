/**
 * Symbolic and hard links, on NFS shares. A symbolic link is a file without content that holds a text, which nobody here follows; a hard
 * link is another name of a file.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/create-symbolic-link
 * @see https://learn.microsoft.com/rest/api/storageservices/get-symbolic-link
 * @see https://learn.microsoft.com/rest/api/storageservices/create-hard-link
 */
import { SparseContent } from "./content.js";
import { emptyReply, type Exchange, type Reply } from "./exchange.js";
import { Failure, badHeader, missingHeader, type Pair } from "./failures.js";
import { itemHeaders, readItemProperties } from "./item-properties.js";
import { Lease } from "./lease.js";
import { checkFileLease, findFileOrLink, findPlace, findShare, type Place } from "./lookup.js";
import { linkMode } from "./nfs.js";
import { readMetadata } from "./request-values.js";
import { changeHeaders } from "./response-headers.js";
import { anotherName, type FileNode, type Share, type TreeNode } from "./state.js";
import { parseTarget } from "./target.js";
import { percentDecode, utf8 } from "./text.js";
import { millisecondsOf } from "./time.js";

/** Creating a link says that nothing was encrypted, as there is nothing to encrypt. */
const notEncrypted: Pair = ["x-ms-request-server-encrypted", "false"];

/** Links exist on NFS shares only. No refusal is recorded; this code says it in the service's words. */
function requireNfs(share: Share): void {
  if (share.settings.protocol !== "NFS") throw new Failure("FeatureNotSupportedOnStorageAccount");
}

/** A header of 1 to 2048 bytes. Throws `MissingRequiredHeader` or `InvalidHeaderValue`. */
function readPath(headers: Headers, name: string): string {
  const value = headers.get(name);
  if (value === null) throw missingHeader(name);
  if (value === "" || utf8(value).length > 2048) throw badHeader(name, `${value.slice(0, 64)}…`);
  return value;
}

/** Where a link is about to be made; unlike Create File it replaces nothing. */
function findFreePlace(exchange: Exchange): Place {
  requireNfs(findShare(exchange));
  const place = findPlace(exchange);
  if (place.node) throw new Failure("ResourceAlreadyExists");
  return place;
}

/** Create Symbolic Link: keeps `x-ms-link-text` as it stands. */
export function createSymbolicLink(exchange: Exchange): Reply {
  const { account, headers, version } = exchange;
  const linkText = readPath(headers, "x-ms-link-text");
  const metadata = readMetadata(headers);
  const { share, parent, name } = findFreePlace(exchange);
  const modified = account.clock.next();
  const { smb, nfs } = readItemProperties(account, share, headers, "file", modified);
  const link: FileNode = {
    kind: "file",
    id: share.ids.next(),
    name,
    parent,
    smb,
    nfs: nfs && { ...nfs, mode: linkMode },
    modified,
    metadata,
    encrypted: false,
    lease: new Lease("file"),
    copy: undefined,
    content: new SparseContent(0),
    http: { type: undefined, encoding: undefined, language: undefined, cacheControl: undefined, md5: undefined, disposition: undefined },
    linkCount: 1,
    linkText,
  };
  parent.children.set(link);
  return emptyReply(201, [...changeHeaders(modified), notEncrypted, ...itemHeaders(link, version, { fileType: true })]);
}

/** Get Symbolic Link: hands the text back percent-encoded. Throws `ResourceTypeMismatch` for any other file. */
export function getSymbolicLink(exchange: Exchange): Reply {
  requireNfs(findShare(exchange));
  const { linkText, modified } = findFileOrLink(exchange);
  if (linkText === undefined) throw new Failure("ResourceTypeMismatch");
  return emptyReply(200, [...changeHeaders(modified), ["x-ms-link-text", encodeURIComponent(linkText)]]);
}

/**
 * The file that `x-ms-file-target-file` names: a path from the root, with or without a leading slash, or a URL in the same share. A path is
 * taken as it stands, and percent-decoded where nothing is called so: clients differ.
 */
function findTarget(exchange: Exchange, share: Share): FileNode {
  const text = readPath(exchange.headers, "x-ms-file-target-file");
  const url = /^https?:\/\//i.test(text) ? parseTarget(text) : undefined;
  if (url && url.share !== share.name) throw badHeader("x-ms-file-target-file", text);
  const node = url ? nodeAt(share, url.path) : (nodeAt(share, pathOf(text)) ?? nodeAt(share, pathOf(percentDecode(text) ?? text)));
  if (!node) throw new Failure("ResourceNotFound");
  if (node.kind !== "file") throw new Failure("ResourceTypeMismatch");
  return node;
}

function pathOf(text: string): string[] {
  return text.replace(/^\//, "").split("/");
}

function nodeAt(share: Share, path: readonly string[]): TreeNode | undefined {
  let node: TreeNode | undefined = share.root;
  for (const name of path) node = node?.kind === "directory" ? node.children.get(name) : undefined;
  return node;
}

/** Create Hard Link: gives a file another name. Of its times only that of the change moves. */
export function createHardLink(exchange: Exchange): Reply {
  const { account, headers, version } = exchange;
  const type = headers.get("x-ms-type");
  if (type === null) throw missingHeader("x-ms-type");
  if (type.toLowerCase() !== "file") throw badHeader("x-ms-type", type);
  const { share, parent, name } = findFreePlace(exchange);
  const target = findTarget(exchange, share);
  // The lease is the target's. Where it has none, an id that is named all the same does no harm: recorded with a share's.
  if (target.lease.isHeld(millisecondsOf(account.clock.now()))) checkFileLease(exchange, target);
  const link = anotherName(target, name, parent);
  parent.children.set(link);
  link.modified = account.clock.next();
  link.smb = { ...link.smb, changeTime: link.modified };
  return emptyReply(201, [
    ...changeHeaders(link.modified),
    notEncrypted,
    ...itemHeaders(link, version, { fileType: true, linkCount: true }),
  ]);
}
