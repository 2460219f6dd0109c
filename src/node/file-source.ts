/** Files on disk as bodies of uploads. */
import { open, stat } from "node:fs/promises";
import type { OpenableBody } from "../streaming/index.js";

/**
 * A file on disk as the body of an upload: opened when the upload begins, read range by range at any place, so that `resume` passes over what
 * is written, and never more of it in memory than is under way (16 MiB with what `upload` does by itself).
 *
 * The upload throws a TypeError for what is no file, what Node throws (`ENOENT`, `EACCES`) for one that cannot be opened, and an
 * Error with the code `ESTALE` where the file is written to before its last byte was read: what went up may hold a little of before and a
 * little of after.
 *
 * @example
 * await upload(connection, { path: "x.iso", body: fromPath("x.iso"), resume: true });
 */
export function fromPath(path: string | URL): OpenableBody {
  return {
    async open() {
      // Asked before it is opened: a named pipe would wait for whoever writes to it.
      if (!(await stat(path)).isFile()) throw new TypeError(`${String(path)} is no regular file, whose bytes can be read at any place`);
      const file = await open(path, "r");
      const { size, mtimeMs } = await file.stat().catch(async (error: unknown) => {
        await file.close();
        throw error;
      });
      return {
        size,
        lastModified: Math.floor(mtimeMs),
        async read(offset, into) {
          let filled = 0;
          while (filled < into.byteLength) {
            const { bytesRead } = await file.read(into, filled, into.byteLength - filled, offset + filled);
            if (bytesRead === 0) break;
            filled += bytesRead;
          }
          if (offset + filled >= size) {
            const now = await file.stat();
            if (now.size !== size || now.mtimeMs !== mtimeMs) {
              throw Object.assign(new Error(`${String(path)} was changed while it was read`), { code: "ESTALE" });
            }
          }
          return filled;
        },
        close: () => file.close(),
      };
    },
  };
}
