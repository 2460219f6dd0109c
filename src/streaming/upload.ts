/**
 * Uploads of any size from any source, in parallel ranges, straight to the share.
 */
import { between, MAX_RANGE } from "../config.js";
import { IntegrityError, isAzureFilesError } from "../errors.js";
import { redactText } from "../redact.js";
import { type CreateFileRequest, MAX_FILE, putRangeOf } from "../services/file-writes.js";
import type { FileWritten } from "../services/files.js";
import { bytesIn, isBlob, sizeOfBody } from "../transport/bytes.js";
import { date, text } from "../transport/headers.js";
import { limit } from "../transport/limit.js";
import { within } from "../transport/within.js";
import type { Connection, Operation } from "../types/connection.js";
import type { ByteRange } from "../types/properties.js";
import type { WireBody } from "../types/requests.js";
import type { Checksum, SummedRange } from "./checksum.js";
import { checkGrants, type Needs } from "./grants.js";
import { patient, poolOf, watchOf } from "./pool.js";
import { addRange } from "./ranges.js";
import { openSource, type Source, type UploadBody } from "./source.js";
import { createWhole, isConflict, openUploadFile, refuseExisting, type UploadFile } from "./upload-file.js";

/** What a transfer reports as it goes on. */
export interface TransferProgress {
  /** Bytes that the service has acknowledged (of a download: that were handed out). Never falls, never passes `total`. */
  readonly transferred: number;
  /** Bytes in all; undefined while the length of a stream is not known. */
  readonly total: number | undefined;
}

/** What `upload` takes. */
export interface UploadRequest extends Omit<CreateFileRequest, "size" | "body"> {
  /** What to write. Streams and iterables are read once, as fast as they are sent. */
  body: UploadBody;
  /** Bytes in the body, where a stream's length is known beforehand; spares growing and trimming the file. @default the body's own, or unknown */
  size?: number | undefined;
  /** Ranges under way at once, from 1 to 32; fewer while the service is busy. @default 4 */
  concurrency?: number | undefined;
  /** Bytes in a range, from 512 to 4 MiB; with `resume` a multiple of 512. @default 4194304 */
  rangeSize?: number | undefined;
  /**
   * Goes on where an unfinished upload of the same body stands, after an error, a reload or a crash, here or on another machine; nothing is
   * kept but what the service keeps. Where there is none, begins anew. What is there of another body, of this one before it changed, or in
   * another `rangeSize` is refused with an IntegrityError `resume`, or with `"restart"` written anew. Bodies are told apart by size, last
   * change and three pieces of 4 KiB, streams by size and their first 4 KiB: one that may change in other places wants a `checksum`. Needs
   * permission to read (`r`). @default false
   */
  resume?: boolean | "restart" | undefined;
  /**
   * Writes under a temporary name and gives the file its name at the end, over the file that is there: nobody ever sees half of it. The
   * lease and the metadata of the file that was there are gone then. Needs permission to delete (`d`) and a SAS of the share, because that
   * of a single file names no other. @default false
   */
  atomic?: boolean | undefined;
  /**
   * With false, a file that is there is refused with an IntegrityError `exists`. The service has no such condition: without `atomic`, of two
   * uploads at the same moment both may go on. Needs permission to read (`r`). @default true
   */
  overwrite?: boolean | undefined;
  /** What becomes of the file when the upload fails or is aborted; to delete it needs permission (`d`). @default "keep", for `resume` */
  onFailure?: "keep" | "delete" | undefined;
  /**
   * Proves that each range arrived as it was sent, and stores the sum of the whole with the file: `crc64()` or `md5()`. Needs no further
   * permission. With `resume`, what is written already is read again from the body for it.
   */
  checksum?: Checksum | undefined;
  /** Does not send ranges that are all zero, which a new file reads as anyway. @default true; false for a `Blob`, whose bytes are not looked at */
  sparse?: boolean | undefined;
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
  /** Bytes of these that an earlier upload had written, with `resume`. */
  readonly resumed: number;
}

/** An upload under way. `await` it for its result. */
export interface Upload extends Promise<FileWritten> {
  /** Where it stands, as plain JSON. */
  readonly state: UploadState;
  /**
   * Starts nothing further: no range, and where nothing has begun yet, not the upload itself. What is under way ends. Does nothing after
   * the end.
   */
  pause(): void;
  /** Goes on after `pause()`. */
  resume(): void;
}

/** What is not known of a version. */
const UNKNOWN: Pick<FileWritten, "etag" | "lastModified"> = { etag: undefined, lastModified: undefined };

/** The first size of a file whose length is not known; it doubles as the bytes come. */
const FIRST_CAPACITY = 16 * MAX_RANGE;

/**
 * Writes a file: creates it, or empties the one that is there, and puts its content in ranges, several at once. Needs permission to
 * create and write (`c` and `w` of a SAS), nothing else.
 *
 * A body of one range is written with one request. A larger one is marked in the file's metadata until it is whole: `download` refuses half
 * a file, `resume` goes on with it. A stream of unknown length makes the file grow as it comes and is trimmed at the end. No more than
 * `concurrency` ranges of the body are held at any time. An upload that fails rejects, with what was written in `error.transfer`.
 *
 * @throws ServiceError, TransportError; IntegrityError `source` where a stream holds more or fewer bytes than `size` said, `resume` and
 * `exists` where that is asked for. The reason of the signal, untouched, within 50 ms of an abort; what the body's stream fails with,
 * untouched. TypeError and RangeError before the network for a body that is locked or read, and for names, sizes and numbers that break the
 * rules, for a SAS that plainly lacks a permission, and for `resume` of a body of unknown size.
 * @see https://learn.microsoft.com/rest/api/storageservices/put-range
 * @example
 * await upload(connection, { path: file.name, body: file, onProgress: ({ transferred }) => show(transferred) });
 */
export function upload(through: Connection, given: UploadRequest): Upload {
  const request = given.lock?.cover(through, given) ?? given;
  const watch = watchOf("upload", through, request);
  const connection = patient(through, watch);
  const state: Writable<UploadState> = {
    phase: "init",
    path: redactText(request.path ?? connection.path ?? ""),
    size: null,
    transferred: 0,
    written: [],
    resumed: 0,
  };
  const { clock } = connection;
  const pool = poolOf(through);
  // Whatever fails first, a range or the caller's signal, aborts this; and then everything else ends with it.
  const controller = new AbortController();
  /** Waits, but no longer than until something fails: a source that hangs must not hide that. */
  const unlessFailed = <T>(work: () => Promise<T>): Promise<T> => within(clock, controller.signal, Infinity, undefined, work);
  let paused: Promise<void> | undefined;
  let resume = (): void => undefined;
  const unpaused = async (): Promise<void> => {
    while (paused) await unlessFailed(async () => paused);
  };
  let source: Source | undefined;
  let file: UploadFile | undefined;
  let last = UNKNOWN;

  const send = async (operation: Operation<undefined>): Promise<number> => {
    const { headers, attempt } = await connection.send({ signal: controller.signal, ...operation, onRetry: pool.failed });
    last = { etag: text(headers, "etag"), lastModified: date(headers, "last-modified") };
    return attempt;
  };
  const report = (): void => {
    const { transferred, size } = state;
    watch?.progress(transferred, size ?? undefined);
    request.onProgress?.({ transferred, total: size ?? undefined });
  };
  const written = (start: number, size: number, isResumed = false): void => {
    addRange(state.written, { start, end: start + size - 1 });
    state.transferred += size;
    if (isResumed) state.resumed += size;
    report();
  };

  const transfer = async (): Promise<void> => {
    let concurrency = between("concurrency", request.concurrency ?? 4, 1, 32, true);
    const rangeSize = between("rangeSize", request.rangeSize ?? MAX_RANGE, 512, MAX_RANGE, true);
    // The service notes what is written in pages of 512 bytes: half a page would pass for a whole one.
    if (request.resume && rangeSize % 512) throw new RangeError(`rangeSize is ${rangeSize}, but for resume it must be a multiple of 512`);
    await checkGrants(connection, controller.signal, needsOf(request), request.atomic ? "atomic" : undefined);
    source = await openSource(request.body, rangeSize);
    // Aborted while it was being opened, nobody else lets go of it.
    if (controller.signal.aborted) source.cancel(controller.signal.reason);
    controller.signal.throwIfAborted();
    const { next, skip, size: held, release } = source;
    const size = request.size ?? held;
    const wrong = (what: string): IntegrityError => new IntegrityError("source", `the body ${what}, but its size is said to be ${size}`);
    if (held !== undefined && held !== size) throw wrong(`has ${held} bytes`);
    if (size !== undefined) between("size", size, 0, MAX_FILE, true);
    else if (request.resume) throw new TypeError("resume needs a body whose size is known; say it with size");
    state.size = size ?? null;
    // Of an unknown length the first part may be all there is, and then the length is known. A stream is known by it, too.
    let part = size === undefined || size <= rangeSize || !source.sample ? await next() : undefined;
    const first = part ? sizeOfBody(part) : 0;
    const isOne = size === undefined ? first < rangeSize : size <= rangeSize;
    await unpaused();
    if (isOne) {
      // Looked for before anything is written.
      if (first < (size ?? first)) throw wrong(`ends after ${first}`);
      if (first > (size ?? first) || (await next())) throw wrong("goes on");
      if (request.overwrite === false) await refuseExisting(connection, { ...request, signal: controller.signal });
      if (await createWhole(connection, request, part, send)) {
        state.size = first;
        if (first > 0) written(0, first);
        else report();
        state.phase = "complete";
        return;
      }
    }
    let capacity = size ?? (isOne ? first : FIRST_CAPACITY);
    await checkGrants(connection, controller.signal, [["w", "an upload of several ranges"]]);
    file = await openUploadFile(connection, request, source, { rangeSize, size, first: part, signal: controller.signal, send });
    const { journal, target } = file;
    await file.create(capacity);
    state.phase = "created";
    report();
    state.phase = paused ? "paused" : "uploading";

    const { checksum } = request;
    const whole = checksum?.whole();
    // A last-write time of the caller's own would otherwise be replaced by each range.
    const lastWriteTime = request.smb?.lastWriteTime ? "Preserve" : undefined;
    const put = async (offset: number, body: WireBody, guarded: SummedRange | undefined): Promise<void> => {
      const operation = putRangeOf(connection, { ...target, offset, body, lastWriteTime });
      const attempt = await pool.run(controller.signal, () =>
        send(guarded ? { ...operation, headers: { ...operation.headers, ...guarded.headers }, body: guarded.body } : operation),
      );
      // A transport that goes on sending an earlier try, deaf to its signal, must not find other bytes there.
      if (attempt === 1) release(body);
      written(offset, sizeOfBody(body));
    };
    const alone = limit(1);
    const underWay = new Set<Promise<void>>();
    let offset = 0;
    for (;;) {
      if (underWay.size >= concurrency) await unlessFailed(() => Promise.race(underWay));
      const wanted = Math.min(rangeSize, (size ?? Infinity) - offset);
      const there = journal ? journal.written(offset, offset + wanted) : 0;
      const isThere = there > 0 && there === wanted;
      // Written by an earlier upload, and nobody wants to know what it is.
      if (isThere && skip && !whole && !part) {
        written(offset, skip(), true);
        offset += wanted;
        continue;
      }
      part ??= await unlessFailed(next);
      if (!part) break;
      const [start, end] = [offset, offset + sizeOfBody(part)];
      if (end > (size ?? end)) throw wrong("goes on");
      if (end > capacity) await file.resize((capacity = Math.min(MAX_FILE, capacity * 2)));
      // Last of all, so that a pause during any of these waits holds this range back.
      await unpaused();
      const body = part;
      const bytes = checksum ? await bytesIn(body) : body;
      const guarded = checksum && !isBlob(bytes) ? checksum.protect(bytes) : undefined;
      if (whole && !isBlob(bytes)) whole.add(bytes, guarded?.own);
      offset = end;
      part = undefined;
      // Where nothing was written, the file reads as zeros.
      if (isThere || (there === 0 && (request.sparse ?? !isBlob(body)) && isZero(await bytesIn(body)))) {
        release(body);
        written(start, end - start, isThere);
        continue;
      }
      const range: Promise<void> = put(start, body, guarded)
        .catch(async (error: unknown) => {
          if (!isConflict(error) || controller.signal.aborted) throw error;
          // The service takes the ranges of this file one after the other only.
          concurrency = 1;
          await alone(() => put(start, body, guarded));
        })
        .catch((error: unknown) => controller.abort(error))
        .finally(() => underWay.delete(range));
      underWay.add(range);
    }
    await unlessFailed(() => Promise.all(underWay));
    if (offset < (size ?? 0)) throw wrong(`ends after ${offset}`);
    state.size = offset;
    if (offset < capacity) await file.resize(offset);
    if ((await file.finish(whole?.digest())) === undefined) last = UNKNOWN;
    state.phase = "complete";
    // Now the total is known.
    if (size === undefined) report();
  };
  const run = async (): Promise<FileWritten> => {
    const { signal } = request;
    try {
      await within(clock, signal, Infinity, undefined, transfer);
      source?.cancel(undefined);
      watch?.ended();
      return { path: state.path, size: state.transferred, ...last };
    } catch (error) {
      const made = state.phase !== "init";
      state.phase = signal?.aborted ? "aborted" : "failed";
      controller.abort(error);
      source?.cancel(error);
      if (isAzureFilesError(error)) error.transfer = state;
      if (request.onFailure === "delete" && made) {
        const removed = file?.remove().catch(() => undefined);
        // An abort does not wait.
        if (!signal?.aborted) await removed;
      }
      watch?.ended({ error });
      throw error;
    }
  };
  return Object.assign(run(), {
    state,
    pause() {
      paused ??= new Promise((done) => (resume = done));
      if (state.phase === "uploading") state.phase = "paused";
    },
    resume() {
      if (state.phase === "paused") state.phase = "uploading";
      paused = undefined;
      resume();
    },
  });
}

/** The permissions that an upload needs, and what for. */
const needsOf = ({ resume, overwrite, atomic, onFailure }: UploadRequest): Needs => [
  ["cw", "an upload"],
  resume && ["r", "resume"],
  overwrite === false && ["r", "overwrite: false"],
  atomic && ["d", "atomic"],
  onFailure === "delete" && ["d", 'onFailure: "delete"'],
];

/** Whether all bytes are zero. The first that is not ends the search. */
function isZero(bytes: Uint8Array): boolean {
  const { buffer, byteOffset, length } = bytes;
  // Four at a time, where they lie so.
  const words = byteOffset % 4 === 0 ? new Int32Array(buffer, byteOffset, length >> 2) : [];
  for (let at = 0; at < words.length; at++) if (words[at] !== 0) return false;
  for (let at = 4 * words.length; at < length; at++) if (bytes[at] !== 0) return false;
  return true;
}

type Writable<T> = { -readonly [name in keyof T]: T[name] extends readonly (infer Item)[] ? Item[] : T[name] };
