/**
 * Downloads to where they stay, such as a file on disk: in order, and going on where an earlier one stopped.
 */
import { isIntegrityError } from "../errors.js";
import { getProperties } from "../services/files.js";
import type { Connection } from "../types/connection.js";
import type { TransferWatch } from "../types/telemetry.js";
import { watchOf } from "./pool.js";
import type { TransferProgress } from "./upload.js";
import type { DownloadFacts, DownloadRequest } from "./download-facts.js";
import { openDownload } from "./download-parts.js";
import { patient } from "./pool.js";
import { shrunk } from "./range-reader.js";

/** Where a download goes; `toPath` of `azure-files/node` makes one. */
export interface DownloadSink {
  /** Makes room for a file of this size and version. */
  open(facts: Pick<DownloadFacts, "size" | "etag" | "lastModified">): Promise<OpenSink>;
}

/** An open sink. Its bytes come in order, and what it has is right up to any moment. */
export interface OpenSink {
  /** Bytes that an earlier download of the same version left here; this one goes on after them. */
  readonly written: number;
  /** Takes bytes; what lies between them and those before reads as zeros. Not to be kept beyond the call. */
  write(offset: number, bytes: Uint8Array): Promise<void>;
  /** All is there: makes it what was asked for. */
  finish(): Promise<void>;
  /** Throws away what it has, because it is not what was uploaded. `close` follows. */
  discard(): Promise<void>;
  /** Lets go, after the end or a failure; keeps what it has for the next time. */
  close(): Promise<void>;
}

/** What `downloadTo` takes. */
export interface DownloadToRequest extends Omit<DownloadRequest, "offset" | "count" | "etag"> {
  /** Where it goes. */
  to: DownloadSink;
}

/** What `downloadTo` did. */
export interface DownloadWritten extends DownloadFacts {
  /** Bytes that were there from an earlier download. */
  readonly resumed: number;
}

/**
 * Downloads a whole file to a sink, and goes on where an earlier download of the same version stopped. Takes what `download` takes, but for
 * a part of a file.
 *
 * With `checksum`, each range is proven; the sum of the whole file only where nothing was resumed, and `unchecked` says so otherwise. A file
 * that does not fit its sum is thrown away.
 *
 * @throws What `download` and its body throw, what the sink throws, and the signal's reason after an abort.
 * @example
 * await downloadTo(connection, { path: "video.mp4", to: toPath("video.mp4") });
 */
export async function downloadTo(connection: Connection, request: DownloadToRequest): Promise<DownloadWritten> {
  const watch = watchOf("download", connection, request);
  try {
    const result = await write(connection, request, watch);
    watch?.ended();
    return result;
  } catch (error) {
    watch?.ended({ error });
    throw error;
  }
}

async function write(connection: Connection, request: DownloadToRequest, watch: TransferWatch | undefined): Promise<DownloadWritten> {
  const { to, ...rest } = request;
  const { etag, size = 0, lastModified, content } = await getProperties(patient(connection, watch), rest);
  const onProgress = (progress: TransferProgress): void => {
    watch?.progress(progress.transferred, progress.total);
    request.onProgress?.(progress);
  };
  const sink = await to.open({ size, etag, lastModified });
  try {
    const resumed = sink.written;
    onProgress({ transferred: resumed, total: size });
    // A download cannot begin at the end of a file; of nothing at all it can.
    const parts =
      resumed > 0 && resumed >= size
        ? undefined
        : await openDownload(connection, { ...rest, offset: resumed, etag }, watch).catch(size > 0 ? shrunk : undefined);
    let transferred = resumed;
    try {
      for (let part = await parts?.next(); part !== undefined; part = await parts?.next()) {
        let at = resumed + part.start;
        for (const chunk of part.chunks ?? []) {
          await sink.write(at, chunk);
          at += chunk.byteLength;
        }
        transferred += part.length;
        onProgress({ transferred, total: size });
        parts?.signal.throwIfAborted();
      }
    } catch (error) {
      parts?.abort(error);
      // Of ranges whose own sums are right: taken for the beginning of the next download, they would pass unchecked.
      if (transferred >= size && isIntegrityError(error, "checksum")) await sink.discard();
      throw error;
    } finally {
      parts?.close();
    }
    await sink.finish();
    const unchecked = [...(parts?.unchecked ?? [])];
    if (resumed > 0 && rest.checksum) unchecked.push("The sum of the whole file is unchecked, because a part of it was there already.");
    return { size, etag, lastModified, contentType: parts?.contentType ?? content.type, unchecked, resumed };
  } finally {
    await sink.close();
  }
}
