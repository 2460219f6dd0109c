/** Microsoft's own client as the judge of what we sign. */
import {
  AccountSASPermissions,
  FileSASPermissions,
  generateAccountSASQueryParameters,
  generateFileSASQueryParameters,
  SASProtocol,
  ShareSASPermissions,
  StorageSharedKeyCredential,
} from "@azure/storage-file-share";
import fc from "fast-check";
import { expect, it } from "vitest";
import { accountSas, serviceSas, userDelegationSas } from "../../src/auth/mint.js";
import { sharedKey } from "../../src/auth/shared-key.js";
import type { WireRequest } from "../../src/types/requests.js";

const account = fc.string({ unit: fc.constantFrom(..."abcxyz0189"), minLength: 3, maxLength: 24 });
const key = fc.uint8Array({ minLength: 1, maxLength: 80 }).map((bytes) => Buffer.from(bytes).toString("base64"));
const subset = (letters: string): fc.Arbitrary<string> =>
  fc.shuffledSubarray([...letters], { minLength: 1 }).map((chosen) => chosen.join(""));
const version = fc.constantFrom("2026-10-06", "2020-12-06", "2020-10-02", "2019-07-07", "2015-04-05");
const moment = fc.integer({ min: Date.UTC(2020), max: Date.UTC(2060) }).map((time) => new Date(time));
const address = fc.ipV4();
const numeric = (ip: string): number => ip.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
const range = fc.option(
  fc.tuple(address, fc.option(address)).map(([a, b]) => {
    const [start, end] = b !== null && numeric(b) < numeric(a) ? [b, a] : [a, b];
    return end === null ? { start, text: start } : { start, end, text: `${start}-${end}` };
  }),
  { nil: undefined },
);
const protocol = fc.constantFrom(SASProtocol.Https, SASProtocol.HttpsAndHttp);
const plain = fc.string({ unit: "grapheme", minLength: 1, maxLength: 10 }).filter((text) => !/[/\p{Cc}\p{Cs}]|^\.{1,2}$/u.test(text));
const optional = fc.option(plain, { nil: undefined });
const common = {
  account,
  key,
  version,
  range,
  protocol,
  times: fc.tuple(moment, fc.integer({ min: 1000, max: 1e10 })),
  withStart: fc.boolean(),
};

/** The fields of a token by name, decoded. */
const fieldsOf = (token: string): Record<string, string> => Object.fromEntries(new URLSearchParams(token));

it("account tokens are the same", async () => {
  const asked = fc.record({ ...common, permissions: subset("rwdlacup"), resourceTypes: subset("sco") });
  await fc.assert(
    fc.asyncProperty(asked, async (options) => {
      const { permissions, resourceTypes, range: ipRange, times, withStart } = options;
      const startsOn = withStart ? times[0] : undefined;
      const expiresOn = new Date(times[0].getTime() + times[1]);
      const theirs = generateAccountSASQueryParameters(
        {
          permissions: AccountSASPermissions.parse(permissions),
          resourceTypes,
          services: "f",
          protocol: options.protocol,
          version: options.version,
          expiresOn,
          ...(startsOn && { startsOn }),
          ...(ipRange && { ipRange }),
        },
        new StorageSharedKeyCredential(options.account, options.key),
      );
      const ours = await accountSas({
        account: options.account,
        key: options.key,
        permissions,
        resourceTypes,
        protocol: options.protocol,
        version: options.version,
        startsOn,
        expiresOn,
        ipRange: ipRange?.text,
      });
      expect(fieldsOf(ours)).toEqual(fieldsOf(theirs.toString()));
    }),
    { numRuns: 150, seed: 5 },
  );
});

it("tokens of shares and files are the same", async () => {
  const asked = fc.record({
    ...common,
    share: fc.constantFrom("abc", "my-share-1", "0a0"),
    path: fc.option(
      fc.array(plain, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/")),
      { nil: undefined },
    ),
    permissions: subset("rcwd"),
    list: fc.boolean(),
    identifier: optional,
    cacheControl: optional,
    contentDisposition: optional,
    contentEncoding: optional,
    contentLanguage: optional,
    contentType: optional,
  });
  await fc.assert(
    fc.asyncProperty(asked, async (options) => {
      const { path, share, range: ipRange, times, withStart, list, ...rest } = options;
      const permissions = options.permissions + (path === undefined && list ? "l" : "");
      const startsOn = withStart ? times[0] : undefined;
      const expiresOn = new Date(times[0].getTime() + times[1]);
      const { cacheControl, contentDisposition, contentEncoding, contentLanguage, contentType, identifier } = rest;
      const said = { cacheControl, contentDisposition, contentEncoding, contentLanguage, contentType, identifier };
      const theirs = generateFileSASQueryParameters(
        {
          ...(Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) as Record<string, string>),
          shareName: share,
          permissions: path === undefined ? ShareSASPermissions.parse(permissions) : FileSASPermissions.parse(permissions),
          protocol: options.protocol,
          version: options.version,
          expiresOn,
          ...(path !== undefined && { filePath: path }),
          ...(startsOn && { startsOn }),
          ...(ipRange && { ipRange }),
        },
        new StorageSharedKeyCredential(options.account, options.key),
      );
      const ours = await serviceSas({
        ...said,
        account: options.account,
        key: options.key,
        share,
        path,
        permissions,
        protocol: options.protocol,
        version: options.version,
        startsOn,
        expiresOn,
        ipRange: ipRange?.text,
      });
      expect(fieldsOf(ours)).toEqual(fieldsOf(theirs.toString()));
    }),
    { numRuns: 150, seed: 6 },
  );
});

it("tokens signed with a user's key are the same", async () => {
  const asked = fc.record({
    ...common,
    version: fc.constantFrom("2026-10-06", "2026-04-06", "2025-07-05"),
    share: fc.constantFrom("abc", "my-share-1", "0a0"),
    path: fc.option(
      fc.array(plain, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/")),
      { nil: undefined },
    ),
    permissions: subset("rcwd"),
    list: fc.boolean(),
    oid: fc.uuid(),
    tid: fc.uuid(),
    userTid: fc.option(fc.uuid(), { nil: undefined }),
    user: fc.option(fc.uuid(), { nil: undefined }),
    cacheControl: optional,
    contentDisposition: optional,
    contentEncoding: optional,
    contentLanguage: optional,
    contentType: optional,
  });
  await fc.assert(
    fc.asyncProperty(asked, async (options) => {
      const { path, share, range: ipRange, times, withStart, list, oid, tid, userTid, user, ...rest } = options;
      const permissions = options.permissions + (path === undefined && list ? "l" : "");
      const startsOn = withStart ? times[0] : undefined;
      const expiresOn = new Date(times[0].getTime() + times[1]);
      const seconds = (time: Date): Date => new Date(Math.floor(time.getTime() / 1000) * 1000);
      const [keyStart, keyEnd] = [seconds(times[0]), seconds(new Date(expiresOn.getTime() + 1000))];
      const { cacheControl, contentDisposition, contentEncoding, contentLanguage, contentType } = rest;
      const said = { cacheControl, contentDisposition, contentEncoding, contentLanguage, contentType };
      const theirs = generateFileSASQueryParameters(
        {
          ...(Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) as Record<string, string>),
          shareName: share,
          permissions: path === undefined ? ShareSASPermissions.parse(permissions) : FileSASPermissions.parse(permissions),
          protocol: options.protocol,
          version: options.version,
          expiresOn,
          ...(path !== undefined && { filePath: path }),
          ...(startsOn && { startsOn }),
          ...(ipRange && { ipRange }),
          ...(user !== undefined && { delegatedUserObjectId: user }),
        },
        {
          signedObjectId: oid,
          signedTenantId: tid,
          signedStartsOn: keyStart,
          signedExpiresOn: keyEnd,
          signedService: "f",
          signedVersion: "2026-10-06",
          ...(userTid !== undefined && { signedDelegatedUserTenantId: userTid }),
          value: options.key,
        },
        options.account,
      );
      const written = (time: Date): string => time.toISOString().replace(".000Z", "Z");
      const ours = await userDelegationSas({
        ...said,
        account: options.account,
        key: {
          signedOid: oid,
          signedTid: tid,
          signedStart: written(keyStart),
          signedExpiry: written(keyEnd),
          signedService: "f",
          signedVersion: "2026-10-06",
          signedDelegatedUserTid: userTid,
          value: options.key,
        },
        share,
        path,
        permissions,
        protocol: options.protocol,
        version: options.version,
        startsOn,
        expiresOn,
        ipRange: ipRange?.text,
        delegatedUserObjectId: user,
      });
      expect(fieldsOf(ours)).toEqual(fieldsOf(theirs.toString()));
    }),
    { numRuns: 150, seed: 8 },
  );
});

/** As much of a request of the older Azure pipeline as its signing policy touches. */
class TheirRequest {
  readonly signed: Map<string, string>;
  readonly headers = {
    get: (name: string): string | undefined => this.signed.get(name.toLowerCase()),
    set: (name: string, value: string | number): void => void this.signed.set(name.toLowerCase(), String(value)),
    headersArray: (): { name: string; value: string }[] => [...this.signed].map(([name, value]) => ({ name, value })),
  };

  constructor(
    readonly method: string,
    readonly url: string,
    headers: Readonly<Record<string, string>>,
    readonly body: string | undefined,
  ) {
    this.signed = new Map(Object.entries(headers));
  }
}

it("Shared Key signatures are the same", async () => {
  const tail = fc.string({ unit: fc.constantFrom(..."ab19_-.~!'"), minLength: 1, maxLength: 6 });
  const value = fc.string({ unit: fc.constantFrom(..."aZ 9,=é"), maxLength: 8 }).map((text) => text.trim());
  const names = fc.constantFrom("x-ms-enabled-protocols", "x-ms-enable-smb-directory-lease", "x-ms-range", "x-ms-write", "x-ms-version");
  const headers = fc.dictionary(
    fc.oneof(
      names,
      tail.map((end) => `x-ms-${end}`),
      tail.map((end) => `x-ms-meta-${end}`),
    ),
    value,
    { maxKeys: 8 },
  );
  // Theirs leaves out of what it signs a parameter that is empty or holds "=".
  const query = fc.dictionary(
    fc.constantFrom("comp", "restype", "prefix", "marker", "include", "timeout"),
    plain.filter((text) => !text.includes("=")),
  );
  const asked = fc.record({
    account,
    key,
    method: fc.constantFrom("GET" as const, "PUT" as const, "HEAD" as const, "DELETE" as const),
    segments: fc.array(plain, { maxLength: 3 }),
    query,
    headers,
    standard: fc.dictionary(
      fc.constantFrom("content-md5", "content-type", "range", "if-match", "if-none-match"),
      fc.constantFrom("a", "text/plain", "bytes=0-1"),
    ),
    body: fc.option(fc.string({ unit: "grapheme", maxLength: 9 }), { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(asked, async (options) => {
      const words = Object.entries(options.query).map(([name, text]) => `${name}=${encodeURIComponent(text)}`);
      const url = new URL(
        `https://${options.account}.file.core.windows.net/${options.segments.map(encodeURIComponent).join("/")}${words.length ? `?${words.join("&")}` : ""}`,
      ).href;
      const all = { ...options.headers, ...options.standard };
      const theirs = new TheirRequest(options.method, url, all, options.body);
      const policy = new StorageSharedKeyCredential(options.account, options.key).create(
        { sendRequest: () => Promise.resolve(undefined) } as never,
        { shouldLog: () => false, log: () => undefined },
      );
      await policy.sendRequest(theirs as never);
      const date = theirs.signed.get("x-ms-date") ?? "";
      const request: WireRequest = {
        operation: "Get File",
        attempt: 1,
        method: options.method,
        url,
        headers: all,
        ...(options.body !== undefined && { body: new TextEncoder().encode(options.body) }),
        signal: new AbortController().signal,
      };
      const clock = { now: () => Date.parse(date), setTimeout: () => undefined, clearTimeout: () => undefined };
      const ours = await sharedKey({ account: options.account, key: options.key }).authorize(request, clock);
      expect(ours.headers["authorization"]).toBe(theirs.signed.get("authorization"));
      expect(ours.headers["authorization"]).toMatch(/^SharedKey /);
    }),
    { numRuns: 300, seed: 7 },
  );
});
