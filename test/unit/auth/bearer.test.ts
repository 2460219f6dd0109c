import { describe, expect, it, vi } from "vitest";
import { anonymous } from "../../../src/auth/anonymous.js";
import { bearer, type TokenSource } from "../../../src/auth/bearer.js";
import { request, stoppedClock } from "./request.js";

const start = "2026-01-01T12:00:00Z";
const MINUTE = 60_000;
const backup = { intent: "backup" } as const;

/** When a token ends that lives so many minutes from the start. */
const end = (minutes: number): number => Date.parse(start) + minutes * MINUTE;

describe("bearer()", () => {
  it("puts token, date and intent on a request", async () => {
    const before = request();
    const after = await bearer(() => Promise.resolve("header.payload.signature"), backup).authorize(before, stoppedClock(start));
    expect(after).toEqual({
      ...before,
      headers: {
        ...before.headers,
        authorization: "Bearer header.payload.signature",
        "x-ms-date": "Thu, 01 Jan 2026 12:00:00 GMT",
        "x-ms-file-request-intent": "backup",
      },
    });
  });

  it("asks for the scope of storage, a function or an object with getToken()", async () => {
    class Identity {
      readonly asked: string[] = [];
      getToken(scope: string): Promise<{ token: string; expiresOnTimestamp: number }> {
        this.asked.push(scope);
        return Promise.resolve({ token: "object", expiresOnTimestamp: end(60) });
      }
    }
    const identity = new Identity();
    const asked = vi.fn(() => Promise.resolve({ token: "function" }));
    const clock = stoppedClock(start);
    expect((await bearer(identity, backup).authorize(request(), clock)).headers["authorization"]).toBe("Bearer object");
    expect((await bearer(asked, backup).authorize(request(), clock)).headers["authorization"]).toBe("Bearer function");
    expect(identity.asked).toEqual(["https://storage.azure.com/.default"]);
    expect(asked.mock.calls).toEqual([["https://storage.azure.com/.default"]]);
  });

  it("asks once for all that wait, again ahead of the end, and after a refusal", async () => {
    let count = 0;
    const credential = bearer(() => Promise.resolve({ token: `t${++count}`, expiresOnTimestamp: end(60 * count) }), backup);
    const clock = stoppedClock(start);
    const sent = async (each = request()): Promise<string | undefined> =>
      (await credential.authorize(each, clock)).headers["authorization"];
    expect(await Promise.all([sent(), sent()])).toEqual(["Bearer t1", "Bearer t1"]);
    clock.advance(55 * MINUTE - 1);
    const old = request();
    expect(await sent(old)).toBe("Bearer t1");
    clock.advance(1);
    const refused = request();
    expect(await sent(refused)).toBe("Bearer t2");
    expect(credential.refused?.(old)).toBe(true);
    expect(await sent()).toBe("Bearer t2");
    expect(credential.refused?.(refused)).toBe(true);
    expect(await sent()).toBe("Bearer t3");
  });

  it("goes on with a token that is still good when a new one cannot be had, and no longer", async () => {
    let reachable = true;
    const credential = bearer(
      () => (reachable ? Promise.resolve({ token: "t1", expiresOnTimestamp: end(60) }) : Promise.reject(new Error("offline"))),
      backup,
    );
    const clock = stoppedClock(start);
    const sent = async (): Promise<string | undefined> => (await credential.authorize(request(), clock)).headers["authorization"];
    expect(await sent()).toBe("Bearer t1");
    reachable = false;
    clock.advance(60 * MINUTE - 1);
    expect(await sent()).toBe("Bearer t1");
    clock.advance(1);
    await expect(sent()).rejects.toThrow("offline");
  });

  it.each([
    "http://account.file.core.windows.net/share",
    "http://10.0.0.1/account/share",
    "http://128.0.0.1/a/s",
    "http://localhost.example/a/s",
  ])("does not send a token to %s, nor asks for one", async (url) => {
    const source = vi.fn(() => Promise.resolve("token"));
    const credential = bearer(source, backup);
    await expect(Promise.resolve(credential.authorize(request({ url }), stoppedClock(start)))).rejects.toThrow(
      /^a bearer token is not sent over http:.*use https:$/,
    );
    expect(source).not.toHaveBeenCalled();
  });

  it.each([
    "http://127.0.0.1:10004/a/s",
    "http://127.9.9.9/a/s",
    "http://localhost:10004/a/s",
    "http://[::1]:10004/a/s",
    "https://10.0.0.1/a/s",
  ])("sends one to %s", async (url) => {
    const credential = bearer(() => Promise.resolve("token"), backup);
    expect((await credential.authorize(request({ url }), stoppedClock(start))).headers["authorization"]).toBe("Bearer token");
  });

  it.each([
    undefined,
    null,
    "",
    {},
    { token: "" },
    "two words",
    "line\r\nbreak",
    5,
    { token: "good", expiresOnTimestamp: "tomorrow" },
    { token: "good", expiresOnTimestamp: NaN },
  ])("refuses %j from the source, and asks again", async (given) => {
    const answers: unknown[] = [given, "good"];
    const credential = bearer((() => Promise.resolve(answers.shift())) as TokenSource, backup);
    const clock = stoppedClock(start);
    await expect(Promise.resolve(credential.authorize(request(), clock))).rejects.toThrow(/^getToken\(\) gave/);
    expect((await credential.authorize(request(), clock)).headers["authorization"]).toBe("Bearer good");
  });

  it("passes on what the source throws, untouched", async () => {
    const mine = new Error("login needed");
    const credential = bearer(() => Promise.reject(mine), backup);
    await expect(Promise.resolve(credential.authorize(request(), stoppedClock(start)))).rejects.toBe(mine);
  });

  it.each([undefined, {}, { intent: "restore" }, { intent: "" }])("needs the intent, not %j", (options) => {
    expect(() => bearer(() => Promise.resolve("token"), options as { intent: "backup" })).toThrow(/^intent must be "backup"/);
  });

  it.each([undefined, null, "token", {}])("needs a source, not %j", (source) => {
    expect(() => bearer(source as TokenSource, backup)).toThrow(/^bearer\(\) takes a function or an object with getToken\(\)$/);
  });
});

describe("anonymous()", () => {
  it("leaves a request as it is", async () => {
    const before = request();
    expect(await anonymous().authorize(before, stoppedClock(start))).toBe(before);
    expect(anonymous().kind).toBe("anonymous");
  });
});
