/** What changed in a file since a snapshot: written pages and cleared ones. */
import type { Exchange } from "./exchange.js";
import { Failure, badQuery } from "./failures.js";
import { findPlace, findShare } from "./lookup.js";
import { PageSet, type Span } from "./page-set.js";
import { readFlag } from "./request-values.js";
import { filesOf, type FileNode, type Share, type TreeNode } from "./state.js";
import { isoTime, parseIsoTime } from "./time.js";

/** A part of a file. */
export interface ChangedSpan extends Span {
  readonly cleared: boolean;
}

/** The file of a share that has this id. */
function byId(share: Share, id: string): FileNode | undefined {
  for (const file of filesOf(share.root)) if (file.id === id) return file;
  return undefined;
}

/** The snapshot that `prevsharesnapshot` names, and those after it up to what is read. */
function history(exchange: Exchange): { readonly previous: Share; readonly later: readonly Share[] } {
  const read = findShare(exchange);
  const live = exchange.account.shares.get(read.name) ?? read;
  const word = exchange.target.query.get("prevsharesnapshot") ?? "";
  const ticks = parseIsoTime(word);
  if (ticks === undefined) throw badQuery("prevsharesnapshot", word);
  const time = isoTime(ticks);
  const previous = live.snapshots.get(time);
  if (!previous) throw new Failure("PreviousSnapshotNotFound");
  if (read.snapshot !== undefined && time > read.snapshot) throw badQuery("prevsharesnapshot", word);
  const snapshots = [...live.snapshots.values()].filter(({ snapshot = "" }) => snapshot > time);
  return {
    previous,
    later: read.snapshot === undefined ? [...snapshots, live] : snapshots.filter(({ snapshot = "" }) => snapshot <= (read.snapshot ?? "")),
  };
}

/** The file as it was. One that has another name now is only found when the request allows for that. */
function findBefore(exchange: Exchange, previous: Share, file: FileNode): FileNode | undefined {
  let node: TreeNode | undefined = previous.root;
  const { parent, name } = findPlace(exchange);
  const names = [name];
  for (let above = parent; above.parent; above = above.parent) names.unshift(above.name);
  for (const component of names) node = node?.kind === "directory" ? node.children.get(component) : undefined;
  if (node?.kind === "file" && node.id === file.id) return node;
  const renamed = byId(previous, file.id);
  if (renamed && !readFlag(exchange.headers, "x-ms-file-support-rename")) throw new Failure("PreviousSnapshotNotFound");
  return renamed;
}

/** The changes of a file since `prevsharesnapshot`, in the order of their offsets, cut to `start` and `end`. */
export function changesOf(exchange: Exchange, file: FileNode, start: number, end: number): ChangedSpan[] {
  const { previous, later } = history(exchange);
  const before = findBefore(exchange, previous, file);
  const last = Math.min(end, file.content.size);
  // All of a new file is a change.
  if (!before) return file.content.ranges(start, last).map((span) => ({ start: span.start, end: span.end, cleared: false }));
  const touched = new PageSet();
  for (const share of later) for (const span of byId(share, file.id)?.content.touched() ?? []) touched.add(span.start, span.end);
  const changes: ChangedSpan[] = [];
  for (const span of touched.within(start, last)) {
    let from = span.start;
    const clear = (to: number): void => {
      for (const was of before.content.pages(from, to)) changes.push({ ...was, cleared: true });
    };
    for (const written of file.content.ranges(span.start, span.end)) {
      clear(written.start);
      changes.push({ ...written, cleared: false });
      from = written.end;
    }
    clear(span.end);
  }
  return changes;
}
