/** Renaming files and directories: every option as it is sent, and what comes of it. */
import { describe, expect, it } from "vitest";
import { TransportError } from "../../../src/errors.js";
import * as directories from "../../../src/services/directories.js";
import * as files from "../../../src/services/files.js";
import { coded, ending, wired } from "../wire-double.js";
import { all, emulated } from "./emulated.js";

const host = "https://account.file.core.windows.net";
const options = {
  path: "from/a b%.",
  to: "to/ü",
  replaceIfExists: true,
  ignoreReadOnly: false,
  sourceLeaseId: "source",
  destinationLeaseId: "destination",
  smb: { attributes: "Hidden", creationTime: "now", permissionKey: "1*2" },
  metadata: { k: "v" },
};
const sent = {
  "x-ms-version": "2026-10-06",
  "x-ms-file-rename-source": `${host}/share/from/a%20b%25.`,
  "x-ms-file-rename-replace-if-exists": "true",
  "x-ms-file-rename-ignore-readonly": "false",
  "x-ms-source-lease-id": "source",
  "x-ms-destination-lease-id": "destination",
  "x-ms-file-attributes": "Hidden",
  "x-ms-file-creation-time": "now",
  "x-ms-file-permission-key": "1*2",
  "x-ms-meta-k": "v",
  "x-ms-allow-trailing-dot": "true",
  "x-ms-source-allow-trailing-dot": "true",
};

describe("rename", () => {
  it.each([
    ["Rename File", files.rename, { ...options, contentType: "a/b" }, "?comp=rename", { ...sent, "x-ms-content-type": "a/b" }],
    ["Rename Directory", directories.rename, options, "?restype=directory&comp=rename", sent],
  ] as const)(
    "%s says every option once, goes to the new name, and looks there when a second try finds no source",
    async (operation, rename, given, query, headers) => {
      const { wire, clock, connection } = wired();
      const end = ending(rename(connection, given));
      const request = await wire.nextRequest();
      expect([request.operation, request.method, request.url]).toEqual([operation, "PUT", `${host}/share/to/%C3%BC${query}`]);
      expect(request.headers).toEqual(headers);
      request.fail(new TransportError("network", "the line is cut"));
      await clock.advance(250);
      const again = await wire.nextRequest();
      expect([again.url, again.headers]).toEqual([request.url, request.headers]);
      again.respond(404, coded("ResourceNotFound"));
      const kind = operation === "Rename File" ? "" : "?restype=directory";
      const source = await wire.nextRequest();
      expect([source.method, source.url]).toEqual(["HEAD", headers["x-ms-file-rename-source"] + kind]);
      source.respond(404, coded("ResourceNotFound"));
      const target = await wire.nextRequest();
      expect([target.method, target.url]).toEqual(["HEAD", `${host}/share/to/%C3%BC${kind}`]);
      // Its clock goes wrong, but is its own.
      target.respond(200, { date: "Sun, 01 Mar 2026 10:00:01 GMT", "last-modified": "Sun, 01 Mar 2026 10:00:00 GMT", etag: '"9"' });
      expect(await end).toMatchObject({ etag: '"9"' });
    },
  );

  it("leaves dots to the service where the connection does", async () => {
    const { wire, connection } = wired({ allowTrailingDot: false });
    const end = ending(files.rename(connection, { path: "a.", to: "b." }));
    expect((await wire.nextRequest()).headers).toEqual({
      "x-ms-version": "2026-10-06",
      "x-ms-file-rename-source": `${host}/share/a.`,
      "x-ms-allow-trailing-dot": "false",
      "x-ms-source-allow-trailing-dot": "false",
    });
    wire.respond(200, { etag: '"1"', "x-ms-request-server-encrypted": "true", "x-ms-request-id": "id" });
    expect(await end).toMatchObject({ etag: '"1"', serverEncrypted: true, requestId: "id" });
  });

  it.each([
    [{ path: "a", to: "" }],
    [{ path: "a", to: undefined as unknown as string }],
    [{ path: "a", to: "x/../y" }],
    [{ path: "", to: "b" }],
    [{ path: "a:b", to: "b" }],
    [{ path: "a", to: "b", metadata: { "no name": "" } }],
    [{ path: "a", to: "b", smb: { permission: "O:SY", permissionKey: "1*2" } }],
  ])("of %j is refused before the network", async (request) => {
    const { wire, connection } = wired();
    expect(await ending(files.rename(connection, request))).toBeInstanceOf(TypeError);
    expect(await ending(directories.rename(connection, request))).toBeInstanceOf(TypeError);
    expect(wire.requests).toEqual([]);
  });

  it("keeps what a file is, and gives it the new name only", async () => {
    const { connection } = await emulated();
    await files.write(connection, { path: "a", body: "hello", metadata: { k: "v" }, content: { type: "text/plain" } });
    const before = await files.getProperties(connection, { path: "a" });
    const { etag, lastModified, changeTime, requestId, serverEncrypted, ...same } = await files.rename(connection, { path: "a", to: "b" });
    expect(serverEncrypted).toBe(true);
    expect(before).toMatchObject(same);
    expect(await files.getProperties(connection, { path: "b" })).toMatchObject({
      ...same,
      etag,
      lastModified,
      changeTime,
      metadata: { k: "v" },
      content: { type: "text/plain" },
    });
    expect(requestId).not.toBe(before.requestId);
  });

  it("of a directory takes all along, also over a file, and refuses its own inside", async () => {
    const { connection } = await emulated();
    await directories.create(connection, { path: "a/b/c", recursive: true });
    await files.write(connection, { path: "a/b/f", body: "deep" });
    await files.create(connection, { path: "file", size: 0 });
    expect(await ending(directories.rename(connection, { path: "a", to: "a/b/x" }))).toMatchObject({ name: "ServiceError" });
    expect(await ending(directories.rename(connection, { path: "a", to: "file" }))).toMatchObject({
      status: 409,
      code: "ResourceAlreadyExists",
    });
    await directories.rename(connection, { path: "a", to: "file", replaceIfExists: true });
    expect((await all(directories.list(connection, { path: "file/b" }))).map(({ name, kind }) => [name, kind])).toEqual([
      ["c", "directory"],
      ["f", "file"],
    ]);
    expect(await ending(directories.rename(connection, { path: "a", to: "z" }))).toMatchObject({ status: 404, code: "ResourceNotFound" });
  });
});
