/** Stored access policies: how a share keeps them, and what a SAS that names one may do. */
import { describe, expect, it } from "vitest";
import { accountSas, createFile, createShareCaller, errorCode, serviceSas, type Caller } from "./account.js";

const path = "/docs?restype=share&comp=acl";
const lease = "11111111-2222-4333-8444-555555555555";

interface Policy {
  readonly id: string;
  readonly start?: string;
  readonly expiry?: string;
  readonly permission?: string;
}

const part = (name: string, text: string | undefined): string => (text === undefined ? "" : `<${name}>${text}</${name}>`);

function policyXml({ id, start, expiry, permission }: Policy): string {
  const policy = part("Start", start) + part("Expiry", expiry) + part("Permission", permission);
  return `<SignedIdentifier><Id>${id}</Id><AccessPolicy>${policy}</AccessPolicy></SignedIdentifier>`;
}

const aclXml = (...policies: Policy[]): string => `<SignedIdentifiers>${policies.map(policyXml).join("")}</SignedIdentifiers>`;

const set = (caller: Caller, body: string, headers: Record<string, string> = {}): Promise<Response> =>
  caller.call("PUT", path, { body, headers });

/** The document without its mark and declaration. */
async function read(caller: Caller): Promise<string> {
  const response = await caller.call("GET", path);
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/xml"]);
  return (await response.text()).replace(/^\uFEFF?<\?xml[^>]*\?>/, "");
}

describe("a share's policies", () => {
  it("are none at first", async () => {
    expect(await read(await createShareCaller())).toBe("<SignedIdentifiers />");
  });

  it("come back with seven decimals, and without what they do not say", async () => {
    const caller = await createShareCaller();
    const response = await set(
      caller,
      '<?xml version="1.0" encoding="utf-8"?>' +
        aclXml(
          { id: "all", start: "2026-01-01", expiry: "2026-02-01T03:04Z", permission: "rcwdl" },
          { id: "a &amp; &lt;b&gt; &#x41;", expiry: "2026-02-01T03:04:05.1234567Z" },
          { id: "2" },
          { id: "none", permission: "" },
        ),
    );
    expect(response.status).toBe(200);
    expect(await read(caller)).toBe(
      "<SignedIdentifiers>" +
        "<SignedIdentifier><Id>all</Id><AccessPolicy><Start>2026-01-01T00:00:00.0000000Z</Start>" +
        "<Expiry>2026-02-01T03:04:00.0000000Z</Expiry><Permission>rcwdl</Permission></AccessPolicy></SignedIdentifier>" +
        "<SignedIdentifier><Id>a &amp; &lt;b&gt; A</Id><AccessPolicy><Expiry>2026-02-01T03:04:05.1234567Z</Expiry></AccessPolicy></SignedIdentifier>" +
        "<SignedIdentifier><Id>2</Id><AccessPolicy /></SignedIdentifier>" +
        "<SignedIdentifier><Id>none</Id><AccessPolicy /></SignedIdentifier>" +
        "</SignedIdentifiers>",
    );
  });

  it("are replaced as a whole, and gone after a request with none or without a body", async () => {
    const caller = await createShareCaller();
    for (const nothing of ["<SignedIdentifiers/>", "<SignedIdentifiers></SignedIdentifiers>", ""]) {
      await set(caller, aclXml({ id: "a" }, { id: "b" }));
      await set(caller, aclXml({ id: "c" }));
      expect(await read(caller)).toContain("<SignedIdentifiers><SignedIdentifier><Id>c</Id>");
      expect((await set(caller, nothing)).status).toBe(200);
      expect(await read(caller)).toBe("<SignedIdentifiers />");
    }
  });

  it("move the share's ETag, which answers with policies name as well", async () => {
    const caller = await createShareCaller();
    const etag = async (): Promise<string | null> => (await caller.call("GET", "/docs?restype=share")).headers.get("etag");
    const before = await etag();
    const answer = await set(caller, aclXml({ id: "a" }));
    expect(answer.headers.get("etag")).not.toBe(before);
    expect(answer.headers.get("etag")).toBe(await etag());
    expect((await caller.call("GET", path)).headers.get("etag")).toBe(await etag());
  });

  it("are those of the share alone: a snapshot has none to read or write", async () => {
    const caller = await createShareCaller();
    const snapshot = (await caller.call("PUT", "/docs?restype=share&comp=snapshot")).headers.get("x-ms-snapshot");
    for (const method of ["GET", "PUT"]) {
      expect(await errorCode(caller.call(method, `${path}&sharesnapshot=${snapshot}`))).toEqual([400, "InvalidQueryParameterValue"]);
    }
  });

  it("can be read and written without the id of the share's lease, and not with a wrong one", async () => {
    const caller = await createShareCaller();
    const wrong = { "x-ms-lease-id": "99999999-2222-4333-8444-555555555555" };
    expect(await errorCode(set(caller, aclXml(), wrong))).toEqual([412, "LeaseNotPresentWithContainerOperation"]);
    await caller.call("PUT", "/docs?restype=share&comp=lease", {
      headers: { "x-ms-lease-action": "acquire", "x-ms-lease-duration": "-1", "x-ms-proposed-lease-id": lease },
    });
    expect(await errorCode(set(caller, aclXml({ id: "a" }), wrong))).toEqual([412, "LeaseIdMismatchWithContainerOperation"]);
    expect(await errorCode(caller.call("GET", path, { headers: wrong }))).toEqual([412, "LeaseIdMismatchWithContainerOperation"]);
    expect(await read(caller)).toBe("<SignedIdentifiers />");
    expect(await errorCode(set(caller, aclXml({ id: "a" }), { "x-ms-lease-id": lease }))).toEqual([200, null]);
    expect(await errorCode(set(caller, aclXml({ id: "b" })))).toEqual([200, null]);
  });

  it("are at most five, which is told as recorded", async () => {
    const caller = await createShareCaller();
    const policies = ["0", "1", "2", "3", "4"].map((id) => ({ id }));
    expect((await set(caller, aclXml(...policies))).status).toBe(200);
    const response = await set(caller, aclXml(...policies, { id: "5" }));
    expect([response.status, response.headers.get("x-ms-error-code")]).toEqual([400, "InvalidXmlDocument"]);
    expect(await response.text()).toMatch(
      /<Message>XML specified is not syntactically valid\.\nRequestId:\S+\nTime:\S+<\/Message><LineNumber>0<\/LineNumber><LinePosition>0<\/LinePosition><Reason \/><\/Error>$/,
    );
    expect((await read(caller)).match(/<SignedIdentifier>/g)).toHaveLength(5);
  });

  const wrapped = (inner: string): string =>
    `<SignedIdentifiers><SignedIdentifier><Id>a</Id>${inner}</SignedIdentifier></SignedIdentifiers>`;

  it.each([
    ["an id of 64 characters", aclXml({ id: "x".repeat(64) }), null],
    ["one of 65", aclXml({ id: "x".repeat(65) }), "InvalidXmlNodeValue"],
    ["an empty id", aclXml({ id: "" }), "InvalidXmlNodeValue"],
    ["an id twice", aclXml({ id: "a" }, { id: "a" }), "InvalidXmlDocument"],
    ["ids that differ in case", aclXml({ id: "a" }, { id: "A" }), null],
    ["no id", "<SignedIdentifiers><SignedIdentifier><AccessPolicy /></SignedIdentifier></SignedIdentifiers>", "MissingRequiredXmlNode"],
    ["no policy", wrapped(""), null],
    ["a time that is none", aclXml({ id: "a", start: "2026-02-30T00:00:00Z" }), "InvalidXmlNodeValue"],
    ["an end that is none", aclXml({ id: "a", expiry: "never" }), "InvalidXmlNodeValue"],
    ["other letters", aclXml({ id: "a", permission: "rx" }), "InvalidXmlNodeValue"],
    ["another element", wrapped("<Owner>me</Owner>"), "UnsupportedXmlNode"],
    ["another element in a policy", wrapped("<AccessPolicy><Ip>me</Ip></AccessPolicy>"), "UnsupportedXmlNode"],
    ["another element in place of a policy", "<SignedIdentifiers><Policy /></SignedIdentifiers>", "InvalidXmlDocument"],
    ["two policies of one id", wrapped("<AccessPolicy /><AccessPolicy />"), "InvalidXmlDocument"],
    ["another root", "<Identifiers />", "InvalidXmlDocument"],
    ["two roots", `${aclXml()}${aclXml()}`, "InvalidXmlDocument"],
    ["an element that is left open", "<SignedIdentifiers>", "InvalidXmlDocument"],
    ["no XML", "{}", "InvalidXmlDocument"],
    ["a document type", `<!DOCTYPE a [<!ENTITY b "c">]>${aclXml({ id: "&b;" })}`, "InvalidXmlDocument"],
    ["an entity that nobody defined", aclXml({ id: "&copy;" }), "InvalidXmlDocument"],
    ["comments and CDATA", wrapped("<!-- <!DOCTYPE> & so on --><AccessPolicy><Permission><![CDATA[r]]></Permission></AccessPolicy>"), null],
    ["elements in a thousand elements", `${"<a>".repeat(1000)}${"</a>".repeat(1000)}`, "InvalidXmlDocument"],
  ])("takes or refuses %s", async (_, body, code) => {
    const caller = await createShareCaller();
    await set(caller, aclXml({ id: "kept" }));
    expect(await errorCode(set(caller, body))).toEqual([code === null ? 200 : 400, code]);
    if (code !== null) expect(await read(caller)).toContain("<Id>kept</Id>");
  });
});

describe("a SAS that names a policy", () => {
  const none = { sp: undefined, se: undefined };

  /** A share with a file and the policy `p`. */
  async function prepared(policy: Omit<Policy, "id"> = { expiry: "2026-02-01", permission: "r" }): Promise<Caller> {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/f", 5);
    await set(caller, aclXml({ id: "other", expiry: "2026-02-01", permission: "d" }, { id: "p", ...policy }));
    return caller;
  }

  const get = (caller: Caller, words: Record<string, string | undefined>, resource = "docs"): Promise<[number, string | null]> =>
    errorCode(caller.call("GET", "/docs/f", { sas: serviceSas(caller, resource, { si: "p", ...words }) }));

  it("has what the policy has, for a share and for a file", async () => {
    const caller = await prepared();
    expect(await get(caller, none)).toEqual([200, null]);
    expect(await get(caller, none, "docs/f")).toEqual([200, null]);
    const sas = serviceSas(caller, "docs", { si: "p", ...none });
    expect(await errorCode(caller.call("DELETE", "/docs/f", { sas }))).toEqual([403, "AuthorizationPermissionMismatch"]);
  });

  it.each<[string, Omit<Policy, "id">, Record<string, string | undefined>, number, string | null]>([
    ["letters in the SAS", { expiry: "2026-02-01" }, { se: undefined }, 200, null],
    ["an end in the SAS", { permission: "r" }, { sp: undefined }, 200, null],
    ["everything in the SAS", {}, {}, 200, null],
    ["a start in the SAS", { expiry: "2026-02-01", permission: "r" }, { ...none, st: "2026-01-01" }, 200, null],
    ["a start to come in the SAS", { expiry: "2026-02-01", permission: "r" }, { ...none, st: "2026-01-02" }, 403, "AuthenticationFailed"],
    ["letters in both", { expiry: "2026-02-01", permission: "r" }, { se: undefined }, 400, "InvalidQueryParameterValue"],
    ["an end in both", { expiry: "2026-02-01", permission: "r" }, { sp: undefined }, 400, "InvalidQueryParameterValue"],
    ["a start in both", { start: "2026-01-01" }, { st: "2026-01-01" }, 400, "InvalidQueryParameterValue"],
    ["letters in neither", { expiry: "2026-02-01" }, none, 403, "AuthenticationFailed"],
    ["an end in neither", { permission: "r" }, none, 403, "AuthenticationFailed"],
    ["a policy that has ended", { expiry: "2026-01-01T12:00:00Z", permission: "r" }, none, 403, "AuthenticationFailed"],
    ["a policy to come", { start: "2026-01-02", expiry: "2026-02-01", permission: "r" }, none, 403, "AuthenticationFailed"],
    ["a policy with other letters", { expiry: "2026-02-01", permission: "w" }, none, 403, "AuthorizationPermissionMismatch"],
  ])("with %s", async (_, policy, words, status, code) => {
    expect(await get(await prepared(policy), words)).toEqual([status, code]);
  });

  it("says each thing in one of the two places: start and letters and end, in all combinations", async () => {
    const caller = await prepared({});
    const values = { st: "2026-01-01", se: "2026-02-01", sp: "r" };
    const places = ["neither", "token", "policy", "both"] as const;
    for (const [st, se, sp] of places.flatMap((a) => places.flatMap((b) => places.map((c) => [a, b, c] as const)))) {
      const inPolicy = (place: string, value: string): string | undefined => (/policy|both/.test(place) ? value : undefined);
      const inToken = (place: string, value: string): string | undefined => (/token|both/.test(place) ? value : undefined);
      const policy = policyXml({
        id: "p",
        ...(inPolicy(st, values.st) && { start: values.st }),
        ...(inPolicy(se, values.se) && { expiry: values.se }),
        ...(inPolicy(sp, values.sp) && { permission: values.sp }),
      });
      await set(caller, `<SignedIdentifiers>${policy}</SignedIdentifiers>`);
      const words = { st: inToken(st, values.st), se: inToken(se, values.se), sp: inToken(sp, values.sp) };
      const expected = [st, se, sp].includes("both")
        ? [400, "InvalidQueryParameterValue"]
        : se === "neither" || sp === "neither"
          ? [403, "AuthenticationFailed"]
          : [200, null];
      for (const resource of ["docs", "docs/f"]) {
        expect([st, se, sp, resource, await get(caller, words, resource)]).toEqual([st, se, sp, resource, expected]);
      }
    }
  });

  it("that repeats its policy is told which word it may not say", async () => {
    const caller = await prepared();
    const sas = serviceSas(caller, "docs", { si: "p", se: undefined, sp: "rw" });
    expect(await (await caller.call("GET", "/docs/f", { sas })).text()).toContain(
      "<QueryParameterName>sp</QueryParameterName><QueryParameterValue>rw</QueryParameterValue><Reason>",
    );
  });

  it("changes with its policy, and ends when that is taken away", async () => {
    const caller = await prepared();
    const sas = serviceSas(caller, "docs", { si: "p", ...none });
    const ask = (): Promise<[number, string | null]> => errorCode(caller.call("GET", "/docs/f", { sas }));
    await set(caller, aclXml({ id: "p", expiry: "2026-02-01", permission: "w" }));
    expect(await ask()).toEqual([403, "AuthorizationPermissionMismatch"]);
    await set(caller, aclXml({ id: "p", expiry: "2026-02-01", permission: "r" }));
    expect(await ask()).toEqual([200, null]);
    await set(caller, aclXml({ id: "P", expiry: "2026-02-01", permission: "r" }));
    expect(await ask()).toEqual([403, "AuthenticationFailed"]);
  });

  it("of another share is not found here", async () => {
    const caller = await prepared();
    await caller.call("PUT", "/more?restype=share");
    await createFile(caller, "/more/f", 5);
    const sas = serviceSas(caller, "more", { si: "p", ...none });
    expect(await errorCode(caller.call("GET", "/more/f", { sas }))).toEqual([403, "AuthenticationFailed"]);
  });

  it("is a service SAS: one for the account cannot name any, because it does not sign the name", async () => {
    const caller = await prepared();
    const sas = `${accountSas(caller, { sp: "r" })}&si=p`;
    expect(await errorCode(caller.call("GET", "/docs/f", { sas }))).toEqual([403, "AuthenticationFailed"]);
  });
});
