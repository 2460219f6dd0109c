/** Uploads that never ended, as they are found and cleared away. */
import { beforeEach, describe, expect, it } from "vitest";
import { derive } from "../../../src/connect.js";
import * as directories from "../../../src/services/directories.js";
import * as leases from "../../../src/services/leases.js";
import * as files from "../../../src/services/files.js";
import { deleteUnfinished, listUnfinished, type UnfinishedRequest } from "../../../src/streaming/unfinished.js";
import { upload, type UploadRequest } from "../../../src/streaming/upload.js";
import type { Connection } from "../../../src/types/connection.js";
import { coded } from "../wire-double.js";
import { all, emulated } from "../services/emulated.js";

let connection: Connection;
const body = new Uint8Array(4096).fill(1);

/** Begins an upload that breaks off at its first range. */
async function abandon(path: string, request: Partial<UploadRequest> = {}): Promise<void> {
  const broken = derive(connection, {
    middleware: [(next) => (sent) => (sent.operation === "Put Range" ? Promise.reject(new Error("gone")) : next(sent))],
  });
  await expect(upload(broken, { path, body, rangeSize: 1024, ...request })).rejects.toThrow("gone");
}

const found = async (request: UnfinishedRequest): Promise<string[]> =>
  (await all(listUnfinished(connection, { idle: 0, ...request }))).map(({ path }) => path).toSorted();

beforeEach(async () => {
  ({ connection } = await emulated());
  await directories.create(connection, { path: "in/deep", recursive: true });
  await abandon("top");
  await abandon("in/one");
  await abandon("in/deep/two", { atomic: true });
  await files.write(connection, { path: "in/whole", body });
  await upload(connection, { path: "in/deep/whole", body, rangeSize: 1024 });
});

describe("uploads that never ended", () => {
  it("are found wherever they are, and whole files are not", async () => {
    expect(await found({})).toEqual([expect.stringMatching(/^in\/deep\/two\..*\.partial$/), "in/one", "top"]);
    expect(await found({ path: "in", recursive: false })).toEqual(["in/one"]);
    expect(await found({ path: "in/deep/" })).toHaveLength(1);
    const [one] = await all(listUnfinished(connection, { idle: 0, path: "in", recursive: false }));
    expect(one).toMatchObject({ path: "in/one", size: 4096, lastModified: expect.any(Date) });
  });

  it("are left alone while they may be under way", async () => {
    expect(await found({ idle: 60_000 })).toEqual([]);
    expect(await all(listUnfinished(connection))).toEqual([]);
    expect(await deleteUnfinished(connection)).toEqual([]);
  });

  it("are deleted, and told; what is whole stays", async () => {
    expect((await deleteUnfinished(connection, { idle: 0, path: "in" })).map(({ path }) => path)).toEqual([
      "in/one",
      expect.stringContaining("in/deep/two."),
    ]);
    expect(await found({})).toEqual(["top"]);
    expect(await files.exists(connection, { path: "in/whole" })).toBe(true);
    expect(await files.exists(connection, { path: "in/deep/whole" })).toBe(true);
  });

  it("that somebody else deletes at the same time are no failure", async () => {
    const racing = derive(connection, {
      middleware: [
        (next) => async (sent) => {
          if (sent.operation === "Delete File") await next(sent);
          return next(sent);
        },
      ],
    });
    expect(await deleteUnfinished(racing, { idle: 0, path: "in", recursive: false })).toEqual([]);
    expect(await found({ path: "in", recursive: false })).toEqual([]);
  });

  it("that are leased belong to somebody, and hold up no others", async () => {
    const { leaseId } = await leases.acquire(connection, { path: "in/one" });
    expect((await deleteUnfinished(connection, { idle: 0 })).map(({ path }) => path)).toEqual([
      "top",
      expect.stringContaining("in/deep/two."),
    ]);
    expect(await found({})).toEqual(["in/one"]);
    await leases.release(connection, { path: "in/one", leaseId });
  });

  it("that are refused for another reason say so", async () => {
    const refused = derive(connection, {
      middleware: [
        (next) => async (sent) =>
          sent.operation === "Delete File" ? new Response(null, { status: 403, headers: coded("AuthorizationFailure") }) : next(sent),
      ],
    });
    await expect(deleteUnfinished(refused, { idle: 0 })).rejects.toMatchObject({ status: 403, code: "AuthorizationFailure" });
  });

  it("are found by the temporary name, too, where all but the name was done", async () => {
    const unnamed = derive(connection, {
      middleware: [(next) => (sent) => (sent.operation === "Rename File" ? Promise.reject(new Error("gone")) : next(sent))],
    });
    await expect(upload(unnamed, { path: "in/three", body, rangeSize: 1024, atomic: true })).rejects.toThrow("gone");
    await files.write(connection, { path: "in/mine.partial", body });
    expect(await found({ path: "in", recursive: false })).toEqual(["in/one", expect.stringMatching(/^in\/three\..*\.partial$/)]);
  });

  it("are not looked for with an idle time that is none", async () => {
    await expect(all(listUnfinished(connection, { idle: -1 }))).rejects.toThrow(RangeError);
  });
});
