/**
 * Downloads in parallel ranges, handed out in order, held to one version of the file.
 */
import { between, MAX_RANGE } from "../config.js";
import { IntegrityError, isServiceError, TransportError } from "../errors.js";
import { getProperties, type ReadFileRequest } from "../services/files.js";
import { fileTarget } from "../services/targets.js";
import { eachChunk, factsOf, throughResponse } from "../transport/body.js";
import { byteRange, contentRange, date, text } from "../transport/headers.js";
import type { BodyReader, Connection, Reply } from "../types/connection.js";
import type { WireHeaders } from "../types/responses.js";
import type { TransferProgress } from "./upload.js";

/** What `download` takes. */
export interface DownloadRequest extends ReadFileRequest {
  /** Where to begin, in bytes. @default 0 */
  offset?: number | undefined;
  /** Bytes to read; the end of the file ends it too. @default up to the end */
  count?: number | undefined;
  /** Ranges under way at once, from 1 to 32; that many are held at most. @default 4 */
  concurrency?: number | undefined;
  /** Bytes in a range, from 512 to 4 MiB. @default 4194304 */
  rangeSize?: number | undefined;
  /** Called as bytes are handed out; what it throws fails the download. */
  onProgress?: ((progress: TransferProgress) => void) | undefined;
}

/** A download under way. Read the body one way only, once. */
export interface Download {
  /** The bytes in order. Ranges are asked for as they are read, up to `concurrency` ahead. */
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Bytes that the body will have. */
  readonly size: number;
  /** Version of the file that all ranges belong to; undefined where a page may not see it. */
  readonly etag: string | undefined;
  readonly lastModified: Date | undefined;
  readonly contentType: string | undefined;
  /** What could not be checked because the account's CORS rule hides it, a sentence each with the header to expose; usually empty. */
  readonly unchecked: readonly string[];
  /** Reads the body whole into one array. */
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  /** Reads the body whole, as UTF-8. */
  text(): Promise<string>;
  /** Reads the body whole, as a `Blob` of the file's content type; the engine may keep it on disk. */
  blob(): Promise<Blob>;
}

type Chunks = readonly Uint8Array<ArrayBuffer>[];

const sizeOfAll = (chunks: Chunks): number => chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);

/**
 * Reads a file, or a part of it, in ranges of 4 MiB, several at once. Needs permission to read (`r` of a SAS).
 *
 * Each range is checked: its offset, its length, and that it belongs to the same version of the file. A range that breaks off is asked for
 * again. Back-pressure holds: while nobody reads the body, no further range is asked for.
 *
 * @throws ServiceError `ResourceNotFound`, `InvalidRange` for an offset at or beyond the end. The body errors with a TransportError, or an
 * IntegrityError: `changed` where somebody wrote the file meanwhile, `length`, `offset`, `encoding`. An abort gives the signal's reason.
 * @see https://learn.microsoft.com/rest/api/storageservices/get-file
 */
export async function download(connection: Connection, request: DownloadRequest = {}): Promise<Download> {
  const { offset = 0, count, onProgress, signal } = request;
  const target = fileTarget(connection, request);
  const concurrency = between("concurrency", request.concurrency ?? 4, 1, 32, true);
  const rangeSize = between("rangeSize", request.rangeSize ?? MAX_RANGE, 512, MAX_RANGE, true);
  between("offset", offset, 0, Number.MAX_SAFE_INTEGER, true);
  if (count !== undefined) between("count", count, 1, Number.MAX_SAFE_INTEGER, true);
  signal?.throwIfAborted();

  const controller = new AbortController();
  const get = (start: number, length: number): Promise<Reply<Chunks>> =>
    connection.send({
      operation: "Get File",
      method: "GET",
      target,
      query: { sharesnapshot: request.snapshot },
      headers: {
        "x-ms-range": byteRange(start, length),
        "x-ms-allow-trailing-dot": connection.allowTrailingDot,
        "x-ms-lease-id": request.leaseId,
      },
      success: [206],
      idempotent: true,
      read: readRange(start, length),
      signal: controller.signal,
    });
  const onAbort = (): void => controller.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const forget = (): void => signal?.removeEventListener("abort", onAbort);

  try {
    const first = await get(offset, Math.min(rangeSize, count ?? rangeSize)).catch((error: unknown) => {
      // An empty file has no range at all, not even its first.
      if (offset === 0 && isServiceError(error, "InvalidRange")) return undefined;
      throw error;
    });
    const told = first && contentRange(first.headers)?.size;
    const properties = told === undefined ? await getProperties(connection, request) : undefined;
    const whole = told ?? properties?.size;
    if (whole === undefined) {
      throw new IntegrityError(
        "length",
        "the size of the file is hidden; add Content-Range (or Content-Length) to ExposedHeaders of the CORS rule",
      );
    }
    const size = Math.min(count ?? Infinity, whole - offset);
    const etag = first ? text(first.headers, "etag") : properties?.etag;
    if (first === undefined && size > 0) {
      throw new IntegrityError("changed", `the file was empty and then had ${size} bytes`);
    }
    const held = first === undefined ? 0 : sizeOfAll(first.payload);
    if (held !== Math.min(size, rangeSize)) {
      throw new IntegrityError("length", `the first range has ${held} bytes of a file of ${whole}`);
    }
    const parts = orderedParts({ get, first: first?.payload, offset, size, rangeSize, concurrency, etag });
    return downloadOf(parts, {
      size,
      etag,
      lastModified: first ? date(first.headers, "last-modified") : properties?.lastModified,
      contentType: first ? text(first.headers, "content-type") : properties?.content.type,
      unchecked: first?.filtered ? hidden(first.headers) : [],
      onProgress,
      controller,
      forget,
    });
  } catch (error) {
    forget();
    throw error;
  }
}

/** What `downloadRange` takes. */
export interface DownloadRangeRequest extends Omit<DownloadRequest, "offset" | "count"> {
  /** Where to begin, in bytes. */
  offset: number;
  /** Bytes to read, from 1; fewer come where the file ends before. */
  count: number;
}

/**
 * Reads a part of a file into memory. Throws what `download` throws.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/get-file
 */
export async function downloadRange(connection: Connection, request: DownloadRangeRequest): Promise<Uint8Array<ArrayBuffer>> {
  return (await download(connection, request)).bytes();
}

/** Collects the pieces of one range inside its try, so that a range which breaks off is asked for again. */
function readRange(start: number, length: number): BodyReader<Chunks> {
  return async (response, context) => {
    const { headers } = response;
    const answered = contentRange(headers);
    if (answered && (answered.start !== start || answered.end >= start + length)) {
      response.body?.cancel().catch(() => undefined);
      throw new IntegrityError(
        "offset",
        `asked for ${length} bytes from ${start} and got ${headers.get("content-range")}`,
        factsOf(context),
      );
    }
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    let size = 0;
    const decoded = (): IntegrityError | undefined =>
      headers.get("content-encoding")
        ? new IntegrityError(
            "encoding",
            `the file is stored with Content-Encoding ${headers.get("content-encoding")}, which this runtime's fetch decodes on its own, so its bytes cannot be read in ranges`,
            factsOf(context),
          )
        : undefined;
    await eachChunk(response, context, (chunk) => {
      chunks.push(chunk);
      size += chunk.byteLength;
    }).catch((error: unknown) => {
      throw context.request.signal.aborted ? error : (decoded() ?? error);
    });
    const expected = answered ? answered.end - answered.start + 1 : undefined;
    if (expected !== undefined && size !== expected) {
      throw (
        decoded() ??
        (size < expected
          ? new TransportError("truncated", `the answer ended after ${size} of ${expected} bytes`, factsOf(context))
          : new IntegrityError("length", `the answer has ${size} bytes, but its Content-Range says ${expected}`, factsOf(context)))
      );
    }
    if (size > length) throw new IntegrityError("length", `asked for ${length} bytes and got ${size}`, factsOf(context));
    return chunks;
  };
}

interface PartsPlan {
  readonly get: (start: number, length: number) => Promise<Reply<Chunks>>;
  readonly first: Chunks | undefined;
  readonly offset: number;
  readonly size: number;
  readonly rangeSize: number;
  readonly concurrency: number;
  readonly etag: string | undefined;
}

/** The ranges in order; each call gives the next and keeps up to `concurrency` under way. Undefined after the last. */
function orderedParts(plan: PartsPlan): () => Promise<Chunks | undefined> {
  const { get, offset, size, rangeSize, concurrency, etag } = plan;
  const underWay: Promise<Chunks>[] = plan.first && size > 0 ? [Promise.resolve(plan.first)] : [];
  let next = Math.min(rangeSize, size);
  const range = async (start: number, length: number): Promise<Chunks> => {
    const { headers, payload } = await get(offset + start, length);
    const now = text(headers, "etag");
    if (etag !== undefined && now !== undefined && now !== etag) {
      throw new IntegrityError("changed", `the file changed while it was read: its version was ${etag} and is ${now}`);
    }
    const got = sizeOfAll(payload);
    if (got !== length) throw new IntegrityError("changed", `a range of ${length} bytes came with ${got}: the file became shorter`);
    return payload;
  };
  return () => {
    while (underWay.length < concurrency && next < size) {
      const length = Math.min(rangeSize, size - next);
      const part = range(next, length);
      // Its failure is told when its turn comes.
      part.catch(() => undefined);
      underWay.push(part);
      next += length;
    }
    return underWay.shift() ?? Promise.resolve(undefined);
  };
}

interface DownloadPlan extends Pick<Download, "size" | "etag" | "lastModified" | "contentType" | "unchecked"> {
  readonly onProgress: DownloadRequest["onProgress"];
  readonly controller: AbortController;
  readonly forget: () => void;
}

function downloadOf(nextPart: () => Promise<Chunks | undefined>, plan: DownloadPlan): Download {
  const { onProgress, controller, forget, ...facts } = plan;
  let transferred = 0;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start(stream) {
        // An abort shows at once, also while nobody reads.
        controller.signal.addEventListener("abort", () => stream.error(controller.signal.reason), { once: true });
      },
      async pull(stream) {
        try {
          const chunks = await nextPart();
          for (const chunk of chunks ?? []) {
            stream.enqueue(chunk);
            transferred += chunk.byteLength;
          }
          onProgress?.({ transferred, total: facts.size });
          if (chunks === undefined || transferred >= facts.size) {
            forget();
            stream.close();
          }
        } catch (error) {
          forget();
          controller.abort(error);
          throw error;
        }
      },
      cancel(reason) {
        forget();
        controller.abort(reason);
      },
    },
    { highWaterMark: 0 },
  );
  const whole = <T>(take: (response: Response) => Promise<T>): Promise<T> => throughResponse(body, facts.contentType, take);
  return {
    ...facts,
    body,
    bytes: () => readWhole(body, facts.size),
    text: () => whole((response) => response.text()),
    blob: () => whole((response) => response.blob()),
  };
}

/** Reads a stream of known length into one array, allocated once. */
async function readWhole(body: ReadableStream<Uint8Array<ArrayBuffer>>, size: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(size);
  const reader = body.getReader();
  let at = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    bytes.set(next.value, at);
    at += next.value.byteLength;
  }
  return bytes;
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
