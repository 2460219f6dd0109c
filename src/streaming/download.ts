/**
 * Downloads as streams and into memory.
 */
import { needStreams } from "../platform.js";
import { throughResponse } from "../transport/body.js";
import type { Connection } from "../types/connection.js";
import type { TransferWatch } from "../types/telemetry.js";
import type { DownloadFacts, DownloadRequest } from "./download-facts.js";
import { watchOf } from "./pool.js";
import { type DownloadParts, openDownload } from "./download-parts.js";

/** A download under way. Read it one way only, once. */
export interface Download extends DownloadFacts {
  /**
   * The bytes in order. Ranges are asked for as they are read, up to `concurrency` ahead. Safari cannot iterate a stream: `getReader()` works
   * everywhere.
   */
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Reads all of it into one array, ranges straight to their places. */
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  /** Reads the body whole, as UTF-8. */
  text(): Promise<string>;
  /** Reads the body whole, as a `Blob` of the file's content type; the engine may keep it on disk. */
  blob(): Promise<Blob>;
}

/**
 * Reads a file, or a part of it, in ranges of 4 MiB, several at once. Needs permission to read (`r` of a SAS).
 *
 * Each range is checked: its offset, its length, and that it belongs to the same version of the file; with `checksum` its bytes, too. A
 * range that breaks off or stalls goes on at its next byte. Back-pressure holds: while nobody reads the body, no further range is asked
 * for.
 *
 * @throws ServiceError `ResourceNotFound`, `InvalidRange` for an offset at or beyond the end; IntegrityError `unfinished` where the upload of
 * the file has not ended, `changed` where it is not the version of `etag`. The body errors with a TransportError, or an IntegrityError:
 * `changed` where somebody wrote the file meanwhile, `length`, `offset`, `encoding`, `checksum`. An abort gives the signal's reason.
 * TypeError and RangeError before the network for numbers that break the rules and a SAS without `r`.
 * @see https://learn.microsoft.com/rest/api/storageservices/get-file
 */
export async function download(connection: Connection, request: DownloadRequest = {}): Promise<Download> {
  needStreams();
  const watch = watchOf("download", connection, request);
  try {
    return downloadOf(await openDownload(connection, request, watch), request, watch);
  } catch (error) {
    watch?.ended({ error });
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
 * Reads a part of a file into memory: fewer bytes than `count` where the file ends before. Needs permission to read (`r` of a SAS).
 *
 * @throws What `download` and its body throw.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/get-file
 */
export async function downloadRange(connection: Connection, request: DownloadRangeRequest): Promise<Uint8Array<ArrayBuffer>> {
  return (await download(connection, request)).bytes();
}

function downloadOf(
  parts: DownloadParts,
  { onProgress, checksum, sparse = false }: DownloadRequest,
  watch: TransferWatch | undefined,
): Download {
  const isSeen = checksum !== undefined || sparse;
  const { size, etag, lastModified, contentType, unchecked, signal } = parts;
  let transferred = 0;
  const report = (bytes: number): void => {
    transferred += bytes;
    watch?.progress(transferred, size);
    onProgress?.({ transferred, total: size });
  };
  const finish = (): void => {
    parts.close();
    watch?.ended();
  };
  const fail = (error: unknown): never => {
    parts.close();
    parts.abort(error);
    throw error;
  };
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start(stream) {
        // An abort shows at once, also while nobody reads.
        const onAbort = (): void => {
          stream.error(signal.reason);
          watch?.ended({ error: signal.reason });
        };
        signal.addEventListener("abort", onAbort, { once: true });
      },
      async pull(stream) {
        try {
          const part = await parts.next();
          for (const chunk of part === undefined ? [] : (part.chunks ?? hole(part.length))) {
            // Plain bytes, whatever kind of them the transport has.
            stream.enqueue(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
          }
          report(part?.length ?? 0);
          // Asked once more after the last part: only then all sums were found right.
          if (part === undefined || (transferred >= size && (await parts.next()) === undefined)) {
            finish();
            stream.close();
          }
        } catch (error) {
          fail(error);
        }
      },
      cancel(reason) {
        watch?.ended({ error: reason, cancelled: true });
        parts.close();
        parts.abort(reason);
      },
    },
    { highWaterMark: 0 },
  );
  /** So that nobody reads what goes elsewhere. */
  const lock = (): void => {
    if (body.locked || transferred > 0) throw new TypeError("the body is locked or already read");
    body.getReader();
  };
  const whole = <T>(take: (response: Response) => Promise<T>): Promise<T> => throughResponse(body, contentType, take);
  return {
    size,
    etag,
    lastModified,
    contentType,
    unchecked,
    body,
    async bytes() {
      lock();
      const bytes = new Uint8Array(size);
      await parts.into(bytes, report).catch(fail);
      finish();
      return bytes;
    },
    text: () => whole((response) => response.text()),
    async blob() {
      const type = contentType ?? "";
      // Sums and holes want to be seen. Bun forgets the type of what it makes of a body.
      if (isSeen) return new Blob([await whole((response) => response.blob())], { type });
      lock();
      const blobs = await parts.blobs(report).catch(fail);
      finish();
      return new Blob(blobs, { type });
    },
  };
}

/** Zeros for a hole, in pieces of the size in which bytes come: the collector does not keep up with larger ones. */
function* hole(length: number): Generator<Uint8Array<ArrayBuffer>> {
  for (let left = length; left > 0; left -= PIECE) yield new Uint8Array(Math.min(PIECE, left));
}

const PIECE = 256 * 1024;
