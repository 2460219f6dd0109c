/** Files on disk as bodies and targets of transfers. */
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sharedKey } from "../../../src/auth/shared-key.js";
import { connect, derive } from "../../../src/connect.js";
import { fromPath } from "../../../src/node/file-source.js";
import { toPath } from "../../../src/node/file-sink.js";
import * as files from "../../../src/services/files.js";
import * as shares from "../../../src/services/shares.js";
import { createEmulator } from "../../../src/simulation/index.js";
import { crc64 } from "../../../src/streaming/checksum.js";
import { downloadTo } from "../../../src/streaming/download-to.js";
import { upload } from "../../../src/streaming/upload.js";

const { account, key, endpoint, fetch } = createEmulator();
const connection = connect({ endpoint, share: "disk", credential: sharedKey({ account, key }), fetch, retry: false });
const content = randomBytes(300_001);
const rangeSize = 16_384;
let folder: string;

beforeAll(async () => {
  await shares.create(connection);
  folder = await mkdtemp(join(tmpdir(), "azure-files-disk-"));
});
afterAll(() => rm(folder, { recursive: true }));

it("go up and come down again, by path and by URL", async () => {
  const local = join(folder, "a");
  await writeFile(local, content);
  for (const body of [fromPath(local), fromPath(pathToFileURL(local))]) {
    await upload(connection, { path: "a", body, rangeSize, checksum: crc64() });
    expect(Buffer.compare(await (await files.read(connection, { path: "a" })).bytes(), content)).toBe(0);
  }
  const seen: number[] = [];
  const target = join(folder, "b");
  const written = await downloadTo(connection, {
    path: "a",
    to: toPath(pathToFileURL(target)),
    rangeSize,
    checksum: crc64(),
    onProgress: ({ transferred }) => seen.push(transferred),
  });
  expect(written).toMatchObject({ size: content.length, resumed: 0, unchecked: [] });
  expect([seen[0], seen.at(-1)]).toEqual([0, content.length]);
  expect(Buffer.compare(await readFile(target), content)).toBe(0);
});

it("of nothing, and of holes, are as long as they should be", async () => {
  await writeFile(join(folder, "empty"), "");
  await upload(connection, { path: "empty", body: fromPath(join(folder, "empty")) });
  await downloadTo(connection, { path: "empty", to: toPath(join(folder, "empty-2")) });
  expect((await stat(join(folder, "empty-2"))).size).toBe(0);
  await files.create(connection, { path: "holes", size: 10 * rangeSize });
  await files.putRange(connection, { path: "holes", offset: 3 * rangeSize, body: "x" });
  await downloadTo(connection, { path: "holes", to: toPath(join(folder, "holes")), rangeSize, sparse: true });
  const bytes = await readFile(join(folder, "holes"));
  expect([bytes.length, bytes[3 * rangeSize], bytes.filter((byte) => byte !== 0).length]).toEqual([10 * rangeSize, 120, 1]);
});

it("that break off go on, of the same version only, and the target stays what it was until then", async () => {
  const target = join(folder, "c");
  await writeFile(target, "before");
  await files.write(connection, { path: "c", body: content });
  let sent = 0;
  const failing = (after: number) =>
    derive(connection, {
      middleware: [
        (next) => (request) =>
          request.operation === "Get File" && ++sent > after ? Promise.reject(new Error("the line is cut")) : next(request),
      ],
    });
  await expect(downloadTo(failing(8), { path: "c", to: toPath(target), rangeSize, concurrency: 1 })).rejects.toThrow("the line is cut");
  expect(await readFile(target, "utf8")).toBe("before");
  const { resumed } = await downloadTo(connection, { path: "c", to: toPath(target), rangeSize, checksum: crc64() });
  expect(resumed).toBeGreaterThanOrEqual(7 * rangeSize);
  expect(Buffer.compare(await readFile(target), content)).toBe(0);

  sent = 0;
  await expect(downloadTo(failing(8), { path: "c", to: toPath(target), rangeSize, concurrency: 1 })).rejects.toThrow();
  await files.write(connection, { path: "c", body: content.subarray(1) });
  expect((await downloadTo(connection, { path: "c", to: toPath(target), rangeSize })).resumed).toBe(0);
  expect(Buffer.compare(await readFile(target), content.subarray(1))).toBe(0);
  expect((await readdir(folder)).filter((name) => name.endsWith(".partial"))).toEqual([]);
});

it("that are none are refused, and what Node says of them is passed on", async () => {
  await expect(upload(connection, { path: "d", body: fromPath(folder) })).rejects.toThrow(TypeError);
  await expect(upload(connection, { path: "d", body: fromPath(join(folder, "none")) })).rejects.toMatchObject({ code: "ENOENT" });
  await expect(downloadTo(connection, { path: "c", to: toPath(join(folder, "no/where")) })).rejects.toMatchObject({ code: "ENOENT" });
  expect(await files.exists(connection, { path: "d" })).toBe(false);
});

it("that become shorter while they are read fail the upload", async () => {
  const local = join(folder, "shrinking");
  await writeFile(local, content);
  const body = fromPath(local);
  const shrinking = {
    open: async () => {
      const opened = await body.open();
      await writeFile(local, content.subarray(0, 100_000));
      return opened;
    },
  };
  await expect(upload(connection, { path: "e", body: shrinking, rangeSize })).rejects.toMatchObject({ reason: "source" });
});
