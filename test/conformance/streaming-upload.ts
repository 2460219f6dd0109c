/** Uploads: what they take, what they send, what they tell, and how they end. */
import { derive, isIntegrityError } from "azure-files";
import * as files from "azure-files/files";
import { type TransferProgress, upload, type UploadBody, type UploadState } from "azure-files/streaming";
import { type Case, inShare, type Space } from "./case.js";
import { deepEqual, equal, ok, rejects, sameBytes } from "./check.js";
import { bytesOf, iterableOf, streamOf } from "./content.js";
import { during, first, gate, refusal, settlesWithin, turn, until } from "./wire.js";

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
        equal(space.wire.count("Put Range"), rangeSize === undefined ? 1 : 10, `${name}, ranges`);
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

  inShare("upload below 4 MiB is one range, above several of 4 MiB", async (space) => {
    const body = bytesOf(9 * MEBIBYTE + 5);
    await upload(space.connection, { path, body: new Blob([body]) });
    const ranges = space.wire.requests.filter(({ operation }) => operation === "Put Range").map(({ headers }) => headers["x-ms-range"]);
    deepEqual(ranges.toSorted(), ["bytes=0-4194303", "bytes=4194304-8388607", "bytes=8388608-9437188"]);
    sameBytes(await content(space), body);
    space.wire.clear();
    await upload(space.connection, { path, body: body.subarray(0, 4 * MEBIBYTE - 1) });
    equal(space.wire.count("Put Range"), 1);
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
      await until(() => space.wire.underWay === concurrency, `${concurrency} ranges under way`);
      for (let index = 0; index < 5; index++) await turn();
      equal(space.wire.underWay, concurrency);
      ok(read <= concurrency + 1, `${read} parts were read for ${concurrency} ranges`);
      shut.open();
      await work;
      equal(space.wire.most, concurrency);
    }
  }),

  inShare("upload goes through a range that fails for a moment", async (space) => {
    const bytes = bytesOf(3000);
    const connection = derive(space.connection, {
      random: () => 0,
      middleware: [space.wire.middleware, first("Put Range", [() => refusal(503, "ServerBusy"), () => refusal(500, "InternalError")])],
    });
    await upload(connection, { path, body: streamOf(bytes, odd), rangeSize: 512 });
    sameBytes(await content(space), bytes);
    equal(space.wire.count("Put Range"), 8);
  }),

  inShare("upload that fails rejects with what was written and leaves zeros for the rest", async (space) => {
    const bytes = bytesOf(2048);
    const connection = derive(space.connection, {
      retry: false,
      middleware: [
        during("Put Range", (request, next) =>
          request.headers["x-ms-range"] === "bytes=1024-1535" ? refusal(403, "AuthorizationPermissionMismatch") : next(request),
        ),
      ],
    });
    const work = upload(connection, { path, body: bytes, rangeSize: 512, concurrency: 1 });
    const error = await rejects(work, { name: "ServiceError", status: 403, code: "AuthorizationPermissionMismatch" });
    const state = error["transfer"] as UploadState;
    deepEqual(state, { phase: "failed", path, size: 2048, transferred: 1024, written: [{ start: 0, end: 1023 }] });
    deepEqual(JSON.parse(JSON.stringify(state)), state);
    const expected = new Uint8Array(2048);
    expected.set(bytes.subarray(0, 1024));
    sameBytes(await content(space), expected);
  }),

  inShare("upload sends no further range after one has failed", async (space) => {
    const connection = derive(space.connection, {
      retry: false,
      middleware: [
        space.wire.middleware,
        during("Put Range", (request, next, index) => (index === 2 ? refusal(403, "AuthorizationFailure") : next(request))),
      ],
    });
    await rejects(upload(connection, { path, body: bytesOf(512 * 100), rangeSize: 512, concurrency: 2 }), {
      name: "ServiceError",
      status: 403,
    });
    const sent = space.wire.count("Put Range");
    ok(sent <= 5, `${sent} ranges were sent`);
    for (let index = 0; index < 5; index++) await turn();
    equal(space.wire.count("Put Range"), sent);
  }),

  inShare("upload of a body that fails rejects with the body's own error", async (space) => {
    const reason = new Error("the disk is gone");
    async function* body(): AsyncGenerator<Uint8Array> {
      yield bytesOf(1000);
      throw reason;
    }
    equal(await rejects(upload(space.connection, { path, body: body(), rangeSize: 512 }), { message: /disk/ }), reason);
    const stream = new ReadableStream({
      pull(controller) {
        controller.error(reason);
      },
    });
    const work = upload(space.connection, { path, body: stream, size: 10 });
    equal(await rejects(work, { message: /disk/ }), reason);
    equal(work.state.phase, "failed");
  }),

  inShare("upload of a body that gives something else than bytes rejects", async (space) => {
    const words = new ReadableStream<unknown>({
      start(controller) {
        controller.enqueue({ not: "bytes" });
        controller.close();
      },
    });
    await rejects(upload(space.connection, { path, body: words }), { name: "TypeError" });
    equal(space.wire.count(), 0);
  }),

  inShare("upload of a body that ends early or late rejects", async (space) => {
    for (const size of [999, 1001, 0, 512]) {
      const work = upload(space.connection, { path, body: streamOf(bytesOf(1000), [500]), size, rangeSize: 512 });
      const error = await rejects(work, { name: "IntegrityError", reason: "source" }, `${size} bytes said`);
      ok(isIntegrityError(error, "source"), "the guard knows it");
      equal(work.state.phase, "failed");
    }
    await rejects(upload(space.connection, { path, body: "12345", size: 6 }), { name: "IntegrityError", reason: "source" });
  }),

  inShare("upload that fails lets go of its body, with the reason", async (space) => {
    let told: unknown;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(bytesOf(300)),
      cancel: (reason) => void (told = reason),
    });
    const error = await rejects(upload(space.connection, { path, body: endless, size: 2000, rangeSize: 512 }), {
      name: "IntegrityError",
      reason: "source",
    });
    equal(told, error);
    let returned = false;
    async function* pieces(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield bytesOf(300);
      } finally {
        returned = true;
      }
    }
    await rejects(upload(space.connection, { path, body: pieces(), size: 2000, rangeSize: 512 }), {
      name: "IntegrityError",
      reason: "source",
    });
    await until(() => returned, "the iterable is let go");
  }),

  inShare("upload pauses between ranges and goes on", async (space) => {
    const bytes = bytesOf(512 * 6);
    const work: ReturnType<typeof upload> = upload(space.connection, {
      path,
      body: bytes,
      rangeSize: 512,
      concurrency: 1,
      onProgress: ({ transferred }) => {
        if (transferred === 1024) work.pause();
      },
    });
    await until(() => work.state.phase === "paused", "paused");
    await until(() => space.wire.underWay === 0, "nothing under way");
    const sent = space.wire.count("Put Range");
    for (let index = 0; index < 10; index++) await turn();
    equal(space.wire.count("Put Range"), sent, "nothing is sent while paused");
    ok(sent < 6, "it stopped before the end");
    equal(await settlesWithin(1, work), false);
    work.resume();
    equal((await work).size, bytes.byteLength);
    equal(work.state.phase, "complete");
    deepEqual(work.state.written, [{ start: 0, end: bytes.byteLength - 1 }]);
    sameBytes(await content(space), bytes);
  }),

  inShare("upload that is paused can be aborted", async (space) => {
    const controller = new AbortController();
    const work: ReturnType<typeof upload> = upload(space.connection, {
      path,
      body: bytesOf(5120),
      rangeSize: 512,
      concurrency: 1,
      signal: controller.signal,
      onProgress: ({ transferred }) => {
        if (transferred === 512) work.pause();
      },
    });
    await until(() => work.state.phase === "paused", "paused");
    const reason = new Error("enough");
    controller.abort(reason);
    equal(await rejects(work, { message: /enough/ }), reason);
    equal(work.state.phase, "aborted");
  }),

  inShare("an abort ends an upload within 50 ms with its own reason, whatever it waits for", async (space) => {
    const never = new Promise<never>(() => undefined);
    const hanging: Record<string, { body: () => UploadBody; middleware?: Parameters<typeof during>[0]; retry?: boolean }> = {
      "a range on its way": { body: () => bytesOf(5000), middleware: "Put Range" },
      "the file to be created": { body: () => bytesOf(5000), middleware: "Create File" },
      "the body": { body: () => new ReadableStream({ pull: () => never }) },
      "a back-off": { body: () => bytesOf(5000), middleware: "Put Range", retry: true },
    };
    for (const [name, { body, middleware, retry }] of Object.entries(hanging)) {
      let reached = false;
      const hang =
        middleware === undefined ? [] : [during(middleware, () => ((reached = true), retry ? refusal(503, "ServerBusy") : never))];
      const connection = derive(space.connection, { middleware: hang, random: () => 0.99, retry: { baseDelay: 20_000 } });
      const controller = new AbortController();
      const work = upload(connection, { path, body: body(), rangeSize: 512, signal: controller.signal });
      if (middleware !== undefined) await until(() => reached, `${name} is reached`);
      for (let index = 0; index < 3; index++) await turn();
      const reason = new Error(`enough of ${name}`);
      controller.abort(reason);
      equal(await settlesWithin(50, work), true, `${name}, within 50 ms`);
      equal(await rejects(work, { message: /enough/ }), reason, name);
      equal(work.state.phase, "aborted", name);
    }
  }),

  inShare("upload with a signal that is aborted already sends nothing", async (space) => {
    const reason = new Error("not at all");
    equal(
      await rejects(upload(space.connection, { path, body: "x", signal: AbortSignal.abort(reason) }), { message: /not at all/ }),
      reason,
    );
    equal(space.wire.count(), 0);
  }),

  inShare("upload fails with what onProgress throws", async (space) => {
    const reason = new Error("cannot draw");
    const onProgress = (): void => {
      throw reason;
    };
    equal(await rejects(upload(space.connection, { path, body: bytesOf(5000), rangeSize: 512, onProgress }), { message: /draw/ }), reason);
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
    deepEqual(work.state, { phase: "failed", path: "a/b", size: 10, transferred: 0, written: [] });
  }),
];
