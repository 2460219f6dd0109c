/** Recordings: what is kept, what never is, and that traffic passes as if nobody looked. */
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sas } from "../../../src/auth/sas.js";
import { sharedKey } from "../../../src/auth/shared-key.js";
import { connect } from "../../../src/connect.js";
import { saveHar } from "../../../src/node/har-files.js";
import * as files from "../../../src/services/files.js";
import * as leases from "../../../src/services/leases.js";
import * as shares from "../../../src/services/shares.js";
import { createEmulator, record, replay, type RecordOptions } from "../../../src/simulation/index.js";
import { createFile, createShareCaller, serviceSas } from "../emulator/account.js";
import { virtualClock } from "../virtual-clock.js";

const answering =
  (body: BodyInit | null, headers: Record<string, string> = {}) =>
  async (): Promise<Response> =>
    new Response(body, { headers });

describe("a recording", () => {
  it("holds what went over it, without secrets", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 11);
    const recording = record();
    const fetch = recording.fetch(caller.emulator.fetch);
    const token = serviceSas(caller, "docs", { sp: "rw" });
    await fetch(
      caller.signed("PUT", "/docs/a?comp=range", {
        sas: token,
        headers: { "x-ms-write": "update", "x-ms-range": "bytes=0-4", "content-type": "text/plain" },
        body: "hello",
      }),
    );
    await (await recording.handler(caller.emulator.handle)(caller.signed("GET", "/docs/a"), { clientAddress: "10.0.0.1" })).text();
    await fetch(caller.signed("HEAD", "/docs/none"));
    const { log } = recording.har();
    expect([recording.count, log.version, log.entries.length]).toEqual([3, "1.2", 3]);
    expect(log.entries.map(({ request, response }) => [request.method, response.status, response.content.size])).toEqual([
      ["PUT", 201, 0],
      ["GET", 200, 11],
      ["HEAD", 404, 0],
    ]);
    const [put, get] = log.entries;
    expect(put?.request.url).toContain("/docs/a?comp=range&");
    expect(put?.request.queryString).toContainEqual({ name: "comp", value: "range" });
    expect(put?.request.headers).toContainEqual({ name: "x-ms-range", value: "bytes=0-4" });
    expect(put?.request.postData).toMatchObject({ text: "hello", mimeType: "text/plain" });
    expect(put?.response.headers.map(({ name }) => name)).toContain("x-ms-request-id");
    expect(atob(get?.response.content.text ?? "")).toBe("hello\0\0\0\0\0\0");
    const text = JSON.stringify(recording.har());
    const signature = new URLSearchParams(token).get("sig") ?? "";
    expect(signature.length).toBeGreaterThan(40);
    expect(text).not.toContain(signature);
    expect(text).not.toContain(encodeURIComponent(signature));
    expect(text).not.toMatch(/SharedKey \w+:[A-Za-z0-9+/]{10}/);
  });

  it("is made by a connection's middleware, too", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 5);
    const recording = record();
    const { endpoint, fetch } = caller.emulator;
    const credential = sas(serviceSas(caller, "docs", { sp: "rw" }));
    const connection = connect({ endpoint, share: "docs", credential, fetch, middleware: [recording.middleware] });
    await files.putRange(connection, { path: "a", offset: 0, body: new TextEncoder().encode("12345") });
    expect(await (await files.read(connection, { path: "a" })).text()).toBe("12345");
    const [put, get] = recording.har().log.entries;
    expect([put?.request.postData?.text, get?.response.content.text].map((text) => atob(text ?? ""))).toEqual(["12345", "12345"]);
    expect(JSON.stringify(recording.har())).not.toMatch(/sig=(?!REDACTED)/);
  });

  it("keeps as many exchanges as it was told and counts them all", async () => {
    const caller = await createShareCaller();
    const recording = record({ limit: 2 });
    const fetch = recording.fetch(caller.emulator.fetch);
    for (let index = 0; index < 5; index++) await fetch(caller.signed("GET", "/?comp=list"));
    expect([recording.count, recording.har().log.entries.length]).toEqual([5, 2]);
  });

  it("keeps large bodies of requests by length and hash, and large answers in files beside it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "azure-files-har-"));
    const [sent, got] = [new Uint8Array(70_000).fill(1), new Uint8Array(20_000).fill(2)];
    const recording = record();
    const fetch = recording.fetch(answering(got, { "content-type": "application/octet-stream" }));
    await (await fetch("http://127.0.0.1/a", { method: "PUT", body: sent })).arrayBuffer();
    const [entry] = recording.har().log.entries;
    expect(entry?.request.postData).toMatchObject({ text: "", _size: 70_000, _sha256: createHash("sha256").update(sent).digest("hex") });
    const name = `${createHash("sha1").update(got).digest("hex")}.bin`;
    expect(entry?.response.content).toEqual({ size: 20_000, mimeType: "application/octet-stream", _file: name });
    await saveHar(join(folder, "deep/a.har"), recording);
    expect((await readdir(join(folder, "deep"))).toSorted()).toEqual([name, "a.har"].toSorted());
    expect(new Uint8Array(await readFile(join(folder, "deep", name)))).toEqual(got);
    await rm(folder, { recursive: true });
  });

  it("lets bodies stream: what is not read is not asked for, and what was read is noted as such", async () => {
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          pulled++;
          controller.enqueue(new Uint8Array(10).fill(pulled));
        },
      },
      { highWaterMark: 0 },
    );
    const recording = record();
    const response = await recording.fetch(answering(body))("http://127.0.0.1/a");
    expect(pulled).toBe(0);
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.read();
    await reader?.cancel();
    expect(pulled).toBe(2);
    expect(recording.har().log.entries[0]?.response.content).toMatchObject({ size: 20, comment: "the body was not read to its end" });
  });

  it("passes bodies through untouched and aborts on", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 9000000);
    const fetch = record().fetch(caller.emulator.fetch);
    const response = await fetch(caller.signed("GET", "/docs/a"));
    expect((await response.arrayBuffer()).byteLength).toBe(9000000);
    const reason = new Error("stop");
    await expect(fetch(caller.signed("GET", "/docs/a"), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it("repeats to the last character where time and chance are injected", async () => {
    const make = async (seed: number): Promise<string> => {
      let [now, state] = [1_800_000_000_000, seed];
      const clock = { ...virtualClock(), now: () => now++ };
      const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
      const recording = record({ clock, inline: 100 });
      const emulator = createEmulator({ clock, random });
      const { endpoint } = emulator;
      const fetch = recording.fetch(emulator.fetch);
      const connection = connect({ endpoint, share: "share", credential: sharedKey(emulator), fetch, clock, random });
      await shares.create(connection);
      await files.write(connection, { path: "a.bin", body: new Uint8Array(3000).fill(7) });
      await leases.acquire(connection, { path: "a.bin" });
      await (await files.read(connection, { path: "a.bin" })).bytes();
      await files.delete(connection, { path: "none" }).catch(() => undefined);
      return JSON.stringify([recording.har(), [...recording.files().keys()]]);
    };
    const once = await make(7);
    expect(once).toContain("x-ms-lease-id");
    expect(await make(7)).toBe(once);
    expect(await make(8)).not.toBe(once);
  });
});

describe("what is never written", () => {
  const recorded = async (body: BodyInit, type: string, options: RecordOptions = {}) => {
    const recording = record(options);
    const fetch = recording.fetch(answering(body, { "content-type": type, "set-cookie": "a=secret" }));
    await (
      await fetch("http://127.0.0.1/a?sig=c2VjcmV0&mine=private", {
        headers: { authorization: "SharedKey a:c2VjcmV0", "x-mine": "private" },
      })
    ).text();
    return recording;
  };

  it("are signatures, keys, tokens and cookies, in addresses, headers and texts", async () => {
    const xml =
      "<a>AccountKey=c2VjcmV0; Bearer c2VjcmV0 http://x/?sig=c2VjcmV0</a><UserDelegationKey><Value>c2VjcmV0</Value></UserDelegationKey>";
    const text = JSON.stringify((await recorded(xml, "application/xml")).har());
    expect(text).not.toContain("c2VjcmV0");
    expect(text).toContain("UkVEQUNURUQ=");
  });

  it("are what the caller names", async () => {
    const text = JSON.stringify((await recorded("", "text/plain", { neverWritten: ["X-Mine", "mine"] })).har());
    expect(text).not.toContain("private");
  });

  it("are secrets in bytes, which cannot be taken out: then nothing is written at all", async () => {
    const folder = await mkdtemp(join(tmpdir(), "azure-files-har-"));
    const recording = await recorded("…AccountKey=c2VjcmV0…", "application/octet-stream");
    expect(() => recording.har()).toThrow(/^the body of the answer of exchange 1 holds what looks like a secret/);
    await expect(saveHar(join(folder, "a.har"), recording)).rejects.toThrow(/looks like a secret/);
    expect(await readdir(folder)).toEqual([]);
    await rm(folder, { recursive: true });
    const named = await recorded('"my key"', "text/plain", { secrets: ['"my key"'] });
    expect(() => named.har()).toThrow(/one of the secrets/);
    expect((await recorded("AccountKey=c2VjcmV0", "application/octet-stream", { bodies: false })).har().log.entries).toHaveLength(1);
  });
});

describe("a recorder", () => {
  it.each<[object, RegExp]>([
    [{ limit: -1 }, /^limit is -1, but must be a number from 0$/],
    [{ requestBody: "64 KiB" }, /^requestBody is "64 KiB", but must be a number from 0$/],
    [{ inline: NaN }, /^inline is NaN/],
    [{ neverWritten: "x-mine" }, /^neverWritten must be a list of texts$/],
    [{ secrets: "c2VjcmV0" }, /^secrets must be a list of texts$/],
    [{ secrets: ["c2VjcmV0", undefined] }, /^secrets must be a list of texts$/],
  ])("with %j is none, and says so before it lets anything through", (options, message) => {
    expect(() => record(options)).toThrow(message);
    expect(() => replay({ log: { entries: [] } }, { record: options })).toThrow(message);
  });
});
