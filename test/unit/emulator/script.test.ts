/** Answers that a test asks for, and the list of requests. */
import { describe, expect, it } from "vitest";
import { createFile, createShareCaller, errorCode, putRange } from "./account.js";

describe("emulator.respond", () => {
  it("refuses as often as told with the service's error document, and then answers again", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 10);
    caller.emulator.respond("Put Range", "ServerBusy", { times: 2, retryAfter: 7 });
    const refused = await putRange(caller, "/docs/a", 0, "one");
    expect([refused.status, refused.headers.get("retry-after"), refused.headers.get("x-ms-version")]).toEqual([503, "7", "2026-10-06"]);
    expect(await refused.text()).toContain("<Code>ServerBusy</Code><Message>The server is currently unable");
    expect((await caller.call("HEAD", "/docs/a")).status).toBe(200);
    expect(await errorCode(putRange(caller, "/docs/a", 0, "two"))).toEqual([503, "ServerBusy"]);
    expect((await putRange(caller, "/docs/a", 0, "three")).status).toBe(201);
    expect(await (await caller.call("GET", "/docs/a")).text()).toBe("three\0\0\0\0\0");
  });

  it("takes the codes that the emulator knows with their own statuses, and a HEAD has no body", async () => {
    const caller = await createShareCaller();
    caller.emulator.respond("Get File Properties", "AuthenticationFailed");
    const head = await caller.call("HEAD", "/docs/a");
    expect([head.status, head.headers.get("x-ms-error-code"), head.body]).toEqual([403, "AuthenticationFailed", null]);
    expect(await errorCode(caller.call("HEAD", "/docs/a"))).toEqual([404, "ResourceNotFound"]);
  });

  it("is for one path when told so, for any operation with *, and is taken back", async () => {
    const caller = await createShareCaller();
    const { emulator } = caller;
    const takeBack = emulator.respond("*", "InternalError", { path: "docs/b c", times: Number.POSITIVE_INFINITY });
    expect(await errorCode(createFile(caller, "/docs/b%20c", 1))).toEqual([500, "InternalError"]);
    expect(await errorCode(caller.call("DELETE", "/docs/b%20c"))).toEqual([500, "InternalError"]);
    expect((await createFile(caller, "/docs/a", 1)).status).toBe(201);
    takeBack();
    expect((await createFile(caller, "/docs/b%20c", 1)).status).toBe(201);
  });

  it("lets a function wait, look at the emulator's answer and change it", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 3);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    caller.emulator.respond("Get File", async (request, answer) => {
      await held;
      const response = await answer();
      return new Response(response.body, { status: response.status, headers: { "x-seen": request.method } });
    });
    let done = false;
    const answered = caller.call("GET", "/docs/a").finally(() => (done = true));
    await caller.call("HEAD", "/docs/a");
    expect(done).toBe(false);
    release();
    const response = await answered;
    expect([response.status, response.headers.get("x-seen"), await response.text()]).toEqual([200, "GET", "\0\0\0"]);
  });

  it("gives a page the cross-origin headers that a test's own answer lacks, and leaves preflights alone", async () => {
    const caller = await createShareCaller();
    const headers = { origin: "https://app.example" };
    caller.emulator.respond("*", () => new Response("x", { status: 418, headers: { "x-ms-tea": "1" } }), { times: 2 });
    const preflight = await caller.emulator.fetch(`${caller.emulator.endpoint}/docs`, {
      method: "OPTIONS",
      headers: { ...headers, "access-control-request-method": "PUT" },
    });
    expect(preflight.status).toBe(200);
    const answer = await caller.call("GET", "/docs/a", { headers });
    expect([answer.status, answer.headers.get("access-control-allow-origin"), answer.headers.get("access-control-expose-headers")]).toEqual(
      [418, "*", "x-ms-tea"],
    );
    caller.emulator.setCors([]);
    expect((await caller.call("GET", "/docs/a", { headers })).headers.has("access-control-allow-origin")).toBe(false);
  });

  it("loses the connection, and lets whoever aborts go", async () => {
    const caller = await createShareCaller();
    const { emulator } = caller;
    emulator.respond("Get File", () => Response.error());
    await expect(caller.call("GET", "/docs/a")).rejects.toThrow(TypeError);
    expect(emulator.requests.at(-1)).toMatchObject({ operation: "Get File", status: 0 });

    emulator.respond("Get File", () => new Promise(() => undefined));
    const controller = new AbortController();
    const hanging = emulator.fetch(new Request(caller.signed("GET", "/docs/a"), { signal: controller.signal }));
    controller.abort(new RangeError("enough"));
    await expect(hanging).rejects.toThrow("enough");
  });

  it("says at once what can never come about", async () => {
    const { emulator } = await createShareCaller();
    expect(() => emulator.respond("Put Rnage" as "Put Range", "ServerBusy")).toThrow(
      new TypeError('operation must be the name of one or "*", not Put Rnage'),
    );
    for (const times of [0, -1, 1.5, Number.NaN]) expect(() => emulator.respond("*", "ServerBusy", { times })).toThrow(RangeError);
    for (const retryAfter of [-1, 0.5]) expect(() => emulator.respond("*", "ServerBusy", { retryAfter })).toThrow(RangeError);
  });
});

describe("emulator.requests", () => {
  it("lists operation, path, range, status and code, the oldest first, without a secret", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a%20b", 4);
    await putRange(caller, "/docs/a%20b", 0, "abcd");
    await caller.call("GET", "/docs/none?sv=2026-10-06&sig=c2VjcmV0", { anonymous: true });
    await caller.call("PUT", "/docs?restype=nonsense");
    await caller.emulator.fetch(`${caller.emulator.endpoint}/docs`, { method: "OPTIONS" });
    const none = { range: undefined, code: undefined };
    expect(caller.emulator.requests).toEqual([
      { ...none, operation: "Create Share", method: "PUT", path: "docs", status: 201 },
      { ...none, operation: "Create File", method: "PUT", path: "docs/a b", status: 201 },
      { ...none, operation: "Put Range", method: "PUT", path: "docs/a b", range: "bytes=0-3", status: 201 },
      { ...none, operation: "Get File", method: "GET", path: "docs/none", status: 403, code: "AuthenticationFailed" },
      { ...none, operation: undefined, method: "PUT", path: "docs", status: 400, code: "InvalidQueryParameterValue" },
      { ...none, operation: undefined, method: "OPTIONS", path: "docs", status: 400, code: "MissingRequiredHeader" },
    ]);
  });

  it("leaves out what a test does behind the scenes, which no scripted answer meets", async () => {
    const caller = await createShareCaller();
    caller.emulator.respond("Get Share Properties", "ServerBusy");
    const behind = await caller.emulator.handle(caller.signed("GET", "/docs?restype=share"), { direct: true });
    expect(behind.status).toBe(200);
    expect(caller.emulator.requests.map(({ operation }) => operation)).toEqual(["Create Share"]);
    expect((await caller.call("GET", "/docs?restype=share")).status).toBe(503);
  });

  it("ends with a reset, keeps what is newest of very many, and counts on", async () => {
    const caller = await createShareCaller();
    const { emulator } = caller;
    emulator.respond("Get Share Properties", "ServerBusy");
    emulator.reset();
    expect(emulator.requests).toEqual([]);
    expect(await errorCode(caller.call("GET", "/docs?restype=share"))).toEqual([404, "ShareNotFound"]);
    for (let index = 0; index < 10_001; index += 1) await emulator.fetch(`${emulator.endpoint}/docs/${index}`);
    expect(emulator.requests.length).toBeLessThanOrEqual(10_000);
    expect(emulator.requests.at(-1)?.path).toBe("docs/10000");
    expect(emulator.requestCount).toBe(10_003);
  });
});
