import { describe, expect, it } from "vitest";
import { createFile, createShareCaller, errorCode, putRange, type Caller } from "./account.js";
import { createNfsCaller } from "./nfs-caller.js";

const leaseId = "11111111-2222-4333-8444-555555555555";
const held = { "x-ms-lease-id": leaseId };

async function hardLink(caller: Caller, path: string, target: string, headers: Record<string, string> = {}): Promise<Response> {
  return caller.call("PUT", `${path}?restype=hardlink`, { headers: { "x-ms-type": "file", "x-ms-file-target-file": target, ...headers } });
}

async function symbolicLink(caller: Caller, path: string, text: string, headers: Record<string, string> = {}): Promise<Response> {
  return caller.call("PUT", `${path}?restype=symboliclink`, { headers: { "x-ms-link-text": text, ...headers } });
}

async function text(caller: Caller, path: string): Promise<string> {
  return (await caller.call("GET", path)).text();
}

async function withFile(): Promise<Caller> {
  const caller = await createNfsCaller();
  await caller.call("PUT", "/unix/d?restype=directory");
  await createFile(caller, "/unix/d/f", 5, { "x-ms-owner": "123", "x-ms-group": "654", "x-ms-mode": "2755" });
  await putRange(caller, "/unix/d/f", 0, "hello");
  return caller;
}

describe("Create Hard Link", () => {
  it.each(["d/f", "/d/f", "d%2Ff", "http://127.0.0.1:10004/devstoreaccount1/unix/d/f"])("gives %s another name", async (target) => {
    const caller = await withFile();
    const before = (await caller.call("HEAD", "/unix/d/f")).headers;
    const answer = await hardLink(caller, "/unix/twin", target);
    expect(answer.status).toBe(201);
    const { headers } = answer;
    for (const name of ["x-ms-file-id", "x-ms-file-creation-time", "x-ms-file-last-write-time", "x-ms-mode", "x-ms-owner", "x-ms-group"])
      expect([name, headers.get(name)]).toEqual([name, before.get(name)]);
    expect(headers.get("x-ms-file-change-time")).not.toBe(before.get("x-ms-file-change-time"));
    expect(headers.get("etag")).not.toBe(before.get("etag"));
    expect(headers.get("x-ms-file-parent-id")).toBe("1");
    expect(headers.get("x-ms-link-count")).toBe("2");
    expect(headers.get("x-ms-file-file-type")).toBe("Regular");
    expect(headers.get("x-ms-request-server-encrypted")).toBe("false");
    const first = (await caller.call("HEAD", "/unix/d/f")).headers;
    expect([first.get("etag"), first.get("x-ms-link-count")]).toEqual([headers.get("etag"), "2"]);
    expect(first.get("x-ms-file-parent-id")).toBe(before.get("x-ms-file-parent-id"));
    expect(await text(caller, "/unix/twin")).toBe("hello");
  });

  it("shares content, size, properties, metadata and lease both ways", async () => {
    const caller = await withFile();
    await hardLink(caller, "/unix/twin", "d/f");
    await putRange(caller, "/unix/twin", 0, "J");
    expect(await text(caller, "/unix/d/f")).toBe("Jello");
    await caller.call("PUT", "/unix/d/f?comp=properties", { headers: { "x-ms-content-length": "2", "x-ms-mode": "0600" } });
    await caller.call("PUT", "/unix/twin?comp=metadata", { headers: { "x-ms-meta-a": "b" } });
    const [first, second] = [await caller.call("HEAD", "/unix/d/f"), await caller.call("HEAD", "/unix/twin")];
    for (const name of ["content-length", "x-ms-mode", "x-ms-meta-a", "etag", "last-modified", "content-type"])
      expect([name, first.headers.get(name)]).toEqual([name, second.headers.get(name)]);
    expect(second.headers.get("content-length")).toBe("2");
    expect(second.headers.get("x-ms-mode")).toBe("0600");
    expect(first.headers.get("x-ms-meta-a")).toBe("b");
    const acquire = { "x-ms-lease-action": "acquire", "x-ms-lease-duration": "-1", "x-ms-proposed-lease-id": leaseId };
    expect((await caller.call("PUT", "/unix/twin?comp=lease", { headers: acquire })).status).toBe(201);
    expect(await errorCode(putRange(caller, "/unix/d/f", 0, "x"))).toEqual([412, "LeaseIdMissing"]);
    expect((await putRange(caller, "/unix/d/f", 0, "x", held)).status).toBe(201);
  });

  it("shows a file that is created anew under one name in all of them", async () => {
    const caller = await withFile();
    await hardLink(caller, "/unix/twin", "d/f");
    const id = (await createFile(caller, "/unix/d/f", 3)).headers.get("x-ms-file-id");
    const twin = await caller.call("HEAD", "/unix/twin");
    expect([twin.headers.get("content-length"), twin.headers.get("x-ms-file-id")]).toEqual(["3", id]);
    expect(twin.headers.get("x-ms-link-count")).toBe("2");
  });

  it("keeps the content until the last name is gone", async () => {
    const caller = await withFile();
    await hardLink(caller, "/unix/twin", "d/f");
    await hardLink(caller, "/unix/third", "twin");
    const left = async (path: string): Promise<string | null> => (await caller.call("DELETE", path)).headers.get("x-ms-link-count");
    const stats = async (): Promise<string> =>
      /<ShareUsageBytes>(\d+)</.exec(await (await caller.call("GET", "/unix?restype=share&comp=stats")).text())?.[1] ?? "";
    expect(await stats()).toBe("512");
    expect(await left("/unix/d/f")).toBe("2");
    expect(await errorCode(caller.call("HEAD", "/unix/d/f"))).toEqual([404, "ResourceNotFound"]);
    expect(await text(caller, "/unix/third")).toBe("hello");
    expect(await left("/unix/third")).toBe("1");
    expect((await caller.call("HEAD", "/unix/twin")).headers.get("x-ms-link-count")).toBe("1");
    expect(await left("/unix/twin")).toBe("0");
    expect(await stats()).toBe("0");
  });

  it("asks for the lease of its target, and for no other", async () => {
    const caller = await withFile();
    // Recorded: the id of a lease that the file does not have was let through.
    expect((await hardLink(caller, "/unix/one", "d/f", held)).status).toBe(201);
    const acquire = { "x-ms-lease-action": "acquire", "x-ms-lease-duration": "-1", "x-ms-proposed-lease-id": leaseId };
    await caller.call("PUT", "/unix/d/f?comp=lease", { headers: acquire });
    expect(await errorCode(hardLink(caller, "/unix/two", "d/f"))).toEqual([412, "LeaseIdMissing"]);
    const wrong = { "x-ms-lease-id": "99999999-2222-4333-8444-555555555555" };
    expect(await errorCode(hardLink(caller, "/unix/two", "d/f", wrong))).toEqual([412, "LeaseIdMismatchWithFileOperation"]);
    expect((await hardLink(caller, "/unix/two", "d/f", held)).status).toBe(201);
  });

  it.each([
    ["/unix/d/f", "d/f", [409, "ResourceAlreadyExists"]],
    ["/unix/d", "d/f", [409, "ResourceAlreadyExists"]],
    ["/unix/none/twin", "d/f", [404, "ParentNotFound"]],
    ["/unix/twin", "d/none", [404, "ResourceNotFound"]],
    ["/unix/twin", "none/f", [404, "ResourceNotFound"]],
    ["/unix/twin", "d/f/f", [404, "ResourceNotFound"]],
    ["/unix/twin", "d", [409, "ResourceTypeMismatch"]],
    ["/unix/twin", "D/f", [404, "ResourceNotFound"]],
    ["/unix/twin", "", [400, "InvalidHeaderValue"]],
    ["/unix/twin", "x".repeat(2049), [400, "InvalidHeaderValue"]],
    ["/unix/twin", "http://127.0.0.1:10004/devstoreaccount1/other/d/f", [400, "InvalidHeaderValue"]],
    ["/none/twin", "d/f", [404, "ShareNotFound"]],
  ] as const)("%s to %.20s is refused with %j", async (path, target, expected) => {
    const caller = await withFile();
    expect(await errorCode(hardLink(caller, path, target))).toEqual(expected);
    expect((await caller.call("HEAD", "/unix/d/f")).headers.get("x-ms-link-count")).toBe("1");
  });

  it("needs its headers", async () => {
    const caller = await withFile();
    const call = (headers: Record<string, string>): Promise<[number, string | null]> =>
      errorCode(caller.call("PUT", "/unix/twin?restype=hardlink", { headers }));
    expect(await call({ "x-ms-file-target-file": "d/f" })).toEqual([400, "MissingRequiredHeader"]);
    expect(await call({ "x-ms-type": "file" })).toEqual([400, "MissingRequiredHeader"]);
    expect(await call({ "x-ms-type": "link", "x-ms-file-target-file": "d/f" })).toEqual([400, "InvalidHeaderValue"]);
  });
});

describe("symbolic links", () => {
  it("keep a text, as it stands, and hand it back encoded", async () => {
    const caller = await createNfsCaller();
    const made = await symbolicLink(caller, "/unix/way", "../some where/f%41", {
      "x-ms-owner": "123",
      "x-ms-group": "456",
      "x-ms-meta-a": "b",
      "x-ms-file-creation-time": "2020-01-02T03:04:05Z",
    });
    expect(made.status).toBe(201);
    expect(made.headers.get("x-ms-file-file-type")).toBe("SymLink");
    expect(["x-ms-mode", "x-ms-owner", "x-ms-group"].map((name) => made.headers.get(name))).toEqual(["0777", "123", "456"]);
    expect(made.headers.get("x-ms-request-server-encrypted")).toBe("false");
    expect(made.headers.get("x-ms-link-count")).toBeNull();
    expect(made.headers.get("x-ms-file-creation-time")).toBe("2020-01-02T03:04:05.0000000Z");
    const read = await caller.call("GET", "/unix/way?restype=symboliclink");
    expect(read.status).toBe(200);
    expect(decodeURIComponent(read.headers.get("x-ms-link-text") ?? "")).toBe("../some where/f%41");
    expect(read.headers.get("x-ms-link-text")).toBe("..%2Fsome%20where%2Ff%2541");
    expect(read.headers.get("etag")).toBe(made.headers.get("etag"));
    const head = await caller.call("HEAD", "/unix/way");
    expect(head.headers.get("x-ms-file-file-type")).toBe("SymLink");
    expect(head.headers.get("x-ms-meta-a")).toBe("b");
  });

  it("have no content, and lead nowhere", async () => {
    const caller = await withFile();
    await symbolicLink(caller, "/unix/way", "d/f");
    await symbolicLink(caller, "/unix/there", "d");
    const refused = [409, "ResourceTypeMismatch"];
    expect(await errorCode(caller.call("GET", "/unix/way"))).toEqual(refused);
    expect(await errorCode(caller.call("GET", "/unix/way?comp=rangelist"))).toEqual(refused);
    expect(await errorCode(putRange(caller, "/unix/way", 0, "x"))).toEqual(refused);
    expect(await errorCode(createFile(caller, "/unix/way", 1))).toEqual(refused);
    expect(await errorCode(caller.call("PUT", "/unix/way?comp=properties", { headers: { "x-ms-content-length": "1" } }))).toEqual(refused);
    expect(await errorCode(caller.call("HEAD", "/unix/there/f"))).toEqual([404, "ParentNotFound"]);
    expect(await errorCode(caller.call("GET", "/unix/there?restype=directory"))).toEqual([404, "ResourceNotFound"]);
    expect(await text(caller, "/unix/d/f")).toBe("hello");
  });

  it("can be owned, listed and deleted", async () => {
    const caller = await withFile();
    await symbolicLink(caller, "/unix/way", "d/f");
    const set = await caller.call("PUT", "/unix/way?comp=properties", { headers: { "x-ms-owner": "9" } });
    expect([set.status, set.headers.get("x-ms-owner"), set.headers.get("x-ms-mode")]).toEqual([200, "9", "0777"]);
    const xml = await (await caller.call("GET", "/unix?restype=directory&comp=list")).text();
    expect(xml).toMatch(
      /<File><Name>way<\/Name><FileId>\d+<\/FileId><Properties><Content-Length>3<\/Content-Length><\/Properties><\/File>/,
    );
    const deleted = await caller.call("DELETE", "/unix/way");
    expect([deleted.status, deleted.headers.get("x-ms-link-count")]).toEqual([202, "0"]);
    expect(await errorCode(caller.call("GET", "/unix/way?restype=symboliclink"))).toEqual([404, "ResourceNotFound"]);
    expect(await text(caller, "/unix/d/f")).toBe("hello");
  });

  it("are refused where they cannot be", async () => {
    const caller = await withFile();
    expect(await errorCode(symbolicLink(caller, "/unix/d/f", "x"))).toEqual([409, "ResourceAlreadyExists"]);
    expect(await errorCode(symbolicLink(caller, "/unix/none/way", "x"))).toEqual([404, "ParentNotFound"]);
    expect(await errorCode(symbolicLink(caller, "/unix/way", ""))).toEqual([400, "InvalidHeaderValue"]);
    expect(await errorCode(caller.call("PUT", "/unix/way?restype=symboliclink"))).toEqual([400, "MissingRequiredHeader"]);
    expect(await errorCode(caller.call("GET", "/unix/d/f?restype=symboliclink"))).toEqual([409, "ResourceTypeMismatch"]);
    expect(await errorCode(caller.call("GET", "/unix/none?restype=symboliclink"))).toEqual([404, "ResourceNotFound"]);
  });
});

describe("links on SMB shares", () => {
  it("are not supported", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/f", 0);
    const refused = [400, "FeatureNotSupportedOnStorageAccount"];
    expect(await errorCode(hardLink(caller, "/docs/twin", "f"))).toEqual(refused);
    expect(await errorCode(symbolicLink(caller, "/docs/way", "f"))).toEqual(refused);
    expect(await errorCode(caller.call("GET", "/docs/f?restype=symboliclink"))).toEqual(refused);
  });
});
