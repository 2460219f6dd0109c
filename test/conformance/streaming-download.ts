/** Downloads: order, look-ahead, what they check, and how they end. */
import { derive, isAzureFilesError, isIntegrityError, type Middleware, sas } from "azure-files";
import * as files from "azure-files/files";
import { download, downloadRange, type TransferProgress } from "azure-files/streaming";
import { type Case, inShare } from "./case.js";
import { deepEqual, equal, ok, rejects, sameBytes } from "./check.js";
import { bytesOf } from "./content.js";
import { after, answer, asInPage, during, first, gate, refusal, settlesWithin, turn, until } from "./wire.js";

const path = "file.bin";
const outside = { name: "ServiceError", status: 416, code: "InvalidRange" };

export const downloadCases: readonly Case[] = [
  inShare("download gives the bytes in every form", async ({ connection }) => {
    const body = bytesOf(10_000);
    const { etag } = await files.write(connection, { path, body, content: { type: "text/x-own" } });
    for (const rangeSize of [undefined, 512, 1000]) {
      const found = await download(connection, { path, rangeSize });
      equal(found.size, 10_000);
      equal(found.etag, etag);
      equal(found.contentType, "text/x-own");
      ok(found.lastModified instanceof Date, "a date");
      deepEqual(found.unchecked, []);
      sameBytes(await found.bytes(), body);
    }
    const blob = await (await download(connection, { path, rangeSize: 512 })).blob();
    equal(blob.type, "text/x-own");
    sameBytes(new Uint8Array(await blob.arrayBuffer()), body);
    const reader = (await download(connection, { path, rangeSize: 512 })).body.getReader();
    const read: Uint8Array[] = [];
    for (let next = await reader.read(); !next.done; next = await reader.read()) read.push(next.value);
    sameBytes(new Uint8Array(await new Blob(read as BlobPart[]).arrayBuffer()), body);
    await files.write(connection, { path, body: "größer 🎈".repeat(200) });
    equal(await (await download(connection, { path, rangeSize: 512 })).text(), "größer 🎈".repeat(200));
  }),

  inShare("download of a file below one range is one request, of 9 MiB three", async ({ connection, wire }) => {
    const body = bytesOf(9 * 1024 * 1024);
    await files.write(connection, { path, body });
    wire.clear();
    sameBytes(await (await download(connection, { path })).bytes(), body);
    deepEqual(
      wire.requests.map(({ operation }) => operation),
      ["Get File", "Get File", "Get File"],
    );
    await files.write(connection, { path, body: "small" });
    wire.clear();
    equal(await (await download(connection, { path })).text(), "small");
    equal(wire.count(), 1);
  }),

  inShare("download takes a part: offset, count, both, beyond the end", async ({ connection }) => {
    const body = bytesOf(5000);
    await files.write(connection, { path, body });
    const part = async (offset?: number, count?: number): Promise<Uint8Array> => {
      const found = await download(connection, { path, offset, count, rangeSize: 512 });
      const bytes = await found.bytes();
      equal(found.size, bytes.byteLength);
      return bytes;
    };
    sameBytes(await part(4000), body.subarray(4000));
    sameBytes(await part(undefined, 700), body.subarray(0, 700));
    sameBytes(await part(100, 1), body.subarray(100, 101));
    sameBytes(await part(511, 514), body.subarray(511, 1025));
    sameBytes(await part(4900, 1000), body.subarray(4900));
    sameBytes(await downloadRange(connection, { path, offset: 1000, count: 2000, rangeSize: 512 }), body.subarray(1000, 3000));
    sameBytes(await downloadRange(connection, { path, offset: 4999, count: 5 }), body.subarray(4999));
    await rejects(download(connection, { path, offset: 5000 }), outside);
    await rejects(downloadRange(connection, { path, offset: 6000, count: 1 }), outside);
  }),

  inShare("download of an empty file is empty, and a part of it an error", async ({ connection }) => {
    await files.create(connection, { path, size: 0, content: { type: "text/x-own" } });
    const found = await download(connection, { path });
    equal(found.size, 0);
    equal(found.contentType, "text/x-own");
    const { done } = await found.body.getReader().read();
    equal(done, true);
    equal(await (await download(connection, { path })).text(), "");
    equal((await (await download(connection, { path })).blob()).size, 0);
    equal((await (await download(connection, { path })).bytes()).byteLength, 0);
    await rejects(download(connection, { path, offset: 1 }), outside);
  }),

  inShare("download refuses what is missing", async ({ connection }) => {
    await rejects(download(connection, { path }), { name: "ServiceError", status: 404, code: "ResourceNotFound" });
    await rejects(downloadRange(connection, { path: "a/b", offset: 0, count: 1 }), {
      name: "ServiceError",
      status: 404,
      code: "ParentNotFound",
    });
  }),

  inShare("download hands ranges out in order, whichever comes first", async ({ connection, wire }) => {
    const body = bytesOf(512 * 6);
    await files.write(connection, { path, body });
    const held = gate();
    const slow = derive(connection, {
      middleware: [
        wire.middleware,
        during("Get File", async (request, next) => {
          if (request.headers["x-ms-range"] === "bytes=512-1023") await held.opened;
          return next(request);
        }),
      ],
    });
    wire.clear();
    const { body: stream } = await download(slow, { path, rangeSize: 512, concurrency: 4 });
    const reader = stream.getReader();
    sameBytes((await reader.read()).value ?? new Uint8Array(), body.subarray(0, 512));
    const second = reader.read();
    await until(() => wire.count("Get File") >= 4, "later ranges are asked for");
    equal(await settlesWithin(1, second), false, "the second waits for its turn");
    held.open();
    const got: Uint8Array[] = [(await second).value ?? new Uint8Array()];
    for (let next = await reader.read(); !next.done; next = await reader.read()) got.push(next.value);
    sameBytes(new Uint8Array(await new Blob(got as BlobPart[]).arrayBuffer()), body.subarray(512));
  }),

  inShare("download keeps to its concurrency, and asks for nothing while nobody reads", async (space) => {
    const { wire } = space;
    // With a token: a signature is made beside the event loop, and a request that waits for one would be seen later.
    const connection = derive(space.connection, { credential: sas(await space.accountToken()) });
    await files.write(connection, { path, body: bytesOf(512 * 20) });
    for (const concurrency of [1, 3]) {
      wire.clear();
      const { body } = await download(connection, { path, rangeSize: 512, concurrency });
      for (let index = 0; index < 5; index++) await turn();
      ok(wire.count() <= concurrency, "nothing beyond the first before a read");
      const reader = body.getReader();
      await reader.read();
      for (let index = 0; index < 5; index++) await turn();
      await until(() => wire.underWay === 0, "nothing under way");
      const asked = wire.count();
      for (let index = 0; index < 5; index++) await turn();
      equal(wire.count(), asked, "nothing more while nobody reads");
      ok(asked <= concurrency + 1, `${asked} ranges asked for after one read`);
      for (let next = await reader.read(); !next.done; next = await reader.read());
      equal(wire.count(), 20);
      ok(wire.most <= concurrency, `${wire.most} at once`);
    }
  }),

  inShare("download tells its progress: rising, the last one whole", async ({ connection }) => {
    await files.write(connection, { path, body: bytesOf(5000) });
    const seen: TransferProgress[] = [];
    await (await download(connection, { path, rangeSize: 512, onProgress: (now) => seen.push(now) })).bytes();
    ok(seen.length >= 10, "each range is told");
    ok(
      seen.every(({ transferred, total }, index) => total === 5000 && transferred >= (seen[index - 1]?.transferred ?? 0)),
      "rising",
    );
    equal(seen.at(-1)?.transferred, 5000);
    const reason = new Error("cannot draw");
    const onProgress = (): void => {
      throw reason;
    };
    equal(await rejects(async () => (await download(connection, { path, onProgress })).bytes(), { message: /draw/ }), reason);
  }),

  inShare("download notices that the file changed between two ranges", async (space) => {
    const { connection } = space;
    await files.write(connection, { path, body: bytesOf(5000) });
    const touched = derive(connection, {
      middleware: [after("Get File", 2, () => files.putRange(connection, { path, offset: 4999, body: "!" }))],
    });
    const found = await download(touched, { path, rangeSize: 512, concurrency: 1 });
    await rejects(found.bytes(), { name: "IntegrityError", reason: "changed" });
    const touching = (): Middleware => after("Get File", 1, () => files.putRange(connection, { path, offset: 4999, body: "!" }));
    for (const form of ["text", "blob"] as const) {
      const again = derive(connection, { middleware: [touching()] });
      const broken = await download(again, { path, rangeSize: 512, concurrency: 1 });
      await rejects(broken[form](), { name: "IntegrityError", reason: "changed" }, form);
    }
  }),

  inShare("download notices that the file became shorter or went away", async ({ connection }) => {
    await files.write(connection, { path, body: bytesOf(5000) });
    const cut = derive(connection, { middleware: [after("Get File", 1, () => files.setProperties(connection, { path, size: 1000 }))] });
    await rejects(async () => (await download(cut, { path, rangeSize: 512, concurrency: 1 })).bytes(), {});
    await files.write(connection, { path, body: bytesOf(5000) });
    const gone = derive(connection, { middleware: [after("Get File", 1, () => files.delete(connection, { path }))] });
    const work = async (): Promise<Uint8Array> => (await download(gone, { path, rangeSize: 512, concurrency: 1 })).bytes();
    await rejects(work, { name: "ServiceError", status: 404, code: "ResourceNotFound" });
  }),

  inShare("download asks again for a range that fails or breaks off", async ({ connection, wire }) => {
    const body = bytesOf(3000);
    await files.write(connection, { path, body });
    const etag = (await files.getProperties(connection, { path })).etag ?? "";
    const range = { "content-range": "bytes 0-511/3000", etag, "content-type": "application/octet-stream" };
    // It breaks off after seven bytes, and goes on after them.
    const short = (): ReturnType<typeof answer> => answer(206, range, body.slice(0, 7));
    const flaky = derive(connection, {
      random: () => 0,
      middleware: [wire.middleware, first("Get File", [() => refusal(500, "InternalError"), short])],
    });
    wire.clear();
    sameBytes(await (await download(flaky, { path, rangeSize: 512 })).bytes(), body);
    equal(wire.count("Get File"), 8);
  }),

  inShare("download does not take another range for the one it asked for", async ({ connection }) => {
    await files.write(connection, { path, body: bytesOf(3000) });
    const wrong = derive(connection, {
      retry: false,
      middleware: [first("Get File", [() => answer(206, { "content-range": "bytes 512-1023/3000", etag: '"0x1"' }, "x".repeat(512))])],
    });
    await rejects(download(wrong, { path, rangeSize: 512 }), { name: "IntegrityError", reason: "offset" });
    const whole = derive(connection, { retry: false, middleware: [first("Get File", [() => answer(200, {}, "whole")])] });
    await rejects(download(whole, { path }), { name: "ServiceError", status: 200 });
  }),

  inShare("an abort ends a download within 50 ms with its own reason, also while nobody reads", async ({ connection, wire }) => {
    await files.write(connection, { path, body: bytesOf(5000) });
    const reason = new Error("enough");
    const idle = new AbortController();
    const { body } = await download(connection, { path, rangeSize: 512, signal: idle.signal });
    idle.abort(reason);
    equal(await rejects(body.getReader().read(), { message: /enough/ }), reason);

    const never = new Promise<never>(() => undefined);
    const hanging = derive(connection, {
      middleware: [wire.middleware, during("Get File", (request, next, index) => (index > 1 ? never : next(request)))],
    });
    const reading = new AbortController();
    const found = await download(hanging, { path, rangeSize: 512, signal: reading.signal });
    wire.clear();
    const work = found.bytes();
    work.catch(() => undefined);
    await until(() => wire.count() > 0, "a further range is asked for");
    reading.abort(reason);
    equal(await settlesWithin(50, work), true);
    equal(await rejects(work, { message: /enough/ }), reason);

    const starting = new AbortController();
    const first = download(derive(connection, { middleware: [during("Get File", () => never)] }), { path, signal: starting.signal });
    first.catch(() => undefined);
    await turn();
    starting.abort(reason);
    equal(await settlesWithin(50, first), true);
    equal(await rejects(first, { message: /enough/ }), reason);
    equal(await rejects(download(connection, { path, signal: AbortSignal.abort(reason) }), { message: /enough/ }), reason);
  }),

  inShare("download whose body is cancelled asks for nothing more", async ({ connection, wire }) => {
    await files.write(connection, { path, body: bytesOf(512 * 50) });
    wire.clear();
    const { body } = await download(connection, { path, rangeSize: 512, concurrency: 2 });
    const reader = body.getReader();
    await reader.read();
    await reader.cancel();
    for (let index = 0; index < 5; index++) await turn();
    await until(() => wire.underWay === 0, "nothing under way");
    const asked = wire.count();
    for (let index = 0; index < 5; index++) await turn();
    equal(wire.count(), asked);
    ok(asked < 6, "far from the end");
  }),

  inShare("download says what a page could not check, and goes on", async ({ connection }) => {
    const body = bytesOf(2000);
    await files.write(connection, { path, body });
    // As a page sees answers through a rule that exposes nothing.
    const page = derive(connection, { middleware: [asInPage(/^$/)] });
    const found = await download(page, { path, rangeSize: 512 });
    equal(found.size, 2000);
    equal(found.etag, undefined);
    equal(found.unchecked.length, 2);
    ok(
      found.unchecked.some((text) => text.includes("ETag")) && found.unchecked.some((text) => text.includes("Content-Range")),
      "the headers are named",
    );
    sameBytes(await found.bytes(), body);
  }),

  inShare(
    "download gives no wrong bytes where the engine decodes what is stored",
    async ({ connection, capabilities }) => {
      await files.write(connection, { path, body: bytesOf(2000), content: { encoding: "gzip" } });
      const work = async (): Promise<Uint8Array> =>
        (await download(derive(connection, { retry: false }), { path, rangeSize: 512 })).bytes();
      const error = await rejects(work, {});
      ok(isAzureFilesError(error), "an error of ours");
      // Where the header cannot be seen, a decoder that fails looks like a body that breaks off.
      if (capabilities.includes("allHeaders")) ok(isIntegrityError(error, "encoding"), "it says why");
    },
    ["decodes"],
  ),

  inShare(
    "download gives stored bytes as they are, whatever their Content-Encoding",
    async ({ connection }) => {
      const body = bytesOf(2000);
      await files.write(connection, { path, body, content: { encoding: "gzip" } });
      sameBytes(await (await download(connection, { path, rangeSize: 512 })).bytes(), body);
    },
    ["asStored"],
  ),
];
