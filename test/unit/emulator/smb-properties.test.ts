import { describe, expect, it } from "vitest";
import { createFile, createShareCaller, errorCode, type Caller } from "./account.js";

const attributes = "x-ms-file-attributes";
const all = "NoScrubData|NotContentIndexed|Offline|Archive|Temporary|System|Hidden|ReadOnly";

async function made(caller: Caller, kind: "file" | "directory", headers: Record<string, string>): Promise<string | null> {
  const answer =
    kind === "file"
      ? await createFile(caller, "/docs/item", 0, headers)
      : await caller.call("PUT", "/docs/item?restype=directory", { headers });
  expect(answer.status).toBe(201);
  return answer.headers.get(attributes);
}

describe("SMB attributes", () => {
  it.each([
    ["file", undefined, undefined, "Archive"],
    ["file", "None", undefined, "Archive"],
    ["file", "none", undefined, "Archive"],
    ["file", "ReadOnly", undefined, "ReadOnly | Archive"],
    ["file", "Temporary", undefined, "Archive | Temporary"],
    ["file", "hidden|READONLY", undefined, "ReadOnly | Hidden | Archive"],
    ["file", " Hidden | ReadOnly ", undefined, "ReadOnly | Hidden | Archive"],
    ["file", all, undefined, "ReadOnly | Hidden | System | Archive | Temporary | Offline | NotContentIndexed | NoScrubData"],
    ["file", undefined, "New", "Archive"],
    ["file", undefined, "Restore", "None"],
    ["file", "Hidden", "restore", "Hidden"],
    ["directory", undefined, undefined, "Directory"],
    ["directory", "none", undefined, "Directory"],
    ["directory", "ReadOnly|Directory", undefined, "ReadOnly | Directory"],
    ["directory", "Archive|Hidden", undefined, "Hidden | Directory | Archive"],
    ["directory", "Hidden", "Restore", "Hidden | Directory"],
  ] as const)("of a %s created with %s (%s) are %s", async (kind, given, semantics, expected) => {
    const caller = await createShareCaller();
    const headers = {
      ...(given === undefined ? {} : { [attributes]: given }),
      ...(semantics === undefined ? {} : { "x-ms-file-property-semantics": semantics }),
    };
    expect(await made(caller, kind, headers)).toBe(expected);
  });

  it.each([
    ["file", { [attributes]: "Directory" }],
    ["file", { [attributes]: "Compressed" }],
    ["file", { [attributes]: "Hidden,ReadOnly" }],
    ["file", { "x-ms-file-property-semantics": "Old" }],
    ["directory", { [attributes]: "" }],
    ["directory", { "x-ms-file-creation-time": "yesterday" }],
    ["directory", { "x-ms-file-creation-time": "preserve" }],
    ["directory", { "x-ms-file-change-time": "2025-02-30T00:00:00Z" }],
  ] as const)("of a %s cannot be set by %j", async (kind, headers) => {
    const caller = await createShareCaller();
    const answer =
      kind === "file" ? createFile(caller, "/docs/item", 0, headers) : caller.call("PUT", "/docs/item?restype=directory", { headers });
    expect(await errorCode(answer)).toEqual([400, "InvalidHeaderValue"]);
  });

  it.each([
    ["file", "/docs/item?comp=properties", "Archive"],
    ["directory", "/docs/item?restype=directory&comp=properties", "Directory"],
  ] as const)("of a %s can be changed to anything", async (kind, path, first) => {
    const caller = await createShareCaller();
    expect(await made(caller, kind, {})).toBe(first);
    const set = async (value?: string): Promise<string | null> =>
      (await caller.call("PUT", path, { headers: value === undefined ? {} : { [attributes]: value } })).headers.get(attributes);
    const own = kind === "directory" ? " | Directory" : "";
    expect(await set("Hidden|ReadOnly")).toBe(`ReadOnly | Hidden${own}`);
    expect(await set("preserve")).toBe(`ReadOnly | Hidden${own}`);
    expect(await set()).toBe(`ReadOnly | Hidden${own}`);
    expect(await set("None")).toBe(kind === "file" ? "None" : "Directory");
  });

  it("of a directory keep it from being deleted while it is read-only", async () => {
    const caller = await createShareCaller();
    await made(caller, "directory", { [attributes]: "ReadOnly" });
    expect(await errorCode(caller.call("DELETE", "/docs/item?restype=directory"))).toEqual([409, "ReadOnlyAttribute"]);
    await caller.call("PUT", "/docs/item?restype=directory&comp=properties", { headers: { [attributes]: "None" } });
    expect((await caller.call("DELETE", "/docs/item?restype=directory")).status).toBe(202);
  });
});

describe("SMB times", () => {
  it.each([
    ["file", "/docs/item?comp=properties"],
    ["directory", "/docs/item?restype=directory&comp=properties"],
  ] as const)("of a %s are kept, set, or now", async (kind, path) => {
    const caller = await createShareCaller();
    const [created, written, changed] = ["x-ms-file-creation-time", "x-ms-file-last-write-time", "x-ms-file-change-time"] as const;
    await made(caller, kind, {
      [created]: "2020-01-01T00:00:00.1234567Z",
      [written]: "2021-01-01T00:00:00Z",
      [changed]: "2022-01-01T00:00:00Z",
    });
    const set = async (headers: Record<string, string>): Promise<(string | null)[]> => {
      const answer = await caller.call("PUT", path, { headers });
      return [created, written, changed].map((name) => answer.headers.get(name)?.slice(0, 27) ?? null);
    };
    caller.advance(1000);
    const [creation, write, change] = await set({});
    expect([creation, write]).toEqual(["2020-01-01T00:00:00.1234567", "2021-01-01T00:00:00.0000000"]);
    expect(change?.slice(0, 19)).toBe("2026-01-01T12:00:01");
    const now = await set({ [created]: "now", [written]: "preserve", [changed]: "2023-01-01T00:00:00Z" });
    expect(now[0]?.slice(0, 19)).toBe("2026-01-01T12:00:01");
    expect(now.slice(1)).toEqual(["2021-01-01T00:00:00.0000000", "2023-01-01T00:00:00.0000000"]);
  });
});

describe("listing extended information", () => {
  const path = "/docs?restype=directory&comp=list";
  const header = "x-ms-file-extended-info";

  it.each([
    ["&include=Timestamps", "true", [200, null]],
    ["&include=Timestamps", undefined, [200, null]],
    ["", "true", [200, null]],
    ["", "false", [200, null]],
    ["&include=Timestamps", "false", [400, "InvalidHeaderValue"]],
    ["&include=Attributes", "no", [400, "InvalidHeaderValue"]],
    ["&include=Owner", "true", [400, "InvalidQueryParameterValue"]],
  ] as const)("with %j and %s gives %j", async (query, value, expected) => {
    const caller = await createShareCaller();
    const headers: Record<string, string> = value === undefined ? {} : { [header]: value };
    expect(await errorCode(caller.call("GET", path + query, { headers }))).toEqual(expected);
  });

  it("of a snapshot names it", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/f", 0);
    const snapshot = (await caller.call("PUT", "/docs?restype=share&comp=snapshot")).headers.get("x-ms-snapshot") ?? "";
    const xml = await (await caller.call("GET", `${path}&sharesnapshot=${snapshot}`)).text();
    expect(xml).toContain(`ShareName="docs" ShareSnapshot="${snapshot}" DirectoryPath=""`);
    expect(await (await caller.call("GET", path)).text()).not.toContain("ShareSnapshot");
  });
});
