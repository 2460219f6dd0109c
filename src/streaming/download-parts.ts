/**
 * A download as its parts in order, fetched a few ahead, all of one version of the file: what streams, arrays and files are filled from.
 */
import { between, MAX_RANGE } from "../config.js";
import { IntegrityError, isServiceError } from "../errors.js";
import { getProperties, listRanges, type ReadFileRequest } from "../services/files.js";
import { fileTarget } from "../services/targets.js";
import { contentRange, date, metadata, text } from "../transport/headers.js";
import type { Connection } from "../types/connection.js";
import type { ByteRange } from "../types/properties.js";
import type { WireHeaders } from "../types/responses.js";
import { base64 } from "./base64.js";
import { CRC64_METADATA, UPLOAD_MARKER } from "./marks.js";
import type { Checksum } from "./checksum.js";
import { poolOf } from "./pool.js";
import { type Chunks, type Lane, openLane } from "./lane.js";
import { type RangeHead, type RangePlan, readRange } from "./range-reader.js";
import type { TransferProgress } from "./upload.js";

/** What every kind of download takes. */
export interface DownloadRequest extends ReadFileRequest {
  /** Where to begin, in bytes. @default 0 */
  offset?: number | undefined;
  /** Bytes to read; the end of the file ends it too. @default up to the end */
  count?: number | undefined;
  /**
   * Ranges under way at once, from 1 to 32; that many are held at most.
   *
   * @default 5, so that four come while one waits for its first byte
   */
  concurrency?: number | undefined;
  /** Bytes in a range, from 512 to 4 MiB. @default 4194304; more where one connection is as fast as this machine, without `checksum` */
  rangeSize?: number | undefined;
  /** Proves that each range arrived as it was sent, and the whole file as it was uploaded where its sum is stored: `crc64()` or `md5()`. */
  checksum?: Checksum | undefined;
  /** Does not fetch what was never written, and gives zeros for it; costs one List Ranges. @default false */
  sparse?: boolean | undefined;
  /** Also reads a file whose upload has not ended, or never will. @default false: it is refused with `unfinished` */
  unfinished?: boolean | undefined;
  /** The version to read; any other is refused with `changed`. @default the one that is there */
  etag?: string | undefined;
  /** Called as bytes are handed out; what it throws fails the download. */
  onProgress?: ((progress: TransferProgress) => void) | undefined;
}

/** What is known of a file once its first range is there. */
export interface DownloadFacts {
  /** Bytes that will come. */
  readonly size: number;
  /** Version of the file that all ranges belong to; undefined where a page may not see it. */
  readonly etag: string | undefined;
  readonly lastModified: Date | undefined;
  readonly contentType: string | undefined;
  /** What could not be checked because the account's CORS rule hides it, a sentence each with the header to expose; usually empty. */
  readonly unchecked: readonly string[];
}

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
  /** Ends everything that is under way. */
  abort(reason: unknown): void;
  /** Aborts with the reason of the caller's signal, or of `abort`. */
  readonly signal: AbortSignal;
  /** Lets go of the caller's signal. */
  close(): void;
}

/** Bytes a millisecond above which a service is near: 200 MiB/s on one connection. */
const NEAR = 200 * 1024 * 1.024;

/** Asks for the first range, and with its head knows all that is to be known. Throws what `download` throws. */
export async function openDownload(connection: Connection, request: DownloadRequest): Promise<DownloadParts> {
  const { offset = 0, count, signal, checksum } = request;
  const target = fileTarget(connection, request);
  const concurrency = between("concurrency", request.concurrency ?? 5, 1, 32, true);
  const rangeSize = between("rangeSize", request.rangeSize ?? MAX_RANGE, 512, MAX_RANGE, true);
  between("offset", offset, 0, Number.MAX_SAFE_INTEGER, true);
  if (count !== undefined) between("count", count, 1, Number.MAX_SAFE_INTEGER, true);
  signal?.throwIfAborted();

  const controller = new AbortController();
  const onAbort = (): void => controller.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const close = (): void => signal?.removeEventListener("abort", onAbort);
  const pool = poolOf(connection);
  const { snapshot, leaseId } = request;
  const plan: RangePlan = { connection, target, snapshot, leaseId, checksum, signal: controller.signal, onRetry: pool.failed };
  let etag = request.etag;
  const lane = (start: number, length: number): Lane =>
    openLane(connection.clock, start, checksum !== undefined, (sink) =>
      pool.run(controller.signal, () => readRange(plan, offset + start, length, sink, etag)),
    );

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
    if (!request.unfinished && headers && metadata(headers)[UPLOAD_MARKER] !== undefined) {
      throw new IntegrityError("unfinished", "the upload of this file has not ended; unfinished: true reads what is there");
    }
    const data = request.sparse && size > rangeSize ? await dataOf(connection, request, offset, size, etag) : undefined;
    const isHole = (start: number, length: number): boolean =>
      data?.every((range) => range.end < offset + start || range.start >= offset + start + length) ?? false;
    const isWhole = offset === 0 && count === undefined && checksum !== undefined;
    const stored = !isWhole || headers === undefined ? undefined : storedSum(headers, checksum);
    const whole = stored === undefined ? undefined : checksum?.whole();
    const compare = (): void => {
      if (whole !== undefined && stored !== base64(whole.digest())) {
        throw new IntegrityError("checksum", "the file does not fit the sum that was stored with it");
      }
    };
    const complete = (got: number, length: number): void => {
      if (got !== length) throw new IntegrityError("changed", `a range of ${length} bytes came with ${got}: the file changed meanwhile`);
    };

    /** The next range that nobody asked for yet, and whether it is a hole. */
    let asked = Math.min(rangeSize, size);
    // Wide ranges cost less where one connection carries as much as the machine takes. Sums come with 4 MiB at most.
    const widest = request.rangeSize === undefined && !checksum && !data ? rangeSize * concurrency : rangeSize;
    const take = (most: number): { start: number; length: number } => {
      const start = asked;
      const length = Math.min(most, size - start);
      asked += length;
      return { start, length };
    };
    type Ahead = { start: number; length: number; lane: Lane | undefined };
    const ahead: Ahead[] = size > 0 ? [{ start: 0, length: asked, lane: first }] : [];
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
          whole?.add(new Uint8Array(head.length));
          return { start: head.start, length: head.length, chunks };
        }
      },
      async into(bytes, onPart) {
        const place = async (range: { start: number; length: number }, from: Lane): Promise<void> => {
          complete(await from.into(bytes.subarray(range.start, range.start + range.length)), range.length);
          isNear = from.speed >= NEAR;
          onPart(range.length);
        };
        const work = async (): Promise<void> => {
          while (asked < size && !controller.signal.aborted) {
            // Not so wide that others have nothing left to do.
            const share = Math.ceil((size - asked) / concurrency / rangeSize) * rangeSize;
            const range = take(isNear ? Math.max(rangeSize, Math.min(widest, share)) : rangeSize);
            if (isHole(range.start, range.length)) onPart(range.length);
            else await place(range, lane(range.start, range.length));
          }
        };
        const [range] = ahead;
        await Promise.all([range && place(range, first).then(work), ...Array.from({ length: concurrency - 1 }, work)]);
        whole?.add(bytes);
        compare();
      },
    };
  } catch (error) {
    close();
    controller.abort(error);
    throw error;
  }
}

async function factsOf(
  connection: Connection,
  request: DownloadRequest,
  first: RangeHead | undefined,
): Promise<DownloadFacts & { readonly headers: WireHeaders | undefined }> {
  const { offset = 0, count } = request;
  const headers = first?.headers;
  const told = headers && contentRange(headers)?.size;
  const properties = told === undefined ? await getProperties(connection, request) : undefined;
  const whole = told ?? properties?.size;
  if (whole === undefined) {
    throw new IntegrityError(
      "length",
      "the size of the file is hidden; add Content-Range (or Content-Length) to ExposedHeaders of the CORS rule",
    );
  }
  const size = Math.min(count ?? Infinity, whole - offset);
  if (first === undefined && size > 0) throw new IntegrityError("changed", `the file was empty and then had ${size} bytes`);
  const etag = headers ? text(headers, "etag") : properties?.etag;
  if (request.etag !== undefined && etag !== undefined && etag !== request.etag) {
    throw new IntegrityError("changed", `the file has version ${etag} and not ${request.etag}`);
  }
  return {
    size,
    etag,
    lastModified: headers ? date(headers, "last-modified") : properties?.lastModified,
    contentType: headers ? text(headers, "content-type") : properties?.content.type,
    unchecked: first?.filtered && headers ? hidden(headers) : [],
    headers,
  };
}

/** The written parts of the file. */
async function dataOf(
  connection: Connection,
  request: DownloadRequest,
  offset: number,
  count: number,
  version: string | undefined,
): Promise<readonly ByteRange[]> {
  const { share, path, snapshot, leaseId, signal } = request;
  const { ranges, etag } = await listRanges(connection, { share, path, snapshot, leaseId, signal, offset, count });
  if (version !== undefined && etag !== undefined && etag !== version) {
    throw new IntegrityError("changed", `the file changed while it was read: its version was ${version} and is ${etag}`);
  }
  return ranges;
}

/** The sum of the whole file that an upload left with it. */
function storedSum(headers: WireHeaders, { algorithm }: Checksum): string | undefined {
  return algorithm === "md5" ? text(headers, "x-ms-content-md5") : metadata(headers)[CRC64_METADATA];
}

/** What a page may not see of an answer, and what that leaves unchecked. */
function hidden(headers: WireHeaders): string[] {
  const rule = "of the account's CORS rule";
  return [
    ...(text(headers, "etag") === undefined
      ? [`A change of the file during the download goes unnoticed: add ETag to ExposedHeaders ${rule}.`]
      : []),
    ...(contentRange(headers) === undefined
      ? [`The offset of each range goes unchecked: add Content-Range to ExposedHeaders ${rule}.`]
      : []),
  ];
}
