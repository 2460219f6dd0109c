/** What the compiler promises to users. */
import { describe, expectTypeOf, it } from "vitest";
import {
  anonymous,
  type AzureFilesClient,
  bearer,
  connect,
  type Connection,
  type ConnectionOptions,
  type Credential,
  isIntegrityError,
  isServiceError,
  isTransportError,
  sas,
  sharedKey,
} from "../src/index.js";
import { accountSas, serviceSas, userDelegationSas } from "../src/auth/mint.js";
import type * as account from "../src/services/account.js";
import type * as directories from "../src/services/directories.js";
import type * as files from "../src/services/files.js";
import type * as leases from "../src/locking/index.js";
import type * as shares from "../src/services/shares.js";
import { type Download, download, upload, type Upload, type UploadRequest } from "../src/streaming/index.js";

declare const client: AzureFilesClient;
declare const connection: Connection;

describe("doubles", () => {
  it("of some functions of a service are what their types say, and no other", () => {
    const there: Pick<AzureFilesClient["files"], "exists" | "read"> = client.files;
    expectTypeOf(there.read).returns.resolves.toHaveProperty("text");
    const double: Pick<AzureFilesClient["files"], "exists"> = { exists: async () => true };
    expectTypeOf(double).toExtend<Pick<typeof client.files, "exists">>();
    // @ts-expect-error it answers whether the file is there
    const wrong: Pick<AzureFilesClient["files"], "exists"> = { exists: async () => "yes" };
    void wrong;
  });

  it("in the caller's own words are kept by the client, too, as far as these are true", () => {
    interface Texts {
      read(request: { path: string }): Promise<{ text(): Promise<string>; readonly etag: string | undefined }>;
    }
    expectTypeOf<AzureFilesClient["files"]>().toExtend<Texts>();
    expectTypeOf<AzureFilesClient["files"]>().not.toExtend<{ read(request: { path: string }): Promise<string> }>();
    expectTypeOf<AzureFilesClient["leases"]>().toExtend<{ acquire(request: { path: string }): Promise<{ readonly leaseId: string }> }>();
  });
});

describe("bound operations", () => {
  it("take what the functions take after the connection, and give what they give", () => {
    expectTypeOf(client.files.create).parameters.toEqualTypeOf<[request: files.CreateFileRequest]>();
    expectTypeOf(client.files.create).returns.toEqualTypeOf<Promise<files.FileCreated>>();
    expectTypeOf(client.shares.create).parameters.toEqualTypeOf<[request?: shares.CreateShareRequest | undefined]>();
    expectTypeOf(client.directories.list).returns.toEqualTypeOf<ReturnType<typeof directories.list>>();
    expectTypeOf(client.files.delete).parameters.toEqualTypeOf<[request?: files.FileRequest | undefined]>();
    expectTypeOf(client.streaming.upload).parameters.toEqualTypeOf<[request: UploadRequest]>();
    expectTypeOf(client.streaming.upload).returns.toEqualTypeOf<Upload>();
    expectTypeOf(client.streaming.download).returns.toEqualTypeOf<Promise<Download>>();
  });

  it("are those of the module, no more and no fewer", () => {
    expectTypeOf<keyof typeof client.files>().toEqualTypeOf<keyof typeof files>();
    expectTypeOf<keyof typeof client.shares>().toEqualTypeOf<keyof typeof shares>();
    expectTypeOf<keyof typeof client.account>().toEqualTypeOf<keyof typeof account>();
    expectTypeOf<keyof typeof client.leases>().toEqualTypeOf<keyof typeof leases>();
    expectTypeOf<keyof typeof client.directories>().toEqualTypeOf<keyof typeof directories>();
  });

  it("on leases know what only shares have", () => {
    expectTypeOf(client.leases.acquire).toBeCallableWith({ path: "a", proposedLeaseId: "id" });
    expectTypeOf(client.leases.acquire).toBeCallableWith({ path: "a", duration: -1 });
    expectTypeOf(client.leases.acquire).toBeCallableWith({ duration: 60, snapshot: "time" });
    expectTypeOf(client.leases.acquire).toBeCallableWith({ path: "", duration: 60 });
    expectTypeOf(client.leases.break).toBeCallableWith({ breakPeriod: 5 });
    // @ts-expect-error a file's lease has no duration
    void client.leases.acquire({ path: "a", duration: 60 });
    // @ts-expect-error what is in a snapshot has no lease
    void client.leases.acquire({ path: "a", snapshot: "time" });
    // @ts-expect-error a file's lease is not renewed
    void client.leases.renew({ path: "a", leaseId: "id" });
    // @ts-expect-error a file's lease is broken at once
    void client.leases.break({ path: "a", breakPeriod: 5 });
    // @ts-expect-error a release has an id
    void client.leases.release({ path: "a" });
  });

  it("on leases and locks give what their kind can do", () => {
    expectTypeOf(client.leases.acquire({ duration: 60 })).resolves.toEqualTypeOf<leases.ShareLease>();
    expectTypeOf(client.leases.acquire({ path: "a" })).resolves.toEqualTypeOf<leases.Lease>();
    expectTypeOf<leases.Lease>().toExtend<AsyncDisposable>();
    // @ts-expect-error a file's lease is not renewed
    void client.leases.acquire({ path: "a" }).then((lease) => lease.renew());
    expectTypeOf(client.leases.withLock({ path: "a" }, ({ fence }) => fence)).resolves.toEqualTypeOf<number>();
    expectTypeOf(client.leases.withLock({}, async ({ leaseId }) => leaseId)).resolves.toEqualTypeOf<string>();
    expectTypeOf(client.leases.withLock).toBeCallableWith({ snapshot: "time" }, () => 1, { duration: 15, timeout: 0 });
    // @ts-expect-error only a lock by a file has a fence
    void client.leases.withLock({}, ({ fence }) => fence);
    // @ts-expect-error a file's lease has no duration
    void client.leases.withLock({ path: "a" }, () => 1, { duration: 15 });
    // @ts-expect-error a share's lease ends by itself
    void client.leases.withLock({}, () => 1, { staleAfter: 60_000 });
    // @ts-expect-error a text is no lock
    void client.files.delete({ path: "a", lock: "id" });
  });

  it("want what is required", () => {
    // @ts-expect-error a file has a size
    void client.files.create({ path: "a" });
    // @ts-expect-error an upload has a body
    void client.streaming.upload({ path: "a" });
    // @ts-expect-error a range has an offset
    void client.files.putRange({ path: "a", body: "b" });
    // @ts-expect-error a range to download has a length
    void client.streaming.downloadRange({ path: "a", offset: 0 });
    // @ts-expect-error metadata is set whole
    void client.files.setMetadata({ path: "a" });
    // @ts-expect-error a share is restored by its version
    void client.shares.restore({ deletedName: "a" });
    // @ts-expect-error a key has an end
    void client.account.getUserDelegationKey({});
    // @ts-expect-error nothing is null
    void client.files.getProperties({ path: null });
    // @ts-expect-error a listing knows only these extras
    void client.directories.list({ include: ["everything"] });
  });
});

describe("credentials", () => {
  it("say what they need", () => {
    expectTypeOf(anonymous()).toEqualTypeOf<Credential>();
    expectTypeOf(sas("token")).toEqualTypeOf<Credential>();
    expectTypeOf(sas(async () => "token")).toEqualTypeOf<Credential>();
    expectTypeOf(bearer(async () => "token", { intent: "backup" })).toEqualTypeOf<Credential>();
    // @ts-expect-error the intent must be said
    bearer(async () => "token");
    // @ts-expect-error and there is one only
    bearer(async () => "token", { intent: "restore" });
    // @ts-expect-error a key without its account signs nothing
    sharedKey({ key: "a" });
    // @ts-expect-error a token, not a Promise of one
    sas(Promise.resolve("token"));
  });

  it("of an identity library fit as they are", () => {
    const identity = {
      getToken: async (_scopes: string | string[], _options?: { tenantId?: string }) => ({ token: "a", expiresOnTimestamp: 1 }),
    };
    expectTypeOf(bearer).toBeCallableWith(identity, { intent: "backup" });
  });

  it("are minted with an end where no policy can say it", () => {
    expectTypeOf(serviceSas).returns.toEqualTypeOf<Promise<string>>();
    // @ts-expect-error a token signed by a user takes what the service gave, and no text
    void userDelegationSas({ account: "a", key: "b", share: "abc", permissions: "r", expiresOn: "2100-01-01" });
    // @ts-expect-error an account token has an end
    void accountSas({ account: "a", key: "b", permissions: "r", resourceTypes: "o" });
  });
});

describe("connections", () => {
  it("take options that are undefined, but not null, and the global fetch", () => {
    expectTypeOf(connect).toBeCallableWith({
      endpoint: "https://a",
      credential: undefined,
      share: undefined,
      retry: undefined,
      timeouts: { idle: undefined },
    });
    expectTypeOf<typeof globalThis.fetch>().toExtend<NonNullable<ConnectionOptions["fetch"]>>();
    // @ts-expect-error an endpoint is needed
    connect({ share: "a" });
    // @ts-expect-error null is no option
    connect({ endpoint: "https://a", share: null });
    // @ts-expect-error a connection is frozen
    connection.share = "other";
  });
});

describe("results", () => {
  it("of an upload are awaited as one promise with a state", () => {
    expectTypeOf<Awaited<Upload>>().toEqualTypeOf<files.FileWritten>();
    expectTypeOf(upload).parameter(0).toEqualTypeOf<Connection>();
    expectTypeOf<UploadRequest["body"]>().toEqualTypeOf<NonNullable<UploadRequest["body"]>>();
    expectTypeOf<Blob | Uint8Array | ArrayBuffer | string | Response | ReadableStream<Uint8Array>>().toExtend<UploadRequest["body"]>();
    expectTypeOf<AsyncGenerator<Uint8Array>>().toExtend<UploadRequest["body"]>();
  });

  it("of a download are bytes", () => {
    expectTypeOf(download).returns.resolves.toEqualTypeOf<Download>();
    expectTypeOf<Download["body"]>().toEqualTypeOf<ReadableStream<Uint8Array<ArrayBuffer>>>();
    expectTypeOf<Download["size"]>().toEqualTypeOf<number>();
  });

  it("of a listing are told apart by their kind", async () => {
    for await (const entry of client.directories.list()) {
      expectTypeOf(entry.kind).toEqualTypeOf<"file" | "directory">();
      if (entry.kind === "file") expectTypeOf(entry.size).toEqualTypeOf<number>();
      // @ts-expect-error a directory has no size
      else void entry.size;
    }
  });
});

describe("guards", () => {
  it("narrow what was caught", () => {
    const caught: unknown = undefined;
    if (isServiceError(caught, "LeaseIdMissing")) {
      expectTypeOf(caught.code).toExtend<"LeaseIdMissing">();
      expectTypeOf(caught.status).toEqualTypeOf<number>();
    }
    if (isTransportError(caught))
      expectTypeOf(caught.reason).toEqualTypeOf<
        "network" | "timeout" | "stalled" | "truncated" | "redirect" | "certificate" | "circuit-open"
      >();
    if (isIntegrityError(caught)) expectTypeOf(caught.reason).toExtend<string>();
    // @ts-expect-error a code that the service does not have
    isServiceError(caught, "NoSuchCode");
  });
});
