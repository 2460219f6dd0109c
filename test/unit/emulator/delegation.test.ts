/** User delegation keys, and the SAS that they sign. */
import { describe, expect, it } from "vitest";
import type { TokenRequest } from "../../../src/simulation/index.js";
import { delegationStringToSign } from "../../../src/simulation/emulator/sas.js";
import { parseTarget } from "../../../src/simulation/emulator/target.js";
import { accountSas, createFile, createShareCaller, errorCode, hmac, serviceSas, type Caller } from "./account.js";

const [oid, tid] = ["11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"];
const [otherOid, otherTid] = ["33333333-3333-3333-3333-333333333333", "44444444-4444-4444-4444-444444444444"];
const keyPath = "/?restype=service&comp=userdelegationkey";
const info = "<KeyInfo><Start>2026-01-01T12:00:00Z</Start><Expiry>2026-01-02T12:00:00Z</Expiry></KeyInfo>";

const create = (): Promise<Caller> => createShareCaller({ insecureBearer: true });

/** Asks for a key. The emulator's clock says 2026-01-01T12:00:00Z. */
function askKey(caller: Caller, body: string = info, request: TokenRequest = {}): Promise<Response> {
  const headers = { authorization: `Bearer ${caller.emulator.token(request)}` };
  return caller.call("POST", keyPath, { anonymous: true, headers, body });
}

type Key = Readonly<Record<string, string>>;

/** A key as its elements. */
async function keyOf(answer: Promise<Response>): Promise<Key> {
  const response = await answer;
  expect(response.status).toBe(200);
  const text = await response.text();
  return Object.fromEntries([...text.matchAll(/<(Signed\w+|Value)>([^<]*)<\/\1>/g)].map(([, name = "", value = ""]) => [name, value]));
}

/** A SAS for the share `docs`, or a file in it, signed with a key from scratch. */
function delegationSas(caller: Caller, key: Key, words: Readonly<Record<string, string | undefined>> = {}, resource = "docs"): string {
  const query: Record<string, string | undefined> = {
    sv: "2026-10-06",
    sr: resource.includes("/") ? "f" : "s",
    sp: "r",
    se: "2026-01-02T00:00:00Z",
    skoid: key["SignedOid"],
    sktid: key["SignedTid"],
    skt: key["SignedStart"],
    ske: key["SignedExpiry"],
    sks: key["SignedService"],
    skv: key["SignedVersion"],
    skdutid: key["SignedDelegatedUserTid"],
    ...words,
  };
  const value = (name: string): string => query[name] ?? "";
  const text = [
    ...["sp", "st", "se"].map(value),
    `/file/${caller.emulator.account}/${resource}`,
    ...["skoid", "sktid", "skt", "ske", "sks", "skv", "skdutid", "sduoid"].map(value),
    ...["sip", "spr", "sv", "rscc", "rscd", "rsce", "rscl", "rsct"].map(value),
  ].join("\n");
  return Object.entries({ ...query, sig: hmac(key["Value"] ?? "", text) })
    .flatMap(([name, content]) => (content === undefined ? [] : [`${name}=${encodeURIComponent(content)}`]))
    .join("&");
}

describe("Get User Delegation Key", () => {
  it("answers as recorded, with what was asked for and who asked", async () => {
    const caller = await create();
    const response = await askKey(caller);
    expect(response.headers.get("content-type")).toBe("application/xml");
    expect(await response.text()).toMatch(
      new RegExp(
        '^<\\?xml version="1.0" encoding="utf-8"\\?><UserDelegationKey>' +
          `<SignedOid>${oid}</SignedOid><SignedTid>${tid}</SignedTid>` +
          "<SignedStart>2026-01-01T12:00:00Z</SignedStart><SignedExpiry>2026-01-02T12:00:00Z</SignedExpiry>" +
          "<SignedService>f</SignedService><SignedVersion>2026-10-06</SignedVersion><Value>[A-Za-z0-9+/]{43}=</Value></UserDelegationKey>$",
      ),
    );
  });

  it("starts now where no start is named, and names the tenant of another user", async () => {
    const caller = await create();
    const body = `<KeyInfo><Expiry>2026-01-02T12:00:00.5Z</Expiry><DelegatedUserTid>${otherTid}</DelegatedUserTid></KeyInfo>`;
    expect(await keyOf(askKey(caller, body))).toMatchObject({
      SignedStart: "2026-01-01T12:00:00Z",
      SignedExpiry: "2026-01-02T12:00:00Z",
      SignedDelegatedUserTid: otherTid,
    });
  });

  it("gives the same key for the same and another one for anything else", async () => {
    const caller = await create();
    const { Value: value = "" } = await keyOf(askKey(caller));
    expect((await keyOf(askKey(caller)))["Value"]).toBe(value);
    const others = [
      askKey(caller, info, { oid: otherOid }),
      askKey(caller, info, { tid: otherTid }),
      askKey(caller, info.replace("01T12:00:00", "01T12:00:01")),
      askKey(caller, info.replace("02T12:00:00", "02T12:00:01")),
      askKey(caller, info.replace("</KeyInfo>", `<DelegatedUserTid>${tid}</DelegatedUserTid></KeyInfo>`)),
      askKey(await createShareCaller({ insecureBearer: true, key: Buffer.from("mine").toString("base64") })),
    ];
    const values = await Promise.all(others.map(async (answer) => (await keyOf(answer))["Value"]));
    expect(new Set([value, ...values]).size).toBe(1 + others.length);
  });

  it("is for bearer tokens only", async () => {
    const caller = await create();
    expect(await errorCode(caller.call("POST", keyPath, { body: info }))).toEqual([403, "AuthorizationFailure"]);
    expect(await errorCode(caller.call("POST", keyPath, { body: info, sas: accountSas(caller) }))).toEqual([403, "AuthorizationFailure"]);
  });

  const expiring = (time: string): string => `<KeyInfo><Expiry>${time}</Expiry></KeyInfo>`;

  it.each([
    ["seven days", expiring("2026-01-08T12:00:00Z"), null],
    ["a second more", expiring("2026-01-08T12:00:01Z"), "InvalidXmlNodeValue"],
    ["a second", expiring("2026-01-01T12:00:01Z"), null],
    ["no time", expiring("2026-01-01T12:00:00Z"), "InvalidXmlNodeValue"],
    ["an end before its start", info.replace("01T12", "03T12"), "InvalidXmlNodeValue"],
    ["a start in the past", info.replace("01T12", "01T00"), null],
    ["a time that is none", expiring("tomorrow"), "InvalidXmlNodeValue"],
    ["a start that is none", info.replace("2026-01-01T12:00:00Z", "now"), "InvalidXmlNodeValue"],
    ["no end", "<KeyInfo></KeyInfo>", "MissingRequiredXmlNode"],
    ["no body", undefined, "MissingRequiredXmlNode"],
    ["a tenant that is none", info.replace("</KeyInfo>", "<DelegatedUserTid>us</DelegatedUserTid></KeyInfo>"), "InvalidXmlNodeValue"],
    ["something else", info.replace("</KeyInfo>", "<Oid>me</Oid></KeyInfo>"), "UnsupportedXmlNode"],
    ["another root", info.replaceAll("KeyInfo", "Key"), "InvalidXmlDocument"],
    ["no XML", "KeyInfo", "InvalidXmlDocument"],
  ])("takes or refuses %s", async (_, body, code) => {
    const caller = await create();
    const response = body === undefined ? askKeyWithoutBody(caller) : askKey(caller, body);
    expect(await errorCode(response)).toEqual([code === null ? 200 : 400, code]);
  });

  function askKeyWithoutBody(caller: Caller): Promise<Response> {
    return caller.call("POST", keyPath, { anonymous: true, headers: { authorization: `Bearer ${caller.emulator.token()}` } });
  }
});

describe("a user delegation SAS", () => {
  async function prepared(request: TokenRequest = {}, body = info): Promise<{ caller: Caller; key: Key }> {
    const caller = await create();
    await createFile(caller, "/docs/f", 5);
    await caller.call("PUT", "/docs/dir?restype=directory");
    return { caller, key: await keyOf(askKey(caller, body, request)) };
  }

  it("signs the string of the official client 12.33.0", () => {
    const target = parseTarget(
      "https://devstoreaccount1.file.core.windows.net/share1/a/b.bin?sr=f&sp=r&st=2026-01-01T00:00:00Z&se=2026-12-31T23:59:59Z" +
        `&skoid=${oid}&sktid=${tid}&skt=2026-01-01T00:00:00Z&ske=2026-12-31T23:59:59Z&sks=f&skv=2026-10-06&spr=https&sv=2026-10-06`,
    );
    const key = Buffer.from("0123456789abcdef0123456789abcdef").toString("base64");
    expect(hmac(key, delegationStringToSign("devstoreaccount1", target))).toBe("p4ex0v5LA0cpK98/FV02ytYb5F+tuMbcvLk5enxMIVk=");
  });

  it("does what a service SAS does, and no more", async () => {
    const { caller, key } = await prepared();
    const share = delegationSas(caller, key, { sp: "rcwdl" });
    const file = delegationSas(caller, key, { sp: "rcwd" }, "docs/f");
    expect((await caller.call("GET", "/docs/f", { sas: share })).status).toBe(200);
    expect((await caller.call("GET", "/docs/f", { sas: file })).status).toBe(200);
    expect((await caller.call("GET", "/docs/dir?restype=directory&comp=list", { sas: share })).status).toBe(200);
    expect(await errorCode(caller.call("GET", "/docs?restype=share", { sas: share }))).toEqual([403, "AuthorizationFailure"]);
    expect(await errorCode(caller.call("GET", "/docs/dir?restype=directory", { sas: file }))).toEqual([403, "AuthenticationFailed"]);
    expect(await errorCode(caller.call("DELETE", "/docs/f", { sas: delegationSas(caller, key) }))).toEqual([
      403,
      "AuthorizationPermissionMismatch",
    ]);
  });

  it.each<[string, Record<string, string | undefined>]>([
    ["of another user", { skoid: otherOid }],
    ["of another tenant", { sktid: otherTid }],
    ["of a longer key", { ske: "2026-01-03T12:00:00Z" }],
    ["of an earlier key", { skt: "2026-01-01T00:00:00Z" }],
    ["of a key for blobs", { sks: "b" }],
    ["of a key without a service", { sks: undefined }],
    ["of a key of another version", { skv: "2025-07-05" }],
    ["for a foreign tenant that the key does not name", { skdutid: otherTid }],
    ["of a version that has none", { sv: "2025-05-05" }],
    ["with a stored policy, which it does not sign", { si: "policy" }],
    ["that has ended", { se: "2026-01-01T11:00:00Z" }],
    ["without letters", { sp: undefined }],
  ])("%s is refused", async (_, words) => {
    const { caller, key } = await prepared();
    const policy = "<SignedIdentifier><Id>policy</Id><AccessPolicy><Permission>r</Permission></AccessPolicy></SignedIdentifier>";
    await caller.call("PUT", "/docs?restype=share&comp=acl", { body: `<SignedIdentifiers>${policy}</SignedIdentifiers>` });
    expect(await errorCode(caller.call("GET", "/docs/f", { sas: delegationSas(caller, key) }))).toEqual([200, null]);
    expect(await errorCode(caller.call("GET", "/docs/f", { sas: delegationSas(caller, key, words) }))).toEqual([
      403,
      "AuthenticationFailed",
    ]);
  });

  it("is good no longer than its key, and not before it", async () => {
    const { caller, key } = await prepared({}, info.replace("01T12:00:00", "01T13:00:00"));
    const sas = delegationSas(caller, key, { se: "2026-02-01T00:00:00Z" });
    const get = (): Promise<[number, string | null]> => errorCode(caller.call("GET", "/docs/f", { sas }));
    expect(await get()).toEqual([403, "AuthenticationFailed"]);
    caller.advance(3_600_000);
    expect(await get()).toEqual([200, null]);
    caller.advance(23 * 3_600_000 - 1);
    expect(await get()).toEqual([200, null]);
    caller.advance(1);
    expect(await get()).toEqual([403, "AuthenticationFailed"]);
  });

  it("that names a user needs that user's token as well", async () => {
    const { caller, key } = await prepared();
    const get = (words: Record<string, string>, user?: TokenRequest): Promise<[number, string | null]> =>
      errorCode(
        caller.call("GET", "/docs/f", {
          sas: delegationSas(caller, key, words),
          headers:
            user === undefined ? {} : { authorization: `Bearer ${caller.emulator.token(user)}`, "x-ms-file-request-intent": "backup" },
        }),
      );
    const bound = { sduoid: otherOid };
    expect(await get(bound, { oid: otherOid, tid })).toEqual([200, null]);
    expect(await get(bound)).toEqual([403, "AuthenticationFailed"]);
    expect(await get(bound, { oid, tid })).toEqual([403, "AuthenticationFailed"]);
    expect(await get(bound, { oid: otherOid, tid: otherTid })).toEqual([403, "AuthenticationFailed"]);
    expect(await get({}, { oid, tid })).toEqual([400, "InvalidAuthenticationInfo"]);
    // The token does not add what the SAS has not.
    expect(await get({ ...bound, sp: "w" }, { oid: otherOid, tid })).toEqual([403, "AuthorizationPermissionMismatch"]);
  });

  it("that names a user of the tenant in its key needs one of that tenant", async () => {
    const { caller, key } = await prepared({}, info.replace("</KeyInfo>", `<DelegatedUserTid>${otherTid}</DelegatedUserTid></KeyInfo>`));
    const get = (user: TokenRequest): Promise<[number, string | null]> =>
      errorCode(
        caller.call("GET", "/docs/f", {
          sas: delegationSas(caller, key, { sduoid: otherOid }),
          headers: { authorization: `Bearer ${caller.emulator.token(user)}`, "x-ms-file-request-intent": "backup" },
        }),
      );
    expect(await get({ oid: otherOid, tid: otherTid })).toEqual([200, null]);
    expect(await get({ oid: otherOid, tid })).toEqual([403, "AuthenticationFailed"]);
  });

  it("is told which string was expected before anything of its times", async () => {
    const { caller, key } = await prepared();
    const late = delegationSas(caller, key, { ske: "2020-01-01T00:00:00Z" });
    expect(await (await caller.call("GET", "/docs/f", { sas: late })).text()).toContain("Signature did not match.");
  });

  it("of a key for another service is told so", async () => {
    const { caller, key } = await prepared();
    const text = await (await caller.call("GET", "/docs/f", { sas: delegationSas(caller, key, { sks: "b" }) })).text();
    expect(text).toContain("<AuthenticationErrorDetail>The user delegation key is not one of the file service.");
  });

  it("is no service SAS of the account's key", async () => {
    const { caller, key } = await prepared();
    const words = { skoid: key["SignedOid"], sktid: key["SignedTid"], skt: key["SignedStart"], ske: key["SignedExpiry"], sks: "f" };
    const sas = serviceSas(caller, "docs", { ...words, skv: key["SignedVersion"] });
    expect(await errorCode(caller.call("GET", "/docs/f", { sas }))).toEqual([403, "AuthenticationFailed"]);
  });
});
