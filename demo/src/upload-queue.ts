/** The queue of uploads: which file goes when, what happens on cancel, and what is left in the share if it does not go through. */
import { isServiceError, type Connection } from "azure-files";
import { create as createDirectory } from "azure-files/directories";
import { delete as deleteFile } from "azure-files/files";
import { upload, type Upload } from "azure-files/streaming";
import type { Arrivals } from "./dropped.js";
import { createRateMeter, type RateMeter } from "./rate.js";

/** Files on their way at the same time. Each sends up to 4 ranges at once, and a browser opens about 6 connections to one host. */
const LANES = 2;

export type Phase = "waiting" | "sending" | "done" | "cancelled" | "failed";

/** One file on its way. */
export interface Transfer {
  /** Where it goes, from the root of the share. */
  readonly path: string;
  readonly file: File;
  meter: RateMeter;
  phase: Phase;
  /** Bytes that the share has acknowledged. */
  transferred: number;
  /** The upload, once it runs; its `state` says which ranges are written. */
  upload?: Upload | undefined;
  /** Why it failed. */
  error?: unknown;
  /** Whether an unfinished file of this name stands in the share; so it is while it is on its way, too. */
  leftover: boolean;
  /** Whether the share's answer could be read; a CORS rule can hide it from a page. */
  confirmed: boolean;
}

export interface UploadQueue {
  readonly transfers: readonly Transfer[];
  /** Lines up files, to be put below a folder of the share. */
  add(arrivals: Arrivals, folder: string): void;
  /** Stops one; nothing of it is sent any more. */
  cancel(transfer: Transfer): void;
  /** Lines up a stopped or failed one again. */
  retry(transfer: Transfer): void;
  /** Deletes what a stopped or failed one left behind. */
  removeLeftover(transfer: Transfer): Promise<void>;
  /** Told that a file or folder of the share is deleted, and so is what was left behind there. */
  noteRemoved(path: string): void;
  /** Whether a file of the share is on its way, or was left unfinished, as far as this page knows. */
  unfinished(path: string): "arriving" | "unfinished" | undefined;
  /** Forgets those that are not waiting or on their way. */
  clearFinished(): void;
}

/** Who is told what. */
export interface QueueListeners {
  /** A transfer moved or changed its phase. Called often. */
  changed(transfer: Transfer): void;
  /** Something in this folder of the share is new, or gone. */
  arrived(folder: string): void;
  /** An empty folder could not be made. */
  folderFailed(error: unknown): void;
}

/** The folder part of a path; "" is the root of the share. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** The service keeps the case of names and does not tell names apart by it. */
const isSamePath = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** Opens a queue on a share. With `mayRead` an upload goes on where an earlier one of the same file stopped, also before a reload. */
export function createUploadQueue(connection: Connection, mayRead: () => boolean, listeners: QueueListeners): UploadQueue {
  let transfers: Transfer[] = [];
  const stops = new WeakMap<Transfer, AbortController>();
  /** Folders known to be there, or on their way. */
  const folders = new Map<string, Promise<void>>();

  /** Makes a folder, once however many files wait for it. Parents first: two folders that both make their parent would collide. */
  function ensureFolder(path: string): Promise<void> {
    if (path === "") return Promise.resolve();
    const known = folders.get(path);
    if (known) return known;
    const made = ensureFolder(parentOf(path)).then(() => makeFolder(path));
    folders.set(path, made);
    // A failure is not kept: the next file, or the next try, asks again.
    made.catch(() => folders.delete(path));
    return made;
  }

  async function makeFolder(path: string): Promise<void> {
    try {
      await createDirectory(connection, { path, recursive: true });
      listeners.arrived(parentOf(path));
    } catch (error) {
      // The page's SAS does not read, so the library cannot look whether what has the name is a folder. If it is none, the upload will say so.
      if (!isServiceError(error, "ResourceAlreadyExists")) throw error;
    }
  }

  async function send(transfer: Transfer): Promise<void> {
    const stop = new AbortController();
    stops.set(transfer, stop);
    transfer.phase = "sending";
    listeners.changed(transfer);
    try {
      await ensureFolder(parentOf(transfer.path));
      stop.signal.throwIfAborted();
      transfer.meter.note(0, performance.now());
      // The File itself goes in: the library slices it, and no more than the ranges on their way are ever in memory.
      transfer.upload = upload(connection, {
        path: transfer.path,
        body: transfer.file,
        content: { type: transfer.file.type || undefined },
        // What is there of another file is written anew, as without.
        resume: mayRead() ? "restart" : false,
        signal: stop.signal,
        onProgress({ transferred }) {
          // The first call says that the file is created: from here on something is left behind if the rest does not come.
          if (!transfer.leftover) {
            transfer.leftover = true;
            listeners.arrived(parentOf(transfer.path));
          }
          transfer.transferred = transferred;
          transfer.meter.note(transferred, performance.now());
          listeners.changed(transfer);
        },
      });
      const written = await transfer.upload;
      transfer.confirmed = written.etag !== undefined;
      transfer.phase = "done";
      forgetLeftovers(({ path }) => isSamePath(path, transfer.path));
    } catch (error) {
      transfer.phase = stop.signal.aborted ? "cancelled" : "failed";
      transfer.error = error;
      if (isServiceError(error, "ParentNotFound")) folders.clear();
    }
    listeners.changed(transfer);
    if (transfer.upload) listeners.arrived(parentOf(transfer.path));
    next();
  }

  /** What was left behind under these names is gone, or whole by now. */
  function forgetLeftovers(where: (transfer: Transfer) => boolean): void {
    for (const transfer of transfers.filter((candidate) => candidate.leftover && where(candidate))) {
      transfer.leftover = false;
      listeners.changed(transfer);
    }
  }

  function next(): void {
    const busy = transfers.filter(({ phase }) => phase === "sending");
    const waiting = transfers.filter(({ phase }) => phase === "waiting");
    // When all is done the folders are forgotten, because somebody may delete them before the next file comes.
    if (busy.length === 0 && waiting.length === 0) folders.clear();
    for (const transfer of waiting) {
      if (busy.length >= LANES) return;
      // Two at once into one file would mix their bytes.
      if (busy.some(({ path }) => isSamePath(path, transfer.path))) continue;
      busy.push(transfer);
      void send(transfer);
    }
  }

  return {
    get transfers() {
      return transfers;
    },
    add({ files, emptyFolders }, folder) {
      const below = (path: string): string => (folder ? `${folder}/${path}` : path);
      for (let path = folder; path !== ""; path = parentOf(path)) folders.set(path, folders.get(path) ?? Promise.resolve());
      for (const { path, file } of files) {
        const transfer: Transfer = {
          path: below(path),
          file,
          meter: createRateMeter(),
          phase: "waiting",
          transferred: 0,
          leftover: false,
          confirmed: true,
        };
        transfers.push(transfer);
        listeners.changed(transfer);
      }
      for (const path of emptyFolders) ensureFolder(below(path)).catch(listeners.folderFailed);
      next();
    },
    cancel(transfer) {
      if (transfer.phase === "sending") stops.get(transfer)?.abort(new DOMException("The upload was cancelled.", "AbortError"));
      if (transfer.phase !== "waiting") return;
      transfer.phase = "cancelled";
      listeners.changed(transfer);
    },
    retry(transfer) {
      if (transfer.phase !== "cancelled" && transfer.phase !== "failed") return;
      Object.assign(transfer, {
        phase: "waiting",
        transferred: 0,
        upload: undefined,
        error: undefined,
        leftover: false,
        meter: createRateMeter(),
      });
      listeners.changed(transfer);
      next();
    },
    async removeLeftover(transfer) {
      try {
        await deleteFile(connection, { path: transfer.path });
      } catch (error) {
        // Gone already is as good.
        if (!isServiceError(error, "ResourceNotFound")) throw error;
      }
      this.noteRemoved(transfer.path);
      listeners.arrived(parentOf(transfer.path));
    },
    noteRemoved(path) {
      forgetLeftovers((transfer) => isSamePath(transfer.path, path) || isSamePath(transfer.path.slice(0, path.length + 1), `${path}/`));
    },
    unfinished(path) {
      const begun = transfers.filter((transfer) => transfer.leftover && isSamePath(transfer.path, path));
      if (begun.length === 0) return undefined;
      return begun.some(({ phase }) => phase === "sending") ? "arriving" : "unfinished";
    },
    clearFinished() {
      transfers = transfers.filter(({ phase }) => phase === "waiting" || phase === "sending");
    },
  };
}
