/** Files on disk as targets of downloads. */
import { createHash } from "node:crypto";
import { type FileHandle, open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { DownloadSink } from "../streaming/index.js";

/** What `toPath` may be told. */
export interface ToPathOptions {
  /** Goes on with what an earlier download of the same version left; with false, what it left is thrown away. @default true */
  readonly resume?: boolean | undefined;
}

/**
 * A file on disk as the target of a download. The bytes go to a file beside it, named after the version that is downloaded; when all are
 * there, it is flushed to the disk and takes the name of the target, which until then stays what it was. What a download that failed or was
 * killed left behind is gone on with, and what is left of other versions is removed. A target that is a symbolic link is replaced, not followed.
 *
 * Nothing is flushed before the end: after a power cut, unlike after a crash of the process, what was left may have holes where bytes had been
 * written. Give `downloadTo` a `checksum`, which reads it back, or say `resume: false`.
 *
 * The download throws what Node throws: `ENOENT` where the folder is missing, `ENOSPC`, `EACCES`, `EISDIR` where the target is a folder.
 *
 * @example
 * await downloadTo(connection, { path: "x.iso", to: toPath("x.iso") });
 */
export function toPath(path: string | URL, { resume = true }: ToPathOptions = {}): DownloadSink {
  const target = resolve(typeof path === "string" ? path : fileURLToPath(path));
  const folder = dirname(target);
  // With what is added to it, a name must not exceed the 255 bytes that file systems allow.
  const name = Buffer.byteLength(basename(target)) > 200 ? hashOf(basename(target)) : basename(target);
  return {
    async open({ size, etag }) {
      // Without a version that can be seen, nothing can be told to be of the same.
      const version = hashOf(`${etag ?? crypto.randomUUID()} ${size}`);
      const partial = `${name}.${version}.partial`;
      for (const entry of await readdir(folder)) {
        const isPartial = entry.startsWith(`${name}.`) && /^\.[0-9a-f]{16}\.partial$/.test(entry.slice(name.length));
        if (isPartial && (entry !== partial || !resume)) await rm(join(folder, entry), { force: true });
      }
      const beside = join(folder, partial);
      let [file, isClosed]: [FileHandle | undefined, boolean] = [await openExisting(beside), false];
      // All writes come in order, so that what is there is right as far as it goes.
      const written = Math.min(size, (await file?.stat())?.size ?? 0);
      /** Made with the first byte: a download that is refused leaves nothing behind. */
      const made = async (): Promise<FileHandle> => {
        if (isClosed) throw Object.assign(new Error(`${beside} is closed`), { code: "EBADF" });
        return (file ??= await open(beside, "wx+").catch(() => open(beside, "r+")));
      };
      return {
        written,
        async write(offset, bytes) {
          const file = await made();
          for (let done = 0; done < bytes.byteLength;) {
            done += (await file.write(bytes, done, bytes.byteLength - done, offset + done)).bytesWritten;
          }
        },
        async read(offset, into) {
          return (await (await made()).read(into, 0, into.byteLength, offset)).bytesRead;
        },
        async finish() {
          const file = await made();
          await file.truncate(size);
          await file.sync();
          const own = await file.stat({ bigint: true });
          await file.close();
          isClosed = true;
          await take(beside, target, own.ino);
          await flush(folder);
        },
        discard: () => rm(beside, { force: true }),
        async close() {
          if (!isClosed) await file?.close();
          isClosed = true;
        },
      };
    },
  };
}

/** A file that may be there. */
async function openExisting(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "r+");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Gives a file the target's name, if it still is the one that was written to: another process that downloads the same version writes the same
 * bytes to the same places, and may have been faster; one that was told not to resume has thrown it away.
 */
async function take(beside: string, target: string, own: bigint): Promise<void> {
  const inodeOf = async (path: string): Promise<bigint | undefined> => (await stat(path, { bigint: true }).catch(() => undefined))?.ino;
  let failure: unknown = new Error(`${beside} was thrown away by another download to the same place`);
  if ((await inodeOf(beside)) === own) {
    try {
      return await rename(beside, target);
    } catch (error) {
      failure = error;
    }
  }
  if ((await inodeOf(target)) !== own) throw failure;
}

/** Makes sure that a name that was given stays given after a power cut. Some systems open no folders, and need not be told. */
async function flush(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);
