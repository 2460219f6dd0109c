/** Snapshots of shares, and shares that come back. */
import * as directories from "azure-files/directories";
import * as files from "azure-files/files";
import * as shares from "azure-files/shares";
import { type Case, inShare } from "./case.js";
import { deepEqual, equal, ok, rejects } from "./check.js";
import { all } from "./content.js";

export const shareSnapshotCases: readonly Case[] = [
  inShare("shares.createSnapshot keeps what there is, whatever comes after", async ({ connection }) => {
    await files.write(connection, { path: "a", body: "before" });
    const { snapshot, etag, lastModified, requestId } = await shares.createSnapshot(connection);
    ok(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/.test(snapshot), snapshot);
    ok(etag && lastModified && requestId, "etag, time and request id");
    await files.write(connection, { path: "a", body: "after" });
    await files.write(connection, { path: "b", body: "new" });
    equal(await (await files.read(connection, { path: "a", snapshot })).text(), "before");
    equal(await (await files.read(connection, { path: "a" })).text(), "after");
    equal(await files.exists(connection, { path: "b", snapshot }), false);
    deepEqual(
      (await all(directories.list(connection, { snapshot }))).map(({ name }) => name),
      ["a"],
    );
    equal(await shares.exists(connection, { snapshot }), true);
  }),

  inShare("shares.createSnapshot takes metadata of its own, or that of the share", async ({ connection }) => {
    await shares.setMetadata(connection, { metadata: { of: "the share" } });
    const inherited = await shares.createSnapshot(connection);
    const own = await shares.createSnapshot(connection, { metadata: { of: "the snapshot" } });
    ok(own.snapshot !== inherited.snapshot, "each has a time of its own");
    deepEqual((await shares.getMetadata(connection, { snapshot: inherited.snapshot })).metadata, { of: "the share" });
    deepEqual((await shares.getProperties(connection, { snapshot: own.snapshot })).metadata, { of: "the snapshot" });
    deepEqual((await shares.getMetadata(connection)).metadata, { of: "the share" });
  }),

  inShare("shares.list tells snapshots before their share, the oldest first", async ({ connection, share }) => {
    const times = [(await shares.createSnapshot(connection)).snapshot, (await shares.createSnapshot(connection)).snapshot];
    const include = ["snapshots", "metadata"] as const;
    const listed = await all(shares.list(connection, { prefix: share, include }));
    deepEqual(
      listed.map(({ name, snapshot }) => [name, snapshot]),
      [...times, undefined].map((time) => [share, time]),
    );
    const pages = await all(shares.list(connection, { prefix: share, include, pageSize: 1 }).pages());
    deepEqual(
      pages.flatMap(({ entries }) => entries.map(({ snapshot }) => snapshot)),
      [...times, undefined],
    );
    deepEqual(
      (await all(shares.list(connection, { prefix: share }))).map(({ snapshot }) => snapshot),
      [undefined],
    );
  }),

  inShare("shares.delete takes one snapshot away, or the share with all of them", async ({ connection, share }) => {
    const { snapshot } = await shares.createSnapshot(connection);
    const other = await shares.createSnapshot(connection);
    await shares.delete(connection, { snapshot });
    equal(await shares.exists(connection, { snapshot }), false);
    await rejects(shares.delete(connection, { snapshot }), { name: "ServiceError", status: 404, code: "ShareSnapshotNotFound" });
    await rejects(shares.delete(connection), { name: "ServiceError", status: 409, code: "ShareHasSnapshots" });
    equal(await shares.exists(connection, { snapshot: other.snapshot }), true);
    await shares.delete(connection, { deleteSnapshots: "include" });
    deepEqual(await all(shares.list(connection, { prefix: share, include: ["snapshots"] })), []);
  }),

  inShare("a snapshot is not written to, and has no snapshot itself", async ({ connection, newShareName }) => {
    const { snapshot } = await shares.createSnapshot(connection);
    equal((await shares.getProperties(connection, { snapshot })).quotaGiB, (await shares.getProperties(connection)).quotaGiB);
    await rejects(shares.createSnapshot(connection, { share: newShareName() }), {
      name: "ServiceError",
      status: 404,
      code: "ShareNotFound",
    });
  }),

  inShare(
    "shares.restore brings back a share that was deleted, with what was in it",
    async ({ connection, share, newShareName }) => {
      await files.write(connection, { path: "a", body: "kept" });
      await shares.delete(connection);
      equal(await shares.exists(connection), false);
      const [entry] = await all(shares.list(connection, { prefix: share, include: ["deleted"] }));
      ok(entry, "it is listed");
      equal(entry.deleted, true);
      ok(entry.version, "a version");
      ok(entry.deletedTime instanceof Date && (entry.remainingRetentionDays ?? 0) >= 0, "when it was deleted, and for how long it is kept");
      await rejects(shares.restore(connection, { share: newShareName(), deletedName: share, deletedVersion: "01D0000000000000" }), {
        name: "ServiceError",
        status: 404,
      });
      const restored = await shares.restore(connection, { deletedVersion: entry.version });
      ok(restored.etag && restored.lastModified && restored.requestId, "etag, time and request id");
      equal(await (await files.read(connection, { path: "a" })).text(), "kept");
      deepEqual(
        (await all(shares.list(connection, { prefix: share, include: ["deleted"] }))).map(({ deleted }) => deleted),
        [undefined],
      );
    },
    ["softDelete"],
  ),

  inShare("shares.restore finds nothing where nothing was deleted", async ({ connection, newShareName }) => {
    await rejects(shares.restore(connection, { share: newShareName(), deletedVersion: "01D0000000000000" }), {
      name: "ServiceError",
      status: 404,
      code: "ShareNotFound",
    });
  }),
];
