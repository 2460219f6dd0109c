import { inspect } from "node:util";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { sas } from "../../src/auth/sas.js";
import { connect, derive, fromConnectionString, fromUrl } from "../../src/connect.js";
import { upload } from "../../src/streaming/upload.js";
import { getProperties } from "../../src/services/files.js";
import type { Middleware } from "../../src/types/connection.js";
import { key } from "./auth/request.js";
import { ending, wireDouble } from "./wire-double.js";

afterEach(() => vi.unstubAllGlobals());

const endpoint = "https://account.file.core.windows.net";
const token = "sv=2026-10-06&sr=s&sp=rw&se=2030-01-01T00%3A00%3A00Z&sig=a%2Bb%3D";

/** Middleware that names itself in a list and answers nothing itself. */
const naming =
  (name: string, names: string[]): Middleware =>
  (next) =>
  (request) => {
    names.push(name);
    return next(request);
  };

describe("connect()", () => {
  it("sends nothing, is frozen, and shows no secret", () => {
    const fetch = vi.fn();
    vi.stubGlobal("fetch", fetch);
    const connection = connect({ endpoint, share: "share", path: "a/b", credential: sas(token) });
    expect(connection).toMatchObject({ endpoint, share: "share", path: "a/b" });
    expect(Object.isFrozen(connection)).toBe(true);
    expect(inspect(connection, { depth: 9, showHidden: true })).not.toContain("a%2Bb");
    expect(JSON.stringify(connection)).not.toContain("a%2Bb");
    expect(fetch).not.toHaveBeenCalled();
    expect(inspect(fromConnectionString(`AccountName=account;AccountKey=${key}`), { depth: 9, showHidden: true })).not.toContain(
      key.slice(0, 20),
    );
  });

  it("runs middleware inside the credential, the first one outermost", async () => {
    const wire = wireDouble();
    const names: string[] = [];
    const seen: string[] = [];
    const looking: Middleware = (next) => (request) => {
      seen.push(request.url);
      return next(request);
    };
    const connection = connect({
      endpoint,
      share: "share",
      credential: sas(token),
      middleware: [naming("one", names), naming("two", names), looking, wire.middleware],
    });
    const end = ending(getProperties(connection, { path: "a" }));
    await wire.nextRequest();
    wire.respond(200);
    await end;
    expect(names).toEqual(["one", "two"]);
    expect(seen).toEqual([`${endpoint}/share/a?${token}`]);
  });

  it.each([
    [{ share: "No" }, /^share is "No"/],
    [{ path: "a:b" }, /^path component 1/],
    [{ credential: {} as ReturnType<typeof sas> }, /^credential must come from sas\(\) or its like$/],
    [{ credential: token as unknown as ReturnType<typeof sas> }, /^credential must come from sas\(\) or its like$/],
  ])("refuses %j before the network", (options, message) => {
    expect(() => connect({ endpoint, ...options })).toThrow(TypeError);
    expect(() => connect({ endpoint, ...options })).toThrow(message);
  });
});

describe("derive()", () => {
  it("changes what is said, keeps what is not, and leaves the other as it is", () => {
    const first = connect({ endpoint, share: "share", path: "a", retry: { attempts: 2 } });
    const second = derive(first, { path: "b", share: undefined });
    expect([first.path, second.path, second.share, second.retry.attempts]).toEqual(["a", "b", "share", 2]);
    expect(second.send).not.toBe(first.send);
    expect(derive(first, { endpoint: "https://other.file.core.windows.net" }).endpoint).toBe("https://other.file.core.windows.net");
    expect(() => derive(first, { share: "No" })).toThrow(TypeError);
  });

  it("changes of a group of options only what is said", () => {
    const first = connect({ endpoint, retry: { attempts: 2, maxDelay: 9 }, timeouts: { idle: 7 }, circuitBreaker: { failures: 4 } });
    const second = derive(first, { retry: { baseDelay: 8 }, timeouts: { overall: 6 }, circuitBreaker: { successes: 5 } });
    expect(second).toMatchObject({
      retry: { attempts: 2, baseDelay: 8, maxDelay: 9 },
      timeouts: { firstByte: 30_000, idle: 7, overall: 6 },
      circuitBreaker: { failures: 4, openFor: 10_000, successes: 5 },
    });
    const without = derive(second, { retry: false, circuitBreaker: false });
    expect(without).toMatchObject({ retry: { attempts: 1, baseDelay: 8 }, circuitBreaker: false, circuit: undefined });
    expect(derive(without, { share: "share" })).toMatchObject({ retry: { attempts: 1 }, circuitBreaker: false });
    expect(derive(without, { retry: { attempts: 3 }, circuitBreaker: {} })).toMatchObject({
      retry: { attempts: 3, baseDelay: 8, maxDelay: 9 },
      circuitBreaker: { failures: 10, openFor: 10_000, successes: 2 },
      circuit: { state: "closed" },
    });
  });
});

describe("fromUrl()", () => {
  it("takes share, path and SAS from the URL, so that an upload writes to just that file", async () => {
    const wire = wireDouble();
    const connection = fromUrl(`${endpoint}/share/dir/a%20b.txt?${token}`, { middleware: [wire.middleware] });
    expect(connection).toMatchObject({ endpoint, share: "share", path: "dir/a b.txt", credential: { kind: "sas" } });
    const end = ending(upload(connection, { body: "" }));
    expect((await wire.nextRequest()).url).toBe(`${endpoint}/share/dir/a%20b.txt?${token}`);
    wire.respond(201);
    expect(await end).toMatchObject({ path: "dir/a b.txt", size: 0 });
  });

  it("takes URLs of a service and of a share, with and without SAS, in host style and in path style", () => {
    expect(fromUrl(endpoint)).toMatchObject({ endpoint, credential: { kind: "anonymous" } });
    expect(fromUrl(`${endpoint}/share?${token}`)).toMatchObject({ share: "share", credential: { kind: "sas" } });
    expect(fromUrl(`http://127.0.0.1:10004/account/share/a?${token}`)).toMatchObject({
      endpoint: "http://127.0.0.1:10004/account",
      share: "share",
      path: "a",
    });
  });

  it("lets options stand for what the URL says, but not with undefined", () => {
    expect(fromUrl(`${endpoint}/share/a?${token}`, { path: "b" })).toMatchObject({ share: "share", path: "b" });
    expect(fromUrl(`${endpoint}/share/a?${token}`, { share: undefined, path: undefined })).toMatchObject({ share: "share", path: "a" });
  });

  it.each([
    `${endpoint}/share?comp=list`,
    `${endpoint}/share?sig=SECRET`,
    `${endpoint}/share?sv=1&se=2030-01-01&sig=SECRET&restype=share`,
    `${endpoint}/share?SECRET`,
  ])("refuses the query of %s", (url) => {
    expect(() => fromUrl(url)).toThrow(TypeError);
    expect(() => fromUrl(url)).not.toThrow(/SECRET/);
  });
});

describe("fromConnectionString()", () => {
  it.each([
    [
      `DefaultEndpointsProtocol=https;AccountName=account;AccountKey=${key};EndpointSuffix=core.windows.net`,
      { endpoint, credential: { kind: "sharedKey" } },
    ],
    [`AccountName=account;AccountKey=${key}`, { endpoint }],
    [` accountname = account ; ACCOUNTKEY = ${key} ;; `, { endpoint }],
    [
      `AccountName=account;AccountKey=${key};EndpointSuffix=core.chinacloudapi.cn;DefaultEndpointsProtocol=http`,
      { endpoint: "http://account.file.core.chinacloudapi.cn" },
    ],
    [`AccountName=account;AccountKey=${key};FileEndpoint=http://127.0.0.1:10004/account/`, { endpoint: "http://127.0.0.1:10004/account" }],
    [
      `BlobEndpoint=https://account.blob.core.windows.net/;FileEndpoint=${endpoint}/;SharedAccessSignature=${token}`,
      { endpoint, credential: { kind: "sas" } },
    ],
    [`AccountName=account;SharedAccessSignature=?${token}`, { endpoint, credential: { kind: "sas" } }],
    ["UseDevelopmentStorage=true", { endpoint: "http://127.0.0.1:10004/devstoreaccount1", credential: { kind: "sharedKey" } }],
    ["usedevelopmentstorage=TRUE;", { endpoint: "http://127.0.0.1:10004/devstoreaccount1" }],
  ])("reads %s", (text, expected) => expect(fromConnectionString(text)).toMatchObject(expected));

  it("takes options besides", () => {
    expect(fromConnectionString("UseDevelopmentStorage=true", { share: "share", retry: false })).toMatchObject({
      share: "share",
      retry: { attempts: 1 },
    });
    vi.stubGlobal("navigator", { userAgent: "Mozilla/5.0" });
    expect(() => fromConnectionString("UseDevelopmentStorage=true")).toThrow(/^sharedKey\(\) is refused in a browser/);
    expect(fromConnectionString("UseDevelopmentStorage=true", { dangerouslyAllowBrowser: true }).credential.kind).toBe("sharedKey");
  });

  it.each([
    ["", "the connection string has neither FileEndpoint nor AccountName"],
    ["AccountName=account", "the connection string has neither AccountKey nor SharedAccessSignature"],
    [`AccountKey=${key}`, "the connection string has neither FileEndpoint nor AccountName"],
    [`FileEndpoint=${endpoint};AccountKey=${key}`, "the connection string has an AccountKey but no AccountName"],
    ["AccountName=account;AccountName=other;AccountKey=SECRET", "the connection string has accountname twice"],
    ["AccountName=;AccountKey=SECRET", "the connection string has accountname without a value"],
    ["AccountName=account;AccountKey=", "the connection string has accountkey without a value"],
    ["AccountName=account;SECRET", "the connection string's part 2 is no Name=Value with a known name"],
    ["AccountName=account;SECRET=x", "the connection string's part 2 is no Name=Value with a known name"],
    ["=SECRET", "the connection string's part 1 is no Name=Value with a known name"],
    ["AccountName=account;AccountKey=SECRET", "key is not base64; copy it whole from the storage account's access keys"],
    ["AccountName=SE/CRET;SharedAccessSignature=" + token, "account is no name of a storage account: 3 to 24 of a-z and 0-9"],
    ["UseDevelopmentStorage=false", "the connection string has neither FileEndpoint nor AccountName"],
  ])("refuses %j with the rule", (text, message) => {
    expect(() => fromConnectionString(text)).toThrow(new TypeError(message));
  });

  it("refuses or takes anything without echoing a key, cut where it may be", () => {
    const cuts = fc.array(
      fc.constantFrom(
        ";",
        "=",
        " ",
        "AccountName=",
        "AccountKey=",
        "account",
        "SharedAccessSignature=",
        "FileEndpoint=",
        "https://",
        "?sig=",
        "\n",
      ),
      { maxLength: 8 },
    );
    let refused = 0;
    fc.assert(
      fc.property(cuts, cuts, (before, after) => {
        try {
          fromConnectionString(`${before.join("")}cAnArYcAnArY${after.join("")}`);
        } catch (error) {
          refused++;
          expect(error).toBeInstanceOf(TypeError);
          expect(inspect(error, { depth: 9 }).toLowerCase()).not.toContain("canary");
        }
      }),
      { numRuns: 500, seed: 19 },
    );
    expect(refused).toBeGreaterThan(300);
  });
});
