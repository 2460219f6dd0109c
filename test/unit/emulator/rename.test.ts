import { describe, expect, it } from "vitest";
import { accountSas, createFile, createShareCaller, errorCode, putRange, serviceSas, type CallOptions, type Caller } from "./account.js";
import { createNfsCaller } from "./nfs-caller.js";

const leaseId = "11111111-2222-4333-8444-555555555555";
const otherId = "99999999-2222-4333-8444-555555555555";
const replace = { "x-ms-file-rename-replace-if-exists": "true" };
const sddl = "O:SYG:SYD:(A;;FA;;;SY)";

/** Renames a file or, where the target says `restype=directory`, a directory. */
async function rename(
  caller: Caller,
  source: string,
  target: string,
  headers: Record<string, string> = {},
  more: CallOptions = {},
): Promise<Response> {
  const url = source.startsWith("http") ? source : caller.emulator.endpoint + source;
  const path = target.includes("?") ? `${target}&comp=rename` : `${target}?comp=rename`;
  return caller.call("PUT", path, { ...more, headers: { "x-ms-file-rename-source": url, ...headers } });
}

const directory = (path: string): string => `${path}?restype=directory`;

async function makeDirectory(caller: Caller, path: string, headers: Record<string, string> = {}): Promise<Response> {
  return caller.call("PUT", directory(path), { headers });
}

async function headersOf(caller: Caller, path: string): Promise<Headers> {
  return (await caller.call("HEAD", path)).headers;
}

async function textOf(caller: Caller, path: string): Promise<string> {
  return (await caller.call("GET", path)).text();
}

async function namesIn(caller: Caller, path: string): Promise<string[]> {
  const listed = await textOf(caller, `${path}?restype=directory&comp=list`);
  return [...listed.matchAll(/<Name>([^<]*)</g)].map(([, name]) => name ?? "");
}

async function acquire(caller: Caller, path: string, id: string = leaseId): Promise<void> {
  const headers = { "x-ms-lease-action": "acquire", "x-ms-lease-duration": "-1", "x-ms-proposed-lease-id": id };
  expect((await caller.call("PUT", `${path}?comp=lease`, { headers })).status).toBe(201);
}

/** A share with the directory `dir` and the file `a`, in which is `hello`. */
async function withFile(headers: Record<string, string> = {}): Promise<Caller> {
  const caller = await createShareCaller();
  await makeDirectory(caller, "/docs/dir");
  await createFile(caller, "/docs/a", 5, { "x-ms-content-type": "text/plain", "x-ms-meta-k": "v", ...headers });
  await putRange(caller, "/docs/a", 0, "hello");
  return caller;
}

describe("Rename File", () => {
  it("keeps id, times, attributes, permission, metadata and content; moves change time and ETag", async () => {
    const caller = await withFile({ "x-ms-file-attributes": "Hidden", "x-ms-file-permission": sddl });
    const before = await headersOf(caller, "/docs/a");
    const parent = (await headersOf(caller, directory("/docs/dir"))).get("x-ms-file-id");
    const renamed = await rename(caller, "/docs/A", "/docs/dir/b%20%C3%BC");
    expect([renamed.status, renamed.headers.get("x-ms-request-server-encrypted")]).toEqual([200, "true"]);
    const after = await headersOf(caller, "/docs/dir/b%20%C3%BC");
    const kept =
      "x-ms-file-id x-ms-file-creation-time x-ms-file-last-write-time x-ms-file-attributes x-ms-file-permission-key x-ms-meta-k content-type content-length".split(
        " ",
      );
    expect(kept.map((name) => after.get(name))).toEqual(kept.map((name) => before.get(name)));
    for (const name of ["etag", "x-ms-file-change-time", "x-ms-file-parent-id"]) expect(after.get(name)).not.toBe(before.get(name));
    for (const name of ["etag", "x-ms-file-id", "x-ms-file-parent-id", "x-ms-file-change-time", "x-ms-file-attributes"])
      expect([name, renamed.headers.get(name)]).toEqual([name, after.get(name)]);
    expect(after.get("x-ms-file-parent-id")).toBe(parent);
    expect(await textOf(caller, "/docs/dir/b%20%C3%BC")).toBe("hello");
    expect(await errorCode(caller.call("GET", "/docs/a"))).toEqual([404, "ResourceNotFound"]);
  });

  it("changes what the headers say", async () => {
    const caller = await withFile();
    const before = await headersOf(caller, "/docs/a");
    const time = "2020-01-02T03:04:05.0000000Z";
    await rename(caller, "/docs/a", "/docs/b", {
      "x-ms-file-attributes": "None",
      "x-ms-file-creation-time": time,
      "x-ms-file-last-write-time": "preserve",
      "x-ms-file-change-time": time,
      "x-ms-file-permission": sddl,
      "x-ms-content-type": "text/html",
      "x-ms-meta-other": "w",
    });
    const after = await headersOf(caller, "/docs/b");
    expect(Object.fromEntries(after)).toMatchObject({
      "x-ms-file-attributes": "None",
      "x-ms-file-creation-time": time,
      "x-ms-file-last-write-time": before.get("x-ms-file-last-write-time"),
      "x-ms-file-change-time": time,
      "content-type": "text/html",
      "x-ms-meta-other": "w",
    });
    expect(after.get("x-ms-file-permission-key")).not.toBe(before.get("x-ms-file-permission-key"));
    expect(after.get("x-ms-meta-k")).toBeNull();
  });

  it("changes the spelling of a name in its place", async () => {
    const caller = await withFile();
    const id = (await headersOf(caller, "/docs/a")).get("x-ms-file-id");
    expect((await rename(caller, "/docs/a", "/docs/A")).status).toBe(200);
    expect(await namesIn(caller, "/docs")).toEqual(["A", "dir"]);
    expect((await headersOf(caller, "/docs/a")).get("x-ms-file-id")).toBe(id);
    await makeDirectory(caller, "/docs/dir/sub");
    expect((await rename(caller, "/docs/dir", directory("/docs/DIR"))).status).toBe(200);
    expect([await namesIn(caller, "/docs"), await namesIn(caller, "/docs/dir")]).toEqual([["A", "DIR"], ["sub"]]);
  });

  it("makes another file of another spelling on NFS shares", async () => {
    const caller = await createNfsCaller();
    for (const name of ["a", "A"]) await createFile(caller, `/unix/${name}`, 5, { "x-ms-mode": "0640" });
    expect(await errorCode(rename(caller, "/unix/a", "/unix/A"))).toEqual([409, "ResourceAlreadyExists"]);
    const renamed = await rename(caller, "/unix/a", "/unix/A", replace);
    expect([renamed.status, renamed.headers.get("x-ms-mode")]).toEqual([200, "0640"]);
    expect(await namesIn(caller, "/unix")).toEqual(["A"]);
  });

  it("replaces a file only where it is told to, and a read-only one only where it is told that as well", async () => {
    const caller = await withFile({ "x-ms-file-attributes": "Hidden" });
    await createFile(caller, "/docs/b", 1, { "x-ms-file-attributes": "ReadOnly" });
    const id = (await headersOf(caller, "/docs/a")).get("x-ms-file-id");
    for (const headers of [{}, { "x-ms-file-rename-replace-if-exists": "false" }])
      expect(await errorCode(rename(caller, "/docs/a", "/docs/b", headers))).toEqual([409, "ResourceAlreadyExists"]);
    expect(await errorCode(rename(caller, "/docs/a", "/docs/b", replace))).toEqual([409, "ReadOnlyAttribute"]);
    expect(await namesIn(caller, "/docs")).toEqual(["a", "b", "dir"]);
    expect((await rename(caller, "/docs/a", "/docs/b", { ...replace, "x-ms-file-rename-ignore-readonly": "true" })).status).toBe(200);
    const after = await headersOf(caller, "/docs/b");
    expect([after.get("x-ms-file-id"), after.get("x-ms-file-attributes")]).toEqual([id, "Hidden | Archive"]);
    expect(await namesIn(caller, "/docs")).toEqual(["b", "dir"]);
  });

  it("moves the lease of the file with it", async () => {
    const caller = await withFile();
    await acquire(caller, "/docs/a");
    expect(await errorCode(rename(caller, "/docs/a", "/docs/b"))).toEqual([412, "LeaseIdMissing"]);
    expect(await errorCode(rename(caller, "/docs/a", "/docs/b", { "x-ms-source-lease-id": otherId }))).toEqual([
      412,
      "LeaseIdMismatchWithFileOperation",
    ]);
    expect((await rename(caller, "/docs/a", "/docs/b", { "x-ms-source-lease-id": leaseId })).status).toBe(200);
    const after = await headersOf(caller, "/docs/b");
    expect([after.get("x-ms-lease-state"), after.get("x-ms-lease-duration")]).toEqual(["leased", "infinite"]);
    expect(await errorCode(caller.call("DELETE", "/docs/b"))).toEqual([412, "LeaseIdMissing"]);
    expect((await caller.call("DELETE", "/docs/b", { headers: { "x-ms-lease-id": leaseId } })).status).toBe(202);
  });

  it("ends the lease of the file that it replaces", async () => {
    const caller = await withFile();
    await createFile(caller, "/docs/b", 1);
    await acquire(caller, "/docs/b");
    expect(await errorCode(rename(caller, "/docs/a", "/docs/b", replace))).toEqual([412, "LeaseIdMissing"]);
    const held = { ...replace, "x-ms-destination-lease-id": leaseId };
    expect(await errorCode(rename(caller, "/docs/a", "/docs/b", { ...replace, "x-ms-destination-lease-id": otherId }))).toEqual([
      412,
      "LeaseIdMismatchWithFileOperation",
    ]);
    expect(await errorCode(rename(caller, "/docs/a", "/docs/b", { ...held, "x-ms-source-lease-id": otherId }))).toEqual([
      412,
      "LeaseNotPresentWithFileOperation",
    ]);
    expect(await textOf(caller, "/docs/b")).toBe("\0");
    expect((await rename(caller, "/docs/a", "/docs/b", held)).status).toBe(200);
    expect((await headersOf(caller, "/docs/b")).get("x-ms-lease-state")).toBe("available");
    expect(await textOf(caller, "/docs/b")).toBe("hello");
  });

  it("looks at trailing dots of source and target apart", async () => {
    const caller = await createShareCaller();
    const [dots, sourceDots] = [{ "x-ms-allow-trailing-dot": "true" }, { "x-ms-source-allow-trailing-dot": "true" }];
    await createFile(caller, "/docs/a.", 1, dots);
    expect(await errorCode(rename(caller, "/docs/a.", "/docs/b.", dots))).toEqual([404, "ResourceNotFound"]);
    expect((await rename(caller, "/docs/a.", "/docs/b.", { ...dots, ...sourceDots })).status).toBe(200);
    expect(await namesIn(caller, "/docs")).toEqual(["b."]);
    expect((await rename(caller, "/docs/b.", "/docs/c.", sourceDots)).status).toBe(200);
    expect(await namesIn(caller, "/docs")).toEqual(["c"]);
  });

  it.each<[string, string, Record<string, string>, [number, string]]>([
    ["/docs/none", "/docs/b", {}, [404, "ResourceNotFound"]],
    ["/docs/none/a", "/docs/b", {}, [404, "ParentNotFound"]],
    ["/docs/a", "/docs/none/b", {}, [404, "ParentNotFound"]],
    ["/docs/a", "/none/b", {}, [404, "ShareNotFound"]],
    ["/docs/a", "/docs/a/b", {}, [404, "ParentNotFound"]],
    ["/docs/dir", "/docs/b", {}, [409, "ResourceTypeMismatch"]],
    ["/docs/a", directory("/docs/b"), {}, [409, "ResourceTypeMismatch"]],
    ["/docs/a", "/docs/dir", replace, [409, "ResourceAlreadyExists"]],
    ["/docs", "/docs/b", {}, [400, "InvalidHeaderValue"]],
    ["/other/a", "/docs/b", {}, [400, "InvalidHeaderValue"]],
    ["http://127.0.0.1:10004/otheraccount/docs/a", "/docs/b", {}, [400, "InvalidHeaderValue"]],
    ["/docs/a?sharesnapshot=2020-01-01T00:00:00.0000000Z", "/docs/b", {}, [400, "InvalidHeaderValue"]],
    ["/docs/a", "/docs/b", { "x-ms-file-rename-source": "/docs/a" }, [400, "InvalidHeaderValue"]],
    ["/docs/a", "/docs/b", { "x-ms-file-rename-source": "" }, [400, "InvalidHeaderValue"]],
    ["/docs/a", "/docs/b", { "x-ms-file-rename-replace-if-exists": "yes" }, [400, "InvalidHeaderValue"]],
    ["/docs/a", "/docs/b", { "x-ms-file-attributes": "Directory" }, [400, "InvalidHeaderValue"]],
    ["/docs/a", "/docs/b", { "x-ms-source-lease-id": "x" }, [400, "InvalidHeaderValue"]],
    ["/docs/a", "/docs/b%3F", {}, [400, "InvalidResourceName"]],
  ])("of %s to %s with %j is refused", async (source, target, headers, expected) => {
    const caller = await withFile();
    await caller.call("PUT", "/other?restype=share");
    await createFile(caller, "/other/a", 1);
    expect(await errorCode(rename(caller, source, target, headers))).toEqual(expected);
    expect(await namesIn(caller, "/docs")).toEqual(["a", "dir"]);
    expect(await textOf(caller, "/docs/a")).toBe("hello");
  });

  it("needs a source", async () => {
    const caller = await withFile();
    expect(await (await caller.call("PUT", "/docs/b?comp=rename")).text()).toContain("<HeaderName>x-ms-file-rename-source</HeaderName>");
  });

  it("is refused while an SMB client has the file open", async () => {
    const caller = await withFile();
    const handle = caller.emulator.openHandle({ share: "docs", path: "a" });
    expect((await rename(caller, "/docs/a", "/docs/b")).status).toBe(409);
    handle.close();
    expect((await rename(caller, "/docs/a", "/docs/b")).status).toBe(200);
  });
});

describe("Rename Directory", () => {
  it("takes all that is in it along, and keeps its id", async () => {
    const caller = await withFile();
    await makeDirectory(caller, "/docs/dir/sub", { "x-ms-meta-k": "v" });
    await createFile(caller, "/docs/dir/sub/f", 5);
    await putRange(caller, "/docs/dir/sub/f", 0, "hello");
    const before = await headersOf(caller, directory("/docs/dir/sub"));
    const renamed = await rename(caller, "/docs/dir/sub/", directory("/docs/moved"));
    expect(renamed.status).toBe(200);
    const after = await headersOf(caller, directory("/docs/moved"));
    for (const name of ["x-ms-file-id", "x-ms-file-creation-time", "x-ms-file-last-write-time", "x-ms-meta-k", "x-ms-file-attributes"])
      expect([name, after.get(name)]).toEqual([name, before.get(name)]);
    expect([after.get("x-ms-file-parent-id"), after.get("etag") === before.get("etag")]).toEqual(["0", false]);
    expect(await textOf(caller, "/docs/moved/f")).toBe("hello");
    expect(await namesIn(caller, "/docs/dir")).toEqual([]);
  });

  it("replaces a file, but no directory", async () => {
    const caller = await withFile();
    await makeDirectory(caller, "/docs/empty");
    expect(await errorCode(rename(caller, "/docs/dir", directory("/docs/a")))).toEqual([409, "ResourceAlreadyExists"]);
    expect(await errorCode(rename(caller, "/docs/dir", directory("/docs/empty"), replace))).toEqual([409, "ResourceAlreadyExists"]);
    await acquire(caller, "/docs/a");
    expect(await errorCode(rename(caller, "/docs/dir", directory("/docs/a"), replace))).toEqual([412, "LeaseIdMissing"]);
    const held = { ...replace, "x-ms-destination-lease-id": leaseId };
    expect((await rename(caller, "/docs/dir", directory("/docs/a"), held)).status).toBe(200);
    expect(await namesIn(caller, "/docs")).toEqual(["a", "empty"]);
    expect((await caller.call("HEAD", directory("/docs/a"))).status).toBe(200);
  });

  it("cannot go below itself", async () => {
    const caller = await withFile();
    await makeDirectory(caller, "/docs/dir/sub");
    for (const target of ["/docs/dir/b", "/docs/DIR/sub/b"])
      expect(await errorCode(rename(caller, "/docs/dir", directory(target)))).toEqual([400, "InvalidHeaderValue"]);
    expect(await namesIn(caller, "/docs/dir")).toEqual(["sub"]);
  });

  it("is refused while something in it is open", async () => {
    const caller = await withFile();
    await createFile(caller, "/docs/dir/f", 1);
    const handle = caller.emulator.openHandle({ share: "docs", path: "dir/f" });
    expect(await errorCode(rename(caller, "/docs/dir", directory("/docs/moved")))).toEqual([409, "SharingViolation"]);
    handle.close();
    expect((await rename(caller, "/docs/dir", directory("/docs/moved"))).status).toBe(200);
  });
});

describe("a rename by SAS", () => {
  it("needs the right to write the target and that to delete the source", async () => {
    const caller = await withFile();
    const by = (sp: string): CallOptions => ({ sas: serviceSas(caller, "docs", { sp }) });
    for (const sp of ["w", "d", "rcl"])
      expect([sp, await errorCode(rename(caller, "/docs/a", "/docs/b", {}, by(sp)))]).toEqual([
        sp,
        [403, "AuthorizationPermissionMismatch"],
      ]);
    expect((await rename(caller, "/docs/a", "/docs/b", {}, by("wd"))).status).toBe(200);
    expect((await rename(caller, "/docs/b", "/docs/a", {}, { sas: accountSas(caller, { sp: "wd" }) })).status).toBe(200);
  });

  it("takes that to delete from a SAS of the source's own", async () => {
    const caller = await withFile();
    const write = { sas: serviceSas(caller, "docs", { sp: "w" }) };
    const source = (sas: string): string => `/docs/a?${sas}`;
    expect(await errorCode(rename(caller, source(serviceSas(caller, "docs/a", { sp: "rw" })), "/docs/b", {}, write))).toEqual([
      403,
      "AuthorizationPermissionMismatch",
    ]);
    expect(await errorCode(rename(caller, source(serviceSas(caller, "docs/other", { sp: "d" })), "/docs/b", {}, write))).toEqual([
      403,
      "AuthenticationFailed",
    ]);
    expect(await errorCode(rename(caller, source(accountSas(caller, { srt: "c" })), "/docs/b", {}, write))).toEqual([
      403,
      "AuthorizationResourceTypeMismatch",
    ]);
    // Also for the owner of the account: a SAS that is named counts.
    expect(await errorCode(rename(caller, source(serviceSas(caller, "docs/a", { sp: "r" })), "/docs/b"))).toEqual([
      403,
      "AuthorizationPermissionMismatch",
    ]);
    expect((await rename(caller, source(serviceSas(caller, "docs/a", { sp: "d" })), "/docs/b", {}, write)).status).toBe(200);
  });

  it("for one file says nothing of another", async () => {
    const caller = await withFile();
    const target = { sas: serviceSas(caller, "docs/b", { sp: "rwd" }) };
    expect(await errorCode(rename(caller, "/docs/a", "/docs/b", {}, target))).toEqual([403, "AuthorizationFailure"]);
    const source = `/docs/a?${serviceSas(caller, "docs/a", { sp: "d" })}`;
    expect((await rename(caller, source, "/docs/b", {}, target)).status).toBe(200);
  });

  it("never shows the signature of a source that it refuses", async () => {
    const caller = await withFile();
    const text = await (await rename(caller, `/other/a?${accountSas(caller)}`, "/docs/b")).text();
    expect(text).toContain("<HeaderName>x-ms-file-rename-source</HeaderName>");
    expect(text).not.toContain("sig=");
  });
});
