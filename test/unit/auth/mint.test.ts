import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  accountSas,
  type AccountSasOptions,
  accountSasStringToSign,
  serviceSas,
  type ServiceSasOptions,
  serviceSasStringToSign,
  userDelegationSas,
  type UserDelegationSasOptions,
  userDelegationSasStringToSign,
} from "../../../src/auth/mint.js";
import { importKey, sign } from "../../../src/auth/hmac.js";
import type { UserDelegationKey } from "../../../src/types/account.js";
import { parseSasToken } from "../../../src/auth/sas-token.js";
import { text } from "../../source-tree.js";
import { key } from "./request.js";

interface Vector<Options> {
  readonly name: string;
  readonly options: Options;
  readonly stringToSign: string[];
  readonly signature: string;
}

const recorded = JSON.parse(text("test/vectors/sas.json")) as {
  readonly account: string;
  readonly key: string;
  readonly service: Vector<ServiceSasOptions>[];
  readonly policy: { share: string; fields: Record<string, string>; stringToSign: string[]; signature: string };
  readonly "account-wide": Vector<AccountSasOptions>[];
  readonly "user delegation": (Vector<Omit<UserDelegationSasOptions, "account" | "key">> & { key: UserDelegationKey })[];
};
const { account } = recorded;

const fieldsOf = (token: string): Record<string, string> => Object.fromEntries(new URLSearchParams(token));

describe.each(recorded.service)("a token for $name", ({ options, stringToSign, signature }) => {
  it("is signed like the recorded one", async () => {
    const { sig, ...fields } = fieldsOf(await serviceSas({ ...options, account, key: recorded.key }));
    expect(serviceSasStringToSign(account, options.share, options.path, fields)).toBe(stringToSign.join("\n"));
    expect(await sign(importKey(recorded.key), stringToSign.join("\n"))).toBe(signature);
    expect(sig).toBe(signature);
  });
});

describe.each(recorded["account-wide"])("a token for $name", ({ options, stringToSign, signature }) => {
  it("is signed like the recorded one", async () => {
    const { sig, ...fields } = fieldsOf(await accountSas({ ...options, account, key: recorded.key }));
    expect(accountSasStringToSign(account, fields)).toBe(stringToSign.join("\n"));
    expect(sig).toBe(signature);
  });
});

describe.each(recorded["user delegation"])("a token for $name", ({ options, key: userKey, stringToSign, signature }) => {
  it("is signed like the recorded one", async () => {
    const { sig, ...fields } = fieldsOf(await userDelegationSas({ ...options, account, key: userKey }));
    expect(userDelegationSasStringToSign(account, options.share, options.path, fields)).toBe(stringToSign.join("\n"));
    expect(sig).toBe(signature);
  });
});

it("a token for a share, by a stored policy, is signed like the recorded one", async () => {
  const { share, fields, stringToSign, signature } = recorded.policy;
  const string = serviceSasStringToSign(account, share, undefined, fields);
  expect(string).toBe(stringToSign.join("\n"));
  expect(await sign(importKey(recorded.key), string)).toBe(signature);
});

const service = (changes: Partial<ServiceSasOptions> = {}): Promise<string> =>
  serviceSas({ account: "account", key, share: "share", permissions: "r", expiresOn: "2027-01-01T00:00:00Z", ...changes });
const wide = (changes: Partial<AccountSasOptions> = {}): Promise<string> =>
  accountSas({ account: "account", key, permissions: "r", resourceTypes: "o", expiresOn: "2027-01-01T00:00:00Z", ...changes });

describe("serviceSas()", () => {
  it("writes what it is given, and https alone", async () => {
    const { sig, ...fields } = fieldsOf(await service());
    expect(fields).toEqual({ sv: "2026-10-06", se: "2027-01-01T00:00:00Z", sr: "s", sp: "r", spr: "https" });
    expect(sig).toMatch(/^[A-Za-z0-9+/]{43}=$/);
  });

  it("encodes every value, the signature's too", async () => {
    const token = await service({ contentDisposition: 'attachment; filename="a&b=é.txt"' });
    expect(token).toMatch(/^[a-z]+=[^&=+/?"; ]+(&[a-z]+=[^&=+/?"; ]+)*$/);
    expect(fieldsOf(token)["rscd"]).toBe('attachment; filename="a&b=é.txt"');
  });

  it("puts letters in order, once each", async () => {
    expect(fieldsOf(await service({ permissions: "ldwrcc" }))["sp"]).toBe("rcwdl");
    expect(fieldsOf(await service({ permissions: "dwcr", path: "a" }))["sp"]).toBe("rcwd");
    expect(fieldsOf(await wide({ permissions: "pucaldwr", services: "ftqb", resourceTypes: "ocs" }))).toMatchObject({
      sp: "rwdlacup",
      ss: "bqtf",
      srt: "sco",
    });
  });

  it("takes a path with or without a slash at its ends", async () => {
    const tokens = await Promise.all(["a/b c.txt", "/a/b c.txt", "a/b c.txt/"].map((path) => service({ path })));
    expect(new Set(tokens).size).toBe(1);
    expect(fieldsOf(tokens[0] ?? "")["sr"]).toBe("f");
  });

  it("leaves to a stored policy what that says", async () => {
    const fields = fieldsOf(await serviceSas({ account: "account", key, share: "share", identifier: "policy" }));
    expect(Object.keys(fields).sort()).toEqual(["si", "sig", "spr", "sr", "sv"]);
  });
});

describe("times", () => {
  it.each([
    [new Date("2027-01-02T03:04:05.999Z"), "2027-01-02T03:04:05Z"],
    ["2027-01-02", "2027-01-02T00:00:00Z"],
    ["2027-01-02T03:04Z", "2027-01-02T03:04:00Z"],
    ["2027-01-02T03:04:05.5Z", "2027-01-02T03:04:05Z"],
    ["2027-01-02T03:04:05+02:00", "2027-01-02T01:04:05Z"],
  ])("%j becomes %s", async (time, written) => {
    expect(fieldsOf(await service({ startsOn: "2026-01-01", expiresOn: time }))).toMatchObject({ st: "2026-01-01T00:00:00Z", se: written });
  });

  it.each([
    "tomorrow",
    "",
    "1",
    "2027-01-02T03:04:05",
    "2027-13-01",
    "Jan 1, 2027",
    new Date(NaN),
    new Date(8.64e15),
    new Date(-8.64e15),
    5,
  ])("%j is refused", async (time) => {
    await expect(service({ expiresOn: time as string })).rejects.toThrow(/^expiresOn is no time/);
    await expect(wide({ expiresOn: time as string })).rejects.toThrow(/^expiresOn is no time/);
    await expect(service({ startsOn: time as string })).rejects.toThrow(/^startsOn is no time/);
  });

  it("that end before they begin are refused; whole seconds count", async () => {
    const startsOn = new Date("2027-01-01T00:00:00.000Z");
    for (const expiresOn of ["2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z", new Date("2027-01-01T00:00:00.900Z")]) {
      await expect(service({ startsOn, expiresOn })).rejects.toThrow(RangeError);
    }
    expect(fieldsOf(await service({ startsOn, expiresOn: "2027-01-01T00:00:01Z" }))["se"]).toBe("2027-01-01T00:00:01Z");
  });
});

describe("bad input", () => {
  it.each<[RegExp, Partial<ServiceSasOptions>]>([
    [/^permissions has "x", but takes letters of "rcwdl" only$/, { permissions: "rx" }],
    [/^permissions has "l", but takes letters of "rcwd" only$/, { permissions: "rl", path: "a" }],
    [/^permissions is empty/, { permissions: "" }],
    [/^permissions and expiresOn are needed/, { permissions: undefined }],
    [/^permissions and expiresOn are needed/, { expiresOn: undefined }],
    [/^share is no name/, { share: "" }],
    [/^share is no name/, { share: "ab" }],
    [/^share is no name/, { share: "a".repeat(64) }],
    [/^share is no name/, { share: "Share" }],
    [/^share is no name/, { share: "a/b" }],
    [/^share is no name/, { share: "a--b" }],
    [/^share is no name/, { share: "-ab" }],
    [/^path has an empty component/, { path: "" }],
    [/^path has an empty component/, { path: "/" }],
    [/^path has an empty component/, { path: "a//b" }],
    [/^path has an empty component/, { path: "a/../b" }],
    [/^path has an empty component/, { path: "./a" }],
    [/^path must be text/, { path: "a\nb" }],
    [/^path must be text/, { path: "a\ud800" }],
    [/^contentDisposition must be text/, { contentDisposition: "attachment\r\nx" }],
    [/^contentType must be text/, { contentType: 5 as unknown as string }],
    [/^identifier must/, { identifier: "" }],
    [/^identifier must/, { identifier: "a".repeat(65) }],
    [/^identifier must/, { identifier: "a\nb" }],
    [/^ipRange is/, { ipRange: "1.2.3" }],
    [/^ipRange is/, { ipRange: "1.2.3.256" }],
    [/^ipRange is/, { ipRange: "1.2.3.4-1.2.3.3" }],
    [/^ipRange is/, { ipRange: "1.2.3.4-" }],
    [/^ipRange is/, { ipRange: "1.2.3.4-1.2.3.5-1.2.3.6" }],
    [/^ipRange is/, { ipRange: "::1" }],
    [/^protocol is "http", but/, { protocol: "http" as "https" }],
    [/^version is/, { version: "latest" }],
    [/^version is/, { version: "2015-02-21" }],
    [/^account is no name/, { account: "Not An Account" }],
    [/^key is not base64/, { key: "no key" }],
  ])("is a TypeError: %s", async (message, changes) => {
    await expect(service(changes)).rejects.toThrow(message);
    await expect(service(changes)).rejects.toBeInstanceOf(TypeError);
  });

  it.each<[RegExp, Partial<AccountSasOptions>]>([
    [/^permissions has "x"/, { permissions: "x" }],
    [/^resourceTypes has "f"/, { resourceTypes: "sf" }],
    [/^resourceTypes is empty/, { resourceTypes: "" }],
    [/^services has "x"/, { services: "x" }],
    [/^expiresOn is needed/, { expiresOn: undefined as unknown as string }],
    [/^account is no name/, { account: "" }],
    [/^key is not base64/, { key: "" }],
  ])("of an account token is a TypeError: %s", async (message, changes) => {
    await expect(wide(changes)).rejects.toThrow(message);
    await expect(wide(changes)).rejects.toBeInstanceOf(TypeError);
  });
});

describe("userDelegationSas()", () => {
  const userKey: UserDelegationKey = {
    signedOid: "oid",
    signedTid: "tid",
    signedStart: "2026-01-01T00:00:00Z",
    signedExpiry: "2027-01-01T00:00:00Z",
    signedService: "f",
    signedVersion: "2026-10-06",
    value: key,
  };
  const delegated = (changes: Partial<UserDelegationSasOptions> = {}): Promise<string> =>
    userDelegationSas({
      account: "account",
      key: userKey,
      share: "share",
      permissions: "lr",
      expiresOn: "2027-01-01T00:00:00Z",
      ...changes,
    });

  it("says what the key was made for, and not the key", async () => {
    const token = await delegated({
      key: { ...userKey, signedDelegatedUserTid: "their tenant" },
      delegatedUserObjectId: "their id",
      contentType: "text/plain",
    });
    const { sig, ...fields } = fieldsOf(token);
    expect(fields).toEqual({
      sv: "2026-10-06",
      se: "2027-01-01T00:00:00Z",
      spr: "https",
      sp: "rl",
      sr: "s",
      skoid: "oid",
      sktid: "tid",
      skt: "2026-01-01T00:00:00Z",
      ske: "2027-01-01T00:00:00Z",
      sks: "f",
      skv: "2026-10-06",
      skdutid: "their tenant",
      sduoid: "their id",
      rsct: "text/plain",
    });
    expect(sig).toBe(await sign(importKey(key), userDelegationSasStringToSign("account", "share", undefined, fields)));
    expect(token).not.toContain(encodeURIComponent(key));
  });

  it.each<[typeof TypeError | typeof RangeError, RegExp, Partial<UserDelegationSasOptions>]>([
    [TypeError, /^permissions has "l", but takes letters of "rcwd" only$/, { path: "a" }],
    [TypeError, /^permissions and expiresOn are needed$/, { permissions: undefined as unknown as string }],
    [TypeError, /^permissions and expiresOn are needed$/, { expiresOn: undefined as unknown as string }],
    [TypeError, /^share is no name/, { share: "A" }],
    [TypeError, /^path has an empty component/, { path: "a//b", permissions: "r" }],
    [TypeError, /^version is "2025-05-05", but must be a service version from 2025-07-05$/, { version: "2025-05-05" }],
    [RangeError, /^expiresOn 2027-01-01T00:00:01Z is after the key's end, 2027-01-01T00:00:00Z$/, { expiresOn: "2027-01-01T00:00:01Z" }],
    [TypeError, /^key has no signedTid/, { key: { ...userKey, signedTid: "" } }],
    [TypeError, /^key has no value/, { key: { ...userKey, value: undefined as unknown as string } }],
    [TypeError, /^key has no signedOid/, { key: undefined as unknown as UserDelegationKey }],
    [TypeError, /^key is not base64/, { key: { ...userKey, value: "no key" } }],
    [TypeError, /^delegatedUserObjectId must be text/, { delegatedUserObjectId: "a\nb" }],
  ])("throws a %o that says what is wrong: %s", async (type, message, changes) => {
    await expect(delegated(changes)).rejects.toThrow(message);
    await expect(delegated(changes)).rejects.toBeInstanceOf(type);
  });
});

describe("what is minted", () => {
  const seconds = fc.integer({ min: Date.UTC(2020) / 1000, max: Date.UTC(2100) / 1000 });
  const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }).filter((part) => !/[/\p{Cc}\p{Cs}]|^\.{1,2}$/u.test(part));
  const value = fc.option(
    fc.string({ unit: "grapheme", maxLength: 12 }).filter((part) => !/[\p{Cc}\p{Cs}]/u.test(part)),
    { nil: undefined },
  );

  it("reads back as what was asked for", async () => {
    const asked = fc.record({
      path: fc.option(
        fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/")),
        { nil: undefined },
      ),
      permissions: fc.subarray([..."rcwd"], { minLength: 1 }).map((letters) => letters.toReversed().join("")),
      end: seconds,
      contentDisposition: value,
      contentType: value,
    });
    await fc.assert(
      fc.asyncProperty(asked, async ({ path, permissions, end, contentDisposition, contentType }) => {
        const token = await service({ path, permissions, expiresOn: new Date(end * 1000 + 999), contentDisposition, contentType });
        expect(parseSasToken(token)).toEqual({
          text: token,
          expiresOn: end * 1000,
          allows: { letters: [..."rcwd"].filter((letter) => permissions.includes(letter)).join(""), isFile: path !== undefined },
        });
        const fields = fieldsOf(token);
        expect([...(fields["sp"] ?? "")].sort()).toEqual([...permissions].sort());
        expect(fields["rscd"] ?? "").toBe(contentDisposition ?? "");
        expect(fields["rsct"] ?? "").toBe(contentType ?? "");
        expect(fields["sr"]).toBe(path === undefined ? "s" : "f");
        const { sig, ...rest } = fields;
        expect(sig).toBe(await sign(importKey(key), serviceSasStringToSign("account", "share", path, rest)));
      }),
      { numRuns: 100, seed: 3 },
    );
  });
});
