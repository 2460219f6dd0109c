/** Plays the transcripts in both directions: what we send is what is written, and we read of the answer what it says. */
import { connect, type Connection, type Middleware, type WireRequest } from "azure-files";
import * as directories from "azure-files/directories";
import * as files from "azure-files/files";
import { accountSas } from "azure-files/sas";
import * as shares from "azure-files/shares";
import { createEmulator } from "azure-files/simulation";
import { describe, expect, it } from "vitest";
import { names, transcript } from "./transcript.js";

const leaseId = "11111111-2222-3333-4444-555555555555";
const content = {
  type: "text/plain",
  encoding: "identity",
  language: "de",
  disposition: "inline",
  cacheControl: "no-store",
  md5: "AQIDBAUGBwgJCgsMDQ4PEA==",
};
const lastModified = new Date("2021-07-05T01:36:57Z");
const etag = '"0x8D93F5560DE6350"';

interface Play {
  /** The call whose request is written down. */
  readonly call: (connection: Connection) => Promise<unknown>;
  /** What comes of the answer that is written down. */
  readonly result?: unknown;
  /** Or what it fails with. */
  readonly error?: unknown;
}

const plays: Readonly<Record<string, Play>> = {
  "list-shares": {
    call: (connection) => firstPage(shares.list(connection, { prefix: "in", pageSize: 2, include: ["metadata", "snapshots"] })),
    result: {
      marker: "/devstoreaccount1/next",
      entries: [
        { name: "inbox", snapshot: "2021-07-05T01:36:57.0000000Z", etag: '"0x8D93F555F9EBEAC"', quotaGiB: 5120 },
        {
          name: "inbox",
          etag: '"0x8D93F555F9EBEAC"',
          lastModified: new Date("2021-07-05T01:36:55Z"),
          quotaGiB: 5120,
          properties: { AccessTier: "TransactionOptimized" },
          metadata: { owner: "me" },
        },
      ],
    },
  },
  "create-share": {
    call: (connection) => shares.create(connection, { quotaGiB: 7, accessTier: "Hot", enabledProtocols: "SMB", metadata: { owner: "me" } }),
    result: {
      created: true,
      etag: '"0x8D93F555F9EBEAC"',
      lastModified: new Date("2021-07-05T01:36:55Z"),
      requestId: "00000000-0000-0000-0000-000000000002",
    },
  },
  "get-share-properties": {
    call: (connection) => shares.getProperties(connection),
    result: {
      etag: '"0x8D93F555F9EBEAC"',
      quotaGiB: 5120,
      accessTier: "TransactionOptimized",
      enabledProtocols: "SMB",
      rootSquash: "NoRootSquash",
      leaseStatus: "locked",
      leaseState: "leased",
      leaseDuration: "infinite",
      metadata: { owner: "me" },
    },
  },
  "delete-share": {
    call: (connection) => shares.delete(connection, { deleteSnapshots: "include-leased", leaseId }),
    result: { usageBytes: 1024, snapshotUsageBytes: 0, requestId: "00000000-0000-0000-0000-000000000004" },
  },
  "create-directory": {
    call: (connection) =>
      directories.create(connection, {
        path: "a b/ü#",
        metadata: { owner: "me" },
        smb: { attributes: "Hidden", creationTime: "2020-01-02T03:04:05.1234567Z" },
      }),
    result: {
      created: true,
      etag,
      lastModified,
      attributes: "Directory | Hidden",
      creationTime: "2020-01-02T03:04:05.1234567Z",
      lastWriteTime: "2021-07-05T01:36:57.9593040Z",
      changeTime: "2021-07-05T01:36:57.9593040Z",
      fileId: "13835128424026341376",
      parentId: "11529285414812647424",
      permissionKey: "7735077018765312711*253227986890839374",
    },
  },
  "get-directory-properties": {
    call: (connection) => directories.getProperties(connection, {}),
    result: { etag, lastModified, attributes: "Directory", fileId: "0", metadata: { owner: "me" }, serverEncrypted: true },
  },
  "delete-directory": { call: (connection) => directories.delete(connection, { path: "a" }), result: { deleted: 1 } },
  "list-directories-and-files": {
    call: (connection) =>
      firstPage(
        directories.list(connection, {
          path: "a",
          prefix: "b",
          pageSize: 3,
          include: ["timestamps", "etag", "attributes", "permissionKey"],
        }),
        "1!4!YQ--",
      ),
    result: {
      marker: undefined,
      entries: [
        {
          kind: "directory",
          name: "b\uFFFE",
          fileId: "11529285414812647424",
          creationTime: "2021-07-05T01:36:57.9593040Z",
          lastAccessTime: "2021-07-05T01:36:57.9593040Z",
          lastWriteTime: "2021-07-05T01:36:57.9593040Z",
          changeTime: "2021-07-05T01:36:57.9593040Z",
          lastModified,
          etag,
          attributes: "Directory",
          permissionKey: "7735077018765312711*253227986890839374",
        },
        { kind: "file", name: "B & C ", size: 1024, fileId: "13835075647468208128", attributes: "Archive" },
      ],
    },
  },
  "create-file": {
    call: (connection) =>
      files.create(connection, {
        path: "a/100%.txt",
        size: 1024,
        content,
        metadata: { name: "value" },
        leaseId,
        smb: {
          attributes: "ReadOnly|Hidden",
          lastWriteTime: "2002-02-03T04:05:06.0000000Z",
          changeTime: "2003-02-03T04:05:06.0000000Z",
          permissionKey: "1*2",
        },
      }),
    result: {
      created: true,
      etag,
      lastModified,
      attributes: "ReadOnly | Hidden",
      fileId: "13835075647468208128",
      parentId: "13835128424026341376",
    },
  },
  "get-file": {
    call: async (connection) => {
      const found = await files.read(connection, { path: "a.txt", offset: 5, count: 5 });
      return { ...found, text: await found.text() };
    },
    result: { text: "hello", size: 1024, etag, lastModified, content: { type: "text/plain", md5: "AQIDBAUGBwgJCgsMDQ4PEA==" } },
  },
  "get-file-properties": {
    call: (connection) => files.getProperties(connection, { path: "a.txt", leaseId }),
    result: {
      size: 1024,
      etag,
      content: {
        type: undefined,
        encoding: "x-own",
        language: "de",
        disposition: "inline",
        cacheControl: "no-store",
        md5: "AQIDBAUGBwgJCgsMDQ4PEA==",
      },
      attributes: "Archive",
      creationTime: "2021-07-05T01:36:57.9593040Z",
      leaseStatus: "locked",
      leaseState: "leased",
      leaseDuration: "infinite",
      serverEncrypted: true,
      metadata: { name: "value" },
    },
  },
  "delete-file": {
    call: (connection) => files.delete(connection, { path: "a.txt" }),
    error: {
      name: "ServiceError",
      status: 412,
      code: "LeaseIdMissing",
      requestId: "00000000-0000-0000-0000-00000000000c",
      message:
        "Delete File failed: 412 LeaseIdMissing - There is currently a lease on the file and no lease ID was specified in the request. (request 00000000-0000-0000-0000-00000000000c) (attempt 1)",
    },
  },
  "set-file-properties": {
    call: (connection) => files.setProperties(connection, { path: "a.txt", size: 2048, content, smb: { attributes: "None" } }),
    result: { etag: '"0x8D93F5560DE6351"', attributes: "None", changeTime: "2021-07-05T01:36:58.0000000Z" },
  },
  "set-file-metadata": {
    call: (connection) => files.setMetadata(connection, { path: "a.txt", metadata: { owner: "me", a_1: "two" } }),
    result: { etag: '"0x8D93F5560DE6352"', lastModified: new Date("2021-07-05T01:36:58Z") },
  },
  "put-range": {
    call: (connection) =>
      files.putRange(connection, {
        path: "a.txt",
        offset: 512,
        body: "hello world",
        contentMd5: "XrY7u+Ae7tCTyyK7j1rNww==",
        lastWriteTime: "Preserve",
        leaseId,
      }),
    result: {
      etag: '"0x8D93F5560DE6353"',
      contentMd5: "XrY7u+Ae7tCTyyK7j1rNww==",
      lastWriteTime: "2021-07-05T01:36:57.9593040Z",
      serverEncrypted: true,
    },
  },
  "clear-range": {
    call: (connection) => files.clearRange(connection, { path: "a.txt", offset: 0, count: 10_737_418_240 }),
    result: { etag: '"0x8D93F5560DE6354"', contentMd5: undefined, serverEncrypted: undefined },
  },
  "list-ranges": {
    call: (connection) => files.listRanges(connection, { path: "a.txt", offset: 0, count: 4096 }),
    result: {
      size: 10_240,
      etag: '"0x8D93F5560DE6354"',
      ranges: [
        { start: 0, end: 511 },
        { start: 2048, end: 4095 },
      ],
    },
  },
};

async function firstPage<T>(
  listing: { pages(from: { marker?: string | undefined }): AsyncIterable<T> },
  marker?: string,
): Promise<T | undefined> {
  for await (const page of listing.pages({ marker })) return page;
  return undefined;
}

/** A query as its parts, whatever their order and however a comma or exclamation mark is written. */
const queryOf = (search: string): string[] => search.slice(1).split("&").filter(Boolean).map(decodeURIComponent).toSorted();

it("there is a play for every transcript", () => {
  expect(Object.keys(plays).toSorted()).toEqual(names);
});

describe.each(names)("%s", (name) => {
  const { source, request, response } = transcript(name);
  const { call, result, error } = plays[name] as Play;

  it("names where it comes from", () => {
    expect(source).toMatch(/^# .+ Wire page, /);
  });

  it("is what we send, and we read what it answers", async () => {
    const sent: WireRequest[] = [];
    const service: Middleware = () => async (wireRequest) => {
      sent.push(wireRequest);
      const headers = new Headers({ ...response.headers });
      const bodyless = request.start.startsWith("HEAD ") || response.body === "";
      return new Response(bodyless ? null : response.body, { status: Number(response.start), headers });
    };
    const connection = connect({
      endpoint: "http://127.0.0.1:10004/devstoreaccount1",
      share: "inbox",
      retry: false,
      middleware: [service],
    });
    if (error === undefined) expect(await call(connection)).toMatchObject(result as object);
    else await expect(call(connection)).rejects.toMatchObject(error as object);

    expect(sent).toHaveLength(1);
    const [{ method, url, headers, body }] = sent as [WireRequest];
    const [verb, target = ""] = request.start.split(" ");
    const [ours, theirs] = [new URL(url), new URL(target, "http://127.0.0.1:10004")];
    expect(`${method} ${ours.pathname.replace(/\/$/, "")}`).toBe(`${verb} ${theirs.pathname.replace(/\/$/, "")}`);
    expect(queryOf(ours.search)).toEqual(queryOf(theirs.search));
    const { "x-ms-date": _date, "x-ms-client-request-id": _id, ...compared } = headers;
    expect(compared).toEqual(request.headers);
    expect(body === undefined ? "" : new TextDecoder().decode(body as Uint8Array<ArrayBuffer>)).toBe(request.body);
  });

  it("is a request whose words the emulator knows", async () => {
    const emulator = createEmulator();
    const { account, key, endpoint } = emulator;
    const [method = "", target = ""] = request.start.split(" ");
    const expiresOn = new Date(Date.now() + 60_000);
    const token = await accountSas({ account, key, permissions: "rwdlc", resourceTypes: "sco", protocol: "https,http", expiresOn });
    const answer = await emulator.fetch(`${new URL(target, endpoint).href}${target.includes("?") ? "&" : "?"}${token}`, {
      method,
      headers: { ...request.headers },
      body: request.body === "" ? null : request.body,
    });
    // It has no shares, and would say first what it does not understand.
    const expected: Record<string, [number, string | null]> = { "list-shares": [200, null], "create-share": [201, null] };
    expect([answer.status, answer.headers.get("x-ms-error-code")]).toEqual(expected[name] ?? [404, "ShareNotFound"]);
  });
});
