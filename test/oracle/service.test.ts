/** Every method of the official client's service. */
import { AccountSASPermissions, AnonymousCredential, newPipeline, SASProtocol, ShareServiceClient } from "@azure/storage-file-share";
import { createHmac } from "node:crypto";
import { afterAll, expect, it } from "vitest";
import { bearerService } from "./bearer.js";
import { all, names, onlyOnce, refused, startOfficial, tellOf, wordsOf } from "./official.js";

const official = await startOfficial();
afterAll(() => official.close());
const { service, emulator, endpoint } = official;
const inAnHour = new Date(Date.now() + 3_600_000);

it("fromConnectionString reads the emulator's", async () => {
  const { port } = new URL(endpoint);
  const client = ShareServiceClient.fromConnectionString(emulator.connectionString.replace(/:\d+\//, `:${port}/`));
  expect(await client.getProperties()).toHaveProperty("_response.status", 200);
});

tellOf(ShareServiceClient, [
  [
    "getShareClient createShare deleteShare",
    async () => {
      const { shareClient, shareCreateResponse } = await service.createShare("told", { quota: 3, metadata: { a: "b" } });
      expect(shareCreateResponse.etag).toMatch(/^"0x/);
      expect(shareClient.name).toBe("told");
      expect((await service.getShareClient("told").getProperties()).quota).toBe(3);
      expect(await refused(service.createShare("told"))).toEqual({ status: 409, code: "ShareAlreadyExists" });
      await service.deleteShare("told");
      expect(await service.getShareClient("told").exists()).toBe(false);
    },
  ],
  [
    "getProperties setProperties",
    async () => {
      const metrics = { enabled: true, includeAPIs: true, retentionPolicy: { enabled: true, days: 5 }, version: "1.0" };
      const rule = {
        allowedOrigins: "https://a.example",
        allowedMethods: "GET",
        allowedHeaders: "x-ms-*",
        exposedHeaders: "*",
        maxAgeInSeconds: 7,
      };
      await service.setProperties({
        hourMetrics: metrics,
        minuteMetrics: { ...metrics, includeAPIs: false },
        cors: [rule],
        protocol: { smb: { multichannel: { enabled: true } } },
      });
      const found = await service.getProperties();
      expect(found.hourMetrics).toEqual(metrics);
      expect(found.minuteMetrics).toMatchObject({ includeAPIs: false });
      expect(found.cors).toEqual([rule]);
      expect(found.protocol?.smb?.multichannel?.enabled).toBe(true);
      await service.setProperties({ cors: [] });
      const after = await service.getProperties();
      expect(after.cors ?? []).toEqual([]);
      // What is not said stays.
      expect(after.hourMetrics).toEqual(metrics);
    },
  ],
  [
    "listShares listItems listSegments listSharesSegment",
    async () => {
      const made = ["list-a", "list-b", "list-c"];
      for (const name of made) await service.createShare(name, { metadata: { n: name } });
      const { snapshot } = await service.getShareClient("list-a").createSnapshot();
      expect(await names(service.listShares({ prefix: "list-" }))).toEqual(made);
      const entries = await all(service.listShares({ prefix: "list-a", includeSnapshots: true, includeMetadata: true }));
      expect(entries.map((entry) => [entry.name, entry.snapshot])).toEqual([
        ["list-a", snapshot],
        ["list-a", undefined],
      ]);
      expect(entries[1]).toMatchObject({ metadata: { n: "list-a" }, properties: { leaseState: "available" } });
      const pages = await all(service.listShares({ prefix: "list-" }).byPage({ maxPageSize: 2 }));
      expect(pages.map(({ shareItems }) => shareItems?.length)).toEqual([2, 1]);
    },
  ],
  [
    "undeleteShare",
    async () => {
      const { shareClient } = await service.createShare("back-again", { metadata: { kept: "yes" } });
      await shareClient.createFile("f", 10);
      await service.deleteShare("back-again");
      const [deleted] = await all(service.listShares({ prefix: "back-again", includeDeleted: true }));
      expect(deleted).toMatchObject({ name: "back-again", deleted: true });
      const restored = await service.undeleteShare("back-again", deleted?.version ?? "");
      expect(await restored.rootDirectoryClient.getFileClient("f").exists()).toBe(true);
      expect((await restored.getProperties()).metadata).toEqual({ kept: "yes" });
      expect(await refused(service.undeleteShare("back-again", deleted?.version ?? ""))).toMatchObject({
        status: expect.toBeOneOf([404, 409]),
      });
    },
  ],
  [
    "generateAccountSasUrl generateSasStringToSign",
    async () => {
      const permissions = AccountSASPermissions.parse("rl");
      const options = { protocol: SASProtocol.HttpsAndHttp, startsOn: new Date(Date.now() - 60_000) };
      const url = service.generateAccountSasUrl(inAnHour, permissions, "sco", options);
      const text = service.generateSasStringToSign(inAnHour, permissions, "sco", options);
      expect(wordsOf(url)["sig"]).toBe(createHmac("sha256", Buffer.from(emulator.key, "base64")).update(text).digest("base64"));
      const guest = new ShareServiceClient(url, newPipeline(new AnonymousCredential(), onlyOnce));
      expect(Array.isArray(await names(guest.listShares()))).toBe(true);
      expect(await refused(guest.createShare("not-mine"))).toEqual({ status: 403, code: "AuthorizationPermissionMismatch" });
    },
  ],
  [
    "getUserDelegationKey",
    async () => {
      const key = await bearerService(emulator).getUserDelegationKey(new Date(), inAnHour);
      expect(key).toMatchObject({ signedService: "f", signedExpiresOn: new Date(Math.floor(inAnHour.getTime() / 1000) * 1000) });
      expect(Buffer.from(key.value, "base64")).toHaveLength(32);
      expect(await refused(service.getUserDelegationKey(new Date(), inAnHour))).toMatchObject({
        status: expect.toBeOneOf([401, 403, 409]),
      });
    },
  ],
]);
