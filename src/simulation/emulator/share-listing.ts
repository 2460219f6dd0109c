/**
 * List Shares.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/list-shares
 */
import { restorable } from "./deleted-shares.js";
import { xmlReply, type Exchange, type Reply } from "./exchange.js";
import { badQuery } from "./failures.js";
import { readInclude, readPageSize } from "./request-values.js";
import { settingsElements } from "./share-settings.js";
import type { Share } from "./state.js";
import { etagOf, fileTime, httpDate, millisecondsOf, parseIsoTime, type Ticks } from "./time.js";
import { element, textElement, xmlDocument } from "./xml.js";

/** One share, snapshot or deleted share. */
interface Entry {
  readonly share: Share;
  readonly deleted?: { readonly version: string; readonly time: Ticks; readonly daysLeft: number };
}

/** What sorts after every snapshot, and stands for the share itself: as recorded. */
const itself = "9999-12-31T23:59:59.9999999Z";

const keyOf = ({ share, deleted }: Entry): readonly string[] => [
  share.name,
  deleted?.version ?? fileTime(share.created),
  share.snapshot ?? itself,
];

function compare(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((part, index) => part !== b[index]);
  return at < 0 ? 0 : (a[at] ?? "") < (b[at] ?? "") ? -1 : 1;
}

function entryElement({ share, deleted }: Entry, withMetadata: boolean, now: number, version: string): string {
  // Deletion breaks the lease, and says so where there was none: as recorded of 58 deleted shares.
  const [status, state, duration] = deleted ? ["unlocked", "broken"] : share.lease.headers(now).map(([, value]) => value);
  const leased = version >= "2020-02-10";
  const properties =
    textElement("Last-Modified", httpDate(share.modified)) +
    textElement("Etag", etagOf(share.modified)) +
    (leased ? textElement("LeaseStatus", status ?? "") + textElement("LeaseState", state ?? "") : "") +
    (leased && duration !== undefined ? textElement("LeaseDuration", duration) : "") +
    settingsElements(share, version) +
    (leased ? textElement("DefaultEncryptionScope", "$account-encryption-key") + textElement("DenyEncryptionScopeOverride", "false") : "") +
    (deleted ? textElement("DeletedTime", httpDate(deleted.time)) + textElement("RemainingRetentionDays", deleted.daysLeft) : "");
  const metadata = withMetadata ? element("Metadata", share.metadata.map(([name, value]) => textElement(name, value)).join("")) : "";
  return element(
    "Share",
    textElement("Name", share.name) +
      (share.snapshot === undefined ? "" : textElement("Snapshot", share.snapshot)) +
      (deleted ? textElement("Deleted", "true") + textElement("Version", deleted.version) : "") +
      element("Properties", properties) +
      metadata,
  );
}

/** Where a page begins: `/account/share`, or with snapshots `/account/share/01D99A2B34CDACB7/2023-06-07T22:55:54.0000000Z`. */
function readStart(exchange: Exchange): readonly string[] {
  const marker = exchange.target.query.get("marker");
  if (!marker) return [];
  const [, account, name, version, time, ...rest] = marker.split("/");
  const valid = account === exchange.account.name && name && rest.length === 0 && (time === undefined || parseIsoTime(time) !== undefined);
  if (!valid || !marker.startsWith("/")) throw badQuery("marker", marker);
  return [name, ...(version === undefined ? [] : [version]), ...(time === undefined ? [] : [time])];
}

/** List Shares: by name, the snapshots of each from the oldest on, then the share itself. */
export function listShares(exchange: Exchange): Reply {
  const { account, target, version } = exchange;
  const [prefix, marker, maxResults] = [target.query.get("prefix"), target.query.get("marker"), target.query.get("maxresults")];
  const size = readPageSize(target.query);
  const include = readInclude(target.query, ["metadata", "snapshots", "deleted"]);
  const start = readStart(exchange);
  const entries: Entry[] = [];
  for (const share of account.shares.values()) {
    if (include.has("snapshots")) for (const snapshot of share.snapshots.values()) entries.push({ share: snapshot });
    entries.push({ share });
  }
  if (include.has("deleted")) {
    for (const { deleted, daysLeft } of restorable(account)) {
      entries.push({ share: deleted.share, deleted: { version: deleted.version, time: deleted.deleted, daysLeft } });
    }
  }
  const found = entries
    .filter((entry) => entry.share.name.startsWith(prefix ?? "") && compare(keyOf(entry).slice(0, start.length), start) >= 0)
    .sort((a, b) => compare(keyOf(a), keyOf(b)));
  const now = millisecondsOf(account.clock.now());
  const page = found.slice(0, size).map((entry) => entryElement(entry, include.has("metadata"), now, version));
  const next = found[size];
  const parts = next && (include.has("snapshots") || include.has("deleted") ? keyOf(next) : [next.share.name]);
  const body =
    (prefix === undefined ? "" : textElement("Prefix", prefix)) +
    (marker === undefined ? "" : textElement("Marker", marker)) +
    (maxResults === undefined ? "" : textElement("MaxResults", maxResults)) +
    element("Shares", page.join("")) +
    textElement("NextMarker", parts === undefined ? "" : ["", account.name, ...parts].join("/"));
  return xmlReply(xmlDocument(element("EnumerationResults", body, `ServiceEndpoint="${target.serviceEndpoint}"`)));
}
