/** Recordings that answer: what is found, what is not, and what is said of it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { connect } from "../../../src/connect.js";
import { sas } from "../../../src/auth/sas.js";
import { getProperties } from "../../../src/services/files.js";
import { CassetteError, record, replay, ReplayError, type ReplayOptions } from "../../../src/simulation/index.js";

const origin = "http://127.0.0.1:1/account";
const entry = (method: string, path: string, response: object = {}, request: object = {}) => ({
  request: { method, url: origin + path, headers: [], ...request },
  response: { status: 200, statusText: "OK", headers: [], content: { size: 2, text: path.slice(-2) }, ...response },
});
const har = (...entries: object[]) => ({ log: { version: "1.2", entries } });
const replayed = (archive: unknown, options?: ReplayOptions) => {
  const replaying = replay(archive, options);
  const fetch = replaying.fetch();
  const ask = async (path: string, init?: RequestInit): Promise<string> => (await fetch(`${origin}${path}`, init)).text();
  return { ...replaying, ask, replaying };
};

describe("a replayed recording", () => {
  it("answers by method, path, query and range, whatever host, SAS and time it was recorded with", async () => {
    const tape = har(
      entry("GET", "/s/a?comp=list&sig=REDACTED&se=1", {}, {}),
      entry("GET", "/s/a", { content: { size: 1, text: "x" } }, { headers: [{ name: "x-ms-range", value: "bytes=0-0" }] }),
      entry("GET", "/s/a", { content: { size: 1, text: "y" } }, { headers: [{ name: "X-MS-Range", value: "bytes=1-1" }] }),
    );
    const { ask, replaying } = replayed(tape);
    expect(await ask("/s/a", { headers: { "x-ms-range": "bytes=1-1" } })).toBe("y");
    expect(await ask("/s/a?se=2&sig=other&comp=list")).toBe("=1");
    expect(await ask("/s/a", { headers: { "x-ms-range": "bytes=0-0" } })).toBe("x");
    expect(replaying.left).toBe(0);
  });

  it("gives the answers to one question one after the other, and then the last again", async () => {
    const { ask } = replayed(har(entry("GET", "/s/f?v=11"), entry("GET", "/s/f?v=11", { content: { size: 1, text: "2" } })));
    expect([await ask("/s/f?v=11"), await ask("/s/f?v=11"), await ask("/s/f?v=11")]).toEqual(["11", "2", "2"]);
  });

  it("in strict order has one answer to one request, the next one", async () => {
    const { ask, replaying } = replayed(har(entry("GET", "/s/a1"), entry("GET", "/s/a2")), { order: "strict" });
    await expect(ask("/s/a2")).rejects.toThrow(
      'nothing is recorded that answers GET /account/s/a2; the next one is exchange 1, GET /account/s/a1: the path is "/account/s/a2", and "/account/s/a1" there',
    );
    expect([await ask("/s/a1"), await ask("/s/a2"), replaying.left]).toEqual(["a1", "a2", 0]);
    await expect(ask("/s/a2")).rejects.toThrow("the recording ends before GET /account/s/a2");
  });

  it("says what it came nearest to, without secrets, and what differs", async () => {
    const { ask } = replayed(har(entry("PUT", "/s/zz"), entry("GET", "/s/a?comp=list&prefix=x")));
    const error = (await ask("/s/a?comp=list&prefix=y&sig=c2VjcmV0").catch((reason: unknown) => reason)) as Error;
    expect(error).toBeInstanceOf(ReplayError);
    expect(error.message).toBe(
      'nothing is recorded that answers GET /account/s/a?comp=list&prefix=y&sig=REDACTED; the nearest is exchange 2, GET /account/s/a?comp=list&prefix=x: query prefix is "y", and "x" there',
    );
    await expect(replayed(har()).ask("/s/a")).rejects.toThrow("the recording is empty");
  });

  it("answers a client, by its middleware or in place of its fetch, and what it lacks is not tried again", async () => {
    const tape = har(entry("HEAD", "/share/a.txt", { headers: [{ name: "Content-Length", value: "7" }], content: { size: 0 } }));
    const token = "sv=2026-10-06&sp=r&sr=s&se=2099-01-01T00%3A00%3A00Z&sig=c2VjcmV0";
    for (const options of [{ middleware: [replay(tape).middleware] }, { fetch: replay(tape).fetch() }]) {
      const connection = connect({ endpoint: origin, share: "share", credential: sas(token), ...options });
      expect((await getProperties(connection, { path: "a.txt" })).size).toBe(7);
      const error = await getProperties(connection, { path: "b.txt" }).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ name: "ReplayError" });
      expect(String(error)).not.toContain("c2VjcmV0");
    }
  });

  it("lets through what it lacks, and records it, or lets all through", async () => {
    const inner = async (request: Request): Promise<Response> => new Response(`live ${new URL(request.url).pathname.slice(-1)}`);
    const tape = har(entry("GET", "/s/aa"));
    const updating = replay(tape, { mode: "update" });
    const fetch = updating.fetch(inner);
    expect(await (await fetch(`${origin}/s/aa`)).text()).toBe("aa");
    expect(await (await fetch(`${origin}/s/b`)).text()).toBe("live b");
    expect(updating.recording.har().log.entries.map(({ request }) => request.url)).toEqual([`${origin}/s/b`]);
    expect(await (await replay(tape, { mode: "passthrough" }).fetch(inner)(`${origin}/s/aa`)).text()).toBe("live a");
  });

  it("takes a body from a file beside it, in base64, or says that there is none", async () => {
    const tape = har(
      entry("GET", "/1", { content: { size: 3, _file: "abc.bin" } }),
      entry("GET", "/2", { content: { size: 1, text: "AA==", encoding: "base64" } }),
      entry("GET", "/3", { content: { size: 9 } }),
      entry("GET", "/4", { content: { size: 1, text: "*", encoding: "base64" } }),
      entry("GET", "/5", { content: { size: 3, _file: "none" } }),
    );
    const { ask } = replayed(tape, { files: (name) => (name === "abc.bin" ? new TextEncoder().encode("abc") : undefined) });
    expect([await ask("/1"), await ask("/2")]).toEqual(["abc", "\0"]);
    await expect(ask("/3")).rejects.toThrow("exchange 3 was recorded without its body of 9 bytes");
    await expect(ask("/4")).rejects.toThrow("exchange 4 has a body that is no base64");
    await expect(ask("/5")).rejects.toThrow('in the file "none", which is not there');
  });

  it("takes what a browser exports: encoded bodies are decoded there, requests may have no answer, HTTP/2 has headers that are none", async () => {
    const headers = [
      { name: ":status", value: "200" },
      { name: "content-encoding", value: "br" },
      { name: "content-length", value: "1" },
    ];
    const tape = har(entry("GET", "/aborted", { status: 0 }), entry("GET", "/s/ok", { headers }));
    const response = await replay(tape).fetch()(`${origin}/s/ok`);
    expect([response.headers.get("content-encoding"), response.headers.get("content-length"), await response.text()]).toEqual([
      null,
      "2",
      "ok",
    ]);
    expect(replay(tape).left).toBe(1);
  });

  it("repeats what the recorder wrote", async () => {
    const recording = record();
    const inner = async (): Promise<Response> =>
      new Response("\uFEFF<a/>", { status: 201, headers: { "content-type": "application/xml", etag: '"1"' } });
    await (await recording.fetch(inner)(`${origin}/s/x?comp=list`)).text();
    const response = await replay(JSON.stringify(recording.har())).fetch()(`${origin}/s/x?comp=list`);
    expect([response.status, response.headers.get("etag")]).toEqual([201, '"1"']);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new TextEncoder().encode("\uFEFF<a/>"));
  });
});

describe("what is no recording", () => {
  it.each<[unknown, RegExp]>([
    ["no json", /^the archive is no JSON$/],
    [undefined, /^the archive is no object$/],
    [{}, /^log is no object$/],
    [{ log: {} }, /^log.entries is no list$/],
    [har({}), /^log.entries\[0\].request is no object$/],
    [har({ request: {}, response: { status: 200 } }), /^log.entries\[0\].request.url is no text$/],
    [har(entry("GET", "", {}, { url: "::" })), /request.url is no URL$/],
    [har(entry("GET", "/", { status: 1000 })), /response.status is 1000$/],
    [har(entry("GET", "/", { headers: [{ name: "a b", value: "" }] })), /response.headers\[0\] is no header$/],
    [har(entry("GET", "/", { headers: "x" })), /response.headers is no list$/],
  ])("%j is refused with its place", (archive, message) => {
    expect(() => replay(archive)).toThrow(CassetteError);
    expect(() => replay(archive)).toThrow(message);
  });

  it("gives an error of its own, never another, whatever is in it", async () => {
    const whole = JSON.stringify(har(entry("GET", "/s/aa", { headers: [{ name: "etag", value: "1" }] })));
    const garbled = fc.tuple(fc.nat(whole.length), fc.nat(whole.length), fc.string({ maxLength: 4 })).map(([from, to, put]) => {
      const [start, end] = [Math.min(from, to), Math.max(from, to)];
      return whole.slice(0, start) + put + whole.slice(start === end ? start : Math.min(end, start + 8));
    });
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(garbled, fc.json(), fc.object({ key: fc.constantFrom("log", "entries", "request", "url", "x") })),
        async (archive) => {
          try {
            const response = await replay(archive).fetch()(`${origin}/s/aa`);
            await response.arrayBuffer();
          } catch (error) {
            expect(["CassetteError", "ReplayError"]).toContain((error as Error).name);
          }
        },
      ),
      { numRuns: 2000, seed: 20_261_123 },
    );
  });

  it("is an order or a mode that there is not", () => {
    expect(() => replay(har(), { order: "any" as never })).toThrow(/^order is "any"/);
    expect(() => replay(har(), { mode: "live" as never })).toThrow(/^mode is "live"/);
    expect(() => replay(har(), { headers: "x-ms-range" as never })).toThrow(/^headers must be a list of texts$/);
    expect(() => replay(har(), { ignoredQuery: ["a", 1] as never })).toThrow(/^ignoredQuery must be a list of texts$/);
    expect(() => replay(har(), { files: {} as never })).toThrow(/^files is object, but must be a function$/);
  });
});
