/** Recordings of what does not go straight: streams, breaks, aborts, bodies that are no text, and secrets where nobody looks. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { sas } from "../../../src/auth/sas.js";
import { connect } from "../../../src/connect.js";
import { getProperties, putRange } from "../../../src/services/files.js";
import { record, replay, type HarEntry, type Recording } from "../../../src/simulation/index.js";
import { ending } from "../wire-double.js";

const address = "http://127.0.0.1:1/account/share/a";
const token = "sv=2026-10-06&sp=rw&sr=s&se=2099-01-01T00%3A00%3A00Z&sig=c2VjcmV0";
const hex = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** A stream that gives pieces as it is asked for them, and counts. */
function pieces(
  count: number,
  size = 40_000,
): { stream: ReadableStream<Uint8Array<ArrayBuffer>>; readonly given: number; all: Uint8Array } {
  let given = 0;
  const piece = (index: number): Uint8Array<ArrayBuffer> => new Uint8Array(size).fill(index + 1);
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull(controller) {
        if (given === count) return controller.close();
        controller.enqueue(piece(given++));
      },
    },
    { highWaterMark: 0 },
  );
  const all = new Uint8Array(count * size);
  for (let index = 0; index < count; index++) all.set(piece(index), index * size);
  return {
    stream,
    all,
    get given() {
      return given;
    },
  };
}

const only = (recording: Recording): HarEntry => {
  const { entries } = recording.har().log;
  expect(entries).toHaveLength(1);
  return entries[0] as HarEntry;
};

describe("a recording of bodies that are sent", () => {
  it("lets a stream stream: no piece is taken before the receiver takes it; what is large stays as length and hash", async () => {
    const body = pieces(5);
    const recording = record();
    const taken: number[] = [];
    const fetch = recording.fetch(async (request) => {
      expect(body.given).toBe(0);
      const reader = (request.body as ReadableStream<Uint8Array>).getReader();
      for (let next = await reader.read(); !next.done; next = await reader.read()) taken.push(body.given);
      return new Response(null, { status: 201 });
    });
    await fetch(address, { method: "PUT", body: body.stream, duplex: "half" } as RequestInit);
    // Engines take one piece ahead of the receiver, and none takes them all.
    expect(taken[0]).toBeLessThanOrEqual(2);
    expect(only(recording).request).toMatchObject({
      bodySize: 200_000,
      postData: { text: "", _size: 200_000, _sha256: hex(body.all) },
    });
  });

  it.each([
    ["a Blob", (bytes: Uint8Array<ArrayBuffer>) => new Blob([bytes])],
    ["bytes", (bytes: Uint8Array<ArrayBuffer>) => bytes],
    ["a view into a larger memory", (bytes: Uint8Array<ArrayBuffer>) => new Uint8Array([0, ...bytes, 0]).subarray(1, bytes.length + 1)],
  ])("keeps %s up to the limit, and its length and hash beyond it, and sends it unchanged", async (_, bodyOf) => {
    for (const [size, isKept] of [
      [100, true],
      [101, false],
    ] as const) {
      const bytes = new Uint8Array(size).map((__, index) => 255 - index);
      const recording = record({ requestBody: 100 });
      const arrived: Uint8Array[] = [];
      const connection = connect({
        endpoint: "http://127.0.0.1:1/account",
        share: "share",
        credential: sas(token),
        middleware: [recording.middleware],
        fetch: recording.fetch(async (request) => {
          arrived.push(new Uint8Array(await request.arrayBuffer()));
          return new Response(null, { status: 201, headers: { etag: '"1"', "last-modified": new Date(0).toUTCString() } });
        }),
      });
      await putRange(connection, { path: "a", offset: 0, body: bodyOf(bytes) });
      expect(arrived).toEqual([bytes]);
      // Once by the middleware, and once by the fetch.
      const { entries } = recording.har().log;
      expect(entries).toHaveLength(2);
      for (const { request } of entries) {
        expect(request.bodySize).toBe(size);
        if (isKept) expect(Buffer.from(request.postData?.text ?? "", "base64")).toEqual(Buffer.from(bytes));
        else expect(request.postData).toMatchObject({ text: "", _size: size, _sha256: hex(bytes) });
      }
    }
  });

  it("does not fail a request whose file went away after it was sent", async () => {
    const recording = record();
    const gone = new Blob(["1234"]);
    gone.stream = () => new ReadableStream({ start: (controller) => controller.error(new DOMException("gone", "NotReadableError")) });
    const send = recording.middleware(async () => new Response(null, { status: 201 }));
    const { signal } = new AbortController();
    const answer = await send({ operation: "Put Range", attempt: 1, method: "PUT", url: address, headers: {}, body: gone, signal });
    expect(answer.status).toBe(201);
    expect(only(recording).request.postData).toBeUndefined();
  });
});

describe("a recording of what has no answer, or half of one", () => {
  it("keeps requests in the order in which they were made, whichever is answered first, so that a strict replay fits", async () => {
    const recording = record();
    const answers: (() => void)[] = [];
    const fetch = recording.fetch(
      async (request) => new Promise((resolve) => answers.push(() => resolve(new Response(new URL(request.url).pathname.slice(-1))))),
    );
    const both = [fetch(`${address}/1`), fetch(`${address}/2`)];
    await new Promise((resolve) => setImmediate(resolve));
    expect(recording.har().log.entries).toEqual([]);
    for (const answer of answers.toReversed()) answer();
    for (const one of both) await (await one).text();
    expect(recording.har().log.entries.map(({ request }) => request.url.slice(-1))).toEqual(["1", "2"]);
    const again = replay(recording.har(), { order: "strict" }).fetch();
    const texts = await Promise.all([again(`${address}/1`), again(`${address}/2`)].map(async (one) => (await one).text()));
    expect(texts).toEqual(["1", "2"]);
  });

  it.each(["fetch", "middleware"] as const)(
    "says by a %s what a request failed with, without secrets, and a replay passes it over",
    async (way) => {
      const recording = record();
      const broken = async (request: Request): Promise<Response> => {
        throw new TypeError(`no way to ${request.url}`);
      };
      const [fetch, middleware] = way === "fetch" ? [recording.fetch(broken), []] : [broken, [recording.middleware]];
      const connection = connect({
        endpoint: "http://127.0.0.1:1/account",
        share: "share",
        credential: sas(token),
        fetch,
        middleware,
        retry: false,
      });
      await ending(getProperties(connection, { path: "a" }));
      const { response, _error } = only(recording);
      expect([response.status, recording.count]).toEqual([0, 0]);
      expect(_error).toMatch(/Error: /);
      expect(JSON.stringify(recording.har())).not.toContain("c2VjcmV0");
      expect(replay(recording.har()).left).toBe(0);
    },
  );

  it("marks a body that was not read on, and a replay breaks off there as the connection would: it never passes for the whole", async () => {
    const body = pieces(3, 10);
    const recording = record();
    const fetch = recording.fetch(
      async () => new Response(body.stream, { headers: { "content-length": "30", "content-type": "text/plain" } }),
    );
    const reader = (await fetch(address)).body?.getReader();
    await reader?.read();
    await reader?.cancel();
    expect(only(recording).response).toMatchObject({ bodySize: 30, content: { size: 10, _incomplete: true } });
    const again = await replay(JSON.stringify(recording.har())).fetch()(address);
    expect(again.headers.get("content-length")).toBe("30");
    const part = again.body?.getReader();
    expect((await part?.read())?.value).toHaveLength(10);
    await expect(part?.read()).rejects.toThrow("exchange 1 was recorded to here: after 10 bytes nobody read on");
  });

  it("does not take a body as whole that ends before its length, as one that was cut off; one that was encoded may be longer than that", async () => {
    const answering = (headers: Record<string, string>) => async () => new Response(pieces(2, 10).stream, { headers });
    const short = record();
    await (await short.fetch(answering({ "content-length": "30" }))(address)).text();
    expect(only(short).response.content).toMatchObject({ size: 20, _incomplete: true });
    await expect((await replay(short.har()).fetch()(address)).text()).rejects.toThrow("was recorded to here: after 20 bytes");
    const encoded = record();
    await (await encoded.fetch(answering({ "content-length": "30", "content-encoding": "gzip" }))(address)).text();
    expect((await (await replay(encoded.har()).fetch()(address)).arrayBuffer()).byteLength).toBe(20);
  });

  it("takes a body as whole whose last byte was read, though nobody waited for its end", async () => {
    const recording = record();
    const fetch = recording.fetch(async () => new Response(pieces(2, 10).stream, { headers: { "content-length": "20" } }));
    const reader = (await fetch(address)).body?.getReader();
    await reader?.read();
    await reader?.read();
    expect(only(recording).response.content).not.toHaveProperty("_incomplete");
  });

  it.each([200, 204, 205, 304, 301, 404])("repeats an answer of status %i to HEAD, and one without a body to GET", async (status) => {
    const recording = record();
    const headers = { "content-length": "7", location: `${address}?${token}`, "x-ms-meta-Name": "1" };
    const fetch = recording.fetch(async () => new Response(null, { status, headers }));
    for (const method of ["HEAD", "GET"]) await fetch(address, { method });
    const text = JSON.stringify(recording.har());
    expect(text).not.toContain("c2VjcmV0");
    expect(text).toContain("sig=REDACTED");
    const again = replay(text).fetch();
    const head = await again(address, { method: "HEAD" });
    expect([head.status, head.headers.get("content-length"), head.headers.get("x-ms-meta-name"), await head.text()]).toEqual([
      status,
      "7",
      "1",
      "",
    ]);
    expect((await again(address)).status).toBe(status);
  });

  it("keeps what two recorders around one another see the same", async () => {
    const [outer, inner] = [record(), record()];
    const connection = connect({
      endpoint: "http://127.0.0.1:1/account",
      share: "share",
      credential: sas(token),
      middleware: [outer.middleware, inner.middleware],
      fetch: async () => new Response("abc", { status: 200, statusText: "Fine", headers: { "content-length": "3" } }),
    });
    await getProperties(connection, { path: "a" });
    const shown = ({ request, response }: HarEntry): unknown => [request, response];
    expect(shown(only(outer))).toEqual(shown(only(inner)));
    expect(only(outer).response.statusText).toBe("Fine");
  });
});

describe("bytes and characters", () => {
  it.each<[string, string, number[]]>([
    ["bytes that are no UTF-8 under a type of text", "text/plain", [0xff, 0xfe, 0x80]],
    ["a character cut in two", "application/json", [0x22, 0xc3]],
    ["a byte order mark", "application/xml", [0xef, 0xbb, 0xbf, 0x3c]],
    ["nothing", "text/plain", []],
    ["a NUL", "text/plain", [0]],
  ])("come back as they were: %s", async (_, type, bytes) => {
    const recording = record();
    const inner = async (): Promise<Response> => new Response(new Uint8Array(bytes), { headers: { "content-type": type } });
    await (
      await recording.fetch(inner)(address, { method: "PUT", body: new Uint8Array(bytes), headers: { "content-type": type } })
    ).arrayBuffer();
    const again = await replay(JSON.stringify(recording.har())).fetch()(address, { method: "PUT" });
    expect([...new Uint8Array(await again.arrayBuffer())]).toEqual(bytes);
  });

  it("names with dots at their end and of any script are found again, however they are escaped", async () => {
    const recording = record();
    const fetch = recording.fetch(async () => new Response("x"));
    for (const name of ["größe.", "東京..", "a%2Fb", "it's (1)!", "100%25"]) await (await fetch(`${address}/${name}`)).text();
    const again = replay(JSON.stringify(recording.har())).fetch();
    for (const name of ["gr%c3%b6%C3%9Fe.", "%E6%9D%B1%E4%BA%AC..", "a%2fb", "it%27s%20%281%29%21", "100%25"])
      expect(await (await again(`${address}/${name}`)).text()).toBe("x");
    for (const name of ["größe", "a/b"]) await expect(again(`${address}/${name}`)).rejects.toThrow("nothing is recorded");
  });

  it("headers that came twice are there with both values", async () => {
    const headers = new Headers([
      ["x-a", "1"],
      ["x-a", "2"],
      ["__proto__", "3"],
    ]);
    const recording = record();
    await (await recording.fetch(async () => new Response("x", { headers }))(address)).text();
    expect(only(recording).response.headers).toEqual(
      expect.arrayContaining([
        { name: "x-a", value: "1, 2" },
        { name: "__proto__", value: "3" },
      ]),
    );
  });
});

describe("secrets where nobody looks", () => {
  const recorded = async (body: BodyInit, type: string, options = {}): Promise<Recording> => {
    const recording = record(options);
    const headers = { "content-type": type, location: "https://b.example/?mine=private&x=1" };
    const inner = async (): Promise<Response> => new Response(body, { status: 200, headers });
    const source = "https://a.example/s/f?mine=private&sig=c2VjcmV0";
    await (await recording.fetch(inner)(address, { headers: { "x-ms-copy-source": source, "X-Private": "private" } })).text();
    return recording;
  };

  it.each([
    ["application/json", String.raw`{"url":"https://a.example/?a=1\u0026sig=c2VjcmV0\u0026b=2"}`],
    ["application/json; charset=utf-8", '{"token_type":"Bearer","access_token": "c2VjcmV0","refresh_token":"c2VjcmV0"}'],
    ["application/x-www-form-urlencoded", "grant_type=client_credentials&client_secret=c2VjcmV0&client_id=1"],
    ["application/xml", '<UserDelegationKey xmlns="x"><SignedOid>1</SignedOid><Value>c2VjcmV0</Value></UserDelegationKey>'],
    ["text/plain", "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net"],
  ])("are taken out of %s", async (type, text) => {
    const written = JSON.stringify((await recorded(text, type)).har());
    expect(written).not.toContain("c2VjcmV0");
    // No more than the secret.
    for (const kept of text.match(/client_id=1|EndpointSuffix=core|SignedOid|b=2/g) ?? []) expect(written).toContain(kept);
  });

  it("make a recorder refuse where they cannot be taken out: a key of delegation under the wrong type, a secret in a file beside", async () => {
    const key = "<UserDelegationKey><Value>c2VjcmV0</Value></UserDelegationKey>";
    const odd = await recorded(key, "application/octet-stream");
    expect(() => odd.har()).toThrow(/looks like a secret/);
    const large = `${"x".repeat(20_000)}my key`;
    for (const type of ["text/plain", "application/octet-stream"]) {
      const beside = await recorded(large, type, { secrets: ["my key"] });
      expect(() => beside.files(), type).toThrow(/secret/);
      const escaped = await recorded("https://a.example/?k=my%20key", type, { secrets: ["my key"] });
      expect(() => escaped.har(), type).toThrow(/secret/);
    }
  });

  it("are, by the caller's word, values of headers in any case, and of query words in any address", async () => {
    const recording = await recorded("see https://a.example/?mine=private", "text/plain", { neverWritten: ["x-private", "MINE"] });
    expect(JSON.stringify(recording.har())).not.toContain("private&");
    expect(JSON.stringify(recording.har()).replaceAll("x-private", "")).not.toContain("private");
    expect(only(recording).response.redirectURL).toBe("https://b.example/?mine=REDACTED&x=1");
  });

  it("are not what is compared: a value that was never written may be another one, and has to be there", async () => {
    const recording = record({ neverWritten: ["mine"] });
    await (await recording.fetch(async () => new Response("x"))(`${address}?mine=private&sig=c2VjcmV0`)).text();
    const ask = (query: string, options = {}) => replay(recording.har(), options).fetch()(`${address}${query}`);
    expect((await ask("?mine=other")).status).toBe(200);
    await expect(ask("")).rejects.toThrow('query mine is absent, and "REDACTED" there');
    expect((await ask("", { ignoredQuery: ["mine"] })).status).toBe(200);
  });
});
