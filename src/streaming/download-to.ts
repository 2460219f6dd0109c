/**
 * Downloads to where they stay, such as a file on disk: in order, and going on where an earlier one stopped.
 */
import { IntegrityError, isIntegrityError } from "../errors.js";
import { type FileProperties, getProperties } from "../services/files.js";
import type { Connection } from "../types/connection.js";
import type { TransferWatch } from "../types/telemetry.js";
import { watchOf } from "./pool.js";
import type { TransferProgress } from "./upload.js";
import type { Checksum } from "./checksum.js";
import { compareSums, type DownloadFacts, type DownloadRequest, refuseUnfinished, zeros } from "./download-facts.js";
import { CRC64_METADATA } from "./marks.js";
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
  /**
   * Reads back what is there, from `offset` on; resolves to the bytes that it put into `into`, fewer than there is room for only at the end.
   * What was there from an earlier download is then part of the sum that is compared with `checksum`.
   *
   * @default it stays unchecked, and `unchecked` says so
   */
  read?(offset: number, into: Uint8Array<ArrayBuffer>): Promise<number>;
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
 * a part of a file. Needs permission to read (`r` of a SAS), whatever is asked for.
 *
 * With `checksum`, each range is proven, and at the end the sum of the whole file, where one is stored with it: what was there already is read
 * back for it. Where a sink cannot read, `unchecked` says so. A file that does not fit its sum is thrown away.
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
  const { to, checksum, ...rest } = request;
  const properties = await getProperties(patient(connection, watch), rest);
  const { etag, size = 0, lastModified, content } = properties;
  // Before there is anything at the target's side.
  if (!rest.unfinished) refuseUnfinished(properties.metadata);
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
        : await openDownload(connection, { ...rest, checksum, offset: resumed, etag }, watch).catch(size > 0 ? shrunk : undefined);
    let transferred = resumed;
    try {
      const whole = resumed > 0 ? await wholeSumOf(sink, properties, checksum, rest.signal) : undefined;
      for (let part = await parts?.next(); part !== undefined; part = await parts?.next()) {
        let at = resumed + part.start;
        for (const chunk of part.chunks ?? []) {
          await sink.write(at, chunk);
          at += chunk.byteLength;
          whole?.add(chunk);
        }
        if (part.chunks === undefined) whole?.add(zeros(part.length));
        transferred += part.length;
        onProgress({ transferred, total: size });
        parts?.signal.throwIfAborted();
      }
      whole?.compare();
    } catch (error) {
      parts?.abort(error);
      // Of ranges whose own sums are right: taken for the beginning of the next download, they would be wrong again.
      if (transferred >= size && isIntegrityError(error, "checksum")) await sink.discard();
      throw error;
    } finally {
      parts?.close();
    }
    await sink.finish();
    const unchecked = [...(parts?.unchecked ?? [])];
    if (resumed > 0 && checksum && !sink.read)
      unchecked.push("The sum of the whole file is unchecked, because a part of it was there already.");
    return { size, etag, lastModified, contentType: parts?.contentType ?? content.type, unchecked, resumed };
  } finally {
    await sink.close();
  }
}

/** Bytes that are read back at once. */
const BACK = 1024 * 1024;

/** The sum of a file, begun with what its sink has; undefined where there is nothing to compare it with, or no way to read. */
async function wholeSumOf(
  sink: OpenSink,
  { content, metadata }: FileProperties,
  checksum: Checksum | undefined,
  signal: AbortSignal | undefined,
): Promise<{ add(part: Uint8Array): void; compare(): void } | undefined> {
  const stored = checksum?.algorithm === "md5" ? content.md5 : metadata[CRC64_METADATA];
  if (checksum === undefined || stored === undefined || !sink.read) return undefined;
  const whole = checksum.whole();
  const buffer = new Uint8Array(BACK);
  for (let at = 0; at < sink.written;) {
    signal?.throwIfAborted();
    const got = await sink.read(at, buffer.subarray(0, Math.min(BACK, sink.written - at)));
    if (got === 0) throw new IntegrityError("length", `the sink has ${at} bytes, and said that it has ${sink.written}`);
    whole.add(buffer.subarray(0, got));
    at += got;
  }
  return {
    add: (part) => whole.add(part),
    compare: () => compareSums(stored, whole),
  };
}
