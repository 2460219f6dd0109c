import { describe, expect, it } from "vitest";
import { compareCulture, compareOrdinal } from "../../../src/simulation/emulator/culture-order.js";
import { signer } from "../../../src/simulation/emulator/hmac.js";
import { liteStringToSign, stringToSign } from "../../../src/simulation/emulator/shared-key.js";
import { parseTarget } from "../../../src/simulation/emulator/target.js";
import { createCaller, createShareCaller, errorCode, hmac, startTime } from "./account.js";

const account = "devstoreaccount1";
const key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

describe("Shared Key vectors, made with the official client 12.33.0", () => {
  const headers = new Headers({
    "content-type": "application/octet-stream",
    "x-ms-client-request-id": "00000000-0000-0000-0000-000000000001",
    "x-ms-date": "Thu, 01 Jan 2026 00:00:00 GMT",
    "x-ms-range": "bytes=0-4",
    "x-ms-version": "2026-10-06",
    "x-ms-write": "update",
  });
  const path = "/share1/dir%20a/fil%C3%A9.txt?comp=range&timeout=30";

  it.each([
    ["host style", `https://${account}.file.core.windows.net${path}`, "+lu02bCNNTUqUQFke94qEeoyFltHJqYOK52ghSBkIS0="],
    ["path style", `http://127.0.0.1:10004/${account}${path}`, "q/JXDgQnTDfycJNBWA+hdIKCfqwBitPm5z0GhZsbF+8="],
  ])("hold for Put Range in %s", async (_, url, signature) => {
    const text = stringToSign({ method: "PUT", headers, target: parseTarget(url), account, contentLength: 5 }, compareCulture);
    expect(text.startsWith("PUT\n\n\n5\n\napplication/octet-stream\n\n\n\n\n\n\nx-ms-client-request-id:")).toBe(true);
    expect(await signer(Uint8Array.from(Buffer.from(key, "base64")))(text)).toBe(signature);
  });

  it("hold for List Shares", async () => {
    const target = parseTarget(`https://${account}.file.core.windows.net/?comp=list&include=metadata,snapshots&maxresults=2`);
    const plain = new Headers({ "x-ms-date": "Thu, 01 Jan 2026 00:00:00 GMT", "x-ms-version": "2026-10-06" });
    const text = stringToSign({ method: "GET", headers: plain, target, account, contentLength: 0 }, compareCulture);
    expect(text).toBe(
      "GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:Thu, 01 Jan 2026 00:00:00 GMT\nx-ms-version:2026-10-06\n" +
        "/devstoreaccount1/\ncomp:list\ninclude:metadata,snapshots\nmaxresults:2",
    );
    expect(hmac(key, text)).toBe("Ot+Yu3QYA4B3SJMF8DHzCcJ3DLyEFfcSyyr8htNTl9U=");
  });
});

describe("header order", () => {
  it("is the service's culture order", () => {
    const sorted = (names: string[], compare: typeof compareCulture): string => [...names].sort(compare).join(" ");
    expect(sorted(["b", "ab", "a_b", "a", "a1", "a_1", "a_"], compareCulture)).toBe("a a_ a_1 a_b a1 ab b");
    expect(sorted(["b", "ab", "a_b", "a", "a1", "a_1", "a_"], compareOrdinal)).toBe("a a1 a_ a_1 a_b ab b");
    expect(compareCulture("x-ms-enabled-protocols", "x-ms-enable-smb-directory-lease")).toBeLessThan(0);
    expect(compareCulture("x-ms-deleted-share-name", "x-ms-delete-snapshots")).toBeLessThan(0);
    expect(compareCulture("x-ms-coop", "x-ms-co-op")).toBeLessThan(0);
    expect(compareCulture("x-ms-a", "x-ms-a")).toBe(0);
  });
});

describe("Shared Key requests", () => {
  it("are taken in either order of headers", async () => {
    const caller = createCaller();
    const headers = new Headers({ "x-ms-version": "2026-10-06", "x-ms-date": new Date(startTime).toUTCString() });
    for (const name of ["a_1", "a1", "ab", "a_b"]) headers.set(`x-ms-meta-${name}`, name);
    const url = new URL(`${caller.emulator.endpoint}/docs?restype=share`);
    for (const [index, compare] of [compareCulture, compareOrdinal].entries()) {
      const text = stringToSign({ method: "PUT", headers, target: parseTarget(url.href), account, contentLength: 0 }, compare);
      const signed = new Headers(headers);
      signed.set("authorization", `SharedKey ${account}:${hmac(key, text)}`);
      expect((await caller.emulator.fetch(url, { method: "PUT", headers: signed })).status).toBe(index === 0 ? 201 : 409);
    }
  });

  it("are taken in the Lite form", async () => {
    const caller = await createShareCaller();
    const url = new URL(`${caller.emulator.endpoint}/docs?restype=directory&comp=list`);
    const headers = new Headers({ "x-ms-version": "2026-10-06", "x-ms-date": new Date(startTime).toUTCString() });
    const text = liteStringToSign({ method: "GET", headers, target: parseTarget(url.href), account, contentLength: 0 }, compareCulture);
    expect(text.endsWith("/devstoreaccount1/devstoreaccount1/docs?comp=list")).toBe(true);
    headers.set("authorization", `SharedKeyLite ${account}:${hmac(key, text)}`);
    expect((await caller.emulator.fetch(url, { headers })).status).toBe(200);
  });

  it("are taken at the account's own host", async () => {
    const caller = createCaller({ endpoint: "https://devstoreaccount1.file.core.windows.net" });
    expect((await caller.call("PUT", "/docs?restype=share")).status).toBe(201);
    expect(await (await caller.call("GET", "/?comp=list")).text()).toContain(
      'ServiceEndpoint="https://devstoreaccount1.file.core.windows.net/"',
    );
  });

  it("work without WebCrypto, as on a page that is not secure", async () => {
    const own = Object.getOwnPropertyDescriptor(globalThis, "crypto");
    Object.defineProperty(globalThis, "crypto", { value: {}, configurable: true });
    try {
      expect((await createCaller().call("PUT", "/docs?restype=share")).status).toBe(201);
    } finally {
      if (own) Object.defineProperty(globalThis, "crypto", own);
    }
  });

  it("that do not match are told the string that was expected, by a front end that names no version", async () => {
    const caller = createCaller();
    const request = caller.signed("GET", "/?comp=list&maxresults=3");
    const headers = new Headers(request.headers);
    headers.set("x-ms-meta-late", "1");
    const response = await caller.emulator.fetch(new Request(request, { headers }));
    expect([response.status, response.headers.get("x-ms-error-code")]).toEqual([403, "AuthenticationFailed"]);
    expect([response.headers.get("server"), response.headers.get("x-ms-version")]).toEqual(["Microsoft-HTTPAPI/2.0", null]);
    expect(await response.text()).toContain(
      "x-ms-meta-late:1\nx-ms-version:2026-10-06\n/devstoreaccount1/devstoreaccount1/\ncomp:list\nmaxresults:3'.",
    );
  });

  it.each([
    ["nothing", undefined, 401, "NoAuthenticationInformation"],
    ["half a header", "SharedKey devstoreaccount1", 400, "InvalidAuthenticationInfo"],
    ["another scheme", "Basic eA==", 400, "InvalidAuthenticationInfo"],
    ["another account", "SharedKey somebody:eA==", 403, "AuthenticationFailed"],
    ["a wrong signature", "SharedKey devstoreaccount1:eA==", 403, "AuthenticationFailed"],
    ["a bearer token that is none, before anybody asks for the intent", "Bearer abc", 401, "InvalidAuthenticationInfo"],
  ])("with %s are refused", async (_, authorization, status, code) => {
    const caller = createCaller();
    const headers = { "x-ms-date": new Date(startTime).toUTCString(), ...(authorization === undefined ? {} : { authorization }) };
    const response = await caller.call("GET", "/?comp=list", { anonymous: true, headers });
    expect([response.status, response.headers.get("x-ms-error-code")]).toEqual([status, code]);
    expect(response.headers.has("www-authenticate")).toBe(status === 401);
  });

  it("with a bearer token are refused with a challenge", async () => {
    const headers = { authorization: "Bearer abc", "x-ms-file-request-intent": "backup" };
    const response = await createCaller().call("GET", "/?comp=list", { anonymous: true, headers });
    expect([response.status, response.headers.get("x-ms-error-code")]).toEqual([401, "InvalidAuthenticationInfo"]);
    expect(response.headers.get("www-authenticate")).toContain("Bearer authorization_uri=");
  });

  it("are good for 15 minutes", async () => {
    const caller = createCaller();
    const dated = (milliseconds: number): Promise<[number, string | null]> =>
      errorCode(caller.call("GET", "/?comp=list", { headers: { "x-ms-date": new Date(startTime + milliseconds).toUTCString() } }));
    expect(await dated(-899000)).toEqual([200, null]);
    expect(await dated(899000)).toEqual([200, null]);
    expect(await dated(-901000)).toEqual([403, "AuthenticationFailed"]);
    expect(await dated(901000)).toEqual([403, "AuthenticationFailed"]);
    expect(await errorCode(caller.call("GET", "/?comp=list", { headers: { "x-ms-date": "today" } }))).toEqual([
      403,
      "AuthenticationFailed",
    ]);
  });

  it.each(["yesterday", "2013-01-01", "2026-13-01", "2026-10-06-preview"])("refuse the version %s", async (version) => {
    const response = await createCaller().call("GET", "/?comp=list", { version });
    expect([response.status, response.headers.get("x-ms-error-code")]).toEqual([400, "InvalidHeaderValue"]);
    expect(await response.text()).toContain(`<HeaderName>x-ms-version</HeaderName><HeaderValue>${version}</HeaderValue>`);
  });

  it("take any version since the first, and give it back", async () => {
    for (const version of ["2014-02-14", "2019-02-02", "2031-01-01"]) {
      expect((await createCaller().call("GET", "/?comp=list", { version })).headers.get("x-ms-version")).toBe(version);
    }
  });
});
