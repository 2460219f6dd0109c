/** The upload of a run: begun again as often as one goes on with it, and what it must have left in the end. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isServiceError, isIntegrityError } from "azure-files";
import { list } from "azure-files/directories";
import { getMetadata, read } from "azure-files/files";
import { fromPath } from "azure-files/node";
import { crc64, download, md5, upload, type UploadBody } from "azure-files/streaming";
import type { Plan } from "./plan.js";
import { randomOf } from "./random.js";
import type { World } from "./world.js";

/** The name of the file. */
export const PATH = "file.bin";

/** How often an upload that can be gone on with is begun. */
const TIMES = 4;

/** Content of a run. */
export function contentOf(seed: string, size: number, holes: number): Uint8Array<ArrayBuffer> {
  const random = randomOf(seed);
  const bytes = new Uint8Array(size);
  const words = new Uint32Array(bytes.buffer, 0, size >> 2);
  for (let at = 0; at < words.length; at++) words[at] = random.next() * 2 ** 32;
  for (let at = 0; at < size;) {
    const length = random.int(1, 30_000);
    if (random.chance(holes)) bytes.fill(0, at, at + length);
    at += length;
  }
  return bytes;
}

/** Uploads; notes what is wrong. Resolves to whether the file is there, whole, as it was sent. */
export async function uploadIn(world: World, content: Uint8Array<ArrayBuffer>, before: Uint8Array | undefined): Promise<boolean> {
  const { plan, connection, direct, wrongs } = world;
  const { rangeSize, concurrency, atomic, sparse, onFailure, resume } = plan;
  let isDoubtful = false;
  for (let time = 1; time <= (resume ? TIMES : 1); time++) {
    let [told, isFalling] = [0, false];
    const { value, error, happened } = await world.transfer(
      `upload ${time}`,
      // Only the first time: somebody wants it to end.
      { abortAt: time === 1 ? plan.abortAt : undefined },
      async (signal) =>
        upload(connection, {
          path: PATH,
          ...(await bodyIn(world, content, time)),
          rangeSize,
          concurrency,
          resume,
          atomic,
          sparse,
          onFailure,
          checksum: plan.checksum === "crc64" ? crc64() : plan.checksum === "md5" ? md5() : undefined,
          metadata: { kept: "yes" },
          signal,
          onProgress({ transferred, total }) {
            isFalling ||= transferred < told || transferred > (total ?? Infinity);
            told = transferred;
          },
        }),
    );
    if (isFalling) wrongs.push("upload: progress fell, or passed the whole");
    isDoubtful ||= plan.checksum === undefined && (happened.faults["flip-request"] ?? 0) > 0;
    if (error !== undefined) continue;
    if (value?.size !== content.byteLength || told !== content.byteLength) {
      wrongs.push(`upload: says ${value?.size} bytes, told of ${told}, and had ${content.byteLength}`);
    }
    const stored = await (await read(direct, { path: PATH })).bytes();
    if (Buffer.compare(stored, content) !== 0) {
      if (!isDoubtful) wrongs.push(`upload: what is there is not what was sent: ${difference(stored, content)}`);
      return false;
    }
    const { metadata } = await getMetadata(direct, { path: PATH });
    if (metadata["azurefilesupload"] !== undefined || metadata["kept"] !== "yes") wrongs.push(`upload: left ${JSON.stringify(metadata)}`);
    const names: string[] = [];
    for await (const { name } of list(direct)) names.push(name);
    if (names.length !== 1) wrongs.push(`upload: left ${names.join(", ")}`);
    return true;
  }
  // Nothing half passes for whole.
  const seen = await download(direct, { path: PATH })
    .then((file) => file.bytes())
    .catch((error: unknown) => error);
  const isRefused = isIntegrityError(seen, "unfinished") || (isServiceError(seen) && seen.status === 404);
  const isWhole = seen instanceof Uint8Array && [before, content].some((bytes) => bytes && Buffer.compare(seen, bytes) === 0);
  if (!isRefused && !isWhole && !isDoubtful) {
    wrongs.push(`upload: failed, and left ${seen instanceof Uint8Array ? difference(seen, content) : String(seen)}`);
  }
  return false;
}

async function bodyIn(
  { plan, folder, foreign, note }: World,
  content: Uint8Array<ArrayBuffer>,
  time: number,
): Promise<{ body: UploadBody; size?: number }> {
  const { byteLength: size } = content;
  const random = randomOf(`${plan.seed} pieces ${time}`);
  // It breaks once.
  const breaksAt = plan.breaksAt === undefined || time > 1 ? Infinity : plan.breaksAt * size;
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < size;) {
      const end = at + random.int(1, 40_000);
      if (end > breaksAt) {
        note("broken source");
        throw foreign.source;
      }
      yield content.slice(at, end);
      at = end;
    }
  }
  const path = join(folder, "source");
  if (plan.source === "path" && time === 1) await writeFile(path, content);
  const bodies: Record<Plan["source"], () => { body: UploadBody; size?: number }> = {
    bytes: () => ({ body: content }),
    blob: () => ({ body: new Blob([content]) }),
    file: () => ({ body: new File([content], "name", { lastModified: 1_700_000_000_000 }) }),
    stream: () => ({ body: streamOf(pieces()), size }),
    "unknown stream": () => ({ body: streamOf(pieces()) }),
    iterable: () => ({ body: pieces(), size }),
    path: () => ({ body: fromPath(path) }),
  };
  return bodies[plan.source]();
}

function streamOf(pieces: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => void (await pieces.return(undefined)),
    },
    { highWaterMark: 0 },
  );
}

/** Where bytes differ first. */
export function difference(a: Uint8Array, b: Uint8Array): string {
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return `${a.byteLength} bytes of ${b.byteLength}, other from ${at < 0 ? "the end" : at} on`;
}
