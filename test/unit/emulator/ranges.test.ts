import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { accountSas, createFile, createShareCaller, errorCode, putRange, type Caller, type CallOptions } from "./account.js";

const md5 = (data: string | Uint8Array): string => createHash("md5").update(data).digest("base64");

async function ranges(caller: Caller, path: string, query = "", headers: Record<string, string> = {}): Promise<string> {
  const response = await caller.call("GET", `${path}?comp=rangelist${query}`, { headers });
  const text = await response.text();
  return (
    [...text.matchAll(/<Start>(\d+)<\/Start><End>(\d+)/g)].map((match) => `${match[1]}-${match[2]}`).join(" ") ||
    text.replace(/^.*\?>/s, "")
  );
}

async function clear(caller: Caller, path: string, start: number, end: number): Promise<Response> {
  return caller.call("PUT", `${path}?comp=range`, { headers: { "x-ms-write": "clear", "x-ms-range": `bytes=${start}-${end}` } });
}

describe("Put Range", () => {
  it.each([
    [{ "x-ms-range": "bytes=0-4" }, "hello", 400, "MissingRequiredHeader"],
    [{ "x-ms-write": "update" }, "hello", 400, "MissingRequiredHeader"],
    [{ "x-ms-write": "upsert", "x-ms-range": "bytes=0-4" }, "hello", 400, "InvalidHeaderValue"],
    [{ "x-ms-write": "update", "x-ms-range": "bytes=0-" }, "hello", 400, "InvalidHeaderValue"],
    [{ "x-ms-write": "update", "x-ms-range": "bytes=-5" }, "hello", 400, "InvalidHeaderValue"],
    [{ "x-ms-write": "update", "x-ms-range": "bytes=4-0" }, "hello", 400, "InvalidHeaderValue"],
    [{ "x-ms-write": "update", "x-ms-range": "0-4" }, "hello", 400, "InvalidHeaderValue"],
    [{ "x-ms-write": "update", "x-ms-range": "bytes=0-5" }, "hello", 400, "InvalidHeaderValue"],
    [{ "x-ms-write": "update", "x-ms-range": "bytes=0-4" }, undefined, 400, "InvalidHeaderValue"],
    [{ "x-ms-write": "update", "x-ms-range": "bytes=6-10" }, "hello", 416, "InvalidRange"],
    [{ "x-ms-write": "update", "x-ms-range": "bytes=0-4194304" }, "hello", 413, "RequestBodyTooLarge"],
    [{ "x-ms-write": "update", "x-ms-range": "bytes=0-4", "content-md5": md5("other") }, "hello", 400, "Md5Mismatch"],
    [{ "x-ms-write": "update", "x-ms-range": "bytes=0-4", "content-md5": "AQIDBA==" }, "hello", 400, "InvalidMd5"],
    [{ "x-ms-write": "update", "x-ms-range": "bytes=0-4", "x-ms-file-last-write-time": "Then" }, "hello", 400, "InvalidHeaderValue"],
  ])("with %j and body %s is refused with %i %s", async (headers, body, status, code) => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 10);
    expect(await errorCode(caller.call("PUT", "/docs/a?comp=range", { headers, ...(body === undefined ? {} : { body }) }))).toEqual([
      status,
      code,
    ]);
    expect(await (await caller.call("GET", "/docs/a")).text()).toBe("\0".repeat(10));
  });

  it("needs the file", async () => {
    const caller = await createShareCaller();
    expect(await errorCode(putRange(caller, "/docs/a", 0, "x"))).toEqual([404, "ResourceNotFound"]);
    await caller.call("PUT", "/docs/d?restype=directory");
    expect(await errorCode(putRange(caller, "/docs/d", 0, "x"))).toEqual([409, "ResourceTypeMismatch"]);
  });

  it("takes 4 MiB and not a byte more", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 5000000);
    const bytes = new Uint8Array(4194305).map((_, index) => index % 251);
    const headers = { "x-ms-write": "update", "x-ms-range": "bytes=100-4194403", "content-md5": md5(bytes.subarray(0, 4194304)) };
    expect((await caller.call("PUT", "/docs/a?comp=range", { headers, body: bytes.slice(0, 4194304) })).status).toBe(201);
    const read = new Uint8Array(
      await (await caller.call("GET", "/docs/a", { headers: { "x-ms-range": "bytes=100-4194403" } })).arrayBuffer(),
    );
    expect(md5(read)).toBe(headers["content-md5"]);
    const tooLong = { "x-ms-write": "update", "x-ms-range": "bytes=0-4194304" };
    expect(await errorCode(caller.call("PUT", "/docs/a?comp=range", { headers: tooLong, body: bytes }))).toEqual([
      413,
      "RequestBodyTooLarge",
    ]);
  });

  it("moves change time and ETag, and last-write time unless told to preserve it", async () => {
    const caller = await createShareCaller();
    const created = await createFile(caller, "/docs/a", 10);
    caller.advance(3000);
    const kept = await putRange(caller, "/docs/a", 0, "a", { "x-ms-file-last-write-time": "Preserve" });
    expect(kept.headers.get("x-ms-file-last-write-time")).toBe(created.headers.get("x-ms-file-last-write-time"));
    expect(kept.headers.get("etag")).not.toBe(created.headers.get("etag"));
    const moved = await putRange(caller, "/docs/a", 0, "b");
    expect(moved.headers.get("x-ms-file-last-write-time")).not.toBe(created.headers.get("x-ms-file-last-write-time"));
    const { headers } = await caller.call("HEAD", "/docs/a");
    expect(headers.get("x-ms-file-change-time")).toBe(moved.headers.get("x-ms-file-last-write-time"));
    expect(headers.get("etag")).toBe(moved.headers.get("etag"));
  });

  it("needs a Content-Length when the body comes in chunks, and believes no wrong one", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 10);
    const base = { "x-ms-write": "update", "x-ms-range": "bytes=0-4" };
    expect(
      await errorCode(caller.call("PUT", "/docs/a?comp=range", { headers: { ...base, "transfer-encoding": "chunked" }, body: "hello" })),
    ).toEqual([411, "MissingContentLengthHeader"]);
    expect(
      await errorCode(caller.call("PUT", "/docs/a?comp=range", { headers: { ...base, "content-length": "five" }, body: "hello" })),
    ).toEqual([400, "InvalidHeaderValue"]);
    const sas = accountSas(caller, { sp: "w", srt: "o" });
    const declared = (length: string): CallOptions => ({ sas, headers: { ...base, "content-length": length }, body: "hello" });
    expect(await errorCode(caller.call("PUT", "/docs/a?comp=range", declared("4")))).toEqual([400, "InvalidHeaderValue"]);
    expect(await errorCode(caller.call("PUT", "/docs/a?comp=range", declared("4194305")))).toEqual([413, "RequestBodyTooLarge"]);
    expect((await caller.call("PUT", "/docs/a?comp=range", declared("5"))).status).toBe(201);
  });
});

describe("Clear Range and List Ranges", () => {
  it("release whole pages only, and zero the rest", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 10240);
    await putRange(caller, "/docs/a", 0, "x".repeat(10240));
    const cleared = await clear(caller, "/docs/a", 500, 2547);
    expect(cleared.status).toBe(201);
    expect(cleared.headers.get("content-md5")).toBeNull();
    expect(cleared.headers.get("x-ms-request-server-encrypted")).toBeNull();
    expect(await ranges(caller, "/docs/a")).toBe("0-511 2048-10239");
    expect(await (await caller.call("GET", "/docs/a")).text()).toBe("x".repeat(500) + "\0".repeat(2048) + "x".repeat(10240 - 2548));
    await putRange(caller, "/docs/a", 1023, "yyyyy");
    expect(await ranges(caller, "/docs/a")).toBe("0-1535 2048-10239");
  });

  it("are cut to the end of the file and to the range asked for", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 10);
    expect(await ranges(caller, "/docs/a")).toBe("<Ranges />");
    await putRange(caller, "/docs/a", 3, "x");
    expect(await ranges(caller, "/docs/a")).toBe("0-9");
    await clear(caller, "/docs/a", 1, 8);
    expect(await ranges(caller, "/docs/a")).toBe("0-9");
    expect(await ranges(caller, "/docs/a", "", { "x-ms-range": "bytes=4-5" })).toBe("4-5");
    const listed = await caller.call("GET", "/docs/a?comp=rangelist");
    expect(listed.headers.get("x-ms-content-length")).toBe("10");
    expect(listed.headers.get("etag")).toBe((await caller.call("HEAD", "/docs/a")).headers.get("etag"));
  });

  it("page from version 2026-10-06", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 20000);
    for (const offset of [0, 4096, 8192, 12288]) await putRange(caller, "/docs/a", offset, "x");
    const first = await (await caller.call("GET", "/docs/a?comp=rangelist&maxresults=2")).text();
    expect(first).toContain("<NextMarker>1!8!ODE5Mg--</NextMarker></Ranges>");
    expect(await ranges(caller, "/docs/a", "&maxresults=2")).toBe("0-511 4096-4607");
    const last = await (await caller.call("GET", "/docs/a?comp=rangelist&maxresults=2&marker=1!8!ODE5Mg--")).text();
    expect(last).not.toContain("NextMarker");
    expect(await ranges(caller, "/docs/a", "&maxresults=2&marker=1!8!ODE5Mg--")).toBe("8192-8703 12288-12799");
    expect(await errorCode(caller.call("GET", "/docs/a?comp=rangelist&marker=1!4!eA--"))).toEqual([400, "InvalidQueryParameterValue"]);
  });

  it.each([
    [{ "x-ms-range": "bytes=0-99" }, 416, "InvalidRange"],
    [{}, 400, "MissingRequiredHeader"],
    [{ "x-ms-range": "bytes=0-4", "content-md5": md5("") }, 400, "InvalidHeaderValue"],
  ])("clearing with %j is refused with %i %s", async (headers, status, code) => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 10);
    expect(await errorCode(caller.call("PUT", "/docs/a?comp=range", { headers: { "x-ms-write": "clear", ...headers } }))).toEqual([
      status,
      code,
    ]);
  });

  it("clearing takes no body, and differences need a snapshot that is there", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 10);
    const headers = { "x-ms-write": "clear", "x-ms-range": "bytes=0-0" };
    expect(await errorCode(caller.call("PUT", "/docs/a?comp=range", { headers, body: "x" }))).toEqual([400, "InvalidHeaderValue"]);
    const query = "comp=rangelist&prevsharesnapshot=2026-01-01T00:00:00.0000000Z";
    expect(await errorCode(caller.call("GET", `/docs/a?${query}`))).toEqual([409, "PreviousSnapshotNotFound"]);
  });
});

describe("Get File", () => {
  it("answers a range with 206, cut to the end", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 11, { "x-ms-content-md5": md5("whole") });
    await putRange(caller, "/docs/a", 0, "Hello World");
    const read = async (headers: Record<string, string>): Promise<unknown[]> => {
      const answer = await caller.call("GET", "/docs/a", { headers });
      return [answer.status, answer.headers.get("content-range"), answer.headers.get("content-length"), await answer.text()];
    };
    expect(await read({ "x-ms-range": "bytes=0-4" })).toEqual([206, "bytes 0-4/11", "5", "Hello"]);
    expect(await read({ range: "bytes=6-" })).toEqual([206, "bytes 6-10/11", "5", "World"]);
    expect(await read({ "x-ms-range": "bytes=6-999", range: "bytes=0-0" })).toEqual([206, "bytes 6-10/11", "5", "World"]);
    expect(await read({ range: "bytes=-5" })).toEqual([200, null, "11", "Hello World"]);
    const whole = await caller.call("GET", "/docs/a");
    expect([whole.headers.get("content-md5"), whole.headers.get("x-ms-content-md5"), whole.headers.get("accept-ranges")]).toEqual([
      md5("whole"),
      null,
      "bytes",
    ]);
    const part = await caller.call("GET", "/docs/a", { headers: { "x-ms-range": "bytes=0-4", "x-ms-range-get-content-md5": "true" } });
    expect([part.headers.get("content-md5"), part.headers.get("x-ms-content-md5")]).toEqual([md5("Hello"), md5("whole")]);
  });

  it("refuses what it cannot give", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 11);
    await createFile(caller, "/docs/empty", 0);
    await createFile(caller, "/docs/big", 8388608);
    const beyond = await caller.call("GET", "/docs/a", { headers: { "x-ms-range": "bytes=11-20" } });
    expect([beyond.status, beyond.headers.get("x-ms-error-code"), beyond.headers.get("content-range")]).toEqual([
      416,
      "InvalidRange",
      "bytes */11",
    ]);
    const headers = (value: string, extra: Record<string, string> = {}): { headers: Record<string, string> } => ({
      headers: { "x-ms-range": value, ...extra },
    });
    expect(await errorCode(caller.call("GET", "/docs/empty", headers("bytes=0-0")))).toEqual([416, "InvalidRange"]);
    expect(await errorCode(caller.call("GET", "/docs/a", headers("bytes=-5")))).toEqual([400, "InvalidHeaderValue"]);
    expect(await errorCode(caller.call("GET", "/docs/a", headers("bytes=0-1,4-5")))).toEqual([400, "InvalidHeaderValue"]);
    const sums = { "x-ms-range-get-content-md5": "true" };
    expect(await errorCode(caller.call("GET", "/docs/a", { headers: sums }))).toEqual([400, "InvalidHeaderValue"]);
    expect(await errorCode(caller.call("GET", "/docs/big", headers("bytes=0-4194304", sums)))).toEqual([400, "InvalidHeaderValue"]);
  });

  it("streams a long answer, keeps it through a new creation, and stops when aborted", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 20000000);
    await putRange(caller, "/docs/a", 19999990, "the end...");
    const old = await caller.call("GET", "/docs/a");
    expect(old.headers.get("content-length")).toBe("20000000");
    await createFile(caller, "/docs/a", 3);
    const bytes = new Uint8Array(await old.arrayBuffer());
    expect([bytes.length, new TextDecoder().decode(bytes.subarray(-10))]).toEqual([20000000, "the end..."]);

    await createFile(caller, "/docs/b", 20000000);
    const sas = await caller.call("HEAD", "/docs/b");
    expect(sas.status).toBe(200);
    const signed = caller.signed("GET", "/docs/b");
    const controller = new AbortController();
    const response = await caller.emulator.fetch(signed, { signal: controller.signal });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    expect((await reader.read()).done).toBe(false);
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(reader.read()).rejects.toBe(reason);
    await expect(caller.emulator.fetch(caller.signed("GET", "/docs/b"), { signal: controller.signal })).rejects.toBe(reason);
  });

  it("reads a file of 4 TiB that was written in two places", async () => {
    const caller = await createShareCaller();
    const size = 4398046511104;
    expect((await createFile(caller, "/docs/huge", size)).status).toBe(201);
    await putRange(caller, "/docs/huge", size - 5, "there");
    await putRange(caller, "/docs/huge", 0, "here");
    expect(await ranges(caller, "/docs/huge")).toBe(`0-511 ${size - 512}-${size - 1}`);
    const tail = await caller.call("GET", "/docs/huge", { headers: { "x-ms-range": `bytes=${size - 7}-` } });
    expect(await tail.text()).toBe("\0\0there");
    await clear(caller, "/docs/huge", 0, size - 1);
    expect(await ranges(caller, "/docs/huge")).toBe("<Ranges />");
  });
});
