import { describe, expect, it } from "vitest";
import { ServiceError, TransportError } from "../../../src/errors.js";
import { delete as deleteDirectory } from "../../../src/services/directories.js";
import { abortCopy, create, delete as deleteFile, getProperties, putRange, startCopy } from "../../../src/services/files.js";
import { createSnapshot, delete as deleteShare, restore } from "../../../src/services/shares.js";
import type { Connection } from "../../../src/types/connection.js";
import { bodyOfPieces, coded, ending, refusal, wired } from "../wire-double.js";

const path = "file.txt";
const get = (connection: Connection): Promise<unknown> => ending(getProperties(connection, { path }));
const broken = new TransportError("network", "the line is cut");

describe("the waits between tries", () => {
  it("are random parts of a bound that doubles up to its limit, and then the error tells every try", async () => {
    const random = [0, 0.25, 0.5, 0.999];
    const { wire, clock, connection } = wired({ random: () => random.shift() ?? NaN, retry: { baseDelay: 1000, maxDelay: 3000 } });
    const started = clock.now();
    const end = get(connection);
    for (const wait of [0, 500, 1500, 2997]) {
      await wire.nextRequest();
      await clock.advance(10);
      wire.respond(503, coded("ServerBusy"));
      expect(await wire.waiting()).toBe(0);
      expect(clock.pending).toEqual([wait]);
      await clock.advance(wait);
    }
    await wire.nextRequest();
    wire.respond(500, coded("InternalError"));
    const error = (await end) as ServiceError;
    expect(error).toBeInstanceOf(ServiceError);
    expect(error.attempts).toEqual([
      { startedAt: started, duration: 10, status: 503, code: "ServerBusy" },
      { startedAt: started + 10, duration: 10, status: 503, code: "ServerBusy" },
      { startedAt: started + 520, duration: 10, status: 503, code: "ServerBusy" },
      { startedAt: started + 2030, duration: 10, status: 503, code: "ServerBusy" },
      { startedAt: started + 5037, duration: 0, status: 500, code: "InternalError" },
    ]);
    expect(error.message).toMatch(/attempt 5\)$/);
    expect(wire.requests.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5]);
    expect(clock.pending).toEqual([]);
  });

  it.each([
    ["3", 3000],
    ["0", 250],
    ["0.5", 500],
    ["Thu, 01 Jan 2026 00:01:00 GMT", 60_000],
    ["Thu, 01 Jan 2020 00:00:00 GMT", 250],
    ["soon", 250],
  ])("heed a Retry-After of %s, but are never shorter than the jitter", async (value, wait) => {
    const { wire, clock, connection } = wired();
    const end = get(connection);
    await wire.nextRequest();
    wire.respond(429, { "retry-after": value });
    expect(await wire.waiting()).toBe(0);
    expect(clock.pending).toEqual([wait]);
    await clock.advance(wait);
    await wire.nextRequest();
    wire.respond(200);
    expect(await end).toMatchObject({ size: undefined });
    expect(clock.pending).toEqual([]);
  });

  it("are kept when the service asks for more than the longest of ours", async () => {
    const { wire, clock, connection } = wired();
    void get(connection);
    await wire.nextRequest();
    wire.respond(503, { "retry-after": "120" });
    await wire.waiting();
    expect(clock.pending).toEqual([120_000]);
  });

  it("that no timer can wait for are not waited for", async () => {
    const { wire, clock, connection } = wired();
    const end = get(connection);
    await wire.nextRequest();
    wire.respond(503, { "retry-after": "Fri, 31 Dec 9999 23:59:59 GMT" });
    expect(await Promise.race([end, wire.waiting()])).toBeInstanceOf(ServiceError);
    expect(clock.pending).toEqual([]);
  });
});

describe("what is tried again", () => {
  it.each([408, 429, 500, 502, 503, 504])("status %i", async (status) => {
    const { wire, clock, connection } = wired({ retry: { baseDelay: 0 } });
    const end = get(connection);
    await wire.nextRequest();
    wire.respond(status);
    await clock.advance(0);
    await wire.nextRequest();
    wire.respond(200);
    expect(await end).not.toBeInstanceOf(Error);
  });

  it.each([400, 401, 403, 404, 409, 411, 412, 416, 501, 505, 204, 304])("not status %i", async (status) => {
    const { wire, clock, connection } = wired();
    const end = get(connection);
    const request = await wire.nextRequest();
    request.answer(new Response(null, { status }));
    expect(await end).toMatchObject({ name: "ServiceError", status, attempts: [{ status }] });
    expect([wire.requests.length, clock.pending]).toEqual([1, []]);
  });

  it("a range whose checksum did not fit, because it was garbled on its way", async () => {
    const { wire, clock, connection } = wired();
    const end = ending(putRange(connection, { path, offset: 0, body: "a", contentMd5: "DMF1ucDxtqgxw5niaXcmYQ==" }));
    await wire.nextRequest();
    wire.respond(400, coded("Md5Mismatch"), refusal("Md5Mismatch"));
    await clock.advance(250);
    await wire.nextRequest();
    wire.respond(201);
    expect(await end).not.toBeInstanceOf(Error);
  });

  it("a connection that breaks, but not a redirect", async () => {
    const { wire, clock, connection } = wired();
    const end = get(connection);
    (await wire.nextRequest()).fail(broken);
    await clock.advance(250);
    (await wire.nextRequest()).fail(new TransportError("redirect", "elsewhere"));
    expect(await end).toMatchObject({ reason: "redirect", attempts: [{ code: "network", status: undefined }, { code: "redirect" }] });
  });

  it("nothing with retry: false, and not what is no error of this package", async () => {
    const once = wired({ retry: false });
    const end = get(once.connection);
    await once.wire.nextRequest();
    once.wire.respond(503);
    expect(await end).toMatchObject({ attempts: [{ status: 503 }] });
    const mine = new Error("a fault of the middleware");
    const { wire, connection } = wired();
    const second = get(connection);
    (await wire.nextRequest()).fail(mine);
    expect(await second).toBe(mine);
  });
});

describe("what is not idempotent", () => {
  const cases = Object.entries({
    "Snapshot Share": (connection: Connection) => createSnapshot(connection),
    "Restore Share": (connection: Connection) => restore(connection, { deletedVersion: "1" }),
    "Copy File": (connection: Connection) => startCopy(connection, { path, from: "https://other.blob.core.windows.net/a/b" }),
    "Abort Copy File": (connection: Connection) => abortCopy(connection, { path, copyId: "1" }),
  });

  it.each(cases)("%s, is not repeated after an unknown end", async (_, act) => {
    for (const fault of ["network", 500, 503, 408] as const) {
      const { wire, clock, connection } = wired();
      const end = ending(act(connection));
      const request = await wire.nextRequest();
      if (fault === "network") request.fail(broken);
      else request.respond(fault, fault === 503 ? coded("OperationTimedOut") : {});
      expect(await end).toMatchObject({ attempts: { length: 1 } });
      expect([await wire.waiting(), clock.pending]).toEqual([0, []]);
    }
  });

  it.each(cases)("%s, is repeated when it was turned away untouched", async (name, act) => {
    const { wire, clock, connection } = wired();
    const end = ending(act(connection));
    await wire.nextRequest();
    wire.respond(429);
    await clock.advance(250);
    await wire.nextRequest();
    wire.respond(503, coded("ServerBusy"));
    await clock.advance(500);
    const success = { "Copy File": 202, "Abort Copy File": 204 }[name] ?? 201;
    (await wire.nextRequest()).answer(new Response(null, { status: success, headers: { "x-ms-snapshot": "2026" } }));
    expect(await end).not.toBeInstanceOf(Error);
  });
});

describe("a delete", () => {
  const deletes = {
    "Delete File": (connection: Connection) => deleteFile(connection, { path }),
    "Delete Directory": (connection: Connection) => deleteDirectory(connection, { path: "a" }),
    "Delete Share": (connection: Connection) => deleteShare(connection),
  };

  it.each(Object.entries(deletes))("%s, whose first answer was lost has done its work when the next finds nothing", async (_, act) => {
    for (const lost of ["network", 500, 503] as const) {
      const { wire, clock, connection } = wired();
      const end = ending(act(connection));
      const request = await wire.nextRequest();
      if (lost === "network") request.fail(broken);
      else request.respond(lost);
      await clock.advance(250);
      await wire.nextRequest();
      wire.respond(404, coded("ResourceNotFound"));
      expect(await end).not.toBeInstanceOf(Error);
    }
  });

  it.each(Object.entries(deletes))("%s, that finds nothing at first says so", async (_, act) => {
    const { wire, clock, connection } = wired();
    const first = ending(act(connection));
    await wire.nextRequest();
    wire.respond(404, coded("ResourceNotFound"));
    expect(await first).toMatchObject({ status: 404 });
    // Turned away untouched, so it cannot have been this call that deleted it.
    const second = ending(act(connection));
    await wire.nextRequest();
    wire.respond(429);
    await clock.advance(250);
    await wire.nextRequest();
    wire.respond(404, coded("ResourceNotFound"));
    expect(await second).toMatchObject({ status: 404, attempts: { length: 2 } });
  });

  it("that is aborted with a reason of null rejects with null", async () => {
    const { wire, connection } = wired();
    const controller = new AbortController();
    const end = ending(deleteFile(connection, { path, signal: controller.signal }));
    await wire.nextRequest();
    controller.abort(null);
    expect(await end).toBeNull();
  });
});

describe("each try", () => {
  it("is the same request with its own number and signal, and the last one stays unaborted", async () => {
    const { wire, clock, connection } = wired();
    const body = new Uint8Array([1, 2, 3]);
    const end = ending(putRange(connection, { path, offset: 512, body, leaseId: "lease" }));
    const first = await wire.nextRequest();
    wire.respond(500);
    await clock.advance(250);
    const second = await wire.nextRequest();
    wire.respond(201);
    expect(await end).not.toBeInstanceOf(Error);
    const { method, url, headers } = first;
    expect(second).toMatchObject({ method, url, headers, attempt: 2 });
    expect(headers).toEqual({
      "x-ms-version": "2026-10-06",
      "x-ms-write": "update",
      "x-ms-range": "bytes=512-514",
      "x-ms-allow-trailing-dot": "true",
      "x-ms-lease-id": "lease",
    });
    expect([first.body, second.body]).toEqual([body, body]);
    expect([first.signal.aborted, second.signal.aborted]).toEqual([true, false]);
  });

  it("lets go of what is left of a failed one: the body of a refusal is cancelled after 64 KiB", async () => {
    const { wire, connection } = wired({ retry: false });
    let cancelled = 0;
    let read = 0;
    const endless = new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        pull(controller) {
          read++;
          controller.enqueue(new Uint8Array(16_384).fill(97));
        },
        cancel: () => void cancelled++,
      },
      { highWaterMark: 0 },
    );
    const end = get(connection);
    await wire.nextRequest();
    wire.respond(404, coded("ResourceNotFound"), endless);
    expect(await end).toMatchObject({ code: "ResourceNotFound" });
    expect([read, cancelled]).toEqual([4, 1]);
  });

  it("reads the bodies of successes that nobody wants, so that connections are free again", async () => {
    const { wire, connection } = wired();
    let ended = false;
    const body = bodyOfPieces([new Uint8Array([1]), new Uint8Array([2])], "ends", () => (ended = true));
    const end = ending(create(connection, { path, size: 0 }));
    await wire.nextRequest();
    wire.respond(201, {}, body);
    expect(await end).toMatchObject({ created: true });
    expect(ended).toBe(true);
  });
});
