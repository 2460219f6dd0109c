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
      (other.operation === "Create Share" ||
        (other.operation === "Delete Share" && !other.query.has("sharesnapshot")) ||
        other.query.get("comp") === "undelete"),
  );
}

const isShareLevel = ({ path, query }: Exchange): boolean => path.length === 0 && query.get("restype") !== "directory";

/** Changes of a share that the emulator does not know; a deletion does not ask for policies. */
function changesShare(other: Exchange, exchange: Exchange): boolean {
  const changes = exchange.operation === "Delete Share" ? ["lease", "snapshot", "undelete"] : ["lease", "snapshot", "undelete", "acl"];
  return other.method === "PUT" && succeeded(other) && isShareLevel(other) && changes.includes(other.query.get("comp") ?? "");
}

/** Whether an operation on a share, or a listing of it, comes after a change that the emulator does not know. */
export const shareTouched = (exchange: Exchange): boolean =>
  (exchange.share === "" || isShareLevel(exchange)) &&
  exchange.earlier.some((other) => (exchange.share === "" || other.share === exchange.share) && changesShare(other, exchange));

/** Changes of files and directories that the emulator does not know: copies, renames, leases, links and the like. */
const changesPath = (other: Exchange): boolean =>
  other.operation === undefined && other.method === "PUT" && succeeded(other) && other.path.length > 0;

const fold = (path: readonly string[]): string => `${path.join("/")}/`.toLowerCase();

/**
 * Paths that an exchange changes. The source of a rename, which recorders removed or garbled, may be all of its kind that was made before,
 * but no directory in which the destination lies.
 */
function changedPaths(other: Exchange): (readonly string[])[] {
  if (other.query.get("comp") !== "rename") return [other.path];
  const create = other.query.get("restype") === "directory" ? "Create Directory" : "Create File";
  const candidates = other.earlier.filter(
    ({ share, operation, query }) => share === other.share && (operation === create || query.get("comp") === "rename"),
  );
  return [other.path, ...candidates.map(({ path }) => path).filter((path) => !fold(other.path).startsWith(fold(path)))];
}

/** Whether a path, what it lies in, or for listings and deletes what lies in it, was changed in a way that the emulator does not know. */
export function fileTouched(exchange: Exchange): boolean {
  if (exchange.share === "" || isShareLevel(exchange)) return false;
  const own = fold(exchange.path);
  const wide = exchange.operation === "List Directories and Files" || exchange.operation === "Delete Directory";
  return exchange.earlier
    .filter((other) => other.origin === exchange.origin && other.share === exchange.share && changesPath(other))
    .flatMap(changedPaths)
    .some((path) => own.startsWith(fold(path)) || (wide && (exchange.path.length === 0 || fold(path).startsWith(own))));
}

/** Whether a listing of shares holds one that is not alive by the recording, or a snapshot, or is marked by one. */
export function listsOtherShares(exchange: Exchange): boolean {
  if (exchange.operation !== "List Shares") return false;
  const shares = childOf(parse(exchange.responseBody ?? ""), "Shares")?.children ?? [];
  const marker = `${exchange.query.get("marker") ?? ""}${childOf(parse(exchange.responseBody ?? ""), "NextMarker")?.text ?? ""}`;
  return (
    marker.includes("/9999-12-31T") ||
    shares.some(
      (share) =>
        childOf(share, "Snapshot") !== undefined || lastOf(exchange.earlier, exchange.origin, nameOf(share))?.operation !== "Create Share",
    )
  );
}
