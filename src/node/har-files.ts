/** Recordings on disk: the archive, and the files beside it. */
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { CassetteError, type Recording, type ReplayOptions } from "../simulation/index.js";

/**
 * Writes a recording, or what a replay brought up to date: the archive, and what is large in files beside it, as Playwright does. Nothing is
 * written where a secret is in it that cannot be taken out. An archive that is there already stays as it is until the new one is whole.
 *
 * @throws CassetteError for that; what Node throws where it cannot write.
 */
export async function saveHar(path: string, recording: Pick<Recording, "har" | "files">): Promise<void> {
  // Both before the first byte is written.
  const [har, files] = [recording.har(), recording.files()];
  await mkdir(dirname(path), { recursive: true });
  for (const [name, bytes] of files) await writeFile(join(dirname(path), name), bytes);
  // A disk that is full leaves half a file.
  const half = `${path}.part`;
  try {
    await writeFile(half, `${JSON.stringify(har, undefined, 1)}\n`);
    await rename(half, path);
  } catch (error) {
    await rm(half, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** An archive as `replay` takes it. */
export interface LoadedHar {
  readonly har: string;
  readonly options: Required<Pick<ReplayOptions, "files">>;
}

/**
 * Reads an archive with the files beside it.
 *
 * @throws CassetteError for one that is packed (`.har.zip`), what Node throws where there is none.
 * @example
 * const { har, options } = await loadHar("run.har");
 * const connection = connect({ endpoint, share, credential, fetch: replay(har, options).fetch() });
 */
export async function loadHar(path: string): Promise<LoadedHar> {
  const bytes = await readFile(path);
  // As browsers and Playwright write some. `replay` would say so, too; here it can be said of which file.
  if (["PK", "\u001F\u008B"].includes(bytes.toString("latin1", 0, 2)))
    throw new CassetteError(`${path} is packed: unpack it first, and name the file in it that ends in .har`);
  const har = bytes.toString("utf8");
  const files = async (name: string): Promise<Uint8Array<ArrayBuffer> | undefined> => {
    // Beside it and nowhere else, whatever an archive of somebody else's says.
    if (basename(name) !== name) return undefined;
    return readFile(join(dirname(path), name)).then(
      (bytes) => new Uint8Array(bytes),
      () => undefined,
    );
  };
  return { har, options: { files } };
}
