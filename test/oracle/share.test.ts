/** Every method of the official client's share. */
import { AnonymousCredential, newPipeline, SASProtocol, ShareClient, ShareSASPermissions } from "@azure/storage-file-share";
import { createHmac } from "node:crypto";
import { afterAll, expect } from "vitest";
import { bearerService } from "./bearer.js";
import { names, onlyOnce, refused, startOfficial, tellOf, wordsOf } from "./official.js";

const official = await startOfficial();
afterAll(() => official.close());
const { service, emulator, newShare } = official;
const inAnHour = new Date(Date.now() + 3_600_000);
const sddl = "O:S-1-5-21-2127521184-1604012920-1887927527-21560751G:S-1-5-21-2127521184-1604012920-1887927527-513D:AI(A;;FA;;;SY)";
const guest = (url: string): ShareClient => new ShareClient(url, newPipeline(new AnonymousCredential(), onlyOnce));

tellOf(ShareClient, [
  [
    "name create exists delete",
    async () => {
      const share = service.getShareClient("a-share");
      expect(await share.exists()).toBe(false);
      await share.create({ quota: 9, accessTier: "Hot", metadata: { owner: "them" } });
      expect(share.name).toBe("a-share");
      expect(await share.exists()).toBe(true);
      await share.delete();
      expect(await refused(share.delete())).toEqual({ status: 404, code: "ShareNotFound" });
    },
  ],
  [
    "createIfNotExists deleteIfExists",
    async () => {
      const share = service.getShareClient("maybe");
      expect((await share.createIfNotExists()).succeeded).toBe(true);
      expect((await share.createIfNotExists()).succeeded).toBe(false);
      expect((await share.deleteIfExists()).succeeded).toBe(true);
      expect((await share.deleteIfExists()).succeeded).toBe(false);
    },
  ],
  [
    "withSnapshot createSnapshot",
    async () => {
      const share = await newShare({ metadata: { a: "b" } });
      await share.createFile("old", 5);
      const { snapshot = "", etag } = await share.createSnapshot({ metadata: { s: "t" } });
      expect(snapshot).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.0000000Z$/);
      await share.deleteFile("old");
      await share.createFile("young", 5);
      const then = share.withSnapshot(snapshot);
      expect(await then.getProperties()).toMatchObject({ metadata: { s: "t" }, etag });
      expect(await names(then.rootDirectoryClient.listFilesAndDirectories())).toEqual(["old"]);
      expect(await names(share.rootDirectoryClient.listFilesAndDirectories())).toEqual(["young"]);
      expect(await refused(share.delete())).toEqual({ status: 409, code: "ShareHasSnapshots" });
      await then.delete();
      expect(await then.exists()).toBe(false);
      await share.createSnapshot();
      await share.delete({ deleteSnapshots: "include" });
    },
  ],
  [
    "getDirectoryClient rootDirectoryClient createDirectory deleteDirectory createFile deleteFile",
    async () => {
      const share = await newShare();
      const { directoryClient } = await share.createDirectory("d");
      const { fileClient } = await share.createFile("f", 7);
      expect(await directoryClient.exists()).toBe(true);
      expect(await share.getDirectoryClient("d").exists()).toBe(true);
      expect((await fileClient.getProperties()).contentLength).toBe(7);
      expect(await names(share.rootDirectoryClient.listFilesAndDirectories())).toEqual(["f", "d"]);
      await share.deleteFile("f");
      await share.deleteDirectory("d");
      expect(await names(share.rootDirectoryClient.listFilesAndDirectories())).toEqual([]);
    },
  ],
  [
    "getProperties setMetadata setQuota setProperties",
    async () => {
      const share = await newShare({ accessTier: "Cool" });
      await share.setMetadata({ a: "b" });
      await share.setQuota(11);
      expect(await share.getProperties()).toMatchObject({ quota: 11, accessTier: "Cool", metadata: { a: "b" } });
      await share.setProperties({ accessTier: "Hot", quotaInGB: 12 });
      expect(await share.getProperties()).toMatchObject({ quota: 12, accessTier: "Hot" });
    },
  ],
  [
    "getAccessPolicy setAccessPolicy",
    async () => {
      const share = await newShare();
      const startsOn = new Date("2026-01-02T03:04:05.678Z");
      const policy = { id: "first", accessPolicy: { startsOn, expiresOn: inAnHour, permissions: "rl" } };
      await share.setAccessPolicy([policy]);
      const { signedIdentifiers } = await share.getAccessPolicy();
      expect(signedIdentifiers).toEqual([policy]);
      const url = share.generateSasUrl({ identifier: "first", protocol: SASProtocol.HttpsAndHttp });
      expect(await names(guest(url).rootDirectoryClient.listFilesAndDirectories())).toEqual([]);
      // This version of the official client cannot read an empty list.
      await share.setAccessPolicy([]);
      expect(await refused(guest(url).rootDirectoryClient.getProperties())).toEqual({ status: 403, code: "AuthenticationFailed" });
    },
  ],
  [
    "getStatistics",
    async () => {
      const share = await newShare();
      expect((await share.getStatistics()).shareUsageBytes).toBe(0);
      await share.rootDirectoryClient.getFileClient("f").uploadData(Buffer.alloc(4096, 1));
      expect((await share.getStatistics()).shareUsageBytes).toBe(4096);
    },
  ],
  [
    "createPermission getPermission",
    async () => {
      const share = await newShare();
      const { filePermissionKey = "" } = await share.createPermission(sddl);
      expect(filePermissionKey).toMatch(/^\d+\*\d+$/);
      const { permission } = await share.getPermission(filePermissionKey);
      expect(permission).toContain("(A;;FA;;;SY)");
      const binary = await share.getPermission(filePermissionKey, { filePermissionFormat: "Binary" });
      const again = await share.createPermission({ permission: binary.permission, format: "Binary" });
      expect(again.filePermissionKey).toBe(filePermissionKey);
      expect(await refused(share.createPermission("nonsense"))).toEqual({ status: 400, code: "FileInvalidPermission" });
    },
  ],
  [
    "getShareLeaseClient",
    async () => {
      const share = await newShare();
      const lease = share.getShareLeaseClient();
      await lease.acquireLease(15);
      expect(await share.getProperties()).toMatchObject({ leaseState: "leased", leaseStatus: "locked", leaseDuration: "fixed" });
      expect(await refused(share.delete())).toEqual({ status: 412, code: "LeaseIdMissing" });
      await share.delete({ leaseAccessConditions: { leaseId: lease.leaseId } });
    },
  ],
  [
    "generateSasUrl generateSasStringToSign",
    async () => {
      const share = await newShare();
      await share.createFile("f", 3);
      const options = { permissions: ShareSASPermissions.parse("rl"), expiresOn: inAnHour, protocol: SASProtocol.HttpsAndHttp };
      const url = share.generateSasUrl(options);
      const text = share.generateSasStringToSign(options);
      expect(wordsOf(url)["sig"]).toBe(createHmac("sha256", Buffer.from(emulator.key, "base64")).update(text).digest("base64"));
      expect(await names(guest(url).rootDirectoryClient.listFilesAndDirectories())).toEqual(["f"]);
      expect(await refused(guest(url).deleteFile("f"))).toEqual({ status: 403, code: "AuthorizationPermissionMismatch" });
    },
  ],
  [
    "generateUserDelegationSasUrl generateUserDelegationStringToSign",
    async () => {
      const share = await newShare();
      await share.createFile("f", 3);
      const key = await bearerService(emulator).getUserDelegationKey(new Date(Date.now() - 60_000), inAnHour);
      const options = { permissions: ShareSASPermissions.parse("rl"), expiresOn: inAnHour, protocol: SASProtocol.HttpsAndHttp };
      const url = share.generateUserDelegationSasUrl(options, key);
      const text = share.generateUserDelegationStringToSign(options, key);
      expect(wordsOf(url)["sig"]).toBe(createHmac("sha256", Buffer.from(key.value, "base64")).update(text).digest("base64"));
      expect(await names(guest(url).rootDirectoryClient.listFilesAndDirectories())).toEqual(["f"]);
      expect(await refused(guest(url).deleteFile("f"))).toEqual({ status: 403, code: "AuthorizationPermissionMismatch" });
    },
  ],
]);
