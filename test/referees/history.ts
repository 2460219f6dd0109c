/**
 * What went before an exchange in its file, as far as it decides whether the emulator can be in the same state as the service was.
 */
import { type Exchange, succeeded } from "./recording.js";
import { childOf, nameOf, parse, textOf, type XmlNode } from "./xml.js";

const changesLife = ({ operation, query }: Exchange): boolean =>
  operation === "Create Share" || operation === "Restore Share" || (operation === "Delete Share" && !query.has("sharesnapshot"));

function lastOf(earlier: readonly Exchange[], origin: string, share: string): Exchange | undefined {
  return earlier.findLast((other) => other.origin === origin && other.share === share && succeeded(other) && changesLife(other));
}

/** The last exchange that made, deleted or restored the share of an exchange. */
export const lastOfShare = (exchange: Exchange): Exchange | undefined => lastOf(exchange.earlier, exchange.origin, exchange.share);

/** Whether the recording has what an entry of a listing stands for: a share, a snapshot of one, or a deleted one. */
function isKnown(entry: XmlNode, exchange: Exchange): boolean {
  const name = nameOf(entry);
  const snapshot = textOf(entry, "Snapshot");
  const last = lastOf(exchange.earlier, exchange.origin, name);
  if (snapshot !== undefined) {
    return exchange.earlier.some(({ share, responseHeaders }) => share === name && responseHeaders["x-ms-snapshot"] === snapshot);
  }
  return last !== undefined && (last.operation === "Delete Share") === (textOf(entry, "Deleted") === "true");
}

/** Whether a listing of shares holds one that was made outside of the recording, or goes on with one. */
export function listsOtherShares(exchange: Exchange): boolean {
  if (exchange.operation !== "List Shares") return false;
  const root = parse(exchange.responseBody ?? "");
  const marker = exchange.query.get("marker") ?? textOf(root, "NextMarker");
  const marked = marker?.split("/")[2];
  return (
    (childOf(root, "Shares")?.children ?? []).some((entry) => !isKnown(entry, exchange)) ||
    (marked !== undefined && lastOf(exchange.earlier, exchange.origin, marked) === undefined)
  );
}
