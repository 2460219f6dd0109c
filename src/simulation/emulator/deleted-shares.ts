/**
 * Deleted shares: names that are not free yet, shares that can be restored, and Restore Share.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/restore-share
 */
import { emptyReply, type Exchange, type Reply } from "./exchange.js";
import { Failure, missingHeader } from "./failures.js";
import { Lease } from "./lease.js";
import { checkShareName } from "./names.js";
import { changeHeaders } from "./response-headers.js";
import { provisionedHeaders } from "./share-settings.js";
import type { Account, Share } from "./state.js";
import { fileTime, millisecondsOf, type Ticks } from "./time.js";

/** A share that was deleted. */
export interface DeletedShare {
  readonly share: Share;
  /** What tells it from others of the same name. */
  readonly version: string;
  readonly deleted: Ticks;
}

const hour = 3_600_000;
const day = 24 * hour;

/** Takes a share away; where the account keeps deleted shares, it can be restored for a while. */
export function retire(account: Account, share: Share): void {
  account.shares.delete(share.name);
  forget(account);
  const { softDeleteDays, deletionSeconds } = account.policy;
  if (softDeleteDays <= 0 && deletionSeconds <= 0) return;
  account.deleted.push({ share, version: fileTime(share.created), deleted: account.clock.next() });
}

/** Milliseconds since a share was deleted. */
function age(account: Account, { deleted }: DeletedShare): number {
  return millisecondsOf(account.clock.now()) - millisecondsOf(deleted);
}

/** Forgets the shares that can neither be restored any more nor keep their names from being free. */
function forget(account: Account): void {
  const { softDeleteDays, deletionSeconds } = account.policy;
  const isOver = (deleted: DeletedShare): boolean => age(account, deleted) >= Math.max(softDeleteDays * day, deletionSeconds * 1000);
  account.deleted.splice(0, account.deleted.length, ...account.deleted.filter((deleted) => !isOver(deleted)));
}

/** The deleted shares that can still be restored, with the days that are left to do so: of seven, seven in the first hour, as recorded. */
export function restorable(account: Account): { readonly deleted: DeletedShare; readonly daysLeft: number }[] {
  forget(account);
  const kept = account.policy.softDeleteDays * day;
  const hours = (deleted: DeletedShare): number => Math.floor(age(account, deleted) / hour);
  return account.deleted
    .filter((deleted) => age(account, deleted) < kept)
    .map((deleted) => ({ deleted, daysLeft: Math.floor((kept - hours(deleted) * hour) / day) }));
}

/** Whether a share of this name was deleted so lately that the name is not free yet. */
export function isBeingDeleted(account: Account, name: string): boolean {
  const { deletionSeconds } = account.policy;
  return account.deleted.some((deleted) => deleted.share.name === name && age(account, deleted) < deletionSeconds * 1000);
}

/** Throws `ShareBeingDeleted` while a name is not free yet. */
export function checkNameIsFree(account: Account, name: string): void {
  if (isBeingDeleted(account, name)) throw new Failure("ShareBeingDeleted");
}

/** Restore Share: under its own name or another. */
export function restoreShare(exchange: Exchange): Reply {
  const { account, headers } = exchange;
  const name = exchange.target.share ?? "";
  checkShareName(name);
  const [deletedName, version] = ["x-ms-deleted-share-name", "x-ms-deleted-share-version"].map((header) => {
    const value = headers.get(header);
    if (value === null || value === "") throw missingHeader(header);
    return value;
  });
  if (account.shares.has(name)) throw new Failure("ShareAlreadyExists");
  const found = restorable(account).find(({ deleted }) => deleted.share.name === deletedName && deleted.version === version)?.deleted;
  if (!found) throw new Failure("ShareNotFound");
  if (name !== deletedName) checkNameIsFree(account, name);
  account.deleted.splice(account.deleted.indexOf(found), 1);
  const snapshots = new Map([...found.share.snapshots].map(([time, snapshot]) => [time, { ...snapshot, name }]));
  // Nobody holds its lease any more.
  const share: Share = { ...found.share, name, snapshots, lease: new Lease("share"), modified: account.clock.next() };
  account.shares.set(name, share);
  return emptyReply(201, [...changeHeaders(share.modified), ...provisionedHeaders(share)]);
}
