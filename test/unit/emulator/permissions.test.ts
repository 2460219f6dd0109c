import { describe, expect, it } from "vitest";
import { createFile, createShareCaller, errorCode, type Caller } from "./account.js";

const address = "/docs?restype=share&comp=filepermission";
const sddl =
  "O:S-1-5-21-2127521184-1604012920-1887927527-21560751G:S-1-5-21-2127521184-1604012920-1887927527-513D:AI(A;;FA;;;SY)(A;;FA;;;BA)(A;;0x1200a9;;;S-1-5-21-397955417-626881126-188441444-3053964)";
const binary =
  "AQAUhGwAAACIAAAAAAAAABQAAAACAFgAAwAAAAAAFAD/AR8AAQEAAAAAAAUSAAAAAAAYAP8BHwABAgAAAAAABSAAAAAgAgAAAAAkAKkAEgABBQAAAAAABRUAAABZUbgXZnJdJWRjOwuMmS4AAQUAAAAAAAUVAAAAoGXPfnhLm1/nfIdwr/1IAQEFAAAAAAAFFQAAAKBlz354S5tf53yHcAECAAA=";
const inherited =
  "O:SYG:SYD:(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)(A;;0x1200a9;;;BU)(A;OICIIO;GXGR;;;BU)(A;OICI;0x1301bf;;;AU)(A;;FA;;;SY)(A;OICIIO;GA;;;CO)";

async function create(caller: Caller, body: unknown, path = address): Promise<string> {
  const answer = await caller.call("PUT", path, { body: JSON.stringify(body), headers: { "content-type": "application/json" } });
  expect(answer.status).toBe(201);
  expect(await answer.text()).toBe("");
  return answer.headers.get("x-ms-file-permission-key") ?? "";
}

async function get(caller: Caller, key: string, headers: Record<string, string> = {}, version = "2026-10-06"): Promise<Response> {
  return caller.call("GET", address, { headers: { "x-ms-file-permission-key": key, ...headers }, version });
}

describe("permissions", () => {
  it("have one key however they are given, in every share", async () => {
    const caller = await createShareCaller();
    await caller.call("PUT", "/more?restype=share");
    const key = await create(caller, { permission: sddl });
    expect(key).toMatch(/^\d+\*\d+$/);
    expect(await create(caller, { permission: `${sddl}S:NO_ACCESS_CONTROL`, format: "Sddl" })).toBe(key);
    expect(await create(caller, { permission: binary, format: "Binary" })).toBe(key);
    expect(await create(caller, { permission: binary, format: "binary" }, "/more?restype=share&comp=filepermission")).toBe(key);
    expect(await create(caller, { permission: sddl.replace("D:AI", "D:") })).not.toBe(key);
    const made = await createFile(caller, "/docs/a", 0, { "x-ms-file-permission": sddl });
    expect(made.headers.get("x-ms-file-permission-key")).toBe(key);
    const again = await createFile(caller, "/docs/b", 0, { "x-ms-file-permission": binary, "x-ms-file-permission-format": "Binary" });
    expect(again.headers.get("x-ms-file-permission-key")).toBe(key);
  });

  it("are read in either format, as recorded", async () => {
    const caller = await createShareCaller();
    const key = await create(caller, { permission: sddl });
    const text = `{"permission":"${sddl}S:NO_ACCESS_CONTROL","format":"sddl"}`;
    const answer = await get(caller, key);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(answer.headers.get("content-length")).toBe("241");
    expect(await answer.text()).toBe(text);
    expect(await (await get(caller, key, { "x-ms-file-permission-format": "Sddl" })).text()).toBe(text);
    const bytes = await get(caller, key, { "x-ms-file-permission-format": "Binary" });
    expect(bytes.headers.get("content-length")).toBe("255");
    expect(await bytes.text()).toBe(`{"permission":"${binary}","format":"binary"}`);
  });

  it.each([
    ["2021-10-04", null, ["permission"]],
    ["2026-02-06", null, ["permission", "format"]],
    ["2026-06-06", "application/json", ["permission", "format"]],
  ])("say in version %s what it said", async (version, type, members) => {
    const caller = await createShareCaller();
    const answer = await get(caller, await create(caller, { permission: sddl }), {}, version);
    expect(answer.headers.get("content-type")).toBe(type);
    expect(Object.keys(JSON.parse(await answer.text()) as object)).toEqual(members);
  });

  it("are inherited by what is created without one, and can be read", async () => {
    const caller = await createShareCaller();
    const directory = (await caller.call("PUT", "/docs/d?restype=directory")).headers.get("x-ms-file-permission-key") ?? "";
    const file =
      (await createFile(caller, "/docs/f", 0, { "x-ms-file-permission": "Inherit" })).headers.get("x-ms-file-permission-key") ?? "";
    expect(directory).toBe("14438882940201373875*11581588750433322810");
    expect(file).not.toBe(directory);
    expect(await (await get(caller, directory)).json()).toEqual({ permission: inherited, format: "sddl" });
    expect(await (await get(caller, file)).json()).toEqual({
      permission: "O:SYG:SYD:(A;;FA;;;BA)(A;;FA;;;SY)(A;;0x1200a9;;;BU)(A;;0x1301bf;;;AU)(A;;FA;;;SY)",
      format: "sddl",
    });
    // The same text given by hand is another descriptor, as recorded: it says that nothing is audited.
    const given = await create(caller, { permission: inherited });
    expect(given).not.toBe(directory);
    expect(await (await get(caller, given)).json()).toEqual({ permission: `${inherited}S:NO_ACCESS_CONTROL`, format: "sddl" });
  });

  it("may be longer than a header", async () => {
    const caller = await createShareCaller();
    const entries = Array.from({ length: 400 }, (_, index) => `(A;;FA;;;S-1-5-21-1-2-3-${index})`).join("");
    const long = `O:SYG:SYD:${entries}`;
    expect(long.length).toBeGreaterThan(8192);
    expect(await errorCode(createFile(caller, "/docs/a", 0, { "x-ms-file-permission": long }))).toEqual([400, "InvalidHeaderValue"]);
    const key = await create(caller, { permission: long });
    const made = await createFile(caller, "/docs/a", 0, { "x-ms-file-permission-key": key });
    expect(made.headers.get("x-ms-file-permission-key")).toBe(key);
  });

  it("are kept by Set Properties unless another is given", async () => {
    const caller = await createShareCaller();
    const key = await create(caller, { permission: sddl });
    await createFile(caller, "/docs/a", 0, { "x-ms-file-permission-key": key });
    const set = async (headers: Record<string, string>): Promise<string | null> =>
      (await caller.call("PUT", "/docs/a?comp=properties", { headers })).headers.get("x-ms-file-permission-key");
    expect(await set({})).toBe(key);
    expect(await set({ "x-ms-file-permission": "preserve" })).toBe(key);
    expect(await set({ "x-ms-file-permission": "inherit" })).toBe("584053819618422708*11581588750433322810");
  });

  it.each([
    ["{", "InvalidInput"],
    ["", "InvalidInput"],
    ["null", "InvalidInput"],
    ["[]", "InvalidInput"],
    ['{"format":"sddl"}', "InvalidInput"],
    ['{"permission":1}', "InvalidInput"],
    [JSON.stringify({ permission: sddl, format: "xml" }), "InvalidInput"],
    ['{"permission":"invalid"}', "FileInvalidPermission"],
    [JSON.stringify({ permission: sddl, format: "binary" }), "FileInvalidPermission"],
    [JSON.stringify({ permission: binary }), "FileInvalidPermission"],
    ['{"permission":"O:DAG:DAD:(A;;FA;;;SY)"}', "FileInvalidPermission"],
  ])("refuse %s with %s", async (body, code) => {
    const caller = await createShareCaller();
    expect(await errorCode(caller.call("PUT", address, { body }))).toEqual([400, code]);
  });

  it.each([
    [{}, "MissingRequiredHeader"],
    [{ "x-ms-file-permission-key": "1*2" }, "FileInvalidPermissionKey"],
    [{ "x-ms-file-permission-key": "nonsense" }, "FileInvalidPermissionKey"],
    [{ "x-ms-file-permission-key": "1*2", "x-ms-file-permission-format": "xml" }, "InvalidHeaderValue"],
  ])("are not found with %j", async (headers, code) => {
    const caller = await createShareCaller();
    expect(await errorCode(caller.call("GET", address, { headers }))).toEqual([400, code]);
  });

  it("need a share", async () => {
    const caller = await createShareCaller();
    const path = "/none?restype=share&comp=filepermission";
    expect(await errorCode(caller.call("PUT", path, { body: JSON.stringify({ permission: sddl }) }))).toEqual([404, "ShareNotFound"]);
    expect(await errorCode(caller.call("GET", path, { headers: { "x-ms-file-permission-key": "1*2" } }))).toEqual([404, "ShareNotFound"]);
  });
});
