import { describe, expect, it } from "vitest";
import { createFile, createShareCaller, errorCode } from "./account.js";

const directory = "restype=directory";

describe("directories", () => {
  it("are created with their properties", async () => {
    const caller = await createShareCaller();
    const created = await caller.call("PUT", `/docs/Sub?${directory}`, {
      headers: { "x-ms-meta-k": "v", "x-ms-file-attributes": "hidden|ReadOnly", "x-ms-file-creation-time": "2020-02-29T01:02:03.5Z" },
    });
    expect(created.status).toBe(201);
    expect(created.headers.get("x-ms-request-server-encrypted")).toBe("true");
    const read = await caller.call("GET", `/docs/sUB?${directory}`);
    expect(read.status).toBe(200);
    expect(read.headers.get("x-ms-file-attributes")).toBe("ReadOnly | Hidden | Directory");
    expect(read.headers.get("x-ms-file-creation-time")).toBe("2020-02-29T01:02:03.5000000Z");
    expect(read.headers.get("x-ms-file-id")).toBe("13835128424026341376");
    expect(read.headers.get("x-ms-file-parent-id")).toBe("0");
    expect(read.headers.get("x-ms-meta-k")).toBe("v");
    expect(read.headers.get("x-ms-lease-state")).toBeNull();
    const inner = await caller.call("PUT", `/docs/Sub/inner?${directory}`);
    expect(inner.headers.get("x-ms-file-id")).toBe("11529285414812647424");
    expect(inner.headers.get("x-ms-file-parent-id")).toBe("13835128424026341376");
  });

  it("have an ETag that is the tick of their change", async () => {
    const caller = await createShareCaller();
    const { headers } = await caller.call("PUT", `/docs/d?${directory}`);
    const ticks = BigInt((headers.get("etag") ?? "").slice(1, -1));
    const time = headers.get("x-ms-file-change-time") ?? "";
    const change = BigInt(Date.parse(`${time.slice(0, 19)}Z`)) * 10000n + BigInt(time.slice(20, 27)) + 621355968000000000n;
    expect(ticks).toBe(change);
    expect(headers.get("last-modified")).toBe("Thu, 01 Jan 2026 12:00:00 GMT");
    const again = await caller.call("PUT", `/docs/e?${directory}`);
    expect(BigInt((again.headers.get("etag") ?? "").slice(1, -1))).toBeGreaterThan(ticks);
  });

  it.each([
    ["PUT", `/docs/d?${directory}`, [409, "ResourceAlreadyExists"]],
    ["PUT", `/docs/D?${directory}`, [409, "ResourceAlreadyExists"]],
    ["PUT", `/docs/file?${directory}`, [409, "ResourceAlreadyExists"]],
    ["PUT", `/docs/none/d?${directory}`, [404, "ParentNotFound"]],
    ["PUT", `/docs/file/d?${directory}`, [404, "ParentNotFound"]],
    ["PUT", `/none/d?${directory}`, [404, "ShareNotFound"]],
    ["PUT", `/docs?${directory}`, [405, "UnsupportedHttpVerb"]],
    ["GET", `/docs/none?${directory}`, [404, "ResourceNotFound"]],
    ["GET", `/docs/none/none?${directory}`, [404, "ParentNotFound"]],
    ["GET", `/docs/file?${directory}`, [404, "ResourceNotFound"]],
    ["HEAD", `/docs/none?${directory}`, [404, "ResourceNotFound"]],
    ["DELETE", `/docs/none?${directory}`, [404, "ResourceNotFound"]],
    ["DELETE", `/docs/d?${directory}`, [409, "DirectoryNotEmpty"]],
    ["DELETE", `/docs/file?${directory}`, [409, "ResourceTypeMismatch"]],
    ["DELETE", `/docs?${directory}`, [405, "UnsupportedHttpVerb"]],
  ] as const)("%s %s is refused with %j", async (method, path, expected) => {
    const caller = await createShareCaller();
    await caller.call("PUT", `/docs/d?${directory}`);
    await createFile(caller, "/docs/d/inside", 0);
    await createFile(caller, "/docs/file", 0);
    expect(await errorCode(caller.call(method, path))).toEqual(expected);
  });

  it("describe the root, with and without a slash", async () => {
    const caller = await createShareCaller();
    for (const path of ["/docs", "/docs/"]) {
      const root = await caller.call("GET", `${path}?${directory}`);
      expect([root.status, root.headers.get("x-ms-file-id"), root.headers.get("x-ms-file-parent-id")]).toEqual([200, "0", "0"]);
      expect(root.headers.get("x-ms-file-permission-key")).toBeNull();
    }
  });

  it("keep what Set Properties is not given and move the change time", async () => {
    const caller = await createShareCaller();
    await caller.call("PUT", `/docs/d?${directory}`, { headers: { "x-ms-file-attributes": "Hidden" } });
    const before = await caller.call("HEAD", `/docs/d?${directory}`);
    caller.advance(1000);
    const set = await caller.call("PUT", `/docs/d?${directory}&comp=properties`, { headers: { "x-ms-file-last-write-time": "preserve" } });
    expect(set.status).toBe(200);
    const after = await caller.call("HEAD", `/docs/d?${directory}`);
    expect(after.headers.get("x-ms-file-attributes")).toBe("Hidden | Directory");
    expect(after.headers.get("x-ms-file-creation-time")).toBe(before.headers.get("x-ms-file-creation-time"));
    expect(after.headers.get("x-ms-file-last-write-time")).toBe(before.headers.get("x-ms-file-last-write-time"));
    expect(after.headers.get("x-ms-file-change-time")).not.toBe(before.headers.get("x-ms-file-change-time"));
    const metadata = await caller.call("PUT", `/docs/d?${directory}&comp=metadata`, { headers: { "x-ms-meta-a": "b" } });
    expect([metadata.status, metadata.headers.get("x-ms-request-server-encrypted")]).toEqual([200, "true"]);
    expect((await caller.call("GET", `/docs/d?${directory}&comp=metadata`)).headers.get("x-ms-meta-a")).toBe("b");
  });

  it("are deleted when empty and not read-only", async () => {
    const caller = await createShareCaller();
    await caller.call("PUT", `/docs/d?${directory}`);
    expect((await caller.call("DELETE", `/docs/d?${directory}`)).status).toBe(202);
    await caller.call("PUT", `/docs/locked?${directory}`, { headers: { "x-ms-file-attributes": "ReadOnly" } });
    expect(await errorCode(caller.call("DELETE", `/docs/locked?${directory}`))).toEqual([409, "ReadOnlyAttribute"]);
  });

  it.each([
    [{ "x-ms-file-attributes": "Shiny" }, "InvalidHeaderValue"],
    [{ "x-ms-file-creation-time": "yesterday" }, "InvalidHeaderValue"],
    [{ "x-ms-file-creation-time": "2026-02-30T00:00:00Z" }, "InvalidHeaderValue"],
    [{ "x-ms-file-permission": "not SDDL" }, "FileInvalidPermission"],
    [{ "x-ms-file-permission-key": "1*2" }, "FileInvalidPermissionKey"],
    [{ "x-ms-mode": "0755" }, "UnsupportedHeader"],
    [{ "x-ms-allow-trailing-dot": "perhaps" }, "InvalidHeaderValue"],
  ])("refuse %j", async (headers, code) => {
    const caller = await createShareCaller();
    expect(await errorCode(caller.call("PUT", `/docs/d?${directory}`, { headers }))).toEqual([400, code]);
    expect((await caller.call("HEAD", `/docs/d?${directory}`)).status).toBe(404);
  });

  it("give one key to one descriptor", async () => {
    const caller = await createShareCaller();
    const headers = { "x-ms-file-permission": "O:SYG:SYD:(A;;FA;;;SY)" };
    const [a, b, c] = [
      await caller.call("PUT", `/docs/a?${directory}`, { headers }),
      await createFile(caller, "/docs/b", 0, headers),
      await createFile(caller, "/docs/c", 0),
    ].map((answer) => answer.headers.get("x-ms-file-permission-key"));
    expect(a).toMatch(/^\d+\*\d+$/);
    expect(b).toBe(a);
    expect(c).not.toBe(a);
    const reused = await caller.call("PUT", `/docs/d?${directory}`, { headers: { "x-ms-file-permission-key": a ?? "" } });
    expect(reused.headers.get("x-ms-file-permission-key")).toBe(a);
  });
});

describe("names", () => {
  it.each(["a%22b", "a%3Ab", "a%7Cb", "a%3Cb", "a%3Eb", "a%2Ab", "a%3Fb", "a%5Cb", "a%00b", "a%7Fb", "..."])("refuse %s", async (name) => {
    const caller = await createShareCaller();
    expect(await errorCode(caller.call("PUT", `/docs/${name}?${directory}`))).toEqual([400, "InvalidResourceName"]);
  });

  it("are bounded in length and depth", async () => {
    const caller = await createShareCaller();
    expect(await errorCode(caller.call("PUT", `/docs/${"a".repeat(256)}?${directory}`))).toEqual([400, "InvalidFileOrDirectoryPathName"]);
    expect((await caller.call("PUT", `/docs/${"a".repeat(255)}?${directory}`)).status).toBe(201);
    expect(await errorCode(caller.call("GET", `/docs/${"a/".repeat(252)}x?${directory}`))).toEqual([400, "InvalidFileOrDirectoryPathName"]);
  });

  it("lose trailing dots unless told otherwise", async () => {
    const caller = await createShareCaller();
    await caller.call("PUT", `/docs/dir..?${directory}`);
    await createFile(caller, "/docs/dir/file.bin...", 0);
    expect((await caller.call("HEAD", "/docs/dir/file.bin")).status).toBe(200);
    const dots = { "x-ms-allow-trailing-dot": "true" };
    expect(await errorCode(caller.call("HEAD", "/docs/dir/file.bin...", { headers: dots }))).toEqual([404, "ResourceNotFound"]);
    await createFile(caller, "/docs/dir/file.bin.", 3, dots);
    expect((await caller.call("HEAD", "/docs/dir/file.bin.", { headers: dots })).headers.get("content-length")).toBe("3");
    expect((await caller.call("HEAD", "/docs/dir/file.bin")).headers.get("content-length")).toBe("0");
  });

  it("are decoded once, and an encoded slash separates", async () => {
    const caller = await createShareCaller();
    await caller.call("PUT", `/docs/a%25D8?${directory}`);
    await createFile(caller, "/docs/a%25D8%2Fx%20y+z", 1);
    const listing = await (await caller.call("GET", `/docs/a%25D8?${directory}&comp=list`)).text();
    expect(listing).toContain('DirectoryPath="a%D8"');
    expect(listing).toContain("<Name>x y+z</Name>");
  });

  it("that cannot be decoded are no URI, nor are empty ones", async () => {
    const caller = await createShareCaller();
    expect(await errorCode(caller.call("GET", "/docs/%zz"))).toEqual([400, "InvalidUri"]);
    expect(await errorCode(caller.call("GET", "/docs/%C3"))).toEqual([400, "InvalidUri"]);
    expect(await errorCode(caller.call("GET", "/docs//a"))).toEqual([400, "InvalidUri"]);
  });
});
