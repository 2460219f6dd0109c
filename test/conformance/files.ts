/** Operations on whole files; ranges and transfers have files of their own. */
import { derive } from "azure-files";
import * as directories from "azure-files/directories";
import * as files from "azure-files/files";
import { type Case, inShare } from "./case.js";
import { deepEqual, equal, ok, rejects, sameBytes } from "./check.js";
import { bytesOf } from "./content.js";
import { asInPage } from "./wire.js";

const path = "file.bin";
const missing = { name: "ServiceError", status: 404, code: "ResourceNotFound" };
const noParent = { name: "ServiceError", status: 404, code: "ParentNotFound" };

/** What is stored with a file: three headers that every page sees, and three that it sees only where a rule exposes them. */
const stored = { type: "text/plain", language: "de", cacheControl: "no-store" } as const;
const storedHidden = { encoding: "x-own", disposition: 'attachment; filename="a.txt"', md5: "AQIDBAUGBwgJCgsMDQ4PEA==" } as const;

export const fileCases: readonly Case[] = [
  inShare("files.create makes a file of zeros with what is stored with it", async ({ connection }) => {
    const made = await files.create(connection, { path, size: 1000, content: stored, metadata: { Name: "value" } });
    equal(made.created, true);
    const properties = await files.getProperties(connection, { path });
    equal(properties.size, 1000);
    equal(properties.content.type, "text/plain");
    equal(properties.content.language, "de");
    equal(properties.content.cacheControl, "no-store");
    deepEqual(properties.metadata, { name: "value" });
    equal(properties.attributes, "Archive");
    equal(properties.etag, made.etag);
    equal(properties.fileId, made.fileId);
    equal(properties.leaseStatus, "unlocked");
    equal(properties.serverEncrypted, true);
    sameBytes(await (await files.read(connection, { path })).bytes(), new Uint8Array(1000));
  }),

  inShare("files.create empties a file that is there and needs its parent", async ({ connection }) => {
    await files.write(connection, { path, body: "before", content: stored, metadata: { a: "b" } });
    await files.create(connection, { path, size: 6 });
    const { content, metadata } = await files.getProperties(connection, { path });
    equal(content.type, "application/octet-stream");
    equal(content.language, undefined);
    deepEqual(metadata, {});
    sameBytes(await (await files.read(connection, { path })).bytes(), new Uint8Array(6));
    await rejects(files.create(connection, { path: "a/b", size: 0 }), noParent);
    await directories.create(connection, { path: "a" });
    await rejects(files.create(connection, { path: "a", size: 0 }), { name: "ServiceError", status: 409, code: "ResourceTypeMismatch" });
  }),

  inShare("files.create says attributes and times as they were given", async ({ connection }) => {
    const smb = {
      attributes: "Hidden|NotContentIndexed",
      creationTime: "2001-02-03T04:05:06.7890123Z",
      lastWriteTime: "2002-02-03T04:05:06.7890123Z",
      changeTime: "2003-02-03T04:05:06.7890123Z",
    };
    await files.create(connection, { path, size: 0, smb });
    const properties = await files.getProperties(connection, { path });
    // Archive is forced on for new files, since version 2026-06-06.
    deepEqual(properties.attributes?.split(/ ?\| ?/).toSorted(), ["Archive", "Hidden", "NotContentIndexed"]);
    equal(properties.creationTime, smb.creationTime);
    equal(properties.lastWriteTime, smb.lastWriteTime);
    equal(properties.changeTime, smb.changeTime);
  }),

  inShare("files.createIfMissing leaves a file alone", async ({ connection }) => {
    await files.write(connection, { path, body: "kept" });
    equal((await files.createIfMissing(connection, { path, size: 99 })).created, false);
    equal(await (await files.read(connection, { path })).text(), "kept");
    equal((await files.createIfMissing(connection, { path: "new", size: 9 })).created, true);
    equal((await files.getProperties(connection, { path: "new" })).size, 9);
    await rejects(files.createIfMissing(connection, { path: "a/b", size: 9 }), noParent);
  }),

  inShare("files.exists knows files from directories and from nothing", async ({ connection }) => {
    await files.create(connection, { path, size: 0 });
    await directories.create(connection, { path: "a" });
    equal(await files.exists(connection, { path }), true);
    equal(await files.exists(connection, { path: path.toUpperCase() }), true);
    equal(await files.exists(connection, { path: "a" }), false);
    equal(await files.exists(connection, { path: "b" }), false);
    equal(await files.exists(connection, { path: "a/b/c" }), false);
  }),

  inShare("files.getProperties refuses what is missing, although a HEAD says little", async ({ connection }) => {
    await rejects(files.getProperties(connection, { path }), missing);
    await rejects(files.getProperties(connection, { path: `a/${path}` }), noParent);
    await rejects(files.getProperties(connection, { path, share: "no-such-share" }), { ...missing, code: "ShareNotFound" });
    await rejects(files.getProperties(connection, { path, snapshot: "2020-01-01T00:00:00.0000000Z" }), {
      ...missing,
      code: "ShareSnapshotNotFound",
    });
  }),

  inShare(
    "files.setProperties changes what is said and nothing else",
    async ({ connection, wire }) => {
      await files.create(connection, { path, size: 10, content: { ...stored, ...storedHidden }, metadata: { a: "b" } });
      const before = await files.getProperties(connection, { path });
      await files.setProperties(connection, { path, content: { type: "text/html" } });
      let now = await files.getProperties(connection, { path });
      deepEqual(now.content, { ...before.content, type: "text/html" });
      equal(now.size, 10);
      deepEqual(now.metadata, { a: "b" });

      await files.setProperties(connection, { path, smb: { attributes: "Hidden" } });
      now = await files.getProperties(connection, { path });
      deepEqual(now.content, { ...before.content, type: "text/html" });
      equal(now.attributes, "Hidden");
      equal(now.creationTime, before.creationTime);

      wire.clear();
      await files.setProperties(connection, { path, size: 3 });
      equal(wire.count(), 1);
      now = await files.getProperties(connection, { path });
      equal(now.size, 3);
      deepEqual(now.content, { ...before.content, type: "text/html" });

      await files.setProperties(connection, { path, size: 4, content: { language: "" } });
      now = await files.getProperties(connection, { path });
      equal(now.size, 4);
      deepEqual(now.content, { ...before.content, type: "text/html", language: undefined });

      wire.clear();
      await files.setProperties(connection, { path, content: { ...stored, ...storedHidden } });
      equal(wire.count(), 1);
      deepEqual((await files.getProperties(connection, { path })).content, before.content);
    },
    ["allHeaders"],
  ),

  inShare("files.setProperties changes nothing where a page cannot see what it would clear", async ({ connection, wire }) => {
    await files.create(connection, { path, size: 10, content: { ...stored, ...storedHidden } });
    const page = derive(connection, { middleware: [wire.middleware, asInPage(/^(x-ms-.*|etag)$/)] });
    await rejects(files.setProperties(page, { path, content: { type: "text/html" } }), {
      name: "TypeError",
      message: /content\.encoding, content\.disposition, content\.md5/,
    });
    equal(wire.count("Set File Properties"), 0);
    await files.setProperties(page, { path, content: { type: "text/html", encoding: "", disposition: "inline", md5: "" } });
    const { content } = await files.getProperties(connection, { path });
    deepEqual([content.type, content.language, content.cacheControl, content.encoding], ["text/html", "de", "no-store", undefined]);
  }),

  inShare("files.setProperties grows with zeros, cuts, and refuses what is missing", async ({ connection }) => {
    const body = bytesOf(1000);
    await files.write(connection, { path, body });
    await files.setProperties(connection, { path, size: 600 });
    await files.setProperties(connection, { path, size: 800 });
    const expected = new Uint8Array(800);
    expected.set(body.subarray(0, 600));
    sameBytes(await (await files.read(connection, { path })).bytes(), expected);
    await rejects(files.setProperties(connection, { path: "other", size: 1 }), missing);
    await rejects(files.setProperties(connection, { path, size: 1, leaseId: "11111111-2222-3333-4444-555555555555" }), {
      name: "ServiceError",
      status: 412,
      code: "LeaseNotPresentWithFileOperation",
    });
  }),

  inShare("files.setMetadata replaces all of it", async ({ connection }) => {
    const made = await files.create(connection, { path, size: 0, metadata: { a: "1", b: "2" }, content: stored });
    const changed = await files.setMetadata(connection, { path, metadata: { B: "3", _c: "with spaces = and ; signs" } });
    ok(changed.etag !== undefined && changed.etag !== made.etag, "a new version");
    const properties = await files.getProperties(connection, { path });
    deepEqual(properties.metadata, { b: "3", _c: "with spaces = and ; signs" });
    equal(properties.content.type, "text/plain");
    equal(properties.etag, changed.etag);
    await files.setMetadata(connection, { path, metadata: {} });
    deepEqual((await files.getProperties(connection, { path })).metadata, {});
    await rejects(files.setMetadata(connection, { path: "other", metadata: {} }), missing);
  }),

  inShare("files.delete takes a file, once", async ({ connection }) => {
    await files.create(connection, { path, size: 0 });
    ok((await files.delete(connection, { path })).requestId, "request id");
    equal(await files.exists(connection, { path }), false);
    await rejects(files.delete(connection, { path }), missing);
    await rejects(files.delete(connection, { path: "a/b" }), noParent);
    await files.create(connection, { path, size: 0, smb: { attributes: "ReadOnly" } });
    await rejects(files.delete(connection, { path }), { name: "ServiceError", status: 409, code: "ReadOnlyAttribute" });
  }),

  inShare("files.write and files.read carry every form of bytes", async ({ connection }) => {
    const bytes = bytesOf(1234, 7);
    const wide = new Uint8Array(2000);
    wide.set(bytes, 100);
    const bodies = {
      bytes,
      "a part of a buffer": wide.subarray(100, 1334),
      ArrayBuffer: bytes.buffer,
      DataView: new DataView(wide.buffer, 100, 1234),
      Uint16Array: new Uint16Array(bytes.buffer),
      Blob: new Blob([bytes], { type: "image/png" }),
      File: new File([bytes], "name.bin", { type: "image/png" }),
    };
    for (const [name, body] of Object.entries(bodies)) {
      const written = await files.write(connection, { path, body, content: { type: "application/x-own" } });
      equal(written.size, 1234, name);
      equal(written.path, path);
      const found = await files.read(connection, { path });
      equal(found.etag, written.etag, name);
      equal(found.content.type, "application/x-own");
      equal(found.size, 1234);
      sameBytes(await found.bytes(), bytes, name);
    }
    await files.write(connection, { path, body: "größer 🎈" });
    equal(await (await files.read(connection, { path })).text(), "größer 🎈");
    const blob = await (await files.read(connection, { path })).blob();
    equal(blob.type, "application/octet-stream");
    equal(await blob.text(), "größer 🎈");
  }),

  inShare("files.write takes one range below 4 MiB, several above, none for nothing", async ({ connection, wire }) => {
    const mebibyte = 1024 * 1024;
    for (const [size, ranges] of [
      [0, 0],
      [1, 1],
      [4 * mebibyte - 1, 1],
      [4 * mebibyte, 1],
      [4 * mebibyte + 1, 2],
    ] as const) {
      const body = bytesOf(size, size);
      wire.clear();
      equal((await files.write(connection, { path, body })).size, size);
      equal(wire.count("Create File"), 1);
      equal(wire.count("Put Range"), ranges, `ranges of ${size} bytes`);
      sameBytes(await (await files.read(connection, { path })).bytes(), body);
    }
    await rejects(files.write(connection, { path: "a/b", body: "x" }), noParent);
  }),

  inShare("files.read gives a part, tells the whole, and refuses what is missing", async ({ connection }) => {
    const body = bytesOf(2000);
    await files.write(connection, { path, body });
    const part = await files.read(connection, { path, offset: 500, count: 100 });
    equal(part.size, 2000);
    sameBytes(await part.bytes(), body.subarray(500, 600));
    sameBytes(await (await files.read(connection, { path, offset: 1990 })).bytes(), body.subarray(1990));
    sameBytes(await (await files.read(connection, { path, count: 5 })).bytes(), body.subarray(0, 5));
    sameBytes(await (await files.read(connection, { path, offset: 1990, count: 100 })).bytes(), body.subarray(1990));
    await rejects(files.read(connection, { path, offset: 2000 }), { name: "ServiceError", status: 416, code: "InvalidRange" });
    await rejects(files.read(connection, { path: "other" }), missing);
    await rejects(files.read(connection, { path: "a/other" }), noParent);
  }),

  inShare("files.read gives its body as it comes, and lets go of it", async ({ connection }) => {
    const body = bytesOf(300_000);
    await files.write(connection, { path, body });
    const { body: stream } = await files.read(connection, { path });
    const reader = stream.getReader();
    const { value } = await reader.read();
    ok(value !== undefined && value.byteLength > 0, "a first piece");
    await reader.cancel();
    for (const form of ["bytes", "text", "blob"] as const) {
      const controller = new AbortController();
      const reason = new Error("enough");
      const aborted = await files.read(connection, { path, signal: controller.signal });
      controller.abort(reason);
      equal(await rejects(aborted[form](), { message: /enough/ }), reason, form);
    }
  }),
];
