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
import { type RangePlan, type RangeRead, readRange } from "./range-reader.js";
import type { TransferProgress } from "./upload.js";

/** What every kind of download takes. */
export interface DownloadRequest extends ReadFileRequest {
  /** Where to begin, in bytes. @default 0 */
  offset?: number | undefined;
  /** Bytes to read; the end of the file ends it too. @default up to the end */
  count?: number | undefined;
  /** Ranges under way at once, from 1 to 32; that many are held at most. @default 4 */
  concurrency?: number | undefined;
  /** Bytes in a range, from 512 to 4 MiB. @default 4194304 */
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

/** Pieces of one range. */
export type Chunks = readonly Uint8Array<ArrayBuffer>[];

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

/** Reads the first range, and with it all that is to be known. Throws what `download` throws. */
export async function openDownload(connection: Connection, request: DownloadRequest): Promise<DownloadParts> {
  const { offset = 0, count, signal, checksum } = request;
  const target = fileTarget(connection, request);
  const concurrency = between("concurrency", request.concurrency ?? 4, 1, 32, true);
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
  const fetchPart = (start: number, length: number, sink: Uint8Array | Uint8Array<ArrayBuffer>[], etag?: string): Promise<RangeRead> =>
    pool.run(controller.signal, () => readRange(plan, start, length, sinkOf(sink), etag));

  try {
    const firstChunks: Uint8Array<ArrayBuffer>[] = [];
    const first = await fetchPart(offset, Math.min(rangeSize, count ?? rangeSize), firstChunks, request.etag).catch((error: unknown) => {
      // An empty file has no range at all, not even its first.
      if (offset === 0 && isServiceError(error, "InvalidRange")) return undefined;
      throw error;
    });
    const facts = await factsOf(connection, request, first);
    const { size, etag, headers } = facts;
    if (!request.unfinished && headers && metadata(headers)[UPLOAD_MARKER] !== undefined) {
      throw new IntegrityError("unfinished", "the upload of this file has not ended; unfinished: true reads what is there");
    }
    if ((first?.size ?? 0) !== Math.min(size, rangeSize)) {
      throw new IntegrityError("length", `the first range has ${first?.size ?? 0} bytes of a download of ${size}`);
    }
    const data = request.sparse && size > rangeSize ? await dataOf(connection, request, offset, size, etag) : undefined;
    const isHole = (start: number, length: number): boolean =>
      data?.every((range) => range.end < offset + start || range.start >= offset + start + length) ?? false;
    const isWhole = offset === 0 && count === undefined && checksum !== undefined;
    const stored = !isWhole || headers === undefined ? undefined : storedSum(headers, checksum);

    const fill = async (start: number, length: number, sink: Uint8Array | Uint8Array<ArrayBuffer>[]): Promise<void> => {
      const { size: got } = await fetchPart(offset + start, length, sink, etag);
      if (got !== length) throw new IntegrityError("changed", `a range of ${length} bytes came with ${got}: the file became shorter`);
    };
    const part = async (start: number, length: number): Promise<Part> => {
      if (isHole(start, length)) return { start, length, chunks: undefined };
      const chunks: Uint8Array<ArrayBuffer>[] = [];
      await fill(start, length, chunks);
      return { start, length, chunks };
    };
    const whole = stored === undefined ? undefined : checksum?.whole();
    const compare = (): void => {
      if (whole !== undefined && stored !== base64(whole.digest())) {
        throw new IntegrityError("checksum", "the file does not fit the sum that was stored with it");
      }
    };

    const underWay: Promise<Part>[] = size > 0 ? [Promise.resolve({ start: 0, length: first?.size ?? 0, chunks: firstChunks })] : [];
    let ahead = Math.min(rangeSize, size);
    const { headers: _, ...known } = facts;
    return {
      ...known,
      signal: controller.signal,
      abort: (reason) => controller.abort(reason),
      close,
      async next() {
        while (underWay.length < concurrency && ahead < size) {
          const length = Math.min(rangeSize, size - ahead);
          const range = part(ahead, length);
          // Its failure is told when its turn comes.
          range.catch(() => undefined);
          underWay.push(range);
          ahead += length;
        }
        const next = await underWay.shift();
        if (whole && next) for (const chunk of next.chunks ?? [new Uint8Array(next.length)]) whole.add(chunk);
        if (next === undefined) compare();
        return next;
      },
      async into(bytes, onPart) {
        let at = 0;
        for (const chunk of firstChunks) {
          bytes.set(chunk, at);
          at += chunk.byteLength;
        }
        firstChunks.length = 0;
        onPart(at);
        const work = async (): Promise<void> => {
          while (ahead < size && !controller.signal.aborted) {
            const start = ahead;
            ahead += rangeSize;
            const length = Math.min(rangeSize, size - start);
            if (!isHole(start, length)) await fill(start, length, bytes.subarray(start, start + length));
            onPart(length);
          }
        };
        await Promise.all(Array.from({ length: concurrency }, work));
        whole?.add(bytes);
        compare();
      },
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** Keeps the pieces of a range, or copies them to where they belong as they come. */
function sinkOf(sink: Uint8Array | Uint8Array<ArrayBuffer>[]): { take(bytes: Uint8Array<ArrayBuffer>): void; restart(): void } {
  if (Array.isArray(sink)) return { take: (bytes) => void sink.push(bytes), restart: () => void (sink.length = 0) };
  let at = 0;
  return {
    take(bytes) {
      sink.set(bytes, at);
      at += bytes.byteLength;
    },
    restart: () => void (at = 0),
  };
}

async function factsOf(
  connection: Connection,
  request: DownloadRequest,
  first: RangeRead | undefined,
): Promise<DownloadFacts & { readonly headers: WireHeaders | undefined }> {
  const { offset = 0, count } = request;
  const headers = first?.reply.headers;
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
    unchecked: first?.reply.filtered && headers ? hidden(headers) : [],
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
