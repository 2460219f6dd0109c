/**
 * What an upload reads from, whatever it is, as parts of one range each.
 */
import { type BytesLike, bodyOf, bytesIn, sizeOfBody, sliceOf } from "../transport/bytes.js";
import type { WireBody } from "../types/requests.js";

/**
 * What `upload` takes as its body. Streams and iterables give bytes in pieces of any size; strings among them are UTF-8. What can be opened
 * is read at any place, as `fromPath` of `azure-files/node` is.
 */
export type UploadBody = BytesLike | ReadableStream<unknown> | AsyncIterable<unknown> | Response | OpenableBody;

/** A body that is opened when its upload begins. */
export interface OpenableBody {
  open(): Promise<OpenBody>;
}

/** An open body whose bytes can be read at any place. */
export interface OpenBody {
  /** Bytes in all. */
  readonly size: number;
  /** When it was changed last, in milliseconds since 1970. */
  readonly lastModified?: number | undefined;
  /** Fills `into` from `offset` on; fewer bytes than asked for mean that the body became shorter. */
  read(offset: number, into: Uint8Array<ArrayBuffer>): Promise<number>;
  close(): Promise<unknown>;
}

/** A body as consecutive parts. */
export interface Source {
  /** Bytes in all, where that is known beforehand. */
  readonly size: number | undefined;
  /** When the body was changed last, in milliseconds since 1970, where that is known. */
  readonly lastModified?: number | undefined;
  /** The next part: `rangeSize` bytes, fewer only at the end, undefined after it. */
  next(): Promise<WireBody | undefined>;
  /** Passes over the next part without reading it; returns its bytes. Only where the body can be read at any place. */
  readonly skip?: (() => number) | undefined;
  /** Reads a few bytes, wherever the parts are. Only where the body can be read at any place. */
  readonly sample?: ((start: number, end: number) => Promise<WireBody>) | undefined;
  /** Takes back a part that nobody reads any more, so that its memory serves the next one. */
  release(part: WireBody): void;
  /** Lets go of the body; a stream learns the reason. */
  cancel(reason: unknown): void;
}

/**
 * Makes a source of a body, opening it where it has to be opened. A `File` stays a `File`: its parts are slices by reference, which the engine reads when it sends them.
 *
 * @throws TypeError for a stream or response that is locked or already read, and for what is no body at all.
 */
export async function openSource(body: UploadBody, rangeSize: number): Promise<Source> {
  if (typeof (body as Partial<OpenableBody> | null)?.open === "function")
    return openedSource(await (body as OpenableBody).open(), rangeSize);
  const { bodyUsed, body: inner } = (body ?? {}) as Partial<Response>;
  const stream = (bodyUsed === undefined ? body : inner) as ReadableStream<unknown> | null | undefined;
  if (bodyUsed || stream?.locked) throw new TypeError("body is locked or already read");
  if (typeof stream?.getReader === "function") {
    const reader = stream.getReader();
    return piecesSource(
      () => reader.read(),
      (reason) => reader.cancel(reason),
      rangeSize,
    );
  }
  const iterator = (stream as AsyncIterable<unknown> | null)?.[Symbol.asyncIterator]?.();
  if (iterator)
    return piecesSource(
      () => iterator.next(),
      async () => iterator.return?.(),
      rangeSize,
    );
  // A Response without a body is an empty one.
  return memorySource(bodyOf(bodyUsed === false ? "" : (body as BytesLike)), rangeSize);
}

/** Memory for parts, as much as is under way at once: fresh memory for each would wait for the collector by the hundred megabytes. */
function buffersOf(rangeSize: number): Pick<Source, "release"> & { take(): Uint8Array<ArrayBuffer> } {
  const free: Uint8Array<ArrayBuffer>[] = [];
  return {
    take: () => free.pop() ?? new Uint8Array(rangeSize),
    release: (part) => void free.push(new Uint8Array((part as Uint8Array<ArrayBuffer>).buffer)),
  };
}

/** Parts of what can be read at any place; `read` gives the bytes from `start` to before `end`, or fewer where there are no more. */
function placedSource(
  size: number,
  lastModified: number | undefined,
  rangeSize: number,
  read: (start: number, end: number) => Promise<WireBody>,
): Omit<Source, "release" | "cancel"> {
  let offset = 0;
  const step = (): number => {
    const start = offset;
    offset = Math.min(size, start + rangeSize);
    return start;
  };
  return {
    size,
    lastModified,
    async next() {
      const start = step();
      if (start >= size) return undefined;
      const part = await read(start, offset);
      const got = sizeOfBody(part);
      // What became shorter has ended, whatever it grows to again.
      if (start + got < offset) offset = size;
      return got > 0 ? part : undefined;
    },
    skip: () => -step() + offset,
    sample: read,
  };
}

function memorySource(body: WireBody, rangeSize: number): Source {
  const { lastModified } = body as Partial<File>;
  return {
    ...placedSource(sizeOfBody(body), lastModified, rangeSize, async (start, end) => sliceOf(body, start, end)),
    // The memory is the caller's.
    release: () => undefined,
    cancel: () => undefined,
  };
}

function openedSource(body: OpenBody, rangeSize: number): Source {
  const { take, release } = buffersOf(rangeSize);
  return {
    ...placedSource(body.size, body.lastModified, rangeSize, async (start, end) => {
      const part = take().subarray(0, end - start);
      return part.subarray(0, await body.read(start, part));
    }),
    release,
    cancel: () => void body.close().catch(() => undefined),
  };
}

/** Fills parts with pieces of any size. The bytes are copied, so that whoever gave them may use their buffer again. */
function piecesSource(
  read: () => Promise<{ done?: boolean | undefined; value?: unknown }>,
  cancel: (reason: unknown) => Promise<unknown>,
  rangeSize: number,
): Source {
  const { take, release } = buffersOf(rangeSize);
  let rest: Uint8Array = new Uint8Array();
  let half = "";
  let ended: boolean | undefined;
  return {
    size: undefined,
    async next() {
      let part: Uint8Array<ArrayBuffer> | undefined;
      let filled = 0;
      while (filled < rangeSize && !(ended && rest.byteLength === 0)) {
        if (rest.byteLength === 0) {
          const next = await read();
          ended = next.done;
          let { value = "" } = next;
          if (typeof value === "string") {
            // A piece may end in the middle of a character.
            const text = half + value;
            const end = ended ? text.length : text.search(/[\ud800-\udbff]?$/);
            [value, half] = [text.slice(0, end), text.slice(end)];
          }
          rest = await bytesIn(bodyOf(value as BytesLike));
        }
        part ??= take();
        const taken = rest.subarray(0, rangeSize - filled);
        part.set(taken, filled);
        filled += taken.byteLength;
        rest = rest.subarray(taken.byteLength);
      }
      return filled > 0 ? part?.subarray(0, filled) : undefined;
    },
    release,
    cancel: (reason) => void cancel(reason).catch(() => undefined),
  };
}
