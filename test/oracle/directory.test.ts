/** Every method of the official client's directory. */
import { ShareDirectoryClient } from "@azure/storage-file-share";
import { afterAll, expect } from "vitest";
import { all, names, refused, startOfficial, tellOf } from "./official.js";

const official = await startOfficial();
afterAll(() => official.close());
const { byHost, emulator, newShare } = official;
const time = new Date("2020-01-02T03:04:05.678Z");

async function newDirectory(): Promise<ShareDirectoryClient> {
  return (await (await newShare()).createDirectory("dir ä#1")).directoryClient;
}

tellOf(ShareDirectoryClient, [
  [
    "shareName path name create exists delete",
    async () => {
      const share = await newShare();
      const directory = share.getDirectoryClient("a").getDirectoryClient("b%c");
      expect([directory.shareName, directory.path, directory.name]).toEqual([share.name, "a/b%c", "b%c"]);
      expect(await refused(directory.create())).toEqual({ status: 404, code: "ParentNotFound" });
      await share.createDirectory("a");
      const created = await directory.create({ metadata: { a: "b" }, creationTime: time });
      expect(created.fileId).toMatch(/^\d+$/);
      expect(await directory.exists()).toBe(true);
      expect(await refused(directory.create())).toEqual({ status: 409, code: "ResourceAlreadyExists" });
      await directory.delete();
      expect(await directory.exists()).toBe(false);
    },
  ],
  [
    "createIfNotExists deleteIfExists",
    async () => {
      const directory = (await newShare()).getDirectoryClient("d");
      expect((await directory.createIfNotExists()).succeeded).toBe(true);
      expect((await directory.createIfNotExists()).succeeded).toBe(false);
      expect((await directory.deleteIfExists()).succeeded).toBe(true);
      expect((await directory.deleteIfExists()).succeeded).toBe(false);
    },
  ],
  [
    "getProperties setProperties setMetadata",
    async () => {
      const directory = await newDirectory();
      const before = await directory.getProperties();
      await directory.setMetadata({ a: "b" });
      await directory.setProperties({ creationTime: time, lastWriteTime: time });
      const after = await directory.getProperties();
      expect(after).toMatchObject({ metadata: { a: "b" }, fileCreatedOn: time, fileLastWriteOn: time, fileId: before.fileId });
      expect(after.etag).not.toBe(before.etag);
      expect(after.filePermissionKey).toBe(before.filePermissionKey);
    },
  ],
  [
    "getDirectoryClient createSubdirectory deleteSubdirectory getFileClient createFile deleteFile",
    async () => {
      const directory = await newDirectory();
      const { directoryClient } = await directory.createSubdirectory("inner");
      const { fileClient } = await directory.createFile("f", 5);
      expect(await directoryClient.exists()).toBe(true);
      expect(await directory.getDirectoryClient("inner").exists()).toBe(true);
      expect((await directory.getFileClient("f").getProperties()).fileId).toBe((await fileClient.getProperties()).fileId);
      expect(await refused(directory.delete())).toEqual({ status: 409, code: "DirectoryNotEmpty" });
      await directory.deleteFile("f");
      await directory.deleteSubdirectory("inner");
      await directory.delete();
    },
  ],
  [
    "listFilesAndDirectories listFilesAndDirectoriesItems iterateFilesAndDirectoriesSegments listFilesAndDirectoriesSegment",
    async () => {
      const directory = await newDirectory();
      for (const name of ["a%b", "c+d", "e & f", "g\uFFFEh"]) await directory.createSubdirectory(name);
      await directory.createFile("z", 1234);
      expect((await names(directory.listFilesAndDirectories())).toSorted()).toEqual(["a%b", "c+d", "e & f", "g\uFFFEh", "z"].toSorted());
      const asked = { prefix: "z", includeEtag: true, includeTimestamps: true, includeAttributes: true, includePermissionKey: true };
      const [entry] = await all(directory.listFilesAndDirectories({ ...asked, includeExtendedInfo: true }));
      expect(entry).toMatchObject({ kind: "file", name: "z", attributes: "Archive", properties: { contentLength: 1234 } });
      expect(entry?.properties?.etag).toBe((await directory.getFileClient("z").getProperties()).etag);
      const pages = await all(directory.listFilesAndDirectories().byPage({ maxPageSize: 3 }));
      expect(pages.map(({ segment }) => segment.directoryItems.length + segment.fileItems.length)).toEqual([3, 2]);
    },
  ],
  [
    "listHandles listHandleItems iterateHandleSegments listHandlesSegment",
    async () => {
      const directory = await newDirectory();
      await directory.createFile("f", 5);
      expect(await all(directory.listHandles())).toEqual([]);
      const share = directory.shareName;
      for (const path of [directory.path, `${directory.path}/f`]) emulator.openHandle({ share, path });
      const found = await all(directory.listHandles({ recursive: true }));
      expect(found.map(({ path }) => path).toSorted()).toEqual([directory.path, `${directory.path}/f`]);
      expect(found[0]?.openTime).toBeInstanceOf(Date);
      expect(await all(directory.listHandles())).toHaveLength(1);
      const pages = await all(directory.listHandles({ recursive: true }).byPage({ maxPageSize: 1 }));
      expect(pages.map(({ handleList }) => handleList?.length)).toEqual([1, 1]);
    },
  ],
  [
    "forceCloseHandle forceCloseAllHandles forceCloseHandlesSegment",
    async () => {
      const directory = await newDirectory();
      await directory.createFile("f", 5);
      const share = directory.shareName;
      for (const path of [directory.path, `${directory.path}/f`, `${directory.path}/f`]) emulator.openHandle({ share, path });
      const [first] = await all(directory.listHandles());
      await directory.forceCloseHandle(first?.handleId ?? "");
      expect(await all(directory.listHandles())).toEqual([]);
      expect(await directory.forceCloseAllHandles({ recursive: true })).toEqual({ closedHandlesCount: 2, closeFailureCount: 0 });
      expect(await all(directory.listHandles({ recursive: true }))).toEqual([]);
    },
  ],
  [
    "rename",
    async () => {
      const { shareName, path } = await newDirectory();
      const directory = byHost.getShareClient(shareName).getDirectoryClient(path);
      await directory.createFile("f", 5);
      const before = await directory.getProperties();
      const { destinationDirectoryClient } = await directory.rename("other ü", { metadata: { a: "b" } });
      expect(await directory.exists()).toBe(false);
      expect(await destinationDirectoryClient.getProperties()).toMatchObject({ fileId: before.fileId, metadata: { a: "b" } });
      expect(await names(destinationDirectoryClient.listFilesAndDirectories())).toEqual(["f"]);
      const { directoryClient } = await destinationDirectoryClient.createSubdirectory("deep");
      expect(await refused(directoryClient.rename("other ü"))).toMatchObject({ status: 409 });
    },
  ],
]);
