/** Files on disk as bodies of uploads: what is read of them and when, and what is refused. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sharedKey } from "../../../src/auth/shared-key.js";
import { connect, derive } from "../../../src/connect.js";
import { fromPath } from "../../../src/node/file-source.js";
import * as files from "../../../src/services/files.js";
import * as shares from "../../../src/services/shares.js";
import { createEmulator } from "../../../src/simulation/index.js";
import type { OpenBody, OpenableBody } from "../../../src/streaming/index.js";
import { upload } from "../../../src/streaming/upload.js";

const { account, key, endpoint, fetch } = createEmulator();
const connection = connect({ endpoint, share: "source", credential: sharedKey({ account, key }), fetch, retry: false });
const content = randomBytes(100_001);
const rangeSize = 8192;
let folder: string;
let local: string;

beforeAll(async () => {
  await shares.create(connection);
  folder = await mkdtemp(join(tmpdir(), "azure-files-source-"));
  local = join(folder, "a file with spaces, ü and 100%");
  await writeFile(local, content);
});
afterAll(() => rm(folder, { recursive: true }));

/** Opens a file, and closes it after the test's own work. */
async function opened<T>(path: string | URL, work: (body: OpenBody) => Promise<T>): Promise<T> {
  const body = await fromPath(path).open();
  try {
    return await work(body);
  } finally {
    await body.close();
  }
}

/** A body that notes what is asked of it. */
function watched(body: OpenableBody): { body: OpenableBody; seen: { reads: [offset: number, bytes: number][]; closed: number } } {
  const seen = { reads: [] as [number, number][], closed: 0 };
  return {
    seen,
    body: {
      async open() {
        const inner = await body.open();
        return {
          ...inner,
          read(offset, into) {
            seen.reads.push([offset, into.byteLength]);
            return inner.read(offset, into);
          },
          close() {
            seen.closed++;
            return inner.close();
          },
        };
      },
    },
  };
}

describe("an open file", () => {
  it("has its size, and the time of its last change in whole milliseconds", async () => {
    await utimes(local, 1_700_000_000.1239, 1_700_000_000.1239);
    await opened(local, async ({ size, lastModified }) => {
      expect([size, lastModified]).toEqual([content.length, 1_700_000_000_123]);
    });
  });

  it("is read at any place, in any order, into the memory that it is given", async () => {
    await opened(pathToFileURL(local), async ({ read }) => {
      for (const [start, length] of [
        [90_000, 5000],
        [0, 1],
        [4096, 4096],
      ] as const) {
        const memory = new Uint8Array(length + 2).fill(7);
        expect(await read(start, memory.subarray(1, length + 1))).toBe(length);
        expect(Buffer.compare(memory.subarray(1, length + 1), content.subarray(start, start + length))).toBe(0);
        expect([memory[0], memory.at(-1)]).toEqual([7, 7]);
      }
    });
  });

  it("gives fewer bytes at its end, and none beyond it", async () => {
    await opened(local, async ({ size, read }) => {
      expect(await read(size - 10, new Uint8Array(4096))).toBe(10);
      expect(await read(size, new Uint8Array(1))).toBe(0);
    });
  });

  it("is found through a symbolic link", async () => {
    await symlink(local, join(folder, "link"));
    expect(await opened(join(folder, "link"), async ({ size }) => size)).toBe(content.length);
  });

  it("may be closed twice, and is not read after that", async () => {
    const body = await fromPath(local).open();
    await body.close();
    await body.close();
    await expect(body.read(0, new Uint8Array(1))).rejects.toMatchObject({ code: "EBADF" });
  });
});

describe("what is no file", () => {
  it("is a TypeError that names the path", async () => {
    const pipe = join(folder, "pipe");
    // Opened, it would wait for somebody who writes to it.
    execFileSync("mkfifo", [pipe]);
    for (const path of [folder, pipe]) {
      const error: unknown = await fromPath(path)
        .open()
        .catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(TypeError);
      expect((error as TypeError).message).toContain(path);
    }
  });

  it("fails as Node says where nothing is there, or an address is of another kind", async () => {
    await expect(fromPath(join(folder, "none")).open()).rejects.toMatchObject({ code: "ENOENT" });
    await expect(fromPath(new URL("https://example.com/a")).open()).rejects.toMatchObject({ code: "ERR_INVALID_URL_SCHEME" });
  });
});

describe("an upload", () => {
  it("opens the file when it begins and not before", async () => {
    const late = join(folder, "late");
    const body = fromPath(late);
    await writeFile(late, "there now");
    await upload(connection, { path: "late", body });
    expect(await (await files.read(connection, { path: "late" })).text()).toBe("there now");
  });

  it("reads a range at a time and closes the file once", async () => {
    const { body, seen } = watched(fromPath(local));
    await upload(connection, { path: "whole", body, rangeSize, concurrency: 2 });
    expect(Buffer.compare(await (await files.read(connection, { path: "whole" })).bytes(), content)).toBe(0);
    expect(Math.max(...seen.reads.map(([, bytes]) => bytes))).toBe(rangeSize);
    expect(seen.closed).toBe(1);
  });

  it("closes it after a failure, and reads only what is missing when it goes on", async () => {
    let puts = 0;
    const cut = derive(connection, {
      middleware: [
        (next) => (request) =>
          request.operation === "Put Range" && ++puts > 6 ? Promise.reject(new Error("the line is cut")) : next(request),
      ],
    });
    const first = watched(fromPath(local));
    await expect(upload(cut, { path: "resumed", body: first.body, rangeSize, concurrency: 1, resume: true })).rejects.toThrow("the line");
    expect(first.seen.closed).toBe(1);

    const second = watched(fromPath(local));
    await upload(connection, { path: "resumed", body: second.body, rangeSize, concurrency: 1, resume: true });
    // Besides the samples, from which the file is known again.
    const parts = second.seen.reads.filter(([offset, bytes]) => bytes !== 4096 && offset % rangeSize === 0).map(([offset]) => offset);
    expect(parts[0]).toBe(6 * rangeSize);
    expect(parts).toHaveLength(Math.ceil(content.length / rangeSize) - 6);
    expect(Buffer.compare(await (await files.read(connection, { path: "resumed" })).bytes(), content)).toBe(0);
    expect(second.seen.closed).toBe(1);
  });

  it("of a file that is written to meanwhile fails, though its size stays", async () => {
    const changing = join(folder, "written");
    await writeFile(changing, content);
    const work = upload(connection, {
      path: "written",
      body: fromPath(changing),
      rangeSize,
      concurrency: 1,
      onProgress: ({ transferred }) => {
        if (transferred > 0 && transferred < 20_000) writeFileSync(changing, content.toReversed());
      },
    });
    await expect(work).rejects.toMatchObject({
      code: "ESTALE",
      message: `${changing} was changed while it was read`,
    });
  });

  it("does not go on with what was changed on disk meanwhile", async () => {
    const changing = join(folder, "changing");
    await writeFile(changing, content);
    const stopped = new AbortController();
    const halfway = upload(connection, {
      path: "changing",
      body: fromPath(changing),
      rangeSize,
      concurrency: 1,
      resume: true,
      signal: stopped.signal,
      onProgress: ({ transferred }) => {
        if (transferred > 20_000) stopped.abort(new Error("enough"));
      },
    });
    await expect(halfway).rejects.toThrow("enough");
    await utimes(changing, 1_600_000_000, 1_600_000_000);
    const again = upload(connection, { path: "changing", body: fromPath(changing), rangeSize, resume: true });
    await expect(again).rejects.toMatchObject({ reason: "resume" });
  });
});
