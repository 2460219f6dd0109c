/** Operations on shares. */
import { AzureFilesClient, derive, isServiceError, sas } from "azure-files";
import * as shares from "azure-files/shares";
import { type Case, inShare } from "./case.js";
import { deepEqual, equal, ok, rejects } from "./check.js";
import { all } from "./content.js";

export const shareCases: readonly Case[] = [
  {
    name: "shares.create makes a share that shares.delete takes away",
    async run(context) {
      const connection = context.connect({ share: context.newShareName() });
      const made = await shares.create(connection, { quotaGiB: 7, accessTier: "Hot", metadata: { Purpose: "test" } });
      equal(made.created, true);
      ok(made.requestId, "request id");
      equal(await shares.exists(connection), true);
      const gone = await shares.delete(connection);
      ok(gone.requestId, "request id of the delete");
      equal(await shares.exists(connection), false);
      await rejects(shares.delete(connection), { name: "ServiceError", status: 404, code: "ShareNotFound" });
    },
  },

  inShare("shares.create refuses a name that is taken", async ({ connection }) => {
    await rejects(shares.create(connection), { name: "ServiceError", status: 409, code: "ShareAlreadyExists" });
  }),

  inShare("shares.createIfMissing finds a share or makes it", async ({ connection, ...context }) => {
    const found = await shares.createIfMissing(connection, { quotaGiB: 3 });
    equal(found.created, false);
    equal(found.etag, (await shares.getProperties(connection)).etag);
    const share = context.newShareName();
    equal((await shares.createIfMissing(connection, { share })).created, true);
    await shares.delete(connection, { share });
  }),

  {
    name: "shares.getProperties tells quota, tier, lease and metadata",
    async run(context) {
      const connection = context.connect({ share: context.newShareName() });
      const made = await shares.create(connection, { quotaGiB: 7, accessTier: "Cool", metadata: { Purpose: "test", a_1: "x y" } });
      const properties = await shares.getProperties(connection);
      equal(properties.quotaGiB, 7);
      equal(properties.accessTier, "Cool");
      equal(properties.leaseStatus, "unlocked");
      equal(properties.leaseState, "available");
      equal(properties.leaseDuration, undefined);
      equal(properties.etag, made.etag);
      deepEqual(properties.lastModified, made.lastModified);
      deepEqual(properties.metadata, { purpose: "test", a_1: "x y" });
      await shares.delete(connection);
      await rejects(shares.getProperties(connection), { name: "ServiceError", status: 404, code: "ShareNotFound" });
    },
  },

  inShare("shares.delete and shares.getProperties refuse a lease that is not there", async ({ connection }) => {
    const leaseId = "11111111-2222-3333-4444-555555555555";
    const expected = { name: "ServiceError", status: 412, code: "LeaseNotPresentWithContainerOperation" };
    await rejects(shares.delete(connection, { leaseId }), expected);
    await rejects(shares.getProperties(connection, { leaseId }), expected);
    equal(await shares.exists(connection), true);
  }),

  inShare("shares.getProperties of a snapshot that is not there says so", async ({ connection }) => {
    const snapshot = "2020-01-01T00:00:00.0000000Z";
    await rejects(shares.getProperties(connection, { snapshot }), { name: "ServiceError", status: 404, code: "ShareSnapshotNotFound" });
    equal(await shares.exists(connection, { snapshot }), false);
  }),

  {
    name: "shares.list gives shares by name, in pages that can be gone on with elsewhere",
    async run(context) {
      const connection = context.connect();
      const prefix = `${context.newShareName()}-`;
      const names = ["a", "b", "c", "d", "e"].map((end) => prefix + end);
      for (const share of names) await shares.create(connection, { share, quotaGiB: 5, metadata: { which: share.slice(-1) } });
      try {
        const listed = await all(shares.list(connection, { prefix }));
        deepEqual(
          listed.map(({ name }) => name),
          names,
        );
        ok(
          listed.every(({ metadata }) => metadata === undefined),
          "no metadata unless asked for",
        );
        const [one] = await all(shares.list(connection, { prefix: `${prefix}c`, include: ["metadata"] }));
        deepEqual(one?.metadata, { which: "c" });
        equal(one?.quotaGiB, 5);
        equal(one?.etag, (await shares.getProperties(connection, { share: `${prefix}c` })).etag);
        ok(one?.lastModified instanceof Date, "a date");

        const pages = await all(shares.list(connection, { prefix, pageSize: 2 }).pages());
        deepEqual(
          pages.map(({ entries }) => entries.length),
          [2, 2, 1],
        );
        equal(pages[2]?.marker, undefined);
        const rest = await all(shares.list(context.connect(), { prefix, pageSize: 2 }).pages({ marker: pages[0]?.marker }));
        deepEqual(
          rest.flatMap(({ entries }) => entries.map(({ name }) => name)),
          names.slice(2),
        );
      } finally {
        for (const share of names) await shares.delete(connection, { share });
      }
      deepEqual(await all(shares.list(connection, { prefix })), []);
    },
  },

  inShare("shares.list is for the account only", async (space) => {
    const connection = derive(space.connection, { credential: sas(await space.serviceToken({ share: space.share })) });
    await rejects(all(shares.list(connection)), { name: "ServiceError", status: 403 });
  }),

  inShare("a listing asks for nothing before its first step", async ({ connection, wire }) => {
    const listing = shares.list(connection, { pageSize: 1 });
    equal(wire.count(), 0);
    for await (const { name } of listing) {
      ok(name, "a name");
      break;
    }
    equal(wire.count("List Shares"), 1);
  }),

  inShare("the client offers the same operations, bound to its connection", async ({ connection, share, ...context }) => {
    const client = new AzureFilesClient(connection);
    equal(await client.shares.exists(), true);
    await client.directories.create({ path: "a" });
    await client.files.write({ path: "a/b.txt", body: "hello" });
    equal(await (await client.streaming.download({ path: "a/b.txt" })).text(), "hello");
    const other = client.with({ share: context.newShareName() });
    equal(await other.shares.exists(), false);
    equal(client.connection.share, share);
    try {
      await other.files.getProperties({ path: "a/b.txt" });
      ok(false, "there is no such share");
    } catch (error) {
      ok(isServiceError(error, "ShareNotFound"), "the guard knows it");
    }
  }),
];
