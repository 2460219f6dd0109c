/**
 * What went before an exchange in its file, as far as it decides whether the emulator can be in the same state as the service was.
 */
import { type Exchange, succeeded } from "./recording.js";
import { childOf, nameOf, parse } from "./xml.js";

/** The last exchange that made, deleted or restored the share of an exchange. */
export const lastOfShare = (exchange: Exchange): Exchange | undefined => lastOf(exchange.earlier, exchange.origin, exchange.share);

function lastOf(earlier: readonly Exchange[], origin: string, share: string): Exchange | undefined {
  return earlier.findLast(
    (other) =>
      other.origin === origin &&
      other.share === share &&
      succeeded(other) &&
      (other.operation === "Create Share" || (other.operation === "Delete Share" && !other.query.has("sharesnapshot")) || other.query.get("comp") === "undelete"),
  );
}

const isShareLevel = ({ path, query }: Exchange): boolean => path.length === 0 && query.get("restype") !== "directory";

/** Changes of a share that the emulator does not know: leases, snapshots, policies and the like. */
const changesShare = (other: Exchange): boolean =>
  other.operation === undefined &&
  other.method === "PUT" &&
  succeeded(other) &&
  isShareLevel(other) &&
  ["lease", "snapshot", "acl", "undelete"].includes(other.query.get("comp") ?? "");

/** Whether an operation on a share, or a listing of it, comes after a change that the emulator does not know. */
export const shareTouched = (exchange: Exchange): boolean =>
  (exchange.share === "" || isShareLevel(exchange)) &&
  exchange.earlier.some((other) => changesShare(other) && (exchange.share === "" || other.share === exchange.share));

/** Changes of files and directories that the emulator does not know, or was not told whole. */
function changesPath(other: Exchange): boolean {
  if (!succeeded(other) || other.path.length === 0 || other.method !== "PUT") return false;
  return other.operation === undefined || (other.requestBodyNotRecorded === true && /^(Put|Clear) Range$/.test(other.operation));
}

/** Paths that an exchange changes; of a rename without its source, every path in the share. */
function changedPaths(other: Exchange): (readonly string[])[] {
  if (other.query.get("comp") !== "rename") return [other.path];
  const source = other.requestHeaders["x-ms-file-rename-source"];
  return source === undefined || !URL.canParse(source) ? [[]] : [other.path, decodeURIComponent(new URL(source).pathname).split("/").filter(Boolean).slice(1)];
}

const fold = (path: readonly string[]): string => `${path.join("/")}/`.toLowerCase();

/** Whether a path, what it lies in, or for listings and deletes what lies in it, was changed in a way that the emulator does not know. */
export function fileTouched(exchange: Exchange): boolean {
  if (exchange.share === "" || isShareLevel(exchange)) return false;
  const own = fold(exchange.path);
  const wide = exchange.operation === "List Directories and Files" || exchange.operation === "Delete Directory";
  return exchange.earlier
    .filter((other) => other.origin === exchange.origin && other.share === exchange.share && changesPath(other))
    .flatMap(changedPaths)
    .some((path) => path.length === 0 || own.startsWith(fold(path)) || (wide && (exchange.path.length === 0 || fold(path).startsWith(own))));
}

/** Whether a file or directory is said to be there though nothing in the recording made it, or its parent. */
export function pathMissing(exchange: Exchange): boolean {
  if (!succeeded(exchange) || exchange.path.length === 0) return false;
  const creates = exchange.operation === "Create File" || exchange.operation === "Create Directory";
  const wanted = fold(creates ? exchange.path.slice(0, -1) : exchange.path);
  if (wanted === "/") return false;
  return !exchange.earlier.some(
    (other) => other.share === exchange.share && succeeded(other) && /^Create (File|Directory)$/.test(other.operation ?? "") && fold(other.path).replace(/\.+\//g, "/") === wanted.replace(/\.+\//g, "/"),
  );
}

/** Whether a listing of shares holds one that is not alive by the recording, or a snapshot, or is marked by one. */
export function listsOtherShares(exchange: Exchange): boolean {
  if (exchange.operation !== "List Shares") return false;
  const shares = childOf(parse(exchange.responseBody ?? ""), "Shares")?.children ?? [];
  const marker = `${exchange.query.get("marker") ?? ""}${childOf(parse(exchange.responseBody ?? ""), "NextMarker")?.text ?? ""}`;
  return (
    marker.includes("/9999-12-31T") ||
    shares.some((share) => childOf(share, "Snapshot") !== undefined || lastOf(exchange.earlier, exchange.origin, nameOf(share))?.operation !== "Create Share")
  );
}
