/**
 * Copy File and Abort Copy File: from any file of this account, at once or, where the emulator is told so, pending until it is completed.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/copy-file
 * @see https://learn.microsoft.com/rest/api/storageservices/abort-copy-file
 */
import { demand } from "./access.js";
import { SparseContent } from "./content.js";
import { emptyReply, type Exchange, type Reply } from "./exchange.js";
import { Failure, badHeader, badQuery, missingHeader, type Pair } from "./failures.js";
import { readItemProperties } from "./item-properties.js";
import { Lease } from "./lease.js";
import { checkFileLease, checkIdle, checkWritable, findPlace, findShare, findSnapshot } from "./lookup.js";
import { checkQuota } from "./quota.js";
import { readFlag, readMetadata } from "./request-values.js";
import { changeHeaders } from "./response-headers.js";
import { attributesText, isReadOnly } from "./smb.js";
import { findSourceNode, readSource, readSourceUrl, withoutSignature } from "./source-url.js";
import type { Account, FileNode, TreeNode } from "./state.js";
import type { Target } from "./target.js";
import { httpDate, isoTime, type Ticks } from "./time.js";

const sourceHeader = "x-ms-copy-source";

/** What the last copy onto a file did. */
export interface CopyState {
  readonly id: string;
  readonly status: "pending" | "success" | "aborted";
  /** The URL it came from, without its signature. */
  readonly source: string;
  /** Bytes in the source. */
  readonly total: number;
  /** What a pending copy will write. */
  readonly content: SparseContent | undefined;
  readonly completed: Ticks | undefined;
}

/** The `x-ms-copy-*` headers of a file that was copied to. */
export function copyHeaders({ copy }: FileNode): Pair[] {
  if (!copy) return [];
  const { id, status, source, total, completed } = copy;
  return [
    ["x-ms-copy-id", id],
    ["x-ms-copy-source", source],
    ["x-ms-copy-status", status],
    ["x-ms-copy-progress", `${status === "success" ? total : 0}/${total}`],
    ...(completed === undefined ? [] : [["x-ms-copy-completion-time", httpDate(completed)] as const]),
  ];
}

/** The file of a source URL in this account. Throws as a read of it does. */
function fileAt(exchange: Exchange, { share: name = "", path, query }: Target): FileNode {
  const share = exchange.account.shares.get(name);
  if (!share) throw new Failure("ShareNotFound");
  const time = query.get("sharesnapshot");
  const searched = time === undefined ? share : findSnapshot(share, "sharesnapshot", time);
  // A backslash separates as well, as recorded.
  const components = share.settings.protocol === "NFS" ? path : path.flatMap((component) => component.split("\\"));
  const node = findSourceNode(exchange, searched, components);
  if (node.kind !== "file") throw new Failure("ResourceNotFound");
  if (node.linkText !== undefined) throw new Failure("ResourceTypeMismatch");
  exchange.account.handles.permit(node, "read");
  return node;
}

/**
 * The file to be copied. Within the account whoever comes without a SAS needs none for the source either, and hears of it as if it were
 * read; anybody else hears `CannotVerifyCopySource`.
 */
async function findSource(exchange: Exchange): Promise<{ readonly file: FileNode; readonly url: string }> {
  const { text, target } = readSourceUrl(exchange.headers, sourceHeader);
  const own = target.serviceEndpoint === exchange.target.serviceEndpoint && target.account === exchange.account.name;
  if (own && target.path.length === 0) throw badHeader(sourceHeader, withoutSignature(text));
  if (!own || target.query.has("sig") || exchange.identity.kind === "sas") await (await readSource(exchange, text)).body?.cancel();
  return { file: fileAt(exchange, target), url: withoutSignature(text) };
}

/** `source`, `override` or nothing. */
function readMode(headers: Headers, name: string): "source" | "override" | undefined {
  const value = headers.get(name);
  const word = value?.toLowerCase();
  if (word !== undefined && word !== "source" && word !== "override") throw badHeader(name, value ?? "");
  return word;
}

/** A copy mode with the values that `override` needs and that `source` excludes. */
function readGroup(
  headers: Headers,
  name: string,
  values: readonly string[],
  needed: readonly string[],
): "source" | "override" | undefined {
  const mode = readMode(headers, name);
  const given = values.filter((value) => headers.has(value));
  if (mode === "source" && given[0] !== undefined) throw badHeader(given[0], headers.get(given[0]) ?? "");
  if (mode === "override" && given.length < needed.length) throw missingHeader(needed.find((value) => !headers.has(value)) ?? name);
  return mode;
}

/** The headers of a Create File that would make the target's properties. */
function propertyHeaders(exchange: Exchange, source: FileNode): Headers {
  const headers = new Headers(exchange.headers);
  const { smb, nfs } = source;
  const from = (name: string, value: string): void => {
    if (headers.get(name)?.toLowerCase() === "source") headers.set(name, value);
  };
  from("x-ms-file-attributes", attributesText(smb.attributes));
  from("x-ms-file-creation-time", isoTime(smb.creationTime));
  from("x-ms-file-last-write-time", isoTime(smb.lastWriteTime));
  from("x-ms-file-change-time", isoTime(smb.changeTime));
  const permission = ["x-ms-file-permission", "x-ms-file-permission-key"];
  if (readGroup(headers, "x-ms-file-permission-copy-mode", permission, ["x-ms-file-permission"]) === "source") {
    headers.set("x-ms-file-permission-key", smb.permissionKey);
  }
  const mode = readGroup(headers, "x-ms-file-mode-copy-mode", ["x-ms-mode"], ["x-ms-mode"]);
  if (mode === "source" && nfs) headers.set("x-ms-mode", nfs.mode);
  const owners = ["x-ms-owner", "x-ms-group"];
  if (readGroup(headers, "x-ms-file-owner-copy-mode", owners, owners) === "source" && nfs) {
    headers.set("x-ms-owner", nfs.owner);
    headers.set("x-ms-group", nfs.group);
  }
  if (findShare(exchange).settings.protocol !== "NFS") {
    const attributes = headers.get("x-ms-file-attributes") ?? "Archive";
    const archived = readFlag(headers, "x-ms-file-copy-set-archive") ? `${attributes}|Archive` : attributes;
    headers.set("x-ms-file-attributes", archived);
    // Attributes are taken as they are said: a copy may end up with none.
    headers.set("x-ms-file-property-semantics", "Restore");
  }
  return headers;
}

/** Copy File. */
export async function copyFile(exchange: Exchange): Promise<Reply> {
  const { account, headers } = exchange;
  const metadata = readMetadata(headers);
  const source = await findSource(exchange);
  const { share, parent, name, node } = findPlace(exchange);
  if (node?.kind === "directory" || node?.linkText !== undefined) throw new Failure("ResourceTypeMismatch");
  if (node) {
    demand(exchange.identity, "w");
    checkFileLease(exchange, node);
    if (isReadOnly(node) && readFlag(headers, "x-ms-file-copy-ignore-readonly")) checkIdle(exchange, node);
    else checkWritable(exchange, node);
  }
  const modified = account.clock.next();
  const pending = account.policy.copies === "pending";
  const { file, url } = source;
  const made: FileNode = {
    kind: "file",
    id: node?.id ?? share.ids.next(),
    name,
    parent,
    ...readItemProperties(account, share, propertyHeaders(exchange, file), "file", modified),
    modified,
    metadata: metadata.length > 0 ? metadata : file.metadata,
    encrypted: true,
    lease: node?.lease ?? new Lease("file"),
    copy: {
      id: exchange.guid(),
      status: pending ? "pending" : "success",
      source: url,
      total: file.content.size,
      content: pending ? file.content.copy() : undefined,
      completed: pending ? undefined : modified,
    },
    linkCount: node?.linkCount ?? 1,
    linkText: undefined,
    content: pending ? new SparseContent(file.content.size) : file.content.copy(),
    http: file.http,
  };
  checkQuota(share, file.content.allocated - (node?.content.allocated ?? 0));
  if (node) made.content.replace(node.content);
  const target = node ? Object.assign(node, made) : made;
  parent.children.set(target);
  return emptyReply(202, [
    ...changeHeaders(modified),
    ["x-ms-copy-id", made.copy?.id ?? ""],
    ["x-ms-copy-status", made.copy?.status ?? ""],
  ]);
}

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Abort Copy File: leaves an empty file with all its metadata. */
export function abortCopy(exchange: Exchange): Reply {
  const { account, headers, target } = exchange;
  const action = headers.get("x-ms-copy-action");
  if (action === null) throw missingHeader("x-ms-copy-action");
  if (action.toLowerCase() !== "abort") throw badHeader("x-ms-copy-action", action);
  const id = target.query.get("copyid");
  if (id === undefined) throw new Failure("MissingRequiredQueryParameter", { details: [["QueryParameterName", "copyid"]] });
  if (!guid.test(id)) throw badQuery("copyid", id, "copyid needs to be valid Guid.");
  const { node } = findPlace(exchange);
  if (!node) throw new Failure("ResourceNotFound");
  if (node.kind !== "file") throw new Failure("ResourceTypeMismatch");
  checkFileLease(exchange, node);
  if (node.copy?.status !== "pending") throw new Failure("NoPendingCopyOperation");
  if (node.copy.id !== id.toLowerCase()) throw new Failure("CopyIdMismatch");
  const modified = account.clock.next();
  node.copy = { ...node.copy, status: "aborted", content: undefined, completed: modified };
  const content = new SparseContent(0);
  content.replace(node.content);
  node.content = content;
  node.modified = modified;
  return emptyReply(204);
}

/** Completes every pending copy of an account; returns how many there were. */
export function completeCopies(account: Account): number {
  let completed = 0;
  const nodes: TreeNode[] = [...account.shares.values()].map(({ root }) => root);
  for (let node = nodes.pop(); node; node = nodes.pop()) {
    if (node.kind === "directory") nodes.push(...node.children.sorted());
    else if (node.copy?.content) {
      const modified = account.clock.next();
      node.copy.content.replace(node.content);
      node.content = node.copy.content;
      node.copy = { ...node.copy, status: "success", content: undefined, completed: modified };
      node.modified = modified;
      node.smb = { ...node.smb, changeTime: modified };
      completed += 1;
    }
  }
  return completed;
}
