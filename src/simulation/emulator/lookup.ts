/** Finds what a request names, with the three kinds of 404 in the order in which the service looks: share, parent, leaf. */
import type { Exchange } from "./exchange.js";
import { Failure, badHeader } from "./failures.js";
import { checkPath, checkShareName } from "./names.js";
import { readFlag } from "./request-values.js";
import { isReadOnly } from "./smb.js";
import type { DirectoryNode, FileNode, Share, TreeNode } from "./state.js";

/** The share of the request. Throws `InvalidResourceName` or `ShareNotFound`. */
export function findShare(exchange: Exchange): Share {
  const name = exchange.target.share ?? "";
  checkShareName(name);
  const share = exchange.account.shares.get(name);
  if (!share) throw new Failure("ShareNotFound");
  return share;
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
  return checkPath(exchange.target.path, readFlag(exchange.headers, "x-ms-allow-trailing-dot"));
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

/** The file of the request. A read of a directory as a file says `ResourceNotFound`, a change `ResourceTypeMismatch`. */
export function findFile(exchange: Exchange): FileNode {
  const { node } = findPlace(exchange);
  if (!node) throw new Failure("ResourceNotFound");
  if (node.kind !== "file") throw new Failure(isRead(exchange) ? "ResourceNotFound" : "ResourceTypeMismatch");
  checkFileLease(exchange.headers);
  return node;
}

/** The file of the request, about to be changed. Throws `ReadOnlyAttribute` as well. */
export function findWritableFile(exchange: Exchange): FileNode {
  const file = findFile(exchange);
  if (isReadOnly(file)) throw new Failure("ReadOnlyAttribute");
  return file;
}

/** The directory of the request, the root included. */
export function findDirectory(exchange: Exchange): DirectoryNode {
  if (exchange.target.path.length === 0) return findShare(exchange).root;
  const { node } = findPlace(exchange);
  if (!node) throw new Failure("ResourceNotFound");
  if (node.kind !== "directory")
    throw new Failure(isRead(exchange) && !exchange.target.query.has("comp") ? "ResourceNotFound" : "ResourceTypeMismatch");
  return node;
}

function isRead(exchange: Exchange): boolean {
  return exchange.method === "GET" || exchange.method === "HEAD";
}

const guid = /^\{?[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\}?$/i;

function leaseIdOf(headers: Headers): string | undefined {
  const value = headers.get("x-ms-lease-id");
  if (value !== null && !guid.test(value)) throw badHeader("x-ms-lease-id", value);
  return value ?? undefined;
}

/** Nothing is leased at this stage, so a lease id never fits. */
export function checkFileLease(headers: Headers): void {
  if (leaseIdOf(headers) !== undefined) throw new Failure("LeaseNotPresentWithFileOperation");
}

/** The same for operations on a share. */
export function checkShareLease(headers: Headers): void {
  if (leaseIdOf(headers) !== undefined) throw new Failure("LeaseNotPresentWithContainerOperation");
}
