import { describe, expect, it } from "vitest";
import { accountStringToSign, serviceStringToSign } from "../../../src/simulation/emulator/sas.js";
import { parseTarget } from "../../../src/simulation/emulator/target.js";
import { accountSas, createFile, createShareCaller, errorCode, hmac, serviceSas, type Caller } from "./account.js";

const account = "devstoreaccount1";
const key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
const times = "st=2026-01-01T00:00:00Z&se=2026-12-31T23:59:59Z";

describe("SAS vectors, made with the official client 12.33.0", () => {
  it("hold for a file", () => {
    const target = parseTarget(
      `https://${account}.file.core.windows.net/share1/dir%20a/fil%C3%A9%201.txt?sr=f&sp=rcwd&${times}&sip=168.1.5.60-168.1.5.70` +
        "&spr=https,http&sv=2026-10-06&rscd=attachment&rsct=text/plain",
    );
    expect(hmac(key, serviceStringToSign(account, target))).toBe("n6bOQXndEbZtca2rm0KYDettp7of1Pg7qq1UgSW9CDc=");
  });

  it("hold for a share with a stored policy", () => {
    const target = parseTarget(`https://${account}.file.core.windows.net/share1?sr=s&si=policy1&sv=2026-10-06`);
    expect(hmac(key, serviceStringToSign(account, target))).toBe("zxF2AXGARebI1FZ9w+Su1Tcd3y8uTkcKh8BejIwQnSQ=");
  });

  it("hold for an account", () => {
    const target = parseTarget(`https://${account}.file.core.windows.net/?sp=rwdlc&ss=f&srt=sco&${times}&spr=https&sv=2026-10-06`);
    expect(hmac(key, accountStringToSign(account, target.query))).toBe("VewJWoTTspXOW0MzXDB7lAbEy/V4I1mbvQy1YQXk+8o=");
  });
});

async function prepared(): Promise<Caller> {
  const caller = await createShareCaller();
  await caller.call("PUT", "/docs/dir?restype=directory");
  await createFile(caller, "/docs/dir/a b.txt", 5);
  return caller;
}

const file = "/docs/dir/a%20b.txt";

describe("a SAS", () => {
  it("opens what it was signed for and nothing beside", async () => {
    const caller = await prepared();
    const sas = serviceSas(caller, "docs/dir/a b.txt");
    expect((await caller.call("GET", file, { sas })).status).toBe(200);
    await createFile(caller, "/docs/dir/other", 1);
    expect(await errorCode(caller.call("GET", "/docs/dir/other", { sas }))).toEqual([403, "AuthenticationFailed"]);
    expect(await errorCode(caller.call("GET", file, { sas: sas.replace("sp=r", "sp=rw") }))).toEqual([403, "AuthenticationFailed"]);
    expect(await errorCode(caller.call("GET", file, { sas: sas.replace(/sig=[^&]*/, "sig=") }))).toEqual([403, "AuthenticationFailed"]);
  });

  it("whose plus sign was not percent-encoded fails, as at the service", async () => {
    const caller = await prepared();
    const tokens = Array.from({ length: 40 }, (_, index) => serviceSas(caller, "docs", { rsct: `text/${index}` }));
    const withPlus = tokens.find((token) => token.includes("%2B"));
    if (withPlus === undefined) throw new Error("one in two signatures has a plus sign");
    expect((await caller.call("GET", file, { sas: withPlus })).status).toBe(200);
    expect(await errorCode(caller.call("GET", file, { sas: withPlus.replaceAll("%2B", "+") }))).toEqual([403, "AuthenticationFailed"]);
  });

  it("sets the version where no header does, and headers of the answer", async () => {
    const caller = await prepared();
    const sas = serviceSas(caller, "docs/dir/a b.txt", {
      sv: "2022-11-02",
      rscc: "no-store",
      rscd: "attachment; filename=x",
      rsce: "br",
      rscl: "de",
      rsct: "text/x",
    });
    for (const method of ["GET", "HEAD"]) {
      const response = await caller.emulator.fetch(`${caller.emulator.endpoint}${file}?${sas}`, { method });
      expect(Object.fromEntries(response.headers)).toMatchObject({
        "x-ms-version": "2022-11-02",
        "cache-control": "no-store",
        "content-disposition": "attachment; filename=x",
        "content-encoding": "br",
        "content-language": "de",
        "content-type": "text/x",
      });
    }
    const unsigned = await caller.call("GET", `${file}?rsct=text/x`);
    expect(unsigned.headers.get("content-type")).toBe("application/octet-stream");
  });

  it.each([
    [{ st: "2026-01-01T11:59:59Z" }, 200, null],
    [{ st: "2026-01-01" }, 200, null],
    [{ st: "2026-01-01T11:59Z" }, 200, null],
    [{ se: "2026-01-01T12:00:01Z" }, 200, null],
    [{ st: "2026-01-01T12:00:01Z" }, 403, "AuthenticationFailed"],
    [{ se: "2026-01-01T12:00:00Z" }, 403, "AuthenticationFailed"],
    [{ se: "soon" }, 403, "AuthenticationFailed"],
    [{ se: undefined }, 403, "AuthenticationFailed"],
    [{ sp: undefined }, 403, "AuthenticationFailed"],
    [{ sv: "new" }, 403, "AuthenticationFailed"],
    [{ sr: "d" }, 403, "AuthenticationFailed"],
    [{ si: "policy" }, 403, "AuthenticationFailed"],
    [{ spr: "https,http" }, 200, null],
    [{ spr: "https" }, 403, "AuthorizationProtocolMismatch"],
    [{ spr: "http" }, 403, "AuthenticationFailed"],
    [{ sp: "w" }, 403, "AuthorizationPermissionMismatch"],
  ])("with %j is answered with %i %s", async (words, status, code) => {
    const caller = await prepared();
    expect(await errorCode(caller.call("GET", file, { sas: serviceSas(caller, "docs", words) }))).toEqual([status, code]);
  });

  it("that ends before it starts is told so", async () => {
    const caller = await prepared();
    const sas = serviceSas(caller, "docs", { st: "2026-06-01T00:00:00Z", se: "2026-05-01T00:00:00Z" });
    expect(await (await caller.call("GET", file, { sas })).text()).toContain(
      "<AuthenticationErrorDetail>Signed expiry time [2026-05-01T00:00:00Z] has to be after signed start time [2026-06-01T00:00:00Z]",
    );
  });

  it("is bound to addresses where the mount knows who calls", async () => {
    const caller = await prepared();
    const handle = (sip: string, clientAddress?: string): Promise<[number, string | null]> =>
      errorCode(caller.emulator.handle(caller.signed("GET", file, { sas: serviceSas(caller, "docs", { sip }) }), { clientAddress }));
    expect(await handle("10.0.0.5", "10.0.0.5")).toEqual([200, null]);
    expect(await handle("10.0.0.5", "::ffff:10.0.0.5")).toEqual([200, null]);
    expect(await handle("10.0.0.1-10.0.0.9", "10.0.0.9")).toEqual([200, null]);
    expect(await handle("10.0.0.1-10.0.0.9", "10.0.0.10")).toEqual([403, "AuthorizationSourceIPMismatch"]);
    expect(await handle("10.0.0.5", "::1")).toEqual([403, "AuthorizationSourceIPMismatch"]);
    expect(await handle("10.0.0.5")).toEqual([200, null]);
    expect(await handle("somewhere", "10.0.0.5")).toEqual([403, "AuthenticationFailed"]);
  });

  it("that is wrong in every way hears of one after another, in the service's order", async () => {
    const caller = await prepared();
    const wrong = { se: "2026-01-01T11:00:00Z", sip: "10.0.0.5", spr: "https", ss: "b", srt: "s", sp: "w" };
    const right = { se: "2026-01-01T13:00:00Z", sip: undefined, spr: "https,http", ss: "f", srt: "o", sp: "r" };
    const ask = async (sas: string): Promise<(string | undefined)[]> => {
      const response = await caller.emulator.handle(caller.signed("GET", file, { sas }), { clientAddress: "10.0.0.6" });
      const detail = /<AuthenticationErrorDetail>(Signature [a-z ]*)/.exec(await response.text())?.[1];
      return [response.headers.get("x-ms-error-code") ?? String(response.status), detail];
    };
    expect(await ask(accountSas(caller, wrong).replace(/sig=[^&]*/, "sig=AAAA"))).toEqual([
      "AuthenticationFailed",
      "Signature did not match",
    ]);
    const steps: [keyof typeof right | undefined, (string | undefined)[]][] = [
      [undefined, ["AuthenticationFailed", "Signature not valid in the specified time frame"]],
      ["se", ["AuthorizationSourceIPMismatch", undefined]],
      ["sip", ["AuthorizationProtocolMismatch", undefined]],
      ["spr", ["AuthorizationServiceMismatch", undefined]],
      ["ss", ["AuthorizationResourceTypeMismatch", undefined]],
      ["srt", ["AuthorizationPermissionMismatch", undefined]],
      ["sp", ["200", undefined]],
    ];
    const words: Record<string, string | undefined> = { ...wrong };
    for (const [mended, answer] of steps) {
      if (mended !== undefined) words[mended] = right[mended];
      expect([mended, await ask(accountSas(caller, words))]).toEqual([mended, answer]);
    }
  });

  it("cannot come together with an Authorization header", async () => {
    const caller = await prepared();
    const options = { sas: serviceSas(caller, "docs"), headers: { authorization: "SharedKey devstoreaccount1:eA==" } };
    expect(await errorCode(caller.call("GET", file, options))).toEqual([400, "InvalidAuthenticationInfo"]);
  });

  it("for a share or file cannot touch the share itself", async () => {
    const caller = await prepared();
    const all = serviceSas(caller, "docs", { sp: "rcwdl" });
    expect(await errorCode(caller.call("GET", "/docs?restype=share", { sas: all }))).toEqual([403, "AuthorizationFailure"]);
    expect(await errorCode(caller.call("DELETE", "/docs?restype=share", { sas: all }))).toEqual([403, "AuthorizationFailure"]);
    const one = serviceSas(caller, "docs/dir", { sp: "rcwd" });
    expect(await errorCode(caller.call("GET", "/docs/dir?restype=directory", { sas: one }))).toEqual([403, "AuthorizationFailure"]);
  });

  it("that may only create does not overwrite", async () => {
    const caller = await prepared();
    const headers = { "x-ms-type": "file", "x-ms-content-length": "1" };
    for (const sas of [serviceSas(caller, "docs", { sp: "c" }), accountSas(caller, { sp: "c" })]) {
      expect(await errorCode(caller.call("PUT", file, { sas, headers }))).toEqual([403, "AuthorizationPermissionMismatch"]);
      const fresh = `/docs/dir/${sas.length}`;
      expect((await caller.call("PUT", fresh, { sas, headers })).status).toBe(201);
    }
    expect((await caller.call("PUT", file, { sas: serviceSas(caller, "docs", { sp: "w" }), headers })).status).toBe(201);
  });

  it("for the account is held to service and resource type", async () => {
    const caller = await prepared();
    const get = (words: Record<string, string>): Promise<[number, string | null]> =>
      errorCode(caller.call("GET", file, { sas: accountSas(caller, words) }));
    expect(await get({})).toEqual([200, null]);
    expect(await get({ sv: "2019-12-12" })).toEqual([200, null]);
    expect(await get({ ss: "bqt" })).toEqual([403, "AuthorizationServiceMismatch"]);
    expect(await get({ srt: "sc" })).toEqual([403, "AuthorizationResourceTypeMismatch"]);
    expect(await get({ sp: "wl" })).toEqual([403, "AuthorizationPermissionMismatch"]);
  });
});

describe("what each operation needs", () => {
  const create = { "x-ms-type": "file", "x-ms-content-length": "1" };
  const write = { "x-ms-write": "update", "x-ms-range": "bytes=0-0" };
  const clear = { "x-ms-write": "clear", "x-ms-range": "bytes=0-0" };
  // Operation, its request, resource type and letters of an account SAS, letters of a service SAS on the share and on the file.
  const needs: [string, string, string, Record<string, string>, string, string, string, string][] = [
    ["List Shares", "GET", "/?comp=list", {}, "s", "l", "", ""],
    ["Create Share", "PUT", "/newer?restype=share", {}, "c", "cw", "", ""],
    ["Get Share Properties", "GET", "/docs?restype=share", {}, "c", "r", "", ""],
    ["Delete Share", "DELETE", "/docs?restype=share", {}, "c", "d", "", ""],
    ["List Directories and Files", "GET", "/docs/dir?restype=directory&comp=list", {}, "c", "l", "l", ""],
    ["Create Directory", "PUT", "/docs/dir/new?restype=directory", {}, "o", "cw", "cw", ""],
    ["Get Directory Properties", "GET", "/docs/dir?restype=directory", {}, "o", "r", "r", ""],
    ["Delete Directory", "DELETE", "/docs/empty?restype=directory", {}, "o", "d", "d", ""],
    ["Create File", "PUT", "/docs/dir/new", create, "o", "cw", "cw", "cw"],
    ["Get File", "GET", file, {}, "o", "r", "r", "r"],
    ["Get File Properties", "HEAD", file, {}, "o", "r", "r", "r"],
    ["Set File Properties", "PUT", `${file}?comp=properties`, {}, "o", "w", "w", "w"],
    ["Set File Metadata", "PUT", `${file}?comp=metadata`, {}, "o", "w", "w", "w"],
    ["Put Range", "PUT", `${file}?comp=range`, write, "o", "w", "w", "w"],
    ["Clear Range", "PUT", `${file}?comp=range`, clear, "o", "w", "w", "w"],
    ["List Ranges", "GET", `${file}?comp=rangelist`, {}, "o", "r", "r", "r"],
    ["Delete File", "DELETE", file, {}, "o", "d", "d", "d"],
  ];

  it.each(needs)("%s", async (name, method, path, headers, type, accountLetters, shareLetters, fileLetters) => {
    const body = name === "Put Range" ? { body: "x" } : {};
    const decoded = decodeURIComponent(path.split("?")[0] ?? "").slice(1);
    for (const letter of "rcwdl") {
      const attempt = async (sas: (caller: Caller) => string): Promise<boolean> => {
        const caller = await prepared();
        await caller.call("PUT", "/docs/empty?restype=directory");
        const [status, code] = await errorCode(caller.call(method, path, { headers, ...body, sas: sas(caller) }));
        if (status < 300) return true;
        expect([code, status]).toEqual([expect.stringMatching(/^Auth/), 403]);
        return false;
      };
      expect([letter, "account", await attempt((caller) => accountSas(caller, { sp: letter, srt: type }))]).toEqual([
        letter,
        "account",
        accountLetters.includes(letter),
      ]);
      expect([letter, "share", await attempt((caller) => serviceSas(caller, decoded.split("/")[0] || "docs", { sp: letter }))]).toEqual([
        letter,
        "share",
        shareLetters.includes(letter),
      ]);
      if (!decoded.includes("/")) continue;
      expect([letter, "file", await attempt((caller) => serviceSas(caller, decoded, { sp: letter }))]).toEqual([
        letter,
        "file",
        fileLetters.includes(letter),
      ]);
    }
  });
});
