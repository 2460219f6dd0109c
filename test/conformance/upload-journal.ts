/** Uploads that go on, that are whole or not there, and whose bytes are proven. */
import { derive, isAzureFilesError } from "azure-files";
import * as files from "azure-files/files";
import {
  crc64,
  deleteUnfinished,
  download,
  type DownloadSink,
  downloadTo,
  listUnfinished,
  md5,
  type UnfinishedUpload,
  upload,
  type UploadRequest,
} from "azure-files/streaming";
import { type Case, inShare, type Space } from "./case.js";
import { deepEqual, equal, ok, rejects, sameBytes } from "./check.js";
import { bytesOf } from "./content.js";
import { refusal } from "./wire.js";

const path = "a.bin";
const marker = "azurefilesupload";
const rangeSize = 1024;

const content = async ({ connection }: Space): Promise<Uint8Array> => (await files.read(connection, { path })).bytes();

const rangesSent = ({ wire }: Space): string[] =>
  wire.requests.filter(({ operation }) => operation === "Put Range").map(({ headers }) => headers["x-ms-range"] ?? "");

/** Uploads through a connection on which ranges from an offset on are refused for good, as when a page is closed half way. */
async function breakOff({ connection }: Space, request: UploadRequest, from: number): Promise<unknown> {
  const broken = derive(connection, {
    middleware: [
      ...connection.middleware,
      (next) => (sent) => {
        const start = Number(/bytes=(\d+)/.exec(sent.headers["x-ms-range"] ?? "")?.[1] ?? 0);
        return sent.operation === "Put Range" && start >= from ? Promise.resolve(refusal(403, "AuthorizationFailure")) : next(sent);
      },
    ],
  });
  try {
    await upload(broken, { path, rangeSize, concurrency: 1, ...request });
  } catch (error) {
    ok(isAzureFilesError(error), String(error));
    return error.transfer;
  }
  throw new Error("the upload did not break off");
}

/** The paths of uploads that did not end. */
async function unfinishedPaths({ connection }: Space): Promise<string[]> {
  const paths: string[] = [];
  for await (const upload of listUnfinished(connection, { idle: 0 })) paths.push(upload.path);
  return paths;
}

export const uploadJournalCases: readonly Case[] = [
  inShare("upload with resume goes on where the written ranges end", async (space) => {
    const { connection, wire } = space;
    const body = bytesOf(10_000);
    await breakOff(space, { body: new Blob([body]), metadata: { k: "v" } }, 5 * rangeSize);
    const half = await files.getProperties(connection, { path });
    ok(half.metadata[marker], "marked");
    await rejects(async () => download(connection, { path }), { name: "IntegrityError", reason: "unfinished" });
    equal((await (await download(connection, { path, unfinished: true })).bytes()).byteLength, 10_000);
    wire.clear();
    const again = upload(connection, { path, body: new Blob([body]), rangeSize, metadata: { k: "v" }, resume: true });
    equal((await again).size, 10_000);
    equal(again.state.transferred, 10_000);
    equal(again.state.resumed, 5 * rangeSize);
    deepEqual(rangesSent(space).toSorted(), [
      "bytes=5120-6143",
      "bytes=6144-7167",
      "bytes=7168-8191",
      "bytes=8192-9215",
      "bytes=9216-9999",
    ]);
    equal(wire.count("Create File"), 0);
    sameBytes(await content(space), body);
    deepEqual((await files.getProperties(connection, { path })).metadata, { k: "v" });
  }),

  inShare("upload with resume begins anew where there is nothing to go on with", async (space) => {
    const { connection } = space;
    const body = bytesOf(5000);
    await upload(connection, { path, body, rangeSize, resume: true });
    sameBytes(await content(space), body);
    await upload(connection, { path, body: body.toReversed(), rangeSize, resume: true });
    sameBytes(await content(space), body.toReversed());
  }),

  inShare("upload with resume refuses another source, or begins anew when told so", async (space) => {
    const { connection } = space;
    await breakOff(space, { body: bytesOf(5000) }, 2048);
    const other = bytesOf(5000, 9);
    const refused = { name: "IntegrityError", reason: "resume" };
    await rejects(upload(connection, { path, body: other, rangeSize, resume: true }), refused);
    await rejects(upload(connection, { path, body: bytesOf(4999), rangeSize, resume: true }), refused);
    await files.setProperties(connection, { path, size: 4000 });
    await rejects(upload(connection, { path, body: bytesOf(5000), rangeSize, resume: true }), refused);
    await upload(connection, { path, body: other, rangeSize, resume: "restart" });
    sameBytes(await content(space), other);
  }),

  inShare("upload with resume tells streams of one size apart by their first bytes", async (space) => {
    const { connection } = space;
    const body = bytesOf(5000);
    const streamed = (bytes: Uint8Array<ArrayBuffer>): Partial<UploadRequest> & { body: Response } => ({
      body: new Response(new Blob([bytes]).stream()),
      size: bytes.byteLength,
    });
    await breakOff(space, { ...streamed(body) }, 2048);
    const again = { path, rangeSize, resume: true } as const;
    await rejects(upload(connection, { ...again, ...streamed(bytesOf(5000, 9)) }), { name: "IntegrityError", reason: "resume" });
    const work = upload(connection, { ...again, ...streamed(body) });
    await work;
    equal(work.state.resumed, 2048);
    sameBytes(await content(space), body);
  }),

  inShare("upload with resume sends no zeros where nothing was written", async (space) => {
    const { connection, wire } = space;
    const body = new Uint8Array(10 * rangeSize);
    for (const part of [0, 4, 9]) body.fill(part + 1, part * rangeSize, (part + 1) * rangeSize);
    await breakOff(space, { body }, 4 * rangeSize);
    // Somebody wrote where the source has zeros.
    await files.putRange(connection, { path, offset: 6 * rangeSize + 512, body: new Uint8Array(512).fill(9) });
    wire.clear();
    await upload(connection, { path, body, rangeSize, resume: true });
    deepEqual(rangesSent(space).toSorted(), ["bytes=4096-5119", "bytes=6144-7167", "bytes=9216-10239"]);
    sameBytes(await content(space), body);
  }),

  inShare("upload with resume and atomic needs but the name where all was there, and sends what was not", async (space) => {
    const { connection, wire } = space;
    const body = bytesOf(5000);
    const unnamed = derive(connection, {
      middleware: [
        ...connection.middleware,
        (next) => (sent) => (sent.operation === "Rename File" ? Promise.resolve(refusal(403, "AuthorizationFailure")) : next(sent)),
      ],
    });
    await rejects(upload(unnamed, { path, body, rangeSize, atomic: true }), { name: "ServiceError", status: 403 });
    wire.clear();
    await upload(connection, { path, body, rangeSize, atomic: true, resume: true });
    deepEqual(rangesSent(space), []);
    sameBytes(await content(space), body);
    // A mark that a page does not see is no proof that all is there.
    await breakOff(space, { path: "b.bin", body, atomic: true }, 2048);
    const [temporary] = await unfinishedPaths(space);
    await files.setMetadata(connection, { path: temporary ?? "", metadata: {} });
    wire.clear();
    await upload(connection, { path: "b.bin", body, rangeSize, atomic: true, resume: true });
    equal(rangesSent(space).length, 3);
    sameBytes(await (await files.read(connection, { path: "b.bin" })).bytes(), body);
  }),

  inShare("upload with atomic and overwrite: false is refused where somebody was faster", async (space) => {
    const { connection } = space;
    const body = bytesOf(5000);
    const slow = derive(connection, {
      middleware: [
        ...connection.middleware,
        (next) => async (sent) => {
          if (sent.operation === "Rename File") await files.write(connection, { path, body: "faster" });
          return next(sent);
        },
      ],
    });
    const work = upload(slow, { path, body, rangeSize, atomic: true, overwrite: false });
    await rejects(work, { name: "IntegrityError", reason: "exists" });
    equal(new TextDecoder().decode(await content(space)), "faster");
  }),

  inShare("upload with atomic shows the file when it is whole, and keeps the old one until then", async (space) => {
    const { connection, wire } = space;
    await files.write(connection, { path, body: "before" });
    const body = bytesOf(5000);
    await breakOff(space, { body, atomic: true }, 2048);
    equal(new TextDecoder().decode(await content(space)), "before");
    wire.clear();
    const written = await upload(connection, { path, body, rangeSize, atomic: true, resume: true });
    equal(rangesSent(space).length, 3);
    sameBytes(await content(space), body);
    const found = await files.getProperties(connection, { path });
    deepEqual([found.etag, found.metadata], [written.etag, {}]);
  }),

  inShare("upload with overwrite: false leaves what is there alone", async (space) => {
    const { connection } = space;
    await files.write(connection, { path, body: "before" });
    for (const body of ["small", bytesOf(5000)]) {
      await rejects(upload(connection, { path, body, rangeSize, overwrite: false }), { name: "IntegrityError", reason: "exists" });
    }
    equal(new TextDecoder().decode(await content(space)), "before");
    for (const name of ["b", "c"])
      await upload(connection, { path: name, body: bytesOf(name === "b" ? 5 : 5000), rangeSize, overwrite: false });
  }),

  inShare('upload with onFailure: "delete" takes away what it began', async (space) => {
    await breakOff(space, { body: bytesOf(5000), onFailure: "delete" }, 2048);
    equal(await files.exists(space.connection, { path }), false);
    await breakOff(space, { body: bytesOf(5000) }, 2048);
    equal(await files.exists(space.connection, { path }), true);
  }),

  inShare("crc64() and md5() prove ranges and whole files, up and down", async (space) => {
    const { connection, wire } = space;
    const body = bytesOf(10_000);
    for (const checksum of [crc64(), md5()]) {
      for (const size of [10_000, 700]) {
        const part = body.subarray(0, size);
        await upload(connection, { path, body: new Blob([part]), rangeSize, checksum });
        sameBytes(await content(space), part, checksum.algorithm);
        wire.clear();
        const back = await download(connection, { path, rangeSize, checksum });
        sameBytes(await back.bytes(), part, checksum.algorithm);
        const stream = await download(connection, { path, rangeSize, checksum });
        sameBytes(new Uint8Array(await (await stream.blob()).arrayBuffer()), part, checksum.algorithm);
      }
      // Somebody changes a byte behind the sum that was stored.
      const { metadata, content: stored } = await files.getProperties(connection, { path });
      await files.putRange(connection, { path, offset: 3, body: new Uint8Array([body[3] === 1 ? 2 : 1]) });
      const changed = async (): Promise<unknown> => (await download(connection, { path, rangeSize, checksum })).bytes();
      if (metadata["crc64"] !== undefined || stored.md5 !== undefined) {
        await rejects(changed, { name: "IntegrityError", reason: "checksum" });
      }
    }
  }),

  inShare("a range that is garbled on its way up is refused and sent again", async (space) => {
    const { connection } = space;
    const body = bytesOf(3000);
    let garbled = 0;
    const noisy = derive(connection, {
      random: () => 0,
      middleware: [
        (next) => (sent) => {
          if (sent.operation !== "Put Range" || sent.attempt > 1 || !(sent.body instanceof Uint8Array)) return next(sent);
          garbled++;
          const other = sent.body.slice();
          other[100] = (other[100] ?? 0) ^ 1;
          return next({ ...sent, body: other });
        },
      ],
    });
    await upload(noisy, { path, body, rangeSize, checksum: crc64() });
    equal(garbled, 3);
    sameBytes(await content(space), body);
  }),

  inShare("downloadTo fills a sink in order, and goes on after what it has", async ({ connection, wire }) => {
    const body = bytesOf(10_000);
    await files.write(connection, { path, body });
    const kept = new Uint8Array(10_000);
    kept.set(body.subarray(0, 4 * rangeSize));
    const offsets: number[] = [];
    const ends: string[] = [];
    const to: DownloadSink = {
      open: ({ size, etag }) => {
        equal(size, 10_000);
        ok(etag, "version");
        return Promise.resolve({
          written: 4 * rangeSize,
          write: async (offset, bytes) => {
            offsets.push(offset);
            kept.set(bytes, offset);
          },
          finish: async () => void ends.push("finished"),
          discard: async () => void ends.push("discarded"),
          close: async () => void ends.push("closed"),
        });
      },
    };
    wire.clear();
    equal((await downloadTo(connection, { path, to, rangeSize, checksum: crc64() })).resumed, 4 * rangeSize);
    sameBytes(kept, body);
    deepEqual([offsets[0], offsets.toSorted((a, b) => a - b), ends], [4 * rangeSize, offsets, ["finished", "closed"]]);
    equal(wire.count("Get File"), 6);
    await rejects(downloadTo(connection, { path: "none", to }), { name: "ServiceError", status: 404 });
  }),

  inShare("download with sparse fetches only what was written", async (space) => {
    const { connection, wire } = space;
    const body = new Uint8Array(20 * rangeSize);
    body.fill(7, 5 * rangeSize, 6 * rangeSize);
    body.fill(8, 19 * rangeSize);
    await upload(connection, { path, body, rangeSize });
    deepEqual(rangesSent(space).toSorted(), ["bytes=19456-20479", "bytes=5120-6143"]);
    wire.clear();
    sameBytes(await (await download(connection, { path, rangeSize, sparse: true })).bytes(), body);
    equal(wire.count("Get File"), 3);
    const pieces = await (await download(connection, { path, rangeSize, sparse: true })).blob();
    sameBytes(new Uint8Array(await pieces.arrayBuffer()), body);
  }),

  inShare("download with sparse gives the same bytes from anywhere, and holes in small pieces", async ({ connection }) => {
    const size = 9 * 1024 * 1024 + 5;
    const body = new Uint8Array(size);
    await files.create(connection, { path, size });
    for (const offset of [0, 512 * 3, 4 * 1024 * 1024 - 512, 8 * 1024 * 1024 + 1024]) {
      const bytes = bytesOf(1024, offset % 251);
      body.set(bytes, offset);
      await files.putRange(connection, { path, offset, body: bytes });
    }
    for (const [offset, count, rangeSize] of [
      [0, size, 64 * 1024],
      [1024 * 1024 + 7, size, 1024 * 1024],
      [4 * 1024 * 1024 - 1, 3_000_000, 512 * 1024],
    ] as const) {
      const request = { path, offset, count, rangeSize, sparse: true };
      const expected = body.subarray(offset, Math.min(size, offset + count));
      sameBytes(await (await download(connection, request)).bytes(), expected);
      const reader = (await download(connection, request)).body.getReader();
      let at = 0;
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        const { byteLength } = next.value;
        sameBytes(next.value, expected.subarray(at, at + byteLength), `at ${at}`);
        // The first range is fetched, whatever it is; and so are zeros beside bytes, in pieces of which the engine decides.
        const range = at - (at % rangeSize);
        const isHole = range > 0 && expected.subarray(range, range + rangeSize).every((byte) => byte === 0);
        if (isHole) ok(byteLength <= 256 * 1024, `a piece of ${byteLength}`);
        at += byteLength;
      }
      equal(at, expected.byteLength);
    }
  }),

  inShare("listUnfinished finds uploads that never ended, and deleteUnfinished clears them away", async (space) => {
    const { connection } = space;
    const body = bytesOf(4096);
    await files.write(connection, { path: "whole.bin", body });
    await breakOff(space, { body }, 0);
    const found: UnfinishedUpload[] = [];
    for await (const upload of listUnfinished(connection, { idle: 0 })) found.push(upload);
    deepEqual(
      found.map((upload) => [upload.path, upload.size]),
      [[path, 4096]],
    );
    deepEqual(await deleteUnfinished(connection), []);
    equal((await deleteUnfinished(connection, { idle: 0 })).length, 1);
    equal(await files.exists(connection, { path }), false);
    equal(await files.exists(connection, { path: "whole.bin" }), true);
    await rejects(deleteUnfinished(connection, { path: "none", idle: 0 }), { name: "ServiceError", status: 404 });
  }),
];
