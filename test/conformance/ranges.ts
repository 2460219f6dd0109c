/** Operations on ranges of files. */
import * as files from "azure-files/files";
import { type Case, inShare } from "./case.js";
import { deepEqual, equal, ok, rejects, sameBytes } from "./check.js";
import { bytesOf } from "./content.js";

const path = "file.bin";
const missing = { name: "ServiceError", status: 404, code: "ResourceNotFound" };
const outside = { name: "ServiceError", status: 416, code: "InvalidRange" };

export const rangeCases: readonly Case[] = [
  inShare("files.putRange writes at its offset, whatever the bytes come in", async ({ connection }) => {
    const expected = new Uint8Array(1000);
    await files.create(connection, { path, size: 1000 });
    const bodies = [bytesOf(10, 1), new Blob([bytesOf(10, 2)], { type: "text/plain" }), bytesOf(10, 3).buffer, "ten bytes!"];
    for (const [index, body] of bodies.entries()) {
      const written = await files.putRange(connection, { path, offset: index * 37, body });
      ok(written.etag, "version");
      expected.set(typeof body === "string" ? new TextEncoder().encode(body) : bytesOf(10, index + 1), index * 37);
    }
    await files.putRange(connection, { path, offset: 999, body: new Uint8Array([7]) });
    expected[999] = 7;
    sameBytes(await (await files.read(connection, { path })).bytes(), expected);
  }),

  inShare("files.putRange never makes a file grow", async ({ connection }) => {
    await files.create(connection, { path, size: 10 });
    await rejects(files.putRange(connection, { path, offset: 5, body: bytesOf(6) }), outside);
    await rejects(files.putRange(connection, { path, offset: 10, body: bytesOf(1) }), outside);
    await rejects(files.putRange(connection, { path: "other", offset: 0, body: bytesOf(1) }), missing);
    equal((await files.getProperties(connection, { path })).size, 10);
    deepEqual((await files.listRanges(connection, { path })).ranges, []);
  }),

  inShare("files.putRange can leave the time of the last write alone", async ({ connection }) => {
    const { lastWriteTime } = await files.create(connection, { path, size: 10, smb: { lastWriteTime: "2020-01-01T00:00:00.0000000Z" } });
    equal((await files.putRange(connection, { path, offset: 0, body: "a", lastWriteTime: "Preserve" })).lastWriteTime, lastWriteTime);
    equal((await files.getProperties(connection, { path })).lastWriteTime, lastWriteTime);
    ok((await files.putRange(connection, { path, offset: 0, body: "a" })).lastWriteTime !== lastWriteTime, "moves otherwise");
  }),

  inShare(
    "files.putRange has its MD5 checked, and told",
    async ({ connection }) => {
      await files.create(connection, { path, size: 11 });
      const contentMd5 = "XrY7u+Ae7tCTyyK7j1rNww==";
      const written = await files.putRange(connection, { path, offset: 0, body: "hello world", contentMd5 });
      equal(written.contentMd5, contentMd5);
      equal(written.serverEncrypted, true);
    },
    ["contentMd5", "allHeaders"],
  ),

  inShare(
    "files.putRange with a wrong MD5 is refused and changes nothing",
    async ({ connection, connect, share }) => {
      await files.create(connection, { path, size: 11 });
      const impatient = connect({ share, retry: false });
      const contentMd5 = "AAAAAAAAAAAAAAAAAAAAAA==";
      await rejects(files.putRange(impatient, { path, offset: 0, body: "hello world", contentMd5 }), {
        name: "ServiceError",
        status: 400,
        code: "Md5Mismatch",
      });
      deepEqual((await files.listRanges(connection, { path })).ranges, []);
    },
    ["contentMd5"],
  ),

  inShare("files.clearRange gives whole pages back and zeroes the rest", async ({ connection }) => {
    const body = bytesOf(10_240);
    await files.write(connection, { path, body });
    await files.clearRange(connection, { path, offset: 500, count: 2048 });
    body.fill(0, 500, 2548);
    sameBytes(await (await files.read(connection, { path })).bytes(), body);
    const { ranges, size } = await files.listRanges(connection, { path });
    deepEqual(ranges, [
      { start: 0, end: 511 },
      { start: 2048, end: 10_239 },
    ]);
    equal(size, 10_240);
    await files.clearRange(connection, { path, offset: 0, count: 10_240, lastWriteTime: "Preserve" });
    deepEqual((await files.listRanges(connection, { path })).ranges, []);
  }),

  inShare("files.clearRange refuses what is beyond the end or missing", async ({ connection }) => {
    await files.create(connection, { path, size: 100 });
    await rejects(files.clearRange(connection, { path, offset: 50, count: 51 }), outside);
    await rejects(files.clearRange(connection, { path: "other", offset: 0, count: 1 }), missing);
  }),

  inShare("files.clearRange takes a range as long as the file", async ({ connection }) => {
    const size = 4 * 1024 ** 4;
    await files.create(connection, { path, size });
    await files.clearRange(connection, { path, offset: 0, count: size });
    const last = size - 512;
    await files.putRange(connection, { path, offset: last, body: bytesOf(512) });
    deepEqual((await files.listRanges(connection, { path })).ranges, [{ start: last, end: size - 1 }]);
    equal((await files.getProperties(connection, { path })).size, size);
  }),

  inShare("files.listRanges tells what was written, joined, and cut to what is asked", async ({ connection }) => {
    await files.create(connection, { path, size: 5000 });
    deepEqual((await files.listRanges(connection, { path })).ranges, []);
    await files.putRange(connection, { path, offset: 0, body: bytesOf(512) });
    await files.putRange(connection, { path, offset: 512, body: bytesOf(512) });
    const { etag } = await files.putRange(connection, { path, offset: 4999, body: bytesOf(1) });
    const all = await files.listRanges(connection, { path });
    deepEqual(all.ranges, [
      { start: 0, end: 1023 },
      { start: 4608, end: 4999 },
    ]);
    equal(all.size, 5000);
    equal(all.etag, etag);
    deepEqual((await files.listRanges(connection, { path, offset: 100, count: 50 })).ranges, [{ start: 100, end: 149 }]);
    deepEqual((await files.listRanges(connection, { path, offset: 4900 })).ranges, [{ start: 4900, end: 4999 }]);
    deepEqual((await files.listRanges(connection, { path, offset: 2000, count: 1000 })).ranges, []);
  }),

  inShare("files.listRanges of an empty file is empty, and of a missing one an error", async ({ connection }) => {
    await files.create(connection, { path, size: 0 });
    const { ranges, size } = await files.listRanges(connection, { path });
    deepEqual(ranges, []);
    equal(size, 0);
    await rejects(files.listRanges(connection, { path: "other" }), missing);
    await rejects(files.listRanges(connection, { path: "a/other" }), { ...missing, code: "ParentNotFound" });
  }),
];
