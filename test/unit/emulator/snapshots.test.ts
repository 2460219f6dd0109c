import { describe, expect, it } from "vitest";
import { SparseContent } from "../../../src/simulation/emulator/content.js";
import { createCaller, createFile, createShareCaller, errorCode, putRange, type Caller } from "./account.js";

/** Takes a snapshot of `docs` and returns its time. */
async function take(caller: Caller, headers: Record<string, string> = {}): Promise<string> {
  const response = await caller.call("PUT", "/docs?restype=share&comp=snapshot", { headers });
  expect(response.status).toBe(201);
  return response.headers.get("x-ms-snapshot") ?? "";
}

const text = async (answer: Promise<Response>): Promise<string> => (await answer).text();

/** A share with the directory `d`, in it the file `d/f` of 600 bytes that begins with `old`, and metadata everywhere. */
async function filled(): Promise<Caller> {
  const caller = createCaller();
  await caller.call("PUT", "/docs?restype=share", { headers: { "x-ms-meta-of": "share" } });
  await caller.call("PUT", "/docs/d?restype=directory", { headers: { "x-ms-meta-of": "directory" } });
  await createFile(caller, "/docs/d/f", 600, { "x-ms-meta-of": "file", "x-ms-content-type": "text/plain" });
  await putRange(caller, "/docs/d/f", 0, "old");
  return caller;
}

describe("snapshots", () => {
  it("are named by a whole second, which no two of them share", async () => {
    const caller = await createShareCaller();
    expect([await take(caller), await take(caller), await take(caller)]).toEqual([
      "2026-01-01T12:00:00.0000000Z",
      "2026-01-01T12:00:01.0000000Z",
      "2026-01-01T12:00:02.0000000Z",
    ]);
    caller.advance(10_700);
    expect(await take(caller)).toBe("2026-01-01T12:00:10.0000000Z");
  });

  it("never get the name of one that was deleted, nor one before the latest", async () => {
    const caller = await createShareCaller();
    const [first, second] = [await take(caller), await take(caller)];
    for (const time of [first, second]) {
      expect((await caller.call("DELETE", `/docs?restype=share&sharesnapshot=${time}`)).status).toBe(202);
      expect((await take(caller)) > second).toBe(true);
    }
  });

  it("have metadata, ETag and Last-Modified of the share, unless they come with metadata", async () => {
    const caller = await filled();
    const share = await caller.call("HEAD", "/docs?restype=share");
    caller.advance(5000);
    const plain = await caller.call("PUT", "/docs?restype=share&comp=snapshot");
    expect(plain.headers.get("etag")).toBe(share.headers.get("etag"));
    expect(plain.headers.get("last-modified")).toBe(share.headers.get("last-modified"));
    const own = await caller.call("PUT", "/docs?restype=share&comp=snapshot", { headers: { "x-ms-meta-why": "backup" } });
    expect(own.headers.get("etag")).not.toBe(share.headers.get("etag"));

    const read = async (snapshot: Response): Promise<Response> =>
      caller.call("GET", `/docs?restype=share&comp=metadata&sharesnapshot=${snapshot.headers.get("x-ms-snapshot")}`);
    expect((await read(plain)).headers.get("x-ms-meta-of")).toBe("share");
    const readOwn = await read(own);
    expect([readOwn.headers.get("x-ms-meta-of"), readOwn.headers.get("x-ms-meta-why")]).toEqual([null, "backup"]);
    expect(readOwn.headers.get("etag")).toBe(own.headers.get("etag"));
    const after = await caller.call("HEAD", "/docs?restype=share");
    expect([after.headers.get("etag"), after.headers.get("x-ms-meta-of")]).toEqual([share.headers.get("etag"), "share"]);
    expect(await errorCode(caller.call("PUT", "/docs?restype=share&comp=snapshot", { headers: { "x-ms-meta-": "x" } }))).toEqual([
      400,
      "EmptyMetadataKey",
    ]);
  });

  it("keep content, properties, names and settings as they were", async () => {
    const caller = await filled();
    const before = await caller.call("HEAD", "/docs/d/f");
    const at = `sharesnapshot=${await take(caller)}`;
    await putRange(caller, "/docs/d/f", 0, "new");
    await caller.call("PUT", "/docs/d/f?comp=metadata", { headers: { "x-ms-meta-of": "changed" } });
    await caller.call("PUT", "/docs/d/f?comp=properties", { headers: { "x-ms-content-length": "3" } });
    await caller.call("PUT", "/docs/d?restype=directory&comp=metadata", { headers: { "x-ms-meta-of": "changed" } });
    await createFile(caller, "/docs/d/later", 1);
    await caller.call("PUT", "/docs?restype=share&comp=properties", { headers: { "x-ms-share-quota": "7" } });
    await caller.call("PUT", "/docs?restype=share&comp=metadata", { headers: { "x-ms-meta-of": "changed" } });

    const file = await caller.call("HEAD", `/docs/d/f?${at}`);
    for (const name of [
      "etag",
      "content-length",
      "x-ms-meta-of",
      "content-type",
      "x-ms-file-id",
      "x-ms-file-parent-id",
      "x-ms-file-change-time",
    ]) {
      expect([name, file.headers.get(name)]).toEqual([name, before.headers.get(name)]);
    }
    expect((await text(caller.call("GET", `/docs/d/f?${at}`))).slice(0, 4)).toBe("old\0");
    expect(await text(caller.call("GET", "/docs/d/f"))).toBe("new");
    expect((await caller.call("GET", `/docs/d?restype=directory&${at}`)).headers.get("x-ms-meta-of")).toBe("directory");
    const share = await caller.call("GET", `/docs?restype=share&${at}`);
    expect([share.headers.get("x-ms-share-quota"), share.headers.get("x-ms-meta-of")]).toEqual(["102400", "share"]);
    const listing = await text(caller.call("GET", `/docs/d?restype=directory&comp=list&${at}`));
    expect(listing).toContain(`ShareName="docs" ShareSnapshot="2026-01-01T12:00:00.0000000Z" DirectoryPath="d"`);
    expect([...listing.matchAll(/<Name>([^<]*)/g)].map((match) => match[1])).toEqual(["f"]);
    expect(await errorCode(caller.call("HEAD", `/docs/d/later?${at}`))).toEqual([404, "ResourceNotFound"]);
  });

  it("are read from the root on down, after all of the share is gone, too", async () => {
    const caller = await filled();
    const at = `sharesnapshot=${await take(caller)}`;
    await caller.call("DELETE", "/docs/d/f");
    await caller.call("DELETE", "/docs/d?restype=directory");
    for (const path of [
      "/docs?restype=directory",
      "/docs?restype=directory&comp=list",
      "/docs?restype=directory&comp=metadata",
      "/docs?restype=share",
      "/docs?restype=share&comp=metadata",
      "/docs/d?restype=directory",
      "/docs/d?restype=directory&comp=list",
      "/docs/d?restype=directory&comp=metadata",
      "/docs/d?comp=listhandles",
      "/docs/d/f",
      "/docs/d/f?comp=metadata",
      "/docs/d/f?comp=rangelist",
      "/docs/d/f?comp=listhandles",
    ]) {
      const response = await caller.call("GET", `${path}${path.includes("?") ? "&" : "?"}${at}`);
      expect([path, response.status]).toEqual([path, 200]);
    }
    expect(await errorCode(caller.call("HEAD", "/docs/d/f"))).toEqual([404, "ParentNotFound"]);
    expect(await errorCode(caller.call("GET", `/docs/none/f?${at}`))).toEqual([404, "ParentNotFound"]);
  });

  it.each([
    ["PUT", "/docs?restype=share&comp=snapshot"],
    ["PUT", "/docs?restype=share&comp=metadata"],
    ["PUT", "/docs?restype=share&comp=properties"],
    ["GET", "/docs?restype=share&comp=acl"],
    ["PUT", "/docs/new?restype=directory"],
    ["PUT", "/docs/d?restype=directory&comp=metadata"],
    ["DELETE", "/docs/d?restype=directory"],
    ["DELETE", "/docs/d/f"],
    ["PUT", "/docs/d/f?comp=metadata"],
    ["PUT", "/docs/d/f?comp=properties"],
    ["PUT", "/docs/d/f?comp=range"],
    ["PUT", "/docs/d/f"],
    ["PUT", "/docs/d/f?comp=rename"],
    ["PUT", "/docs/d?restype=directory&comp=rename"],
    ["PUT", "/docs/d?restype=directory&comp=properties"],
    ["PUT", "/docs?restype=share&comp=acl"],
    ["PUT", "/docs?restype=share"],
  ])("refuse %s %s", async (method, path) => {
    const caller = await filled();
    const time = await take(caller);
    const response = await caller.call(method, `${path}${path.includes("?") ? "&" : "?"}sharesnapshot=${time}`);
    expect([response.status, response.headers.get("x-ms-error-code")]).toEqual([400, "InvalidQueryParameterValue"]);
    expect(await response.text()).toContain("<QueryParameterName>sharesnapshot</QueryParameterName>");
  });

  it("are at most 200", async () => {
    const caller = await createShareCaller();
    const times = new Set<string>();
    for (let count = 0; count < 200; count++) times.add(await take(caller));
    expect(times.size).toBe(200);
    expect(await errorCode(caller.call("PUT", "/docs?restype=share&comp=snapshot"))).toEqual([409, "ShareSnapshotCountExceeded"]);
    await caller.call("DELETE", "/docs?restype=share&sharesnapshot=2026-01-01T12:00:00.0000000Z");
    await take(caller);
  });

  it("are asked for by a time", async () => {
    const caller = await createShareCaller();
    expect(await errorCode(caller.call("GET", "/docs?restype=share&sharesnapshot=yesterday"))).toEqual([400, "InvalidQueryParameterValue"]);
    await take(caller);
    expect((await caller.call("GET", "/docs?restype=share&sharesnapshot=2026-01-01T12:00:00Z")).status).toBe(200);
    expect(await errorCode(caller.call("GET", "/docs?restype=share&sharesnapshot=2026-01-01T12:00:01Z"))).toEqual([
      404,
      "ShareSnapshotNotFound",
    ]);
  });

  it("keep hard links together and leave leases behind", async () => {
    const caller = await filled();
    const id = "00000000-0000-4000-8000-000000000001";
    await caller.call("PUT", "/docs/d/f?comp=lease", {
      headers: { "x-ms-lease-action": "acquire", "x-ms-lease-duration": "-1", "x-ms-proposed-lease-id": id },
    });
    const time = await take(caller);
    expect((await caller.call("HEAD", "/docs/d/f")).headers.get("x-ms-lease-state")).toBe("leased");
    expect((await caller.call("HEAD", `/docs/d/f?sharesnapshot=${time}`)).headers.get("x-ms-lease-state")).toBe("available");

    const nfs = createCaller();
    await nfs.call("PUT", "/docs?restype=share", { headers: { "x-ms-enabled-protocols": "NFS" } });
    await createFile(nfs, "/docs/a", 3);
    await putRange(nfs, "/docs/a", 0, "old");
    const link = await nfs.call("PUT", "/docs/b?restype=hardlink", { headers: { "x-ms-type": "file", "x-ms-file-target-file": "/a" } });
    expect(link.status).toBe(201);
    const at = `sharesnapshot=${await take(nfs)}`;
    await putRange(nfs, "/docs/b", 0, "new");
    const [a, b] = [await nfs.call("GET", `/docs/a?${at}`), await nfs.call("GET", `/docs/b?${at}`)];
    expect([await a.text(), await b.text()]).toEqual(["old", "old"]);
    expect([a.headers.get("x-ms-file-id"), a.headers.get("x-ms-link-count")]).toEqual([b.headers.get("x-ms-file-id"), "2"]);
    expect(await text(nfs.call("GET", "/docs/a"))).toBe("new");
  });
});

describe("deletion of shares that have snapshots", () => {
  it("wants to be told so", async () => {
    const caller = await createShareCaller();
    await take(caller);
    expect(await errorCode(caller.call("DELETE", "/docs?restype=share"))).toEqual([409, "ShareHasSnapshots"]);
    expect((await caller.call("DELETE", "/docs?restype=share", { headers: { "x-ms-delete-snapshots": "include" } })).status).toBe(202);
    expect(await errorCode(caller.call("HEAD", "/docs?restype=share"))).toEqual([404, "ShareNotFound"]);
  });

  it("takes one snapshot away, which is not said in two ways at once", async () => {
    const caller = await createShareCaller();
    const [time, other] = [await take(caller), await take(caller)];
    const path = `/docs?restype=share&sharesnapshot=${time}`;
    for (const value of ["include", "include-leased"]) {
      expect(await errorCode(caller.call("DELETE", path, { headers: { "x-ms-delete-snapshots": value } }))).toEqual([
        400,
        "InvalidHeaderValue",
      ]);
    }
    expect((await caller.call("DELETE", path)).status).toBe(202);
    expect(await errorCode(caller.call("DELETE", path))).toEqual([404, "ShareSnapshotNotFound"]);
    expect((await caller.call("HEAD", `/docs?restype=share&sharesnapshot=${other}`)).status).toBe(200);
    expect((await caller.call("HEAD", "/docs?restype=share")).status).toBe(200);
  });

  it("minds the leases of snapshots, each of which has its own", async () => {
    const caller = await createShareCaller();
    const time = await take(caller);
    const id = "00000000-0000-4000-8000-000000000001";
    const path = `/docs?restype=share&sharesnapshot=${time}`;
    const acquire = { "x-ms-lease-action": "acquire", "x-ms-lease-duration": "15", "x-ms-proposed-lease-id": id };
    const leased = await caller.call("PUT", `/docs?restype=share&comp=lease&sharesnapshot=${time}`, { headers: acquire });
    expect([leased.status, leased.headers.get("x-ms-lease-id")]).toEqual([201, id]);
    expect((await caller.call("HEAD", "/docs?restype=share")).headers.get("x-ms-lease-state")).toBe("available");
    expect((await caller.call("HEAD", path)).headers.get("x-ms-lease-state")).toBe("leased");

    expect(await errorCode(caller.call("DELETE", path))).toEqual([412, "LeaseIdMissing"]);
    const include = { "x-ms-delete-snapshots": "include" };
    expect(await errorCode(caller.call("DELETE", "/docs?restype=share", { headers: include }))).toEqual([
      409,
      "DeleteShareWhenSnapshotLeased",
    ]);
    caller.advance(15_000); // expired
    expect((await caller.call("HEAD", path)).headers.get("x-ms-lease-state")).toBe("expired");
    await caller.call("PUT", `/docs?restype=share&comp=lease&sharesnapshot=${time}`, { headers: acquire });
    const all = { "x-ms-delete-snapshots": "include-leased" };
    expect((await caller.call("DELETE", "/docs?restype=share", { headers: all })).status).toBe(202);
  });

  it("takes a leased snapshot with the id", async () => {
    const caller = await createShareCaller();
    const time = await take(caller);
    const id = "00000000-0000-4000-8000-000000000001";
    await caller.call("PUT", `/docs?restype=share&comp=lease&sharesnapshot=${time}`, {
      headers: { "x-ms-lease-action": "acquire", "x-ms-lease-duration": "-1", "x-ms-proposed-lease-id": id },
    });
    const path = `/docs?restype=share&sharesnapshot=${time}`;
    expect((await caller.call("DELETE", path, { headers: { "x-ms-lease-id": id } })).status).toBe(202);
    expect((await caller.call("DELETE", "/docs?restype=share")).status).toBe(202);
  });
});

describe("a copy of content", () => {
  it("sees nothing of later writes, nor does what it was copied from", () => {
    const block = 1048576;
    const content = new SparseContent(3 * block);
    content.write(block - 2, new Uint8Array([1, 2, 3, 4]));
    const copy = content.cut();
    content.write(block - 1, new Uint8Array([8, 8]));
    copy.write(block, new Uint8Array([9]));
    expect([...content.read(block - 2, 4)]).toEqual([1, 8, 8, 4]);
    expect([...copy.read(block - 2, 4)]).toEqual([1, 2, 9, 4]);
    const second = content.cut();
    content.clear(0, 3 * block);
    content.resize(10);
    expect([...second.read(block - 2, 4)]).toEqual([1, 8, 8, 4]);
    expect([second.size, second.allocated, content.allocated]).toEqual([3 * block, 1024, 0]);
  });
});
