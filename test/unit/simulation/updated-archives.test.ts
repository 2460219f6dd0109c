/** Archives that `update` brings up to date: run after run they hold what was asked for, and what they held. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadHar, saveHar } from "../../../src/node/har-files.js";
import { record, replay, type Har, type ReplayOptions } from "../../../src/simulation/index.js";

const address = "http://127.0.0.1:1/account/share";
const paths = ({ log }: Har): string[] => log.entries.map(({ request }) => new URL(request.url).pathname.slice(15));

/** Asks for one after the other, and counts what went on to the service. */
async function run(har: unknown, asked: readonly string[], options: ReplayOptions = {}) {
  const live: string[] = [];
  const tape = replay(har, { mode: "update", ...options });
  const fetch = tape.fetch(async (request) => {
    live.push(new URL(request.url).pathname.slice(15));
    return new Response(`live ${live.at(-1)}`, { headers: { "content-type": "text/plain" } });
  });
  const texts: string[] = [];
  for (const path of asked) texts.push(await (await fetch(`${address}/${path}?sig=c2VjcmV0`)).text());
  return { tape, live, texts };
}

const empty = { log: { entries: [] } };

describe.each(["loose", "strict"] as const)("in %s order", (order) => {
  it("asks the service once for what is new, and the second time for nothing", async () => {
    const first = await run(empty, ["a", "b", "c"], { order });
    expect([first.live, paths(first.tape.har())]).toEqual([
      ["a", "b", "c"],
      ["a", "b", "c"],
    ]);
    const second = await run(first.tape.har(), ["a", "x", "b", "c"], { order });
    const third = await run(JSON.stringify(second.tape.har()), ["a", "x", "b", "c"], { order });
    expect(third.live).toEqual([]);
    expect(third.texts).toEqual(["live a", "live x", "live b", "live c"]);
    const fourth = await run(third.tape.har(), ["a", "x", "b", "c"], { order, mode: "replay" });
    expect(fourth.texts).toEqual(third.texts);
    expect(third.tape.har()).toEqual(second.tape.har());
    expect(JSON.stringify(third.tape.har())).not.toContain("c2VjcmV0");
  });
});

it("puts what is new where it was asked for", async () => {
  const before = (await run(empty, ["a", "b"])).tape.har();
  expect(paths((await run(before, ["x", "a", "y", "b", "z"])).tape.har())).toEqual(["x", "a", "y", "b", "z"]);
});

it("keeps what was there and was not asked for, and asks again for what had no body", async () => {
  const { tape } = await run(empty, ["a", "b", "c"]);
  const har = structuredClone(tape.har()) as unknown as { log: { entries: { response: { content: object } }[] } };
  for (const entry of har.log.entries.slice(0, 1)) entry.response.content = { size: 9 };
  const again = await run(har, ["a"]);
  expect(again.live).toEqual(["a"]);
  expect(paths(again.tape.har()).toSorted()).toEqual(["a", "b", "c"]);
  expect((await run(again.tape.har(), ["a", "b", "c"], { mode: "replay" })).texts).toEqual(["live a", "live b", "live c"]);
});

it("takes secrets out of what others recorded, and keeps all else of it that counts", async () => {
  const text = "sv=1&sig=c2VjcmV0";
  const har = {
    log: {
      entries: [
        {
          startedDateTime: "2026-10-01T12:00:00.000Z",
          time: 5,
          request: {
            method: "PUT",
            url: `${address}/a?sig=c2VjcmV0&mine=private`,
            headers: [
              { name: "Authorization", value: "SharedKey a:c2VjcmV0" },
              { name: "X-Ms-Range", value: "bytes=0-1" },
            ],
            queryString: [{ name: "sig", value: "c2VjcmV0" }],
            cookies: [{ name: "session", value: "c2VjcmV0" }],
            postData: { mimeType: "text/plain", text },
          },
          response: {
            status: 201,
            statusText: "Created",
            headers: [{ name: "Set-Cookie", value: "c2VjcmV0" }],
            cookies: [{ name: "session", value: "c2VjcmV0" }],
            content: { size: text.length, mimeType: "text/plain", text },
          },
        },
        {
          request: { method: "GET", url: `${address}/b`, headers: [], postData: { mimeType: "x", text: "", _size: 7, _sha256: "ab" } },
          response: { status: 200, headers: [], content: { size: 4, mimeType: "x/y", _file: "1234.bin" } },
        },
      ],
    },
  };
  const { tape } = await run(har, ["c"], { record: { neverWritten: ["mine"] } });
  const written = JSON.stringify(tape.har());
  expect(written).not.toMatch(/c2VjcmV0|private/);
  const [put, get] = tape.har().log.entries.slice(-2);
  expect(put).toMatchObject({
    startedDateTime: "2026-10-01T12:00:00.000Z",
    time: 5,
    request: { method: "PUT", url: `${address}/a?sig=REDACTED&mine=REDACTED`, postData: { text: "sv=1&sig=REDACTED" } },
    response: { status: 201, statusText: "Created", content: { text: "sv=1&sig=REDACTED" } },
  });
  expect(put?.request.headers).toContainEqual({ name: "x-ms-range", value: "bytes=0-1" });
  expect(get).toMatchObject({ request: { postData: { _size: 7, _sha256: "ab" } }, response: { content: { size: 4, _file: "1234.bin" } } });
  const fatal = structuredClone(har);
  Object.assign(fatal.log.entries[0]?.response.content ?? {}, { mimeType: "image/png" });
  const odd = await run(fatal, []);
  expect(() => odd.tape.har()).toThrow(/looks like a secret/);
});

it("is written and read as a recording is, with the files beside it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "azure-files-update-"));
  const path = join(folder, "a.har");
  const large = async (request: Request): Promise<Response> => new Response(new URL(request.url).pathname.slice(-1).repeat(50_000));
  const recording = record();
  await (await recording.fetch(large)(`${address}/a`)).text();
  await saveHar(path, recording);
  for (const live of [1, 0]) {
    let asked = 0;
    const { har, options } = await loadHar(path);
    const tape = replay(har, { ...options, mode: "update" });
    const fetch = tape.fetch((request) => {
      asked++;
      return large(request);
    });
    for (const name of ["a", "b"]) expect(await (await fetch(`${address}/${name}`)).text()).toBe(name.repeat(50_000));
    expect(asked).toBe(live);
    await saveHar(path, tape);
  }
  // The archive and two bodies.
  expect(await readdir(folder)).toHaveLength(3);
  expect(paths(JSON.parse(await readFile(path, "utf8")) as Har)).toEqual(["a", "b"]);
  await rm(folder, { recursive: true });
});
