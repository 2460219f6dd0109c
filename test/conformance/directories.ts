/** Operations on directories. */
import { derive, sas } from "azure-files";
import * as directories from "azure-files/directories";
import * as files from "azure-files/files";
import { type Case, inShare, type Space } from "./case.js";
import { deepEqual, equal, ok, rejects } from "./check.js";
import { all } from "./content.js";
import { during } from "./wire.js";

/** Makes directories and small files at once; a path that ends in "/" is a directory. */
async function plant({ connection }: Space, ...paths: string[]): Promise<void> {
  for (const path of paths) {
    await (path.endsWith("/") ? directories.create(connection, { path }) : files.write(connection, { path, body: path }));
  }
}

const names = (entries: readonly { readonly name: string }[]): string[] => entries.map(({ name }) => name);

export const directoryCases: readonly Case[] = [
  inShare("directories.create makes a directory with metadata and times", async ({ connection }) => {
    const creationTime = "2020-02-03T04:05:06.1234567Z";
    const made = await directories.create(connection, {
      path: "a",
      metadata: { Owner: "me" },
      smb: { creationTime, lastWriteTime: creationTime, attributes: "Hidden" },
    });
    equal(made.created, true);
    equal(made.parentId, "0");
    ok(/^\d+$/.test(made.fileId ?? ""), "an id in decimal");
    const properties = await directories.getProperties(connection, { path: "a" });
    deepEqual(properties.metadata, { owner: "me" });
    equal(properties.creationTime, creationTime);
    equal(properties.lastWriteTime, creationTime);
    ok(/Hidden/.test(properties.attributes ?? "") && /Directory/.test(properties.attributes ?? ""), "attributes");
    equal(properties.etag, made.etag);
    equal(properties.fileId, made.fileId);
    equal(properties.serverEncrypted, true);
  }),

  inShare("directories.create refuses what is there and what has no parent", async (space) => {
    await plant(space, "a/", "file");
    const { connection } = space;
    const taken = { name: "ServiceError", status: 409, code: "ResourceAlreadyExists" };
    await rejects(directories.create(connection, { path: "a" }), taken);
    await rejects(directories.create(connection, { path: "file" }), taken);
    await rejects(directories.create(connection, { path: "x/y" }), { name: "ServiceError", status: 404, code: "ParentNotFound" });
  }),

  inShare("directories.create with recursive is one request where the parent exists", async ({ connection, wire }) => {
    await directories.create(connection, { path: "a", recursive: true });
    equal(wire.count(), 1);
    await directories.create(connection, { path: "a/b", recursive: true });
    equal(wire.count(), 2);
    const made = await directories.create(connection, { path: "p/q/r", recursive: true, metadata: { k: "v" } });
    equal(made.created, true);
    deepEqual((await directories.getProperties(connection, { path: "p/q/r" })).metadata, { k: "v" });
    deepEqual((await directories.getProperties(connection, { path: "p/q" })).metadata, {});
    const again = await directories.create(connection, { path: "p/q/r", recursive: true, metadata: { k: "other" } });
    equal(again.created, false);
    equal(again.fileId, made.fileId);
    deepEqual((await directories.getProperties(connection, { path: "p/q/r" })).metadata, { k: "v" });
  }),

  inShare("directories.create with recursive, many at once, makes each parent once", async ({ connection }) => {
    const paths = Array.from({ length: 8 }, (_, index) => `deep/er/${index}`);
    const made = await Promise.all(paths.map((path) => directories.create(connection, { path, recursive: true })));
    ok(
      made.every(({ created }) => created),
      "each is new",
    );
    equal((await all(directories.list(connection, { path: "deep/er" }))).length, 8);
  }),

  inShare("directories.createIfMissing finds a directory and refuses a file", async (space) => {
    await plant(space, "a/", "file");
    const { connection } = space;
    equal((await directories.createIfMissing(connection, { path: "a" })).created, false);
    equal((await directories.createIfMissing(connection, { path: "b" })).created, true);
    await rejects(directories.createIfMissing(connection, { path: "file" }), { name: "ServiceError", code: "ResourceAlreadyExists" });
    await rejects(directories.create(connection, { path: "file/b", recursive: true }), { name: "ServiceError" });
  }),

  inShare("directories.exists knows directories from files and from nothing", async (space) => {
    await plant(space, "a/", "file");
    const { connection } = space;
    equal(await directories.exists(connection, { path: "a" }), true);
    equal(await directories.exists(connection, { path: "" }), true);
    equal(await directories.exists(connection, { path: "file" }), false);
    equal(await directories.exists(connection, { path: "b" }), false);
    equal(await directories.exists(connection, { path: "b/c" }), false);
    equal(await directories.exists(connection, { path: "a", share: "no-such-share" }), false);
  }),

  inShare("directories.getProperties reads the root and refuses what is missing", async ({ connection }) => {
    equal((await directories.getProperties(connection, { path: "" })).fileId, "0");
    await rejects(directories.getProperties(connection, { path: "a" }), { name: "ServiceError", status: 404, code: "ResourceNotFound" });
    await rejects(directories.getProperties(connection, { path: "a/b" }), { name: "ServiceError", status: 404, code: "ParentNotFound" });
  }),

  inShare("directories.delete takes empty directories only", async (space) => {
    await plant(space, "a/", "a/b/");
    const { connection } = space;
    await rejects(directories.delete(connection, { path: "a" }), { name: "ServiceError", status: 409, code: "DirectoryNotEmpty" });
    equal((await directories.delete(connection, { path: "a/b" })).deleted, 1);
    await directories.delete(connection, { path: "a" });
    equal(await directories.exists(connection, { path: "a" }), false);
    await rejects(directories.delete(connection, { path: "a" }), { name: "ServiceError", status: 404, code: "ResourceNotFound" });
  }),

  inShare("directories.delete with recursive takes everything, a few at once, and tells how far it is", async (space) => {
    await plant(space, "a/", "a/b/", "a/b/c/", "a/b/c/1", "a/b/c/2", "a/b/3", "a/4", "a/e/", "beside");
    const { connection, wire } = space;
    wire.clear();
    const seen: { deleted: number; path: string }[] = [];
    const { deleted } = await directories.delete(connection, {
      path: "a",
      recursive: true,
      concurrency: 2,
      onProgress: (now) => seen.push(now),
    });
    equal(deleted, 8);
    deepEqual(
      seen.map((step) => step.deleted),
      [1, 2, 3, 4, 5, 6, 7, 8],
    );
    equal(seen.at(-1)?.path, "a");
    deepEqual(seen.map(({ path }) => path).sort(), ["a", "a/4", "a/b", "a/b/3", "a/b/c", "a/b/c/1", "a/b/c/2", "a/e"]);
    const deletes = wire.requests.filter(({ method }) => method === "DELETE");
    equal(deletes.length, 8);
    deepEqual(names(await all(directories.list(connection))), ["beside"]);
  }),

  inShare("directories.delete with recursive keeps to its concurrency", async (space) => {
    await plant(space, "a/", ...Array.from({ length: 12 }, (_, index) => `a/${index}`));
    let [now, most] = [0, 0];
    const counting = during("Delete File", async (request, next) => {
      most = Math.max(most, ++now);
      await new Promise((done) => setTimeout(done, 1));
      return next(request).finally(() => now--);
    });
    await directories.delete(derive(space.connection, { middleware: [counting] }), { path: "a", recursive: true, concurrency: 3 });
    equal(most, 3);
  }),

  inShare("directories.delete with recursive reports what it left and why", async (space) => {
    await plant(space, "a/", "a/b/", "a/b/1", "a/2");
    const { connection } = space;
    await files.create(connection, { path: "a/b/kept", size: 0, smb: { attributes: "ReadOnly" } });
    const error = await rejects(directories.delete(connection, { path: "a", recursive: true }), {
      name: "AzureFilesError",
      message: /left 1 item/,
    });
    const { deleted, left } = error["transfer"] as directories.DeleteLeftovers;
    equal(deleted, 2);
    deepEqual(
      left.map(({ path, code }) => [path, code]),
      [["a/b/kept", "ReadOnlyAttribute"]],
    );
    deepEqual(names(await all(directories.list(connection, { path: "a" }))), ["b"]);
  }),

  inShare("directories.delete with recursive needs no more than it says, and the directory itself", async ({ connection }) => {
    await rejects(directories.delete(connection, { path: "missing", recursive: true }), { name: "ServiceError", code: "ResourceNotFound" });
    await rejects(directories.delete(connection, { path: "", recursive: true }), { name: "TypeError", message: /root/ });
  }),

  inShare("directories.delete with recursive goes over the pages of long listings", async (space) => {
    await plant(space, "a/", ...Array.from({ length: 7 }, (_, index) => `a/${index}`));
    // Middleware comes after the credential, so only a SAS lets it change the query.
    const short = during("List Directories and Files", (request, next) => next({ ...request, url: `${request.url}&maxresults=2` }));
    const credential = sas(await space.serviceToken({ share: space.share }));
    const connection = derive(space.connection, { credential, middleware: [space.wire.middleware, short] });
    equal((await directories.delete(connection, { path: "a", recursive: true })).deleted, 8);
    ok(space.wire.count("List Directories and Files") >= 4, "several pages");
  }),

  inShare("directories.list gives one level by name, files and directories together", async (space) => {
    await plant(space, "b/", "b/inner", "C.txt", "a.txt", "D/");
    const listed = await all(directories.list(space.connection, { path: "" }));
    deepEqual(
      listed.map((entry) => [entry.kind, entry.name, entry.kind === "file" ? entry.size : undefined]),
      [
        ["file", "a.txt", 5],
        ["directory", "b", undefined],
        ["file", "C.txt", 5],
        ["directory", "D", undefined],
      ],
    );
    ok(
      listed.every(({ fileId, etag, attributes }) => /^\d+$/.test(fileId ?? "") && etag === undefined && attributes === undefined),
      "no extras",
    );
    deepEqual(await all(directories.list(space.connection, { path: "D" })), []);
  }),

  inShare("directories.list tells more when asked", async (space) => {
    await plant(space, "a.txt", "b/");
    const [file, directory] = await all(
      directories.list(space.connection, { include: ["timestamps", "etag", "attributes", "permissionKey"] }),
    );
    const properties = await files.getProperties(space.connection, { path: "a.txt" });
    equal(file?.etag, properties.etag);
    equal(file?.creationTime, properties.creationTime);
    equal(file?.lastWriteTime, properties.lastWriteTime);
    equal(file?.changeTime, properties.changeTime);
    deepEqual(file?.lastModified, properties.lastModified);
    equal(file?.attributes, properties.attributes);
    equal(file?.permissionKey, properties.permissionKey);
    equal(file?.fileId, properties.fileId);
    equal(directory?.attributes, "Directory");
    const [bare] = await all(directories.list(space.connection, { include: ["etag"] }));
    equal(bare?.creationTime, undefined);
    equal(bare?.etag, properties.etag);
  }),

  inShare("directories.list takes a prefix in any case", async (space) => {
    await plant(space, "Report-1", "report-2", "other");
    deepEqual(names(await all(directories.list(space.connection, { prefix: "report" }))), ["Report-1", "report-2"]);
    deepEqual(names(await all(directories.list(space.connection, { prefix: "none" }))), []);
  }),

  inShare("directories.list comes in pages that can be gone on with elsewhere", async (space) => {
    await plant(space, "1", "2", "3/", "4", "5/");
    const pages = await all(directories.list(space.connection, { pageSize: 2 }).pages());
    deepEqual(
      pages.map(({ entries }) => names(entries)),
      [["1", "2"], ["3", "4"], ["5"]],
    );
    equal(pages[2]?.marker, undefined);
    const elsewhere = space.connect({ share: space.share });
    const rest = await all(directories.list(elsewhere, { pageSize: 4 }).pages({ marker: pages[0]?.marker }));
    deepEqual(
      rest.flatMap(({ entries }) => names(entries)),
      ["3", "4", "5"],
    );
    deepEqual(names(await all(directories.list(space.connection, { pageSize: 1 }))), ["1", "2", "3", "4", "5"]);
  }),

  inShare("directories.list refuses what is missing, a file, and a marker that is none", async (space) => {
    await plant(space, "file");
    const { connection } = space;
    await rejects(all(directories.list(connection, { path: "a" })), { name: "ServiceError", status: 404, code: "ResourceNotFound" });
    await rejects(all(directories.list(connection, { path: "a/b" })), { name: "ServiceError", status: 404, code: "ParentNotFound" });
    await rejects(all(directories.list(connection, { path: "file" })), { name: "ServiceError", status: 409, code: "ResourceTypeMismatch" });
    await rejects(all(directories.list(connection).pages({ marker: "nonsense" })), { name: "ServiceError", status: 400 });
  }),

  inShare("an abort stops a recursive delete with its own reason", async (space) => {
    await plant(space, "a/", "a/1", "a/2", "a/3", "a/4");
    const controller = new AbortController();
    const reason = new Error("enough");
    const work = directories.delete(space.connection, {
      path: "a",
      recursive: true,
      concurrency: 1,
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    });
    equal(await rejects(work, { message: /enough/ }), reason);
    equal(await directories.exists(space.connection, { path: "a" }), true);
  }),
];
