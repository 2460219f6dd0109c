/** Microsoft's own client against the emulator over HTTP: it knows the real spelling and the real signatures, and owes us nothing. */
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import {
  AnonymousCredential,
  newPipeline,
  RestError,
  type ShareClient,
  ShareServiceClient,
  StorageSharedKeyCredential,
} from "@azure/storage-file-share";
import { connect, type Connection, sas, sharedKey } from "azure-files";
import * as directories from "azure-files/directories";
import * as files from "azure-files/files";
import { serve } from "azure-files/node";
import { accountSas, serviceSas } from "azure-files/sas";
import * as shares from "azure-files/shares";
import { createEmulator } from "azure-files/simulation";
import { download, upload } from "azure-files/streaming";
import { afterAll, describe, expect, it } from "vitest";

const emulator = createEmulator();
const { account, key } = emulator;
const server = await serve(emulator);
afterAll(() => server.close());
const endpoint = `${server.url}/${account}`;
const MEBIBYTE = 1024 * 1024;

const grant = { account, key, protocol: "https,http", expiresOn: new Date(Date.now() + 3_600_000) } as const;
const accountToken = await accountSas({ ...grant, permissions: "rwdlc", resourceTypes: "sco" });
const options = { retryOptions: { maxTries: 1 } };

const ways = [
  {
    way: "Shared Key",
    service: new ShareServiceClient(endpoint, newPipeline(new StorageSharedKeyCredential(account, key), options)),
    credential: sharedKey({ account, key }),
  },
  {
    way: "a SAS of ours",
    service: new ShareServiceClient(`${endpoint}?${accountToken}`, newPipeline(new AnonymousCredential(), options)),
    credential: sas(accountToken),
  },
];

let last = 0;
async function newShare(service: ShareServiceClient): Promise<ShareClient> {
  const share = service.getShareClient(`oracle-${++last}`);
  await share.create();
  return share;
}

const bytesOf = (size: number): Buffer => Buffer.from(Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 8)) & 255));

async function names(items: AsyncIterable<{ readonly name: string }>): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of items) found.push(name);
  return found;
}

async function refused(work: Promise<unknown>): Promise<{ status: number | undefined; code: string | undefined }> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RestError);
  const { statusCode, details, code } = error as RestError & { details?: { errorCode?: string } };
  return { status: statusCode, code: details?.errorCode ?? code };
}

describe.each(ways)("the official client with $way", ({ service, credential }) => {
  const ours = (share: ShareClient): Connection => connect({ endpoint, credential, share: share.name });

  it("creates, lists, reads and deletes shares", async () => {
    const name = `oracle-${++last}`;
    const share = service.getShareClient(name);
    const created = await share.create({ quota: 9, metadata: { owner: "them" } });
    expect(created.etag).toMatch(/^"0x[0-9A-F]+"$/);
    expect(await refused(share.create())).toEqual({ status: 409, code: "ShareAlreadyExists" });
    expect((await share.createIfNotExists()).succeeded).toBe(false);
    const properties = await share.getProperties();
    expect(properties.quota).toBe(9);
    expect(properties.metadata).toEqual({ owner: "them" });
    const [item] = (await service.listShares({ prefix: name, includeMetadata: true }).byPage({ maxPageSize: 5 }).next()).value.shareItems;
    expect(item).toMatchObject({ name, metadata: { owner: "them" }, properties: { quota: 9, etag: created.etag } });
    const found = await shares.getProperties(ours(share));
    expect(found).toMatchObject({ quotaGiB: 9, etag: created.etag, metadata: { owner: "them" } });
    await share.delete();
    expect(await share.exists()).toBe(false);
    expect(await refused(share.delete())).toEqual({ status: 404, code: "ShareNotFound" });
  });

  it("creates, lists and deletes directories", async () => {
    const share = await newShare(service);
    const directory = share.getDirectoryClient("dir ä#1");
    const created = await directory.create({ metadata: { a: "b" }, creationTime: new Date("2020-01-02T03:04:05Z") });
    expect(created.fileId).toMatch(/^\d+$/);
    expect(await refused(directory.create())).toEqual({ status: 409, code: "ResourceAlreadyExists" });
    expect(await refused(share.getDirectoryClient("x/y").create())).toEqual({ status: 404, code: "ParentNotFound" });
    const inner = ["a%b", "c+d", "e & f", "g\uFFFEh"];
    for (const name of inner) await directory.getDirectoryClient(name).create();
    expect((await names(directory.listFilesAndDirectories())).toSorted()).toEqual(inner.toSorted());
    const pages: string[][] = [];
    for await (const page of directory.listFilesAndDirectories().byPage({ maxPageSize: 3 })) {
      pages.push(page.segment.directoryItems.map(({ name }) => name));
    }
    expect(pages.map(({ length }) => length)).toEqual([3, 1]);
    const properties = await directory.getProperties();
    expect(properties.metadata).toEqual({ a: "b" });
    expect(properties.fileCreatedOn).toEqual(new Date("2020-01-02T03:04:05Z"));
    expect(await refused(directory.delete())).toEqual({ status: 409, code: "DirectoryNotEmpty" });
    for (const name of inner) await directory.getDirectoryClient(name).delete();
    await directory.delete();
    expect(await directory.exists()).toBe(false);
    await share.delete();
  });

  it("lists with everything it can ask for", async () => {
    const share = await newShare(service);
    await share.getDirectoryClient("d").create();
    await share.rootDirectoryClient.createFile("f", 1234);
    const asked = {
      includeEtag: true,
      includeTimestamps: true,
      includeAttributes: true,
      includePermissionKey: true,
      includeExtendedInfo: true,
    };
    const found = [];
    for await (const item of share.rootDirectoryClient.listFilesAndDirectories(asked)) found.push(item);
    // The official client puts files before directories, whatever the service says.
    expect(found.map(({ kind, name }) => [kind, name])).toEqual([
      ["file", "f"],
      ["directory", "d"],
    ]);
    const [file, directory] = found;
    expect(file?.properties).toMatchObject({ contentLength: 1234 });
    for (const item of [directory, file]) {
      expect(item?.properties?.etag).toMatch(/^"0x/);
      expect(item?.properties?.creationTime).toBeInstanceOf(Date);
      expect(item?.attributes).toBe(item === file ? "Archive" : "Directory");
      expect(item?.permissionKey).toBeTruthy();
      expect(item?.fileId).toMatch(/^\d+$/);
    }
    expect(await names(share.rootDirectoryClient.listFilesAndDirectories({ prefix: "f" }))).toEqual(["f"]);
    await share.delete();
  });

  it("uploads in every way, and we read it", async () => {
    const share = await newShare(service);
    const body = bytesOf(9 * MEBIBYTE + 17);
    const fileHttpHeaders = { fileContentType: "text/x-own", fileContentLanguage: "de", fileContentDisposition: "inline" };
    await share.rootDirectoryClient
      .getFileClient("data %1.bin")
      .uploadData(body, { fileHttpHeaders, metadata: { a: "b" }, concurrency: 4 });
    await share.rootDirectoryClient
      .getFileClient("stream")
      .uploadStream(Readable.from([body.subarray(0, 5_000_000), body.subarray(5_000_000)]), body.byteLength, 2 * MEBIBYTE, 3);
    const ranged = share.rootDirectoryClient.getFileClient("ranged");
    await ranged.create(2000);
    const written = await ranged.uploadRange(body.subarray(0, 700), 300, 700);
    expect(written.contentMD5).toHaveLength(16);
    expect(await refused(ranged.uploadRange(body.subarray(0, 700), 1500, 700))).toEqual({ status: 416, code: "InvalidRange" });
    const connection = ours(share);
    for (const path of ["data %1.bin", "stream"]) {
      expect(Buffer.from(await (await download(connection, { path })).bytes()).equals(body)).toBe(true);
    }
    const { content, metadata } = await files.getProperties(connection, { path: "data %1.bin" });
    expect(content).toMatchObject({ type: "text/x-own", language: "de", disposition: "inline" });
    expect(metadata).toEqual({ a: "b" });
    const expected = Buffer.alloc(2000);
    body.copy(expected, 300, 0, 700);
    expect(Buffer.from(await (await files.read(connection, { path: "ranged" })).bytes()).equals(expected)).toBe(true);
    await share.delete();
  });

  it("reads what we wrote", async () => {
    const share = await newShare(service);
    const connection = ours(share);
    const body = bytesOf(5 * MEBIBYTE + 3);
    const path = "dir/100% größer #1.bin";
    await directories.create(connection, { path: "dir", metadata: { who: "us" } });
    const { etag } = await upload(connection, {
      path,
      body: Readable.from([body]),
      content: { type: "text/x-own", cacheControl: "no-store" },
      metadata: { A_1: "x", a1: "y" },
      smb: { attributes: "Hidden", lastWriteTime: "2020-01-02T03:04:05.6780000Z" },
    });
    const file = share.getDirectoryClient("dir").getFileClient("100% größer #1.bin");
    const properties = await file.getProperties();
    expect(properties).toMatchObject({
      contentLength: body.byteLength,
      contentType: "text/x-own",
      cacheControl: "no-store",
      etag,
      metadata: { a_1: "x", a1: "y" },
    });
    expect(properties.fileAttributes).toContain("Hidden");
    expect(properties.fileLastWriteOn).toEqual(new Date("2020-01-02T03:04:05.678Z"));
    expect((await file.downloadToBuffer(0, undefined, { rangeSize: MEBIBYTE })).equals(body)).toBe(true);
    const part = await file.download(1000, 500);
    expect(part.contentLength).toBe(500);
    expect((await buffer(part.readableStreamBody as Readable)).equals(body.subarray(1000, 1500))).toBe(true);
    const withMd5 = await file.download(0, 1000, { rangeGetContentMD5: true });
    expect(withMd5.contentMD5).toHaveLength(16);
    await buffer(withMd5.readableStreamBody as Readable);
    expect((await share.getDirectoryClient("dir").getProperties()).metadata).toEqual({ who: "us" });
    expect(await names(share.getDirectoryClient("dir").listFilesAndDirectories())).toEqual(["100% größer #1.bin"]);
    expect(await refused(share.getDirectoryClient("dir").getFileClient("other").download())).toEqual({
      status: 404,
      code: "ResourceNotFound",
    });
    await share.delete();
  });

  it("changes headers, metadata, size and ranges, and we see it", async () => {
    const share = await newShare(service);
    const connection = ours(share);
    const file = share.rootDirectoryClient.getFileClient("f");
    await file.uploadData(bytesOf(10_240));
    await file.setHttpHeaders({ fileContentType: "text/html", fileContentEncoding: "x-own" });
    await file.setMetadata({ k: "v" });
    let found = await files.getProperties(connection, { path: "f" });
    expect(found.content).toMatchObject({ type: "text/html", encoding: "x-own" });
    expect(found.metadata).toEqual({ k: "v" });
    await file.clearRange(500, 2048);
    const list = await file.getRangeList();
    expect(list.rangeList).toEqual([
      { start: 0, end: 511 },
      { start: 2048, end: 10_239 },
    ]);
    expect((await files.listRanges(connection, { path: "f" })).ranges).toEqual(list.rangeList);
    await file.resize(100);
    found = await files.getProperties(connection, { path: "f" });
    expect(found.size).toBe(100);
    expect(found.content.type).toBe("text/html");
    await files.setProperties(connection, { path: "f", content: { language: "en" } });
    expect(await file.getProperties()).toMatchObject({
      contentType: "text/html",
      contentEncoding: "x-own",
      contentLanguage: "en",
      contentLength: 100,
    });
    await files.setMetadata(connection, { path: "f", metadata: {} });
    expect((await file.getProperties()).metadata).toEqual({});
    await file.delete();
    expect(await files.exists(connection, { path: "f" })).toBe(false);
    expect(await refused(file.delete())).toEqual({ status: 404, code: "ResourceNotFound" });
    expect((await file.deleteIfExists()).succeeded).toBe(false);
    await share.delete();
  });
});

describe("tokens of ours in the official client's hands", () => {
  it("open one share or one file, for what their letters say", async () => {
    const [{ service }] = ways as [(typeof ways)[0]];
    const share = await newShare(service);
    await share.rootDirectoryClient.getFileClient("a b.txt").uploadData(Buffer.from("here"));
    const clientOf = (token: string): ShareClient =>
      new ShareServiceClient(`${endpoint}?${token}`, newPipeline(new AnonymousCredential(), options)).getShareClient(share.name);
    const reader = clientOf(await serviceSas({ ...grant, share: share.name, permissions: "rl" })).rootDirectoryClient;
    expect(await names(reader.listFilesAndDirectories())).toEqual(["a b.txt"]);
    expect((await reader.getFileClient("a b.txt").downloadToBuffer()).toString()).toBe("here");
    expect(await refused(reader.getFileClient("a b.txt").delete())).toEqual({ status: 403, code: "AuthorizationPermissionMismatch" });
    const token = await serviceSas({
      ...grant,
      share: share.name,
      path: "a b.txt",
      permissions: "r",
      contentDisposition: 'attachment; filename="x"',
    });
    const file = clientOf(token).rootDirectoryClient.getFileClient("a b.txt");
    expect((await file.getProperties()).contentDisposition).toBe('attachment; filename="x"');
    expect(await refused(clientOf(token).rootDirectoryClient.getFileClient("other").create(1))).toEqual({
      status: 403,
      code: "AuthenticationFailed",
    });
    const expired = await serviceSas({
      ...grant,
      share: share.name,
      permissions: "r",
      startsOn: "2020-01-01T00:00:00Z",
      expiresOn: "2020-01-02T00:00:00Z",
    });
    expect(await refused(clientOf(expired).rootDirectoryClient.getFileClient("a b.txt").download())).toEqual({
      status: 403,
      code: "AuthenticationFailed",
    });
    await share.delete();
  });

  it("and its own in ours", async () => {
    const [{ service }] = ways as [(typeof ways)[0]];
    const share = await newShare(service);
    await share.rootDirectoryClient.getFileClient("f").uploadData(Buffer.from("here"));
    const { AccountSASPermissions, SASProtocol } = await import("@azure/storage-file-share");
    const url = service.generateAccountSasUrl(new Date(Date.now() + 3_600_000), AccountSASPermissions.parse("rl"), "sco", {
      protocol: SASProtocol.HttpsAndHttp,
    });
    const connection = connect({ endpoint, share: share.name, credential: sas(url.slice(url.indexOf("?"))) });
    expect(await (await files.read(connection, { path: "f" })).text()).toBe("here");
    await share.delete();
  });
});
