import { describe, expect, it } from "vitest";
import type { EmulatorOptions } from "../../../src/simulation/index.js";
import { accountSas, createFile, createShareCaller, errorCode, putRange, serviceSas, type CallOptions, type Caller } from "./account.js";

/** CRC-64 of `hello world` and of nothing, as the reference has them. */
const [helloWorld, nothing] = ["vo7q9sPVKY0=", "AAAAAAAAAAA="];

/** A share with the file `source`, in which is `[hello world]`, and the file `target` of 100 bytes. */
async function withFiles(options: EmulatorOptions = {}): Promise<Caller> {
  const caller = await createShareCaller(options);
  await createFile(caller, "/docs/source", 13);
  await putRange(caller, "/docs/source", 0, "[hello world]");
  await createFile(caller, "/docs/target", 100);
  return caller;
}

/** Writes the range 10-20 of `target` from 1-11 of `source`, unless the headers say otherwise. */
async function put(
  caller: Caller,
  headers: Record<string, string | undefined> = {},
  source = `/docs/source?${serviceSas(caller, "docs/source")}`,
  more: CallOptions = {},
): Promise<Response> {
  const all: Record<string, string | undefined> = {
    "x-ms-write": "update",
    "x-ms-range": "bytes=10-20",
    "x-ms-source-range": "bytes=1-11",
    "x-ms-copy-source": caller.emulator.endpoint + source,
    ...headers,
  };
  const given = Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return caller.call("PUT", "/docs/target?comp=range", { ...more, headers: Object.fromEntries(given) });
}

async function textOf(caller: Caller): Promise<string> {
  return (await (await caller.call("GET", "/docs/target")).text()).replaceAll("\0", ".");
}

describe("Put Range from URL", () => {
  it("writes what it reads, and answers its CRC-64", async () => {
    const caller = await withFiles();
    const before = (await caller.call("HEAD", "/docs/target")).headers;
    const written = await put(caller);
    expect(written.status).toBe(201);
    expect(Object.fromEntries(written.headers)).toMatchObject({
      "x-ms-content-crc64": helloWorld,
      "x-ms-request-server-encrypted": "true",
    });
    expect(written.headers.get("content-md5")).toBeNull();
    expect(await textOf(caller)).toBe(`${".".repeat(10)}hello world${".".repeat(79)}`);
    const after = (await caller.call("HEAD", "/docs/target")).headers;
    expect(after.get("etag")).toBe(written.headers.get("etag"));
    expect(after.get("etag")).not.toBe(before.get("etag"));
    expect(after.get("x-ms-file-last-write-time")).toBe(written.headers.get("x-ms-file-last-write-time"));
    expect(after.get("x-ms-file-change-time")).toBe(written.headers.get("x-ms-file-last-write-time"));
  });

  it("keeps the last-write time where it shall be preserved", async () => {
    const caller = await withFiles();
    const before = (await caller.call("HEAD", "/docs/target")).headers.get("x-ms-file-last-write-time");
    const written = await put(caller, { "x-ms-file-last-write-time": "Preserve" });
    expect(written.headers.get("x-ms-file-last-write-time")).toBe(before);
    expect((await put(caller, {}, undefined, { version: "2020-10-02" })).headers.get("x-ms-file-last-write-time")).toBeNull();
  });

  it("reads the whole source without a range of it", async () => {
    const caller = await withFiles();
    expect((await put(caller, { "x-ms-source-range": undefined, "x-ms-range": "bytes=0-12" })).status).toBe(201);
    expect(await textOf(caller)).toBe(`[hello world]${".".repeat(87)}`);
    expect(await errorCode(put(caller, { "x-ms-source-range": undefined }))).toEqual([409, "CannotVerifyCopySource"]);
  });

  it("holds conditions on the CRC-64 of what it read", async () => {
    const caller = await withFiles();
    const [content, match, noMatch] = ["x-ms-source-content-crc64", "x-ms-source-if-match-crc64", "x-ms-source-if-none-match-crc64"];
    for (const [headers, expected] of [
      [{ [content]: nothing }, [400, "Crc64Mismatch"]],
      [{ [match]: nothing }, [412, "Crc64ConditionNotMet"]],
      [{ [noMatch]: helloWorld }, [412, "Crc64ConditionNotMet"]],
      [{ [match]: "AAAA" }, [400, "InvalidHeaderValue"]],
      [{ [content]: "?" }, [400, "InvalidHeaderValue"]],
    ] as const)
      expect([headers, await errorCode(put(caller, headers))]).toEqual([headers, expected]);
    expect(await (await put(caller, { [match]: nothing })).text()).toContain(
      `<UserSpecifiedCrc>${nothing}</UserSpecifiedCrc><ServerCalculatedCrc>${helloWorld}</ServerCalculatedCrc></Error>`,
    );
    expect(await textOf(caller)).toBe(".".repeat(100));
    expect((await put(caller, { [content]: helloWorld, [match]: helloWorld, [noMatch]: nothing })).status).toBe(201);
  });

  it("tells where the source has fewer bytes than the target takes", async () => {
    const caller = await withFiles();
    const refused = await put(caller, { "x-ms-source-range": "bytes=5-15" });
    expect([refused.status, refused.headers.get("x-ms-error-code")]).toEqual([409, "CannotVerifyCopySource"]);
    expect(await refused.text()).toContain(
      "<Message>The source request body for copy source does not match requested length to write on target.\n",
    );
    expect(await errorCode(put(caller, { "x-ms-source-range": "bytes=1-5" }))).toEqual([409, "CannotVerifyCopySource"]);
    expect(await errorCode(put(caller, { "x-ms-source-range": "bytes=13-23" }))).toEqual([416, "CannotVerifyCopySource"]);
    expect(await textOf(caller)).toBe(".".repeat(100));
  });

  it("answers as the source does where that refuses, with details from 2026-02-06", async () => {
    const caller = await withFiles();
    const source = "/docs/source";
    for (const [from, expected] of [
      [source, [401, "CannotVerifyCopySource"]],
      [`${source}?${serviceSas(caller, "docs/source", { sp: "w" })}`, [403, "CannotVerifyCopySource"]],
      [`${source}?${serviceSas(caller, "docs/source", { se: "2020-01-01T00:00:00Z" })}`, [403, "CannotVerifyCopySource"]],
      [`/docs/none?${accountSas(caller)}`, [404, "CannotVerifyCopySource"]],
      [`/none/source?${accountSas(caller)}`, [404, "CannotVerifyCopySource"]],
    ] as const)
      expect([from, await errorCode(put(caller, {}, from))]).toEqual([from, expected]);
    const none = `/docs/none?${accountSas(caller)}`;
    const told = await put(caller, {}, none, { version: "2026-02-06" });
    expect([told.headers.get("x-ms-copy-source-status-code"), told.headers.get("x-ms-copy-source-error-code")]).toEqual([
      "404",
      "ResourceNotFound",
    ]);
    expect(await told.text()).toContain(
      "</Message><CopySourceStatusCode>404</CopySourceStatusCode><CopySourceErrorCode>ResourceNotFound</CopySourceErrorCode><CopySourceErrorMessage>The specified resource does not exist.</CopySourceErrorMessage></Error>",
    );
    const older = await put(caller, {}, none, { version: "2025-11-05" });
    expect([older.headers.get("x-ms-copy-source-status-code"), (await older.text()).includes("<CopySource")]).toEqual([null, false]);
    expect(await errorCode(put(caller, { "x-ms-copy-source": "https://elsewhere.file.core.windows.net/docs/source?sig=x" }))).toEqual([
      404,
      "CannotVerifyCopySource",
    ]);
  });

  it.each<[Record<string, string | undefined>, [number, string]]>([
    [{ "x-ms-write": undefined }, [400, "MissingRequiredHeader"]],
    [{ "x-ms-write": "append" }, [400, "InvalidHeaderValue"]],
    [{ "x-ms-range": undefined }, [400, "MissingRequiredHeader"]],
    [{ "x-ms-range": "bytes=10-" }, [400, "InvalidHeaderValue"]],
    [{ "x-ms-range": "bytes=90-100" }, [416, "InvalidRange"]],
    [{ "x-ms-range": "bytes=0-4194304" }, [413, "RequestBodyTooLarge"]],
    [{ "x-ms-source-range": "1-11" }, [400, "InvalidHeaderValue"]],
    [{ "x-ms-copy-source": "docs/source" }, [400, "InvalidHeaderValue"]],
    [{ "x-ms-file-last-write-time": "2020" }, [400, "InvalidHeaderValue"]],
    [{ "x-ms-copy-source-authorization": "SharedKey a:b" }, [400, "InvalidHeaderValue"]],
    [{ "x-ms-lease-id": "11111111-2222-4333-8444-555555555555" }, [412, "LeaseNotPresentWithFileOperation"]],
  ])("with %j is refused", async (headers, expected) => {
    const caller = await withFiles();
    expect(await errorCode(put(caller, headers))).toEqual(expected);
    expect(await textOf(caller)).toBe(".".repeat(100));
  });

  it("takes no body, and writes to no file that is leased or read-only", async () => {
    const caller = await withFiles();
    expect(await errorCode(put(caller, {}, undefined, { body: "x" }))).toEqual([400, "InvalidHeaderValue"]);
    const id = "11111111-2222-4333-8444-555555555555";
    await caller.call("PUT", "/docs/target?comp=lease", {
      headers: { "x-ms-lease-action": "acquire", "x-ms-lease-duration": "-1", "x-ms-proposed-lease-id": id },
    });
    expect(await errorCode(put(caller))).toEqual([412, "LeaseIdMissing"]);
    expect((await put(caller, { "x-ms-lease-id": id })).status).toBe(201);
    await caller.call("PUT", "/docs/target?comp=properties", { headers: { "x-ms-file-attributes": "ReadOnly", "x-ms-lease-id": id } });
    expect(await errorCode(put(caller, { "x-ms-lease-id": id }))).toEqual([409, "ReadOnlyAttribute"]);
  });

  it("reads its source with a bearer token that comes along", async () => {
    const caller = await withFiles({ insecureBearer: true });
    const authorization = `Bearer ${caller.emulator.token()}`;
    const read = (value: string): Promise<Response> => put(caller, { "x-ms-copy-source-authorization": value }, "/docs/source");
    expect((await read(authorization)).status).toBe(201);
    expect(await textOf(caller)).toContain("hello world");
    expect(await errorCode(read("Bearer x"))).toEqual([401, "CannotVerifyCopySource"]);
  });

  it("can read a file that it writes to", async () => {
    const caller = await withFiles();
    await putRange(caller, "/docs/target", 50, "hello world");
    const source = `/docs/target?${serviceSas(caller, "docs/target")}`;
    expect((await put(caller, { "x-ms-source-range": "bytes=50-60" }, source)).headers.get("x-ms-content-crc64")).toBe(helloWorld);
    expect(await textOf(caller)).toBe(`${".".repeat(10)}hello world${".".repeat(29)}hello world${".".repeat(39)}`);
  });
});
