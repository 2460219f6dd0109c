import { describe, expect, it } from "vitest";
import { createFile, createShareCaller, putRange } from "./account.js";

describe("files", () => {
  it("creates, writes, reads and deletes", async () => {
    const caller = await createShareCaller();
    const created = await createFile(caller, "/docs/a.txt", 10);
    expect([created.status, created.headers.get("x-ms-error-code")]).toEqual([201, null]);
    expect(created.headers.get("x-ms-file-id")).toBe("13835128424026341376");
    const written = await putRange(caller, "/docs/a.txt", 2, "hello");
    expect(written.status).toBe(201);
    expect(written.headers.get("content-md5")).toBe("XUFAKrxLKna5cZ2REBfFkg==");
    const read = await caller.call("GET", "/docs/a.txt");
    expect(read.status).toBe(200);
    expect(await read.text()).toBe("\0\0hello\0\0\0");
    expect((await caller.call("DELETE", "/docs/a.txt")).status).toBe(202);
    const gone = await caller.call("HEAD", "/docs/a.txt");
    expect([gone.status, gone.headers.get("x-ms-error-code"), await gone.text()]).toEqual([404, "ResourceNotFound", ""]);
  });
});
