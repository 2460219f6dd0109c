/** Every method of the official client's file. */
import {
  AnonymousCredential,
  FileSASPermissions,
  newPipeline,
  SASProtocol,
  ShareFileClient,
  ShareSASPermissions,
} from "@azure/storage-file-share";
import { createHmac } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, expect } from "vitest";
import { bearerService } from "./bearer.js";
import { all, bytesOf, onlyOnce, refused, startOfficial, type Stories, tellOf, wordsOf } from "./official.js";

const official = await startOfficial();
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "azure-files-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await official.close();
});
const { byHost, emulator, newFile, newShare } = official;
const MEBIBYTE = 1024 * 1024;
const time = new Date("2020-01-02T03:04:05.678Z");
const inAnHour = new Date(Date.now() + 3_600_000);
const sddl = "O:S-1-5-21-2127521184-1604012920-1887927527-21560751G:S-1-5-21-2127521184-1604012920-1887927527-513D:AI(A;;FA;;;SY)";

const read = (file: ShareFileClient): Promise<Buffer> => file.downloadToBuffer();
const guest = (url: string): ShareFileClient => new ShareFileClient(url, newPipeline(new AnonymousCredential(), onlyOnce));

/** A neighbour of a file, not made. */
const beside = (file: ShareFileClient, name: string): ShareFileClient =>
  official.service.getShareClient(file.shareName).rootDirectoryClient.getFileClient(name);

/** The same file at an address from which the official client can rename. */
const renamable = ({ shareName, name }: ShareFileClient): ShareFileClient =>
  byHost.getShareClient(shareName).rootDirectoryClient.getFileClient(name);

/** The address of a file with a SAS for reading. */
const readable = (file: ShareFileClient): string =>
  file.generateSasUrl({ permissions: FileSASPermissions.parse("r"), expiresOn: inAnHour, protocol: SASProtocol.HttpsAndHttp });

async function uploaded(write: (file: ShareFileClient, bytes: Buffer) => Promise<unknown>): Promise<void> {
  const file = (await newShare()).rootDirectoryClient.getFileClient("f");
  const bytes = bytesOf(5 * MEBIBYTE + 3);
  await write(file, bytes);
  expect((await read(file)).equals(bytes)).toBe(true);
}

/** Its build for Node sends no blob. */
const forBrowsers = ["uploadSeekableBlob"];

const stories: Stories = [
  [
    "shareName path name create exists delete",
    async () => {
      const share = await newShare();
      const file = (await share.createDirectory("d")).directoryClient.getFileClient("100% größer #1.bin");
      expect([file.shareName, file.path, file.name]).toEqual([share.name, "d/100% größer #1.bin", "100% größer #1.bin"]);
      const created = await file.create(700, {
        fileHttpHeaders: { fileContentType: "text/x-own" },
        metadata: { a: "b" },
        creationTime: time,
      });
      expect(created.fileId).toMatch(/^\d+$/);
      expect(await file.exists()).toBe(true);
      expect(await file.getProperties()).toMatchObject({
        contentLength: 700,
        contentType: "text/x-own",
        metadata: { a: "b" },
        fileCreatedOn: time,
      });
      await file.delete();
      expect(await file.exists()).toBe(false);
      expect(await refused(file.delete())).toEqual({ status: 404, code: "ResourceNotFound" });
      await file.create(5, { content: "hello", contentLength: 5 });
      expect((await read(file)).toString()).toBe("hello");
    },
  ],
  [
    "deleteIfExists",
    async () => {
      const file = await newFile();
      expect((await file.deleteIfExists()).succeeded).toBe(true);
      expect((await file.deleteIfExists()).succeeded).toBe(false);
    },
  ],
  [
    "withShareSnapshot",
    async () => {
      const file = await newFile(10);
      const { snapshot = "" } = await official.service.getShareClient(file.shareName).createSnapshot();
      await file.uploadRange("HELLO", 0, 5);
      expect((await read(file.withShareSnapshot(snapshot))).equals(bytesOf(10))).toBe(true);
      expect((await read(file)).subarray(0, 5).toString()).toBe("HELLO");
    },
  ],
  [
    "download downloadToBuffer downloadToFile",
    async () => {
      const file = await newFile(3000);
      const part = await file.download(1000, 500);
      expect(part.contentLength).toBe(500);
      expect((await buffer(part.readableStreamBody as Readable)).equals(bytesOf(3000).subarray(1000, 1500))).toBe(true);
      const withMd5 = await file.download(0, 1000, { rangeGetContentMD5: true });
      expect(withMd5.contentMD5).toHaveLength(16);
      await buffer(withMd5.readableStreamBody as Readable);
      expect((await file.downloadToBuffer(0, undefined, { rangeSize: 1000 })).equals(bytesOf(3000))).toBe(true);
      const path = join(folder, "down.bin");
      await file.downloadToFile(path);
      expect((await readFile(path)).equals(bytesOf(3000))).toBe(true);
      expect(await refused(file.download(3000, 1))).toEqual({ status: 416, code: "InvalidRange" });
    },
  ],
  [
    "getProperties setProperties setHttpHeaders resize setMetadata",
    async () => {
      const file = await newFile(2000);
      await file.setHttpHeaders({ fileContentType: "text/html", fileContentEncoding: "x-own", fileCacheControl: "no-store" });
      await file.setMetadata({ k: "v" });
      expect(await file.getProperties()).toMatchObject({
        contentType: "text/html",
        contentEncoding: "x-own",
        cacheControl: "no-store",
        metadata: { k: "v" },
      });
      await file.resize(100);
      expect(await file.getProperties()).toMatchObject({ contentLength: 100, contentType: "text/html" });
      await file.setProperties({ creationTime: time, lastWriteTime: time, changeTime: time, filePermission: sddl });
      const after = await file.getProperties();
      expect(after).toMatchObject({ fileCreatedOn: time, fileLastWriteOn: time, fileChangeOn: time });
      const { permission } = await official.service.getShareClient(file.shareName).getPermission(after.filePermissionKey ?? "");
      expect(permission).toContain("(A;;FA;;;SY)");
    },
  ],
  [
    "uploadRange clearRange getRangeList",
    async () => {
      const file = (await newShare()).rootDirectoryClient.getFileClient("f");
      await file.create(4096);
      const { contentMD5 } = await file.uploadRange(bytesOf(1024), 512, 1024);
      expect(contentMD5).toHaveLength(16);
      await file.clearRange(512, 512);
      expect((await file.getRangeList()).rangeList).toEqual([{ start: 1024, end: 1535 }]);
      expect((await file.getRangeList({ range: { offset: 0, count: 1100 } })).rangeList).toEqual([{ start: 1024, end: 1099 }]);
      expect(await refused(file.uploadRange("x", 4096, 1))).toEqual({ status: 416, code: "InvalidRange" });
    },
  ],
  [
    "listRanges listRangeItems iterateRangeSegments listRangeSegment",
    async () => {
      const file = (await newShare()).rootDirectoryClient.getFileClient("f");
      await file.create(8192);
      for (const offset of [0, 2048, 4096]) await file.uploadRange("x".repeat(512), offset, 512);
      const expected = [0, 2048, 4096].map((start) => ({ start, end: start + 511 }));
      expect((await all(file.listRanges())).map(({ start, end }) => ({ start, end }))).toEqual(expected);
      expect(await all(file.listRanges().byPage({ maxPageSize: 2 }))).toHaveLength(2);
    },
  ],
  [
    "getRangeListDiff listRangesDiff",
    async () => {
      const file = (await newShare()).rootDirectoryClient.getFileClient("f");
      await file.create(4096);
      await file.uploadRange(bytesOf(2048), 0, 2048);
      const { snapshot = "" } = await official.service.getShareClient(file.shareName).createSnapshot();
      await file.clearRange(0, 512);
      await file.uploadRange("x".repeat(512), 1024, 512);
      const diff = await file.getRangeListDiff(snapshot);
      expect(diff.ranges).toEqual([{ start: 1024, end: 1535 }]);
      expect(diff.clearRanges).toEqual([{ start: 0, end: 511 }]);
      expect((await all(file.listRangesDiff(snapshot))).map(({ start, end }) => [start, end])).toEqual([
        [0, 511],
        [1024, 1535],
      ]);
      await renamable(file).rename("g");
      const renamed = beside(file, "g");
      expect(await refused(renamed.getRangeListDiff(snapshot))).toEqual({ status: 409, code: "PreviousSnapshotNotFound" });
      expect((await renamed.getRangeListDiff(snapshot, { includeRenames: true })).ranges).toEqual(diff.ranges);
    },
  ],
  [
    "uploadRangeFromURL",
    async () => {
      const source = await newFile(2000);
      const file = beside(source, "target");
      await file.create(1000);
      await file.uploadRangeFromURL(readable(source), 100, 0, 700);
      expect((await file.downloadToBuffer(0, 700)).equals(bytesOf(2000).subarray(100, 800))).toBe(true);
      expect(await refused(file.uploadRangeFromURL(source.url, 0, 0, 5))).toMatchObject({ code: "CannotVerifyCopySource" });
    },
  ],
  [
    "startCopyFromURL",
    async () => {
      const source = await newFile(2000);
      const file = beside(source, "copy");
      // This version of the official client sends no metadata with a copy.
      const started = await file.startCopyFromURL(source.url, {
        filePermission: sddl,
        copyFileSmbInfo: { filePermissionCopyMode: "override", fileCreationTime: "source", setArchiveAttribute: true },
      });
      expect(started.copyStatus).toBe("success");
      expect((await read(file)).equals(bytesOf(2000))).toBe(true);
      const properties = await file.getProperties();
      expect(properties).toMatchObject({ copyId: started.copyId, copyStatus: "success", copyProgress: "2000/2000" });
      expect(properties.fileCreatedOn).toEqual((await source.getProperties()).fileCreatedOn);
      expect(await refused(file.startCopyFromURL(`${source.url}x`))).toMatchObject({ status: 404 });
    },
  ],
  [
    "abortCopyFromURL",
    async () => {
      const source = await newFile(2000);
      const done = beside(source, "done");
      const { copyId = "" } = await done.startCopyFromURL(source.url);
      expect(await refused(done.abortCopyFromURL(copyId))).toEqual({ status: 409, code: "NoPendingCopyOperation" });
      emulator.copies = "pending";
      const file = beside(source, "copy");
      const started = await file.startCopyFromURL(source.url);
      emulator.copies = "immediate";
      expect(started.copyStatus).toBe("pending");
      expect(await refused(file.abortCopyFromURL(copyId))).toEqual({ status: 409, code: "CopyIdMismatch" });
      expect(await file.abortCopyFromURL(started.copyId ?? "")).toHaveProperty("_response.status", 204);
      expect(await file.getProperties()).toMatchObject({ copyStatus: "aborted", contentLength: 0 });
    },
  ],
  [
    "uploadData uploadSeekableInternal",
    () => uploaded((file, bytes) => file.uploadData(bytes, { rangeSize: MEBIBYTE, metadata: { a: "b" } })),
  ],
  [
    "uploadResetableStream",
    () =>
      uploaded((file, bytes) =>
        file.uploadResetableStream((offset, count = bytes.length) => Readable.from([bytes.subarray(offset, offset + count)]), bytes.length),
      ),
  ],
  [
    "uploadFile",
    () =>
      uploaded(async (file, bytes) => {
        const path = join(folder, "up.bin");
        await writeFile(path, bytes);
        await file.uploadFile(path);
      }),
  ],
  ["uploadStream", () => uploaded((file, bytes) => file.uploadStream(Readable.from([bytes]), bytes.length, MEBIBYTE, 3))],
  [
    "listHandles listHandleItems iterateHandleSegments listHandlesSegment forceCloseHandle forceCloseAllHandles forceCloseHandlesSegment",
    async () => {
      const file = await newFile();
      const place = { share: file.shareName, path: file.path };
      expect(await all(file.listHandles())).toEqual([]);
      for (let count = 0; count < 3; count++) emulator.openHandle(place);
      const found = await all(file.listHandles());
      expect(found.map(({ path }) => path)).toEqual([file.path, file.path, file.path]);
      expect(found[0]?.fileId).toBe((await file.getProperties()).fileId);
      expect((await all(file.listHandles().byPage({ maxPageSize: 2 }))).map(({ handleList }) => handleList?.length)).toEqual([2, 1]);
      await file.forceCloseHandle(found[0]?.handleId ?? "");
      expect(await all(file.listHandles())).toHaveLength(2);
      expect(await file.forceCloseAllHandles()).toEqual({ closedHandlesCount: 2, closeFailureCount: 0 });
    },
  ],
  [
    "createHardLink createSymbolicLink getSymbolicLink",
    async () => {
      const root = (await newShare({ protocols: { nfsEnabled: true } })).rootDirectoryClient;
      const { fileClient } = await root.createFile("f", 5, { posixProperties: { owner: "12", group: "34" } });
      const before = await fileClient.getProperties();
      expect(before.posixProperties).toMatchObject({ owner: "12", group: "34", fileType: "Regular", linkCount: 1 });
      const twin = root.getFileClient("twin");
      const linked = await twin.createHardLink("f");
      expect(linked).toMatchObject({ fileId: before.fileId, posixProperties: { linkCount: 2 } });
      await fileClient.uploadRange("hello", 0, 5);
      expect((await read(twin)).toString()).toBe("hello");
      const way = root.getFileClient("way");
      await way.createSymbolicLink("some/target ü", { metadata: { a: "b" } });
      // Given back as the official client encoded it.
      expect(decodeURIComponent((await way.getSymbolicLink()).linkText ?? "")).toBe("some/target ü");
      expect(await refused((await newFile()).createSymbolicLink("x"))).toMatchObject({ status: 400 });
    },
  ],
  [
    "getShareLeaseClient",
    async () => {
      const file = await newFile();
      const lease = file.getShareLeaseClient();
      await lease.acquireLease();
      expect(await refused(file.delete())).toEqual({ status: 412, code: "LeaseIdMissing" });
      await file.delete({ leaseAccessConditions: { leaseId: lease.leaseId } });
    },
  ],
  [
    "generateSasUrl generateSasStringToSign",
    async () => {
      const file = await newFile(10);
      const options = {
        permissions: FileSASPermissions.parse("r"),
        expiresOn: inAnHour,
        protocol: SASProtocol.HttpsAndHttp,
        contentDisposition: 'attachment; filename="x"',
      };
      const url = file.generateSasUrl(options);
      const text = file.generateSasStringToSign(options);
      expect(wordsOf(url)["sig"]).toBe(createHmac("sha256", Buffer.from(emulator.key, "base64")).update(text).digest("base64"));
      expect((await guest(url).getProperties()).contentDisposition).toBe('attachment; filename="x"');
      expect(await refused(guest(url).delete())).toEqual({ status: 403, code: "AuthorizationPermissionMismatch" });
    },
  ],
  [
    "generateUserDelegationSasUrl generateUserDelegationStringToSign",
    async () => {
      const file = await newFile(10);
      const key = await bearerService(emulator).getUserDelegationKey(new Date(Date.now() - 60_000), inAnHour);
      const options = { permissions: ShareSASPermissions.parse("r"), expiresOn: inAnHour, protocol: SASProtocol.HttpsAndHttp };
      const url = file.generateUserDelegationSasUrl(options, key);
      const text = file.generateUserDelegationStringToSign(options, key);
      expect(wordsOf(url)["sig"]).toBe(createHmac("sha256", Buffer.from(key.value, "base64")).update(text).digest("base64"));
      expect((await read(guest(url))).equals(bytesOf(10))).toBe(true);
      expect(await refused(guest(url).delete())).toEqual({ status: 403, code: "AuthorizationPermissionMismatch" });
    },
  ],
  [
    "rename",
    async () => {
      const file = renamable(await newFile(10));
      const before = await file.getProperties();
      const { destinationFileClient } = await file.rename("d ü.bin", { metadata: { a: "b" }, filePermission: sddl });
      expect(await file.exists()).toBe(false);
      expect(await destinationFileClient.getProperties()).toMatchObject({
        fileId: before.fileId,
        metadata: { a: "b" },
        fileCreatedOn: before.fileCreatedOn,
      });
      expect((await read(beside(file, "d ü.bin"))).equals(bytesOf(10))).toBe(true);
      await file.create(3);
      expect(await refused(file.rename("d ü.bin"))).toEqual({ status: 409, code: "ResourceAlreadyExists" });
      await file.rename("d ü.bin", { replaceIfExists: true });
      expect((await destinationFileClient.getProperties()).contentLength).toBe(3);
    },
  ],
];

tellOf(ShareFileClient, stories, forBrowsers);
