/** How uploads end when they do not end well, and how they wait: failures, pauses, aborts. */
import { derive, isIntegrityError } from "azure-files";
import * as files from "azure-files/files";
import { upload, type UploadBody, type UploadState } from "azure-files/streaming";
import { type Case, inShare, type Space } from "./case.js";
import { deepEqual, equal, ok, rejects, sameBytes } from "./check.js";
import { bytesOf, streamOf } from "./content.js";
import { during, first, refusal, settlesWithin, turn, until } from "./wire.js";

const path = "file.bin";

async function content({ connection }: Space): Promise<Uint8Array> {
  return (await files.read(connection, { path })).bytes();
}

export const uploadEndingCases: readonly Case[] = [
  inShare("upload goes through a range that fails for a moment", async (space) => {
    const bytes = bytesOf(3000);
    const connection = derive(space.connection, {
      random: () => 0,
      middleware: [space.wire.middleware, first("Put Range", [() => refusal(503, "ServerBusy"), () => refusal(500, "InternalError")])],
    });
    await upload(connection, { path, body: streamOf(bytes, [1, 511, 700]), rangeSize: 512 });
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
    deepEqual(state, { phase: "failed", path, size: 2048, transferred: 1024, resumed: 0, written: [{ start: 0, end: 1023 }] });
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
];
