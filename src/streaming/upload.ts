/**
 * Uploads of any size from any source, in parallel ranges, straight to the share.
 */
import { between, MAX_RANGE } from "../config.js";
import { IntegrityError, isAzureFilesError } from "../errors.js";
import {
  createFile,
  type CreateFileRequest,
  type FileRequest,
  MAX_FILE,
  putRangeOf,
  setFileProperties,
  type SetFilePropertiesRequest,
} from "../services/file-writes.js";
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
  /** Starts no further range; those under way end. Does nothing after the end. */
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
  const state: Writable<UploadState> = { phase: "init", path: request.path ?? connection.path ?? "", size: null, transferred: 0, written: [] };
  const gate = makeGate();
  const { signal } = request;
  const controller = new AbortController();
  let source: Source | undefined;
  let last: Pick<FileWritten, "etag" | "lastModified"> = { etag: undefined, lastModified: undefined };

  const send = async (operation: Operation<undefined>): Promise<void> => {
    const { headers } = await connection.send({ ...operation, signal: controller.signal });
    last = { etag: text(headers, "etag"), lastModified: date(headers, "last-modified") };
  };
  const report = (): void => request.onProgress?.({ transferred: state.transferred, total: state.size ?? undefined });
  const put = async (offset: number, body: WireBody): Promise<void> => {
    // A last-write time of the caller's own would otherwise be replaced by each range.
    const lastWriteTime = request.smb?.lastWriteTime ? "Preserve" : undefined;
    await send(putRangeOf(connection, { ...request, offset, body, lastWriteTime }));
    const size = sizeOfBody(body);
    addRange(state.written, { start: offset, end: offset + size - 1 });
    state.transferred += size;
    report();
  };
  const transfer = async (): Promise<FileWritten> => {
    const concurrency = between("concurrency", request.concurrency ?? 4, 1, 32, true);
    const rangeSize = between("rangeSize", request.rangeSize ?? MAX_RANGE, 512, MAX_RANGE, true);
    source = sourceOf(request.body, rangeSize);
    const size = request.size ?? source.size;
    if ((source.size ?? size) !== size) throw wrongLength(`holds ${source.size}`, size);
    state.size = size ?? null;
    // Of an unknown length the first part may be all there is, and then the length is known.
    let part = size === undefined ? await source.next() : undefined;
    const first = part ? sizeOfBody(part) : 0;
    let capacity = size ?? (first < rangeSize ? first : FIRST_CAPACITY);
    await send(createFile(connection, { ...request, size: capacity }));
    state.phase = "created";
    report();
    state.phase = "uploading";

    const underWay = new Set<Promise<void>>();
    const watch = makeWatch();
    let offset = 0;
    for (;;) {
      await watch.during(gate.open);
      if (underWay.size >= concurrency) await watch.during(Promise.race(underWay));
      part ??= await watch.during(source.next());
      if (!part) break;
      const end = offset + sizeOfBody(part);
      if (end > (size ?? end)) throw wrongLength(`goes on after ${size}`, size);
      if (end > capacity) {
        capacity = Math.min(MAX_FILE, capacity * 2);
        await watch.during(send(setFileProperties(connection, { ...sizeOnly(request), size: capacity })));
      }
      const range: Promise<void> = put(offset, part)
        .catch(watch.failed)
        .finally(() => underWay.delete(range));
      underWay.add(range);
      offset = end;
      part = undefined;
    }
    await watch.during(Promise.all(underWay));
    if (offset < (size ?? 0)) throw wrongLength(`ended after ${offset}`, size);
    state.size = offset;
    if (offset < capacity) await send(setFileProperties(connection, { ...trimmed(request), size: offset }));
    state.phase = "complete";
    return { path: state.path, size: offset, ...last };
  };
  const run = async (): Promise<FileWritten> => {
    try {
      return await within(connection.clock, signal, Infinity, undefined, transfer);
    } catch (error) {
      state.phase = signal?.aborted ? "aborted" : "failed";
      controller.abort(error);
      source?.cancel(error);
      if (isAzureFilesError(error)) error.transfer = state;
      throw error;
    }
  };
  const ended = (): boolean => /^(complete|failed|aborted)$/.test(state.phase);
  return Object.assign(run(), {
    state,
    pause: () => {
      if (!ended()) gate.shut();
      if (state.phase === "uploading") state.phase = "paused";
    },
    resume: () => {
      gate.unlock();
      if (state.phase === "paused") state.phase = "uploading";
    },
  });
}

type Writable<T> = { -readonly [name in keyof T]: T[name] extends readonly (infer Item)[] ? Item[] : T[name] };

/** A gate that a paused upload waits at. */
function makeGate(): { readonly open: Promise<void>; shut(): void; unlock(): void } {
  let open = Promise.resolve();
  let unlock = (): void => undefined;
  return {
    get open() {
      return open;
    },
    shut() {
      unlock();
      open = new Promise((done) => (unlock = done));
    },
    unlock: () => unlock(),
  };
}

/** Waits for one thing at a time, but no longer than until a range fails: a source that hangs must not hide that. */
function makeWatch(): { during<T>(work: Promise<T>): Promise<T>; failed(error: unknown): void } {
  let failure: { error: unknown } | undefined;
  let wake: (error: unknown) => void = () => undefined;
  return {
    during: (work) =>
      new Promise((done, reject) => {
        if (failure) reject(failure.error);
        wake = reject;
        work.then(done, reject);
      }),
    failed(error) {
      failure ??= { error };
      wake(error);
    },
  };
}

/** Names the file for a change of nothing but its size, which leaves the stored HTTP headers alone. */
const sizeOnly = ({ share, path, leaseId }: UploadRequest): FileRequest => ({ share, path, leaseId });

/**
 * The last change of size touches the last-write time, so the caller's is said again; and then the stored HTTP headers too, or they would
 * be cleared.
 */
const trimmed = (request: UploadRequest): SetFilePropertiesRequest =>
  request.smb?.lastWriteTime
    ? { ...sizeOnly(request), smb: { lastWriteTime: request.smb.lastWriteTime }, content: { type: "application/octet-stream", ...request.content } }
    : sizeOnly(request);

const wrongLength = (what: string, size: number | undefined): IntegrityError => new IntegrityError("source", `the body ${what} bytes, but its size is said to be ${size}`);
