/** Every method of the official client's lease, on a file and on a share. */
import { ShareLeaseClient } from "@azure/storage-file-share";
import { afterAll, expect } from "vitest";
import { refused, startOfficial, tellOf } from "./official.js";

const official = await startOfficial();
afterAll(() => official.close());
const { newFile, newShare } = official;
const [one, two] = ["11111111-2222-4333-8444-555555555555", "99999999-2222-4333-8444-555555555555"];

tellOf(ShareLeaseClient, [
  [
    "leaseId url acquireLease releaseLease",
    async () => {
      const file = await newFile();
      const lease = file.getShareLeaseClient(one);
      expect(lease.leaseId).toBe(one);
      expect(lease.url).toBe(file.url);
      expect((await lease.acquireLease()).leaseId).toBe(one);
      expect(await file.getProperties()).toMatchObject({ leaseState: "leased", leaseStatus: "locked", leaseDuration: "infinite" });
      expect(await refused(file.getShareLeaseClient(two).acquireLease())).toEqual({ status: 409, code: "LeaseAlreadyPresent" });
      expect(await refused(file.setMetadata({ a: "b" }))).toEqual({ status: 412, code: "LeaseIdMissing" });
      expect(await refused(file.setMetadata({ a: "b" }, { leaseAccessConditions: { leaseId: two } }))).toEqual({
        status: 412,
        code: "LeaseIdMismatchWithFileOperation",
      });
      await file.setMetadata({ a: "b" }, { leaseAccessConditions: { leaseId: one } });
      await lease.releaseLease();
      expect(await file.getProperties()).toMatchObject({ leaseState: "available", leaseStatus: "unlocked" });
      expect(await refused(lease.acquireLease(20))).toEqual({ status: 400, code: "InvalidHeaderValue" });
    },
  ],
  [
    "changeLease",
    async () => {
      for (const client of [await newFile(), await newShare()]) {
        const lease = client.getShareLeaseClient(one);
        await lease.acquireLease(-1);
        expect((await lease.changeLease(two)).leaseId).toBe(two);
        expect(lease.leaseId).toBe(two);
        expect(await refused(client.getShareLeaseClient(one).releaseLease())).toEqual({
          status: 409,
          code: "LeaseIdMismatchWithLeaseOperation",
        });
        await lease.releaseLease();
      }
    },
  ],
  [
    "breakLease",
    async () => {
      for (const client of [await newFile(), await newShare()]) {
        const lease = client.getShareLeaseClient(one);
        expect(await refused(lease.breakLease())).toEqual({ status: 409, code: "LeaseNotPresentWithLeaseOperation" });
        await lease.acquireLease(-1);
        expect(await lease.breakLease()).toHaveProperty("_response.status", 202);
        expect(await client.getProperties()).toMatchObject({ leaseState: "broken", leaseStatus: "unlocked" });
        await lease.releaseLease();
      }
    },
  ],
  [
    "renewLease",
    async () => {
      const share = await newShare();
      const lease = share.getShareLeaseClient(one);
      await lease.acquireLease(15);
      // This version of the official client takes every share for a file; the operation below it is sound.
      await expect(lease.renewLease()).rejects.toThrow("not available for lease on file");
      const { fileOrShare } = lease as unknown as { fileOrShare: { renewLease(id: string): Promise<{ leaseId?: string }> } };
      expect((await fileOrShare.renewLease(one)).leaseId).toBe(one);
      await lease.breakLease();
      expect(await share.getProperties()).toMatchObject({ leaseState: "breaking" });
      expect(await refused(fileOrShare.renewLease(one))).toEqual({ status: 409, code: "LeaseIsBrokenAndCannotBeRenewed" });
    },
  ],
]);
