/**
 * One range of a download on its way: what has come can be had before the rest has.
 */
import type { Clock } from "../types/connection.js";
import type { RangeHead, RangeRead, RangeSink } from "./range-reader.js";

/** Pieces of a range, in order. */
export type Chunks = readonly Uint8Array<ArrayBuffer>[];

/** A range on its way. */
export interface Lane {
  /** Where it begins, counted from the beginning of the download. */
  readonly start: number;
  /** The head of its first answer. Rejects where none came. */
  readonly opened: Promise<RangeHead>;
  /** Bytes a millisecond, once it ended. */
  readonly speed: number;
  /**
   * What came since it was last asked, a few pieces at least; undefined at the end. Rejects with what ended it before its time, once all that
   * came has been handed out.
   */
  next(): Promise<Chunks | undefined>;
  /** Puts all of it into `target`, what came already and what will come. Resolves to its bytes. Instead of `next`. */
  into(target: Uint8Array): Promise<number>;
}

/** Enough to wake up the reader for: for each piece by itself it would cost more than the piece. */
const ENOUGH = 256 * 1024;

/**
 * Starts a range.
 *
 * @param read Reads it into the sink that it is given.
 * @param whole Whether nothing may be handed out before all of it has come and its sum was found right.
 */
export function openLane(clock: Clock, start: number, whole: boolean, read: (sink: RangeSink) => Promise<RangeRead>): Lane {
  let pieces: Uint8Array<ArrayBuffer>[] = [];
  let [held, got, waiting, speed] = [whole, 0, 0, 0];
  let target: Uint8Array | undefined;
  let wake: () => void = () => undefined;
  let tell: (head: RangeHead) => void = () => undefined;
  const place = (bytes: Uint8Array): void => {
    target?.set(bytes, got);
    got += bytes.byteLength;
  };
  const startedAt = clock.now();
  const told = new Promise<RangeHead>((resolve) => (tell = resolve));
  const reading = read({
    begin(head) {
      // What an engine decodes on its own is no part of the file, however well it came.
      held ||= head.headers.get("content-encoding") !== null;
      tell(head);
    },
    take(bytes) {
      if (target) return place(bytes);
      pieces.push(bytes);
      waiting += bytes.byteLength;
      if (waiting >= ENOUGH && !held) wake();
    },
    restart() {
      pieces = [];
      [got, waiting] = [0, 0];
    },
  });
  let ended = false;
  const end = (): void => {
    ended = true;
    held = false;
    wake();
  };
  const done = reading.then(({ size }) => {
    speed = size / Math.max(clock.now() - startedAt, 0.001);
    end();
  });
  // Told when its turn comes.
  done.catch(() => {
    // Of a range that was not proven, nothing is handed out.
    if (held) pieces = [];
    end();
  });
  const opened = Promise.race([told, done.then(() => told)]);
  opened.catch(() => undefined);
  return {
    start,
    opened,
    get speed() {
      return speed;
    },
    async next() {
      while (!ended && (held || waiting < ENOUGH)) await new Promise<void>((resolve) => (wake = resolve));
      const ready = pieces;
      pieces = [];
      waiting = 0;
      if (ready.length > 0) return ready;
      await done;
      return undefined;
    },
    async into(bytes) {
      target = bytes;
      for (const piece of pieces) place(piece);
      pieces = [];
      await done;
      return got;
    },
  };
}
