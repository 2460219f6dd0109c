/** Files on disk whose content looks random, and hashes of what came out. */
import { createCipheriv, createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { once } from "node:events";
import { pipeline } from "node:stream/promises";

const MIB = 1024 * 1024;

/**
 * Writes `mebibytes` MiB of bytes and some more, so that the last range is not a whole one; answers their SHA-256 in hex. They follow from
 * the file's name, and its folder's where that is not the story's own, so that a recorded story meets the same bytes again.
 */
export async function writeRandomFile(path: string, mebibytes: number, more = 0): Promise<string> {
  const hash = createHash("sha256");
  const file = createWriteStream(path);
  const name = path.split(/azure-files-e2e-[^/\\]+[/\\]/).at(-1) ?? path;
  const key = createHash("sha256").update(name).digest();
  const stream = createCipheriv("aes-256-ctr", key, Buffer.alloc(16));
  const block = Buffer.alloc(MIB);
  for (let left = mebibytes * MIB + more; left > 0; left -= MIB) {
    const bytes = stream.update(block.subarray(0, Math.min(MIB, left)));
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
