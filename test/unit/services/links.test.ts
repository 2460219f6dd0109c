/** Links on NFS shares: texts as they are sent and read, and what both kinds of links are. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as files from "../../../src/services/files.js";
import * as shares from "../../../src/services/shares.js";
import { ending, wired } from "../wire-double.js";
import { emulated } from "./emulated.js";

describe("createSymbolicLink", () => {
  it("says every option once", async () => {
    const { wire, connection } = wired();
    const end = files.createSymbolicLink(connection, {
      path: "d/link",
      text: "../a b.txt",
      metadata: { k: "v" },
      creationTime: "2020-01-01T00:00:00.1234567Z",
      lastWriteTime: "now",
      owner: "1",
      group: "2",
      leaseId: "lease",
    });
    const request = await wire.nextRequest();
    expect([request.method, request.url]).toEqual(["PUT", "https://account.file.core.windows.net/share/d/link?restype=symboliclink"]);
    // Nothing about dots: links do not know that header.
    expect(request.headers).toEqual({
      "x-ms-version": "2026-10-06",
      "x-ms-link-text": "../a b.txt",
      "x-ms-meta-k": "v",
      "x-ms-file-creation-time": "2020-01-01T00:00:00.1234567Z",
      "x-ms-file-last-write-time": "now",
      "x-ms-owner": "1",
      "x-ms-group": "2",
      "x-ms-lease-id": "lease",
    });
    wire.respond(201, { "x-ms-file-file-type": "SymLink", "x-ms-mode": "0777", "x-ms-file-id": "11529285414812647424" });
    expect(await end).toMatchObject({ fileType: "SymLink", mode: "0777", fileId: "11529285414812647424", owner: undefined });
  });

  it.each([
    ["/usr/my file;(1)[2]\"'", "/usr/my file;(1)[2]\"'"],
    ["100%", "100%25"],
    ["a%20b", "a%2520b"],
    ["für 漢\u{1F30D}", "f%C3%BCr %E6%BC%A2%F0%9F%8C%8D"],
    [" a\tb\r\n ", "%20a%09b%0D%0A%20"],
  ])("sends %j as a header can carry it", async (text, header) => {
    const { wire, connection } = wired();
    const end = files.createSymbolicLink(connection, { path: "link", text });
    expect((await wire.nextRequest()).headers["x-ms-link-text"]).toBe(header);
    wire.respond(201);
    await end;
  });

  it.each([
    ["", TypeError],
    [7 as unknown as string, TypeError],
    ["\uD800", TypeError],
    ["ü".repeat(342), RangeError],
  ])("of %j is refused before the network", async (text, kind) => {
    const { wire, connection } = wired();
    expect(await ending(files.createSymbolicLink(connection, { path: "link", text }))).toBeInstanceOf(kind);
    expect(wire.requests).toEqual([]);
  });
});

describe("links", () => {
  it("give any text back", async () => {
    const { connection } = await emulated("NFS");
    let links = 0;
    const text = fc.string({ unit: "binary", minLength: 1, maxLength: 40 });
    const tricky = fc
      .array(fc.constantFrom("%", "25", "2F", "%20", "/", "#", "?", " ", "ü", "\t", "+"), { minLength: 1 })
      .map((parts) => parts.join(""));
    const property = fc.asyncProperty(fc.oneof(text, tricky), async (said) => {
      const path = `link-${++links}`;
      await files.createSymbolicLink(connection, { path, text: said });
      expect((await files.getSymbolicLink(connection, { path })).text).toBe(said);
    });
    await fc.assert(property, { numRuns: 300, seed: 20261123 });
  });

  it.each([
    ["APath", "APath"],
    ["some%2Ftarget%20%C3%BC", "some/target ü"],
    ["100%25", "100%"],
    ["100%", "100%"],
    ["a%252520b", "a%20b"],
    ["", ""],
  ])("that somebody else made are read from %j as %j", async (header, text) => {
    const { wire, connection } = wired();
    const end = files.getSymbolicLink(connection, { path: "link", snapshot: "2026-01-01T00:00:00.0000000Z" });
    const request = await wire.nextRequest();
    expect([request.method, ...request.query.values()]).toEqual(["GET", "symboliclink", "2026-01-01T00:00:00.0000000Z"]);
    wire.respond(200, { "x-ms-link-text": header, etag: '"1"', "x-ms-request-id": "id" });
    expect(await end).toEqual({ text, etag: '"1"', lastModified: undefined, requestId: "id" });
  });

  it("are read in a snapshot, too, and are no files to a reader of links", async () => {
    const { connection } = await emulated("NFS");
    await files.createSymbolicLink(connection, { path: "link", text: "old" });
    const { snapshot } = await shares.createSnapshot(connection);
    await files.delete(connection, { path: "link" });
    await files.create(connection, { path: "link", size: 0 });
    expect((await files.getSymbolicLink(connection, { path: "link", snapshot })).text).toBe("old");
    expect(await ending(files.getSymbolicLink(connection, { path: "link" }))).toMatchObject({
      name: "ServiceError",
      code: "ResourceTypeMismatch",
    });
  });
});

describe("createHardLink", () => {
  it("names the file as it is called, and tells how many names it has", async () => {
    const { connection } = await emulated("NFS");
    const existing = "ü 100% #1.txt";
    const { fileId, creationTime } = await files
      .write(connection, { path: existing, body: "hello", nfs: { mode: "0600" } })
      .then(() => files.getProperties(connection, { path: existing }));
    const link = await files.createHardLink(connection, { path: "twin", existing });
    expect(link).toMatchObject({ fileId, creationTime, linkCount: 2, mode: "0600", fileType: "Regular", serverEncrypted: false });
    expect((await files.getProperties(connection, { path: existing })).linkCount).toBe(2);
    expect(await (await files.read(connection, { path: "twin" })).text()).toBe("hello");
    expect(await files.delete(connection, { path: existing })).toMatchObject({ linkCount: 1, requestId: expect.any(String) });
  });

  it("says its options once, and where nothing has to be encoded the name as it is", async () => {
    const { wire, connection } = wired();
    const end = files.createHardLink(connection, { path: "d/twin", existing: "d/a file.txt", leaseId: "lease" });
    const request = await wire.nextRequest();
    expect([request.method, request.query.get("restype")]).toEqual(["PUT", "hardlink"]);
    expect(request.headers).toEqual({
      "x-ms-version": "2026-10-06",
      "x-ms-type": "file",
      "x-ms-file-target-file": "d/a file.txt",
      "x-ms-lease-id": "lease",
    });
    wire.respond(201, { "x-ms-link-count": "2" });
    expect(await end).toMatchObject({ linkCount: 2 });
    expect(await ending(files.createHardLink(connection, { path: "twin", existing: "" }))).toBeInstanceOf(TypeError);
  });
});
