/** Bodies of which is noted what passes, while they stream on as they were. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { joined, postDataOf } from "./har-entry.js";
import type { HarPostData } from "./har.js";

/** Takes pieces, one after the other. */
export interface Taker {
  push(piece: Uint8Array<ArrayBuffer>): unknown;
}

/** What was read of a request's body: its bytes up to a limit, its length and hash however long it is. */
export interface BodyCount extends Taker {
  /** Bytes so far. */
  readonly size: number;
  /** Reads a stream to its end. Ends early where that fails, or with the signal: the sending says why. */
  read(stream: ReadableStream<Uint8Array<ArrayBuffer>> | null, signal: AbortSignal): Promise<void>;
  /** The body as an archive has it; undefined for none. */
  postData(type: string): HarPostData | undefined;
}

/** Begins to count. @param limit Bytes up to which a body is kept. */
export function bodyCount(limit: number): BodyCount {
  const hash = sha256.create();
  let pieces: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const push = (piece: Uint8Array<ArrayBuffer>): void => {
    size += piece.length;
    hash.update(piece);
    // A copy: who sends it may use the memory again.
    if (size <= limit) pieces.push(piece.slice());
    else pieces = [];
  };
  return {
    get size() {
      return size;
    },
    push,
    async read(stream, signal) {
      if (!stream || signal.aborted) return;
      const reader = stream.getReader();
      const stop = (): void => void reader.cancel(signal.reason).catch(() => undefined);
      signal.addEventListener("abort", stop, { once: true });
      try {
        for (let next = await reader.read(); !next.done; next = await reader.read()) push(next.value);
      } catch {
        // What was read so far is what there is.
      } finally {
        signal.removeEventListener("abort", stop);
      }
    },
    postData(type) {
      if (size === 0) return undefined;
      if (size <= limit) return postDataOf(type, joined(pieces));
      const mimeType = type || "application/octet-stream";
      return { mimeType, params: [], text: "", _size: size, _sha256: bytesToHex(hash.clone().digest()) };
    },
  };
}

/** The same body, of which every piece is kept as it passes. It waits where its reader does. */
export function noted(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  taker: Taker,
  onEnd?: () => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        const next = await reader.read();
        if (next.done) {
          onEnd?.();
          controller.close();
          return;
        }
        // A copy: whoever reads may do with the bytes what he wants.
        taker.push(next.value.slice());
        controller.enqueue(next.value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
