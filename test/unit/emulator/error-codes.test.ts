/** Every error code that is known: one request that is answered with it, or its place in the list of those that the emulator does not produce. */
import { describe, expect, it } from "vitest";
import type { EmulatorOptions } from "../../../src/simulation/index.js";
import type { FailureCode } from "../../../src/simulation/emulator/failures.js";
import { text } from "../../source-tree.js";
import { accountSas, createCaller, createFile, serviceSas, type CallOptions, type Caller } from "./account.js";

const [one, two] = ["11111111-2222-4333-8444-555555555555", "99999999-2222-4333-8444-555555555555"];
const acquire = (id = one, duration = "-1"): Record<string, string> => ({
  "x-ms-lease-action": "acquire",
  "x-ms-lease-duration": duration,
  "x-ms-proposed-lease-id": id,
});

/** A descriptor in binary form with an entry that has a condition. */
const conditional =
  "AQAUhGwAAACIAAAAAAAAABQAAAACAFgAAwAAAAkAFAD/AR8AAQEAAAAAAAUSAAAAAAAYAP8BHwABAgAAAAAABSAAAAAgAgAAAAAkAKkAEgABBQAAAAAABRUAAABZUbgXZnJdJWRjOwuMmS4AAQUAAAAAAAUVAAAAoGXPfnhLm1/nfIdwr/1IAQEFAAAAAAAFFQAAAKBlz354S5tf53yHcAECAAA=";

/** An account with the share `docs`, in it the directory `d` with the file `d/b`, and the file `f` of 1000 bytes. */
async function prepared(options: EmulatorOptions = {}): Promise<Caller> {
  const caller = createCaller({ insecureBearer: true, ...options });
  await caller.call("PUT", "/docs?restype=share");
  await caller.call("PUT", "/docs/d?restype=directory");
  await createFile(caller, "/docs/d/b", 10);
  await createFile(caller, "/docs/f", 1000);
  return caller;
}

type Story = (caller: Caller) => Promise<Response>;

const asks =
  (method: string, path: string, headers: Record<string, string> = {}, more: CallOptions = {}): Story =>
  (caller) =>
    caller.call(method, path, { headers, ...more });

/** Asks after other requests, each of which has to succeed. */
const after =
  (ask: Story, ...before: Story[]): Story =>
  async (caller) => {
    for (const story of before) {
      const response = await story(caller);
      expect([response.status < 300, response.headers.get("x-ms-error-code")]).toEqual([true, null]);
      await response.arrayBuffer();
    }
    return ask(caller);
  };

/** On an account of another kind, or one that is set up in another way. */
const on =
  (options: EmulatorOptions, story: Story): Story =>
  async () =>
    story(await prepared(options));

const get = (path: string, headers: Record<string, string> = {}, more: CallOptions = {}): Story => asks("GET", path, headers, more);
const put = (path: string, headers: Record<string, string> = {}, more: CallOptions = {}): Story => asks("PUT", path, headers, more);

const fileLease = (headers: Record<string, string>, path = "/docs/f"): Story => put(`${path}?comp=lease`, headers);
const shareLease = (headers: Record<string, string>): Story => put("/docs?restype=share&comp=lease", headers);
const breaking = after(shareLease({ "x-ms-lease-action": "break", "x-ms-lease-break-period": "10" }), shareLease(acquire()));
const metadata = (headers: Record<string, string>): Story => put("/docs/f?comp=metadata", headers);
const shareMetadata = (headers: Record<string, string>): Story => put("/docs?restype=share&comp=metadata", headers);
const write = (headers: Record<string, string>, body = "hello", path = "/docs/f"): Story =>
  put(`${path}?comp=range`, { "x-ms-write": "update", "x-ms-range": "bytes=0-4", ...headers }, { body });
const create = (path: string, headers: Record<string, string> = {}): Story =>
  put(path, { "x-ms-type": "file", "x-ms-content-length": "10", ...headers });
const acl = (body: string): Story => put("/docs?restype=share&comp=acl", {}, { body });
const settings = (body: string): Story => put("/?restype=service&comp=properties", {}, { body });
const snapshot = put("/docs?restype=share&comp=snapshot");
const remove: Story = asks("DELETE", "/docs?restype=share");

const withSas =
  (words: Record<string, string | undefined>, method = "GET", path = "/docs/f"): Story =>
  (caller) =>
    caller.call(method, path, { sas: accountSas(caller, words) });

const withSource =
  (path: string, headers: Record<string, string>, source = "/docs/f"): Story =>
  (caller) =>
    caller.call("PUT", path, { headers: { "x-ms-copy-source": caller.emulator.endpoint + source, ...headers } });

/** A range of the file `f`, read with a SAS. */
const fromUrl =
  (headers: Record<string, string>): Story =>
  (caller) =>
    withSource(
      "/docs/d/b?comp=range",
      { "x-ms-write": "update", "x-ms-range": "bytes=0-4", "x-ms-source-range": "bytes=0-4", ...headers },
      `/docs/f?${accountSas(caller, { sp: "r" })}`,
    )(caller);

const copied = (path = "/docs/copy"): Story => withSource(path, {});

const pending =
  (ask: (id: string) => Story): Story =>
  async (caller) => {
    caller.emulator.copies = "pending";
    const id = (await copied()(caller)).headers.get("x-ms-copy-id") ?? "";
    return ask(id)(caller);
  };

const abort = (id: string): Story => put(`/docs/copy?comp=copy&copyid=${id}`, { "x-ms-copy-action": "abort" });

const opened =
  (ask: Story, access: ("read" | "write" | "delete")[], shareMode: ("read" | "write" | "delete")[], path = "f"): Story =>
  (caller) => {
    caller.emulator.openHandle({ share: "docs", path, access, shareMode });
    return ask(caller);
  };

const snapshotOf = async (caller: Caller): Promise<string> => (await snapshot(caller)).headers.get("x-ms-snapshot") ?? "";

/** Lists shares with a bearer token. */
const withToken =
  (version: string): Story =>
  (caller) => {
    const headers = { authorization: `Bearer ${caller.emulator.token()}`, "x-ms-file-request-intent": "backup", "x-ms-version": version };
    return caller.emulator.fetch(`${caller.emulator.endpoint}/?comp=list`, { headers });
  };

/** One for each code that the emulator produces; the compiler keeps it complete. */
const stories: Readonly<Record<FailureCode, Story>> = {
  AuthenticationFailed: get("/docs/f", {}, { sas: "sv=2026-10-06&sr=s&sp=r&se=2027-01-01T00:00:00Z&sig=AAAA" }),
  AuthorizationFailure: (caller) => caller.call("GET", "/docs?restype=share", { sas: serviceSas(caller, "docs") }),
  AuthorizationPermissionMismatch: withSas({ sp: "w" }),
  AuthorizationProtocolMismatch: withSas({ spr: "https" }),
  AuthorizationResourceTypeMismatch: withSas({ srt: "s" }),
  AuthorizationServiceMismatch: withSas({ ss: "b" }),
  AuthorizationSourceIPMismatch: (caller) =>
    caller.emulator.handle(caller.signed("GET", "/docs/f", { sas: accountSas(caller, { sip: "10.0.0.1" }) }), {
      clientAddress: "10.0.0.2",
    }),
  CannotConvertToSddlDueToCustomAce: async (caller) => {
    const made = await put(
      "/docs?restype=share&comp=filepermission",
      {},
      { body: JSON.stringify({ permission: conditional, format: "binary" }) },
    )(caller);
    const key = made.headers.get("x-ms-file-permission-key") ?? "";
    return get("/docs?restype=share&comp=filepermission", { "x-ms-file-permission-key": key })(caller);
  },
  CannotVerifyCopySource: withSource("/docs/d/b?comp=range", {
    "x-ms-write": "update",
    "x-ms-range": "bytes=0-4",
    "x-ms-source-range": "bytes=0-4",
  }),
  CopyIdMismatch: pending(() => abort(one)),
  CorsPreflightFailure: (caller) => {
    caller.emulator.setCors([]);
    const headers = { origin: "https://a.example", "access-control-request-method": "GET" };
    return caller.emulator.fetch(`${caller.emulator.endpoint}/docs/f`, { method: "OPTIONS", headers });
  },
  Crc64ConditionNotMet: fromUrl({ "x-ms-source-if-match-crc64": "AAAAAAAAAAE=" }),
  Crc64Mismatch: fromUrl({ "x-ms-source-content-crc64": "AAAAAAAAAAE=" }),
  DeletePending: (caller) => {
    caller.emulator.openHandle({ share: "docs", path: "f" }).deleteOnClose();
    return get("/docs/f")(caller);
  },
  DeleteShareWhenSnapshotLeased: async (caller) => {
    const time = await snapshotOf(caller);
    await put(`/docs?restype=share&comp=lease&sharesnapshot=${time}`, acquire())(caller);
    return asks("DELETE", "/docs?restype=share", { "x-ms-delete-snapshots": "include" })(caller);
  },
  DirectoryNotEmpty: asks("DELETE", "/docs/d?restype=directory"),
  EmptyMetadataKey: metadata({ "x-ms-meta-": "a" }),
  FeatureNotSupportedOnStorageAccount: on({ kind: "standard" }, put("/unix?restype=share", { "x-ms-enabled-protocols": "NFS" })),
  FeatureVersionMismatch: withToken("2021-04-10"),
  FileInvalidPermission: put("/docs?restype=share&comp=filepermission", {}, { body: '{"permission":"nonsense"}' }),
  FileInvalidPermissionKey: get("/docs?restype=share&comp=filepermission", { "x-ms-file-permission-key": "1*2" }),
  FileOAuthManagementApiRestrictedToSrp: withToken("2022-11-02"),
  FileShareProvisionedBandwidthInvalid: on(
    { kind: "provisioned" },
    put("/new?restype=share", { "x-ms-share-provisioned-bandwidth-mibps": "1" }),
  ),
  FileShareProvisionedIopsInvalid: on({ kind: "provisioned" }, put("/new?restype=share", { "x-ms-share-provisioned-iops": "1" })),
  FileShareProvisionedStorageInvalid: on({ kind: "provisioned" }, put("/new?restype=share", { "x-ms-share-quota": "1" })),
  InternalError: on(
    {
      md5: () => {
        throw new Error("out of order");
      },
    },
    write({}),
  ),
  InvalidAuthenticationInfo: get("/docs/f", { authorization: "Basic x" }, { anonymous: true }),
  InvalidFileOrDirectoryPathName: get(`/docs/${Array.from({ length: 260 }, () => "d").join("/")}`),
  InvalidHeaderValue: write({ "x-ms-range": "bytes=4-0" }),
  InvalidInput: put("/docs?restype=share&comp=filepermission", {}, { body: "{}" }),
  InvalidMd5: create("/docs/new", { "x-ms-content-md5": "?" }),
  InvalidMetadata: metadata({ "x-ms-meta-a-b": "c" }),
  InvalidQueryParameterValue: get("/docs/f?timeout=soon"),
  InvalidRange: get("/docs/f", { "x-ms-range": "bytes=1000-" }),
  InvalidResourceName: put("/NO?restype=share"),
  InvalidUri: get("/docs//f"),
  InvalidXmlDocument: acl("<SignedIdentifiers>"),
  InvalidXmlNodeValue: settings(
    "<StorageServiceProperties><HourMetrics><Version>1.0</Version><Enabled>perhaps</Enabled></HourMetrics></StorageServiceProperties>",
  ),
  LeaseAlreadyPresent: after(fileLease(acquire(two)), fileLease(acquire())),
  LeaseIdMismatchWithContainerOperation: after(shareMetadata({ "x-ms-lease-id": two }), shareLease(acquire())),
  LeaseIdMismatchWithFileOperation: after(metadata({ "x-ms-lease-id": two }), fileLease(acquire())),
  LeaseIdMismatchWithLeaseOperation: after(fileLease({ "x-ms-lease-action": "release", "x-ms-lease-id": two }), fileLease(acquire())),
  LeaseIdMissing: after(metadata({}), fileLease(acquire())),
  LeaseIsBreakingAndCannotBeAcquired: after(shareLease(acquire()), breaking),
  LeaseIsBreakingAndCannotBeChanged: after(
    shareLease({ "x-ms-lease-action": "change", "x-ms-lease-id": one, "x-ms-proposed-lease-id": two }),
    breaking,
  ),
  LeaseIsBrokenAndCannotBeRenewed: after(shareLease({ "x-ms-lease-action": "renew", "x-ms-lease-id": one }), breaking),
  LeaseLost: after(
    (caller) => {
      caller.advance(16_000);
      return shareMetadata({ "x-ms-lease-id": one })(caller);
    },
    shareLease(acquire(one, "15")),
  ),
  LeaseNotPresentWithContainerOperation: shareMetadata({ "x-ms-lease-id": one }),
  LeaseNotPresentWithFileOperation: metadata({ "x-ms-lease-id": one }),
  LeaseNotPresentWithLeaseOperation: fileLease({ "x-ms-lease-action": "break" }),
  Md5Mismatch: write({ "content-md5": "AAAAAAAAAAAAAAAAAAAAAA==" }),
  MetadataTooLarge: metadata({ "x-ms-meta-a": "x".repeat(8192) }),
  MissingContentLengthHeader: (caller) => {
    const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.close() });
    const request = caller.signed("PUT", "/docs/f?comp=range", {
      sas: accountSas(caller),
      headers: { "x-ms-write": "update", "x-ms-range": "bytes=0-4", "transfer-encoding": "chunked" },
    });
    return caller.emulator.handle(new Request(request, { body, duplex: "half" } as RequestInit));
  },
  MissingRequiredHeader: put("/docs/new", { "x-ms-type": "file" }),
  MissingRequiredQueryParameter: put("/docs/f?comp=copy", { "x-ms-copy-action": "abort" }),
  MissingRequiredXmlNode: settings(
    "<StorageServiceProperties><HourMetrics><Version>1.0</Version></HourMetrics></StorageServiceProperties>",
  ),
  NoAuthenticationInformation: get("/docs/f", {}, { anonymous: true }),
  NoPendingCopyOperation: after(abort(one), copied()),
  OutOfRangeInput: create("/docs/new", { "x-ms-content-length": "-1" }),
  OutOfRangeQueryParameterValue: get("/?comp=list&maxresults=0"),
  ParentNotFound: create("/docs/x/y"),
  PendingCopyOperation: pending(() => copied()),
  PreviousSnapshotNotFound: async (caller) => {
    const time = await snapshotOf(caller);
    await put("/docs/g?comp=rename", { "x-ms-file-rename-source": `${caller.emulator.endpoint}/docs/f` })(caller);
    return get(`/docs/g?comp=rangelist&prevsharesnapshot=${time}`)(caller);
  },
  ReadOnlyAttribute: after(write({}, "hello", "/docs/new"), create("/docs/new", { "x-ms-file-attributes": "ReadOnly" })),
  RequestBodyTooLarge: write({ "x-ms-range": "bytes=0-4194304" }, "x".repeat(4194305)),
  ResourceAlreadyExists: put("/docs/d?restype=directory"),
  ResourceNotFound: get("/docs/nothing"),
  ResourceTypeMismatch: put("/docs/d?comp=metadata"),
  ShareAlreadyExists: put("/docs?restype=share"),
  ShareBeingDeleted: on({ deletionSeconds: 30 }, after(put("/docs?restype=share"), remove)),
  ShareHasSnapshots: after(remove, snapshot),
  ShareNotFound: get("/nothing/f"),
  ShareSizeLimitReached: async (caller) => {
    await put("/docs?restype=share&comp=properties", { "x-ms-share-quota": "1" })(caller);
    await create("/docs/large", { "x-ms-content-length": "4194304" })(caller);
    await write({ "x-ms-range": "bytes=0-4194303" }, "x".repeat(4194304), "/docs/large")(caller);
    for (let count = 1; count < 256; count++) await withSource(`/docs/copy${count}`, {}, "/docs/large")(caller);
    return write({})(caller);
  },
  ShareSnapshotCountExceeded: async (caller) => {
    for (let count = 0; count < 200; count++) {
      caller.advance(1000);
      await snapshot(caller);
    }
    caller.advance(1000);
    return snapshot(caller);
  },
  ShareSnapshotNotFound: get("/docs/f?sharesnapshot=2020-01-01T00:00:00.0000000Z"),
  SharingViolation: opened(write({}), ["write"], ["read"]),
  UnsupportedHeader: create("/docs/new", { "x-ms-mode": "0644" }),
  UnsupportedHttpVerb: asks("POST", "/docs/f"),
  UnsupportedQueryParameter: get("/docs/f?what=this"),
  UnsupportedXmlNode: settings("<StorageServiceProperties><Logging /></StorageServiceProperties>"),
};

/** The names in a union of texts. */
function namesIn(source: string, type: string): string[] {
  const [, union = ""] = new RegExp(`type ${type} =\\n([^;]*);`).exec(source) ?? [];
  return [...union.matchAll(/\| "(\w+)"/g)].map(([, name = ""]) => name);
}

const known = ["DefinedErrorCode", "ObservedErrorCode"].flatMap((type) => namesIn(text("src/types/error-codes.ts"), type));
const notProduced = namesIn(text("src/simulation/emulator/failures.ts"), "NotProduced");

describe("error codes", () => {
  it.each(Object.entries(stories))("%s is what one request gets", async (code, story) => {
    const response = await story(await prepared());
    await response.arrayBuffer();
    expect(response.headers.get("x-ms-error-code")).toBe(code);
    expect(response.status).toBeGreaterThanOrEqual(400);
  });

  it("are produced, or listed as not produced, and none is both", () => {
    expect(known.length).toBeGreaterThan(100);
    expect([...Object.keys(stories), ...notProduced].toSorted()).toEqual(known.toSorted());
  });

  it("that are not produced are named in the emulator's own description", () => {
    const [description = ""] = text("src/simulation/emulator/index.ts").split("*/");
    expect(notProduced.filter((code) => !description.includes(`\`${code}\``))).toEqual([]);
  });
});
