/**
 * What an upload reads from, whatever it is, as parts of one range each.
 */
import { type BytesLike, bodyOf, isBlob, sizeOfBody, sliceOf } from "../transport/bytes.js";
import type { WireBody } from "../types/requests.js";

/** What `upload` takes as its body. Streams and iterables give bytes in pieces of any size; strings among them are UTF-8. */
export type UploadBody = BytesLike | ReadableStream<unknown> | AsyncIterable<unknown> | Response;

/** A body as consecutive parts. */
export interface Source {
  /** Bytes in all, where that is known beforehand. */
  readonly size: number | undefined;
  /** The next part: `rangeSize` bytes, fewer only at the end, undefined after it. */
  next(): Promise<WireBody | undefined>;
  /** Takes back a part that nobody reads any more, so that its memory serves the next one. */
  release(part: WireBody): void;
  /** Lets go of the body; a stream learns the reason. */
  cancel(reason: unknown): void;
}

/**
 * Makes a source of a body. A `File` stays a `File`: its parts are slices by reference, which the engine reads when it sends them.
 *
 * @throws TypeError for a stream or response that is locked or already read, and for what is no body at all.
 */
export function sourceOf(body: UploadBody, rangeSize: number): Source {
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

function memorySource(body: WireBody, rangeSize: number): Source {
  const size = sizeOfBody(body);
  let offset = 0;
  return {
    size,
    async next() {
      const start = offset;
      offset = Math.min(size, start + rangeSize);
      return start < size ? sliceOf(body, start, offset) : undefined;
    },
    // The memory is the caller's.
    release: () => undefined,
    cancel: () => undefined,
  };
}

/** Fills parts with pieces of any size. The bytes are copied, so that whoever gave them may use their buffer again. */
function piecesSource(
  read: () => Promise<{ done?: boolean | undefined; value?: unknown }>,
  cancel: (reason: unknown) => Promise<unknown>,
  rangeSize: number,
): Source {
  // As many buffers as ranges are ever under way: fresh ones for each would wait for the collector by the hundred megabytes.
  const free: Uint8Array<ArrayBuffer>[] = [];
  let rest: Uint8Array = new Uint8Array();
  let ended: boolean | undefined;
  return {
    size: undefined,
    async next() {
      let part: Uint8Array<ArrayBuffer> | undefined;
      let filled = 0;
      while (filled < rangeSize && !ended) {
        if (rest.byteLength === 0) {
          const { done, value } = await read();
          ended = done;
          if (done) break;
          const piece = bodyOf(value as BytesLike);
          rest = isBlob(piece) ? new Uint8Array(await piece.arrayBuffer()) : piece;
        }
        part ??= free.pop() ?? new Uint8Array(rangeSize);
        const taken = rest.subarray(0, rangeSize - filled);
        part.set(taken, filled);
        filled += taken.byteLength;
        rest = rest.subarray(taken.byteLength);
      }
      return filled > 0 ? part?.subarray(0, filled) : undefined;
    },
    release: (part) => void free.push(new Uint8Array((part as Uint8Array<ArrayBuffer>).buffer)),
    cancel: (reason) => void cancel(reason).catch(() => undefined),
  };
}
