/**
 * A download as its parts in order, fetched a few ahead, all of one version of the file: what streams, arrays and files are filled from.
 */
import { between, MAX_RANGE } from "../config.js";
import { IntegrityError, isServiceError } from "../errors.js";
import { fileTarget } from "../services/targets.js";
import { metadata } from "../transport/headers.js";
import type { Connection } from "../types/connection.js";
import type { TransferWatch } from "../types/telemetry.js";
import {
  compareSums,
  dataOf,
  type DownloadFacts,
  type DownloadRequest,
  factsOf,
  refuseUnfinished,
  storedSum,
  zeros,
} from "./download-facts.js";
import { checkGrants } from "./grants.js";
import { patient, poolOf } from "./pool.js";
import { type Chunks, type Lane, openLane } from "./lane.js";
import { type RangePlan, type RangeRead, type RangeSink, readRange, shrunk } from "./range-reader.js";

/** A part of the download. */
export interface Part {
  /** Where it begins, counted from the beginning of the download. */
  readonly start: number;
  readonly length: number;
  /** Its bytes; undefined for one that was never written, and is all zeros. */
  readonly chunks: Chunks | undefined;
}

/** An open download. */
export interface DownloadParts extends DownloadFacts {
  /** The next part in order, with up to `concurrency` fetched ahead; undefined after the last, when all sums were found right. */
  next(): Promise<Part | undefined>;
  /**
   * Fetches all parts, several at once and in any order, straight into `target`, and checks all sums. Instead of `next`.
   *
   * @param onPart Called with the bytes of each part that is there.
   */
  into(target: Uint8Array, onPart: (bytes: number) => void): Promise<void>;
  /** The same as parts of a `Blob`, which a browser may keep out of memory. Not with a checksum, and without holes. */
  blobs(onPart: (bytes: number) => void): Promise<(Blob | Uint8Array<ArrayBuffer>)[]>;
  /** Ends everything that is under way. */
  abort(reason: unknown): void;
  /** Aborts with the reason of the caller's signal, or of `abort`. */
  readonly signal: AbortSignal;
  /** Lets go of the caller's signal. */
  close(): void;
}

/** A range of the download, counted from its beginning. */
interface Span {
  readonly start: number;
  readonly length: number;
}

/** Bytes a millisecond above which a service is near: 200 MiB/s on one connection. */
const NEAR = 200 * 1024 * 1.024;

/** Asks for the first range, and with its head knows all that is to be known. Throws what `download` throws. */
export async function openDownload(through: Connection, given: DownloadRequest, watch?: TransferWatch): Promise<DownloadParts> {
  const connection = patient(through, watch);
  const request = given.lock?.cover(connection, given) ?? given;
  const { offset = 0, count, signal, checksum } = request;
  const target = fileTarget(connection, request);
  const concurrency = between("concurrency", request.concurrency ?? 5, 1, 32, true);
  const rangeSize = between("rangeSize", request.rangeSize ?? MAX_RANGE, 512, MAX_RANGE, true);
  between("offset", offset, 0, Number.MAX_SAFE_INTEGER, true);
  if (count !== undefined) between("count", count, 1, Number.MAX_SAFE_INTEGER, true);
  signal?.throwIfAborted();
  await checkGrants(connection, signal, [["r", "a download"]]);

  const controller = new AbortController();
  const onAbort = (): void => controller.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const close = (): void => signal?.removeEventListener("abort", onAbort);
  const pool = poolOf(through);
  const { snapshot, leaseId } = request;
  const plan: RangePlan = { connection, target, snapshot, leaseId, checksum, signal: controller.signal, onRetry: pool.failed };
  let etag = request.etag;
  const read = (start: number, length: number, sink: RangeSink): Promise<RangeRead> =>
    pool
      .run(controller.signal, () => readRange(plan, offset + start, length, sink, etag))
      // With its first range the size is known.
      .catch(start > 0 ? shrunk : undefined);
  const lane = (start: number, length: number): Lane =>
    openLane(connection.clock, start, checksum !== undefined, (sink) => read(start, length, sink));

  try {
    const first = lane(0, Math.min(rangeSize, count ?? rangeSize));
    const head = await first.opened.catch((error: unknown) => {
      // An empty file has no range at all, not even its first.
      if (offset === 0 && isServiceError(error, "InvalidRange")) return undefined;
      throw error;
    });
    const { headers, ...facts } = await factsOf(connection, request, head);
    const { size } = facts;
    etag = facts.etag;
    if (!request.unfinished && headers) refuseUnfinished(metadata(headers));
    const data = request.sparse && size > rangeSize ? await dataOf(connection, request, offset, size, etag) : undefined;
    let passed = 0;
    /** Asked from the beginning to the end: of a million ranges, none is looked at twice. */
    const isHole = (start: number, length: number): boolean => {
      while (data && (data[passed]?.end ?? Infinity) < offset + start) passed++;
      return data !== undefined && (data[passed]?.start ?? Infinity) >= offset + start + length;
    };
    const isWhole = offset === 0 && count === undefined && checksum !== undefined;
    const stored = !isWhole || headers === undefined ? undefined : storedSum(headers, checksum);
    const whole = stored === undefined ? undefined : checksum?.whole();
    const compare = (): void => {
      if (whole !== undefined && stored !== undefined) compareSums(stored, whole);
    };
    const complete = (got: number, length: number): void => {
      if (got !== length) throw new IntegrityError("changed", `a range of ${length} bytes came with ${got}: the file changed meanwhile`);
    };

    /** The next range that nobody asked for yet, and whether it is a hole. */
    let asked = Math.min(rangeSize, size);
    // Wide ranges cost less where one connection carries as much as the machine takes. Sums come with 4 MiB at most.
    const widest = request.rangeSize === undefined && !checksum && !data ? rangeSize * concurrency : rangeSize;
    const take = (most: number): Span => {
      const start = asked;
      const length = Math.min(most, size - start);
      asked += length;
      return { start, length };
    };
    /** Gets all ranges, several at once; the first is on its way already. Holes come to nobody but `onPart`. */
    const each = async (place: (range: Span, from?: Lane) => Promise<void>, onPart: (bytes: number) => void): Promise<void> => {
      const work = async (): Promise<void> => {
        while (asked < size && !controller.signal.aborted) {
          // Not so wide that others have nothing left to do.
          const share = Math.ceil((size - asked) / concurrency / rangeSize) * rangeSize;
          const range = take(isNear ? Math.max(rangeSize, Math.min(widest, share)) : rangeSize);
          if (!isHole(range.start, range.length)) await place(range);
          onPart(range.length);
        }
      };
      const start = async (): Promise<void> => {
        const [range] = ahead;
        if (range) await place(range, first);
        onPart(range?.length ?? 0);
        return work();
      };
      await Promise.all([start(), ...Array.from({ length: concurrency - 1 }, work)]);
    };
    const ahead: (Span & { readonly lane: Lane | undefined })[] = size > 0 ? [{ start: 0, length: asked, lane: first }] : [];
    let given = 0;
    let isNear = false;
    return {
      ...facts,
      signal: controller.signal,
      abort: (reason) => controller.abort(reason),
      close,
      async next() {
        for (;;) {
          const isWide = isNear && widest > rangeSize;
          while (ahead.length < (isWide ? 1 : concurrency) && asked < size) {
            const range = take(isWide ? widest : rangeSize);
            ahead.push({ ...range, lane: isHole(range.start, range.length) ? undefined : lane(range.start, range.length) });
          }
          const [head] = ahead;
          if (head === undefined) {
            compare();
            return undefined;
          }
          const chunks = await head.lane?.next();
          if (chunks !== undefined) {
            const start = head.start + given;
            let length = 0;
            for (const chunk of chunks) {
              length += chunk.byteLength;
              whole?.add(chunk);
            }
            given += length;
            if (given > head.length) complete(given, head.length);
            return { start, length, chunks };
          }
          ahead.shift();
          if (head.lane) {
            complete(given, head.length);
            isNear = head.lane.speed >= NEAR;
            given = 0;
            continue;
          }
          whole?.add(zeros(head.length));
          return { start: head.start, length: head.length, chunks };
        }
      },
      async into(bytes, onPart) {
        await each(async ({ start, length }, from) => {
          const range = from ?? lane(start, length);
          complete(await range.into(bytes.subarray(start, start + length)), length);
          isNear = range.speed >= NEAR;
        }, onPart);
        whole?.add(bytes);
        compare();
      },
      async blobs(onPart) {
        const places = new Map<number, Blob | Uint8Array<ArrayBuffer>>();
        await each(async ({ start, length }, from) => {
          if (from) {
            const bytes = new Uint8Array(length);
            complete(await from.into(bytes), length);
            places.set(start, bytes);
            return;
          }
          const pieces: (Blob | Uint8Array<ArrayBuffer>)[] = [];
          const keep = (piece: Blob | Uint8Array<ArrayBuffer>): void => void pieces.push(piece);
          const sink: RangeSink = { begin: () => undefined, take: keep, takeBlob: keep, restart: () => void pieces.splice(0) };
          complete((await read(start, length, sink)).size, length);
          places.set(start, new Blob(pieces));
        }, onPart);
        return [...places].sort(([one], [other]) => one - other).map(([, part]) => part);
      },
    };
  } catch (error) {
    close();
    controller.abort(error);
    throw error;
  }
}
