/** Trees of directories, made and deleted: which requests, how many at once, and what is told when something stays. */
import { describe, expect, it } from "vitest";
import { connect } from "../../../src/connect.js";
import { AzureFilesError, ServiceError } from "../../../src/errors.js";
import { create, createIfMissing, delete as remove, exists, list, type DeleteLeftovers } from "../../../src/services/directories.js";
import type { Connection } from "../../../src/types/connection.js";
import { turn } from "../virtual-clock.js";
import { coded, countedSignal, ending, type Received, refusal, wired } from "../wire-double.js";
import { all } from "./emulated.js";

/** What a request does, in short. */
const shortly = (request: Received): string =>
  `${request.operation}: ${decodeURIComponent(new URL(request.url).pathname.replace(/^\/share\/?/, ""))}`;

type Tree = { [name: string]: Tree | null };

/** A service that holds a tree and refuses the deletes it is told to; watches how many requests are under way. */
function serving(tree: Tree, refused: Record<string, [number, string]> = {}, pageSize = Infinity) {
  const seen: string[] = [];
  const watch = { most: 0, underWay: 0 };
  const at = (path: string): Tree | null | undefined =>
    path.split("/").reduce<Tree | null | undefined>((node, name) => (name === "" ? node : node?.[name]), tree);
  const connection: Connection = connect({
    endpoint: "https://account.file.core.windows.net",
    share: "share",
    retry: false,
    middleware: [
      () => async (request) => {
        watch.most = Math.max(watch.most, ++watch.underWay);
        await turn();
        watch.underWay--;
        const url = new URL(request.url);
        const path = decodeURIComponent(url.pathname.replace("/share/", ""));
        seen.push(`${request.operation}: ${path}`);
        const [status, code] = refused[path] ?? [];
        const say = (number: number, name: string): Response => new Response(refusal(name), { status: number, headers: coded(name) });
        if (status !== undefined && code !== undefined && request.method === "DELETE") return say(status, code);
        const node = at(path);
        if (node === undefined) return say(404, "ResourceNotFound");
        if (request.method === "DELETE") {
          if (node !== null && Object.keys(node).length > 0) return say(409, "DirectoryNotEmpty");
          const parent = at(path.split("/").slice(0, -1).join("/"));
          delete parent?.[path.split("/").at(-1) ?? ""];
          return new Response(null, { status: 202 });
        }
        const marker = url.searchParams.get("marker") ?? "";
        const names = Object.keys(node ?? {}).filter((name) => name > marker);
        const page = names.slice(0, pageSize);
        const entries = page.map((name) =>
          node?.[name] === null ? `<File><Name>${name}</Name></File>` : `<Directory><Name>${name}</Name></Directory>`,
        );
        const next = page.length < names.length ? page.at(-1) : "";
        return new Response(
          `<EnumerationResults><Entries>${entries.join("")}</Entries><NextMarker>${next}</NextMarker></EnumerationResults>`,
        );
      },
    ],
  });
  return { connection, seen, watch, tree };
}

const files = (count: number): Tree =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${String(index).padStart(3, "0")}`, null]));

describe("create with recursive", () => {
  it("is one request where the parent exists", async () => {
    const { wire, connection } = wired();
    const end = ending(create(connection, { path: "a/b/c", recursive: true, metadata: { k: "v" } }));
    const request = await wire.nextRequest();
    expect(shortly(request)).toBe("Create Directory: a/b/c");
    expect(request.headers["x-ms-meta-k"]).toBe("v");
    wire.respond(201);
    expect(await end).toMatchObject({ created: true });
    expect(wire.requests).toHaveLength(1);
  });

  it("makes the parents that are missing, without the metadata of the last", async () => {
    const { wire, connection } = wired();
    const end = ending(create(connection, { path: "/a/b/c/", recursive: true, metadata: { k: "v" } }));
    const talk: [string, number, string?][] = [
      ["Create Directory: a/b/c", 404, "ParentNotFound"],
      ["Create Directory: a/b", 404, "ParentNotFound"],
      ["Create Directory: a", 201],
      ["Create Directory: a/b", 201],
      ["Create Directory: a/b/c", 201],
    ];
    for (const [expected, status, code] of talk) {
      const request = await wire.nextRequest();
      expect([shortly(request), request.headers["x-ms-meta-k"]]).toEqual([expected, expected.endsWith("c") ? "v" : undefined]);
      wire.respond(status, code === undefined ? {} : coded(code));
    }
    expect(await end).toMatchObject({ created: true });
  });

  it("takes a directory for granted that somebody else made meanwhile, but not a file", async () => {
    const { wire, connection } = wired();
    const there = ending(create(connection, { path: "a", recursive: true }));
    await wire.nextRequest();
    wire.respond(409, coded("ResourceAlreadyExists"));
    await wire.nextRequest();
    wire.respond(200, { etag: '"1"' });
    expect(await there).toEqual(expect.objectContaining({ created: false, etag: '"1"' }));
    const file = ending(createIfMissing(connection, { path: "a" }));
    await wire.nextRequest();
    wire.respond(409, coded("ResourceAlreadyExists"));
    await wire.nextRequest();
    wire.respond(404, coded("ResourceNotFound"));
    expect(await file).toMatchObject({ code: "ResourceAlreadyExists" });
  });

  it("gives up where no parent can be missing", async () => {
    const { wire, connection } = wired();
    const end = ending(create(connection, { path: "a", recursive: true }));
    await wire.nextRequest();
    wire.respond(404, coded("ShareNotFound"));
    expect(await end).toMatchObject({ code: "ShareNotFound", attempts: { length: 1 } });
  });
});

describe("exists", () => {
  it.each([
    [200, "", true],
    [404, "ResourceNotFound", false],
    [404, "ParentNotFound", false],
    [409, "ResourceTypeMismatch", false],
  ])("after %i %s is %s", async (status, code, expected) => {
    const { wire, connection } = wired();
    const end = ending(exists(connection, { path: "a" }));
    await wire.nextRequest();
    wire.respond(status, code === "" ? {} : coded(code));
    expect(await end).toBe(expected);
  });

  it("is no answer to a refusal of another kind", async () => {
    const { wire, connection } = wired();
    const end = ending(exists(connection, { path: "a" }));
    await wire.nextRequest();
    wire.respond(403, coded("AuthorizationFailure"));
    expect(await end).toBeInstanceOf(ServiceError);
  });
});

describe("delete with recursive", () => {
  it("deletes what is inside before what holds it, over all pages, with a count", async () => {
    const tree = { top: { a: { b: { f: null }, g: null }, ...files(7) }, other: null };
    const { connection, seen } = serving(tree, {}, 3);
    const progress: number[] = [];
    expect(await remove(connection, { path: "/top/", recursive: true, onProgress: ({ deleted }) => progress.push(deleted) })).toMatchObject(
      {
        deleted: 12,
      },
    );
    expect(tree).toEqual({ other: null });
    expect(progress).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
    const order = seen.filter((line) => line.startsWith("Delete")).map((line) => line.split(": ")[1] ?? "");
    for (const path of order)
      for (const inner of order) if (inner.startsWith(`${path}/`)) expect(order.indexOf(inner)).toBeLessThan(order.indexOf(path));
  });

  it.each([1, 4])("has at most %i requests under way, listings included", async (concurrency) => {
    const wide: Tree = { top: Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`d${index}`, { a: files(2), b: {} }])) };
    const { connection, watch, tree } = serving(wide);
    expect(await remove(connection, { path: "top", recursive: true, concurrency })).toMatchObject({ deleted: 30 * 5 + 1 });
    expect(tree).toEqual({});
    expect(watch.most).toBe(concurrency);
  });

  it("goes on where one item refuses, and tells each that is left, but not again what holds it", async () => {
    const { connection, tree } = serving(
      { top: { a: { locked: null, free: null }, z: null, open: null } },
      { "top/a/locked": [412, "LeaseIdMissing"], "top/open": [409, "SharingViolation"] },
    );
    const error = (await ending(remove(connection, { path: "top", recursive: true }))) as AzureFilesError;
    expect(error).toBeInstanceOf(AzureFilesError);
    expect(error.message).toMatch(
      /^Delete Directory left 2 items in "top", the first because: Delete File failed: (412 LeaseIdMissing|409 SharingViolation)/,
    );
    const { deleted, left } = error.transfer as DeleteLeftovers;
    expect(deleted).toBe(2);
    expect(left.map(({ path, code }) => `${path} ${code}`).sort()).toEqual(["top/a/locked LeaseIdMissing", "top/open SharingViolation"]);
    expect(tree).toEqual({ top: { a: { locked: null }, open: null } });
  });

  it("does not mind that somebody else deletes, too", async () => {
    const { connection } = serving(
      { top: { a: null, b: {} } },
      { "top/a": [404, "ResourceNotFound"], "top/b": [404, "ResourceNotFound"], top: [202, ""] },
    );
    // What others deleted does not count.
    expect(await remove(connection, { path: "top", recursive: true })).toMatchObject({ deleted: 1 });
  });

  it("says so where there is nothing", async () => {
    const { connection } = serving({});
    expect(await ending(remove(connection, { path: "top", recursive: true }))).toMatchObject({ code: "ResourceNotFound" });
  });

  it("never means the root", async () => {
    const { connection, seen } = serving({ a: null });
    for (const path of ["", "/", undefined]) expect(await ending(remove(connection, { path, recursive: true }))).toBeInstanceOf(TypeError);
    expect(await ending(remove(connection, { path: "a", recursive: true, concurrency: 65 }))).toBeInstanceOf(RangeError);
    expect(seen).toEqual([]);
  });

  it("stops after an abort with its reason", async () => {
    const { connection, seen } = serving({ top: files(100) });
    const { signal, controller, listeners } = countedSignal();
    const end = ending(
      remove(connection, {
        path: "top",
        recursive: true,
        concurrency: 2,
        signal,
        onProgress: ({ deleted }) => deleted === 10 && controller.abort("enough"),
      }),
    );
    expect(await end).toBe("enough");
    await turn();
    await turn();
    expect(seen.length).toBeLessThan(16);
    expect(listeners()).toBe(0);
  });

  it("passes on what a callback throws", async () => {
    const mine = new Error("no room");
    const { connection } = serving({ top: files(3) });
    const throwing = (): void => {
      throw mine;
    };
    expect(await ending(remove(connection, { path: "top", recursive: true, concurrency: 1, onProgress: throwing }))).toBe(mine);
  });
});

describe("a listing", () => {
  const page = (names: string[], marker: string): string =>
    `<EnumerationResults><Entries>${names.map((name) => `<File><Name>${name}</Name></File>`).join("")}</Entries><NextMarker>${marker}</NextMarker></EnumerationResults>`;

  it("asks for nothing before the first step, and for each page when it is needed", async () => {
    const { wire, connection } = wired();
    const listing = list(connection, { path: "a", prefix: "x&y", pageSize: 2, include: ["timestamps", "permissionKey"] });
    expect(await wire.waiting()).toBe(0);
    const steps = listing[Symbol.asyncIterator]();
    const first = steps.next();
    const request = await wire.nextRequest();
    expect(Object.fromEntries(request.query)).toEqual({
      restype: "directory",
      comp: "list",
      prefix: "x&y",
      maxresults: "2",
      include: "Timestamps,PermissionKey",
    });
    expect(request.headers["x-ms-file-extended-info"]).toBe("true");
    wire.respond(200, {}, page(["1", "2"], "m k"));
    expect((await first).value).toMatchObject({ name: "1" });
    expect((await steps.next()).value).toMatchObject({ name: "2" });
    expect(await wire.waiting()).toBe(0);
    const third = steps.next();
    expect((await wire.nextRequest()).query.get("marker")).toBe("m k");
    wire.respond(200, {}, page(["3"], ""));
    expect((await third).value).toMatchObject({ name: "3" });
    expect((await steps.next()).done).toBe(true);
    expect(wire.requests).toHaveLength(2);
  });

  it("goes on from a marker, and may be gone over again", async () => {
    const { wire, connection } = wired();
    const listing = list(connection);
    for (const marker of ["later", undefined]) {
      const next = listing.pages({ marker })[Symbol.asyncIterator]().next();
      expect((await wire.nextRequest()).query.get("marker")).toBe(marker ?? null);
      wire.respond(200, {}, page(["1"], ""));
      expect(await next).toEqual({ done: false, value: { entries: [expect.objectContaining({ name: "1" })], marker: undefined } });
    }
  });

  it("that does not advance is an IntegrityError, not a loop", async () => {
    const { wire, connection } = wired();
    const pages = list(connection).pages({ marker: "m" })[Symbol.asyncIterator]();
    const end = ending(pages.next());
    await wire.nextRequest();
    wire.respond(200, {}, page(["1"], "m"));
    expect(await end).toMatchObject({ name: "IntegrityError", reason: "listing" });
  });

  it("that comes back to an earlier page is one, too, however many pages lie between", async () => {
    const { wire, connection } = wired();
    const names: string[] = [];
    const over = (async () => {
      for await (const { name } of list(connection)) names.push(name);
    })();
    const end = ending(over);
    for (const marker of ["a", "b", "c", "d", "b"]) {
      await wire.nextRequest();
      wire.respond(200, {}, page([marker], marker));
    }
    expect(await end).toMatchObject({ name: "IntegrityError", reason: "listing", message: expect.stringContaining('"b"') });
    expect(names).toEqual(["a", "b", "c", "d"]);
  });

  it("goes on over pages without entries, and past entries and elements that it does not know", async () => {
    const { wire, connection } = wired();
    const end = all(list(connection, { snapshot: "2026-01-01T00:00:00.0000000Z", extendedInfo: true }));
    const first = await wire.nextRequest();
    expect([first.query.get("sharesnapshot"), first.headers["x-ms-file-extended-info"]]).toEqual(["2026-01-01T00:00:00.0000000Z", "true"]);
    wire.respond(200, {}, page([], "a"));
    await wire.nextRequest();
    wire.respond(200, {}, page([], "b"));
    expect((await wire.nextRequest()).query.get("marker")).toBe("b");
    const entries = [
      "<SymLink><Name>link</Name><Target><Path>x</Path></Target></SymLink>",
      "<File><Name>1</Name><FileId>18446744073709551615</FileId><Properties><Content-Length>7</Content-Length><Mode>0644</Mode></Properties><LinkCount>2</LinkCount></File>",
      "<BlockDevice />",
      '<Directory><Name Encoded="true">d%EF%BF%BE</Name><Properties /></Directory>',
    ];
    wire.respond(
      200,
      {},
      `\uFEFF<?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="x"><Prefix Encoded="true">%EF%BF%BE</Prefix><Entries>${entries.join("")}</Entries><NextMarker /><DirectoryId>0</DirectoryId></EnumerationResults>`,
    );
    expect(await end).toEqual([
      { kind: "file", name: "1", size: 7, fileId: "18446744073709551615" },
      { kind: "directory", name: "d\uFFFE" },
    ]);
  });

  it.each([
    [{ pageSize: 0 }, RangeError],
    [{ pageSize: 5001 }, RangeError],
    [{ pageSize: 1.5 }, RangeError],
    [{ include: ["Timestamps" as "timestamps"] }, TypeError],
    [{ include: ["constructor" as "etag"] }, TypeError],
  ])("of %j is refused before the network", (request, kind) => {
    expect(() => list(wired().connection, request)).toThrow(kind);
  });
});
