/** Files on disk as targets of downloads. */
import { createHash } from "node:crypto";
import { open, readdir, rename, rm } from "node:fs/promises";
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
 * killed left behind is gone on with, and what is left of other versions is removed.
 *
 * @example
 * await downloadTo(connection, { path: "x.iso", to: toPath("x.iso") });
 */
export function toPath(path: string | URL, { resume = true }: ToPathOptions = {}): DownloadSink {
  const target = resolve(path instanceof URL ? fileURLToPath(path) : path);
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
      const file = await open(join(folder, partial), "a+").then(async (made) => {
        // Appending ignores positions: opened once more for writing at places.
        await made.close();
        return open(join(folder, partial), "r+");
      });
      // All writes come in order, so that what is there is right as far as it goes.
      const written = Math.min(size, (await file.stat()).size);
      let isOpen = true;
      const close = async (): Promise<void> => {
        if (isOpen) await file.close();
        isOpen = false;
      };
      return {
        written,
        async write(offset, bytes) {
          for (let done = 0; done < bytes.byteLength;) {
            done += (await file.write(bytes, done, bytes.byteLength - done, offset + done)).bytesWritten;
          }
        },
        async finish() {
          await file.truncate(size);
          await file.sync();
          await close();
          await rename(join(folder, partial), target);
        },
        discard: () => rm(join(folder, partial), { force: true }),
        close,
      };
    },
  };
}

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);
