/** What shares are like and how that is changed: settings, metadata, statistics. */
import { AzureFilesClient } from "azure-files";
import * as files from "azure-files/files";
import * as shares from "azure-files/shares";
import { type Case, inShare } from "./case.js";
import { deepEqual, equal, ok, rejects } from "./check.js";
import { all, bytesOf } from "./content.js";

const missing = { name: "ServiceError", status: 404, code: "ShareNotFound" };

export const shareSettingCases: readonly Case[] = [
  inShare("shares.setProperties changes what is said and leaves the rest", async ({ connection }) => {
    const before = await shares.setProperties(connection, { quotaGiB: 100, accessTier: "Hot" });
    ok(before.etag && before.lastModified && before.requestId, "etag, time and request id");
    const set = await shares.setProperties(connection, { quotaGiB: 50 });
    const after = await shares.getProperties(connection);
    equal(after.quotaGiB, 50);
    equal(after.accessTier, "Hot");
    equal(after.etag, set.etag);
    ok(before.etag !== set.etag, "another etag");
    ok(after.accessTierChangeTime instanceof Date, "when the tier was changed");
    await shares.setProperties(connection, { accessTier: "Cool" });
    deepEqual([(await shares.getProperties(connection)).quotaGiB, (await shares.getProperties(connection)).accessTier], [50, "Cool"]);
  }),

  inShare("shares.setProperties is refused a tier that does not exist, and a share that does not", async ({ connection, newShareName }) => {
    await rejects(shares.setProperties(connection, { accessTier: "Tepid" }), {
      name: "ServiceError",
      status: 400,
      code: "InvalidHeaderValue",
    });
    await rejects(shares.setProperties(connection, { share: newShareName(), quotaGiB: 5 }), missing);
  }),

  inShare("shares.getProperties says the same by HEAD as by GET", async ({ connection, newShareName }) => {
    const { requestId: _, ...got } = await shares.getProperties(connection);
    const { requestId: __, ...head } = await shares.getProperties(connection, { method: "HEAD" });
    deepEqual(head, got);
    await rejects(shares.getProperties(connection, { share: newShareName(), method: "HEAD" }), missing);
  }),

  inShare("shares.setMetadata replaces all metadata, which shares.getMetadata reads", async ({ connection, newShareName }) => {
    const set = await shares.setMetadata(connection, { metadata: { First: "1", second: "two words" } });
    const got = await shares.getMetadata(connection);
    deepEqual(got.metadata, { first: "1", second: "two words" });
    equal(got.etag, set.etag);
    deepEqual(got.lastModified, set.lastModified);
    ok(got.requestId, "request id");
    deepEqual((await shares.getMetadata(connection, { method: "HEAD" })).metadata, got.metadata);
    deepEqual((await shares.getProperties(connection)).metadata, got.metadata);
    await shares.setMetadata(connection, { metadata: {} });
    deepEqual((await shares.getMetadata(connection)).metadata, {});
    await rejects(shares.setMetadata(connection, { share: newShareName(), metadata: {} }), missing);
    await rejects(shares.getMetadata(connection, { share: newShareName() }), missing);
    await rejects(shares.getMetadata(connection, { share: newShareName(), method: "HEAD" }), missing);
  }),

  inShare("shares.getStatistics counts what is stored", async ({ connection, newShareName }) => {
    equal((await shares.getStatistics(connection)).usageBytes, 0);
    await files.write(connection, { path: "a", body: bytesOf(100_000) });
    const { usageBytes, requestId } = await new AzureFilesClient(connection).shares.getStatistics();
    ok(usageBytes >= 100_000 && usageBytes < 200_000, `${usageBytes} bytes`);
    ok(requestId, "request id");
    await rejects(shares.getStatistics(connection, { share: newShareName() }), missing);
  }),

  inShare("operations on a share refuse a lease that is not there", async ({ connection }) => {
    const leaseId = "11111111-2222-3333-4444-555555555555";
    const expected = { name: "ServiceError", status: 412, code: "LeaseNotPresentWithContainerOperation" };
    await rejects(shares.setProperties(connection, { quotaGiB: 5, leaseId }), expected);
    await rejects(shares.setMetadata(connection, { metadata: {}, leaseId }), expected);
    await rejects(shares.getMetadata(connection, { leaseId }), expected);
    await rejects(shares.getStatistics(connection, { leaseId }), expected);
  }),

  {
    name: "a share for NFS says so, and what clients that come as root may do",
    async run(context) {
      const connection = context.connect({ share: context.newShareName() });
      await shares.create(connection, { enabledProtocols: "NFS", rootSquash: "RootSquash", snapshotVirtualDirectoryAccess: true });
      try {
        const made = await shares.getProperties(connection);
        deepEqual([made.enabledProtocols, made.rootSquash, made.snapshotVirtualDirectoryAccess], ["NFS", "RootSquash", true]);
        await shares.setProperties(connection, { rootSquash: "AllSquash", snapshotVirtualDirectoryAccess: false });
        const changed = await shares.getProperties(connection);
        deepEqual([changed.enabledProtocols, changed.rootSquash, changed.snapshotVirtualDirectoryAccess], ["NFS", "AllSquash", false]);
        const [entry] = await all(shares.list(context.connect(), { prefix: connection.share }));
        deepEqual([entry?.enabledProtocols, entry?.rootSquash], ["NFS", "AllSquash"]);
      } finally {
        await shares.delete(connection);
      }
    },
  },

  {
    name: "bursting that is paid for is kept as it is set",
    async run(context) {
      const connection = context.connect({ share: context.newShareName() });
      await shares.create(connection, {
        paidBursting: { enabled: true, maxIops: 5000, maxBandwidthMibps: 1000 },
        smbDirectoryLease: false,
      });
      try {
        const made = await shares.getProperties(connection);
        deepEqual(made.paidBursting, { enabled: true, maxIops: 5000, maxBandwidthMibps: 1000 });
        equal(made.smbDirectoryLease, false);
        await shares.setProperties(connection, { paidBursting: { maxIops: 6000 }, smbDirectoryLease: true });
        const changed = await shares.getProperties(connection);
        deepEqual(changed.paidBursting, { enabled: true, maxIops: 6000, maxBandwidthMibps: 1000 });
        equal(changed.smbDirectoryLease, true);
      } finally {
        await shares.delete(connection);
      }
    },
  },

  {
    name: "provisioning is kept as it is set",
    async run(context) {
      const connection = context.connect({ share: context.newShareName() });
      await shares.create(connection, { quotaGiB: 100, provisionedIops: 4000, provisionedBandwidthMibps: 200 });
      try {
        const made = await shares.getProperties(connection);
        deepEqual([made.quotaGiB, made.provisionedIops, made.provisionedBandwidthMibps], [100, 4000, 200]);
        await shares.setProperties(connection, { provisionedIops: 5000 });
        const changed = await shares.getProperties(connection);
        deepEqual([changed.provisionedIops, changed.provisionedBandwidthMibps], [5000, 200]);
      } finally {
        await shares.delete(connection);
      }
    },
  },
];
