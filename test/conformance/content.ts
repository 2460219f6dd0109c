/** Bytes to write: the same for the same seed, everywhere. */

/** Pseudo-random bytes (xorshift). */
export function bytesOf(size: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let state = (seed * 2654435761) | 1;
  for (let at = 0; at < size; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[at] = state & 255;
  }
  return bytes;
}

/** The bytes in pieces of these sizes, again and again. */
export function* pieces(bytes: Uint8Array<ArrayBuffer>, sizes: readonly number[]): Generator<Uint8Array<ArrayBuffer>> {
  let at = 0;
  for (let index = 0; at < bytes.byteLength; index++) {
    const size = sizes[index % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

/** A stream of such pieces, each given when asked for. */
export function streamOf(bytes: Uint8Array<ArrayBuffer>, sizes: readonly number[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  const source = pieces(bytes, sizes);
  return new ReadableStream(
    {
      pull(controller) {
        const { done, value } = source.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
    },
    { highWaterMark: 0 },
  );
}

/** An async iterable of such pieces. */
export async function* iterableOf(bytes: Uint8Array<ArrayBuffer>, sizes: readonly number[]): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  yield* pieces(bytes, sizes);
}

/** Everything that an async iterable gives. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
