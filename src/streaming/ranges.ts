/** Ranges that are ascending and apart: adding one to them, joining what touches, and what of them lies in a part of the file. */
import type { ByteRange } from "../types/properties.js";

/** Adds `range` to `ranges` in place. */
export function addRange(ranges: ByteRange[], range: ByteRange): void {
  let first = ranges.length;
  // Ranges are acknowledged almost in order: the place is near the end.
  while (first > 0 && (ranges[first - 1] as ByteRange).end + 1 >= range.start) first--;
  let { start, end } = range;
  let past = first;
  for (let next = ranges[past]; next && next.start <= end + 1; next = ranges[++past]) {
    start = Math.min(start, next.start);
    end = Math.max(end, next.end);
  }
  ranges.splice(first, past - first, { start, end });
}

/** Bytes of `ranges` from `start` to before `end`. */
export const bytesOf = (ranges: readonly ByteRange[], start: number, end: number): number =>
  ranges.reduce((sum, range) => sum + Math.max(0, Math.min(end, range.end + 1) - Math.max(start, range.start)), 0);
