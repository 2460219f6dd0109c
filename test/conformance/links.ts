/** NFS shares: owner, group and mode; symbolic and hard links. */
import { derive } from "azure-files";
import * as directories from "azure-files/directories";
import * as files from "azure-files/files";
import * as shares from "azure-files/shares";
import { type Case, inShare, type Space } from "./case.js";
import { deepEqual, equal, ok, rejects } from "./check.js";

const refused = (status: number, code: string) => ({ name: "ServiceError", status, code });

/** A case in an NFS share of its own. */
function inNfsShare(name: string, body: (space: Space) => Promise<void>): Case {
  return inShare(name, async (space) => {
    const share = space.newShareName();
    const connection = derive(space.connection, { share });
    await shares.create(connection, { enabledProtocols: "NFS", rootSquash: "NoRootSquash" });
    try {
      await body({ ...space, share, connection });
    } finally {
      await shares.delete(connection);
    }
  });
}

export const linkCases: readonly Case[] = [
  inNfsShare("files and directories of an NFS share have owner, group and mode", async ({ connection }) => {
    const made = await files.create(connection, { path: "a", size: 1, nfs: { owner: "1000", group: "100", mode: "0640" } });
    deepEqual([made.owner, made.group, made.mode, made.fileType, made.attributes], ["1000", "100", "0640", "Regular", undefined]);
    const changed = await files.setProperties(connection, { path: "a", nfs: { mode: "0600" }, size: 2 });
    deepEqual([changed.owner, changed.mode, changed.linkCount], ["1000", "0600", 1]);
    const directory = await directories.create(connection, { path: "d", nfs: { group: "7" } });
    deepEqual([directory.owner, directory.group, directory.mode], ["0", "7", "0755"]);
    equal((await directories.setProperties(connection, { path: "d", nfs: { mode: "2755" } })).mode, "2755");
    equal((await files.delete(connection, { path: "a" })).linkCount, 0);
  }),

  inNfsShare("files.createSymbolicLink keeps any text, and files.getSymbolicLink gives it back", async ({ connection }) => {
    for (const text of ["target", "../some/target ü", "100%", "a%20b"]) {
      const path = `link-${text.length}`;
      const made = await files.createSymbolicLink(connection, { path, text, owner: "5", metadata: { k: "v" } });
      deepEqual([made.fileType, made.mode, made.owner], ["SymLink", "0777", "5"]);
      const link = await files.getSymbolicLink(connection, { path });
      equal(link.text, text);
      ok(link.etag && link.lastModified && link.requestId, "etag, time and request id");
    }
    await rejects(files.createSymbolicLink(connection, { path: "no/link", text: "x" }), refused(404, "ParentNotFound"));
    await rejects(files.getSymbolicLink(connection, { path: "none" }), refused(404, "ResourceNotFound"));
    await rejects(async () => files.createSymbolicLink(connection, { path: "x", text: "" }), { name: "TypeError" });
  }),

  inNfsShare("files.createHardLink gives a file another name", async ({ connection }) => {
    const made = await files.create(connection, { path: "a", size: 5 });
    const link = await files.createHardLink(connection, { path: "b", existing: "a" });
    deepEqual([link.fileId, link.linkCount], [made.fileId, 2]);
    await files.putRange(connection, { path: "b", offset: 0, body: "hello" });
    equal(await (await files.read(connection, { path: "a" })).text(), "hello");
    await rejects(files.createHardLink(connection, { path: "c", existing: "none" }), refused(404, "ResourceNotFound"));
    await rejects(files.createHardLink(connection, { path: "b", existing: "a" }), refused(409, "ResourceAlreadyExists"));
    equal((await files.delete(connection, { path: "a" })).linkCount, 1);
    equal(await (await files.read(connection, { path: "b" })).text(), "hello");
  }),

  inShare("links are refused on an SMB share", async ({ connection }) => {
    await rejects(files.createSymbolicLink(connection, { path: "a", text: "b" }), { name: "ServiceError", status: 400 });
    await files.create(connection, { path: "a", size: 0 });
    await rejects(files.createHardLink(connection, { path: "b", existing: "a" }), { name: "ServiceError", status: 400 });
  }),
];
