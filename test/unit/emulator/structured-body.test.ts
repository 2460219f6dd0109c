/** CRC-64 and structured bodies, held against recorded bytes and against sums computed bit by bit. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Crc64Sum, crc64Of } from "../../../src/simulation/emulator/crc64.js";
import { createFile, createShareCaller, errorCode, type Caller } from "./account.js";

const xsm = "XSM/1.0; properties=crc64";
const mebibyte = 1048576;

/** Create File of version 2026-06-06, as recorded of the official client for C++: 100 bytes, and the same framed. */
const recorded = {
  content:
    "6JjVUpRXKR/tIisDip3/1se7C/iGLx1kYkKQr56pxPewYiCbkFATKVR4Qlx9IhsmHl9IS67I18sDDRY25wO3Hsraadiu2dC42FIWZBSCmV8n/+muKfR4hEosCpJZZb8OcG00Uw==",
  framed:
    "AYsAAAAAAAAAAQABAAEAZAAAAAAAAADomNVSlFcpH+0iKwOKnf/Wx7sL+IYvHWRiQpCvnqnE97BiIJuQUBMpVHhCXH0iGyYeX0hLrsjXywMNFjbnA7ceytpp2K7Z0LjYUhZkFIKZXyf/6a4p9HiESiwKklllvw5wbTRTn3xyyR3T+CGffHLJHdP4IQ==",
  md5: "4qyuMjqUBgzQF8yEGaQfhA==",
};

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(base64, "base64"));
const base64Of = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const pattern = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(length).map((_, index) => (index * 7 + (index >> 8)) & 0xff);

/** A sum by the definition: one bit at a time, lowest first. */
function slowCrc64(bytes: Uint8Array): Uint8Array {
  let sum = 0xffffffffffffffffn;
  for (const byte of bytes) {
    sum ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) sum = sum & 1n ? (sum >> 1n) ^ 0x9a6c9329ac4bc9b5n : sum >> 1n;
  }
  const result = Buffer.alloc(8);
  result.writeBigUInt64LE(sum ^ 0xffffffffffffffffn);
  return result;
}

/** A structured body in segments of a size. */
function framed(content: Uint8Array, segmentSize: number, sum = slowCrc64): Buffer {
  const segments: Buffer[] = [];
  for (let at = 0, number = 1; at < content.length || number === 1; at += segmentSize, number++) {
    const part = content.subarray(at, at + segmentSize);
    const head = Buffer.alloc(10);
    head.writeUInt16LE(number, 0);
    head.writeBigUInt64LE(BigInt(part.length), 2);
    segments.push(Buffer.concat([head, part, sum(part)]));
  }
  const head = Buffer.alloc(13);
  head.writeUInt8(1, 0);
  head.writeUInt16LE(1, 9);
  head.writeUInt16LE(segments.length, 11);
  const body = Buffer.concat([head, ...segments, sum(content)]);
  body.writeBigUInt64LE(BigInt(body.length), 1);
  return body;
}

/** Puts a structured body at the start of a file. */
async function putFramed(
  caller: Caller,
  content: Uint8Array,
  body: Uint8Array = framed(content, 4 * mebibyte),
  headers: Record<string, string> = {},
): Promise<Response> {
  return caller.call("PUT", "/docs/a?comp=range", {
    body: new Uint8Array(body),
    headers: {
      "x-ms-write": "update",
      "x-ms-range": `bytes=0-${content.length - 1}`,
      "x-ms-structured-body": xsm,
      "x-ms-structured-content-length": String(content.length),
      ...headers,
    },
  });
}

/** The body of an answer. */
async function bodyOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}

describe("CRC-64", () => {
  it.each([
    ["", "AAAAAAAAAAA="],
    ["123456789", "iJh5CoYUi64="],
    ["hello world", "vo7q9sPVKY0="],
  ])("of %j is %s", (text, expected) => {
    expect(base64Of(crc64Of(new TextEncoder().encode(text)))).toBe(expected);
  });

  it("is the same in pieces, and bit by bit", () => {
    const bytes = pattern(5000);
    const pieces = new Crc64Sum();
    for (const at of [0, 1, 700, 4096]) pieces.add(bytes.subarray(at, [1, 700, 4096, 5000][[0, 1, 700, 4096].indexOf(at)]));
    expect(base64Of(pieces.bytes())).toBe(base64Of(slowCrc64(bytes)));
    expect(base64Of(crc64Of(bytes))).toBe(base64Of(slowCrc64(bytes)));
  });
});

describe("structured bodies", () => {
  it("come in and go out byte for byte as recorded", async () => {
    const caller = await createShareCaller();
    const headers = { "x-ms-type": "file", "x-ms-content-length": "100", "x-ms-structured-body": xsm };
    const created = await caller.call("PUT", "/docs/a", {
      headers: { ...headers, "x-ms-structured-content-length": "100" },
      body: bytesOf(recorded.framed),
    });
    expect([created.status, created.headers.get("x-ms-structured-body"), created.headers.get("content-md5")]).toEqual([
      201,
      xsm,
      recorded.md5,
    ]);
    const plain = await caller.call("GET", "/docs/a");
    expect([base64Of(await bodyOf(plain)), plain.headers.get("x-ms-structured-body")]).toEqual([recorded.content, null]);
    const structured = await caller.call("GET", "/docs/a", { headers: { "x-ms-structured-body": xsm } });
    expect(base64Of(await bodyOf(structured))).toBe(recorded.framed);
    expect([structured.status, structured.headers.get("content-length"), structured.headers.get("x-ms-structured-content-length")]).toEqual(
      [200, "139", "100"],
    );
  });

  it("are taken by Put Range, which then answers no MD5", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 4 * mebibyte);
    const content = pattern(4 * mebibyte);
    const written = await putFramed(caller, content, framed(content, mebibyte, crc64Of));
    expect([written.status, written.headers.get("x-ms-structured-body"), written.headers.get("content-md5")]).toEqual([201, xsm, null]);
    expect(written.headers.get("x-ms-request-server-encrypted")).toBe("true");
    expect(Buffer.compare(await bodyOf(await caller.call("GET", "/docs/a")), content)).toBe(0);
  });

  it("hold the MD5 of the content where one is sent as well", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 100);
    const content = pattern(100);
    const md5 = (bytes: Uint8Array): string => createHash("md5").update(bytes).digest("base64");
    expect((await putFramed(caller, content, framed(content, 100), { "content-md5": md5(content) })).status).toBe(201);
    const wrong = { "content-md5": md5(framed(content, 100)) };
    expect(await errorCode(putFramed(caller, content, framed(content, 100), wrong))).toEqual([400, "Md5Mismatch"]);
  });

  it("give a range, its length and place in bytes of the content", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 3000);
    const content = pattern(3000);
    await putFramed(caller, content);
    const answer = await caller.call("GET", "/docs/a", { headers: { "x-ms-structured-body": xsm, "x-ms-range": "bytes=100-1635" } });
    expect([answer.status, answer.headers.get("content-range"), answer.headers.get("content-length")]).toEqual([
      206,
      "bytes 100-1635/3000",
      "1575",
    ]);
    expect(answer.headers.get("x-ms-structured-content-length")).toBe("1536");
    expect(Buffer.compare(await bodyOf(answer), framed(content.subarray(100, 1636), 4 * mebibyte))).toBe(0);
  });

  it("give long files in segments of 4 MiB, made as they are read", async () => {
    const caller = await createShareCaller();
    const content = new Uint8Array(9 * mebibyte);
    content.set(pattern(1000));
    await createFile(caller, "/docs/a", content.length);
    await putFramed(caller, content.subarray(0, 1000));
    const answer = await caller.call("GET", "/docs/a", { headers: { "x-ms-structured-body": xsm } });
    const body = await bodyOf(answer);
    expect(answer.headers.get("content-length")).toBe(String(body.length));
    expect(Buffer.compare(body, framed(content, 4 * mebibyte, crc64Of))).toBe(0);
  });

  it("give an empty file as one empty segment", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 0);
    const answer = await caller.call("GET", "/docs/a", { headers: { "x-ms-structured-body": xsm } });
    expect(answer.headers.get("content-length")).toBe("39");
    expect(base64Of(await bodyOf(answer))).toBe(base64Of(framed(new Uint8Array(0), 1)));
  });

  it("end with the reason of an abort", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 9 * mebibyte);
    const abort = new AbortController();
    const request = caller.signed("GET", "/docs/a", { headers: { "x-ms-structured-body": xsm } });
    const reader = (await caller.emulator.fetch(new Request(request, { signal: abort.signal }))).body?.getReader();
    expect((await reader?.read())?.done).toBe(false);
    abort.abort(new Error("enough"));
    await expect(reader?.read()).rejects.toThrow("enough");
  });

  const content = pattern(100);
  const good = framed(content, 60);
  const changed = (at: number, value: number): Buffer => Buffer.from(good.map((byte, index) => (index === at ? value : byte)));
  it.each<[string, Uint8Array, string]>([
    ["another version", changed(0, 2), "InvalidHeaderValue"],
    ["another total", changed(1, 1), "InvalidHeaderValue"],
    ["other flags", changed(9, 0), "InvalidHeaderValue"],
    ["more segments", changed(11, 3), "InvalidHeaderValue"],
    ["fewer segments", changed(11, 1), "InvalidHeaderValue"],
    ["another number", changed(13, 2), "InvalidHeaderValue"],
    ["a segment too long", changed(15, 200), "InvalidHeaderValue"],
    ["a segment longer than can be", changed(22, 255), "InvalidHeaderValue"],
    ["too few bytes", good.subarray(0, 20), "InvalidHeaderValue"],
    ["no frame at all", content, "InvalidHeaderValue"],
    ["another byte of content", changed(30, content[7] === 1 ? 2 : 1), "Crc64Mismatch"],
    ["another sum of a segment", changed(13 + 10 + 60, (good[13 + 10 + 60] ?? 0) ^ 1), "Crc64Mismatch"],
    ["another sum of all", changed(good.length - 1, (good[good.length - 1] ?? 0) ^ 1), "Crc64Mismatch"],
  ])("with %s are refused", async (_, body, code) => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 100);
    expect(await errorCode(putFramed(caller, content, body))).toEqual([400, code]);
    expect(Buffer.compare(await bodyOf(await caller.call("GET", "/docs/a")), new Uint8Array(100))).toBe(0);
  });

  it("tell both sums where they differ", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 100);
    const sums = [base64Of(good.subarray(-8)), base64Of(changed(good.length - 1, 0).subarray(-8))];
    expect(await (await putFramed(caller, content, changed(good.length - 1, 0))).text()).toContain(
      `<UserSpecifiedCrc>${sums[1]}</UserSpecifiedCrc><ServerCalculatedCrc>${sums[0]}</ServerCalculatedCrc></Error>`,
    );
  });

  it.each<[Record<string, string>, string]>([
    [{ "x-ms-structured-body": "XSM/2.0; properties=crc64" }, "InvalidHeaderValue"],
    [{ "x-ms-structured-body": "XSM/1.0" }, "InvalidHeaderValue"],
    [{ "x-ms-structured-content-length": "x" }, "InvalidHeaderValue"],
    [{ "x-ms-structured-content-length": "99" }, "InvalidHeaderValue"],
    [{ "x-ms-structured-content-length": "99", "x-ms-range": "bytes=0-98" }, "InvalidHeaderValue"],
  ])("are refused with %j", async (headers, code) => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 100);
    expect(await errorCode(putFramed(caller, content, good, headers))).toEqual([400, code]);
  });

  it("are refused by Get File where the kind is unknown, and by Create File without a length or a body", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 100);
    expect(await errorCode(caller.call("GET", "/docs/a", { headers: { "x-ms-structured-body": "XSM/1.0" } }))).toEqual([
      400,
      "InvalidHeaderValue",
    ]);
    const headers = { "x-ms-type": "file", "x-ms-content-length": "100", "x-ms-structured-body": xsm };
    const response = await caller.call("PUT", "/docs/b", { headers, body: bytesOf(recorded.framed) });
    expect(await response.text()).toContain("<HeaderName>x-ms-structured-content-length</HeaderName>");
    expect(await errorCode(caller.call("PUT", "/docs/b", { headers: { ...headers, "x-ms-structured-content-length": "0" } }))).toEqual([
      400,
      "InvalidHeaderValue",
    ]);
  });

  it("hold at most 4 MiB, framed or not", async () => {
    const caller = await createShareCaller();
    const long = new Uint8Array(4 * mebibyte + 1);
    await createFile(caller, "/docs/a", long.length);
    expect(await errorCode(putFramed(caller, long, framed(long, 4 * mebibyte, crc64Of)))).toEqual([413, "RequestBodyTooLarge"]);
    const headers = { "x-ms-type": "file", "x-ms-content-length": String(long.length) };
    expect(await errorCode(caller.call("PUT", "/docs/b", { headers, body: long }))).toEqual([413, "RequestBodyTooLarge"]);
  });
});
