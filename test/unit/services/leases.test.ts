/** Leases: which operation a request is, what is proposed, and what a lost answer means. */
import { describe, expect, it } from "vitest";
import { derive } from "../../../src/connect.js";
import * as leases from "../../../src/services/leases.js";
import type { Connection } from "../../../src/types/connection.js";
import { coded, ending, refusal, wired } from "../wire-double.js";

const id = "11111111-2222-3333-4444-555555555555";
const other = "aaaaaaaa-2222-3333-4444-555555555555";

describe("a request", () => {
  it.each<[string, (connection: Connection) => Promise<unknown>, number, string, Record<string, string>]>([
    [
      "Acquire File Lease",
      (c) => leases.acquire(c, { path: "a/b", proposedLeaseId: id }),
      201,
      "/share/a/b?comp=lease",
      { "x-ms-allow-trailing-dot": "true", "x-ms-lease-action": "acquire", "x-ms-lease-duration": "-1", "x-ms-proposed-lease-id": id },
    ],
    [
      "Acquire Share Lease",
      (c) => leases.acquire(c, { duration: 15, snapshot: "2026-01-01T00:00:00.0000000Z", proposedLeaseId: id }),
      201,
      "/share?restype=share&comp=lease&sharesnapshot=2026-01-01T00%3A00%3A00.0000000Z",
      { "x-ms-lease-action": "acquire", "x-ms-lease-duration": "15", "x-ms-proposed-lease-id": id },
    ],
    [
      "Renew Share Lease",
      (c) => leases.renew(c, { leaseId: id }),
      200,
      "/share?restype=share&comp=lease",
      { "x-ms-lease-action": "renew", "x-ms-lease-id": id },
    ],
    [
      "Change File Lease",
      (c) => leases.change(c, { path: "a", leaseId: id, proposedLeaseId: other }),
      200,
      "/share/a?comp=lease",
      { "x-ms-allow-trailing-dot": "true", "x-ms-lease-action": "change", "x-ms-lease-id": id, "x-ms-proposed-lease-id": other },
    ],
    [
      "Change Share Lease",
      (c) => leases.change(c, { leaseId: id, proposedLeaseId: other }),
      200,
      "/share?restype=share&comp=lease",
      { "x-ms-lease-action": "change", "x-ms-lease-id": id, "x-ms-proposed-lease-id": other },
    ],
    [
      "Release File Lease",
      (c) => leases.release(c, { path: "a", leaseId: id }),
      200,
      "/share/a?comp=lease",
      { "x-ms-allow-trailing-dot": "true", "x-ms-lease-action": "release", "x-ms-lease-id": id },
    ],
    [
      "Release Share Lease",
      (c) => leases.release(c, { leaseId: id }),
      200,
      "/share?restype=share&comp=lease",
      { "x-ms-lease-action": "release", "x-ms-lease-id": id },
    ],
    [
      "Break File Lease",
      (c) => leases.break(c, { path: "a" }),
      202,
      "/share/a?comp=lease",
      { "x-ms-allow-trailing-dot": "true", "x-ms-lease-action": "break" },
    ],
    [
      "Break Share Lease",
      (c) => leases.break(c, { breakPeriod: 0, leaseId: id }),
      202,
      "/share?restype=share&comp=lease",
      { "x-ms-lease-action": "break", "x-ms-lease-break-period": "0", "x-ms-lease-id": id },
    ],
  ])("is %s", async (operation, call, status, url, headers) => {
    const { wire, connection } = wired();
    const end = ending(call(connection));
    const request = await wire.nextRequest();
    expect(request.operation).toBe(operation);
    expect(request.method).toBe("PUT");
    expect(request.url).toBe(`https://account.file.core.windows.net${url}`);
    expect(request.headers).toEqual({ "x-ms-version": "2026-10-06", ...headers });
    wire.respond(status, {
      "x-ms-lease-id": other,
      "x-ms-lease-time": "7",
      etag: '"1"',
      "last-modified": "Thu, 01 Jan 2026 00:00:00 GMT",
      "x-ms-request-id": "r",
    });
    const facts = { etag: '"1"', lastModified: new Date("2026-01-01"), requestId: "r", leaseId: other };
    expect(await end).toMatchObject(/Release|Break/.test(operation) ? { ...facts, remaining: 7 } : facts);
  });

  it("is about the file that the connection names, unless its path is empty", async () => {
    const { wire, connection } = wired({ path: "a/b" });
    for (const [request, operation] of [
      [{}, "Acquire File Lease"],
      [{ path: "c" }, "Acquire File Lease"],
      [{ path: "" }, "Acquire Share Lease"],
    ] as const) {
      const end = ending(leases.acquire(connection, request));
      expect((await wire.nextRequest()).operation).toBe(operation);
      wire.respond(201);
      await end;
    }
  });

  it.each<[string, (connection: Connection) => Promise<unknown>, new () => Error]>([
    ["a duration of a file's lease", (c) => leases.acquire(c, { path: "a", duration: 15 as -1 }), TypeError],
    ["a duration of the lease of the connection's file", (c) => leases.acquire(derive(c, { path: "a" }), { duration: 15 }), TypeError],
    ["a lease of what is in a snapshot", (c) => leases.acquire(c, { path: "a", snapshot: "2026" as unknown as undefined }), TypeError],
    ["that by the connection's path", (c) => leases.break(derive(c, { path: "a" }), { snapshot: "2026" }), TypeError],
    ["a duration of 14", (c) => leases.acquire(c, { duration: 14 }), RangeError],
    ["a duration of 61", (c) => leases.acquire(c, { duration: 61 }), RangeError],
    ["a duration of 0", (c) => leases.acquire(c, { duration: 0 }), RangeError],
    ["a renewal of a file's lease", (c) => leases.renew(c, { path: "a" as "", leaseId: id }), TypeError],
    ["a renewal without an id", (c) => leases.renew(c, { leaseId: "" }), TypeError],
    ["a change without an id", (c) => leases.change(c, { leaseId: undefined as unknown as string }), TypeError],
    ["a release without an id", (c) => leases.release(c, { path: "a", leaseId: "" }), TypeError],
    ["a break period of a file's lease", (c) => leases.break(c, { path: "a", breakPeriod: 5 as unknown as undefined }), TypeError],
    ["a break period of 61", (c) => leases.break(c, { breakPeriod: 61 }), RangeError],
    ["a directory", (c) => leases.acquire(c, { path: "a/" }), TypeError],
  ])("is refused before the network: %s", async (_what, call, type) => {
    const { wire, connection } = wired();
    expect(await ending(call(connection))).toBeInstanceOf(type);
    expect(wire.requests).toHaveLength(0);
  });
});

describe("an id that is proposed", () => {
  it("is a GUID of the connection's randomness, the same in each try", async () => {
    let state = 1;
    const random = (): number => (state = (state * 16807) % 2147483647) / 2147483647;
    const { wire, clock, connection } = wired({ random });
    const end = ending(leases.acquire(connection, { path: "a" }));
    const first = (await wire.nextRequest()).headers["x-ms-proposed-lease-id"] ?? "";
    expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    wire.respond(500, coded("InternalError"), refusal("InternalError"));
    await clock.advance(500);
    const second = await wire.nextRequest();
    expect(second.headers["x-ms-proposed-lease-id"]).toBe(first);
    // A page may not see the header.
    wire.respond(201);
    expect(await end).toMatchObject({ leaseId: first });
    const next = ending(leases.acquire(connection, { path: "a" }));
    expect((await wire.nextRequest()).headers["x-ms-proposed-lease-id"]).not.toBe(first);
    wire.respond(201);
    await next;
  });
});

describe("a release", () => {
  const releasing = async (lost: boolean, code: string): Promise<unknown> => {
    const { wire, clock, connection } = wired();
    const end = ending(leases.release(connection, { path: "a", leaseId: id }));
    await wire.nextRequest();
    if (lost) {
      wire.respond(500, coded("InternalError"), refusal("InternalError"));
      await clock.advance(500);
      await wire.nextRequest();
    }
    wire.respond(409, coded(code), refusal(code));
    return end;
  };

  it("whose answer was lost is done where the lease is gone", async () => {
    const nothing = { remaining: undefined, leaseId: undefined, etag: undefined, lastModified: undefined, requestId: undefined };
    expect(await releasing(true, "LeaseIdMismatchWithLeaseOperation")).toEqual(nothing);
    expect(await releasing(true, "LeaseNotPresentWithLeaseOperation")).toEqual(nothing);
  });

  it("of what is not there is refused at the first try, and for other reasons at any", async () => {
    expect(await releasing(false, "LeaseNotPresentWithLeaseOperation")).toMatchObject({ code: "LeaseNotPresentWithLeaseOperation" });
    expect(await releasing(true, "ShareBeingDeleted")).toMatchObject({ code: "ShareBeingDeleted" });
  });
});
