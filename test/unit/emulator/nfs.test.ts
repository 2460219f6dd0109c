import { describe, expect, it } from "vitest";
import { createFile, createShareCaller, errorCode, putRange, type Caller } from "./account.js";
import { createNfsCaller, itemHeadersOf } from "./nfs-caller.js";

const times = ["x-ms-file-change-time", "x-ms-file-creation-time", "x-ms-file-last-write-time"];
const ids = ["x-ms-file-id", "x-ms-file-parent-id"];
const posix = ["x-ms-group", "x-ms-mode", "x-ms-owner"];
const named = (...more: string[]): string[] => [...times, ...ids, ...posix, ...more].sort();

const values = (answer: Response): (string | null)[] => ["x-ms-mode", "x-ms-owner", "x-ms-group"].map((name) => answer.headers.get(name));

async function names(caller: Caller, query = ""): Promise<string[]> {
  const xml = await (await caller.call("GET", `/unix?restype=directory&comp=list${query}`)).text();
  return [...xml.matchAll(/<Name>([^<]*)</g)].map((match) => match[1] ?? "");
}

describe("NFS shares", () => {
  it("describe items by owner, group and mode, each operation with its own headers", async () => {
    const caller = await createNfsCaller();
    const directory = await caller.call("PUT", "/unix/d?restype=directory");
    expect(itemHeadersOf(directory)).toEqual(named("x-ms-file-file-type"));
    expect(directory.headers.get("x-ms-file-file-type")).toBe("Directory");
    expect(values(directory)).toEqual(["0755", "0", "0"]);
    expect(directory.headers.get("x-ms-file-id")).toBe("13835128424026341376");
    expect(directory.headers.get("x-ms-file-parent-id")).toBe("1");
    const read = await caller.call("GET", "/unix/d?restype=directory");
    expect(itemHeadersOf(read)).toEqual(named("x-ms-file-file-type"));
    const changed = await caller.call("PUT", "/unix/d?restype=directory&comp=properties", { headers: { "x-ms-mode": "2755" } });
    expect(itemHeadersOf(changed)).toEqual(named());
    expect(values(changed)).toEqual(["2755", "0", "0"]);

    const file = await createFile(caller, "/unix/d/f", 11, { "x-ms-owner": "123", "x-ms-group": "654", "x-ms-file-file-type": "Regular" });
    expect(itemHeadersOf(file)).toEqual(named("x-ms-file-file-type"));
    expect(file.headers.get("x-ms-file-file-type")).toBe("Regular");
    expect(values(file)).toEqual(["0664", "123", "654"]);
    const got = await caller.call("GET", "/unix/d/f");
    expect(itemHeadersOf(got)).toEqual(named("x-ms-link-count"));
    const head = await caller.call("HEAD", "/unix/d/f");
    expect(itemHeadersOf(head)).toEqual(named("x-ms-file-file-type", "x-ms-link-count"));
    expect(head.headers.get("x-ms-link-count")).toBe("1");
    const set = await caller.call("PUT", "/unix/d/f?comp=properties", { headers: { "x-ms-mode": "0755", "x-ms-owner": "4294967295" } });
    expect(itemHeadersOf(set)).toEqual(named("x-ms-link-count"));
    expect(values(set)).toEqual(["0755", "4294967295", "654"]);
    expect(values(await caller.call("HEAD", "/unix/d/f"))).toEqual(["0755", "4294967295", "654"]);
    const deleted = await caller.call("DELETE", "/unix/d/f");
    expect([deleted.status, deleted.headers.get("x-ms-link-count")]).toEqual([202, "0"]);
  });

  it("have a root of their own", async () => {
    const caller = await createNfsCaller();
    const root = await caller.call("GET", "/unix?restype=directory");
    expect(root.headers.get("x-ms-file-id")).toBe("1");
    expect(values(root)).toEqual(["0755", "0", "0"]);
    const listed = await (await caller.call("GET", "/unix?restype=directory&comp=list")).text();
    expect(listed).toContain("<DirectoryId>1</DirectoryId>");
  });

  it("say nothing of owners to versions that did not know them", async () => {
    const caller = await createNfsCaller();
    const made = await caller.call("PUT", "/unix/d?restype=directory", { version: "2025-01-05" });
    expect(itemHeadersOf(made)).toEqual([...times, ...ids].sort());
  });

  it.each([
    ["x-ms-mode", "755"],
    ["x-ms-mode", "0788"],
    ["x-ms-mode", "00755"],
    ["x-ms-mode", "rwxr-xr-x"],
    ["x-ms-owner", "root"],
    ["x-ms-owner", "-1"],
    ["x-ms-group", "4294967296"],
  ])("refuse %s: %s", async (name, value) => {
    const caller = await createNfsCaller();
    const answer = await createFile(caller, "/unix/f", 0, { [name]: value });
    expect([answer.status, answer.headers.get("x-ms-error-code")]).toEqual([400, "InvalidHeaderValue"]);
    expect(await answer.text()).toContain(`<HeaderName>${name}</HeaderName><HeaderValue>${value}</HeaderValue>`);
    expect((await caller.call("HEAD", "/unix/f")).status).toBe(404);
  });

  it.each([
    ["x-ms-file-attributes", "None"],
    ["x-ms-file-permission", "inherit"],
    ["x-ms-file-permission-key", "584053819618422708*11581588750433322810"],
    ["x-ms-file-property-semantics", "New"],
  ])("refuse the SMB property %s", async (name, value) => {
    const caller = await createNfsCaller();
    expect(await errorCode(createFile(caller, "/unix/f", 0, { [name]: value }))).toEqual([400, "UnsupportedHeader"]);
    expect(await errorCode(caller.call("PUT", "/unix/d?restype=directory", { headers: { [name]: value } }))).toEqual([
      400,
      "UnsupportedHeader",
    ]);
  });

  it("are the only ones that take NFS properties", async () => {
    const caller = await createShareCaller();
    for (const headers of [{ "x-ms-mode": "0755" }, { "x-ms-owner": "0" }, { "x-ms-group": "0" }]) {
      expect(await errorCode(createFile(caller, "/docs/f", 0, headers))).toEqual([400, "UnsupportedHeader"]);
    }
    await createFile(caller, "/docs/f", 0);
    const answers = [await caller.call("HEAD", "/docs/f"), await caller.call("DELETE", "/docs/f")];
    for (const answer of answers) expect(itemHeadersOf(answer).filter((name) => [...posix, "x-ms-link-count"].includes(name))).toEqual([]);
  });

  it("tell names apart by case, at every depth", async () => {
    const caller = await createNfsCaller();
    for (const name of ["b", "B", "a"]) expect((await caller.call("PUT", `/unix/${name}?restype=directory`)).status).toBe(201);
    expect(await names(caller)).toEqual(["B", "a", "b"]);
    expect(await names(caller, "&prefix=b")).toEqual(["b"]);
    expect(await names(caller, "&prefix=A")).toEqual([]);
    await createFile(caller, "/unix/b/x", 1);
    expect((await createFile(caller, "/unix/b/X", 2)).status).toBe(201);
    expect((await caller.call("HEAD", "/unix/b/x")).headers.get("content-length")).toBe("1");
    expect(await errorCode(caller.call("HEAD", "/unix/B/x"))).toEqual([404, "ResourceNotFound"]);
    expect((await caller.call("DELETE", "/unix/b/X")).status).toBe(202);
    expect((await caller.call("HEAD", "/unix/b/x")).status).toBe(200);
  });

  it("page through names by their case", async () => {
    const caller = await createNfsCaller();
    for (const name of ["b", "B", "a", "A"]) await createFile(caller, `/unix/${name}`, 0);
    const found: string[] = [];
    for (let marker = ""; ;) {
      const query = `&maxresults=1${marker && `&marker=${encodeURIComponent(marker)}`}`;
      const xml = await (await caller.call("GET", `/unix?restype=directory&comp=list${query}`)).text();
      found.push(/<Name>([^<]*)</.exec(xml)?.[1] ?? "");
      marker = /<NextMarker>([^<]*)</.exec(xml)?.[1] ?? "";
      if (marker === "") break;
    }
    expect(found).toEqual(["A", "B", "a", "b"]);
  });

  it("take names that SMB shares refuse", async () => {
    const caller = await createNfsCaller();
    await caller.call("PUT", "/docs?restype=share");
    const name = 'a:b|c<d>"e*f?g\\h';
    const path = encodeURIComponent(name);
    expect((await createFile(caller, `/unix/${path}`, 3)).status).toBe(201);
    expect((await caller.call("HEAD", `/unix/${path}`)).headers.get("content-length")).toBe("3");
    expect(await errorCode(createFile(caller, `/docs/${path}`, 3))).toEqual([400, "InvalidResourceName"]);
    expect(await errorCode(createFile(caller, "/unix/a%00b", 3))).toEqual([400, "InvalidResourceName"]);
  });

  it("list without attributes and permissions", async () => {
    const caller = await createNfsCaller();
    await createFile(caller, "/unix/f", 7);
    const path = "/unix?restype=directory&comp=list&include=Timestamps,Etag,Attributes,PermissionKey";
    const xml = await (await caller.call("GET", path)).text();
    expect(xml).toContain("<Content-Length>7</Content-Length><CreationTime>");
    expect(xml).not.toMatch(/<Attributes>|<PermissionKey>/);
  });

  it("move the same times as SMB shares do", async () => {
    const caller = await createNfsCaller();
    const made = await createFile(caller, "/unix/f", 10);
    await putRange(caller, "/unix/f", 0, "x");
    const head = await caller.call("HEAD", "/unix/f");
    expect(head.headers.get("x-ms-file-creation-time")).toBe(made.headers.get("x-ms-file-creation-time"));
    expect(head.headers.get("x-ms-file-last-write-time")).not.toBe(made.headers.get("x-ms-file-last-write-time"));
    expect(head.headers.get("x-ms-file-change-time")).toBe(head.headers.get("x-ms-file-last-write-time"));
  });
});
