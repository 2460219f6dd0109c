/** Which parts of a file are allocated: sorted, disjoint, never adjacent spans of whole 512-byte pages. */

/** Bytes `start` up to, not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The service allocates storage in units of this many bytes. */
export const pageSize = 512;

/** A set of pages kept as merged spans, so that a file written through costs one entry. */
export class PageSet {
  #spans: Span[] = [];

  /** Index of the first span that ends at or after `offset`. */
  #find(offset: number): number {
    let low = 0;
    let high = this.#spans.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#spans[middle] as Span).end < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Allocates every page that `start` to `end` touches. */
  add(start: number, end: number): void {
    if (end <= start) return;
    let from = start - (start % pageSize);
    let to = Math.ceil(end / pageSize) * pageSize;
    const first = this.#find(from);
    let last = first;
    for (let span = this.#spans[last]; span && span.start <= to; span = this.#spans[++last]) {
      from = Math.min(from, span.start);
      to = Math.max(to, span.end);
    }
    this.#spans.splice(first, last - first, { start: from, end: to });
  }

  /** Releases the pages that lie wholly inside `start` to `end`. */
  remove(start: number, end: number): void {
    const from = Math.ceil(start / pageSize) * pageSize;
    const to = end - (end % pageSize);
    if (to <= from) return;
    const first = this.#find(from);
    const rest: Span[] = [];
    let last = first;
    for (let span = this.#spans[last]; span && span.start < to; span = this.#spans[++last]) {
      if (span.start < from) rest.push({ start: span.start, end: Math.min(span.end, from) });
      if (span.end > to) rest.push({ start: Math.max(span.start, to), end: span.end });
    }
    this.#spans.splice(first, last - first, ...rest);
  }

  /** The allocated spans cut to `start` and `end`, ascending. */
  *within(start: number, end: number): Generator<Span> {
    for (let index = this.#find(start); index < this.#spans.length; index++) {
      const span = this.#spans[index] as Span;
      if (span.start >= end) return;
      const cut = { start: Math.max(span.start, start), end: Math.min(span.end, end) };
      if (cut.end > cut.start) yield cut;
    }
  }

  /** Bytes that `add` would allocate beyond those it has. */
  growth(start: number, end: number): number {
    if (end <= start) return 0;
    const [from, to] = [start - (start % pageSize), Math.ceil(end / pageSize) * pageSize];
    let bytes = to - from;
    for (const span of this.within(from, to)) bytes -= span.end - span.start;
    return bytes;
  }

  /** Bytes allocated in all. */
  get bytes(): number {
    return this.#spans.reduce((sum, span) => sum + span.end - span.start, 0);
  }
}
