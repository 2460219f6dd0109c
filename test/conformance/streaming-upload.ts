/** Uploads: what they take, what they send and what they tell. */
import { derive } from "azure-files";
import * as files from "azure-files/files";
import { type TransferProgress, upload, type UploadBody } from "azure-files/streaming";
import { type Case, inShare, type Space } from "./case.js";
import { deepEqual, equal, ok, rejects, sameBytes } from "./check.js";
import { bytesOf, iterableOf, streamOf } from "./content.js";
import { during, gate, turn, until } from "./wire.js";

const path = "file.bin";
const odd = [1, 511, 700, 3, 1024, 2] as const;
const MEBIBYTE = 1024 * 1024;

async function content({ connection }: Space): Promise<Uint8Array> {
  return (await files.read(connection, { path })).bytes();
}

/** Progress has to rise, never to pass the total, and to end at it. */
function checkProgress(seen: readonly TransferProgress[], size: number): void {
  ok(seen.length > 0, "progress is told");
  for (const [index, { transferred, total }] of seen.entries()) {
    ok(transferred >= (seen[index - 1]?.transferred ?? 0), "progress never falls");
    ok(transferred <= (total ?? Infinity), "progress never passes the total");
  }
  equal(seen.at(-1)?.transferred, size, "progress at the end");
}

export const uploadCases: readonly Case[] = [
  inShare("upload takes every kind of body, whole and in ranges", async (space) => {
    const bytes = bytesOf(10_000, 3);
    const bodies: Record<string, () => UploadBody> = {
      Blob: () => new Blob([bytes], { type: "image/png" }),
      File: () => new File([bytes], "a.png", { type: "image/png" }),
      Uint8Array: () => bytes,
      "a part of a buffer": () => new Uint8Array([9, ...bytes, 9]).subarray(1, 10_001),
      ArrayBuffer: () => bytes.buffer,
      DataView: () => new DataView(bytes.buffer),
      ReadableStream: () => streamOf(bytes, odd),
      "ReadableStream of one piece": () => streamOf(bytes, [20_000]),
      "async iterable": () => iterableOf(bytes, odd),
      Response: () => new Response(bytes),
      "Response of a stream": () => new Response(streamOf(bytes, odd)),
    };
    for (const [name, body] of Object.entries(bodies)) {
      for (const rangeSize of [undefined, 1000]) {
        space.wire.clear();
        const written = await upload(space.connection, { path, body: body(), rangeSize, content: { type: "application/x-own" } });
        equal(written.size, 10_000, name);
        equal(written.path, path, name);
        equal(space.wire.count("Put Range"), rangeSize === undefined ? 0 : 10, `${name}, ranges`);
        if (rangeSize === undefined) equal(space.wire.count(), 1, `${name}, requests`);
        const found = await files.read(space.connection, { path });
        equal(found.content.type, "application/x-own", name);
        equal(found.etag, written.etag, `${name}, version`);
        sameBytes(await found.bytes(), bytes, name);
      }
    }
  }),

  inShare("upload writes strings as UTF-8, alone and in streams", async (space) => {
    const text = "grün 🌍 ".repeat(300);
    await upload(space.connection, { path, body: text, rangeSize: 512 });
    equal(new TextDecoder().decode(await content(space)), text);
    const words = new ReadableStream<string>({
      start(controller) {
        for (const word of ["one ", "", "zwei ü ", "three"]) controller.enqueue(word);
        controller.close();
      },
    });
    equal((await upload(space.connection, { path, body: words })).size, 17);
    equal(new TextDecoder().decode(await content(space)), "one zwei ü three");
  }),

  inShare("upload of nothing makes an empty file with one request", async (space) => {
    const empty: Record<string, () => UploadBody> = {
      string: () => "",
      bytes: () => new Uint8Array(),
      Blob: () => new Blob([]),
      ReadableStream: () => streamOf(new Uint8Array(), [1]),
      "stream of empty pieces": () =>
        streamOf(new Uint8Array(), [1]).pipeThrough(new TransformStream({ flush: (to) => to.enqueue(new Uint8Array()) })),
      "async iterable": () => iterableOf(new Uint8Array(), [1]),
      "Response without body": () => new Response(null),
      "Response of nothing": () => new Response(""),
    };
    for (const [name, body] of Object.entries(empty)) {
      await files.write(space.connection, { path, body: "before" });
      space.wire.clear();
      const seen: TransferProgress[] = [];
      equal((await upload(space.connection, { path, body: body(), onProgress: (now) => seen.push(now) })).size, 0, name);
      deepEqual(
        space.wire.requests.map(({ operation }) => operation),
        ["Create File"],
        name,
      );
      equal(seen.at(-1)?.transferred, 0, name);
      equal((await files.getProperties(space.connection, { path })).size, 0, name);
    }
  }),

  inShare("upload of up to 4 MiB is one request, above it ranges of 4 MiB", async (space) => {
    const body = bytesOf(9 * MEBIBYTE + 5);
    await upload(space.connection, { path, body: new Blob([body]) });
    const ranges = space.wire.requests.filter(({ operation }) => operation === "Put Range").map(({ headers }) => headers["x-ms-range"]);
    deepEqual(ranges.toSorted(), ["bytes=0-4194303", "bytes=4194304-8388607", "bytes=8388608-9437188"]);
    sameBytes(await content(space), body);
    space.wire.clear();
    await upload(space.connection, { path, body: body.subarray(0, 4 * MEBIBYTE - 1) });
    equal(space.wire.count("Put Range"), 0);
    equal(space.wire.count("Create File"), 1);
  }),

  inShare("upload of unknown length grows the file as it comes and trims it at the end", async (space) => {
    // The first size of a file of unknown length is 64 MiB; pieces that share one buffer keep this cheap.
    const piece = bytesOf(4 * MEBIBYTE);
    async function* body(): AsyncGenerator<Uint8Array> {
      for (let index = 0; index < 17; index++) yield piece;
      yield piece.subarray(0, 77);
    }
    const size = 17 * 4 * MEBIBYTE + 77;
    const seen: TransferProgress[] = [];
    const written = await upload(space.connection, {
      path,
      body: body(),
      concurrency: 2,
      onProgress: (now) => seen.push(now),
      content: { type: "text/x-own" },
    });
    equal(written.size, size);
    checkProgress(seen, size);
    equal(seen[0]?.total, undefined, "total while it is not known");
    const sizes = space.wire.requests
      .filter(({ operation }) => operation === "Set File Properties")
      .map(({ headers }) => headers["x-ms-content-length"]);
    deepEqual(sizes, [String(128 * MEBIBYTE), String(size)]);
    const properties = await files.getProperties(space.connection, { path });
    equal(properties.size, size);
    equal(properties.content.type, "text/x-own");
    equal(properties.etag, written.etag);
    sameBytes(
      await (await files.read(space.connection, { path, offset: size - 80 })).bytes(),
      new Uint8Array([...piece.subarray(-3), ...piece.subarray(0, 77)]),
    );
  }),

  inShare("upload of a stream whose length is known neither grows nor trims", async (space) => {
    const bytes = bytesOf(5000);
    const seen: TransferProgress[] = [];
    await upload(space.connection, { path, body: streamOf(bytes, odd), size: 5000, rangeSize: 512, onProgress: (now) => seen.push(now) });
    equal(space.wire.count("Set File Properties"), 0);
    ok(
      seen.every(({ total }) => total === 5000),
      "the total is known",
    );
    checkProgress(seen, 5000);
    sameBytes(await content(space), bytes);
  }),

  inShare("upload of unknown length that fills its ranges exactly is trimmed exactly", async (space) => {
    for (const size of [512, 1024, 1023, 1025]) {
      const bytes = bytesOf(size, size);
      await upload(space.connection, { path, body: streamOf(bytes, [100]), rangeSize: 512 });
      sameBytes(await content(space), bytes, `${size} bytes`);
    }
  }),

  inShare("upload tells acknowledged bytes: rising, never past the total, the last one whole", async (space) => {
    const seen: TransferProgress[] = [];
    await upload(space.connection, { path, body: bytesOf(20_000), rangeSize: 512, concurrency: 8, onProgress: (now) => seen.push(now) });
    equal(seen.length, 41);
    deepEqual(seen[0], { transferred: 0, total: 20_000 });
    checkProgress(seen, 20_000);
  }),

  inShare("upload keeps to its concurrency, and reads no further ahead", async (space) => {
    for (const concurrency of [1, 3]) {
      let read = 0;
      const bytes = bytesOf(512 * 12);
      const source = async function* (): AsyncGenerator<Uint8Array> {
        for (let index = 0; index < 12; index++) {
          read++;
          yield bytes.subarray(index * 512, index * 512 + 512);
        }
      };
      const shut = gate();
      const connection = derive(space.connection, {
        middleware: [
          space.wire.middleware,
          during("Put Range", async (request, next) => {
            await shut.opened;
            return next(request);
          }),
        ],
      });
      space.wire.clear();
      const work = upload(connection, { path, body: source(), size: bytes.byteLength, rangeSize: 512, concurrency });
      await until(() => space.wire.count("Put Range") === concurrency, `${concurrency} ranges under way`);
      for (let index = 0; index < 5; index++) await turn();
      equal(space.wire.underWay, concurrency);
      ok(read <= concurrency + 1, `${read} parts were read for ${concurrency} ranges`);
      shut.open();
      await work;
      equal(space.wire.most, concurrency);
    }
  }),

  inShare("upload keeps metadata, attributes and times as they are given", async (space) => {
    const smb = { attributes: "Hidden", creationTime: "2001-02-03T04:05:06.7890123Z", lastWriteTime: "2002-02-03T04:05:06.7890123Z" };
    const content = { type: "text/x-own", language: "fr", cacheControl: "no-cache" };
    for (const body of [bytesOf(5000), streamOf(bytesOf(5000), [1000])]) {
      await upload(space.connection, { path, body, rangeSize: 512, smb, content, metadata: { a: "b" } });
      const properties = await files.getProperties(space.connection, { path });
      equal(properties.size, 5000);
      ok(properties.attributes?.includes("Hidden"), "attributes");
      equal(properties.creationTime, smb.creationTime);
      equal(properties.lastWriteTime, smb.lastWriteTime);
      equal(properties.content.type, "text/x-own");
      equal(properties.content.language, "fr");
      equal(properties.content.cacheControl, "no-cache");
      deepEqual(properties.metadata, { a: "b" });
    }
  }),

  inShare("upload needs the parent directory", async (space) => {
    const work = upload(space.connection, { path: "a/b", body: bytesOf(10) });
    await rejects(work, { name: "ServiceError", status: 404, code: "ParentNotFound" });
    deepEqual(work.state, { phase: "failed", path: "a/b", size: 10, transferred: 0, resumed: 0, written: [] });
  }),
];
