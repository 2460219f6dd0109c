/** Bearer tokens: what makes one good, where it is taken, and from which version on. */
import { describe, expect, it } from "vitest";
import type { EmulatorOptions, TokenRequest } from "../../../src/simulation/index.js";
import type { OperationName } from "../../../src/types/requests.js";
import { accountSas, createCaller, errorCode, hmac, startTime, type Caller } from "./account.js";
import { createStocked } from "./every-request.js";

const secure = "https://127.0.0.1:10004/devstoreaccount1";
const create = (options: EmulatorOptions = {}): Caller => createCaller({ endpoint: secure, ...options });

interface Asked {
  readonly path?: string;
  readonly version?: string;
  /** Replaces or, as null, leaves out the intent. */
  readonly intent?: string | null;
}

/** Asks with a token for the list of shares, or for something else. */
function ask(caller: Caller, token: string, { path = "/?comp=list", version, intent = "backup" }: Asked = {}): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, ...(intent === null ? {} : { "x-ms-file-request-intent": intent }) };
  return caller.call("GET", path, { anonymous: true, headers, ...(version === undefined ? {} : { version }) });
}

/** What is said of a refused token. */
async function refusal(answer: Promise<Response>): Promise<string | undefined> {
  const response = await answer;
  expect([response.status, response.headers.get("x-ms-error-code")]).toEqual([401, "InvalidAuthenticationInfo"]);
  return /<AuthenticationErrorDetail>([^<]*)</.exec(await response.text())?.[1];
}

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const decoded = (part: string | undefined): unknown => JSON.parse(Buffer.from(part ?? "", "base64url").toString());

describe("a token", () => {
  it("has the form of a JWT, with what it was asked for", () => {
    const [head, claims] = create()
      .emulator.token({ oid: "me", tid: "us", expires: new Date(startTime + 5000) })
      .split(".")
      .map((part, index) => (index < 2 ? decoded(part) : part));
    expect(head).toEqual({ alg: "HS256", typ: "JWT" });
    expect(claims).toEqual({
      aud: "https://storage.azure.com",
      oid: "me",
      tid: "us",
      nbf: startTime / 1000,
      exp: startTime / 1000 + 5,
    });
  });

  it("is not signed with the account's key itself", () => {
    const { emulator } = create();
    const [head, claims, signature] = emulator.token().split(".");
    const withKey = Buffer.from(hmac(emulator.key, `${head}.${claims}`), "base64").toString("base64url");
    expect(signature).toHaveLength(withKey.length);
    expect(signature).not.toBe(withKey);
  });

  it("is good at every emulator of the same key, and at no other", async () => {
    const key = Buffer.from("another key").toString("base64");
    const token = create({ key }).emulator.token();
    expect((await ask(create({ key, account: "elsewhere", endpoint: "https://a.example/elsewhere" }), token)).status).toBe(200);
    expect(await refusal(ask(create(), token))).toBe("Signature validation failed.");
  });

  it.each([
    ["https://storage.azure.com"],
    ["https://storage.azure.com/"],
    ["https://devstoreaccount1.file.core.windows.net"],
    ["https://devstoreaccount1.file.core.windows.net/"],
    [secure],
  ])("may be for %s", async (audience) => {
    const caller = create();
    expect((await ask(caller, caller.emulator.token({ audience }))).status).toBe(200);
  });

  it.each([["https://management.azure.com"], ["https://other.file.core.windows.net"], [""], ["storage.azure.com"]])(
    "for %j is refused as recorded, by a front end that names no version",
    async (audience) => {
      const caller = create();
      const token = caller.emulator.token({ audience });
      expect(await refusal(ask(caller, token))).toBe("Audience validation failed. Audience did not match.");
      const { headers } = await ask(caller, token);
      expect(headers.get("www-authenticate")).toMatch(
        /^Bearer authorization_uri=https:\/\/login\.microsoftonline\.com\/\S+\/oauth2\/authorize resource_id=https:\/\/storage\.azure\.com$/,
      );
      expect([headers.get("server"), headers.get("x-ms-version")]).toEqual(["Microsoft-HTTPAPI/2.0", null]);
    },
  );

  it("is good for an hour unless it says otherwise, by the emulator's clock", async () => {
    const caller = create();
    const token = caller.emulator.token();
    caller.advance(3_599_999);
    expect((await ask(caller, token)).status).toBe(200);
    caller.advance(1);
    expect(await refusal(ask(caller, token))).toBe("Lifetime validation failed. The token is expired.");
    expect((await ask(caller, caller.emulator.token())).status).toBe(200);
  });

  it("is not good before it begins", async () => {
    const caller = create();
    const request: TokenRequest = { notBefore: new Date(startTime + 60_000), expires: new Date(startTime + 120_000) };
    const token = caller.emulator.token(request);
    expect(await refusal(ask(caller, token))).toBe("Lifetime validation failed. The token is not yet valid.");
    caller.advance(60_000);
    expect((await ask(caller, token)).status).toBe(200);
  });

  it("that somebody changed or made up is refused", async () => {
    const caller = create();
    const token = caller.emulator.token();
    const [head = "", claims = "", signature = ""] = token.split(".");
    const longer = encoded({ ...(decoded(claims) as object), exp: 4_000_000_000 });
    for (const forged of [
      `${head}.${longer}.${signature}`,
      `${encoded({ alg: "none", typ: "JWT" })}.${longer}.`,
      `${head}.${claims}.`,
      `${head}.${claims}`,
      `${token}.${signature}`,
      `${head}.${claims}.${signature}=`,
      `${head}.${claims}.${signature.slice(1)}`,
      "abc",
      "...",
    ]) {
      expect([forged, await refusal(ask(caller, forged))]).toEqual([forged, "Signature validation failed."]);
    }
  });
});

describe("a request with a token", () => {
  it("says that it is for backup, unless it asks for a key", async () => {
    const caller = create();
    const token = caller.emulator.token();
    const missing = await ask(caller, token, { intent: null });
    expect([missing.status, missing.headers.get("x-ms-error-code")]).toEqual([400, "MissingRequiredHeader"]);
    expect(await missing.text()).toContain("<HeaderName>x-ms-file-request-intent</HeaderName>");
    expect(await errorCode(ask(caller, token, { intent: "restore" }))).toEqual([400, "InvalidHeaderValue"]);
    expect(await errorCode(ask(caller, token, { intent: "Backup" }))).toEqual([200, null]);
    const key = caller.call("POST", "/?restype=service&comp=userdelegationkey", {
      anonymous: true,
      headers: { authorization: `Bearer ${token}` },
      body: "<KeyInfo><Expiry>2026-01-02T00:00:00Z</Expiry></KeyInfo>",
    });
    expect(await errorCode(key)).toEqual([200, null]);
  });

  it("comes over HTTPS, or over HTTP where that is allowed", async () => {
    const plain = createCaller();
    expect(await refusal(ask(plain, plain.emulator.token()))).toContain("insecureBearer: true");
    // What counts is how a request comes, not what the emulator believes its address to be.
    const other = new Request(`${secure}/?comp=list`, {
      headers: { authorization: `Bearer ${plain.emulator.token()}`, "x-ms-version": "2026-10-06", "x-ms-file-request-intent": "backup" },
    });
    expect((await plain.emulator.fetch(other)).status).toBe(200);
    const allowed = createCaller({ insecureBearer: true });
    expect((await ask(allowed, allowed.emulator.token())).status).toBe(200);
  });

  it("has no SAS as well, unless that is bound to a user", async () => {
    const caller = create();
    const path = `/?comp=list&${accountSas(caller)}`;
    expect(await errorCode(ask(caller, caller.emulator.token(), { path }))).toEqual([400, "InvalidAuthenticationInfo"]);
  });

  it("to another account is refused", async () => {
    const caller = create();
    const request = new Request("https://127.0.0.1:10004/somebody/?comp=list", {
      headers: { authorization: `Bearer ${caller.emulator.token()}`, "x-ms-version": "2026-10-06", "x-ms-file-request-intent": "backup" },
    });
    expect(await errorCode(caller.emulator.fetch(request))).toEqual([403, "AuthenticationFailed"]);
  });
});

describe("the first version with tokens", () => {
  const data = "2022-11-02";
  const all = "2024-11-04";
  /** Operations on shares and the service that came with those on data. */
  const early: readonly OperationName[] = ["Create Permission", "Get Permission"];

  it("is one for data and a later one for shares and the service", async () => {
    const { caller, requests } = await createStocked();
    const token = caller.emulator.token();
    const gates = ["FileOAuthManagementApiRestrictedToSrp", "FeatureVersionMismatch"];
    for (const [name, { method, path, headers = {}, body }] of Object.entries(requests)) {
      const isData = /^\/\w+\//.test(path) || early.includes(name as OperationName) || name === "List Directories and Files";
      const asked = async (version: string): Promise<[number, string | null]> =>
        errorCode(
          caller.call(method, path, {
            anonymous: true,
            version,
            headers: { ...headers, authorization: `Bearer ${token}`, "x-ms-file-request-intent": "backup" },
            ...(body === undefined ? {} : { body }),
          }),
        );
      const before = isData
        ? { version: "2022-11-01", refusal: [400, "FeatureVersionMismatch"] }
        : { version: "2024-11-03", refusal: [409, "FileOAuthManagementApiRestrictedToSrp"] };
      expect([name, await asked(before.version)]).toEqual([name, before.refusal]);
      const [status, code] = await asked(isData ? data : all);
      expect([name, [401, 403].includes(status), gates.includes(code ?? "")]).toEqual([name, false, false]);
    }
  });

  it("is told by a front end that names no version where it is recorded", async () => {
    const caller = create();
    const response = await ask(caller, caller.emulator.token(), { version: data });
    expect(response.headers.get("x-ms-error-code")).toBe("FileOAuthManagementApiRestrictedToSrp");
    expect([response.headers.get("server"), response.headers.get("x-ms-version")]).toEqual(["Microsoft-HTTPAPI/2.0", null]);
  });
});
