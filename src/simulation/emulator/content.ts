/**
 * The bytes of one file, sparse: blocks of 1 MiB come into being when they are written, all else reads as zero. A file of 4 TiB
 * costs what was written to it.
 */
import { PageSet, type Span } from "./page-set.js";

const blockSize = 1048576;

/** Content of a file: fixed-size until resized, written and cleared by range, read without copying the whole. */
export class SparseContent {
  readonly #blocks = new Map<number, Uint8Array<ArrayBuffer>>();
  /** Blocks that a copy of this content reads as well; whoever writes first takes a copy. */
  readonly #shared = new Set<number>();
  readonly #pages = new PageSet();
  /** Pages written or cleared since the last snapshot. */
  #touched = new PageSet();
  #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  /** Length in bytes. */
  get size(): number {
    return this.#size;
  }

  /** Bytes of storage that the pages in use take. */
  get allocated(): number {
    return this.#pages.bytes;
  }

  /** Bytes of storage that a write of `length` bytes at `offset` would take beyond those in use. */
  growth(offset: number, length: number): number {
    return this.#pages.growth(offset, offset + length);
  }

  /** Copies `bytes` in at `offset`; the caller has checked that they fit. */
  write(offset: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) {
      const at = offset + done;
      const index = Math.floor(at / blockSize);
      const inside = at - index * blockSize;
      const length = Math.min(blockSize - inside, bytes.length - done);
      this.#own(index).set(bytes.subarray(done, done + length), inside);
      done += length;
    }
    this.#pages.add(offset, offset + bytes.length);
    this.#touched.add(offset, offset + bytes.length);
  }

  /** A block that nobody else reads. */
  #own(index: number): Uint8Array<ArrayBuffer> {
    const block = this.#blocks.get(index);
    if (block && !this.#shared.has(index)) return block;
    const own = block ? block.slice() : new Uint8Array(blockSize);
    this.#shared.delete(index);
    this.#blocks.set(index, own);
    return own;
  }

  /** A copy that costs nothing until one of the two is written to; its pages count as touched, as those of something new do. */
  copy(): SparseContent {
    const copy = new SparseContent(this.#size);
    for (const [index, block] of this.#blocks) {
      copy.#blocks.set(index, block);
      copy.#shared.add(index);
      this.#shared.add(index);
    }
    for (const { start, end } of this.#pages.within(0, Infinity)) {
      copy.#pages.add(start, end);
      copy.#touched.add(start, end);
    }
    return copy;
  }

  /** A copy for a snapshot, which keeps what was touched since the last one; this begins anew to note that. */
  cut(): SparseContent {
    const copy = this.copy();
    copy.#touched = this.#touched;
    this.#touched = new PageSet();
    return copy;
  }

  /** Pages written or cleared since the last snapshot: of a snapshot, up to it. */
  touched(): Span[] {
    return [...this.#touched.within(0, Infinity)];
  }

  /** Takes over what was touched of an earlier state of the same file, the snapshot of which is deleted. */
  follow(earlier: SparseContent): void {
    for (const { start, end } of earlier.#touched.within(0, Infinity)) this.#touched.add(start, end);
  }

  /** Notes that this came in the place of other content, all of which is gone. */
  replace(other: SparseContent): void {
    this.#touched.add(0, other.#size);
    this.follow(other);
  }

  /** Zeroes `start` to `end`: releases the pages that lie wholly inside, and writes zeros to the rest, which allocates, as recorded. */
  clear(start: number, end: number): void {
    this.#zero(start, end);
    this.#pages.remove(start, end);
    if (start % 512 !== 0) this.#pages.add(start, Math.min(end, Math.ceil(start / 512) * 512));
    if (end % 512 !== 0) this.#pages.add(Math.max(start, Math.floor(end / 512) * 512), end);
    this.#touched.add(start, end);
  }

  /** Cuts off or adds zeros, without allocating. */
  resize(size: number): void {
    if (size < this.#size) {
      this.#zero(size, this.#size);
      this.#pages.remove(size, Math.ceil(this.#size / 512) * 512);
      this.#touched.add(size, this.#size);
    }
    this.#size = size;
  }

  #zero(start: number, end: number): void {
    const first = Math.floor(start / blockSize);
    const last = Math.ceil(end / blockSize);
    // Walk whichever is shorter: the range's blocks or the blocks that exist.
    const indexes =
      last - first > this.#blocks.size ? [...this.#blocks.keys()] : Array.from({ length: last - first }, (_, step) => first + step);
    for (const index of indexes) {
      const block = this.#blocks.get(index);
      if (!block || index < first || index >= last) continue;
      const from = Math.max(0, start - index * blockSize);
      const to = Math.min(blockSize, end - index * blockSize);
      if (from === 0 && to === blockSize) {
        this.#blocks.delete(index);
        this.#shared.delete(index);
      } else this.#own(index).fill(0, from, to);
    }
  }

  /** A copy of `length` bytes from `offset`; the caller has checked that they exist. */
  read(offset: number, length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const at = offset + done;
      const index = Math.floor(at / blockSize);
      const inside = at - index * blockSize;
      const count = Math.min(blockSize - inside, length - done);
      const block = this.#blocks.get(index);
      if (block) bytes.set(block.subarray(inside, inside + count), done);
      done += count;
    }
    return bytes;
  }

  /** The same bytes as a stream of chunks of up to 1 MiB, each made when it is asked for. Ends with `signal`'s reason when it aborts. */
  stream(offset: number, length: number, signal: AbortSignal): ReadableStream<Uint8Array<ArrayBuffer>> {
    let at = offset;
    const end = offset + length;
    return new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        pull: (controller) => {
          if (signal.aborted) return controller.error(signal.reason);
          const count = Math.min(blockSize - (at % blockSize), end - at);
          controller.enqueue(this.read(at, count));
          at += count;
          if (at >= end) controller.close();
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** Allocated spans between `start` and `end`, cut to the file's size. */
  ranges(start: number, end: number): Span[] {
    return this.pages(start, Math.min(end, this.#size));
  }

  /** The same, up to the end of the page in which the file ends. */
  pages(start: number, end: number): Span[] {
    return [...this.#pages.within(start, end)];
  }
}
