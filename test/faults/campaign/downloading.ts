/** The downloads of a run, read in several ways: what comes is what is there, or an error says why it is not. */
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { toPath } from "azure-files/node";
import { crc64, download, downloadRange, type DownloadRequest, type DownloadSink, downloadTo, md5, upload } from "azure-files/streaming";
import type { DownloadPlan } from "./plan.js";
import { randomOf } from "./random.js";
import { contentOf, difference, PATH } from "./uploading.js";
import type { Happened } from "./weather.js";
import type { World } from "./world.js";

/** How often a download to a place that keeps what it has is begun. */
const TIMES = 4;

/** What a way to read gives: the bytes, and where they begin in the file. */
interface Got {
  readonly bytes: Uint8Array;
  readonly offset?: number;
  readonly count?: number;
}

/** A sink in memory that keeps what it has. */
function memorySink(): DownloadSink & { bytes: Uint8Array } {
  let [written, version] = [0, ""];
  const sink = {
    bytes: new Uint8Array(),
    open: async ({ size, etag }: { size: number; etag: string | undefined }) => {
      if (version !== `${etag} ${size}`) [sink.bytes, written, version] = [new Uint8Array(size), 0, `${etag} ${size}`];
      return {
        written,
        async read(offset: number, into: Uint8Array<ArrayBuffer>) {
          const some = sink.bytes.subarray(offset, offset + into.byteLength);
          into.set(some);
          return some.byteLength;
        },
        write: async (offset: number, bytes: Uint8Array) => {
          sink.bytes.set(bytes, offset);
          written = offset + bytes.byteLength;
        },
        finish: async () => undefined,
        discard: async () => void (version = ""),
        close: async () => undefined,
      };
    },
  };
  return sink;
}

/** Reads the file in one of the ways; `index` tells the downloads of a run apart. Resolves to what is there afterwards. */
export async function downloadIn(world: World, index: number, content: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const { plan, direct, wrongs, folder } = world;
  const { style, rangeSize, concurrency, sparse, abortAt, changeAt, ...chosen } = plan.downloads[index] as DownloadPlan;
  const random = randomOf(`${plan.seed} download ${index}`);
  const checksum = !chosen.checksum ? undefined : plan.checksum === "md5" ? md5() : crc64();
  const versions = [content];
  const change = async (): Promise<void> => {
    const other = contentOf(`${plan.seed} other ${index}`, random.int(0, 100_000), 0);
    // Here before anybody can read it.
    versions.push(other);
    await upload(direct, { path: PATH, body: other, checksum });
  };
  const memory = memorySink();
  const target = join(folder, `target-${index}`);
  const read = readers(world, plan.downloads[index] as DownloadPlan, random.next());
  // What is stored has a sum of the kind that is asked for.
  const isSummed = checksum !== undefined && plan.checksum !== undefined && style !== "range";
  const earlier: Happened[] = [];
  let isDoubtful = false;
  const isKept = style === "sink" || style === "path";
  for (let time = 1; time <= (isKept ? TIMES : 1); time++) {
    const { value, error, happened } = await world.transfer(
      `${style} ${index}.${time}`,
      { isSummed, earlier, ...(time === 1 ? { abortAt, changeAt, change } : {}) },
      async (signal): Promise<Got | undefined> => {
        const request: DownloadRequest = { path: PATH, rangeSize, concurrency, sparse, checksum, signal };
        if (style === "sink") {
          await downloadTo(world.connection, { ...request, to: memory });
          return { bytes: memory.bytes };
        }
        if (style === "path") {
          await downloadTo(world.connection, { ...request, to: toPath(target) });
          return { bytes: await readFile(target) };
        }
        return read[style](request, content.byteLength);
      },
    );
    earlier.push(happened);
    // Without a sum nobody can see that a bit is wrong, and what is kept is gone on with.
    isDoubtful ||= checksum === undefined && (happened.faults["flip-answer"] ?? 0) > 0;
    if (error !== undefined) continue;
    const { bytes, offset = 0, count = Infinity } = value ?? {};
    const fits = versions.some((version) => bytes !== undefined && Buffer.compare(bytes, version.subarray(offset, offset + count)) === 0);
    if (bytes !== undefined && !fits) {
      if (isDoubtful) world.total["bits unseen"] = (world.total["bits unseen"] ?? 0) + 1;
      else wrongs.push(`${style} ${index}: what came is not what is there: ${difference(bytes, content.subarray(offset, offset + count))}`);
    }
    if (style === "path") {
      const left = (await readdir(folder)).filter((name) => name.startsWith(`target-${index}.`));
      if (left.length > 0) wrongs.push(`path ${index}: left ${left.join(", ")}`);
      await rm(target);
    }
    break;
  }
  return versions.at(-1) as Uint8Array<ArrayBuffer>;
}

/** The ways that keep nothing. */
function readers(
  { connection, clock }: World,
  { slow, style }: DownloadPlan,
  chosen: number,
): Record<"stream" | "bytes" | "range" | "cancel" | "sink" | "path", (request: DownloadRequest, size: number) => Promise<Got | undefined>> {
  const none = async (): Promise<undefined> => undefined;
  const pause = (): Promise<void> => new Promise((done) => void clock.setTimeout(done, slow));
  const stream = async (request: DownloadRequest): Promise<Got | undefined> => {
    const { body, size } = await download(connection, request);
    const reader = body.getReader();
    const chunks: Uint8Array[] = [];
    let got = 0;
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      chunks.push(next.value);
      got += next.value.byteLength;
      if (slow > 0) await pause();
      if (style === "cancel" && got >= chosen * size) {
        await reader.cancel();
        return undefined;
      }
    }
    return { bytes: Buffer.concat(chunks) };
  };
  return {
    stream,
    cancel: stream,
    bytes: async (request) => ({ bytes: await (await download(connection, request)).bytes() }),
    async range(request, size) {
      if (size === 0) return undefined;
      const offset = Math.floor(chosen * size);
      const count = 1 + Math.floor(chosen * 50_000);
      return { bytes: await downloadRange(connection, { ...request, offset, count }), offset, count };
    },
    sink: none,
    path: none,
  };
}
