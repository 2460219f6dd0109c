/** What the transport does with credentials: every try is signed anew, and a secret that ran out is replaced once. */
import { describe, expect, it } from "vitest";
import { bearer, sas, sharedKey } from "../../../src/index.js";
import { getProperties } from "../../../src/services/files.js";
import { create as createDirectory } from "../../../src/services/directories.js";
import { key } from "../auth/request.js";
import { coded, ending, wired } from "../wire-double.js";

const path = "file.txt";
const token = (signature: string, end = "2026-01-01T01:00:00Z"): string => `sv=2026-10-06&sp=rw&se=${end}&sig=${signature}`;

describe("each try", () => {
  it("is signed anew, with the date of its own beginning", async () => {
    const { wire, clock, connection } = wired({ credential: sharedKey({ account: "account", key }) });
    const end = ending(getProperties(connection, { path }));
    const first = await wire.nextRequest();
    await clock.advance(59_000 / 2);
    wire.respond(503, { "retry-after": "60" });
    await clock.advance(60_000);
    const second = await wire.nextRequest();
    wire.respond(200);
    await end;
    expect([first, second].map(({ headers }) => headers["x-ms-date"])).toEqual([
      "Thu, 01 Jan 2026 00:00:00 GMT",
      "Thu, 01 Jan 2026 00:01:29 GMT",
    ]);
    expect(first.headers["authorization"]).toMatch(/^SharedKey account:/);
    expect(second.headers["authorization"]).not.toBe(first.headers["authorization"]);
  });

  it("carries the SAS once", async () => {
    const { wire, clock, connection } = wired({ credential: sas(token("a")) });
    const end = ending(getProperties(connection, { path, snapshot: "2026-01-01T00:00:00.0000000Z" }));
    await wire.nextRequest();
    wire.respond(500);
    await clock.advance(250);
    const second = await wire.nextRequest();
    wire.respond(200);
    await end;
    expect(second.query.getAll("sig")).toEqual(["a"]);
    expect(second.query.get("sharesnapshot")).toBe("2026-01-01T00:00:00.0000000Z");
  });
});

describe("a call that is given up while its secret is fetched", () => {
  it("never reaches the wire", async () => {
    let give = (_token: string): void => undefined;
    const credential = sas(() => new Promise<string>((done) => (give = done)));
    const { wire, clock, connection } = wired({ credential });
    const controller = new AbortController();
    const end = ending(getProperties(connection, { path, signal: controller.signal }));
    await clock.advance(0);
    controller.abort(new Error("changed my mind"));
    give(token("late"));
    expect([(await end) as Error, await wire.waiting(), clock.pending]).toEqual([new Error("changed my mind"), 0, []]);
  });
});

describe("a refused secret", () => {
  const renewed = (): { given: () => number; credential: ReturnType<typeof sas> } => {
    let count = 0;
    return { given: () => count, credential: sas(() => Promise.resolve(token(`s${++count}`))) };
  };

  it.each([
    [403, "AuthenticationFailed"],
    [401, "InvalidAuthenticationInfo"],
    [403, undefined],
  ])("%i %s is replaced and the call tried again at once", async (status, code) => {
    const { credential, given } = renewed();
    const { wire, clock, connection } = wired({ credential, retry: false });
    const end = ending(getProperties(connection, { path }));
    expect((await wire.nextRequest()).query.get("sig")).toBe("s1");
    wire.respond(status, code === undefined ? {} : coded(code));
    await clock.advance(0);
    expect((await wire.nextRequest()).query.get("sig")).toBe("s2");
    wire.respond(200);
    expect(await end).not.toBeInstanceOf(Error);
    expect([given(), clock.pending]).toEqual([2, []]);
  });

  it("is replaced once only", async () => {
    const { credential, given } = renewed();
    const { wire, clock, connection } = wired({ credential });
    const end = ending(getProperties(connection, { path }));
    for (const wait of [0, 0]) {
      await wire.nextRequest();
      wire.respond(403, coded("AuthenticationFailed"));
      await clock.advance(wait);
    }
    expect(await end).toMatchObject({ status: 403, attempts: { length: 2 } });
    expect([await wire.waiting(), given(), clock.pending]).toEqual([0, 2, []]);
  });

  it("is replaced for what is not idempotent, too: the service did nothing", async () => {
    const { credential } = renewed();
    const { wire, clock, connection } = wired({ credential });
    const end = ending(createDirectory(connection, { path: "a" }));
    await wire.nextRequest();
    wire.respond(403, coded("AuthenticationFailed"));
    await clock.advance(0);
    await wire.nextRequest();
    wire.respond(201);
    expect(await end).toMatchObject({ created: true });
  });

  it.each(["AuthorizationFailure", "AuthorizationPermissionMismatch", "AccountIsDisabled"])("is not what %s means", async (code) => {
    const { credential, given } = renewed();
    const { wire, connection } = wired({ credential });
    const end = ending(getProperties(connection, { path }));
    await wire.nextRequest();
    wire.respond(403, coded(code));
    expect(await end).toMatchObject({ code, attempts: { length: 1 } });
    expect(given()).toBe(1);
  });

  it("of many requests at once is replaced once for all", async () => {
    const { credential, given } = renewed();
    const { wire, clock, connection } = wired({ credential });
    const ends = Promise.all(Array.from({ length: 5 }, () => ending(getProperties(connection, { path }))));
    for (let index = 0; index < 5; index++) await wire.nextRequest();
    for (let index = 0; index < 5; index++) wire.respond(403, coded("AuthenticationFailed"));
    await clock.advance(0);
    for (let index = 0; index < 5; index++) {
      expect((await wire.nextRequest()).query.get("sig")).toBe("s2");
      wire.respond(200);
    }
    expect((await ends).filter((end) => end instanceof Error)).toEqual([]);
    expect(given()).toBe(2);
  });

  it("that cannot be renewed is told at once", async () => {
    for (const credential of [sas(token("a")), sharedKey({ account: "account", key })]) {
      const { wire, connection } = wired({ credential });
      const end = ending(getProperties(connection, { path }));
      await wire.nextRequest();
      wire.respond(403, coded("AuthenticationFailed"));
      expect(await end).toMatchObject({ code: "AuthenticationFailed", attempts: { length: 1 } });
    }
  });

  it("of bearer() is replaced as well", async () => {
    let count = 0;
    const { wire, clock, connection } = wired({ credential: bearer(() => Promise.resolve(`t${++count}`), { intent: "backup" }) });
    const end = ending(getProperties(connection, { path }));
    await wire.nextRequest();
    wire.respond(401, coded("InvalidAuthenticationInfo"));
    await clock.advance(0);
    expect((await wire.nextRequest()).headers["authorization"]).toBe("Bearer t2");
    wire.respond(200);
    expect(await end).not.toBeInstanceOf(Error);
  });
});

describe("a function that gives tokens", () => {
  it("and fails, fails the call with just that, once", async () => {
    const mine = new Error("sign in again");
    let asked = 0;
    const { wire, connection } = wired({
      credential: sas(() => {
        asked++;
        return Promise.reject(mine);
      }),
    });
    expect(await ending(getProperties(connection, { path }))).toBe(mine);
    expect([wire.requests.length, asked]).toEqual([0, 1]);
  });

  it("and hangs does not hold back an abort, nor other calls' aborts", async () => {
    const { connection } = wired({ credential: sas(() => new Promise<string>(() => undefined)) });
    const [first, second] = [new AbortController(), new AbortController()];
    const ends = [first, second].map(({ signal }) => ending(getProperties(connection, { path, signal })));
    first.abort("one");
    expect(await ends[0]).toBe("one");
    second.abort("two");
    expect(await ends[1]).toBe("two");
  });
});
