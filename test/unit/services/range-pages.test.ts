/** Ranges, whole and in pages, and what changed since a snapshot. */
import { describe, expect, it } from "vitest";
import * as files from "../../../src/services/files.js";
import * as shares from "../../../src/services/shares.js";
import { ending, wired } from "../wire-double.js";
import { all, emulated } from "./emulated.js";

const path = "a";
const snapshot = "2026-01-02T00:00:00.0000000Z";
const previousSnapshot = "2026-01-01T00:00:00.0000000Z";

describe("rangePages", () => {
  it("asks page by page, and puts written and cleared ranges in one order", async () => {
    const { wire, connection } = wired();
    const ranges = all(
      files.rangePages(connection, {
        path,
        pageSize: 10_000,
        offset: 512,
        count: 4096,
        snapshot,
        previousSnapshot,
        supportRename: true,
        leaseId: "lease",
      }),
    );
    const first = await wire.nextRequest();
    expect(Object.fromEntries(first.query)).toEqual({
      comp: "rangelist",
      sharesnapshot: snapshot,
      prevsharesnapshot: previousSnapshot,
      maxresults: "10000",
    });
    expect(first.headers).toMatchObject({
      "x-ms-range": "bytes=512-4607",
      "x-ms-file-support-rename": "true",
      "x-ms-lease-id": "lease",
      "x-ms-allow-trailing-dot": "true",
    });
    wire.respond(
      200,
      {},
      "<Ranges><Range><Start>512</Start><End>1023</End></Range><ClearRange><Start>1024</Start><End>1535</End></ClearRange><Range><Start>1536</Start><End>2047</End></Range><NextMarker>m/1</NextMarker></Ranges>",
    );
    expect((await wire.nextRequest()).query.get("marker")).toBe("m/1");
    wire.respond(200, {}, "<Ranges><NextMarker>m/2</NextMarker></Ranges>");
    expect((await wire.nextRequest()).query.get("marker")).toBe("m/2");
    wire.respond(200, {}, "<Ranges><ClearRange><Start>4096</Start><End>4607</End></ClearRange><NextMarker /></Ranges>");
    expect(await ranges).toEqual([
      { start: 512, end: 1023, cleared: false },
      { start: 1024, end: 1535, cleared: true },
      { start: 1536, end: 2047, cleared: false },
      { start: 4096, end: 4607, cleared: true },
    ]);
  });

  it("is an IntegrityError where the service goes in circles", async () => {
    const { wire, connection } = wired();
    const end = ending(all(files.rangePages(connection, { path })));
    for (const marker of ["a", "b", "a"]) {
      await wire.nextRequest();
      wire.respond(200, {}, `<Ranges><NextMarker>${marker}</NextMarker></Ranges>`);
    }
    expect(await end).toMatchObject({ name: "IntegrityError", reason: "listing" });
  });

  it.each([0, 10_001, 1.5])("with %d on a page is refused before the network", (pageSize) => {
    const { wire, connection } = wired();
    expect(() => files.rangePages(connection, { path, pageSize })).toThrow(RangeError);
    expect(wire.requests).toEqual([]);
  });

  it("gives what listRanges gives, whatever fits on a page", async () => {
    const { connection } = await emulated();
    await files.create(connection, { path, size: 20 * 1024 });
    for (let offset = 0; offset < 20 * 1024; offset += 2048) await files.putRange(connection, { path, offset, body: new Uint8Array(512) });
    const { snapshot: before } = await shares.createSnapshot(connection);
    await files.clearRange(connection, { path, offset: 2048, count: 512 });
    await files.putRange(connection, { path, offset: 1024, body: new Uint8Array(512) });
    for (const since of [undefined, before]) {
      const { ranges, clearRanges, size, etag, requestId } = await files.listRanges(connection, { path, previousSnapshot: since });
      expect([size, typeof etag, typeof requestId]).toEqual([20 * 1024, "string", "string"]);
      expect(clearRanges).toEqual(since === undefined ? [] : [{ start: 2048, end: 2559 }]);
      for (const pageSize of [1, 3, 10_000]) {
        const found = await all(files.rangePages(connection, { path, previousSnapshot: since, pageSize }));
        expect(found.filter(({ cleared }) => !cleared).map(({ start, end }) => ({ start, end }))).toEqual(ranges);
        expect(found.filter(({ cleared }) => cleared).map(({ start, end }) => ({ start, end }))).toEqual(clearRanges);
      }
    }
  });

  it("of what was renamed since is compared only when asked to", async () => {
    const { connection } = await emulated();
    await files.write(connection, { path, body: "x".repeat(1024) });
    const { snapshot: before } = await shares.createSnapshot(connection);
    await files.rename(connection, { path, to: "b" });
    await files.clearRange(connection, { path: "b", offset: 0, count: 512 });
    const request = { path: "b", previousSnapshot: before };
    expect(await ending(files.listRanges(connection, request))).toMatchObject({ status: 409, code: "PreviousSnapshotNotFound" });
    expect(await files.listRanges(connection, { ...request, supportRename: true })).toMatchObject({
      ranges: [],
      clearRanges: [{ start: 0, end: 511 }],
    });
  });
});
