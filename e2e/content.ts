/** Files with random content on disk, and hashes of what came out. */
import { createHash, randomFillSync } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { once } from "node:events";
import { pipeline } from "node:stream/promises";

const MIB = 1024 * 1024;

/** Writes `mebibytes` MiB of random bytes and some more, so that the last range is not a whole one; answers their SHA-256 in hex. */
export async function writeRandomFile(path: string, mebibytes: number, more = 0): Promise<string> {
  const hash = createHash("sha256");
  const file = createWriteStream(path);
  const block = Buffer.alloc(MIB);
  for (let left = mebibytes * MIB + more; left > 0; left -= MIB) {
    const bytes = Buffer.from(randomFillSync(block).subarray(0, Math.min(MIB, left)));
    hash.update(bytes);
    if (!file.write(bytes)) await once(file, "drain");
  }
  file.end();
  await once(file, "close");
  return hash.digest("hex");
}

/** The SHA-256 of a file on disk, in hex. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** The SHA-256 of what a URL answers, in hex, and its length; read as it comes, with nothing of the library in between. */
export async function hashUrl(url: string): Promise<{ sha256: string; bytes: number }> {
  const response = await fetch(url);
  if (!response.ok || !response.body) throw new Error(`The file could not be read back: status ${response.status}.`);
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of response.body) {
    hash.update(chunk);
    bytes += chunk.byteLength;
  }
  return { sha256: hash.digest("hex"), bytes };
}
