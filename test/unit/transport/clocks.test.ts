/** Patience and its ends: time-outs, stalls, budgets, aborts. */
import { describe, expect, it } from "vitest";
import { connect } from "../../../src/connect.js";
import { IntegrityError, TransportError } from "../../../src/errors.js";
import { create, getProperties, listRanges, putRange, read } from "../../../src/services/files.js";
import { list } from "../../../src/services/shares.js";
import { readText } from "../../../src/transport/body.js";
import type { Connection } from "../../../src/types/connection.js";
import { turn, virtualClock } from "../virtual-clock.js";
import { bodyOfPieces, countedSignal, ending, wired } from "../wire-double.js";

const path = "file.txt";
const once = { retry: false } as const;
const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const ranges = `<?xml version="1.0" encoding="utf-8"?><Ranges><Range><Start>0</Start><End>511</End></Range></Ranges>`;

/** Whether it has settled when everything that is ready was done. */
async function settled(work: Promise<unknown>): Promise<boolean> {
  let done = false;
  work.then(
    () => (done = true),
    () => (done = true),
  );
  await turn();
  return done;
}

describe("the first byte", () => {
  it("is waited for 30 seconds, and then asked for again", async () => {
    const { wire, clock, connection } = wired({ retry: { attempts: 2 } });
    const end = ending(getProperties(connection, { path }));
    const first = await wire.nextRequest();
    expect(clock.pending).toEqual([30_000]);
    await clock.advance(29_999);
    expect(first.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(first.signal.aborted).toBe(true);
    await clock.advance(250);
    const second = await wire.nextRequest();
    await clock.advance(30_000);
    expect(second.signal.aborted).toBe(true);
    expect(await end).toMatchObject({
      name: "TransportError",
      reason: "timeout",
      message: "Get File Properties failed: no answer within 30000 ms (attempt 2)",
      attempts: [
        { duration: 30_000, code: "timeout" },
        { duration: 30_000, code: "timeout" },
      ],
    });
    expect(clock.pending).toEqual([]);
  });

  it("of an upload has the time that its body needs at 32 KiB/s besides", async () => {
    const { wire, clock, connection } = wired({ ...once, timeouts: { firstByte: 1000 } });
    const end = ending(putRange(connection, { path, offset: 0, body: new Uint8Array(4 * 1024 * 1024) }));
    await wire.nextRequest();
    expect(clock.pending).toEqual([1000 + 128_000]);
    await clock.advance(128_999);
    expect(await settled(end)).toBe(false);
    await clock.advance(1);
    expect(await end).toMatchObject({ reason: "timeout", message: expect.stringContaining("no answer within 129000 ms") });
  });

  it("includes the asking for a secret and the refusal's body", async () => {
    const hanging = connect({
      endpoint: "https://account.file.core.windows.net",
      share: "share",
      clock: virtualClock(),
      retry: false,
      credential: { kind: "sas", authorize: () => new Promise(() => undefined) },
    });
    const end = ending(getProperties(hanging, { path }));
    await (hanging.clock as ReturnType<typeof virtualClock>).advance(30_000);
    expect(await end).toMatchObject({ reason: "timeout" });

    const { wire, clock, connection } = wired(once);
    const second = ending(getProperties(connection, { path }));
    await wire.nextRequest();
    wire.respond(500, {}, bodyOfPieces([bytes("<Error>")], "hangs"));
    await clock.advance(30_000);
    expect(await second).toMatchObject({ reason: "timeout" });
    expect(clock.pending).toEqual([]);
  });

  it("may be waited for without end", async () => {
    const { wire, clock, connection } = wired({ timeouts: { firstByte: Infinity, idle: Infinity } });
    const end = ending(getProperties(connection, { path }));
    await wire.nextRequest();
    expect(clock.pending).toEqual([]);
    wire.respond(200);
    expect(await end).not.toBeInstanceOf(Error);
  });
});

describe("silence within an answer", () => {
  it("is a stall after 30 seconds without a byte, and the document is asked for again", async () => {
    const { wire, clock, connection } = wired({ retry: { attempts: 2 } });
    const end = ending(listRanges(connection, { path }));
    let cancelled = "";
    await wire.nextRequest();
    wire.respond(
      200,
      {},
      bodyOfPieces([bytes(ranges.slice(0, 9))], "hangs", (how) => (cancelled = how)),
    );
    await clock.advance(29_999);
    expect(await settled(end)).toBe(false);
    await clock.advance(1);
    expect(cancelled).toBe("cancelled");
    await clock.advance(250);
    await wire.nextRequest();
    wire.respond(200, {}, ranges);
    expect(await end).toMatchObject({ ranges: [{ start: 0, end: 511 }] });
    expect(clock.pending).toEqual([]);
  });

  it("begins anew with each piece: a slow document is no stall, however long it takes", async () => {
    const { wire, clock, connection } = wired(once);
    const end = ending(listRanges(connection, { path }));
    await wire.nextRequest();
    let controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
    wire.respond(200, {}, new ReadableStream<Uint8Array<ArrayBuffer>>({ start: (given) => void (controller = given) }));
    for (const piece of ranges.match(/.{1,20}/gs) ?? []) {
      await clock.advance(29_000);
      controller?.enqueue(bytes(piece));
    }
    await clock.advance(29_000);
    controller?.close();
    expect(await end).toMatchObject({ ranges: [{ start: 0, end: 511 }] });
    expect(clock.pending).toEqual([]);
  });

  it("may last for ever where it is told so, without spinning", async () => {
    const { wire, clock, connection } = wired({ ...once, timeouts: { idle: Infinity } });
    const end = ending(listRanges(connection, { path }));
    await wire.nextRequest();
    wire.respond(200, {}, bodyOfPieces([bytes(ranges)], "hangs"));
    await clock.advance(1e12);
    expect(await settled(end)).toBe(false);
  });

  it("of a body that is handed on counts only while somebody reads", async () => {
    const { wire, clock, connection } = wired(once);
    const end = read(connection, { path });
    await wire.nextRequest();
    wire.respond(200, { "content-length": "6" }, bodyOfPieces([bytes("abc")], "hangs"));
    const reader = (await end).body.getReader();
    await clock.advance(1_000_000);
    expect(await reader.read()).toEqual({ done: false, value: bytes("abc") });
    await clock.advance(1_000_000);
    const next = ending(reader.read());
    await clock.advance(30_000);
    expect(await next).toMatchObject({ name: "TransportError", reason: "stalled", operation: "Get File" });
    expect(clock.pending).toEqual([]);
  });
});

describe("a document", () => {
  it("that ends before its length is asked for again, and one that breaks off too", async () => {
    const { wire, clock, connection } = wired();
    const end = ending(listRanges(connection, { path }));
    await wire.nextRequest();
    wire.respond(200, { "content-length": String(ranges.length) }, ranges.slice(0, -1));
    await clock.advance(250);
    await wire.nextRequest();
    wire.respond(200, {}, bodyOfPieces([bytes(ranges.slice(0, 30))], new Error("socket hang up")));
    await clock.advance(500);
    await wire.nextRequest();
    wire.respond(200, { "content-length": String(ranges.length) }, ranges);
    expect(await end).toMatchObject({ ranges: [{ start: 0, end: 511 }] });
  });

  it("that never comes whole fails as truncated, with the cause", async () => {
    const { wire, connection } = wired(once);
    const end = ending(listRanges(connection, { path }));
    await wire.nextRequest();
    wire.respond(200, {}, bodyOfPieces([bytes("<Ranges>")], new Error("socket hang up")));
    expect(await end).toMatchObject({ reason: "truncated", operation: "List Ranges", cause: { message: "socket hang up" } });
  });

  it("that came compressed may be longer or shorter than its Content-Length", async () => {
    const { wire, connection } = wired(once);
    const end = ending(listRanges(connection, { path }));
    await wire.nextRequest();
    wire.respond(200, { "content-length": "99999", "content-encoding": "gzip" }, ranges);
    expect(await end).toMatchObject({ ranges: [{ start: 0, end: 511 }] });
  });

  it("that is whole but no listing is not asked for again", async () => {
    const { wire, connection } = wired();
    const end = ending(listRanges(connection, { path }));
    await wire.nextRequest();
    wire.respond(200, {}, "<html>Sign in to the hotel's network</html>");
    expect(await end).toBeInstanceOf(IntegrityError);
    expect(await wire.waiting()).toBe(0);
  });
});

describe("a body that is handed on", () => {
  const open = async (headers: Record<string, string>, body: ReadableStream<Uint8Array<ArrayBuffer>>, signal?: AbortSignal) => {
    const { wire, clock, connection } = wired(once);
    const end = read(connection, { path, signal });
    await wire.nextRequest();
    wire.respond(200, headers, body);
    return { content: await end, clock };
  };

  it("fails as truncated where it ends early or breaks off", async () => {
    const early = await open({ "content-length": "4" }, bodyOfPieces([bytes("abc")]));
    expect(await ending(early.content.bytes())).toMatchObject({ reason: "truncated", message: expect.stringContaining("3 of 4 bytes") });
    const broken = await open({}, bodyOfPieces([bytes("abc")], new Error("reset")));
    expect(await ending(broken.content.text())).toMatchObject({ reason: "truncated", cause: { message: "reset" } });
    expect(broken.clock.pending).toEqual([]);
  });

  it("is cancelled and errs with the reason when the caller aborts, also while nobody reads", async () => {
    const { signal, controller, listeners } = countedSignal();
    let how = "";
    const { content, clock } = await open(
      {},
      bodyOfPieces([bytes("abc")], "hangs", (end) => (how = end)),
      signal,
    );
    const reason = { mine: true };
    controller.abort(reason);
    await turn();
    expect(how).toBe("cancelled");
    expect(await ending(content.body.getReader().read())).toBe(reason);
    expect([listeners(), clock.pending]).toEqual([0, []]);
  });

  it("lets go of connection and signal when the reader cancels or is done", async () => {
    const first = countedSignal();
    let how = "";
    const { content } = await open(
      {},
      bodyOfPieces([bytes("abc")], "hangs", (end) => (how = end)),
      first.signal,
    );
    await content.body.cancel();
    expect([how, first.listeners()]).toEqual(["cancelled", 0]);
    const second = countedSignal();
    const { content: whole } = await open({ "content-length": "3" }, bodyOfPieces([bytes("abc")]), second.signal);
    expect(await whole.text()).toBe("abc");
    expect(second.listeners()).toBe(0);
  });
});

describe("the overall budget", () => {
  it("ends a try that would last longer", async () => {
    const { wire, clock, connection } = wired({ timeouts: { overall: 5000 } });
    const end = ending(getProperties(connection, { path }));
    await wire.nextRequest();
    await clock.advance(5000);
    expect(await end).toMatchObject({
      reason: "timeout",
      message: expect.stringContaining("the overall 5000 ms are up"),
      attempts: { length: 1 },
    });
    expect(clock.pending).toEqual([]);
  });

  it("ends a document that would last longer, though it keeps coming", async () => {
    const { wire, clock, connection } = wired({ timeouts: { overall: 60_000 } });
    const end = ending(listRanges(connection, { path }));
    await wire.nextRequest();
    let controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
    wire.respond(200, {}, new ReadableStream<Uint8Array<ArrayBuffer>>({ start: (given) => void (controller = given) }));
    for (let second = 0; second < 59; second++) {
      await clock.advance(1000);
      controller?.enqueue(bytes("<"));
    }
    expect(await settled(end)).toBe(false);
    await clock.advance(1000);
    expect(await end).toMatchObject({ reason: "timeout", message: expect.stringContaining("the overall 60000 ms are up") });
    expect(clock.pending).toEqual([]);
  });

  it("begins no wait that would end after it: what the last try met is told at once", async () => {
    const { wire, clock, connection } = wired({ timeouts: { overall: 5000 } });
    const end = ending(getProperties(connection, { path }));
    await wire.nextRequest();
    wire.respond(503, { "retry-after": "5" });
    expect(await end).toMatchObject({ status: 503, retryAfter: 5000 });
    expect(clock.pending).toEqual([]);
  });

  it("counts all tries and waits together", async () => {
    const { wire, clock, connection } = wired({ timeouts: { overall: 40_000, firstByte: 30_000 } });
    const end = ending(getProperties(connection, { path }));
    await wire.nextRequest();
    await clock.advance(30_250);
    await wire.nextRequest();
    expect(clock.pending).toEqual([9750]);
    await clock.advance(9750);
    expect(await end).toMatchObject({ reason: "timeout", attempts: { length: 2 }, message: expect.stringContaining("overall 40000 ms") });
  });
});

describe("an abort", () => {
  const reason = { why: "the user left" };
  const calls: Record<string, (connection: Connection, signal: AbortSignal) => Promise<unknown>> = {
    "a read": (connection, signal) => getProperties(connection, { path, signal }),
    "a write": (connection, signal) => create(connection, { path, size: 0, signal }),
    "a document": (connection, signal) => listRanges(connection, { path, signal }),
    "a listing": (connection, signal) => list(connection, { signal }).pages()[Symbol.asyncIterator]().next(),
  };

  it.each(Object.entries(calls))("before %s sends nothing", async (_, call) => {
    const { wire, connection } = wired();
    expect(await ending(call(connection, AbortSignal.abort(reason)))).toBe(reason);
    expect(wire.requests).toEqual([]);
  });

  it.each(Object.entries(calls))("during %s shows at once, though the transport ignores its signal", async (_, call) => {
    const { wire, clock, connection } = wired();
    const { signal, controller, listeners, added } = countedSignal();
    const end = ending(call(connection, signal));
    const request = await wire.nextRequest();
    controller.abort(reason);
    // Microtasks only: no timer, no turn of the event loop.
    const first = await Promise.race([end, microtasks(50).then(() => "late")]);
    expect(first).toBe(reason);
    expect(request.signal.aborted).toBe(true);
    expect(request.signal.reason).toBe(reason);
    expect([added() > 0, listeners(), clock.pending]).toEqual([true, 0, []]);
    // What comes too late is thrown away, and leaves nothing behind either.
    wire.respond(200, {}, ranges);
    await turn();
    expect([wire.requests.length, clock.pending]).toEqual([1, []]);
  });

  it.each(Object.entries(calls))("between the tries of %s shows at once, and there is no further try", async (_, call) => {
    const { wire, clock, connection } = wired();
    const { signal, controller, listeners } = countedSignal();
    const end = ending(call(connection, signal));
    await wire.nextRequest();
    wire.respond(503);
    await wire.waiting();
    expect(clock.pending).toEqual([250]);
    controller.abort(reason);
    expect(await Promise.race([end, microtasks(50).then(() => "late")])).toBe(reason);
    expect([listeners(), clock.pending]).toEqual([0, []]);
    await clock.advance(100_000);
    expect(wire.requests.length).toBe(1);
  });

  it("while a document comes cancels it", async () => {
    const { wire, clock, connection } = wired();
    const { signal, controller, listeners } = countedSignal();
    const end = ending(listRanges(connection, { path, signal }));
    await wire.nextRequest();
    let how = "";
    wire.respond(
      200,
      {},
      bodyOfPieces([bytes("<Ranges>")], "hangs", (ended) => (how = ended)),
    );
    await turn();
    controller.abort(reason);
    expect(await end).toBe(reason);
    await turn();
    expect([how, listeners(), clock.pending]).toEqual(["cancelled", 0, []]);
  });

  it("keeps reasons that are no errors, and those that are errors of this package", async () => {
    for (const odd of [null, 0, "", false, new TransportError("network", "mine")]) {
      const { wire, connection } = wired();
      const controller = new AbortController();
      const end = ending(getProperties(connection, { path, signal: controller.signal }));
      await wire.nextRequest();
      controller.abort(odd);
      expect(await end).toBe(odd);
    }
  });
});

describe("a long-lived signal", () => {
  it("has no listeners left after a thousand calls, whatever their end", async () => {
    const { signal, listeners, added } = countedSignal();
    const { clock, connection } = wired({
      retry: { baseDelay: 0 },
      middleware: [
        () => (request) =>
          Promise.resolve(new Response(null, { status: request.attempt === 1 ? 503 : request.url.length % 2 ? 200 : 404 })),
      ],
    });
    for (let call = 0; call < 1000; call++) {
      const end = ending(getProperties(connection, { path: "a".repeat(1 + (call % 2)), signal }));
      await clock.advance(0);
      await end;
    }
    expect(added()).toBeGreaterThan(1000);
    expect([listeners(), clock.pending]).toEqual([0, []]);
  });
});

it("a reader that is aborted before it begins does not wait for the body", async () => {
  const clock = virtualClock();
  const request = {
    operation: "Get File",
    attempt: 1,
    method: "GET",
    url: "https://a.example/",
    headers: {},
    signal: AbortSignal.abort("gone"),
  } as const;
  const response = new Response(bodyOfPieces([], "hangs"));
  expect(await ending(readText(response, { clock, request, idle: 1000, caller: undefined }))).toBe("gone");
  expect(clock.pending).toEqual([]);
});

/** So many turns of the microtask queue. */
async function microtasks(count: number): Promise<void> {
  for (let index = 0; index < count; index++) await Promise.resolve();
}
