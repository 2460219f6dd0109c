/**
 * The bytes of one file, sparse: blocks of 1 MiB come into being when they are written, all else reads as zero. A file of 4 TiB
 * costs what was written to it.
 */
import { PageSet, type Span } from "./page-set.js";

const blockSize = 1048576;

/** Content of a file: fixed-size until resized, written and cleared by range, read without copying the whole. */
export class SparseContent {
  readonly #blocks = new Map<number, Uint8Array<ArrayBuffer>>();
  readonly #pages = new PageSet();
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

  /** Copies `bytes` in at `offset`; the caller has checked that they fit. */
  write(offset: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) {
      const at = offset + done;
      const index = Math.floor(at / blockSize);
      const inside = at - index * blockSize;
      const length = Math.min(blockSize - inside, bytes.length - done);
      let block = this.#blocks.get(index);
      if (!block) this.#blocks.set(index, (block = new Uint8Array(blockSize)));
      block.set(bytes.subarray(done, done + length), inside);
      done += length;
    }
    this.#pages.add(offset, offset + bytes.length);
  }

  /** Zeroes `start` to `end` and releases the pages that lie wholly inside. */
  clear(start: number, end: number): void {
    this.#zero(start, end);
    this.#pages.remove(start, end);
  }

  /** Cuts off or adds zeros, without allocating. */
  resize(size: number): void {
    if (size < this.#size) {
      this.#zero(size, this.#size);
      this.#pages.remove(size, Math.ceil(this.#size / 512) * 512);
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
      if (from === 0 && to === blockSize) this.#blocks.delete(index);
      else block.fill(0, from, to);
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
    return [...this.#pages.within(start, Math.min(end, this.#size))];
  }
}
