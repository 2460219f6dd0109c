/** Finds what a request names, with the three kinds of 404 in the order in which the service looks: share, parent, leaf. */
import type { Exchange } from "./exchange.js";
import { Failure, badQuery } from "./failures.js";
import type { HandleUse } from "./handles.js";
import { readGivenLeaseId } from "./lease-headers.js";
import { checkPath, checkShareName } from "./names.js";
import { readFlag } from "./request-values.js";
import { isReadOnly } from "./smb.js";
import type { DirectoryNode, FileNode, Share, TreeNode } from "./state.js";
import { isoTime, millisecondsOf, parseIsoTime } from "./time.js";

/** The share of the request, or the snapshot of it that `sharesnapshot` names. Throws `InvalidResourceName` or `ShareNotFound`. */
export function findShare(exchange: Exchange): Share {
  const name = exchange.target.share ?? "";
  checkShareName(name);
  const share = exchange.account.shares.get(name);
  if (!share) throw new Failure("ShareNotFound");
  const time = exchange.target.query.get("sharesnapshot");
  if (time === undefined) return share;
  return findSnapshot(share, "sharesnapshot", time);
}

/** A snapshot of a share by its time as a query word gives it. Throws `InvalidQueryParameterValue` or `ShareSnapshotNotFound`. */
export function findSnapshot(share: Share, word: string, time: string): Share {
  const ticks = parseIsoTime(time);
  if (ticks === undefined) throw badQuery(word, time);
  const snapshot = share.snapshots.get(isoTime(ticks));
  if (!snapshot) throw new Failure("ShareSnapshotNotFound");
  return snapshot;
}

/** The place a path names: its directory, which exists, and what is there already. */
export interface Place {
  readonly share: Share;
  readonly parent: DirectoryNode;
  readonly name: string;
  readonly node: TreeNode | undefined;
}

/** The path of the request as it is stored. Throws for names that break the rules. */
export function storedPath(exchange: Exchange): string[] {
  const share = exchange.account.shares.get(exchange.target.share ?? "");
  return checkPath(exchange.target.path, {
    allowTrailingDot: readFlag(exchange.headers, "x-ms-allow-trailing-dot"),
    nfs: share?.settings.protocol === "NFS",
  });
}

/** Finds the place of a path below the root. Throws `ShareNotFound` or `ParentNotFound`. */
export function findPlace(exchange: Exchange): Place {
  const path = storedPath(exchange);
  const share = findShare(exchange);
  const name = path.pop();
  if (name === undefined) throw new Failure("InvalidUri");
  let parent = share.root;
  for (const component of path) {
    const next = parent.children.get(component);
    if (next?.kind !== "directory") throw new Failure("ParentNotFound");
    parent = next;
  }
  return { share, parent, name, node: parent.children.get(name) };
}

/** The file of the request, for its content. Throws `ResourceTypeMismatch` for a symbolic link, which has none of its own. */
export function findFile(exchange: Exchange): FileNode {
  const file = findFileOrLink(exchange);
  if (file.linkText !== undefined) throw new Failure("ResourceTypeMismatch");
  return file;
}

/**
 * The file or symbolic link of the request. A read of a directory as a file says `ResourceNotFound`, a change `ResourceTypeMismatch`.
 */
export function findFileOrLink(exchange: Exchange): FileNode {
  const { node } = findPlace(exchange);
  if (!node) throw new Failure("ResourceNotFound");
  if (node.kind !== "file") throw new Failure(isRead(exchange) ? "ResourceNotFound" : "ResourceTypeMismatch");
  checkFileLease(exchange, node);
  exchange.account.handles.checkStays(node);
  return node;
}

/** The file of a lease operation, for which the lease itself decides. */
export function findLeasedFile(exchange: Exchange): FileNode {
  const { node } = findPlace(exchange);
  if (!node) throw new Failure("ResourceNotFound");
  if (node.kind !== "file") throw new Failure("ResourceTypeMismatch");
  exchange.account.handles.checkStays(node);
  return node;
}

/** The file of the request, about to be changed. Throws `ReadOnlyAttribute` as well. */
export function findWritableFile(exchange: Exchange): FileNode {
  const file = findFile(exchange);
  checkWritable(exchange, file);
  return file;
}

/** Throws where the ReadOnly attribute, a copy that is under way or an SMB client forbids a change. */
export function checkWritable(exchange: Exchange, file: FileNode, use: HandleUse = "write"): void {
  if (isReadOnly(file)) throw new Failure("ReadOnlyAttribute");
  checkIdle(exchange, file, use);
}

/** Throws where a copy that is under way or an SMB client forbids a change, whatever the attributes say. */
export function checkIdle(exchange: Exchange, file: FileNode, use: HandleUse = "write"): void {
  if (file.copy?.status === "pending") throw new Failure("PendingCopyOperation");
  exchange.account.handles.permit(file, use);
}

/** The directory or file of the request, whichever is there; the root included. */
export function findItem(exchange: Exchange): TreeNode {
  if (exchange.target.path.length === 0) return findShare(exchange).root;
  const { node } = findPlace(exchange);
  if (!node) throw new Failure("ResourceNotFound");
  return node;
}

/** The directory of the request, the root included. */
export function findDirectory(exchange: Exchange): DirectoryNode {
  if (exchange.target.path.length === 0) return findShare(exchange).root;
  const { node } = findPlace(exchange);
  if (!node) throw new Failure("ResourceNotFound");
  if (node.kind !== "directory")
    throw new Failure(isRead(exchange) && !exchange.target.query.has("comp") ? "ResourceNotFound" : "ResourceTypeMismatch");
  exchange.account.handles.checkStays(node);
  return node;
}

function isRead(exchange: Exchange): boolean {
  return exchange.method === "GET" || exchange.method === "HEAD";
}

/** Throws unless the file's lease lets a request with this id go on: writes need the id, reads may leave it out. */
export function checkFileLease(
  exchange: Exchange,
  file: FileNode,
  header: string = "x-ms-lease-id",
  required: boolean = !isRead(exchange),
): void {
  file.lease.check(nowOf(exchange), readGivenLeaseId(exchange.headers, header), required);
}

/** The same for a share, whose lease only keeps it from being deleted. */
export function checkShareLease(exchange: Exchange, share: Share): void {
  share.lease.check(nowOf(exchange), readGivenLeaseId(exchange.headers, "x-ms-lease-id"), exchange.method === "DELETE");
}

/** The time of a request, for leases. */
function nowOf(exchange: Exchange): number {
  return millisecondsOf(exchange.account.clock.now());
}
