/** Files on disk as targets of downloads: what is on disk at each moment, and what is made of what an earlier download left. */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { toPath, type ToPathOptions } from "../../../src/node/file-sink.js";
import type { OpenSink } from "../../../src/streaming/index.js";

const size = 20;
const facts = { size, etag: '"v1"', lastModified: undefined };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
let folder: string;
let target: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "azure-files-sink-"));
  target = join(folder, "video.mp4");
});
afterEach(() => rm(folder, { recursive: true }));

const opened = (changes: Partial<typeof facts> & { etag?: string | undefined } = {}, options?: ToPathOptions): Promise<OpenSink> =>
  toPath(target, options).open({ ...facts, ...changes });

/** Leaves what a download that was stopped leaves. */
async function interrupted(text: string, changes: Partial<typeof facts> = {}): Promise<string> {
  const sink = await opened(changes);
  await sink.write(0, bytes(text));
  await sink.close();
  return (await partials())[0] as string;
}

const partials = async (): Promise<string[]> => (await readdir(folder)).filter((name) => name.endsWith(".partial"));

describe("a sink", () => {
  it("writes beside the target, and takes its name at the end only", async () => {
    await writeFile(target, "what was there before, and is longer");
    const sink = await opened();
    await sink.write(0, bytes("0123456789"));
    await sink.write(10, bytes("abcdefghij"));
    expect(await readFile(target, "utf8")).toBe("what was there before, and is longer");
    expect(await partials()).toEqual([expect.stringMatching(/^video\.mp4\.[0-9a-f]{16}\.partial$/)]);
    await sink.finish();
    await sink.close();
    expect(await readFile(target, "utf8")).toBe("0123456789abcdefghij");
    expect(await readdir(folder)).toEqual(["video.mp4"]);
  });

  it("makes nothing before the first byte, and nothing at all where none comes", async () => {
    const sink = await opened();
    expect(await readdir(folder)).toEqual([]);
    await sink.close();
    expect(await readdir(folder)).toEqual([]);
    const filled = await opened();
    await filled.write(0, bytes("0"));
    expect(await partials()).toHaveLength(1);
    await filled.close();
  });

  it("reads back what it has", async () => {
    await interrupted("0123456");
    const sink = await opened();
    const back = new Uint8Array(10);
    expect(await sink.read?.(3, back.subarray(0, 3))).toBe(3);
    expect(await sink.read?.(0, back)).toBe(7);
    expect(new TextDecoder().decode(back.subarray(0, 7))).toBe("0123456");
    await sink.close();
  });

  it("leaves holes that read as zeros, at the end, too", async () => {
    const sink = await opened();
    await sink.write(5, bytes("x"));
    await sink.finish();
    expect([...(await readFile(target))]).toEqual([0, 0, 0, 0, 0, 120, ...Array.from({ length: 14 }, () => 0)]);
  });

  it("of a URL is the file of that path; no other kind of URL is taken", async () => {
    const sink = await toPath(pathToFileURL(join(folder, "a b"))).open({ ...facts, size: 0 });
    await sink.finish();
    expect((await stat(join(folder, "a b"))).size).toBe(0);
    expect(() => toPath(new URL("https://example.com/a"))).toThrow(TypeError);
  });

  it("takes names as long as the file system does", async () => {
    for (const name of ["n".repeat(255), "ü".repeat(127)]) {
      target = join(folder, name);
      await interrupted("01234");
      const sink = await opened();
      expect(sink.written).toBe(5);
      await sink.finish();
      expect(await readdir(folder)).toContain(name);
    }
    expect(await partials()).toEqual([]);
  });

  it("fails where the folder is missing, and where the target is a folder keeps what it has", async () => {
    target = join(folder, "no/where");
    await expect(opened()).rejects.toMatchObject({ code: "ENOENT" });
    target = join(folder, "taken");
    await mkdir(target);
    const sink = await opened();
    await sink.write(0, bytes("01234"));
    await expect(sink.finish()).rejects.toMatchObject({ code: expect.stringMatching(/^E(ISDIR|PERM|EXIST|NOTEMPTY)$/) as string });
    await sink.close();
    expect(await partials()).toHaveLength(1);
  });

  it("may be closed more than once", async () => {
    const sink = await opened();
    await sink.close();
    await sink.close();
    await expect(sink.write(0, bytes("x"))).rejects.toMatchObject({ code: "EBADF" });
  });
});

describe("a download that shares its place with another", () => {
  it("of the same version ends well, whoever is faster", async () => {
    const slow = await opened();
    await slow.write(0, bytes("01234"));
    const fast = await opened();
    expect(fast.written).toBe(5);
    await fast.write(5, bytes("56789abcdefghij"));
    await slow.write(5, bytes("56789abcde"));
    await fast.finish();
    await fast.close();
    await slow.write(15, bytes("fghij"));
    await slow.finish();
    await slow.close();
    expect(await readFile(target, "utf8")).toBe("0123456789abcdefghij");
    expect(await readdir(folder)).toEqual(["video.mp4"]);
  });

  it("of the same version ends well where both end at the same moment", async () => {
    for (let round = 0; round < 20; round++) {
      const both = await Promise.all([opened(), opened()]);
      for (const sink of both) await sink.write(0, bytes("0123456789abcdefghij"));
      await Promise.all(both.map(async (sink) => sink.finish()));
      expect(await readFile(target, "utf8")).toBe("0123456789abcdefghij");
      await rm(target);
    }
  });

  it("fails where that one threw away what it had, and leaves the other's alone", async () => {
    const first = await opened();
    await first.write(0, bytes("0123456789abcdefghij"));
    const second = await opened({}, { resume: false });
    await second.write(0, bytes("01"));
    await expect(first.finish()).rejects.toThrow("thrown away by another download");
    await first.close();
    expect(await readdir(folder)).toEqual(await partials());
    await second.write(2, bytes("23456789abcdefghij"));
    await second.finish();
    expect(await readFile(target, "utf8")).toBe("0123456789abcdefghij");
  });
});

describe("what was left", () => {
  it("of the same version is gone on with", async () => {
    await interrupted("0123456");
    const sink = await opened();
    expect(sink.written).toBe(7);
    await sink.write(7, bytes("789abcdefghij"));
    await sink.finish();
    expect(await readFile(target, "utf8")).toBe("0123456789abcdefghij");
  });

  it("counts up to the last byte written, holes before it included", async () => {
    const first = await opened();
    await first.write(0, bytes("0"));
    await first.write(12, bytes("c"));
    await first.close();
    const sink = await opened();
    expect(sink.written).toBe(13);
    await sink.close();
  });

  it("of more bytes than the file has counts for no more than that, and the rest is cut off", async () => {
    await truncate(join(folder, await interrupted("01234")), size + 30);
    const sink = await opened();
    expect(sink.written).toBe(size);
    await sink.finish();
    expect((await stat(target)).size).toBe(size);
  });

  it("of another version or size is removed", async () => {
    await interrupted("0123456");
    for (const change of [{ etag: '"v2"' }, { size: size + 1 }]) {
      const sink = await opened(change);
      expect(sink.written).toBe(0);
      await sink.close();
      expect(await partials()).toEqual([]);
    }
  });

  it("of a version that cannot be seen is never gone on with, and never stays", async () => {
    for (let time = 0; time < 2; time++) {
      const sink = await opened({ etag: undefined as unknown as string });
      expect(sink.written).toBe(0);
      await sink.write(0, bytes("01234"));
      await sink.close();
      expect(await partials()).toHaveLength(1);
    }
  });

  it("is thrown away with resume: false, and when it is discarded", async () => {
    await interrupted("0123456");
    const sink = await opened({}, { resume: false });
    expect(sink.written).toBe(0);
    await sink.write(0, bytes("xyz"));
    await sink.discard();
    await sink.close();
    expect(await readdir(folder)).toEqual([]);
  });

  it("of other targets is not touched, whatever they are called", async () => {
    const others = [
      "video.mp4.0123456789abcdef.partial.txt",
      "video.mp4.0123456789abcde.partial",
      "video.mp4.part.0123456789abcdef.partial",
      "other.0123456789abcdef.partial",
      "video.mp4-0123456789abcdef.partial",
    ];
    for (const name of others) await writeFile(join(folder, name), "mine");
    const sink = await opened();
    await sink.finish();
    expect((await readdir(folder)).toSorted()).toEqual([...others, "video.mp4"].toSorted());
  });
});
