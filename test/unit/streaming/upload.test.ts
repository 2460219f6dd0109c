/** Uploads as conversations: what is asked for, in which order, and what is told. */
import { describe, expect, it } from "vitest";
import type { ConnectionOptions } from "../../../src/config.js";
import { type IntegrityError, ServiceError, TransportError } from "../../../src/errors.js";
import { type TransferProgress, upload, type Upload, type UploadRequest } from "../../../src/streaming/upload.js";
import { turn } from "../virtual-clock.js";
import { bytesOf, coded, countedSignal, ending, refusal, type Received, wired } from "../wire-double.js";

const MiB = 1024 * 1024;
const path = "file.bin";

/** Bytes that tell where they stand. */
const content = (size: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 8)) % 251);

/** A stream whose pieces a test gives. */
function pushed(): {
  stream: ReadableStream<Uint8Array>;
  push(size: number): void;
  end(): void;
  fail(error: unknown): void;
  cancelled(): unknown;
} {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let reason: unknown;
  const stream = new ReadableStream<Uint8Array>({ start: (given) => void (controller = given), cancel: (given) => void (reason = given) });
  return {
    stream,
    push: (size) => controller?.enqueue(new Uint8Array(size).fill(7)),
    end: () => controller?.close(),
    fail: (error) => controller?.error(error),
    cancelled: () => reason,
  };
}

const sizeAsked = (request: Received): number => Number(request.headers["x-ms-content-length"]);
const rangeOf = (request: Received): string => (request.headers["x-ms-range"] ?? "").replace("bytes=", "");

/** Starts an upload in ranges of 512 bytes and answers its Create File. */
async function started(request: Omit<UploadRequest, "path">, options: Partial<ConnectionOptions> = {}) {
  const { wire, clock, connection } = wired(options);
  const work = upload(connection, { path, rangeSize: 512, ...request });
  const end = ending(work);
  const created = await wire.nextRequest();
  expect(created.operation).toBe("Create File");
  created.respond(201, { etag: '"0x1"' });
  return { wire, clock, work, end, created };
}

/** Answers everything that comes until the work is done; returns the operations in order. */
async function served({ wire, end }: { wire: ReturnType<typeof wired>["wire"]; end: Promise<unknown> }): Promise<Received[]> {
  const taken: Received[] = [];
  let done = false;
  void end.then(() => (done = true));
  for (;;) {
    const waiting = await wire.waiting();
    if (done) return taken;
    for (let index = 0; index < waiting; index++) {
      const request = await wire.nextRequest();
      taken.push(request);
      request.respond(request.operation.startsWith("Set") ? 200 : 201, { etag: `"${taken.length}"` });
    }
  }
}

/** Answers the Set File Metadata with which an upload of several ranges ends. */
async function unmarked(wire: ReturnType<typeof wired>["wire"]): Promise<Received> {
  const request = await wire.nextRequest();
  expect(request.operation).toBe("Set File Metadata");
  request.respond(200, { etag: '"0xE"', "last-modified": "Thu, 01 Jan 2026 00:00:00 GMT" });
  return request;
}

const MARKER = "x-ms-meta-azurefilesupload";

describe("a body of known size", () => {
  it("is created with a mark, put in ranges, the last one shorter, and the mark taken away", async () => {
    const body = content(1300);
    const written = new Uint8Array(1300);
    const { wire, end, created } = await started({ body, metadata: { owner: "me" } });
    expect(sizeAsked(created)).toBe(1300);
    expect(created.headers).toMatchObject({ "x-ms-meta-owner": "me", [MARKER]: expect.stringMatching(/^1-512-1300-/) });
    for (const expected of ["0-511", "512-1023", "1024-1299"]) {
      const request = await wire.nextRequest();
      expect([request.operation, rangeOf(request)]).toEqual(["Put Range", expected]);
      written.set(await bytesOf(request.body), Number(expected.split("-")[0]));
      request.respond(201, { etag: `"${expected}"`, "last-modified": "Thu, 01 Jan 2026 00:00:00 GMT" });
    }
    const ended = await unmarked(wire);
    expect([ended.headers["x-ms-meta-owner"], ended.headers[MARKER]]).toEqual(["me", undefined]);
    expect(await end).toEqual({ path, size: 1300, etag: '"0xE"', lastModified: new Date("2026-01-01T00:00:00Z") });
    expect(written).toEqual(body);
    expect(wire.requests).toHaveLength(5);
  });

  it("that is empty is one request", async () => {
    for (const body of ["", new Blob([]), new Uint8Array(), new Response(null)]) {
      const { wire, end, created } = await started({ body });
      expect(sizeAsked(created)).toBe(0);
      expect(await end).toMatchObject({ size: 0, etag: '"0x1"' });
      expect(wire.requests).toHaveLength(1);
    }
  });

  it("of up to 4 MiB is one request, and of 4 MiB and a byte two ranges", async () => {
    for (const [size, operations] of [
      [4 * MiB - 1, []],
      [4 * MiB, []],
      [4 * MiB + 1, ["Put Range", "Put Range", "Set File Metadata"]],
    ] as const) {
      const body = new Uint8Array(size).fill(7);
      const { wire, end, created } = await started({ body, rangeSize: undefined });
      expect(sizeAsked(created)).toBe(size);
      expect(created.body).toEqual(operations.length === 0 ? body : undefined);
      expect((await served({ wire, end })).map(({ operation }) => operation)).toEqual(operations);
      expect(await end).toMatchObject({ size });
    }
  });

  it("of one range is written in two requests where the service takes no content with Create File", async () => {
    const { wire, connection } = wired();
    const end = ending(upload(connection, { path, body: "abc" }));
    (await wire.nextRequest()).respond(413, coded("RequestBodyTooLarge"));
    const taken = await served({ wire, end });
    expect(taken.map(({ operation }) => operation)).toEqual(["Create File", "Put Range", "Set File Metadata"]);
    expect(await end).toMatchObject({ size: 3 });
  });

  it("that is all zero in parts does not send those, unless told to", async () => {
    const body = new Uint8Array(512 * 4);
    body[600] = 1;
    for (const [sparse, ranges] of [
      [undefined, ["512-1023"]],
      [false, ["0-511", "512-1023", "1024-1535", "1536-2047"]],
    ] as const) {
      const { wire, end, work } = await started({ body, sparse });
      const taken = await served({ wire, end });
      expect(taken.filter(({ operation }) => operation === "Put Range").map(rangeOf)).toEqual(ranges);
      expect(work.state).toMatchObject({ phase: "complete", transferred: 2048, written: [{ start: 0, end: 2047 }] });
    }
  });

  it("said of a stream spares growing and trimming", async () => {
    const source = pushed();
    source.push(700);
    const { wire, end, created } = await started({ body: source.stream, size: 700 });
    expect(sizeAsked(created)).toBe(700);
    source.end();
    expect((await served({ wire, end })).map(({ operation }) => operation)).toEqual(["Put Range", "Put Range", "Set File Metadata"]);
    expect(await end).toMatchObject({ size: 700 });
  });
});

describe("a body of unknown size", () => {
  it("that is shorter than a range is created with its size", async () => {
    const source = pushed();
    source.push(100);
    source.push(11);
    source.end();
    const { wire, end, created } = await started({ body: source.stream });
    expect(sizeAsked(created)).toBe(111);
    expect(await bytesOf(created.body)).toEqual(new Uint8Array(111).fill(7));
    expect(await served({ wire, end })).toEqual([]);
    expect(await end).toMatchObject({ size: 111 });
  });

  it("that is empty makes an empty file", async () => {
    const source = pushed();
    source.end();
    const { wire, end, created } = await started({ body: source.stream });
    expect(sizeAsked(created)).toBe(0);
    expect(await end).toMatchObject({ size: 0 });
    expect(wire.requests).toHaveLength(1);
  });

  it("has room for 64 MiB, doubled before what does not fit is sent, and trimmed at the end", async () => {
    const total = 140 * MiB + 5;
    let left = total;
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          const piece = Math.min(left, 3 * MiB);
          left -= piece;
          if (piece > 0) controller.enqueue(new Uint8Array(piece).fill(7));
          else controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    const smb = { lastWriteTime: "2020-01-01T00:00:00.0000000Z" };
    const { wire, end, created } = await started({ body, rangeSize: 4 * MiB, concurrency: 2, smb, content: { type: "text/plain" } });
    expect(sizeAsked(created)).toBe(64 * MiB);
    expect(created.headers).toMatchObject({ "x-ms-content-type": "text/plain", "x-ms-file-last-write-time": smb.lastWriteTime });
    const taken = await served({ wire, end });
    let capacity = 64 * MiB;
    const resizes: number[] = [];
    for (const request of taken) {
      if (request.operation === "Set File Properties") {
        capacity = sizeAsked(request);
        resizes.push(capacity);
        // Without stored headers, which it would otherwise clear or repeat, and with the caller's time.
        expect(Object.keys(request.headers).filter((name) => /content-(type|encoding|md5)/.test(name))).toEqual([]);
        expect(request.headers["x-ms-file-last-write-time"]).toBe(smb.lastWriteTime);
      } else if (request.operation === "Put Range") {
        expect(Number(rangeOf(request).split("-")[1])).toBeLessThan(capacity);
        expect(request.headers["x-ms-file-last-write-time"]).toBe("Preserve");
      }
    }
    expect(resizes).toEqual([128 * MiB, 256 * MiB, total]);
    expect(await end).toMatchObject({ size: total });
  });

  it("tells no total before its end", async () => {
    const source = pushed();
    const seen: TransferProgress[] = [];
    source.push(600);
    const { wire, end } = await started({ body: source.stream, onProgress: (progress) => seen.push(progress) });
    (await wire.nextRequest()).respond(201);
    source.end();
    const rest = await served({ wire, end });
    expect(rest.map(({ operation }) => operation)).toEqual(["Put Range", "Set File Properties", "Set File Metadata"]);
    expect(seen).toEqual([
      { transferred: 0, total: undefined },
      { transferred: 512, total: undefined },
      { transferred: 600, total: undefined },
      { transferred: 600, total: 600 },
    ]);
  });
});

describe("ranges under way", () => {
  it.each([1, 3, 32])("are at most %i, and the body is read no further than they need", async (concurrency) => {
    let read = 0;
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          if (read === 40) controller.close();
          else {
            read++;
            controller.enqueue(new Uint8Array(512).fill(7));
          }
        },
      },
      { highWaterMark: 0 },
    );
    const { wire, end } = await started({ body, concurrency, size: 40 * 512 });
    let underWay = 0;
    for (let acknowledged = 0; acknowledged < 40; acknowledged++) {
      for (let waiting = await wire.waiting(); waiting > 0; waiting--) {
        await wire.nextRequest();
        underWay++;
      }
      expect(underWay).toBe(Math.min(concurrency, 40 - acknowledged));
      expect(read).toBe(acknowledged + underWay);
      wire.respond(201);
      underWay--;
    }
    await unmarked(wire);
    expect(await end).toMatchObject({ size: 40 * 512 });
  });

  it("may be acknowledged in any order; progress rises to the total and no further", async () => {
    const seen: number[] = [];
    const { wire, end, work } = await started({
      body: content(2500),
      concurrency: 5,
      onProgress: ({ transferred, total }) => seen.push(transferred / (total ?? NaN)),
    });
    const requests = [];
    for (let index = 0; index < 5; index++) requests.push(await wire.nextRequest());
    for (const index of [3, 1, 4, 0, 2]) {
      requests[index]?.respond(201);
      await turn();
    }
    await unmarked(wire);
    expect(await end).toMatchObject({ size: 2500 });
    expect(seen).toEqual([0, 512, 1024, 1476, 1988, 2500].map((bytes) => bytes / 2500));
    expect(work.state).toEqual({ phase: "complete", path, size: 2500, transferred: 2500, resumed: 0, written: [{ start: 0, end: 2499 }] });
    expect(JSON.parse(JSON.stringify(work.state))).toEqual(work.state);
  });

  it("that fail for a while are sent again with the same bytes, though the buffer of a stream serves several", async () => {
    const body = content(5 * 512);
    const written = new Uint8Array(body.length);
    const { wire, clock, end } = await started({ body: new Response(body), size: body.length, concurrency: 2 });
    let refused = 0;
    let done = false;
    void end.then(() => (done = true));
    while (!done) {
      for (let waiting = await wire.waiting(); waiting > 0; waiting--) {
        const request = await wire.nextRequest();
        if (request.operation === "Set File Metadata") request.respond(200);
        else if (request.attempt === 1 && refused++ % 2 === 0) request.respond(500);
        else {
          written.set(await bytesOf(request.body), Number(rangeOf(request).split("-")[0]));
          request.respond(201);
        }
      }
      await clock.advance(500);
    }
    expect(await end).toMatchObject({ size: body.length });
    expect(written).toEqual(body);
  });
});

describe("a try that the transport goes on sending, deaf to its signal", () => {
  it("keeps its bytes, though the buffers of a stream serve several ranges", async () => {
    const body = content(6 * 512);
    const { wire, clock, end } = await started({ body: new Response(body), size: body.length, concurrency: 1 });
    const deaf = await wire.nextRequest();
    await clock.advance(31_000);
    for (let index = 0; index < 6; index++) {
      const request = await wire.nextRequest();
      expect(request.attempt).toBe(index === 0 ? 2 : 1);
      request.respond(201);
    }
    await unmarked(wire);
    expect(await end).toMatchObject({ size: body.length });
    expect(await bytesOf(deaf.body)).toEqual(body.slice(0, 512));
  });
});

describe("a range that fails for good", () => {
  it("stops the others and the source, and the error tells what was written", async () => {
    const source = pushed();
    source.push(512 * 10);
    const { wire, clock, end, work } = await started({ body: source.stream, size: 512 * 20, concurrency: 3 });
    const [first, second, third] = [await wire.nextRequest(), await wire.nextRequest(), await wire.nextRequest()];
    second?.respond(201);
    await turn();
    first?.respond(403, coded("AuthorizationFailure"), refusal("AuthorizationFailure", "The SAS may not write."));
    const error = (await end) as ServiceError;
    expect(error).toBeInstanceOf(ServiceError);
    expect(error).toMatchObject({ operation: "Put Range", code: "AuthorizationFailure" });
    expect(error.transfer).toEqual({
      phase: "failed",
      path,
      size: 512 * 20,
      transferred: 512,
      resumed: 0,
      written: [{ start: 512, end: 1023 }],
    });
    expect(third?.signal.aborted).toBe(true);
    expect(source.cancelled()).toBe(error);
    const before = wire.requests.length;
    await clock.advance(100_000);
    expect([wire.requests.length, work.state.phase, clock.pending]).toEqual([before, "failed", []]);
  });

  it("shows though the source hangs", async () => {
    const source = pushed();
    source.push(512);
    const { wire, end } = await started({ body: source.stream });
    await wire.nextRequest();
    wire.respond(404, coded("ResourceNotFound"));
    expect(await end).toMatchObject({ code: "ResourceNotFound" });
  });

  it("also when it is the first request, and then nothing is written", async () => {
    const { wire, connection } = wired();
    const source = pushed();
    source.push(4 * MiB);
    const work = upload(connection, { path, body: source.stream, size: 5 * MiB });
    const end = ending(work);
    await wire.nextRequest();
    wire.respond(404, coded("ParentNotFound"));
    expect(await end).toMatchObject({ operation: "Create File", transfer: { phase: "failed", transferred: 0, written: [] } });
    expect(source.cancelled()).toMatchObject({ code: "ParentNotFound" });
  });
});

describe("a source that does not hold what was said", () => {
  it("too little, too much, or another size than its own is an IntegrityError", async () => {
    const short = pushed();
    short.push(700);
    const first = await started({ body: short.stream, size: 1024 });
    short.end();
    await served(first);
    expect(await first.end).toMatchObject({
      name: "IntegrityError",
      reason: "source",
      message: "the body ends after 700, but its size is said to be 1024",
    });
    expect(((await first.end) as IntegrityError).transfer).toMatchObject({ phase: "failed", transferred: 700 });

    const long = pushed();
    long.push(1024);
    const second = await started({ body: long.stream, size: 700 });
    await served(second);
    expect(await second.end).toMatchObject({ reason: "source", message: "the body goes on, but its size is said to be 700" });
    expect(long.cancelled()).toBe(await second.end);

    for (const [given, message] of [
      [300, "the body ends after 300, but its size is said to be 400"],
      [500, "the body goes on, but its size is said to be 400"],
    ] as const) {
      const one = pushed();
      one.push(given);
      one.end();
      const { wire, connection } = wired();
      expect(await ending(upload(connection, { path, body: one.stream, size: 400 }))).toMatchObject({ reason: "source", message });
      expect(wire.requests).toEqual([]);
    }

    const { wire, connection } = wired();
    expect(await ending(upload(connection, { path, body: "abc", size: 4 }))).toMatchObject({
      reason: "source",
      message: "the body has 3 bytes, but its size is said to be 4",
    });
    expect(wire.requests).toEqual([]);
  });

  it("but fails, fails the upload with just that", async () => {
    const source = pushed();
    const mine = new Error("the disk is gone");
    source.push(512);
    const { wire, end, work } = await started({ body: source.stream, size: 2048 });
    await wire.nextRequest();
    wire.respond(201);
    await turn();
    source.fail(mine);
    expect(await end).toBe(mine);
    expect(work.state).toMatchObject({ phase: "failed", transferred: 512 });
  });
});

describe("misuse", () => {
  it.each<[Partial<UploadRequest>, RegExp, "RangeError" | "TypeError"]>([
    [{ concurrency: 0 }, /^concurrency is 0, but must be a whole number from 1 to 32$/, "RangeError"],
    [{ concurrency: 33 }, /^concurrency/, "RangeError"],
    [{ concurrency: 1.5 }, /^concurrency/, "RangeError"],
    [{ rangeSize: 511 }, /^rangeSize is 511, but must be a whole number from 512 to 4194304$/, "RangeError"],
    [{ rangeSize: 4 * MiB + 1 }, /^rangeSize/, "RangeError"],
    [{ rangeSize: 700, resume: true }, /^rangeSize is 700, but for resume it must be a multiple of 512$/, "RangeError"],
    [{ body: new Blob(["abc"]).stream(), resume: true, rangeSize: 512 }, /^resume needs a body whose size is known/, "TypeError"],
    [{ body: new Blob(["abc"]).stream(), size: -1 }, /^size is -1/, "RangeError"],
    [{ body: new Blob(["abc"]).stream(), size: 0.5 }, /^size is 0.5/, "RangeError"],
    [{ body: new Blob(["abc"]).stream(), size: 4 * 1024 ** 4 + 1 }, /^size is 4398046511105/, "RangeError"],
    [{ body: null as unknown as string }, /^body is null/, "TypeError"],
    [{ path: "" }, /^path is /, "TypeError"],
    [{ path: "dir/" }, /^path is "dir\/", but must name a file$/, "TypeError"],
    [{ path: "a:b" }, /^path component 1/, "TypeError"],
    [{ share: "No" }, /^share is "No"/, "TypeError"],
    [{ metadata: { "a-b": "c" } }, /^metadata name "a-b"/, "TypeError"],
    [{ content: { disposition: 'attachment; filename="é"' } }, /^x-ms-content-disposition must be printable ASCII/, "TypeError"],
    [{ smb: { permission: "a", permissionKey: "b" } }, /^smb has both/, "TypeError"],
  ])("%j rejects before the network", async (changes, message, name) => {
    const { wire, connection } = wired();
    const error = (await ending(upload(connection, { path, body: "abc", ...changes }))) as Error;
    expect([error.name, error.message]).toEqual([name, expect.stringMatching(message)]);
    expect(wire.requests).toEqual([]);
  });
});

describe("an abort", () => {
  it("while the body is being opened lets go of it once it is open", async () => {
    const { wire, connection, clock } = wired();
    const { signal, listeners, controller } = countedSignal();
    let open: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    let closed = 0;
    const body = {
      async open() {
        await opened;
        return { size: 2000, read: async (_: number, into: Uint8Array) => into.byteLength, close: async () => void closed++ };
      },
    };
    const end = ending(upload(connection, { path, body, rangeSize: 512, signal }));
    await turn();
    controller.abort(reason);
    expect(await end).toBe(reason);
    expect(closed).toBe(0);
    open();
    await turn();
    expect([closed, wire.requests.length, listeners(), clock.pending]).toEqual([1, 0, 0, []]);
  });

  const reason = { why: "the user left" };

  it("before it begins sends nothing and reads nothing", async () => {
    const { wire, connection } = wired();
    const source = pushed();
    const work = upload(connection, { path, body: source.stream, signal: AbortSignal.abort(reason) });
    expect(await ending(work)).toBe(reason);
    expect([wire.requests.length, work.state.phase, source.stream.locked]).toEqual([0, "aborted", false]);
  });

  it("stops ranges, source and waits at once, and leaves nothing behind", async () => {
    const source = pushed();
    source.push(512 * 3);
    const { signal, controller, listeners } = countedSignal();
    const { wire, clock, end, work } = await started({ body: source.stream, concurrency: 3, signal });
    const [first] = [await wire.nextRequest(), await wire.nextRequest()];
    first?.respond(500);
    await turn();
    controller.abort(reason);
    expect(await end).toBe(reason);
    await turn();
    expect(wire.requests.slice(1).every((request) => request.signal.aborted)).toBe(true);
    expect([work.state.phase, source.cancelled(), listeners(), clock.pending]).toEqual(["aborted", reason, 0, []]);
    const before = wire.requests.length;
    await clock.advance(100_000);
    expect(wire.requests.length).toBe(before);
  });

  it("of a finished upload does nothing", async () => {
    const { signal, controller, listeners } = countedSignal();
    const { wire, end, work } = await started({ body: "abc", signal });
    await served({ wire, end });
    expect(listeners()).toBe(0);
    controller.abort(reason);
    await turn();
    expect(work.state.phase).toBe("complete");
  });
});

describe("a callback that throws", () => {
  it("fails the upload with just that, at the beginning and after a range", async () => {
    for (const when of [0, 512]) {
      const mine = new Error("no room for a progress bar");
      const { wire, end, work } = await started({
        body: content(2048),
        onProgress: ({ transferred }) => {
          if (transferred === when) throw mine;
        },
      });
      for (let waiting = await wire.waiting(); waiting > 0; waiting--) (await wire.nextRequest()).respond(201);
      expect(await end).toBe(mine);
      expect(work.state.phase).toBe("failed");
    }
  });
});

describe("a pause", () => {
  const paused = async (concurrency: number, act: (work: Upload) => void) => {
    const talk = await started({ body: content(512 * 6), concurrency });
    const first = [];
    for (let index = 0; index < concurrency; index++) first.push(await talk.wire.nextRequest());
    act(talk.work);
    return { ...talk, first };
  };

  it.each([1, 2])("starts no further range, lets those under way end, and goes on when told (%i at once)", async (concurrency) => {
    const { wire, work, end, first } = await paused(concurrency, (work) => work.pause());
    expect(work.state.phase).toBe("paused");
    for (const request of first) request.respond(201);
    expect(await wire.waiting()).toBe(0);
    expect(work.state).toMatchObject({ phase: "paused", transferred: 512 * concurrency });
    work.resume();
    expect(work.state.phase).toBe("uploading");
    expect(await served({ wire, end })).toHaveLength(6 - concurrency + 1);
    expect(work.state).toMatchObject({ phase: "complete", transferred: 512 * 6 });
  });

  it("again right after going on holds", async () => {
    const { wire, work, end, first } = await paused(1, (work) => work.pause());
    first[0]?.respond(201);
    await turn();
    work.resume();
    work.pause();
    expect(await wire.waiting()).toBe(0);
    work.resume();
    await served({ wire, end });
    expect(work.state.phase).toBe("complete");
  });

  it("can be aborted, and shows failures of what is under way", async () => {
    const controller = new AbortController();
    const talk = await started({ body: content(2048), concurrency: 2, signal: controller.signal });
    const first = await talk.wire.nextRequest();
    talk.work.pause();
    first.respond(403);
    expect(await talk.end).toBeInstanceOf(ServiceError);
    expect(talk.work.state.phase).toBe("failed");
    const second = await started({ body: content(2048), concurrency: 1, signal: controller.signal });
    await second.wire.nextRequest();
    second.work.pause();
    controller.abort("stop");
    expect(await second.end).toBe("stop");
  });

  it.each([3, 2048])("before anything has begun holds all of it back (%i bytes)", async (size) => {
    const { wire, connection } = wired();
    const work = upload(connection, { path, body: content(size), rangeSize: 512, concurrency: 1 });
    work.pause();
    expect(await wire.waiting()).toBe(0);
    expect(work.state).toMatchObject({ phase: "init", transferred: 0 });
    work.resume();
    await served({ wire, end: ending(work) });
    expect(work.state).toMatchObject({ phase: "complete", transferred: size });
  });

  it("while the file is made holds the first range back", async () => {
    const { wire, connection } = wired();
    const work = upload(connection, { path, body: content(2048), rangeSize: 512, concurrency: 1 });
    const create = await wire.nextRequest();
    work.pause();
    create.respond(201);
    expect(await wire.waiting()).toBe(0);
    expect(work.state).toMatchObject({ phase: "paused", transferred: 0 });
    work.resume();
    expect(work.state.phase).toBe("uploading");
    await served({ wire, end: ending(work) });
    expect(work.state.phase).toBe("complete");
  });

  it("before anything has begun can be aborted", async () => {
    const { wire, connection } = wired();
    const controller = new AbortController();
    const work = upload(connection, { path, body: content(2048), signal: controller.signal });
    const end = ending(work);
    work.pause();
    expect(await wire.waiting()).toBe(0);
    controller.abort("stop");
    expect(await end).toBe("stop");
    expect(work.state.phase).toBe("aborted");
  });

  it("does nothing after the end", async () => {
    const { wire, connection } = wired();
    const work = upload(connection, { path, body: "abc" });
    await served({ wire, end: ending(work) });
    work.pause();
    work.resume();
    expect(work.state.phase).toBe("complete");
  });
});

it("an upload that meets a broken line says so with what it wrote, as JSON", async () => {
  const { wire, clock, end } = await started({ body: content(1024), concurrency: 1 }, { retry: { attempts: 2 } });
  await wire.nextRequest();
  wire.respond(201);
  for (const _ of [1, 2]) {
    (await wire.nextRequest()).fail(new TransportError("network", "the line is cut"));
    await clock.advance(1000);
  }
  expect(JSON.parse(JSON.stringify(await end))).toMatchObject({
    name: "TransportError",
    reason: "network",
    attempts: [{ code: "network" }, { code: "network" }],
    transfer: { phase: "failed", path, size: 1024, transferred: 512, written: [{ start: 0, end: 511 }] },
  });
});
