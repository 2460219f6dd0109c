/** Recordings on disk: the archive, and the files beside it. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Recording, ReplayOptions } from "../simulation/index.js";

/**
 * Writes a recording: the archive, and what is large in files beside it, as Playwright does. Nothing is written where a secret is in it that
 * cannot be taken out.
 *
 * @throws CassetteError for that; what Node throws where it cannot write.
 */
export async function saveHar(path: string, recording: Pick<Recording, "har" | "files">): Promise<void> {
  // Both before the first byte is written.
  const [har, files] = [recording.har(), recording.files()];
  await mkdir(dirname(path), { recursive: true });
  for (const [name, bytes] of files) await writeFile(join(dirname(path), name), bytes);
  await writeFile(path, `${JSON.stringify(har, undefined, 1)}\n`);
}

/** An archive as `replay` takes it. */
export interface LoadedHar {
  readonly har: string;
  readonly options: Required<Pick<ReplayOptions, "files">>;
}

/**
 * Reads an archive with the files beside it.
 *
 * @throws What Node throws where there is none.
 * @example
 * const { har, options } = await loadHar("run.har");
 * const connection = connect({ endpoint, share, credential, fetch: replay(har, options).fetch() });
 */
export async function loadHar(path: string): Promise<LoadedHar> {
  const har = await readFile(path, "utf8");
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
