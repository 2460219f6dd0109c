/** What answers say of files and directories: every header becomes a field, and nothing is made up where there is none. */
import { describe, expect, it } from "vitest";
import * as directories from "../../../src/services/directories.js";
import * as files from "../../../src/services/files.js";
import type { Connection } from "../../../src/types/connection.js";
import { wired } from "../wire-double.js";

/** Every header that tells of an item, with values of a version that nobody knows yet among them. */
const item = {
  etag: '"0x8DE52D76982ECD0"',
  "last-modified": "Tue, 13 Jan 2026 19:10:27 GMT",
  "x-ms-file-attributes": "Archive | Sparkling",
  "x-ms-file-creation-time": "2026-01-13T19:10:27.4823376Z",
  "x-ms-file-last-write-time": "2026-01-13T19:10:28.4823377Z",
  "x-ms-file-change-time": "2026-01-13T19:10:29.4823378Z",
  "x-ms-file-id": "18446744073709551615",
  "x-ms-file-parent-id": "13835128424026341376",
  "x-ms-file-permission-key": "1*2",
  "x-ms-owner": "1",
  "x-ms-group": "2",
  "x-ms-mode": "0640",
  "x-ms-file-file-type": "Fifo",
  "x-ms-request-id": "request",
};
const itemFacts = {
  etag: '"0x8DE52D76982ECD0"',
  lastModified: new Date("2026-01-13T19:10:27Z"),
  attributes: "Archive | Sparkling",
  creationTime: "2026-01-13T19:10:27.4823376Z",
  lastWriteTime: "2026-01-13T19:10:28.4823377Z",
  changeTime: "2026-01-13T19:10:29.4823378Z",
  fileId: "18446744073709551615",
  parentId: "13835128424026341376",
  permissionKey: "1*2",
  owner: "1",
  group: "2",
  mode: "0640",
  fileType: "Fifo",
  requestId: "request",
};
const written = { ...item, "x-ms-request-server-encrypted": "true", "x-ms-link-count": "3" };
const stored = {
  ...item,
  "content-type": "a/b",
  "content-encoding": "br",
  "content-language": "de",
  "content-disposition": "inline",
  "cache-control": "no-store",
  "content-md5": "AAAAAAAAAAAAAAAAAAAAAA==",
  "content-length": "4398046511104",
  "accept-ranges": "bytes",
  "x-ms-meta-k": "v",
  "x-ms-lease-status": "locked",
  "x-ms-lease-state": "leased",
  "x-ms-lease-duration": "infinite",
  "x-ms-server-encrypted": "true",
  "x-ms-link-count": "3",
  "x-ms-copy-id": "copy",
  "x-ms-copy-status": "failed",
  "x-ms-copy-source": "https://host/a",
  "x-ms-copy-progress": "1/2",
  "x-ms-copy-completion-time": "Tue, 13 Jan 2026 19:10:28 GMT",
  "x-ms-copy-status-description": "500 OperationCancelled",
};
const fileFacts = {
  ...itemFacts,
  size: 4_398_046_511_104,
  content: {
    type: "a/b",
    encoding: "br",
    language: "de",
    disposition: "inline",
    cacheControl: "no-store",
    md5: "AAAAAAAAAAAAAAAAAAAAAA==",
  },
  metadata: { k: "v" },
  leaseStatus: "locked",
  leaseState: "leased",
  leaseDuration: "infinite",
  serverEncrypted: true,
  linkCount: 3,
  copy: {
    id: "copy",
    status: "failed",
    source: "https://host/a",
    progress: "1/2",
    completedOn: new Date("2026-01-13T19:10:28Z"),
    statusDescription: "500 OperationCancelled",
  },
};
const metadataFacts = { metadata: { k: "v" }, etag: itemFacts.etag, lastModified: itemFacts.lastModified, requestId: "request" };
const nothing = (facts: object): Record<string, undefined> => Object.fromEntries(Object.keys(facts).map((name) => [name, undefined]));
const all = { type: "", encoding: "", language: "", disposition: "", cacheControl: "", md5: "" };
const path = "a";

/** An operation, the status of its success, the headers of an answer, and what that is to become. */
const operations: readonly (readonly [string, (connection: Connection) => Promise<unknown>, number, Record<string, string>, object])[] = [
  [
    "files.create",
    (c) => files.create(c, { path, size: 1 }),
    201,
    { ...written, "content-md5": "AA==", "x-ms-structured-body": "XSM/2.0" },
    { ...itemFacts, created: true, contentMd5: "AA==", structuredBody: "XSM/2.0", serverEncrypted: true },
  ],
  ["files.getProperties", (c) => files.getProperties(c, { path }), 200, stored, fileFacts],
  ["files.getMetadata", (c) => files.getMetadata(c, { path }), 200, stored, metadataFacts],
  [
    "files.setProperties",
    (c) => files.setProperties(c, { path, content: all }),
    200,
    written,
    { ...itemFacts, linkCount: 3, serverEncrypted: true },
  ],
  [
    "files.setMetadata",
    (c) => files.setMetadata(c, { path, metadata: {} }),
    200,
    written,
    { ...itemFacts, linkCount: 3, serverEncrypted: true },
  ],
  ["files.delete", (c) => files.delete(c, { path }), 202, written, { linkCount: 3, requestId: "request" }],
  ["files.rename", (c) => files.rename(c, { path, to: "b" }), 200, written, { ...itemFacts, serverEncrypted: true }],
  [
    "files.putRange",
    (c) => files.putRange(c, { path, offset: 0, body: "x" }),
    201,
    { ...written, "content-md5": "AA==", "x-ms-content-crc64": "BB==", "x-ms-structured-body": "XSM/2.0" },
    {
      etag: itemFacts.etag,
      lastModified: itemFacts.lastModified,
      lastWriteTime: itemFacts.lastWriteTime,
      contentMd5: "AA==",
      contentCrc64: "BB==",
      structuredBody: "XSM/2.0",
      serverEncrypted: true,
      requestId: "request",
    },
  ],
  [
    "files.createHardLink",
    (c) => files.createHardLink(c, { path, existing: "b" }),
    201,
    written,
    { ...itemFacts, linkCount: 3, serverEncrypted: true },
  ],
  [
    "files.createSymbolicLink",
    (c) => files.createSymbolicLink(c, { path, text: "b" }),
    201,
    written,
    { ...itemFacts, serverEncrypted: true },
  ],
  ["files.abortCopy", (c) => files.abortCopy(c, { path, copyId: "id" }), 204, item, { requestId: "request" }],
  ["directories.create", (c) => directories.create(c, { path }), 201, written, { ...itemFacts, created: true, serverEncrypted: true }],
  [
    "directories.getProperties",
    (c) => directories.getProperties(c, { path }),
    200,
    stored,
    { ...itemFacts, metadata: { k: "v" }, serverEncrypted: true },
  ],
  ["directories.getMetadata", (c) => directories.getMetadata(c, { path }), 200, stored, metadataFacts],
  ["directories.setProperties", (c) => directories.setProperties(c, { path }), 200, written, { ...itemFacts, serverEncrypted: true }],
  [
    "directories.setMetadata",
    (c) => directories.setMetadata(c, { path, metadata: {} }),
    200,
    written,
    { ...itemFacts, serverEncrypted: true },
  ],
  ["directories.rename", (c) => directories.rename(c, { path, to: "b" }), 200, written, { ...itemFacts, serverEncrypted: true }],
];

describe("an answer to", () => {
  it.each(operations)("%s becomes fields, all of it", async (operation, call, status, headers, facts) => {
    const { wire, connection } = wired();
    const end = call(connection);
    expect((await wire.nextRequest()).headers["x-ms-allow-trailing-dot"]).toBe(operation.endsWith("Link") ? undefined : "true");
    wire.respond(status, headers);
    expect(await end).toEqual(facts);
  });

  it.each(operations)("%s that a page sees nothing of leaves every field undefined", async (_, call, status, __, facts) => {
    const { wire, connection } = wired();
    const end = call(connection);
    await wire.nextRequest();
    wire.respond(status);
    const { metadata, content, created } = facts as { metadata?: object; content?: object; created?: boolean };
    expect(await end).toEqual({
      ...nothing(facts),
      ...(metadata && { metadata: {} }),
      ...(content && { content: nothing(content) }),
      created,
    });
  });

  it("files.read of a part tells the part's sum and the whole's, and how it came", async () => {
    const { wire, connection } = wired();
    const end = files.read(connection, {
      path,
      offset: 2,
      count: 3,
      rangeMd5: true,
      structuredBody: "XSM/1.0; properties=crc64",
      snapshot: "2026-01-01T00:00:00.0000000Z",
      leaseId: "lease",
    });
    const request = await wire.nextRequest();
    expect(request.query.get("sharesnapshot")).toBe("2026-01-01T00:00:00.0000000Z");
    expect(request.headers).toMatchObject({
      "x-ms-range": "bytes=2-4",
      "x-ms-range-get-content-md5": "true",
      "x-ms-structured-body": "XSM/1.0; properties=crc64",
      "x-ms-lease-id": "lease",
    });
    const part = {
      ...stored,
      "content-length": "3",
      "content-range": "bytes 2-4/9",
      "content-md5": "BB==",
      "x-ms-content-md5": "CC==",
      "x-ms-structured-body": "XSM/1.0; properties=crc64",
      "x-ms-structured-content-length": "3",
    };
    const { "content-encoding": __, ...headers } = part;
    wire.respond(206, headers, "cde");
    const content = await end;
    expect(content).toMatchObject({
      ...fileFacts,
      size: 9,
      content: { ...fileFacts.content, encoding: undefined, md5: "CC==" },
      contentMd5: "BB==",
      acceptRanges: "bytes",
      structuredBody: "XSM/1.0; properties=crc64",
      structuredContentLength: 3,
    });
    expect(await content.text()).toBe("cde");
  });

  it("directories.delete says which request it was, alone and after all that was in it", async () => {
    for (const recursive of [false, true]) {
      const { wire, connection } = wired();
      const end = directories.delete(connection, { path, recursive });
      if (recursive) {
        await wire.nextRequest();
        wire.respond(200, { "x-ms-request-id": "listing" }, "<EnumerationResults><Entries /><NextMarker /></EnumerationResults>");
      }
      await wire.nextRequest();
      wire.respond(202, { "x-ms-request-id": "request" });
      expect(await end).toEqual({ deleted: 1, requestId: "request" });
    }
  });
});

describe("a request", () => {
  it("to create a file says every option once, and brings the beginning of the content", async () => {
    const { wire, connection } = wired();
    const end = files.create(connection, {
      path,
      size: 10,
      body: "hello",
      contentMd5: "XUFAKrxLKna5cZ2REBfFkg==",
      structuredBody: { format: "XSM/1.0; properties=crc64", contentLength: 5 },
      content: { type: "a/b", encoding: "br", language: "de", disposition: "inline", cacheControl: "no-store", md5: "AA==" },
      metadata: { k: "v" },
      nfs: { owner: "1", group: "2", mode: "0640" },
      fileType: "Regular",
      propertySemantics: "Restore",
      leaseId: "lease",
    });
    const request = await wire.nextRequest();
    expect(request.headers).toMatchObject({
      "x-ms-type": "file",
      "x-ms-content-length": "10",
      "x-ms-content-type": "a/b",
      "x-ms-content-encoding": "br",
      "x-ms-content-language": "de",
      "x-ms-content-disposition": "inline",
      "x-ms-cache-control": "no-store",
      "x-ms-content-md5": "AA==",
      "content-md5": "XUFAKrxLKna5cZ2REBfFkg==",
      "x-ms-structured-body": "XSM/1.0; properties=crc64",
      "x-ms-structured-content-length": "5",
      "x-ms-meta-k": "v",
      "x-ms-owner": "1",
      "x-ms-group": "2",
      "x-ms-mode": "0640",
      "x-ms-file-file-type": "Regular",
      "x-ms-file-property-semantics": "Restore",
      "x-ms-lease-id": "lease",
    });
    expect(request.body).toEqual(new TextEncoder().encode("hello"));
    wire.respond(201);
    await end;
  });

  it("to create a file with more than 4 MiB is refused before the network", async () => {
    const { wire, connection } = wired();
    await expect(files.create(connection, { path, size: 9_000_000, body: new Uint8Array(4_194_305) })).rejects.toThrow(RangeError);
    expect(wire.requests).toEqual([]);
  });

  it("of the root of a share needs no path", async () => {
    const { wire, connection } = wired();
    for (const [call, query] of [
      [directories.getProperties, "restype=directory"],
      [directories.getMetadata, "restype=directory&comp=metadata"],
    ] as const) {
      const end = call(connection);
      expect((await wire.nextRequest()).url).toBe(`https://account.file.core.windows.net/share?${query}`);
      wire.respond(200);
      await end;
    }
  });

  it("for properties or metadata takes GET or HEAD, and a snapshot", async () => {
    const { wire, connection } = wired();
    const snapshot = "2026-01-01T00:00:00.0000000Z";
    for (const method of ["GET", "HEAD"] as const) {
      for (const call of [directories.getProperties, directories.getMetadata, files.getMetadata]) {
        const end = call(connection, { path, snapshot, method });
        const request = await wire.nextRequest();
        expect([request.method, request.query.get("sharesnapshot")]).toEqual([method, snapshot]);
        wire.respond(200);
        await end;
      }
    }
  });
});
