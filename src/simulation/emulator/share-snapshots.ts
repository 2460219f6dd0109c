/**
 * Snapshot Share: a copy of all that a share holds, which costs nothing until the share is written to.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/snapshot-share
 */
import { emptyReply, type Exchange, type Reply } from "./exchange.js";
import { Failure } from "./failures.js";
import { Lease } from "./lease.js";
import { checkShareLease, findShare } from "./lookup.js";
import { readMetadata } from "./request-values.js";
import { changeHeaders } from "./response-headers.js";
import { Children, type DirectoryNode, type FileNode, type Share } from "./state.js";
import { isoTime, type Ticks } from "./time.js";

const mostSnapshots = 200;
const second: Ticks = 10000000n;

/** A name for a snapshot: a whole second that no other snapshot of the share has. */
function nextTime(share: Share, now: Ticks): string {
  let time = now - (now % second);
  while (share.snapshots.has(isoTime(time))) time += second;
  return isoTime(time);
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
  const time = nextTime(share, account.clock.now());
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
