/** Archives of others: what Chrome, Firefox and Playwright write that this package does not, and what nobody should. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { connect } from "../../../src/connect.js";
import { sas } from "../../../src/auth/sas.js";
import { read } from "../../../src/services/files.js";
import { CassetteError, replay } from "../../../src/simulation/index.js";

const address = "https://myaccount.file.core.windows.net/share/a.txt";
const archive = (...entries: unknown[]) => ({ log: { version: "1.2", creator: { name: "x", version: "1" }, pages: [], entries } });
const entry = (response: object = {}, request: object = {}, more: object = {}) => ({
  request: {
    method: "GET",
    url: address,
    httpVersion: "h2",
    headers: [],
    queryString: [],
    cookies: [],
    headersSize: -1,
    bodySize: 0,
    ...request,
  },
  response: {
    status: 200,
    statusText: "",
    httpVersion: "h2",
    headers: [],
    cookies: [],
    content: { size: 2, mimeType: "text/plain", text: "ok" },
    redirectURL: "",
    headersSize: -1,
    bodySize: -1,
    _transferSize: 300,
    _error: null,
    ...response,
  },
  cache: {},
  timings: { blocked: 1.5, dns: -1, ssl: -1, connect: -1, send: 0.1, wait: 3, receive: 1, _blocked_queueing: 1 },
  time: 6.2,
  startedDateTime: "2026-10-01T12:00:00.123Z",
  ...more,
});
const text = async (har: unknown, url = address): Promise<string> => (await replay(har).fetch()(url)).text();

describe("what a browser exports is read", () => {
  it("Chrome: from its cache, under HTTP/2, beside web sockets, aborted requests, preflights and pages", async () => {
    const pseudo = [":authority", ":method", ":path", ":scheme"].map((name) => ({ name, value: "x" }));
    const preflight = { method: "OPTIONS", headers: [{ name: "access-control-request-method", value: "GET" }] };
    const har = archive(
      entry(
        { status: 101, statusText: "Switching Protocols", content: { size: 0, mimeType: "x-unknown" } },
        { url: "wss://127.0.0.1/hmr" },
        {
          _resourceType: "websocket",
          _webSocketMessages: [{ type: "send", time: 1, opcode: 1, data: "{}" }],
        },
      ),
      entry({ status: 0, statusText: "", _error: "net::ERR_ABORTED", content: { size: 0, mimeType: "x-unknown" } }),
      entry({ content: { size: 9, mimeType: "text/html", text: "<!doctype" } }, { url: "https://app.example/" }),
      entry({ status: 204 }, preflight),
      entry({}, { headers: pseudo }, { _fromCache: "disk", _priority: "High", connection: "443" }),
    );
    expect(await text(har)).toBe("ok");
    expect(replay(har).left).toBe(3);
    // A preflight is the browser's own, and no turn of it.
    const strict = replay(har, { order: "strict" }).fetch();
    await strict("https://app.example/");
    expect(await (await strict(address)).text()).toBe("ok");
  });

  it("Firefox and Safari: with fields missing, sizes unknown, and answers that never came", async () => {
    const bare = {
      request: { method: "get", url: address },
      response: { status: 200, content: { text: "b2s=", encoding: "base64", size: -1 } },
    };
    const gone = { request: { method: "GET", url: address }, response: null };
    expect(
      await text(archive(gone, { request: gone.request }, { ...gone, response: {} }, { ...gone, response: { status: -1 } }, bare)),
    ).toBe("ok");
  });

  it("headers that came twice are one with line breaks, and text outside of Latin-1 is the bytes that went over the wire", async () => {
    const headers = [
      { name: "x-a", value: "1\n2" },
      { name: "x-ms-meta-town", value: "東京" },
    ];
    const answer = await replay(archive(entry({ headers }))).fetch()(address);
    expect(answer.headers.get("x-a")).toBe("1, 2");
    const town = Uint8Array.from(answer.headers.get("x-ms-meta-town") ?? "", (character) => character.charCodeAt(0));
    expect(new TextDecoder().decode(town)).toBe("東京");
  });

  it("a body that the browser lost is told of, and so is one that it wrote down as a text that it was not", async () => {
    await expect(text(archive(entry({ content: { size: 9, mimeType: "x" } })))).rejects.toThrow(
      "exchange 1 was recorded without its body of 9 bytes",
    );
    const garbled = archive(entry({ content: { size: 2, mimeType: "text/plain", text: "\uFFFD\uFFFD" } }));
    await expect(text(garbled)).rejects.toThrow("exchange 1 has a body that is no text, and was recorded as if it were");
    const meant = archive(entry({ content: { size: 3, mimeType: "text/plain", text: "\uFFFD" } }));
    expect(await text(meant)).toBe("\uFFFD");
    await expect(text(archive(entry({ content: { text: "x", encoding: "gzip" } })))).rejects.toThrow("another encoding than base64");
  });

  it("what is missing in it ends a client's call at once: another try would not bring it", async () => {
    const har = archive(entry({ content: { size: 9, _file: "0123.bin" } }));
    const token = "sv=2026-10-06&sp=r&sr=s&se=2099-01-01T00%3A00%3A00Z&sig=c2VjcmV0";
    const endpoint = "https://myaccount.file.core.windows.net";
    const connection = connect({ endpoint, share: "share", credential: sas(token), fetch: replay(har).fetch() });
    await expect(read(connection, { path: "a.txt" })).rejects.toMatchObject({
      name: "ReplayError",
      message: 'exchange 1 has its body in the file "0123.bin", which is not there',
    });
  });

  it("a packed one is named as such", () => {
    expect(() => replay("PK\u0003\u0004…")).toThrow(/^the archive is packed \(zip\): unpack it first/);
    expect(() => replay("\u001F\u008B…")).toThrow(/^the archive is packed \(gzip\)/);
  });
});

describe("what is asked", () => {
  const asked = (url: string, headers: Record<string, string> = {}) =>
    archive(entry({}, { url, headers: Object.entries(headers).map(([name, value]) => ({ name, value })) }));

  it("is the same in any order of its query words, and another with other words, or with one of them twice", async () => {
    const har = asked(`${address}?b=2&a=1&a=3&sv=x`);
    expect(await text(har, `${address}?a=1&se=y&a=3&b=2`)).toBe("ok");
    for (const query of ["?a=1&b=2", "?a=3&a=1&b=2", "?a=1&a=3&b=2&c=", "?A=1&a=3&b=2"])
      await expect(text(har, address + query), query).rejects.toThrow(/^nothing is recorded that answers/);
  });

  it("is told apart by the headers that are chosen, in any case of their names, by a fetch and by a middleware", async () => {
    const har = asked(address, { "X-MS-Meta-A": "1", authorization: "Bearer secret" });
    const options = { headers: ["x-ms-META-a", "Authorization"] };
    const { signal } = new AbortController();
    const send = replay(har, options).middleware(() => Promise.reject(new Error("nobody is there")));
    const request = { operation: "Get File", attempt: 1, method: "GET", url: address, signal } as const;
    const authorization = "Bearer secret";
    expect((await send({ ...request, headers: { "x-ms-meta-a": "1", authorization } })).status).toBe(200);
    const fetch = replay(har, options).fetch();
    expect(
      (await fetch(address, { headers: { "X-Ms-Meta-A": "1", authorization: "Bearer another" } })).status,
      "secrets are not compared",
    ).toBe(200);
    const miss = await fetch(address, { headers: { "x-ms-meta-a": "2", authorization } }).catch((error: unknown) => String(error));
    expect(miss).toContain('header x-ms-meta-a is "2", and "1" there');
    expect(miss).not.toContain("secret");
    const none = await fetch(address, { headers: { "x-ms-meta-a": "1" } }).catch((error: unknown) => String(error));
    expect(none).toContain("header authorization is absent");
  });

  it("has its own answer in a strict order, however many ask at once, and an abort is one", async () => {
    const har = archive(
      ...Array.from({ length: 50 }, (_, index) => entry({ content: { text: String(index) } }, { url: `${address}?n=${index % 2}` })),
    );
    const strict = replay(har, { order: "strict" });
    const fetch = strict.fetch();
    const texts = await Promise.all(Array.from({ length: 50 }, async (_, index) => (await fetch(`${address}?n=${index % 2}`)).text()));
    expect(texts).toEqual(texts.map((_, index) => String(index)));
    const reason = new Error("enough");
    const aborted = AbortSignal.abort(reason);
    const loose = replay(har);
    await expect(loose.fetch()(address, { signal: aborted })).rejects.toBe(reason);
    const request = { operation: "Get File", attempt: 1, method: "GET", url: address, headers: {}, signal: aborted } as const;
    await expect(loose.middleware(() => Promise.reject(new Error("nobody is there")))(request)).rejects.toBe(reason);
    expect(loose.left).toBe(50);
  });

  it("reads what was written before, though it asks less often than when it was recorded, or more often", async () => {
    const list = (text: string) => entry({ content: { text } }, { url: `${base}/share?restype=directory&comp=list` });
    const put = (path: string) => entry({ status: 201, content: {} }, { method: "PUT", url: base + path });
    const properties = (path: string, text: string) => entry({ content: { text } }, { url: base + path });
    const base = "https://myaccount.file.core.windows.net";
    const har = archive(
      list("nothing"),
      put("/share/a"),
      list("a"),
      properties("/share/a", "of a"),
      put("/share/b"),
      list("a, b"),
      put("/other/c"),
      properties("/share/a", "of a, later"),
    );
    /** Does one thing after the other, and answers what was read. */
    const story = async (...steps: ("list" | "of a" | `/${string}`)[]): Promise<string> => {
      const fetch = replay(har).fetch();
      const read: string[] = [];
      for (const step of steps) {
        const url = { list: "/share?restype=directory&comp=list", "of a": "/share/a" }[step as string];
        const answer = await fetch(`${base}${url ?? step}`, { method: url ? "GET" : "PUT" });
        if (url) read.push(await answer.text());
      }
      return read.join("; ");
    };
    expect(await story("list", "/share/a", "list", "/share/b", "list")).toBe("nothing; a; a, b");
    expect(await story("/share/a", "/share/b", "list", "list")).toBe("a, b; a, b");
    expect(await story("/share/a", "list", "list")).toBe("a; a, b");
    expect(await story("list", "list", "list", "list")).toBe("nothing; a; a, b; a, b");
    // What is written elsewhere is not seen there.
    expect(await story("/other/c", "list", "of a", "/share/b", "of a")).toBe("nothing; of a; of a, later");
  });

  it("may be for leave that a browser asks for once more: the rules are the account's, whatever the path", async () => {
    const leave = (method: string, path: string) =>
      entry(
        { status: 200, content: {}, headers: [{ name: "access-control-allow-methods", value: method }] },
        { method: "OPTIONS", url: address + path, headers: [{ name: "access-control-request-method", value: method }] },
      );
    const ask = async (method: string, path: string): Promise<string | null> => {
      const tape = replay(archive(leave("PUT", "/1"), leave("DELETE", "/1"), leave("PUT", "/2"))).fetch();
      const answer = await tape(address + path, { method: "OPTIONS", headers: { "access-control-request-method": method } });
      return answer.headers.get("access-control-allow-methods");
    };
    expect([await ask("PUT", "/2"), await ask("DELETE", "/1"), await ask("DELETE", "/3?a=1")]).toEqual(["PUT", "DELETE", "DELETE"]);
    await expect(ask("HEAD", "/1")).rejects.toThrow('header access-control-request-method is "HEAD", and "PUT" there');
  });

  it("is found in a long recording as quickly as in a short one", async () => {
    const count = 20_000;
    const range = (index: number): string => `bytes=${index}-${index}`;
    const har = archive(
      ...Array.from({ length: count }, (_, index) =>
        entry({ content: { text: String(index) } }, { headers: [{ name: "x-ms-range", value: range(index) }] }),
      ),
    );
    const long = replay(har);
    const fetch = long.fetch();
    for (let index = count - 1; index >= 0; index--) {
      const answer = await fetch(address, { headers: { "x-ms-range": range(index) } });
      if (index % 5000 === 0) expect(await answer.text()).toBe(String(index));
    }
    expect(long.left).toBe(0);
  });
});

describe("what is no archive", () => {
  const fields = [
    "log",
    "entries",
    "request",
    "response",
    "url",
    "method",
    "status",
    "statusText",
    "headers",
    "name",
    "value",
    "content",
  ].concat([
    "text",
    "encoding",
    "size",
    "_file",
    "postData",
    "startedDateTime",
    "time",
    "__proto__",
    "constructor",
    "toString",
    "valueOf",
    "_incomplete",
    "_size",
    "_sha256",
    "mimeType",
    "bodySize",
  ]);
  const value = fc.oneof(
    {
      weight: 1,
      arbitrary: fc.constantFrom(null, 0, -1, 101, 200, 204, 206, 304, 599, 600, 1e99, "", "GET", "base64", address, "x", true, []),
    },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
    {
      weight: 2,
      arbitrary: fc.dictionary(
        fc.constantFrom(...fields),
        fc.constantFrom<unknown>(null, 1, "x", address, [], {}, { toString: 1, valueOf: 1 }),
        {
          noNullPrototype: false,
        },
      ),
    },
  );
  /** A sound entry with some of its fields, at any depth, replaced or gone. */
  const broken = fc
    .array(fc.tuple(fc.array(fc.constantFrom(...fields), { minLength: 1, maxLength: 3 }), value), { minLength: 1, maxLength: 4 })
    .map((changes) => {
      const made: unknown = structuredClone(
        archive(entry({ headers: [{ name: "etag", value: "1" }] }, { postData: { text: "x", _sha256: "ab", _size: 1 } }), entry()),
      );
      for (const [path, put] of changes) {
        let at = (made as { log: { entries: Record<string, unknown>[] } }).log.entries[0] as Record<string, unknown>;
        for (const name of path.slice(0, -1)) {
          const inner = Object.hasOwn(at, name) ? at[name] : undefined;
          if (typeof inner === "object" && inner !== null) at = inner as Record<string, unknown>;
        }
        Object.defineProperty(at, path.at(-1) ?? "x", {
          value: structuredClone(put),
          enumerable: true,
          configurable: true,
          writable: true,
        });
      }
      return made;
    });

  it("gives an error of its own or an answer, in each mode, and leaves no trace on any prototype", async () => {
    const before = [Object.prototype, Array.prototype, Map.prototype, Headers.prototype].map((one) => Reflect.ownKeys(one).length);
    await fc.assert(
      fc.asyncProperty(broken, fc.boolean(), async (har, isText) => {
        try {
          const tape = replay(isText ? JSON.stringify(har) : har, { mode: "update", order: "loose" });
          const answer = await tape.fetch(async () => new Response("live"))(address);
          await answer.arrayBuffer();
          const again = replay(JSON.stringify(tape.har()));
          await again
            .fetch()(address)
            .then((one) => one.arrayBuffer());
        } catch (error) {
          // A body that breaks off is a fault that is replayed.
          const { name, message } = error as Error;
          if (!message.includes("was recorded to here")) expect(name).toMatch(/^(CassetteError|ReplayError)$/);
        }
      }),
      { numRuns: 3000, seed: 20_261_124 },
    );
    expect([Object.prototype, Array.prototype, Map.prototype, Headers.prototype].map((one) => Reflect.ownKeys(one).length)).toEqual(before);
  });

  it.each(["[", '{"a":', '{"log":{"entries":[{"request":', '{"log":{"entries":[{"request":{},"response":{"status":'])(
    "a nesting of %s a million deep is refused, and nothing overflows",
    (open) => {
      const close = [...open]
        .toReversed()
        .map((character) => ({ "[": "]", "{": "}" })[character] ?? "")
        .join("");
      const deep = open + "[".repeat(1_000_000) + "]".repeat(1_000_000) + close;
      expect(() => replay(deep)).toThrow(CassetteError);
    },
  );
});
