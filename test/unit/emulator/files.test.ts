import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createFile, createShareCaller, errorCode, putRange } from "./account.js";

const md5 = (data: string | Uint8Array): string => createHash("md5").update(data).digest("base64");

describe("files", () => {
  it("are created, written, read and deleted", async () => {
    const caller = await createShareCaller();
    const created = await createFile(caller, "/docs/a.txt", 10, { "x-ms-meta-k": "v", "x-ms-file-attributes": "None" });
    expect(created.status).toBe(201);
    expect(created.headers.get("x-ms-file-id")).toBe("13835128424026341376");
    expect(created.headers.get("x-ms-file-attributes")).toBe("Archive");
    const written = await putRange(caller, "/docs/a.txt", 2, "hello");
    expect(written.status).toBe(201);
    expect(written.headers.get("content-md5")).toBe(md5("hello"));
    const read = await caller.call("GET", "/docs/a.txt");
    expect(read.status).toBe(200);
    expect(await read.text()).toBe("\0\0hello\0\0\0");
    expect((await caller.call("DELETE", "/docs/A.TXT")).status).toBe(202);
    const gone = await caller.call("HEAD", "/docs/a.txt");
    expect([gone.status, gone.headers.get("x-ms-error-code"), await gone.text()]).toEqual([404, "ResourceNotFound", ""]);
    expect(gone.headers.get("content-type")).toBeNull();
  });

  it("are described by HEAD", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 7, {
      "x-ms-content-type": "text/plain",
      "x-ms-content-encoding": "gzip",
      "x-ms-content-language": "en",
      "x-ms-cache-control": "no-cache",
      "x-ms-content-disposition": "attachment",
      "x-ms-content-md5": md5("stored"),
      "x-ms-meta-owner": "me",
    });
    const { status, headers } = await caller.call("HEAD", "/docs/a");
    expect(status).toBe(200);
    expect(Object.fromEntries(headers)).toMatchObject({
      "content-length": "7",
      "content-type": "text/plain",
      "content-encoding": "gzip",
      "content-language": "en",
      "cache-control": "no-cache",
      "content-disposition": "attachment",
      "content-md5": md5("stored"),
      "x-ms-meta-owner": "me",
      "x-ms-type": "File",
      "x-ms-server-encrypted": "true",
      "x-ms-lease-status": "unlocked",
      "x-ms-lease-state": "available",
      "x-ms-file-attributes": "Archive",
    });
    for (const method of ["GET", "HEAD"]) {
      const metadata = await caller.call(method, "/docs/a?comp=metadata");
      expect([metadata.status, metadata.headers.get("x-ms-meta-owner"), metadata.headers.get("x-ms-type")]).toEqual([200, "me", "File"]);
    }
  });

  it("keep their id and lose all else when created again", async () => {
    const caller = await createShareCaller();
    const first = await createFile(caller, "/docs/a", 5, { "x-ms-meta-k": "v", "x-ms-content-type": "text/plain" });
    await putRange(caller, "/docs/a", 0, "hello");
    const second = await createFile(caller, "/docs/A", 3);
    expect(second.headers.get("x-ms-file-id")).toBe(first.headers.get("x-ms-file-id"));
    const read = await caller.call("GET", "/docs/a");
    expect(await read.text()).toBe("\0\0\0");
    expect(read.headers.get("x-ms-meta-k")).toBeNull();
    expect(read.headers.get("content-type")).toBe("application/octet-stream");
  });

  it.each([
    [{}, "MissingRequiredHeader"],
    [{ "x-ms-type": "file" }, "MissingRequiredHeader"],
    [{ "x-ms-type": "blob", "x-ms-content-length": "1" }, "InvalidHeaderValue"],
    [{ "x-ms-type": "file", "x-ms-content-length": "-1" }, "OutOfRangeInput"],
    [{ "x-ms-type": "file", "x-ms-content-length": "4398046511105" }, "OutOfRangeInput"],
    [{ "x-ms-type": "file", "x-ms-content-length": "1.5" }, "InvalidHeaderValue"],
    [{ "x-ms-type": "file", "x-ms-content-length": "1", "x-ms-content-md5": "?" }, "InvalidMd5"],
    [{ "x-ms-type": "file", "x-ms-content-length": "1", "x-ms-file-attributes": "Directory" }, "InvalidHeaderValue"],
    [{ "x-ms-type": "file", "x-ms-content-length": "1", "x-ms-copy-source": "https://other/" }, "InvalidHeaderValue"],
    [{ "x-ms-type": "file", "x-ms-content-length": "1", "x-ms-structured-body": "XSM/1.0; properties=crc64" }, "MissingRequiredHeader"],
  ])("refuse to be created with %j", async (headers, code) => {
    const caller = await createShareCaller();
    expect(await errorCode(caller.call("PUT", "/docs/a", { headers }))).toEqual([400, code]);
    expect((await caller.call("HEAD", "/docs/a")).status).toBe(404);
  });

  it("take the first bytes with Create File from 2026-06-06", async () => {
    const caller = await createShareCaller();
    const headers = { "x-ms-type": "file", "x-ms-content-length": "8" };
    const created = await caller.call("PUT", "/docs/a", { headers, body: "begin" });
    expect([created.status, created.headers.get("content-md5")]).toEqual([201, md5("begin")]);
    expect(await (await caller.call("GET", "/docs/a")).text()).toBe("begin\0\0\0");
    expect(await (await caller.call("GET", "/docs/a?comp=rangelist")).text()).toContain("<Start>0</Start><End>7</End>");
    expect(await errorCode(caller.call("PUT", "/docs/b", { headers, body: "begin", version: "2026-04-06" }))).toEqual([
      400,
      "InvalidHeaderValue",
    ]);
    expect(await errorCode(caller.call("PUT", "/docs/b", { headers, body: "more than eight" }))).toEqual([400, "InvalidHeaderValue"]);
    const mismatch = await caller.call("PUT", "/docs/b", { headers: { ...headers, "content-md5": md5("other") }, body: "begin" });
    expect(await mismatch.text()).toContain(
      `<UserSpecifiedMd5>${md5("other")}</UserSpecifiedMd5><ServerCalculatedMd5>${md5("begin")}</ServerCalculatedMd5></Error>`,
    );
    expect((await caller.call("HEAD", "/docs/b")).status).toBe(404);
  });

  it.each([
    ["PUT", "/docs/dir", [409, "ResourceTypeMismatch"]],
    ["PUT", "/docs/none/a", [404, "ParentNotFound"]],
    ["PUT", "/none/a", [404, "ShareNotFound"]],
    ["PUT", "/docs/locked", [409, "ReadOnlyAttribute"]],
    ["DELETE", "/docs/locked", [409, "ReadOnlyAttribute"]],
    ["DELETE", "/docs/dir", [409, "ResourceTypeMismatch"]],
    ["DELETE", "/docs/none/a", [404, "ParentNotFound"]],
    ["GET", "/docs/dir", [404, "ResourceNotFound"]],
    ["HEAD", "/docs/none/a", [404, "ParentNotFound"]],
    ["GET", "/docs", [400, "InvalidUri"]],
  ] as const)("%s %s is refused with %j", async (method, path, expected) => {
    const caller = await createShareCaller();
    await caller.call("PUT", "/docs/dir?restype=directory");
    await createFile(caller, "/docs/locked", 1, { "x-ms-file-attributes": "ReadOnly" });
    const headers = { "x-ms-type": "file", "x-ms-content-length": "1" };
    expect(await errorCode(caller.call(method, path, { headers }))).toEqual(expected);
  });

  it("refuse a lease id, as none is leased", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 1);
    const headers = { "x-ms-lease-id": "00000000-0000-0000-0000-000000000001" };
    expect(await errorCode(caller.call("DELETE", "/docs/a", { headers }))).toEqual([412, "LeaseNotPresentWithFileOperation"]);
    expect(await errorCode(caller.call("GET", "/docs/a", { headers }))).toEqual([412, "LeaseNotPresentWithFileOperation"]);
  });
});

describe("Set File Properties", () => {
  const six = { "x-ms-content-type": "text/plain", "x-ms-content-language": "en" };

  it("replaces all six HTTP properties as soon as one is given", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 4, six);
    await caller.call("PUT", "/docs/a?comp=properties", { headers: { "x-ms-cache-control": "no-store" } });
    const { headers } = await caller.call("HEAD", "/docs/a");
    expect([headers.get("content-type"), headers.get("content-language"), headers.get("cache-control")]).toEqual([null, null, "no-store"]);
  });

  it("clears all six when only SMB properties are given", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 4, six);
    const set = await caller.call("PUT", "/docs/a?comp=properties", { headers: { "x-ms-file-attributes": "None" } });
    expect([set.status, set.headers.get("x-ms-file-attributes")]).toEqual([200, "None"]);
    expect((await caller.call("HEAD", "/docs/a")).headers.get("content-type")).toBeNull();
  });

  it("leaves them alone when only the size is given, drops what is cut off and grows by zeros", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 2000, six);
    await putRange(caller, "/docs/a", 0, "x".repeat(2000));
    const before = await caller.call("HEAD", "/docs/a");
    caller.advance(5000);
    await caller.call("PUT", "/docs/a?comp=properties", {
      headers: { "x-ms-content-length": "600", "x-ms-file-last-write-time": "preserve" },
    });
    await caller.call("PUT", "/docs/a?comp=properties", { headers: { "x-ms-content-length": "3000" } });
    const after = await caller.call("HEAD", "/docs/a");
    expect(after.headers.get("content-type")).toBe("text/plain");
    expect(after.headers.get("x-ms-file-last-write-time")).not.toBe(before.headers.get("x-ms-file-last-write-time"));
    expect(await (await caller.call("GET", "/docs/a")).text()).toBe("x".repeat(600) + "\0".repeat(2400));
    expect(await (await caller.call("GET", "/docs/a?comp=rangelist")).text()).toContain(
      "<Ranges><Range><Start>0</Start><End>1023</End></Range></Ranges>",
    );
    expect(await errorCode(caller.call("PUT", "/docs/a?comp=properties", { headers: { "x-ms-content-length": "4398046511105" } }))).toEqual(
      [400, "OutOfRangeInput"],
    );
  });

  it("makes a read-only file writable again", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 1, { "x-ms-file-attributes": "ReadOnly" });
    expect(await errorCode(putRange(caller, "/docs/a", 0, "x"))).toEqual([409, "ReadOnlyAttribute"]);
    await caller.call("PUT", "/docs/a?comp=properties", { headers: { "x-ms-file-attributes": "Archive" } });
    expect((await putRange(caller, "/docs/a", 0, "x")).status).toBe(201);
  });
});

describe("Set File Metadata", () => {
  it("replaces all of it and moves change time and ETag", async () => {
    const caller = await createShareCaller();
    const created = await createFile(caller, "/docs/a", 1, { "x-ms-meta-old": "1" });
    caller.advance(2000);
    const set = await caller.call("PUT", "/docs/a?comp=metadata", { headers: { "x-ms-meta-new": "2" } });
    expect([set.status, set.headers.get("x-ms-request-server-encrypted")]).toEqual([200, "true"]);
    const { headers } = await caller.call("HEAD", "/docs/a");
    expect([headers.get("x-ms-meta-old"), headers.get("x-ms-meta-new")]).toEqual([null, "2"]);
    expect(headers.get("etag")).toBe(set.headers.get("etag"));
    expect(headers.get("x-ms-file-change-time")).not.toBe(created.headers.get("x-ms-file-change-time"));
    expect(headers.get("x-ms-file-last-write-time")).toBe(created.headers.get("x-ms-file-last-write-time"));
  });

  it("says that nothing is encrypted once all metadata is gone, as recorded", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 1, { "x-ms-meta-old": "1" });
    await caller.call("PUT", "/docs/a?comp=metadata");
    expect((await caller.call("HEAD", "/docs/a")).headers.get("x-ms-server-encrypted")).toBe("false");
    expect((await caller.call("GET", "/docs?restype=directory")).headers.get("x-ms-server-encrypted")).toBe("false");
  });
});
