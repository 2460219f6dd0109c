/** Renaming files and directories. */
import { derive, sas } from "azure-files";
import * as directories from "azure-files/directories";
import * as files from "azure-files/files";
import * as leases from "azure-files/leases";
import { type Case, inShare } from "./case.js";
import { deepEqual, equal, ok, rejects } from "./check.js";

const lease = "aaaaaaaa-1111-4222-8333-aaaaaaaaaaaa";
const refused = (status: number, code: string) => ({ name: "ServiceError", status, code });

export const renameCases: readonly Case[] = [
  inShare("files.rename moves a file with its content, id and times", async ({ connection }) => {
    await directories.create(connection, { path: "to" });
    await files.write(connection, { path: "a %+#.txt.", body: "hello", metadata: { k: "v" }, content: { type: "text/plain" } });
    const before = await files.getProperties(connection, { path: "a %+#.txt." });
    const renamed = await files.rename(connection, { path: "a %+#.txt.", to: "to/b..", contentType: "text/html" });
    const after = await files.getProperties(connection, { path: "to/b.." });
    deepEqual([after.fileId, after.creationTime, after.lastWriteTime], [before.fileId, before.creationTime, before.lastWriteTime]);
    deepEqual([after.metadata, after.content.type, after.etag], [{ k: "v" }, "text/html", renamed.etag]);
    ok(after.etag !== before.etag && after.parentId !== before.parentId, "another version in another place");
    equal(await (await files.read(connection, { path: "to/b.." })).text(), "hello");
    equal(await files.exists(connection, { path: "a %+#.txt." }), false);
  }),

  inShare("files.rename replaces only when told, and what is read-only only when told so too", async ({ connection }) => {
    const [path, to] = ["a", "b"];
    await files.write(connection, { path, body: "new" });
    await files.create(connection, { path: to, size: 1, smb: { attributes: "ReadOnly" } });
    await rejects(files.rename(connection, { path, to }), refused(409, "ResourceAlreadyExists"));
    await rejects(files.rename(connection, { path, to, replaceIfExists: true }), refused(409, "ReadOnlyAttribute"));
    const { attributes } = await files.rename(connection, {
      path,
      to,
      replaceIfExists: true,
      ignoreReadOnly: true,
      metadata: { now: "this" },
      smb: { attributes: "Hidden" },
    });
    equal(attributes, "Hidden");
    deepEqual((await files.getProperties(connection, { path: to })).metadata, { now: "this" });
    await rejects(files.rename(connection, { path: "none", to: "c" }), refused(404, "ResourceNotFound"));
    await rejects(files.rename(connection, { path: to, to: "no/where" }), refused(404, "ParentNotFound"));
    await rejects(async () => files.rename(connection, { path: to, to: "" }), { name: "TypeError" });
  }),

  inShare("files.rename takes the leases of both files", async ({ connection }) => {
    for (const path of ["a", "b"]) {
      await files.create(connection, { path, size: 1 });
      await leases.acquire(connection, { path, proposedLeaseId: lease });
    }
    const move = { path: "a", to: "b", replaceIfExists: true };
    await rejects(files.rename(connection, move), refused(412, "LeaseIdMissing"));
    await rejects(files.rename(connection, { ...move, sourceLeaseId: lease }), refused(412, "LeaseIdMissing"));
    await files.rename(connection, { ...move, sourceLeaseId: lease, destinationLeaseId: lease });
    equal((await files.getProperties(connection, { path: "b" })).leaseState, "leased");
  }),

  inShare("files.rename with a SAS of the share sends it for the source, too", async ({ connection, serviceToken, share }) => {
    await files.write(connection, { path: "a", body: "hello" });
    const holder = derive(connection, { credential: sas(await serviceToken({ share })) });
    await files.rename(holder, { path: "a", to: "b" });
    equal(await (await files.read(connection, { path: "b" })).text(), "hello");
    const writer = derive(connection, { credential: sas(await serviceToken({ share, permissions: "cw" })) });
    await rejects(files.rename(writer, { path: "b", to: "c" }), refused(403, "AuthorizationPermissionMismatch"));
  }),

  inShare("directories.rename moves all that is in it", async ({ connection }) => {
    await directories.create(connection, { path: "a/b", recursive: true });
    await files.write(connection, { path: "a/b/c", body: "deep" });
    await directories.create(connection, { path: "taken" });
    const before = await directories.getProperties(connection, { path: "a" });
    const renamed = await directories.rename(connection, { path: "a", to: "z", metadata: { k: "v" } });
    deepEqual([renamed.fileId, renamed.creationTime], [before.fileId, before.creationTime]);
    equal(await (await files.read(connection, { path: "z/b/c" })).text(), "deep");
    deepEqual((await directories.getMetadata(connection, { path: "z" })).metadata, { k: "v" });
    await rejects(directories.rename(connection, { path: "z", to: "taken" }), refused(409, "ResourceAlreadyExists"));
    await rejects(directories.rename(connection, { path: "z", to: "taken", replaceIfExists: true }), refused(409, "ResourceAlreadyExists"));
    await files.create(connection, { path: "file", size: 0 });
    await directories.rename(connection, { path: "z", to: "file", replaceIfExists: true });
    equal(await directories.exists(connection, { path: "file" }), true);
    await rejects(async () => directories.rename(connection, { path: "", to: "x" }), { name: "TypeError" });
  }),
];
