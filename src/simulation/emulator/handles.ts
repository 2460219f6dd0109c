/**
 * Open handles, as SMB clients have them: a test opens and closes them, requests list them, close them by force, and meet them.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/list-handles
 * @see https://learn.microsoft.com/rest/api/storageservices/force-close-handles
 * @see https://learn.microsoft.com/rest/api/storageservices/managing-file-locks
 */
import { emptyReply, xmlReply, type Exchange, type Reply } from "./exchange.js";
import { Failure, badHeader, badQuery, missingHeader, type Pair } from "./failures.js";
import { findItem } from "./lookup.js";
import { markerOf, readMarker } from "./markers.js";
import { readFlag, readPageSize } from "./request-values.js";
import { unlink, type Account, type DirectoryNode, type TreeNode } from "./state.js";
import { httpDate, type Ticks } from "./time.js";
import { element, nameElement, textElement, xmlDocument } from "./xml.js";

/** What may be done through a handle, and what its owner lets others do meanwhile. */
export type HandleAccess = "read" | "write" | "delete";

/** What a request does to what it names; `removal` is done to what nobody has open. */
export type HandleUse = HandleAccess | "removal";

/** One open handle. */
export interface Handle {
  readonly id: number;
  readonly node: TreeNode;
  readonly access: readonly HandleAccess[];
  /** What others may do while it is open. */
  readonly shareMode: readonly HandleAccess[];
  readonly clientIp: string;
  readonly clientName: string;
  readonly sessionId: string;
  readonly openTime: Ticks;
}

/** The handles of an account, the oldest first. */
export class Handles {
  readonly #open = new Map<number, Handle>();
  /** What goes away when its last handle is closed. */
  readonly #pending = new Set<TreeNode>();
  #count = 0;

  /** Opens one. */
  open(facts: Omit<Handle, "id" | "sessionId">): Handle {
    this.#count += 1;
    const handle = { ...facts, id: this.#count, sessionId: String(9259400833720000000n + BigInt(this.#count)) };
    this.#open.set(handle.id, handle);
    return handle;
  }

  /** Closes one; false where it is not open. With its last handle goes what was marked for deletion, but no directory that is not empty. */
  close(id: number): boolean {
    const handle = this.#open.get(id);
    if (!this.#open.delete(id) || !handle) return false;
    const { node } = handle;
    if (!this.#isPending(node) || this.on(node).length > 0) return true;
    for (const other of this.#pending) if (isSame(other, node)) this.#pending.delete(other);
    if (node.kind === "file") unlink(node);
    else if (node.children.size === 0) node.parent?.children.delete(node.name);
    return true;
  }

  /** Marks what a handle is open on, so that it is deleted when the last one is closed. */
  deleteOnClose(id: number): void {
    const handle = this.#open.get(id);
    if (handle) this.#pending.add(handle.node);
  }

  #isPending(node: TreeNode): boolean {
    return [...this.#pending].some((other) => isSame(other, node));
  }

  /** Handles on a file or directory; with `recursive` also on all that is below it. */
  on(node: TreeNode, recursive = false): Handle[] {
    return [...this.#open.values()].filter((handle) => isSame(handle.node, node) || (recursive && isBelow(handle.node, node)));
  }

  /** Throws `DeletePending` for what is marked for deletion, whatever the request does. */
  checkStays(node: TreeNode): void {
    if (this.#isPending(node)) throw new Failure("DeletePending");
  }

  /** Throws where a request meets a handle that does not allow it: `SharingViolation`, `DeletePending`. */
  permit(node: TreeNode, use: HandleUse): void {
    this.checkStays(node);
    const handles = this.on(node);
    // A removal by REST does not wait for anybody to close.
    const isRefused = use === "removal" ? handles.length > 0 : handles.some(({ shareMode }) => !shareMode.includes(use));
    if (isRefused) throw new Failure("SharingViolation");
  }
}

/** Whether two names are of the same thing: ids are one share's own. */
function isSame(a: TreeNode, b: TreeNode): boolean {
  return a.id === b.id && rootOf(a) === rootOf(b);
}

function rootOf(node: TreeNode): TreeNode {
  let root = node;
  while (root.parent) root = root.parent;
  return root;
}

function isBelow(node: TreeNode, ancestor: TreeNode): boolean {
  for (let parent: DirectoryNode | undefined = node.parent; parent; parent = parent.parent) if (parent === ancestor) return true;
  return false;
}

/** Path from the root of the share, as listings of handles have it. */
function pathOf(node: TreeNode): string {
  return node.parent?.parent ? `${pathOf(node.parent)}/${node.name}` : node.name;
}

/** The versions that tell more of a handle. */
const versionWithRights = "2023-01-03";
const versionWithNames = "2024-02-04";

const rightNames = { read: "Read", write: "Write", delete: "Delete" } as const;

function handleElement({ id, node, access, sessionId, clientIp, clientName, openTime }: Handle, version: string): string {
  const rights = access.map((right) => textElement("AccessRight", rightNames[right])).join("");
  return element(
    "Handle",
    textElement("HandleId", id) +
      nameElement("Path", pathOf(node)) +
      textElement("FileId", node.id) +
      textElement("ParentId", node.parent?.id ?? "0") +
      textElement("SessionId", sessionId) +
      (version >= versionWithRights ? element("AccessRightList", rights) : "") +
      textElement("ClientIp", clientIp) +
      (version >= versionWithNames ? textElement("ClientName", clientName) : "") +
      textElement("OpenTime", httpDate(openTime)),
  );
}

/** The first handle of a page: the marker holds its id. */
function readStart(exchange: Exchange): number {
  const marker = exchange.target.query.get("marker");
  const text = readMarker(marker);
  if (text !== undefined && !/^\d{1,15}$/.test(text)) throw badQuery("marker", marker ?? "");
  return Number(text ?? 0);
}

function readRecursive(exchange: Exchange, node: TreeNode): boolean {
  const recursive = readFlag(exchange.headers, "x-ms-recursive");
  if (recursive && node.kind === "file") throw badHeader("x-ms-recursive", "true");
  return recursive;
}

/** List Handles. */
export function listHandles(exchange: Exchange): Reply {
  const [start, size] = [readStart(exchange), readPageSize(exchange.target.query)];
  const node = findItem(exchange);
  const found = exchange.account.handles.on(node, readRecursive(exchange, node)).filter(({ id }) => id >= start);
  const next = found[size];
  const entries = found.slice(0, size).map((handle) => handleElement(handle, exchange.version));
  const body = element("Entries", entries.join("")) + textElement("NextMarker", next === undefined ? "" : markerOf(String(next.id)));
  return xmlReply(xmlDocument(element("EnumerationResults", body)));
}

/** At most so many handles are closed by one request; the answer then has a marker to go on with. */
const closedAtOnce = 1000;

/** Force Close Handles: one, or with `*` all. Closing what is closed already is no failure. */
export function forceCloseHandles(exchange: Exchange): Reply {
  const { account, headers, version } = exchange;
  const wanted = headers.get("x-ms-handle-id");
  if (wanted === null) throw missingHeader("x-ms-handle-id");
  if (wanted !== "*" && !/^\d{1,20}$/.test(wanted)) throw badHeader("x-ms-handle-id", wanted);
  const start = readStart(exchange);
  const node = findItem(exchange);
  const open = account.handles.on(node, readRecursive(exchange, node));
  const chosen = open.filter(({ id }) => id >= start && (wanted === "*" || String(id) === wanted));
  const closed = chosen.slice(0, closedAtOnce).filter(({ id }) => account.handles.close(id)).length;
  const next = chosen[closedAtOnce];
  const failed: Pair[] = version >= "2019-07-07" ? [["x-ms-number-of-handles-failed", "0"]] : [];
  return emptyReply(200, [
    ["x-ms-number-of-handles-closed", String(closed)],
    ...failed,
    ...(next === undefined ? [] : [["x-ms-marker", markerOf(String(next.id))] as const]),
  ]);
}

/** What a simulated SMB client opens. */
export interface HandleRequest {
  readonly share: string;
  /** Path from the root of the share; "" is the root. */
  readonly path: string;
  /** What it wants to do. @default ["read"] */
  readonly access?: readonly HandleAccess[] | undefined;
  /** What it lets others do meanwhile; requests that need anything else get `SharingViolation`. @default ["read", "write", "delete"] */
  readonly shareMode?: readonly HandleAccess[] | undefined;
  /** Address and port. @default "10.0.0.4:47518" */
  readonly clientIp?: string | undefined;
  /** Name of its machine. @default "client" */
  readonly clientName?: string | undefined;
}

/** A handle that a test holds. */
export interface OpenHandle {
  /** As List Handles tells it. */
  readonly id: string;
  /** Closes it; false where it was closed already, as by Force Close Handles. */
  close(): boolean;
  /**
   * Marks file or directory for deletion: requests get `DeletePending` until the last handle is closed, and then it is gone, unless it is a
   * directory that is not empty.
   */
  deleteOnClose(): void;
}

/**
 * Opens a handle as an SMB client does.
 *
 * @throws TypeError for a share or a path that is not there.
 */
export function openHandle(account: Account, request: HandleRequest): OpenHandle {
  const share = account.shares.get(request.share);
  let node: TreeNode | undefined = share?.root;
  for (const name of request.path.split("/").filter(Boolean)) node = node?.kind === "directory" ? node.children.get(name) : undefined;
  if (!node) throw new TypeError(`there is no ${JSON.stringify(request.path)} in a share ${JSON.stringify(request.share)}`);
  const { handles, clock } = account;
  const { id } = handles.open({
    node,
    access: request.access ?? ["read"],
    shareMode: request.shareMode ?? ["read", "write", "delete"],
    clientIp: request.clientIp ?? "10.0.0.4:47518",
    clientName: request.clientName ?? "client",
    openTime: clock.now(),
  });
  return { id: String(id), close: () => handles.close(id), deleteOnClose: () => handles.deleteOnClose(id) };
}
