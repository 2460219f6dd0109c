/**
 * Uploads of any size from any source, in parallel ranges, straight to the share.
 */
import { between, MAX_RANGE } from "../config.js";
import { IntegrityError, isAzureFilesError } from "../errors.js";
import { createFile, type CreateFileRequest, MAX_FILE, putRangeOf, setFileProperties } from "../services/file-writes.js";
import type { FileWritten } from "../services/files.js";
import { fileTarget } from "../services/targets.js";
import { sizeOfBody } from "../transport/bytes.js";
import { date, text } from "../transport/headers.js";
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
  const transfer = new Transfer(connection, request);
  const promise = transfer.run();
  return Object.defineProperties(promise, {
    state: { get: () => transfer.state },
    pause: { value: () => transfer.pause() },
    resume: { value: () => transfer.resume() },
  }) as Upload;
}

class Transfer {
  readonly #connection: Connection;
  readonly #request: UploadRequest;
  readonly #controller = new AbortController();
  #phase: UploadPhase = "init";
  #size: number | undefined;
  #written: ByteRange[] = [];
  #transferred = 0;
  #last: { etag: string | undefined; lastModified: Date | undefined } = { etag: undefined, lastModified: undefined };
  /** Resolves when an upload that is paused goes on. */
  #paused: { until: Promise<void>; go: () => void } | undefined;

  constructor(connection: Connection, request: UploadRequest) {
    this.#connection = connection;
    this.#request = request;
  }

  get state(): UploadState {
    const path = this.#request.path ?? this.#connection.path ?? "";
    const phase = this.#paused && this.#phase !== "init" ? "paused" : this.#phase;
    return { phase, path, size: this.#size ?? null, transferred: this.#transferred, written: this.#written.map((range) => ({ ...range })) };
  }

  pause(): void {
    if (this.#isOver() || this.#paused) return;
    let go: () => void = () => undefined;
    this.#paused = { until: new Promise((done) => (go = done)), go };
  }

  resume(): void {
    this.#paused?.go();
    this.#paused = undefined;
  }

  #isOver(): boolean {
    return this.#phase === "complete" || this.#phase === "failed" || this.#phase === "aborted";
  }

  async run(): Promise<FileWritten> {
    const { signal } = this.#request;
    let source: Source | undefined;
    let onAbort: () => void = () => undefined;
    try {
      signal?.throwIfAborted();
      const { path } = fileTarget(this.#connection, this.#request);
      const concurrency = between("concurrency", this.#request.concurrency ?? 4, 1, 32, true);
      const rangeSize = between("rangeSize", this.#request.rangeSize ?? MAX_RANGE, 512, MAX_RANGE, true);
      if (this.#request.size !== undefined) between("size", this.#request.size, 0, MAX_FILE, true);
      source = sourceOf(this.#request.body, rangeSize);
      // Not waited for where it never ends: a source that hangs must not hold an abort up.
      const aborted = new Promise<never>((_, reject) => {
        onAbort = () => reject(signal?.reason);
        signal?.addEventListener("abort", onAbort);
      });
      await Promise.race([this.#transfer(source, concurrency), aborted]);
      this.#phase = "complete";
      return { path, size: this.#transferred, ...this.#last };
    } catch (error) {
      this.#phase = signal?.aborted ? "aborted" : "failed";
      this.#paused?.go();
      this.#paused = undefined;
      this.#controller.abort(error);
      source?.cancel(error);
      if (signal?.aborted) throw signal.reason;
      if (isAzureFilesError(error)) error.transfer = this.state;
      throw error;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  async #transfer(source: Source, concurrency: number): Promise<void> {
    this.#size = this.#request.size ?? source.size;
    if (source.size !== undefined && this.#size !== source.size) throw wrongLength(`holds ${source.size}`, this.#size);
    // Of an unknown length the first part may be all there is, and then the length is known.
    let part = this.#size === undefined ? await source.next() : undefined;
    let capacity = this.#size ?? (part && sizeOfBody(part) >= this.#rangeSize ? FIRST_CAPACITY : part ? sizeOfBody(part) : 0);
    await this.#create(capacity);

    const underWay = new Set<Promise<void>>();
    let failed: { error: unknown } | undefined;
    let wake: (error: unknown) => void = () => undefined;
    /** Waits, but no longer than until a range fails: a source that hangs must not hide that. */
    const unlessFailed = <T>(waited: Promise<T>): Promise<T> =>
      new Promise((done, reject) => {
        wake = reject;
        if (failed) reject(failed.error);
        waited.then(done, reject);
      });
    let offset = 0;
    for (;;) {
      while (this.#paused) await unlessFailed(this.#paused.until);
      if (underWay.size >= concurrency) await unlessFailed(Promise.race(underWay));
      this.#controller.signal.throwIfAborted();
      part ??= await unlessFailed(source.next());
      if (part === undefined) break;
      const end = offset + sizeOfBody(part);
      if (this.#size !== undefined && end > this.#size) throw wrongLength(`goes on after ${end}`, this.#size);
      if (end > capacity) {
        capacity = Math.min(MAX_FILE, capacity * 2);
        await unlessFailed(this.#resize(capacity));
      }
      const put: Promise<void> = this.#put(offset, part)
        .catch((error: unknown) => {
          failed ??= { error };
          wake(error);
        })
        .finally(() => underWay.delete(put));
      underWay.add(put);
      offset = end;
      part = undefined;
    }
    await unlessFailed(Promise.all(underWay));
    if (this.#size !== undefined && offset < this.#size) throw wrongLength(`ended after ${offset}`, this.#size);
    this.#size = offset;
    if (offset < capacity) await this.#resize(offset, true);
  }

  get #rangeSize(): number {
    return this.#request.rangeSize ?? MAX_RANGE;
  }

  async #create(size: number): Promise<void> {
    await this.#send(createFile(this.#connection, { ...this.#request, size }));
    this.#phase = "created";
    this.#report();
  }

  async #put(offset: number, body: WireBody): Promise<void> {
    // A last-write time of the caller's own would otherwise be replaced by each range.
    const lastWriteTime = this.#request.smb?.lastWriteTime === undefined ? undefined : "Preserve";
    this.#phase = "uploading";
    await this.#send(putRangeOf(this.#connection, { ...this.#request, offset, body, lastWriteTime }));
    const size = sizeOfBody(body);
    addRange(this.#written, { start: offset, end: offset + size - 1 });
    this.#transferred += size;
    this.#report();
  }

  /**
   * Changes the size of a file that grows. The stored HTTP headers stay as they are while nothing but the size is said. A resize touches
   * the last-write time, so at the end the caller's is said again; and then the stored headers too, or they would be cleared.
   */
  async #resize(size: number, last = false): Promise<void> {
    const { share, path, leaseId, smb, content } = this.#request;
    const again = last && smb?.lastWriteTime ? { smb: { lastWriteTime: smb.lastWriteTime }, content: { type: "application/octet-stream", ...content } } : {};
    await this.#send(setFileProperties(this.#connection, { share, path, leaseId, size, ...again }));
  }

  async #send(operation: Operation<undefined>): Promise<void> {
    const { headers } = await this.#connection.send({ ...operation, signal: this.#controller.signal });
    this.#last = { etag: text(headers, "etag"), lastModified: date(headers, "last-modified") };
  }

  #report(): void {
    this.#request.onProgress?.({ transferred: this.#transferred, total: this.#size });
  }
}

const wrongLength = (what: string, size: number | undefined): IntegrityError =>
  new IntegrityError("source", `the body ${what} bytes, but size said ${size}`, { operation: "Put Range" });
