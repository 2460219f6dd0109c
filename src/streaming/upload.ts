/**
 * Uploads of any size from any source, in parallel ranges, straight to the share.
 */
import { between, MAX_RANGE } from "../config.js";
import { IntegrityError, isAzureFilesError } from "../errors.js";
import { createFile, type CreateFileRequest, MAX_FILE, putRangeOf, setFileProperties } from "../services/file-writes.js";
import type { FileWritten } from "../services/files.js";
import { sizeOfBody } from "../transport/bytes.js";
import { date, text } from "../transport/headers.js";
import { within } from "../transport/within.js";
import type { Connection, Operation } from "../types/connection.js";
import type { ByteRange } from "../types/properties.js";
import type { WireBody } from "../types/requests.js";
import { addRange } from "./ranges.js";
import { type Source, sourceOf, type UploadBody } from "./source.js";

/** What a transfer reports as it goes on. */
export interface TransferProgress {
  /** Bytes that the service has acknowledged (of a download: that were handed out). Never falls, never passes `total`. */
  readonly transferred: number;
  /** Bytes in all; undefined while the length of a stream is not known. */
  readonly total: number | undefined;
}

/** What `upload` takes. */
export interface UploadRequest extends Omit<CreateFileRequest, "size"> {
  /** What to write. Streams and iterables are read once, as fast as they are sent. */
  body: UploadBody;
  /** Bytes in the body, where a stream's length is known beforehand; spares growing and trimming the file. @default the body's own, or unknown */
  size?: number | undefined;
  /** Ranges under way at once, from 1 to 32. @default 4 */
  concurrency?: number | undefined;
  /** Bytes in a range, from 512 to 4 MiB. @default 4194304 */
  rangeSize?: number | undefined;
  /** Called when the file is created and after each range; what it throws fails the upload. */
  onProgress?: ((progress: TransferProgress) => void) | undefined;
}

/**
 * Where an upload stands: `init` before the file exists, `created`, `uploading`, `paused`, and at the end `complete`, `failed` or
 * `aborted`.
 */
export type UploadPhase = "init" | "created" | "uploading" | "paused" | "complete" | "failed" | "aborted";

/** An upload as plain JSON. */
export interface UploadState {
  readonly phase: UploadPhase;
  readonly path: string;
  /** Bytes in all; null while the length of a stream is not known. */
  readonly size: number | null;
  /** Bytes that the service has acknowledged. */
  readonly transferred: number;
  /** Where they are, ascending and apart. */
  readonly written: readonly ByteRange[];
}

/** An upload under way. `await` it for its result. */
export interface Upload extends Promise<FileWritten> {
  /** Where it stands, as plain JSON. */
  readonly state: UploadState;
  /** Starts no further range; those under way end. Does nothing before the first range and after the end. */
  pause(): void;
  /** Goes on after `pause()`. */
  resume(): void;
}

/** The first size of a file whose length is not known; it doubles as the bytes come. */
const FIRST_CAPACITY = 16 * MAX_RANGE;

/**
 * Writes a file: creates it, or empties the one that is there, and puts its content in ranges, several at once. Needs permission to
 * create and write (`c` and `w` of a SAS), nothing else.
 *
 * A body below 4 MiB is one range. A stream of unknown length makes the file grow as it comes and is trimmed at the end. No more than
 * `concurrency` ranges of the body are held at any time. An upload that fails rejects, with what was written in `error.transfer`; the file
 * it leaves behind has its full size, zeros where nothing was written.
 *
 * @throws ServiceError, TransportError; IntegrityError `source` where a stream holds more or fewer bytes than `size` said. The reason of
 * the signal, untouched, within 50 ms of an abort; what the body's stream fails with, untouched. TypeError and RangeError before the
 * network for a body that is locked or read, and for names, sizes and numbers that break the rules.
 * @see https://learn.microsoft.com/rest/api/storageservices/put-range
 * @example
 * await upload(connection, { path: file.name, body: file, onProgress: ({ transferred }) => show(transferred) });
 */
export function upload(connection: Connection, request: UploadRequest): Upload {
  const state: Writable<UploadState> = {
    phase: "init",
    path: request.path ?? connection.path ?? "",
    size: null,
    transferred: 0,
    written: [],
  };
  // Whatever fails first, a range or the caller's signal, aborts this; and then everything else ends with it.
  const controller = new AbortController();
  /** Waits, but no longer than until something fails: a source that hangs must not hide that. */
  const unlessFailed = <T>(work: () => Promise<T>): Promise<T> => within(connection.clock, controller.signal, Infinity, undefined, work);
  let paused: Promise<void> | undefined;
  let resume = (): void => undefined;
  let source: Source | undefined;
  let last: Pick<FileWritten, "etag" | "lastModified"> = { etag: undefined, lastModified: undefined };

  const send = async (operation: Operation<undefined>): Promise<number> => {
    const { headers, attempt } = await connection.send({ ...operation, signal: controller.signal });
    last = { etag: text(headers, "etag"), lastModified: date(headers, "last-modified") };
    return attempt;
  };
  const report = (): void => request.onProgress?.({ transferred: state.transferred, total: state.size ?? undefined });
  const put = async (offset: number, body: WireBody): Promise<void> => {
    // A last-write time of the caller's own would otherwise be replaced by each range.
    const lastWriteTime = request.smb?.lastWriteTime ? "Preserve" : undefined;
    const attempt = await send(putRangeOf(connection, { ...request, offset, body, lastWriteTime }));
    const size = sizeOfBody(body);
    // A transport that goes on sending an earlier try, deaf to its signal, must not find other bytes there.
    if (attempt === 1) source?.release(body);
    addRange(state.written, { start: offset, end: offset + size - 1 });
    state.transferred += size;
    report();
  };
  // Without stored HTTP headers, because the service then leaves those of the file alone; with the caller's times, which a resize touches.
  const resize = (size: number): Promise<number> => send(setFileProperties(connection, { ...request, content: undefined, size }));

  const transfer = async (): Promise<void> => {
    const concurrency = between("concurrency", request.concurrency ?? 4, 1, 32, true);
    const rangeSize = between("rangeSize", request.rangeSize ?? MAX_RANGE, 512, MAX_RANGE, true);
    const { next, size: held } = (source = sourceOf(request.body, rangeSize));
    const size = request.size ?? held;
    const wrong = (what: string): IntegrityError => new IntegrityError("source", `the body ${what}, but its size is said to be ${size}`);
    if (held !== undefined && held !== size) throw wrong(`has ${held} bytes`);
    state.size = size ?? null;
    // Of an unknown length the first part may be all there is, and then the length is known.
    let part = size === undefined ? await next() : undefined;
    const first = part ? sizeOfBody(part) : 0;
    let capacity = size ?? (first < rangeSize ? first : FIRST_CAPACITY);
    await send(createFile(connection, { ...request, size: capacity }));
    state.phase = "created";
    report();
    state.phase = "uploading";

    const underWay = new Set<Promise<void>>();
    let offset = 0;
    for (;;) {
      if (underWay.size >= concurrency) await unlessFailed(() => Promise.race(underWay));
      part ??= await unlessFailed(next);
      if (!part) break;
      const end = offset + sizeOfBody(part);
      if (end > (size ?? end)) throw wrong("goes on");
      if (end > capacity) await resize((capacity = Math.min(MAX_FILE, capacity * 2)));
      // Last of all, so that a pause during any of these waits holds this range back.
      while (paused) await unlessFailed(async () => paused);
      const range: Promise<void> = put(offset, part)
        .catch((error: unknown) => controller.abort(error))
        .finally(() => underWay.delete(range));
      underWay.add(range);
      offset = end;
      part = undefined;
    }
    await unlessFailed(() => Promise.all(underWay));
    if (offset < (size ?? 0)) throw wrong(`ends after ${offset}`);
    state.size = offset;
    if (offset < capacity) await resize(offset);
    state.phase = "complete";
    // Now the total is known.
    if (size === undefined) report();
  };
  const run = async (): Promise<FileWritten> => {
    const { signal } = request;
    try {
      await within(connection.clock, signal, Infinity, undefined, transfer);
      return { path: state.path, size: state.transferred, ...last };
    } catch (error) {
      state.phase = signal?.aborted ? "aborted" : "failed";
      controller.abort(error);
      source?.cancel(error);
      if (isAzureFilesError(error)) error.transfer = state;
      throw error;
    }
  };
  return Object.assign(run(), {
    state,
    pause() {
      if (state.phase !== "uploading") return;
      state.phase = "paused";
      paused = new Promise((done) => (resume = done));
    },
    resume() {
      if (state.phase === "paused") state.phase = "uploading";
      paused = undefined;
      resume();
    },
  });
}

type Writable<T> = { -readonly [name in keyof T]: T[name] extends readonly (infer Item)[] ? Item[] : T[name] };
