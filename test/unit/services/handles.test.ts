/** Handles: listing them, closing them, and what a service that goes in circles does. */
import { describe, expect, it } from "vitest";
import * as directories from "../../../src/services/directories.js";
import * as files from "../../../src/services/files.js";
import { ending, wired } from "../wire-double.js";
import { all, emulated } from "./emulated.js";

/** A share with a directory, a file in it, and three handles. */
async function opened() {
  const { emulator, connection, share } = await emulated();
  await directories.create(connection, { path: "d\uFFFF" });
  await files.create(connection, { path: "d\uFFFF/a b.", size: 1 });
  const root = emulator.openHandle({ share, path: "d\uFFFF" });
  const first = emulator.openHandle({ share, path: "d\uFFFF/a b.", access: ["read", "write"], clientIp: "10.1.2.3:4", clientName: "pc" });
  const second = emulator.openHandle({ share, path: "d\uFFFF/a b." });
  return { connection, root, first, second, path: "d\uFFFF/a b." };
}

describe("handles", () => {
  it("are listed with all that is known of them, names that XML cannot hold included", async () => {
    const { connection, first, path } = await opened();
    const { fileId, parentId } = await files.getProperties(connection, { path });
    const [handle] = await all(files.listHandles(connection, { path }));
    expect(handle).toEqual({
      handleId: first.id,
      path,
      fileId,
      parentId,
      sessionId: expect.stringMatching(/^\d+$/),
      clientIp: "10.1.2.3:4",
      clientName: "pc",
      openedOn: expect.any(Date),
      reconnectedOn: undefined,
      accessRights: ["Read", "Write"],
    });
  });

  it("come in pages, of a directory alone or with what is below it", async () => {
    const { connection, root, first, second } = await opened();
    const of = async (request: object): Promise<string[]> =>
      (await all(directories.listHandles(connection, { path: "d\uFFFF", ...request }))).map(({ handleId }) => handleId);
    expect(await of({})).toEqual([root.id]);
    expect(await of({ recursive: true, pageSize: 1 })).toEqual([root.id, first.id, second.id]);
    const sizes = [];
    for await (const { entries } of directories.listHandles(connection, { path: "", recursive: true, pageSize: 2 }).pages())
      sizes.push(entries.length);
    expect(sizes).toEqual([2, 1]);
  });

  it("are closed one by one, and all together", async () => {
    const { connection, root, first, second, path } = await opened();
    expect(await files.forceCloseHandles(connection, { path, handleId: first.id })).toEqual({
      closed: 1,
      failed: 0,
      requestId: expect.any(String),
    });
    expect(first.close()).toBe(false);
    expect(await files.forceCloseHandles(connection, { path, handleId: first.id })).toMatchObject({ closed: 0 });
    expect(await directories.forceCloseHandles(connection, { path: "d\uFFFF", handleId: "*", recursive: true })).toMatchObject({
      closed: 2,
    });
    expect([root.close(), second.close()]).toEqual([false, false]);
    expect(await all(directories.listHandles(connection, { path: "", recursive: true }))).toEqual([]);
  });

  it("keep a file from being deleted until they are closed", async () => {
    const { connection, path } = await opened();
    await expect(files.delete(connection, { path })).rejects.toMatchObject({ status: 409, code: "SharingViolation" });
    await files.forceCloseHandles(connection, { path, handleId: "*" });
    await files.delete(connection, { path });
    await expect(all(files.listHandles(connection, { path }))).rejects.toMatchObject({ status: 404, code: "ResourceNotFound" });
  });
});

describe("forceCloseHandles", () => {
  it("goes on from marker to marker and adds up what was closed", async () => {
    const { wire, connection } = wired();
    const snapshot = "2026-01-01T00:00:00.0000000Z";
    const end = directories.forceCloseHandles(connection, { path: "d", handleId: "*", recursive: true, snapshot });
    for (const [marker, closed, next] of [
      [null, 3, "a"],
      ["a", 2, "b"],
      ["b", 1, ""],
    ] as const) {
      const request = await wire.nextRequest();
      expect([request.method, request.query.get("comp"), request.query.get("marker")]).toEqual(["PUT", "forceclosehandles", marker]);
      expect(request.query.get("sharesnapshot")).toBe(snapshot);
      expect(request.headers).toMatchObject({ "x-ms-handle-id": "*", "x-ms-recursive": "true", "x-ms-allow-trailing-dot": "true" });
      wire.respond(200, {
        "x-ms-number-of-handles-closed": `${closed}`,
        "x-ms-number-of-handles-failed": "1",
        "x-ms-marker": next,
        "x-ms-request-id": `id-${closed}`,
      });
    }
    expect(await end).toEqual({ closed: 6, failed: 3, requestId: "id-1" });
  });

  it("is an IntegrityError where the service goes in circles, of whatever length", async () => {
    const { wire, connection } = wired();
    const end = ending(files.forceCloseHandles(connection, { path: "a", handleId: "*" }));
    for (const next of ["a", "b", "c", "a"]) {
      await wire.nextRequest();
      wire.respond(200, { "x-ms-marker": next });
    }
    expect(await end).toMatchObject({ name: "IntegrityError", reason: "listing" });
    expect(wire.requests).toHaveLength(4);
  });

  it("of a file never says recursive, whatever else it is given", async () => {
    const { wire, connection } = wired();
    const end = files.forceCloseHandles(connection, { path: "a", handleId: "18446744073709551615", recursive: true } as {
      path: string;
      handleId: string;
    });
    expect((await wire.nextRequest()).headers).not.toHaveProperty("x-ms-recursive");
    wire.respond(200);
    expect(await end).toEqual({ closed: 0, failed: 0, requestId: undefined });
  });

  it.each(["", "all", "-1", "0x1", 7 as unknown as string])("of %j is refused before the network", async (handleId) => {
    const { wire, connection } = wired();
    expect(await ending(files.forceCloseHandles(connection, { path: "a", handleId }))).toBeInstanceOf(TypeError);
    expect(wire.requests).toEqual([]);
  });
});

describe("a handle as newer or older versions tell it", () => {
  it("has what is there, one right stays a list, ids stay text", async () => {
    const { wire, connection } = wired();
    const pages = all(files.listHandles(connection, { path: "a" }));
    await wire.nextRequest();
    wire.respond(
      200,
      {},
      `\uFEFF<?xml version="1.0"?><EnumerationResults><Entries><Handle><HandleId>18446744073709551615</HandleId><Path Encoded="true">a%EF%BF%BF</Path><New>x</New><OpenTime>Tue, 13 Jan 2026 19:10:27 GMT</OpenTime><LastReconnectTime>no time</LastReconnectTime><AccessRightList><AccessRight>Read</AccessRight></AccessRightList></Handle></Entries><NextMarker /></EnumerationResults>`,
    );
    expect(await pages).toEqual([
      {
        handleId: "18446744073709551615",
        path: "a\uFFFF",
        fileId: undefined,
        parentId: undefined,
        sessionId: undefined,
        clientIp: undefined,
        clientName: undefined,
        openedOn: new Date("2026-01-13T19:10:27Z"),
        reconnectedOn: undefined,
        accessRights: ["Read"],
      },
    ]);
  });
});
