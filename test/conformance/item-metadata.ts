/** Metadata and properties of files and directories, handles, and ranges in pages. */
import * as directories from "azure-files/directories";
import * as files from "azure-files/files";
import * as shares from "azure-files/shares";
import { type Case, inShare } from "./case.js";
import { deepEqual, equal, ok, rejects } from "./check.js";
import { all } from "./content.js";

const refused = (status: number, code: string) => ({ name: "ServiceError", status, code });

export const itemMetadataCases: readonly Case[] = [
  inShare("files.getMetadata reads by GET and by HEAD, also in a snapshot", async ({ connection }) => {
    const path = "a";
    await files.create(connection, { path, size: 1, metadata: { k: "old" } });
    const { snapshot } = await shares.createSnapshot(connection);
    await files.setMetadata(connection, { path, metadata: { k: "new" } });
    const { etag } = await files.getProperties(connection, { path });
    for (const method of ["GET", "HEAD"] as const) {
      const found = await files.getMetadata(connection, { path, method });
      deepEqual([found.metadata, found.etag], [{ k: "new" }, etag]);
      ok(found.lastModified && found.requestId, "time and request id");
      deepEqual((await files.getMetadata(connection, { path, method, snapshot })).metadata, { k: "old" });
      await rejects(files.getMetadata(connection, { path: "none", method }), refused(404, "ResourceNotFound"));
    }
  }),

  inShare("directories.setMetadata and directories.setProperties change what they say", async ({ connection }) => {
    const path = "d";
    await directories.create(connection, { path, metadata: { k: "v" } });
    const changed = await directories.setMetadata(connection, { path, metadata: { other: "w" } });
    equal(changed.serverEncrypted, true);
    for (const method of ["GET", "HEAD"] as const) {
      const found = await directories.getMetadata(connection, { path, method });
      deepEqual([found.metadata, found.etag], [{ other: "w" }, changed.etag]);
    }
    const creationTime = "2020-02-03T04:05:06.1234567Z";
    const set = await directories.setProperties(connection, { path, smb: { creationTime, attributes: "Hidden" } });
    equal(set.creationTime, creationTime);
    ok(/Hidden/.test(set.attributes ?? "") && /Directory/.test(set.attributes ?? ""), set.attributes ?? "none");
    for (const method of ["GET", "HEAD"] as const) {
      equal((await directories.getProperties(connection, { path, method })).etag, set.etag);
    }
    const none = { path: "none" };
    await rejects(directories.setMetadata(connection, { ...none, metadata: {} }), refused(404, "ResourceNotFound"));
    await rejects(directories.getMetadata(connection, none), refused(404, "ResourceNotFound"));
    await rejects(directories.setProperties(connection, none), refused(404, "ResourceNotFound"));
  }),

  inShare("files.listHandles and directories.listHandles are empty where nobody has anything open", async ({ connection }) => {
    await directories.create(connection, { path: "d" });
    await files.create(connection, { path: "d/a", size: 1 });
    deepEqual(await all(files.listHandles(connection, { path: "d/a" })), []);
    deepEqual(await all(directories.listHandles(connection, { path: "d", recursive: true, pageSize: 5 })), []);
    deepEqual(await all(directories.listHandles(connection, { path: "" })), []);
    const closed = await files.forceCloseHandles(connection, { path: "d/a", handleId: "*" });
    deepEqual([closed.closed, closed.failed], [0, 0]);
    equal((await directories.forceCloseHandles(connection, { path: "d", handleId: "*", recursive: true })).closed, 0);
    equal((await files.forceCloseHandles(connection, { path: "d/a", handleId: "17" })).closed, 0);
    await rejects(all(files.listHandles(connection, { path: "none" })), refused(404, "ResourceNotFound"));
    await rejects(directories.forceCloseHandles(connection, { path: "none", handleId: "*" }), refused(404, "ResourceNotFound"));
    await rejects(async () => files.forceCloseHandles(connection, { path: "d/a", handleId: "all" }), { name: "TypeError" });
  }),

  inShare("files.listRanges tells what changed since a snapshot, and files.rangePages the same in pages", async ({ connection }) => {
    const path = "a";
    await files.create(connection, { path, size: 10_240 });
    await files.putRange(connection, { path, offset: 0, body: new Uint8Array(10_240).fill(1) });
    const { snapshot: previousSnapshot } = await shares.createSnapshot(connection);
    await files.clearRange(connection, { path, offset: 500, count: 2048 });
    const { ranges, clearRanges, size } = await files.listRanges(connection, { path, previousSnapshot });
    deepEqual(ranges, [
      { start: 0, end: 511 },
      { start: 2048, end: 2559 },
    ]);
    deepEqual(clearRanges, [{ start: 512, end: 2047 }]);
    equal(size, 10_240);
    const pages = [];
    for await (const page of files.rangePages(connection, { path, previousSnapshot, pageSize: 1 }).pages()) pages.push(page.entries);
    deepEqual(pages, [
      [{ start: 0, end: 511, cleared: false }],
      [{ start: 512, end: 2047, cleared: true }],
      [{ start: 2048, end: 2559, cleared: false }],
    ]);
    deepEqual(await all(files.rangePages(connection, { path })), [
      { start: 0, end: 511, cleared: false },
      { start: 2048, end: 10_239, cleared: false },
    ]);
    const never = "2001-01-01T00:00:00.0000000Z";
    await rejects(files.listRanges(connection, { path, previousSnapshot: never }), refused(409, "PreviousSnapshotNotFound"));
    await files.rename(connection, { path, to: "b" });
    await rejects(files.listRanges(connection, { path: "b", previousSnapshot }), refused(409, "PreviousSnapshotNotFound"));
    deepEqual((await files.listRanges(connection, { path: "b", previousSnapshot, supportRename: true })).clearRanges, clearRanges);
  }),

  inShare("files.create takes the beginning of the content along", async ({ connection }) => {
    const { contentMd5, serverEncrypted } = await files.create(connection, { path: "a", size: 10, body: "hello" });
    equal(contentMd5 ?? "XUFAKrxLKna5cZ2REBfFkg==", "XUFAKrxLKna5cZ2REBfFkg==");
    ok(serverEncrypted !== false, "encrypted");
    equal(await (await files.read(connection, { path: "a", count: 5 })).text(), "hello");
    await rejects(files.create(connection, { path: "b", size: 2, body: "hello" }), { name: "ServiceError", status: 400 });
  }),
];
