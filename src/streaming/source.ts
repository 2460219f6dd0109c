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
  /** Lets go of the body; a stream learns the reason. */
  cancel(reason: unknown): void;
}

/**
 * Makes a source of a body. A `File` stays a `File`: its parts are slices by reference, which the engine reads when it sends them.
 *
 * @throws TypeError for a stream or response that is locked or already read, and for what is no body at all.
 */
export function sourceOf(body: UploadBody, rangeSize: number): Source {
  if (isStream(body)) return streamSource(body, rangeSize);
  if (isResponse(body)) {
    if (body.bodyUsed) throw new TypeError("body is a Response that was already read");
    return body.body === null ? memorySource(new Uint8Array(), rangeSize) : streamSource(body.body, rangeSize);
  }
  if (typeof body === "object" && body !== null && typeof (body as AsyncIterable<unknown>)[Symbol.asyncIterator] === "function") {
    const iterator = (body as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    return piecesSource(
      () => iterator.next() as Promise<Piece>,
      () => void iterator.return?.()?.then(undefined, () => undefined),
      rangeSize,
    );
  }
  return memorySource(bodyOf(body as BytesLike), rangeSize);
}

const isStream = (body: unknown): body is ReadableStream<unknown> => typeof (body as ReadableStream | null)?.getReader === "function";
const isResponse = (body: unknown): body is Response => typeof body === "object" && body !== null && "bodyUsed" in body && "body" in body && !isBlob(body);

function memorySource(body: WireBody, rangeSize: number): Source {
  const size = sizeOfBody(body);
  let offset = 0;
  return {
    size,
    async next() {
      if (offset >= size) return undefined;
      const start = offset;
      offset = Math.min(size, start + rangeSize);
      return sliceOf(body, start, offset);
    },
    cancel: () => undefined,
  };
}

function streamSource(stream: ReadableStream<unknown>, rangeSize: number): Source {
  if (stream.locked) throw new TypeError("body is a stream that is locked: something else reads it, or has read it");
  const reader = stream.getReader();
  return piecesSource(
    () => reader.read() as Promise<Piece>,
    (reason) => void reader.cancel(reason).catch(() => undefined),
    rangeSize,
  );
}

interface Piece {
  readonly done?: boolean;
  readonly value?: unknown;
}

/** Fills parts with pieces of any size. The bytes are copied, so that whoever gave them may use their buffer again. */
function piecesSource(read: () => Promise<Piece>, cancel: (reason: unknown) => void, rangeSize: number): Source {
  let rest: Uint8Array = new Uint8Array();
  let ended = false;
  return {
    size: undefined,
    async next() {
      let part: Uint8Array<ArrayBuffer> | undefined;
      let filled = 0;
      while (filled < rangeSize) {
        if (rest.byteLength === 0) {
          if (ended) break;
          const { done, value } = await read();
          if (done) {
            ended = true;
            break;
          }
          rest = bytesOf(value);
          continue;
        }
        part ??= new Uint8Array(rangeSize);
        const taken = rest.subarray(0, rangeSize - filled);
        part.set(taken, filled);
        filled += taken.byteLength;
        rest = rest.subarray(taken.byteLength);
      }
      return part?.subarray(0, filled);
    },
    cancel,
  };
}

function bytesOf(piece: unknown): Uint8Array {
  try {
    const body = bodyOf(piece as BytesLike);
    if (!isBlob(body)) return body;
  } catch {
    // Said below, with the word that fits a stream.
  }
  throw new TypeError(`body gave a piece that is ${piece === null ? "null" : typeof piece}, but pieces must be bytes or strings`);
}
