import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accountSas, createFile, createShareCaller, errorCode, putRange, type Caller } from "./account.js";

const segment = fc.oneof(
  fc.constantFrom(
    "docs",
    "dir",
    "a",
    "%",
    "%zz",
    "%C3%28",
    "%2F",
    "%00",
    "..",
    ".",
    "%2e%2e",
    "a.",
    "…",
    "%ED%A0%80",
    "%F0%9F%98%80",
    "CON",
  ),
  fc.string({ unit: "binary", maxLength: 12 }).map(encodeURIComponent),
  fc.string({ maxLength: 12 }),
);
const word = fc.constantFrom(
  ..."restype comp prefix marker maxresults include sharesnapshot prevsharesnapshot timeout api-version sv sig sr ss srt se st sp sip spr si skoid rsct copyid x".split(
    " ",
  ),
);
const value = fc.oneof(
  fc.constantFrom(
    "directory",
    "share",
    "service",
    "list",
    "range",
    "rangelist",
    "properties",
    "metadata",
    "lease",
    "stats",
    "1!4!eA--",
    "0",
    "-1",
  ),
  fc.constantFrom(
    "2026-10-06",
    "2014-02-14",
    "s",
    "f",
    "sco",
    "rwdlc",
    "2027-01-01T00:00:00Z",
    "%",
    "%zz",
    "+",
    "1e9",
    "NaN",
    "Timestamps,,",
    "&",
    "=",
    "",
  ),
  fc.string({ maxLength: 20 }),
);
const header = fc.constantFrom(
  ..."x-ms-version x-ms-date x-ms-type x-ms-content-length x-ms-range range x-ms-write content-length content-md5 x-ms-content-md5".split(
    " ",
  ),
  ..."x-ms-file-attributes x-ms-file-creation-time x-ms-file-change-time x-ms-file-last-write-time x-ms-file-permission x-ms-file-permission-key".split(
    " ",
  ),
  ..."x-ms-lease-id x-ms-meta-a x-ms-meta- x-ms-allow-trailing-dot x-ms-share-quota x-ms-access-tier x-ms-client-request-id origin".split(
    " ",
  ),
  ..."access-control-request-method authorization x-ms-range-get-content-md5 x-ms-content-type x-ms-cache-control transfer-encoding if-match".split(
    " ",
  ),
);
const headerValue = fc.oneof(
  fc.constantFrom(
    "file",
    "update",
    "clear",
    "bytes=0-4",
    "bytes=0-",
    "bytes=5-1",
    "bytes=5000-5004",
    "bytes=0-99999999999999999999",
    "5",
    "-1",
    "4398046511104",
    "1e3",
  ),
  fc.constantFrom(
    "true",
    "now",
    "preserve",
    "source",
    "None",
    "ReadOnly|Hidden",
    "9999-12-31T23:59:59.9999999Z",
    "0001-01-01T00:00:00Z",
    "O:G:D:",
    "inherit",
  ),
  fc.string({ unit: fc.integer({ min: 32, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 30 }),
);
const attack = fc.record({
  method: fc.constantFrom("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "POST", "PATCH", "MERGE"),
  path: fc.array(segment, { maxLength: 5 }),
  query: fc.array(fc.tuple(word, value), { maxLength: 5 }),
  headers: fc.array(fc.tuple(header, headerValue), { maxLength: 8 }),
  body: fc.option(fc.uint8Array({ maxLength: 600 }), { nil: undefined }),
  scheme: fc.constantFrom("owner", "sas", "none"),
});

async function prepared(): Promise<Caller> {
  const caller = await createShareCaller();
  await caller.call("PUT", "/docs/dir?restype=directory");
  await createFile(caller, "/docs/a", 1000);
  await putRange(caller, "/docs/a", 10, "hello");
  return caller;
}

describe("hostile requests", () => {
  it("are answered, never with 500, and leave the account working", async () => {
    const caller = await prepared();
    await fc.assert(
      fc.asyncProperty(attack, async ({ method, path, query, headers, body, scheme }) => {
        const all = new Headers();
        for (const [name, text] of headers) {
          try {
            all.set(name, text);
          } catch {
            // What no header can hold does not arrive either.
          }
        }
        const address = `/${path.join("/")}?${query.map((pair) => pair.join("=")).join("&")}`;
        const carries = method !== "GET" && method !== "HEAD" && body !== undefined;
        const options = {
          headers: Object.fromEntries(all),
          ...(carries ? { body } : {}),
          ...(scheme === "sas" ? { sas: accountSas(caller) } : {}),
          anonymous: scheme === "none",
        };
        const response = await caller.call(method, address, options);
        const text = await response.text();
        expect([response.status, text]).toEqual([expect.toSatisfy((status: number) => status < 500), text]);
        expect(response.headers.get("x-ms-request-id")).toMatch(/^[0-9a-f-]{36}$/);
        if (response.status >= 400) {
          expect(response.headers.get("x-ms-error-code")).toMatch(/^[A-Z]\w+$/);
          if (method !== "HEAD") expect(text).toContain(`<Code>${response.headers.get("x-ms-error-code")}</Code>`);
        }
      }),
      { numRuns: 1500, seed: 20260102 },
    );
    caller.emulator.reset();
    expect((await caller.call("PUT", "/docs?restype=share")).status).toBe(201);
  });

  it("that are valid but for one or two things are answered, never with 500", async () => {
    const write = { "x-ms-write": "update", "x-ms-range": "bytes=0-4" };
    const create = { "x-ms-type": "file", "x-ms-content-length": "700" };
    const templates: [method: string, path: string, headers: Record<string, string>, body?: string][] = [
      ["GET", "/?comp=list", {}],
      ["PUT", "/docs2?restype=share", {}],
      ["GET", "/docs?restype=share", {}],
      ["PUT", "/docs?restype=share&comp=properties", {}],
      ["PUT", "/docs/new?restype=directory", {}],
      ["GET", "/docs/dir?restype=directory", {}],
      ["PUT", "/docs/dir?restype=directory&comp=properties", {}],
      ["GET", "/docs?restype=directory&comp=list", {}],
      ["PUT", "/docs/b", create, "first"],
      ["PUT", "/docs/a", create],
      ["GET", "/docs/a", { "x-ms-range": "bytes=0-99" }],
      ["GET", "/docs/a", { range: "bytes=700-" }],
      ["HEAD", "/docs/a", {}],
      ["PUT", "/docs/a?comp=range", write, "hello"],
      ["PUT", "/docs/a?comp=range", { ...write, "x-ms-write": "clear" }],
      ["GET", "/docs/a?comp=rangelist", {}],
      ["PUT", "/docs/a?comp=properties", { "x-ms-content-type": "text/plain" }],
      ["PUT", "/docs/a?comp=metadata", { "x-ms-meta-a": "b" }],
      ["DELETE", "/docs/a", {}],
    ];
    const caller = await prepared();
    const seen = new Set<number>();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...templates),
        fc.array(fc.tuple(header, headerValue), { maxLength: 2 }),
        fc.array(fc.tuple(word, value), { maxLength: 1 }),
        async ([method, path, headers, body], changes, words) => {
          const all = new Headers(headers);
          for (const [name, text] of changes) {
            try {
              if (name !== "authorization") all.set(name, text);
            } catch {
              // What no header can hold does not arrive either.
            }
          }
          const added = words.map(([name, text]) => `&${name}=${encodeURIComponent(text)}`).join("");
          const address = `${path}${path.includes("?") ? "" : "?"}${added}`;
          const response = await caller.call(method, address, {
            sas: accountSas(caller),
            headers: Object.fromEntries(all),
            ...(body === undefined ? {} : { body }),
          });
          seen.add(response.status);
          expect([response.status < 500, await response.text()]).toEqual([true, expect.anything()]);
        },
      ),
      { numRuns: 1500, seed: 20260104 },
    );
    // The mutations reach the operations, and not only their doors.
    for (const status of [200, 201, 202, 206, 400, 403, 404, 409, 416]) expect([...seen]).toContain(status);
  });

  it("do not get past a wrong signature by any header or word", async () => {
    const caller = await prepared();
    await fc.assert(
      fc.asyncProperty(attack, async ({ method, path, query, headers }) => {
        if (method === "OPTIONS") return;
        const all = new Headers({ authorization: `SharedKey ${caller.emulator.account}:${btoa("x".repeat(32))}` });
        for (const [name, text] of headers) {
          if (name === "authorization") continue;
          try {
            all.set(name, text);
          } catch {
            // As above.
          }
        }
        const address = `/${path.join("/")}?${query.map((pair) => pair.join("=")).join("&")}`;
        const response = await caller.call(method, address, { anonymous: true, headers: Object.fromEntries(all) });
        expect(response.status).toBeGreaterThanOrEqual(400);
      }),
      { numRuns: 500, seed: 20260103 },
    );
    expect(await (await caller.call("GET", "/docs/a", { headers: { "x-ms-range": "bytes=10-14" } })).text()).toBe("hello");
  });

  it("with words or verbs that do not belong are told which", async () => {
    const caller = await prepared();
    const bad = await caller.call("PUT", "/docs/a?comp=lease1");
    expect([bad.status, bad.headers.get("x-ms-version"), bad.headers.get("server")]).toEqual([400, null, "Microsoft-HTTPAPI/2.0"]);
    expect(await bad.text()).toContain(
      "</Message><QueryParameterName>restype</QueryParameterName><QueryParameterValue>lease1</QueryParameterValue><Reason /></Error>",
    );
    expect(await errorCode(caller.call("POST", "/docs/a"))).toEqual([405, "UnsupportedHttpVerb"]);
    expect(await errorCode(caller.call("GET", "/docs/a?restype=planet"))).toEqual([400, "InvalidQueryParameterValue"]);
    expect(await errorCode(caller.call("GET", "/docs/a?timeout=soon"))).toEqual([400, "InvalidQueryParameterValue"]);
    expect(await errorCode(caller.call("GET", "/docs/a?what=this"))).toEqual([400, "UnsupportedQueryParameter"]);
    expect(await errorCode(caller.call("GET", "/docs/a?timeout=30&timeout=30"))).toEqual([400, "InvalidQueryParameterValue"]);
    expect((await caller.call("HEAD", "/docs/a?timeout=30&_=1")).status).toBe(200);
    expect(await errorCode(caller.emulator.fetch("http://127.0.0.1:10004/somebody/docs"))).toEqual([400, "InvalidUri"]);
    expect(await errorCode(caller.emulator.fetch("http://127.0.0.1:10004/somebody/docs/x"))).toEqual([403, "AuthenticationFailed"]);
  });

  it("echo the client's request id only when it is one", async () => {
    const caller = await prepared();
    const id = async (text: string): Promise<string | null> =>
      (await caller.call("HEAD", "/docs/a", { headers: { "x-ms-client-request-id": text } })).headers.get("x-ms-client-request-id");
    expect(await id("mine-1")).toBe("mine-1");
    expect(await id("x".repeat(1025))).toBeNull();
  });

  it("that are aborted reject with the caller's reason", async () => {
    const caller = await prepared();
    const reason = new Error("changed my mind");
    await expect(caller.emulator.fetch(caller.signed("GET", "/docs/a"), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe("createEmulator", () => {
  it("describes the account", async () => {
    const { emulator } = await createShareCaller();
    expect(emulator.connectionString).toBe(
      `DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=${emulator.key};FileEndpoint=http://127.0.0.1:10004/devstoreaccount1;`,
    );
    expect(emulator.requestCount).toBe(1);
  });
});
