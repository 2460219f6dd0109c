/**
 * Reads one range of a file, whatever happens on the way: a body that breaks off goes on at the next byte, from the same version of the
 * file or not at all.
 */
import { IntegrityError, isIntegrityError, isServiceError, TransportError } from "../errors.js";
import { eachChunk, factsOf, readBlob } from "../transport/body.js";
import { MAX_FILE } from "../services/file-writes.js";
import { byteRange, contentRange, text } from "../transport/headers.js";
import { isFiltered } from "../transport/refusal.js";
import type { BodyReader, Connection, Operation, ReadContext, Target } from "../types/connection.js";
import type { WireHeaders, WireResponse } from "../types/responses.js";
import type { Checksum } from "./checksum.js";

/** What all ranges of a download have in common. */
export interface RangePlan {
  readonly connection: Connection;
  readonly target: Target;
  readonly snapshot: string | undefined;
  readonly leaseId: string | undefined;
  readonly checksum: Checksum | undefined;
  readonly signal: AbortSignal;
  readonly onRetry: (error: unknown) => void;
}

/** The head of an answer. */
export interface RangeHead {
  readonly headers: WireHeaders;
  /** Whether a page sees it through a CORS rule: headers that it does not see may be there all the same. */
  readonly filtered: boolean;
}

/** What is done with a range. */
export interface RangeSink {
  /** Told of the head of each answer, when it has been found to be of the right bytes of the right version. */
  begin(head: RangeHead): void;
  /** Takes the bytes in order. */
  take(bytes: Uint8Array<ArrayBuffer>): void;
  /** Takes a whole body as the engine has it, its bytes unseen: what a browser need not show a page costs it half. Not with a checksum. */
  takeBlob?(blob: Blob): void;
  /** Forgets what it took: a range that has to be proven begins again. */
  restart(): void;
}

/** A range that was read. */
export interface RangeRead {
  /** Bytes that came; fewer than asked for where the file ends. */
  readonly size: number;
}

/**
 * Reads `length` bytes from `start` into a sink.
 *
 * @param etag The version that the range has to belong to; without one, any, and then that of the first try.
 * @throws TransportError, IntegrityError `offset`, `length`, `changed`, `encoding` and `checksum`, ServiceError.
 */
export async function readRange(plan: RangePlan, start: number, length: number, sink: RangeSink, etag?: string): Promise<RangeRead> {
  const { connection, checksum } = plan;
  let got = 0;
  let version = etag;
  const read: BodyReader<undefined> = async (response, context) => {
    const { headers } = response;
    const from = start + got;
    const answered = contentRange(headers);
    // Only a page may not see it.
    const isHidden = isFiltered(response) && headers.get("content-range") === null;
    if (answered ? answered.start !== from || answered.end >= start + length : !isHidden) {
      throw refuse(response, "offset", `asked for ${length - got} bytes from ${from} and got ${headers.get("content-range")}`, context);
    }
    const now = text(headers, "etag");
    if (version !== undefined && now !== undefined && now !== version) {
      throw refuse(response, "changed", `the file changed while it was read: its version was ${version} and is ${now}`, context);
    }
    version ??= now;
    sink.begin({ headers, filtered: isFiltered(response) });
    const encoding = headers.get("content-encoding");
    const before = got;
    // Up to where it was asked for, or the end of the file: an answer may say itself that it has less.
    const expected = answered && Math.min(start + length, answered.size) - from;
    const keep = (bytes: Uint8Array<ArrayBuffer>): void => {
      if (got + bytes.byteLength > length) {
        throw new IntegrityError(summed ? "checksum" : "length", `asked for ${length} bytes and got more`, factsOf(context));
      }
      got += bytes.byteLength;
      sink.take(bytes);
    };
    const summed = checksum?.check((name) => headers.get(name), keep);
    const proven = (prove: () => unknown): void => {
      try {
        prove();
      } catch (error) {
        throw isIntegrityError(error) ? error : new IntegrityError("checksum", (error as Error).message, factsOf(context));
      }
    };
    let hasEnded = false;
    try {
      const blob = sink.takeBlob && !summed ? await readBlob(response, context) : undefined;
      if (blob) {
        got += blob.size;
        sink.takeBlob?.(blob);
      } else await eachChunk(response, context, summed ? (bytes) => proven(() => summed.update(bytes)) : keep);
      hasEnded = true;
      if (summed) proven(() => summed.end());
    } catch (error) {
      const size = got - before;
      // Half a sum proves nothing: all of it again.
      if (summed && !context.request.signal.aborted) {
        got = 0;
        sink.restart();
      }
      // What ended too early has no right sum, but that is not what is wrong with it.
      if (hasEnded && size < (expected ?? 0)) throw cutOff(size, expected, context);
      if (context.request.signal.aborted || summed) throw error;
      if (encoding !== null) throw decoded(encoding, context);
      // What broke off had all been here.
      if (got - before !== expected && got !== length) throw error;
    }
    if (expected !== undefined && got - before !== expected) {
      if (encoding !== null) throw decoded(encoding, context);
      const size = got - before;
      throw size < expected
        ? cutOff(size, expected, context)
        : new IntegrityError("length", `the answer has ${size} bytes, but its Content-Range says ${expected}`, factsOf(context));
    }
    return undefined;
  };
  const operation: Operation<undefined> = {
    operation: "Get File",
    method: "GET",
    target: plan.target,
    query: { sharesnapshot: plan.snapshot },
    headers: {
      "x-ms-range": byteRange(start, length, MAX_FILE),
      "x-ms-allow-trailing-dot": connection.allowTrailingDot,
      "x-ms-lease-id": plan.leaseId,
      ...(checksum?.asking as Operation<undefined>["headers"]),
    },
    again: () => ({ "x-ms-range": byteRange(start + got, length - got, MAX_FILE) }),
    success: [206],
    idempotent: true,
    read,
    signal: plan.signal,
    onRetry: plan.onRetry,
  };
  // Where an answer broke off, the rest was there a moment ago.
  await connection.send(operation).catch((error: unknown) => (version === etag ? Promise.reject(error) : shrunk(error)));
  return { size: got };
}

/** What a refusal says of a range that a version of known size must have; rethrows all others. */
export function shrunk(error: unknown): never {
  if (!isServiceError(error, "InvalidRange")) throw error;
  const changed = new IntegrityError("changed", "a range is not there any more: the file became shorter", { cause: error });
  throw Object.assign(changed, { attempts: error.attempts });
}

const cutOff = (size: number, expected: number | undefined, context: ReadContext): TransportError =>
  new TransportError("truncated", `the answer ended after ${size} of ${expected} bytes`, factsOf(context));

function refuse(response: WireResponse, reason: "offset" | "changed", message: string, context: ReadContext): IntegrityError {
  response.body?.cancel().catch(() => undefined);
  return new IntegrityError(reason, message, factsOf(context));
}

const decoded = (encoding: string, context: ReadContext): IntegrityError =>
  new IntegrityError(
    "encoding",
    `the file is stored with Content-Encoding ${encoding}, which this runtime's fetch decodes on its own, so its bytes cannot be read in ranges`,
    factsOf(context),
  );
