/** Copies, and ranges from URLs. */
import { derive, sas } from "azure-files";
import * as files from "azure-files/files";
import * as shares from "azure-files/shares";
import { type Case, inShare, type Space } from "./case.js";
import { deepEqual, equal, ok, rejects } from "./check.js";
import { bytesOf } from "./content.js";

const refused = (status: number, code: string) => ({ name: "ServiceError", status, code });

/** The URL of a file with a SAS that lets it be read. */
async function signed({ endpoint, share, serviceToken }: Space, path: string): Promise<string> {
  return `${endpoint}/${share}/${path}?${await serviceToken({ share, path, permissions: "r" })}`;
}

export const copyCases: readonly Case[] = [
  inShare("files.startCopy copies content, properties and metadata", async (space) => {
    const { connection } = space;
    const body = bytesOf(5000);
    await files.write(connection, { path: "a", body, metadata: { k: "v" }, content: { type: "text/plain", language: "de" } });
    const { copyId, copyStatus, etag, requestId } = await files.startCopy(connection, { path: "b", from: await signed(space, "a") });
    ok(copyId && requestId, "ids");
    equal(copyStatus, "success");
    const copy = await files.getProperties(connection, { path: "b" });
    deepEqual([copy.etag, copy.size, copy.metadata, copy.content.language], [etag, 5000, { k: "v" }, "de"]);
    deepEqual([copy.copy?.id, copy.copy?.status, copy.copy?.progress], [copyId, "success", "5000/5000"]);
    ok(!/sig=/.test(copy.copy?.source ?? ""), "no signature is told");
    deepEqual([...(await (await files.read(connection, { path: "b" })).bytes())], [...body]);
    equal((await files.getProperties(connection, { path: "a" })).copy, undefined);
  }),

  inShare("files.startCopy takes a file of the account by its name, also in a snapshot", async ({ connection, serviceToken, share }) => {
    await files.write(connection, { path: "a", body: "old" });
    const { snapshot } = await shares.createSnapshot(connection);
    await files.write(connection, { path: "a", body: "new" });
    const holder = derive(connection, { credential: sas(await serviceToken({ share })) });
    await files.startCopy(holder, { path: "b", from: { path: "a" }, metadata: { own: "1" }, smb: { attributes: "source" } });
    await files.startCopy(holder, { path: "c", from: { path: "a", snapshot } });
    equal(await (await files.read(connection, { path: "b" })).text(), "new");
    equal(await (await files.read(connection, { path: "c" })).text(), "old");
    deepEqual((await files.getProperties(connection, { path: "b" })).metadata, { own: "1" });
  }),

  inShare("files.startCopy refuses a source that is not there and a target that is read-only", async (space) => {
    const { connection } = space;
    await files.write(connection, { path: "a", body: "x" });
    await files.create(connection, { path: "fixed", size: 1, smb: { attributes: "ReadOnly" } });
    const from = await signed(space, "a");
    const error = await rejects(files.startCopy(connection, { path: "b", from: await signed(space, "none") }), {
      name: "ServiceError",
      status: 404,
    });
    ok(/CannotVerifyCopySource|ResourceNotFound/.test(String(error["code"])), String(error["code"]));
    await rejects(files.startCopy(connection, { path: "fixed", from }), refused(409, "ReadOnlyAttribute"));
    await files.startCopy(connection, { path: "fixed", from, ignoreReadOnly: true });
    await rejects(files.startCopy(connection, { path: "no/b", from }), refused(404, "ParentNotFound"));
    await rejects(async () => files.startCopy(connection, { path: "b", from: "no url" }), { name: "TypeError" });
  }),

  inShare("files.abortCopy refuses where nothing is pending", async (space) => {
    const { connection } = space;
    await files.write(connection, { path: "a", body: "x" });
    const { copyId = "" } = await files.startCopy(connection, { path: "b", from: await signed(space, "a") });
    await rejects(files.abortCopy(connection, { path: "b", copyId }), refused(409, "NoPendingCopyOperation"));
    await rejects(files.abortCopy(connection, { path: "b", copyId: "no-guid" }), refused(400, "InvalidQueryParameterValue"));
  }),

  inShare(
    "files.abortCopy leaves an empty file",
    async (space) => {
      const { connection } = space;
      await files.write(connection, { path: "a", body: "x", metadata: { k: "v" } });
      await space.setCopies("pending");
      const { copyId = "", copyStatus } = await files.startCopy(connection, { path: "b", from: await signed(space, "a") });
      await space.setCopies("immediate");
      equal(copyStatus, "pending");
      await rejects(files.setMetadata(connection, { path: "b", metadata: {} }), refused(409, "PendingCopyOperation"));
      const { requestId } = await files.abortCopy(connection, { path: "b", copyId });
      ok(requestId, "request id");
      const { copy, size, metadata } = await files.getProperties(connection, { path: "b" });
      deepEqual([copy?.status, size, metadata], ["aborted", 0, { k: "v" }]);
    },
    ["pendingCopies"],
  ),

  inShare("files.putRangeFromUrl writes what the service fetches itself", async (space) => {
    const { connection } = space;
    const body = bytesOf(3000);
    await files.write(connection, { path: "a", body });
    await files.create(connection, { path: "b", size: 2000 });
    const from = await signed(space, "a");
    const written = await files.putRangeFromUrl(connection, { path: "b", offset: 500, count: 1000, from, sourceOffset: 700 });
    ok(written.contentCrc64 && written.etag && written.requestId, "crc, etag and request id");
    const bytes = await (await files.read(connection, { path: "b" })).bytes();
    deepEqual([...bytes.subarray(500, 1500)], [...body.subarray(700, 1700)]);
    equal(bytes[499], 0);
    const again = { path: "b", offset: 0, count: 1000, from, sourceOffset: 700 };
    await files.putRangeFromUrl(connection, { ...again, sourceCrc64: written.contentCrc64, ifSourceCrc64: written.contentCrc64 });
    await rejects(
      files.putRangeFromUrl(connection, { ...again, unlessSourceCrc64: written.contentCrc64 }),
      refused(412, "Crc64ConditionNotMet"),
    );
    await rejects(files.putRangeFromUrl(connection, { ...again, offset: 1500 }), refused(416, "InvalidRange"));
    const missing = await signed(space, "none");
    const error = await rejects(files.putRangeFromUrl(connection, { ...again, from: missing }), refused(404, "CannotVerifyCopySource"));
    equal((error["details"] as Record<string, string>)["CopySourceErrorCode"], "ResourceNotFound");
    await rejects(async () => files.putRangeFromUrl(connection, { ...again, count: 4_194_305 }), { name: "RangeError" });
  }),
];
