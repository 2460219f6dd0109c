/** Copies and ranges from URLs: every option as it is sent, and what comes of it. */
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { serviceSas } from "../../../src/auth/mint.js";
import { sas } from "../../../src/auth/sas.js";
import { connect, derive } from "../../../src/connect.js";
import { TransportError } from "../../../src/errors.js";
import * as files from "../../../src/services/files.js";
import * as shares from "../../../src/services/shares.js";
import { coded, ending, refusal, wired } from "../wire-double.js";
import { emulated } from "./emulated.js";

const host = "https://account.file.core.windows.net";
const snapshot = "2026-01-01T00:00:00.0000000Z";
const always = { "x-ms-version": "2026-10-06", "x-ms-allow-trailing-dot": "true", "x-ms-source-allow-trailing-dot": "true" };

describe("startCopy", () => {
  it("says every option once, and is never tried twice", async () => {
    const { wire, connection } = wired();
    const end = ending(
      files.startCopy(connection, {
        path: "b",
        from: `${host}/other/a%20b?sv=1&sig=x`,
        metadata: { k: "v" },
        smb: {
          attributes: "source",
          creationTime: "source",
          lastWriteTime: "now",
          changeTime: "source",
          permission: "O:SY",
          permissionFormat: "Sddl",
        },
        nfs: { owner: "1", group: "2", mode: "0640" },
        permissionCopyMode: "override",
        modeCopyMode: "override",
        ownerCopyMode: "a newer mode",
        ignoreReadOnly: true,
        setArchive: false,
        leaseId: "lease",
      }),
    );
    const request = await wire.nextRequest();
    expect([request.method, request.url]).toEqual(["PUT", `${host}/share/b`]);
    expect(request.headers).toMatchObject({
      ...always,
      "x-ms-copy-source": `${host}/other/a%20b?sv=1&sig=x`,
      "x-ms-meta-k": "v",
      "x-ms-file-attributes": "source",
      "x-ms-file-creation-time": "source",
      "x-ms-file-last-write-time": "now",
      "x-ms-file-change-time": "source",
      "x-ms-file-permission": "O:SY",
      "x-ms-file-permission-format": "Sddl",
      "x-ms-owner": "1",
      "x-ms-group": "2",
      "x-ms-mode": "0640",
      "x-ms-file-permission-copy-mode": "override",
      "x-ms-file-mode-copy-mode": "override",
      "x-ms-file-owner-copy-mode": "a newer mode",
      "x-ms-file-copy-ignore-readonly": "true",
      "x-ms-file-copy-set-archive": "false",
      "x-ms-lease-id": "lease",
    });
    request.fail(new TransportError("network", "the line is cut"));
    expect(await end).toMatchObject({ name: "TransportError", attempts: { length: 1 } });
    expect(wire.requests).toHaveLength(1);
  });

  it("tells what the answer says, an unknown status included", async () => {
    const { wire, connection } = wired();
    const end = files.startCopy(connection, { path: "b", from: { path: "a" } });
    await wire.nextRequest();
    wire.respond(202, {
      etag: '"1"',
      "last-modified": "Tue, 13 Jan 2026 19:10:27 GMT",
      "x-ms-copy-id": "id",
      "x-ms-copy-status": "dreaming",
      "x-ms-request-id": "request",
    });
    expect(await end).toEqual({
      copyId: "id",
      copyStatus: "dreaming",
      etag: '"1"',
      lastModified: new Date("2026-01-13T19:10:27Z"),
      requestId: "request",
    });
  });

  it.each([
    [{ path: "a b/ü%.txt." }, `${host}/share/a%20b/%C3%BC%25.txt.`],
    [{ path: "a", share: "other", snapshot }, `${host}/other/a?sharesnapshot=2026-01-01T00%3A00%3A00.0000000Z`],
    [new URL(`${host}/share/ü?a=b`), `${host}/share/%C3%BC?a=b`],
  ])("from %j asks for the right file", async (from, source) => {
    const { wire, connection } = wired();
    const end = files.startCopy(connection, { path: "b", from });
    expect((await wire.nextRequest()).headers["x-ms-copy-source"]).toBe(source);
    wire.respond(202);
    await end;
  });

  it.each([
    ["", TypeError],
    ["a/b", TypeError],
    ["ftp://host/a", TypeError],
    [`${host}/`, TypeError],
    [`${host}/?sv=1&sig=SECRET`, TypeError],
    ["https://[bad/a?sig=SECRET", TypeError],
    ["https://host:99999/a?sig=SECRET", TypeError],
    [`${host}/share/a#b?sig=SECRET`, TypeError],
    [`${host}/share/a b?sig=SECRET`, TypeError],
    [`${host}/share/ü?sig=SECRET`, TypeError],
    [`${host}/share/${"a".repeat(2048)}?sig=SECRET`, RangeError],
    [{ path: "" }, TypeError],
    [{ path: "a/../b" }, TypeError],
    [{ path: "a", share: "NO" }, TypeError],
    [undefined as unknown as string, TypeError],
  ])("from %j is refused before the network, without an echo of a secret", async (from, kind) => {
    const { wire, connection } = wired();
    for (const work of [
      files.startCopy(connection, { path: "b", from }),
      files.putRangeFromUrl(connection, { path: "b", from, offset: 0, count: 1 }),
    ]) {
      const error = await ending(work);
      expect(error).toBeInstanceOf(kind);
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("SECRET");
    }
    expect(wire.requests).toEqual([]);
  });

  it("never tells a secret of its source in an error", async () => {
    const { wire, connection } = wired({ retry: false });
    const lost = connect({
      endpoint: host,
      share: "share",
      retry: false,
      fetch: (request) => Promise.reject(new TypeError(`cannot send ${JSON.stringify([...request.headers])}`)),
    });
    const from = `${host}/other/a?sv=1&sig=qWcAnArY%3D`;
    const copy = ending(files.startCopy(connection, { path: "b", from }));
    await wire.nextRequest();
    wire.respond(404, coded("CannotVerifyCopySource"), refusal("CannotVerifyCopySource", `No ${from}.`));
    const range = ending(files.putRangeFromUrl(lost, { path: "b", from, offset: 0, count: 1, sourceToken: "qWcAnArY.token" }));
    for (const [error, name] of [
      [await copy, "ServiceError"],
      [await range, "TransportError"],
    ]) {
      expect(error).toMatchObject({ name });
      expect(inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error)).not.toContain("qWcAnArY");
    }
  });
});

describe("a copy", () => {
  it("keeps its facts on the file until somebody writes it anew", async () => {
    const { connection } = await emulated();
    await files.write(connection, { path: "a", body: "hello", metadata: { k: "v" } });
    const { copyId } = await files.startCopy(connection, { path: "b", from: { path: "a" } });
    const facts = {
      id: copyId,
      status: "success",
      source: expect.stringMatching(/\/share\/a$/),
      progress: "5/5",
      completedOn: expect.any(Date),
      statusDescription: undefined,
    };
    expect((await files.getProperties(connection, { path: "b" })).copy).toEqual(facts);
    expect((await files.read(connection, { path: "b" })).copy).toEqual(facts);
    await files.write(connection, { path: "b", body: "x" });
    expect((await files.getProperties(connection, { path: "b" })).copy).toBeUndefined();
  });

  it("can be pending, aborted once, and then no more", async () => {
    const { emulator, connection } = await emulated();
    await files.write(connection, { path: "a", body: "hello" });
    emulator.copies = "pending";
    const { copyId = "", copyStatus } = await files.startCopy(connection, { path: "b", from: { path: "a" } });
    expect(copyStatus).toBe("pending");
    const again = await ending(files.startCopy(connection, { path: "b", from: { path: "a" } }));
    expect(again).toMatchObject({ status: 409, code: "PendingCopyOperation" });
    expect(await files.abortCopy(connection, { path: "b", copyId })).toEqual({ requestId: expect.any(String) });
    expect(await files.getProperties(connection, { path: "b" })).toMatchObject({ size: 0, copy: { status: "aborted" } });
    expect(await ending(files.abortCopy(connection, { path: "b", copyId }))).toMatchObject({ status: 409, code: "NoPendingCopyOperation" });
    await files.startCopy(connection, { path: "c", from: { path: "a" } });
    expect(emulator.completeCopies()).toBe(1);
    expect(await files.getProperties(connection, { path: "c" })).toMatchObject({ size: 5, copy: { status: "success" } });
  });

  it("with a SAS of the share needs none of its own for what is in it, also in a snapshot", async () => {
    const { emulator, connection, share } = await emulated();
    const { account, key } = emulator;
    const token = await serviceSas({ account, key, share, permissions: "rcw", expiresOn: "2099-01-01", protocol: "https,http" });
    const holder = derive(connection, { credential: sas(token) });
    await files.write(connection, { path: "a", body: "old" });
    const { snapshot: time } = await shares.createSnapshot(connection);
    await files.write(connection, { path: "a", body: "new" });
    await files.startCopy(holder, { path: "b", from: { path: "a", snapshot: time } });
    await files.putRangeFromUrl(holder, { path: "b", offset: 1, count: 2, from: { path: "a" } });
    expect(await (await files.read(connection, { path: "b" })).text()).toBe("one");
    const { source } = (await files.getProperties(connection, { path: "b" })).copy ?? {};
    expect(source).not.toContain("sig");
  });
});

describe("putRangeFromUrl", () => {
  it("says every option once", async () => {
    const { wire, connection } = wired();
    const end = files.putRangeFromUrl(connection, {
      path: "b",
      offset: 512,
      count: 100,
      from: "https://blobs.example/c/blob?sig=x",
      sourceOffset: 7,
      sourceToken: "token",
      sourceCrc64: "AAAAAAAAAAA=",
      ifSourceCrc64: "BAAAAAAAAAA=",
      unlessSourceCrc64: "CAAAAAAAAAA=",
      lastWriteTime: "Preserve",
      leaseId: "lease",
    });
    const request = await wire.nextRequest();
    expect([request.method, request.query.get("comp"), request.body]).toEqual(["PUT", "range", undefined]);
    expect(request.headers).toMatchObject({
      ...always,
      "x-ms-write": "update",
      "x-ms-range": "bytes=512-611",
      "x-ms-source-range": "bytes=7-106",
      "x-ms-copy-source": "https://blobs.example/c/blob?sig=x",
      "x-ms-copy-source-authorization": "Bearer token",
      "x-ms-source-content-crc64": "AAAAAAAAAAA=",
      "x-ms-source-if-match-crc64": "BAAAAAAAAAA=",
      "x-ms-source-if-none-match-crc64": "CAAAAAAAAAA=",
      "x-ms-file-last-write-time": "Preserve",
      "x-ms-lease-id": "lease",
    });
    wire.respond(201, { "x-ms-content-crc64": "AAAAAAAAAAA=", "x-ms-request-server-encrypted": "true", "x-ms-request-id": "1" });
    expect(await end).toMatchObject({ contentCrc64: "AAAAAAAAAAA=", serverEncrypted: true, requestId: "1" });
  });

  it("tells the source's own refusal", async () => {
    const { connection } = await emulated();
    await files.create(connection, { path: "b", size: 10 });
    // The rights of the account's key are not its source's.
    const error = await ending(files.putRangeFromUrl(connection, { path: "b", offset: 0, count: 1, from: { path: "b" } }));
    expect(error).toMatchObject({ code: "CannotVerifyCopySource", details: { CopySourceErrorCode: "NoAuthenticationInformation" } });
  });

  it.each([
    [{ count: 0 }, RangeError],
    [{ count: 4_194_305 }, RangeError],
    [{ offset: -1 }, RangeError],
    [{ sourceOffset: 0.5 }, RangeError],
  ])("of %j is refused before the network", async (options, kind) => {
    const { wire, connection } = wired();
    const request = { path: "b", offset: 0, count: 1, from: { path: "a" }, ...options };
    expect(await ending(files.putRangeFromUrl(connection, request))).toBeInstanceOf(kind);
    expect(wire.requests).toEqual([]);
  });
});
