/** Handles as SMB clients open them: listed, closed by force, and met by requests. */
import { describe, expect, it } from "vitest";
import type { HandleAccess } from "../../../src/simulation/index.js";
import { accountSas, createFile, createShareCaller, errorCode, putRange, type Caller } from "./account.js";

/** A share with the directories `d`, `d/e` and `other`, and the files `d/f`, `d/e/g` and `h`, of 1024 bytes each. */
async function filled(): Promise<Caller> {
  const caller = await createShareCaller();
  for (const path of ["d", "d/e", "other"]) await caller.call("PUT", `/docs/${path}?restype=directory`);
  for (const path of ["d/f", "d/e/g", "h"]) expect((await createFile(caller, `/docs/${path}`, 1024)).status).toBe(201);
  return caller;
}

const open = (caller: Caller, path: string): ReturnType<Caller["emulator"]["openHandle"]> =>
  caller.emulator.openHandle({ share: "docs", path });

async function list(
  caller: Caller,
  path: string,
  headers: Record<string, string> = {},
  words = "",
  version = "2026-10-06",
): Promise<string> {
  const response = await caller.call("GET", `${path}?comp=listhandles${words}`, { headers, version });
  expect(response.status).toBe(200);
  return response.text();
}

const named = (xml: string, name: string): string[] =>
  [...xml.matchAll(new RegExp(`<${name}[^>]*>([^<]*)`, "g"))].map((match) => match[1] ?? "");
const ids = (xml: string): string[] => named(xml, "HandleId");
const recursive = { "x-ms-recursive": "true" };

/** Closes by force; the answer as `closed/failed`, or status and code. */
async function force(caller: Caller, path: string, headers: Record<string, string>, words = ""): Promise<string> {
  const { status, headers: told } = await caller.call("PUT", `${path}?comp=forceclosehandles${words}`, { headers });
  if (status !== 200) return `${status} ${told.get("x-ms-error-code")}`;
  return `${told.get("x-ms-number-of-handles-closed")}/${told.get("x-ms-number-of-handles-failed")}`;
}

describe("opening a handle", () => {
  it.each([
    ["docs", "none"],
    ["docs", "h/none"],
    ["none", ""],
  ])("in %j of %j that is not there is a mistake", async (share, path) => {
    const caller = await filled();
    expect(() => caller.emulator.openHandle({ share, path })).toThrow(TypeError);
  });

  it("finds names as the share does, and gives each handle an id of its own", async () => {
    const caller = await filled();
    const handles = [open(caller, "D/F"), open(caller, "/d/f/"), open(caller, "")];
    expect(new Set(handles.map(({ id }) => id)).size).toBe(3);
    expect(ids(await list(caller, "/docs/d/f"))).toEqual(handles.slice(0, 2).map(({ id }) => id));
    expect(ids(await list(caller, "/docs"))).toEqual([handles[2]?.id]);
  });

  it("is undone once", async () => {
    const caller = await filled();
    const handle = open(caller, "h");
    expect(handle.close()).toBe(true);
    expect(handle.close()).toBe(false);
    expect(await list(caller, "/docs/h")).toContain("<EnumerationResults><Entries /><NextMarker /></EnumerationResults>");
  });
});

describe("List Handles", () => {
  const fields: Record<string, (fileId: string, parentId: string) => string> = {
    HandleId: () => "<HandleId>1</HandleId>",
    Path: () => "<Path>d/f</Path>",
    FileId: (id) => `<FileId>${id}</FileId>`,
    ParentId: (_, id) => `<ParentId>${id}</ParentId>`,
    SessionId: () => "<SessionId>9259400833720000001</SessionId>",
    AccessRightList: () => "<AccessRightList><AccessRight>Read</AccessRight><AccessRight>Write</AccessRight></AccessRightList>",
    ClientIp: () => "<ClientIp>10.1.2.3:445</ClientIp>",
    ClientName: () => "<ClientName>desk</ClientName>",
    OpenTime: () => "<OpenTime>Thu, 01 Jan 2026 12:01:00 GMT</OpenTime>",
  };

  it.each([
    ["2026-10-06", []],
    ["2024-02-04", []],
    ["2023-11-03", ["ClientName"]],
    ["2023-01-03", ["ClientName"]],
    ["2021-12-02", ["ClientName", "AccessRightList"]],
    ["2018-11-09", ["ClientName", "AccessRightList"]],
  ])("of version %s tells all but %j", async (version, left) => {
    const caller = await filled();
    caller.advance(60_000);
    caller.emulator.openHandle({ share: "docs", path: "d/f", access: ["read", "write"], clientIp: "10.1.2.3:445", clientName: "desk" });
    const { headers } = await caller.call("HEAD", "/docs/d/f");
    const [fileId, parentId] = [headers.get("x-ms-file-id") ?? "", headers.get("x-ms-file-parent-id") ?? ""];
    const expected = Object.entries(fields).map(([name, text]) => (left.includes(name) ? "" : text(fileId, parentId)));
    expect(await list(caller, "/docs/d/f", {}, "", version)).toBe(
      `<?xml version="1.0" encoding="utf-8"?><EnumerationResults><Entries><Handle>${expected.join("")}</Handle></Entries><NextMarker /></EnumerationResults>`,
    );
  });

  it("has the facts of a client that names none", async () => {
    const caller = await filled();
    open(caller, "");
    const xml = await list(caller, "/docs");
    expect(xml).toContain("<Path />");
    expect(xml).toContain("<FileId>0</FileId><ParentId>0</ParentId>");
    expect(xml).toContain("<AccessRightList><AccessRight>Read</AccessRight></AccessRightList><ClientIp>10.0.0.4:47518</ClientIp>");
    expect(xml).toContain("<ClientName>client</ClientName>");
  });

  it("tells what lies below a directory only when it is asked to", async () => {
    const caller = await filled();
    for (const path of ["", "d", "d/e", "d/e/g", "d/f", "h"]) open(caller, path);
    const paths = async (path: string, headers: Record<string, string> = {}): Promise<string> =>
      named(await list(caller, path, headers), "Path").join(" ");
    expect(await paths("/docs/d")).toBe("d");
    expect(await paths("/docs/d", { "x-ms-recursive": "false" })).toBe("d");
    expect(await paths("/docs/d", recursive)).toBe("d d/e d/e/g d/f");
    expect(await paths("/docs/d/e", recursive)).toBe("d/e d/e/g");
    expect(await paths("/docs/other", recursive)).toBe("");
    expect(await paths("/docs", recursive)).toBe(" d d/e d/e/g d/f h");
    expect(ids(await list(caller, "/docs", recursive))).toHaveLength(6);
    expect(await paths("/docs/d/f")).toBe("d/f");
  });

  it("marks paths that XML cannot hold", async () => {
    const caller = await filled();
    await createFile(caller, "/docs/d/a%EF%BF%BF", 1);
    open(caller, "d/a\uFFFF");
    const [, path = ""] = /<Path Encoded="true">([^<]*)/.exec(await list(caller, "/docs/d/a%EF%BF%BF")) ?? [];
    expect(path).toMatch(/a%EF%BF%BF$/);
    expect(decodeURIComponent(path)).toBe("d/a\uFFFF");
  });

  it.each([1, 2, 3, 5, 6])("comes in pages of %i", async (size) => {
    const caller = await filled();
    const opened = ["d", "d/f", "d/e", "d/e/g", "d/f"].map((path) => open(caller, path).id);
    const seen: string[] = [];
    let pages = 0;
    for (let marker: string | undefined = ""; marker !== undefined;) {
      const xml = await list(
        caller,
        "/docs/d",
        recursive,
        `&maxresults=${size}${marker === "" ? "" : `&marker=${encodeURIComponent(marker)}`}`,
      );
      expect(ids(xml).length).toBeLessThanOrEqual(size);
      seen.push(...ids(xml));
      pages += 1;
      marker = /<NextMarker>(1![^<]+)<\/NextMarker>/.exec(xml)?.[1];
    }
    expect(seen).toEqual(opened);
    expect(pages).toBe(Math.ceil(5 / size));
  });

  it("goes on where it stopped, though handles were closed meanwhile", async () => {
    const caller = await filled();
    const [, second, third, fourth] = ["h", "h", "h", "h"].map((path) => open(caller, path));
    const marker = /<NextMarker>([^<]+)/.exec(await list(caller, "/docs/h", {}, "&maxresults=1"))?.[1] ?? "";
    second?.close();
    expect(ids(await list(caller, "/docs/h", {}, `&marker=${encodeURIComponent(marker)}`))).toEqual([third?.id, fourth?.id]);
  });

  it("knows nothing of snapshots, and follows a file to its new name", async () => {
    const caller = await filled();
    const directory = open(caller, "d");
    const time = (await caller.call("PUT", "/docs?restype=share&comp=snapshot")).headers.get("x-ms-snapshot");
    expect(ids(await list(caller, "/docs/d", recursive, `&sharesnapshot=${time}`))).toEqual([]);
    expect(await force(caller, "/docs/d", { "x-ms-handle-id": "*" }, `&sharesnapshot=${time}`)).toBe("0/0");
    expect(ids(await list(caller, "/docs/d"))).toEqual([directory.id]);
  });

  it.each([
    ["/docs/h", recursive, "", 400, "InvalidHeaderValue"],
    ["/docs/d", { "x-ms-recursive": "deep" }, "", 400, "InvalidHeaderValue"],
    ["/docs/d", {}, "&maxresults=0", 400, "OutOfRangeQueryParameterValue"],
    ["/docs/d", {}, "&maxresults=-1", 400, "OutOfRangeQueryParameterValue"],
    ["/docs/d", {}, "&maxresults=x", 400, "InvalidQueryParameterValue"],
    ["/docs/d", {}, "&marker=next", 400, "InvalidQueryParameterValue"],
    ["/docs/d", {}, "&marker=1!4!eHh4", 400, "InvalidQueryParameterValue"],
    ["/docs/none", {}, "", 404, "ResourceNotFound"],
    ["/docs/none/f", {}, "", 404, "ParentNotFound"],
    ["/none", {}, "", 404, "ShareNotFound"],
  ] as const)("of %s with %j%s is refused", async (path, headers, words, status, code) => {
    const caller = await filled();
    expect(await errorCode(caller.call("GET", `${path}?comp=listhandles${words}`, { headers }))).toEqual([status, code]);
  });
});

describe("Force Close Handles", () => {
  it("closes one, and says nothing of one that is closed or was never open", async () => {
    const caller = await filled();
    const [first, second] = [open(caller, "h"), open(caller, "h")];
    expect(await force(caller, "/docs/h", { "x-ms-handle-id": first.id })).toBe("1/0");
    expect(ids(await list(caller, "/docs/h"))).toEqual([second.id]);
    expect(await force(caller, "/docs/h", { "x-ms-handle-id": first.id })).toBe("0/0");
    expect(await force(caller, "/docs/h", { "x-ms-handle-id": "12345678901234567890" })).toBe("0/0");
    expect([first.close(), second.close()]).toEqual([false, true]);
  });

  it("closes none of another file", async () => {
    const caller = await filled();
    const handle = open(caller, "d/f");
    expect(await force(caller, "/docs/h", { "x-ms-handle-id": handle.id })).toBe("0/0");
    expect(await force(caller, "/docs/d", { "x-ms-handle-id": handle.id })).toBe("0/0");
    expect(ids(await list(caller, "/docs/d/f"))).toEqual([handle.id]);
    expect(await force(caller, "/docs/d", { "x-ms-handle-id": handle.id, ...recursive })).toBe("1/0");
    expect(handle.close()).toBe(false);
  });

  it("closes all, below a directory only when it is told to", async () => {
    const caller = await filled();
    const kept = open(caller, "h");
    for (const path of ["d", "d", "d/e/g", "d/f"]) open(caller, path);
    expect(await force(caller, "/docs/d", { "x-ms-handle-id": "*" })).toBe("2/0");
    expect(await force(caller, "/docs/d", { "x-ms-handle-id": "*", ...recursive })).toBe("2/0");
    expect(await force(caller, "/docs/d", { "x-ms-handle-id": "*", ...recursive })).toBe("0/0");
    expect(ids(await list(caller, "/docs", recursive))).toEqual([kept.id]);
  });

  it("closes a thousand at once, and names where to go on", async () => {
    const caller = await filled();
    for (let count = 0; count < 1500; count++) open(caller, "h");
    const close = (words: string): Promise<Response> =>
      caller.call("PUT", `/docs/h?comp=forceclosehandles${words}`, { headers: { "x-ms-handle-id": "*" } });
    const first = await close("");
    expect(first.headers.get("x-ms-number-of-handles-closed")).toBe("1000");
    const marker = first.headers.get("x-ms-marker") ?? "";
    expect(marker).toMatch(/^1!\d+!/);
    const second = await close(`&marker=${encodeURIComponent(marker)}`);
    expect([second.headers.get("x-ms-number-of-handles-closed"), second.headers.has("x-ms-marker")]).toEqual(["500", false]);
  });

  it("counts failures from version 2019-07-07 on, and has no body", async () => {
    const caller = await filled();
    for (const [version, failed] of [
      ["2018-11-09", null],
      ["2019-07-07", "0"],
    ] as const) {
      const response = await caller.call("PUT", "/docs/h?comp=forceclosehandles", { headers: { "x-ms-handle-id": "*" }, version });
      expect([response.status, response.headers.get("x-ms-number-of-handles-failed"), await response.text()]).toEqual([200, failed, ""]);
    }
  });

  it.each([
    [{}, "", "400 MissingRequiredHeader"],
    [{ "x-ms-handle-id": "first" }, "", "400 InvalidHeaderValue"],
    [{ "x-ms-handle-id": "-1" }, "", "400 InvalidHeaderValue"],
    [{ "x-ms-handle-id": "" }, "", "400 InvalidHeaderValue"],
    [{ "x-ms-handle-id": "*", ...recursive }, "", "400 InvalidHeaderValue"],
    [{ "x-ms-handle-id": "*" }, "&marker=x", "400 InvalidQueryParameterValue"],
  ] as [Record<string, string>, string, string][])("with %j%s is refused", async (headers, words, expected) => {
    const caller = await filled();
    const handle = open(caller, "h");
    expect(await force(caller, "/docs/h", headers, words)).toBe(expected);
    expect(handle.close()).toBe(true);
  });
});

type Use = (caller: Caller) => Promise<Response>;

const to =
  (method: string, path: string, headers: Record<string, string> = {}): Use =>
  (caller) =>
    caller.call(method, path, { headers });

/** Copies or takes a range from one file to another. */
const from =
  (path: string, source: string, headers: Record<string, string> = {}): Use =>
  (caller) =>
    caller.call("PUT", path, { headers: { "x-ms-copy-source": `${caller.emulator.endpoint}${source}`, ...headers } });
const range = { "x-ms-write": "update", "x-ms-range": "bytes=0-9", "x-ms-source-range": "bytes=0-9" };

/** What requests need of a file that is open. */
const uses: Record<string, readonly [needs: readonly HandleAccess[], use: Use]> = {
  "Get File": [["read"], to("GET", "/docs/h")],
  "List Ranges": [["read"], to("GET", "/docs/h?comp=rangelist")],
  "Copy File, of its source": [["read"], from("/docs/new", "/docs/h")],
  "Put Range": [["write"], (caller) => putRange(caller, "/docs/h", 0, "x")],
  "Clear Range": [["write"], to("PUT", "/docs/h?comp=range", { "x-ms-write": "clear", "x-ms-range": "bytes=0-511" })],
  "Put Range from URL": [["write"], (caller) => from("/docs/h?comp=range", `/docs/d/f?${accountSas(caller)}`, range)(caller)],
  "Set File Properties": [["write"], to("PUT", "/docs/h?comp=properties")],
  "Set File Properties, of its size": [["write"], to("PUT", "/docs/h?comp=properties", { "x-ms-content-length": "5" })],
  "Set File Metadata": [["write"], to("PUT", "/docs/h?comp=metadata")],
  "Copy File": [["write"], from("/docs/h", "/docs/d/f")],
  "Create File": [["write", "delete"], to("PUT", "/docs/h", { "x-ms-type": "file", "x-ms-content-length": "5" })],
  "Get File Properties": [[], to("HEAD", "/docs/h")],
  "Get File Metadata": [[], to("GET", "/docs/h?comp=metadata")],
  "List Directories and Files": [[], to("GET", "/docs?restype=directory&comp=list")],
};

const modes: readonly (readonly HandleAccess[])[] = [
  [],
  ["read"],
  ["write"],
  ["delete"],
  ["read", "write"],
  ["read", "delete"],
  ["write", "delete"],
  ["read", "write", "delete"],
];

describe("a file that an SMB client has open", () => {
  it.each(Object.entries(uses))("meets %s as its share mode says", async (_, [needs, use]) => {
    for (const shareMode of modes) {
      const caller = await filled();
      const handle = caller.emulator.openHandle({ share: "docs", path: "h", shareMode });
      const expected = needs.every((need) => shareMode.includes(need)) ? null : "SharingViolation";
      const [status, code] = await errorCode(use(caller));
      expect([shareMode, code]).toEqual([shareMode, expected]);
      expect(status < 300).toBe(expected === null);
      if (expected !== null) expect(status).toBe(409);
      handle.close();
      expect((await errorCode(use(caller)))[1]).toBeNull();
    }
  });

  const rename =
    (path: string, source: string, headers: Record<string, string> = {}): Use =>
    (caller) =>
      caller.call("PUT", path, { headers: { "x-ms-file-rename-source": `${caller.emulator.endpoint}${source}`, ...headers } });

  it.each<[string, string, Use]>([
    ["Delete File", "h", to("DELETE", "/docs/h")],
    ["Rename File, of its source", "h", rename("/docs/new?comp=rename", "/docs/h")],
    ["Rename File, of its target", "h", rename("/docs/h?comp=rename", "/docs/d/f", { "x-ms-file-rename-replace-if-exists": "true" })],
    ["Rename Directory", "d", rename("/docs/new?restype=directory&comp=rename", "/docs/d")],
    ["Rename Directory, with something below", "d/e/g", rename("/docs/new?restype=directory&comp=rename", "/docs/d")],
    ["Delete Directory", "other", to("DELETE", "/docs/other?restype=directory")],
  ])("is not taken away by %s, whatever it lets others do", async (_, path, use) => {
    const caller = await filled();
    const handle = open(caller, path);
    expect(await errorCode(use(caller))).toEqual([409, "SharingViolation"]);
    handle.close();
    expect((await use(caller)).status).toBeLessThan(300);
  });

  it("is held by the strictest of its handles, and lets go with force", async () => {
    const caller = await filled();
    open(caller, "h");
    caller.emulator.openHandle({ share: "docs", path: "h", shareMode: ["read"] });
    expect(await errorCode(putRange(caller, "/docs/h", 0, "x"))).toEqual([409, "SharingViolation"]);
    expect((await putRange(caller, "/docs/d/f", 0, "x")).status).toBe(201);
    expect(await force(caller, "/docs/h", { "x-ms-handle-id": "*" })).toBe("2/0");
    expect((await putRange(caller, "/docs/h", 0, "x")).status).toBe(201);
  });

  it("is no source that could be verified, where it may not be read", async () => {
    for (const [shareMode, expected] of [
      [
        ["write", "delete"],
        [409, "CannotVerifyCopySource", "SharingViolation"],
      ],
      [["read"], [201, null, null]],
    ] as const) {
      const caller = await filled();
      caller.emulator.openHandle({ share: "docs", path: "h", shareMode });
      const { status, headers } = await from("/docs/d/f?comp=range", `/docs/h?${accountSas(caller)}`, range)(caller);
      expect([status, headers.get("x-ms-error-code"), headers.get("x-ms-copy-source-error-code")]).toEqual(expected);
    }
  });

  it("is read from a snapshot all the same", async () => {
    const caller = await filled();
    caller.emulator.openHandle({ share: "docs", path: "h", shareMode: [] });
    const time = (await caller.call("PUT", "/docs?restype=share&comp=snapshot")).headers.get("x-ms-snapshot");
    expect(await errorCode(caller.call("GET", "/docs/h"))).toEqual([409, "SharingViolation"]);
    expect((await caller.call("GET", `/docs/h?sharesnapshot=${time}`)).status).toBe(200);
  });

  it("goes with its share", async () => {
    const caller = await filled();
    const handle = open(caller, "h");
    expect((await caller.call("DELETE", "/docs?restype=share")).status).toBe(202);
    await caller.call("PUT", "/docs?restype=share");
    await createFile(caller, "/docs/h", 1);
    expect(ids(await list(caller, "/docs/h"))).toEqual([]);
    handle.deleteOnClose();
    handle.close();
    expect((await caller.call("HEAD", "/docs/h")).status).toBe(200);
  });
});

describe("what is marked for deletion", () => {
  it.each([
    ...Object.entries(uses)
      .filter(([name]) => !name.startsWith("List Directories"))
      .map(([name, [, use]]): [string, Use] => [name, use]),
    ["Delete File", to("DELETE", "/docs/h")],
    ["Acquire File Lease", to("PUT", "/docs/h?comp=lease", { "x-ms-lease-action": "acquire", "x-ms-lease-duration": "-1" })],
  ] as [string, Use][])("meets %s as that, until it is gone", async (_, use) => {
    const caller = await filled();
    const handle = open(caller, "h");
    handle.deleteOnClose();
    expect(await errorCode(use(caller))).toEqual([409, "DeletePending"]);
    expect(named(await (await caller.call("GET", "/docs?restype=directory&comp=list")).text(), "Name")).toContain("h");
    handle.close();
    expect(await errorCode(caller.call("HEAD", "/docs/h"))).toEqual([404, "ResourceNotFound"]);
    expect(named(await (await caller.call("GET", "/docs?restype=directory&comp=list")).text(), "Name")).not.toContain("h");
    await createFile(caller, "/docs/h", 1024);
    expect((await use(caller)).status).toBeLessThan(300);
  });

  it("goes with the last of its handles, whichever was marked and however it is closed", async () => {
    const caller = await filled();
    const [first, second, third] = [open(caller, "h"), open(caller, "h"), open(caller, "h")];
    second.deleteOnClose();
    second.close();
    expect(await errorCode(caller.call("GET", "/docs/h"))).toEqual([409, "DeletePending"]);
    expect(ids(await list(caller, "/docs/h"))).toEqual([first.id, third.id]);
    expect(await force(caller, "/docs/h", { "x-ms-handle-id": first.id })).toBe("1/0");
    expect(await errorCode(caller.call("GET", "/docs/h"))).toEqual([409, "DeletePending"]);
    expect(await force(caller, "/docs/h", { "x-ms-handle-id": "*" })).toBe("1/0");
    expect(await errorCode(caller.call("GET", "/docs/h"))).toEqual([404, "ResourceNotFound"]);
  });

  it("is not so for a handle that was closed before", async () => {
    const caller = await filled();
    const handle = open(caller, "h");
    handle.close();
    handle.deleteOnClose();
    expect((await caller.call("GET", "/docs/h")).status).toBe(200);
  });

  it("may be a directory, which goes when it is empty and stays when it is not", async () => {
    const caller = await filled();
    for (const path of ["other", "d"]) {
      const handle = open(caller, path);
      handle.deleteOnClose();
      expect(await errorCode(caller.call("DELETE", `/docs/${path}?restype=directory`))).toEqual([409, "DeletePending"]);
      expect(await errorCode(caller.call("GET", `/docs/${path}?restype=directory`))).toEqual([409, "DeletePending"]);
      handle.close();
    }
    expect(await errorCode(caller.call("GET", "/docs/other?restype=directory"))).toEqual([404, "ResourceNotFound"]);
    expect((await caller.call("GET", "/docs/d?restype=directory")).status).toBe(200);
    expect((await caller.call("HEAD", "/docs/d/e/g")).status).toBe(200);
  });

  it("is one name of a file, if it has several", async () => {
    const caller = await createShareCaller();
    await caller.call("PUT", "/nfs?restype=share", { headers: { "x-ms-enabled-protocols": "NFS" } });
    await createFile(caller, "/nfs/a", 1);
    await caller.call("PUT", "/nfs/b?restype=hardlink", { headers: { "x-ms-type": "file", "x-ms-file-target-file": "/a" } });
    const handle = caller.emulator.openHandle({ share: "nfs", path: "b" });
    handle.deleteOnClose();
    handle.close();
    expect((await caller.call("HEAD", "/nfs/a")).headers.get("x-ms-link-count")).toBe("1");
    expect(await errorCode(caller.call("HEAD", "/nfs/b"))).toEqual([404, "ResourceNotFound"]);
  });
});
