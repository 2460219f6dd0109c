/** Operations on files, as far as the service cannot show them: what is sent, and in which order. */
import { describe, expect, it } from "vitest";
import { ServiceError } from "../../../src/errors.js";
import * as files from "../../../src/services/files.js";
import { turn } from "../virtual-clock.js";
import { bytesOf, coded, ending, wired } from "../wire-double.js";

const MiB = 1024 * 1024;
const path = "file.bin";
const stored = {
  "content-type": "text/plain",
  "content-encoding": "br",
  "content-language": "de",
  "content-disposition": "inline",
  "cache-control": "no-cache",
  "content-md5": "DMF1ucDxtqgxw5niaXcmYQ==",
  "content-length": "5",
};

describe("setProperties", () => {
  it("keeps the stored headers that it is not given, by reading them first", async () => {
    const { wire, connection } = wired();
    const end = ending(
      files.setProperties(connection, { path, content: { type: "text/html", language: "", cacheControl: undefined }, leaseId: "lease" }),
    );
    const head = await wire.nextRequest();
    expect([head.method, head.headers["x-ms-lease-id"]]).toEqual(["HEAD", "lease"]);
    wire.respond(200, stored);
    const request = await wire.nextRequest();
    expect(request.query.get("comp")).toBe("properties");
    expect(request.headers).toEqual({
      "x-ms-version": "2026-10-06",
      "x-ms-allow-trailing-dot": "true",
      "x-ms-lease-id": "lease",
      "x-ms-content-type": "text/html",
      "x-ms-content-encoding": "br",
      "x-ms-content-disposition": "inline",
      "x-ms-cache-control": "no-cache",
      "x-ms-content-md5": "DMF1ucDxtqgxw5niaXcmYQ==",
    });
    wire.respond(200);
    expect(await end).not.toBeInstanceOf(Error);
  });

  it("is one request where only the size changes, or all six are given", async () => {
    const all = { type: "a/b", encoding: "", language: "", disposition: "", cacheControl: "", md5: "" };
    for (const changes of [{ size: 7 }, { content: all }, { size: 0, content: all }]) {
      const { wire, connection } = wired();
      const end = ending(files.setProperties(connection, { path, ...changes }));
      const request = await wire.nextRequest();
      expect(request.operation).toBe("Set File Properties");
      expect(request.headers["x-ms-content-length"]).toBe(changes.size === undefined ? undefined : String(changes.size));
      expect(request.headers["x-ms-content-type"]).toBe(changes.content && "a/b");
      wire.respond(200);
      await end;
      expect(wire.requests).toHaveLength(1);
    }
  });

  it("wants what a page cannot see to be given, before it clears anything", async () => {
    const { wire, connection } = wired();
    const end = ending(files.setProperties(connection, { path, content: { type: "text/html", disposition: "" } }));
    const head = await wire.nextRequest();
    head.answer(Object.defineProperty(new Response(null, { headers: { "content-type": "text/plain" } }), "type", { value: "cors" }));
    expect(await end).toEqual(
      new TypeError(
        'content.encoding, content.md5 must be given ("" for none): a page cannot see whether the file has them, and the operation would clear them',
      ),
    );
    expect(await wire.waiting()).toBe(0);
  });
});

describe("write", () => {
  it("creates and then puts ranges of 4 MiB, four at once", async () => {
    const body = new Uint8Array(9 * 4 * MiB + 5);
    const { wire, connection } = wired();
    const end = ending(
      files.write(connection, { path, body, metadata: { k: "v" }, smb: { lastWriteTime: "2020-01-01T00:00:00.0000000Z" } }),
    );
    const created = await wire.nextRequest();
    expect([created.headers["x-ms-content-length"], created.headers["x-ms-meta-k"]]).toEqual([String(body.length), "v"]);
    expect(await wire.waiting()).toBe(0);
    wire.respond(201);
    let total = 0;
    for (let left = 10; left > 0;) {
      const waiting = await wire.waiting();
      expect(waiting).toBe(Math.min(4, left));
      for (let index = 0; index < waiting; index++, left--) {
        const request = await wire.nextRequest();
        total += (await bytesOf(request.body)).length;
        // The time that was asked for is not replaced by that of the ranges.
        expect(request.headers["x-ms-file-last-write-time"]).toBe("Preserve");
      }
      for (let index = 0; index < waiting; index++) wire.respond(201, { etag: `"0x${left}${index}"` });
    }
    expect(await end).toMatchObject({ path, size: body.length });
    expect(total).toBe(body.length);
  });

  it("starts no further range after one failed", async () => {
    const { wire, connection } = wired({ retry: false });
    const end = ending(files.write(connection, { path, body: new Uint8Array(10 * 4 * MiB) }));
    await wire.nextRequest();
    wire.respond(201);
    const ranges = [await wire.nextRequest(), await wire.nextRequest(), await wire.nextRequest(), await wire.nextRequest()];
    ranges[0]?.respond(403, coded("AuthorizationFailure"));
    expect(await end).toMatchObject({ code: "AuthorizationFailure", operation: "Put Range" });
    for (const range of ranges.slice(1)) range.respond(201);
    await turn();
    expect(wire.requests).toHaveLength(5);
  });

  it("of nothing is one request", async () => {
    const { wire, connection } = wired();
    const end = ending(files.write(connection, { path, body: "" }));
    await wire.nextRequest();
    wire.respond(201, { etag: '"1"' });
    expect(await end).toEqual({ path, size: 0, etag: '"1"', lastModified: undefined });
    expect(wire.requests).toHaveLength(1);
  });
});

describe("createIfMissing and exists", () => {
  it("look first, and create only where there is nothing", async () => {
    const { wire, connection } = wired();
    const there = ending(files.createIfMissing(connection, { path, size: 5 }));
    await wire.nextRequest();
    wire.respond(200, { etag: '"1"' });
    expect(await there).toMatchObject({ created: false, etag: '"1"' });
    const missing = ending(files.createIfMissing(connection, { path, size: 5 }));
    await wire.nextRequest();
    wire.respond(404, coded("ResourceNotFound"));
    expect((await wire.nextRequest()).operation).toBe("Create File");
    wire.respond(201);
    expect(await missing).toMatchObject({ created: true });
    const refused = ending(files.createIfMissing(connection, { path, size: 5 }));
    await wire.nextRequest();
    wire.respond(403, coded("AuthorizationPermissionMismatch"));
    expect(await refused).toBeInstanceOf(ServiceError);
    expect(await wire.waiting()).toBe(0);
  });

  it("of a HEAD without any header but its status is told all the same", async () => {
    for (const [status, expected] of [
      [200, true],
      [404, false],
    ] as const) {
      const { wire, connection } = wired();
      const end = ending(files.exists(connection, { path }));
      await wire.nextRequest();
      wire.respond(status);
      expect(await end).toBe(expected);
    }
  });
});

describe("read", () => {
  it.each([
    [{}, undefined],
    [{ offset: 0 }, undefined],
    [{ offset: 5 }, "bytes=5-"],
    [{ count: 5 }, "bytes=0-4"],
    [{ offset: 5, count: 1 }, "bytes=5-5"],
    [{ count: 100 * MiB }, "bytes=0-104857599"],
  ])("of %j asks for %s", async (request, range) => {
    const { wire, connection } = wired();
    const end = ending(files.read(connection, { path, ...request }));
    expect((await wire.nextRequest()).headers["x-ms-range"]).toBe(range);
    wire.respond(
      range === undefined ? 200 : 206,
      { "content-length": "3", "content-range": "bytes 0-2/900", "content-type": "text/plain" },
      "abc",
    );
    const content = (await end) as files.FileContent;
    expect(content.size).toBe(range === undefined ? 3 : 900);
    const blob = await content.blob();
    expect([blob.type, await blob.text()]).toEqual(["text/plain", "abc"]);
  });
});

describe("ranges", () => {
  it("to clear and to list are asked for as they are said", async () => {
    const { wire, connection } = wired();
    const cleared = ending(files.clearRange(connection, { path, offset: 512, count: 1024 ** 4, lastWriteTime: "Preserve" }));
    expect((await wire.nextRequest()).headers).toMatchObject({
      "x-ms-write": "clear",
      "x-ms-range": "bytes=512-1099511628287",
      "x-ms-file-last-write-time": "Preserve",
    });
    wire.respond(201);
    expect(await cleared).not.toBeInstanceOf(Error);
    const listed = ending(files.listRanges(connection, { path, offset: 512 }));
    expect((await wire.nextRequest()).headers["x-ms-range"]).toBe("bytes=512-4398046511103");
    wire.respond(
      200,
      { "x-ms-content-length": "4096" },
      "<Ranges><Range><Start>512</Start><End>1023</End></Range><Range><Start>2048</Start><End>4095</End></Range></Ranges>",
    );
    expect(await listed).toMatchObject({
      size: 4096,
      ranges: [
        { start: 512, end: 1023 },
        { start: 2048, end: 4095 },
      ],
    });
    const none = ending(files.listRanges(connection, { path }));
    expect((await wire.nextRequest()).headers["x-ms-range"]).toBeUndefined();
    wire.respond(200, {}, "<Ranges />");
    expect(await none).toMatchObject({ ranges: [] });
  });

  it.each([
    () => files.putRange(wired().connection, { path, offset: 0, body: "" }),
    () => files.putRange(wired().connection, { path, offset: 0, body: new Uint8Array(4 * MiB + 1) }),
    () => files.putRange(wired().connection, { path, offset: -1, body: "a" }),
    () => files.clearRange(wired().connection, { path, offset: 0, count: 0 }),
    () => files.read(wired().connection, { path, count: 0 }),
    () => files.read(wired().connection, { path, offset: 0.5 }),
    () => files.create(wired().connection, { path, size: -1 }),
    () => files.create(wired().connection, { path, size: 4 * 1024 ** 4 + 1 }),
    () => files.setProperties(wired().connection, { path, size: NaN }),
  ])("outside the limits are a RangeError before the network (%#)", async (act) => {
    expect(await ending(act())).toBeInstanceOf(RangeError);
  });
});
