/**
 * Snapshot Share: a copy of all that a share holds, which costs nothing until the share is written to; and what its deletion leaves behind.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/snapshot-share
 */
import { emptyReply, type Exchange, type Reply } from "./exchange.js";
import { Failure } from "./failures.js";
import { Lease } from "./lease.js";
import { checkShareLease, findShare } from "./lookup.js";
import { readMetadata } from "./request-values.js";
import { changeHeaders } from "./response-headers.js";
import { Children, filesOf, type DirectoryNode, type FileNode, type Share } from "./state.js";
import { isoTime, type Ticks } from "./time.js";

const mostSnapshots = 200;
const second: Ticks = 10000000n;

/** What names a snapshot: a whole second after those of all snapshots before, so that they stay in order. */
function nextTime({ lastSnapshot }: Share, now: Ticks): Ticks {
  const time = now - (now % second);
  return lastSnapshot === undefined || lastSnapshot < time ? time : lastSnapshot + second;
}

/** A copy of a directory with all that is in it. Names of one file stay names of one file. */
function frozen(directory: DirectoryNode, parent: DirectoryNode | undefined, files: Map<string, FileNode>): DirectoryNode {
  const copy: DirectoryNode = { ...directory, parent, children: new Children(directory.children.caseSensitive) };
  for (const child of directory.children.sorted()) {
    if (child.kind === "directory") copy.children.set(frozen(child, copy, files));
    else copy.children.set(frozenFile(child, copy, files));
  }
  return copy;
}

function frozenFile(file: FileNode, parent: DirectoryNode, files: Map<string, FileNode>): FileNode {
  const known = files.get(file.id);
  const { kind, id, smb, nfs, modified, metadata, encrypted, http, copy, linkCount, linkText } = file;
  const content = known?.content ?? file.content.cut();
  const lease = new Lease("file"); // a snapshot's files are leased by nobody
  const made: FileNode = {
    kind,
    id,
    name: file.name,
    parent,
    smb,
    nfs,
    modified,
    metadata,
    encrypted,
    content,
    http,
    lease,
    copy,
    linkCount,
    linkText,
  };
  if (!known) files.set(id, made);
  return made;
}

/** Snapshot Share. With metadata of its own the snapshot has an ETag of its own as well. */
export function snapshotShare(exchange: Exchange): Reply {
  const { account, headers } = exchange;
  const metadata = readMetadata(headers);
  const share = findShare(exchange);
  checkShareLease(exchange, share);
  if (share.snapshots.size >= mostSnapshots) throw new Failure("ShareSnapshotCountExceeded");
  share.lastSnapshot = nextTime(share, account.clock.now());
  const time = isoTime(share.lastSnapshot);
  const modified = metadata.length > 0 ? account.clock.next() : share.modified;
  share.snapshots.set(time, {
    ...share,
    snapshot: time,
    snapshots: new Map(),
    root: frozen(share.root, undefined, new Map()),
    metadata: metadata.length > 0 ? metadata : share.metadata,
    modified,
    lease: new Lease("share"),
  });
  return emptyReply(201, [["x-ms-snapshot", time], ...changeHeaders(modified)]);
}

/** Takes a snapshot away. What was touched up to it is from then on what was touched up to the next one. */
export function deleteSnapshot(share: Share, snapshot: Share): void {
  const after = [...share.snapshots.values()];
  const next = after[after.indexOf(snapshot) + 1] ?? share;
  const earlier = new Map([...filesOf(snapshot.root)].map(({ id, content }) => [id, content]));
  for (const { id, content } of filesOf(next.root)) {
    const before = earlier.get(id);
    if (before) content.follow(before);
  }
  share.snapshots.delete(snapshot.snapshot ?? "");
}
