/**
 * Reads the bodies of answers, watching that they keep coming and end where they said.
 */
import { type ErrorFacts, isAzureFilesError, TransportError } from "../errors.js";
import type { BodyReader, ReadContext } from "../types/connection.js";
import type { WireResponse } from "../types/responses.js";
import { number } from "./headers.js";
import { LONGEST, within } from "./within.js";

/**
 * Bodies that can be had without a stream, piece by piece, by the answer that they belong to; a transport says so here. Beside the answer
 * and not in it, so that middleware which gives an answer another body is never passed by.
 */
export const directBodies: WeakMap<WireResponse, (take: (chunk: Uint8Array<ArrayBuffer>) => void) => Promise<void>> = new WeakMap();

/** What an error about a body says of its request. */
export const factsOf = ({ request }: ReadContext): ErrorFacts => ({ request });

/**
 * Calls back with each piece of a body in order. Rejects with a `TransportError`: `stalled` after too long a silence, `truncated` where
 * the body breaks off. Whatever ends the reading, the body is cancelled and its connection let go.
 */
export async function eachChunk(
  response: WireResponse,
  context: ReadContext,
  take: (chunk: Uint8Array<ArrayBuffer>) => void,
): Promise<void> {
  const direct = directBodies.get(response);
  if (direct === undefined && response.body === null) return;
  // A reader and not `for await`: WebKit's streams cannot be iterated.
  const reader = direct === undefined ? response.body?.getReader() : undefined;
  const watch = watchSilence(context);
  let over = false;
  const pump = async (): Promise<void> => {
    if (reader === undefined) {
      return direct?.((chunk) => {
        if (over) return;
        watch.heard();
        take(chunk);
      });
    }
    for (let next = await reader.read(); !next.done && !over; next = await reader.read()) {
      watch.heard();
      take(next.value);
    }
  };
  try {
    // Once for the whole body: a race for each piece would cost more than the piece.
    await Promise.race([pump(), watch.failed]);
  } catch (error) {
    reader?.cancel(error).catch(() => undefined);
    throw context.request.signal.aborted || isAzureFilesError(error)
      ? error
      : new TransportError("truncated", "the answer broke off", { ...factsOf(context), cause: error });
  } finally {
    over = true;
    watch.end();
  }
}

/** The slowest link that is no fault, in bytes a millisecond: 32 KiB/s. */
export const SLOWEST: number = 32.768;

/**
 * Takes a body as the engine's own `Blob`, where the answer is one that has that; otherwise undefined, and nothing is read. Nobody sees the
 * pieces come, so it counts as stalled when it takes longer than its length takes on the slowest link.
 */
export async function readBlob(response: WireResponse, context: ReadContext): Promise<Blob | undefined> {
  if (typeof (response as Partial<Response>).blob !== "function") return undefined;
  const { clock, idle, request } = context;
  const late = (): TransportError => new TransportError("stalled", `the answer took too long`, factsOf(context));
  const patience = idle + (number(response.headers, "content-length") ?? 0) / SLOWEST;
  try {
    return await within(clock, request.signal, patience, late, () => (response as Response).blob());
  } catch (error) {
    if (request.signal.aborted || isAzureFilesError(error)) throw error;
    throw new TransportError("truncated", "the answer broke off", { ...factsOf(context), cause: error });
  }
}

/** Rejects `failed` once nothing was heard for `context.idle` milliseconds, or with the reason of the signal. One timer, however many pieces. */
export function watchSilence(
  context: ReadContext,
  signal: AbortSignal | undefined = context.request.signal,
): { failed: Promise<never>; heard(): void; end(): void } {
  const { clock, idle } = context;
  let last = clock.now();
  let timer: unknown;
  let onAbort: () => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    const check = (): void => {
      const left = last + idle - clock.now();
      if (left > 0) timer = clock.setTimeout(check, Math.min(left, LONGEST));
      else reject(new TransportError("stalled", `the answer stopped for ${idle} ms`, factsOf(context)));
    };
    timer = clock.setTimeout(check, Math.min(idle, LONGEST));
    onAbort = () => reject(signal?.reason);
    if (signal?.aborted) onAbort();
    else signal?.addEventListener("abort", onAbort);
  });
  failed.catch(() => undefined);
  return {
    failed,
    heard: () => (last = clock.now()),
    end: () => {
      clock.clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    },
  };
}

/** Reads a document as text, without the byte order mark that the service puts before its XML. */
export const readText: BodyReader<string> = async (response, context) => {
  const decoder = new TextDecoder();
  let content = "";
  let size = 0;
  await eachChunk(response, context, (chunk) => {
    content += decoder.decode(chunk, { stream: true });
    size += chunk.byteLength;
  });
  const promised = number(response.headers, "content-length");
  if (promised !== undefined && size < promised && !response.headers.get("content-encoding")) {
    throw new TransportError("truncated", `the answer ended after ${size} of ${promised} bytes`, factsOf(context));
  }
  return content + decoder.decode();
};

/** Hands a body on as it comes, with its silences watched and its cut-offs told; time that the consumer takes is not the service's. */
export const readStream: BodyReader<ReadableStream<Uint8Array<ArrayBuffer>>> = async (response, context) => {
  const { caller } = context;
  const reader = response.body?.getReader();
  const promised = response.headers.get("content-encoding") ? undefined : number(response.headers, "content-length");
  let size = 0;
  let onAbort: () => void = () => undefined;
  const over = (): void => caller?.removeEventListener("abort", onAbort);
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start(controller) {
        // An abort shows at once, also while nobody reads.
        onAbort = () => {
          controller.error(caller?.reason);
          reader?.cancel(caller?.reason).catch(() => undefined);
        };
        caller?.addEventListener("abort", onAbort, { once: true });
      },
      async pull(controller) {
        const watch = watchSilence(context, caller);
        try {
          const next = await Promise.race([reader?.read() ?? { done: true as const, value: undefined }, watch.failed]);
          if (!next.done) {
            size += next.value.byteLength;
            return controller.enqueue(next.value);
          }
          if (promised !== undefined && size < promised) {
            throw new TransportError("truncated", `the answer ended after ${size} of ${promised} bytes`, factsOf(context));
          }
          over();
          controller.close();
        } catch (error) {
          over();
          reader?.cancel(error).catch(() => undefined);
          throw caller?.aborted || error instanceof TransportError
            ? error
            : new TransportError("truncated", "the answer broke off", { ...factsOf(context), cause: error });
        } finally {
          watch.end();
        }
      },
      cancel(reason) {
        over();
        return reader?.cancel(reason);
      },
    },
    // Nothing is read before somebody asks.
    { highWaterMark: 0 },
  );
};

/**
 * Reads a body whole through a `Response` of this content type. What the body fails with is kept: some engines put an error of their own
 * in its place.
 */
export async function throughResponse<T>(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  type: string | undefined,
  take: (response: Response) => Promise<T>,
): Promise<T> {
  const reader = body.getReader();
  let failed: { error: unknown } | undefined;
  const watched = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        try {
          const next = await reader.read();
          if (next.done) controller.close();
          else controller.enqueue(next.value);
        } catch (error) {
          failed = { error };
          throw error;
        }
      },
    },
    { highWaterMark: 0 },
  );
  try {
    return await take(new Response(watched, type === undefined ? {} : { headers: { "content-type": type } }));
  } catch (error) {
    throw failed ? failed.error : error;
  }
}
