import { describe, expect, it } from "vitest";
import { accountSas, createFile, createShareCaller, errorCode, putRange, serviceSas, type CallOptions, type Caller } from "./account.js";
import { createNfsCaller } from "./nfs-caller.js";

const leaseId = "11111111-2222-4333-8444-555555555555";
const otherId = "99999999-2222-4333-8444-555555555555";
const time = "2011-10-05T14:48:00.0000000Z";
const sddl = "O:SYG:SYD:(A;;FA;;;SY)";

/** Copies a path, or whatever a URL names. */
async function copy(
  caller: Caller,
  target: string,
  source: string,
  headers: Record<string, string> = {},
  more: CallOptions = {},
): Promise<Response> {
  const url = source.startsWith("http") ? source : caller.emulator.endpoint + source;
  return caller.call("PUT", target, { ...more, headers: { "x-ms-copy-source": url, ...headers } });
}

async function headersOf(caller: Caller, path: string): Promise<Headers> {
  return (await caller.call("HEAD", path)).headers;
}

async function textOf(caller: Caller, path: string): Promise<string> {
  return (await caller.call("GET", path)).text();
}

/** A share with the file `source`, in which is `hello`. */
async function withSource(headers: Record<string, string> = {}): Promise<Caller> {
  const caller = await createShareCaller();
  await createFile(caller, "/docs/source", 5, { "x-ms-content-type": "text/plain", "x-ms-meta-a": "b", ...headers });
  await putRange(caller, "/docs/source", 0, "hello");
  return caller;
}

describe("Copy File", () => {
  it("copies content, HTTP properties and metadata, and tells of it until the file is made anew", async () => {
    const caller = await withSource({ "x-ms-content-language": "de", "x-ms-file-attributes": "Hidden" });
    const source = await headersOf(caller, "/docs/source");
    const copied = await copy(caller, "/docs/copy", "/docs/source");
    expect([copied.status, copied.headers.get("x-ms-copy-status")]).toEqual([202, "success"]);
    const target = await headersOf(caller, "/docs/copy");
    expect(Object.fromEntries(target)).toMatchObject({
      "content-length": "5",
      "content-type": "text/plain",
      "content-language": "de",
      "x-ms-meta-a": "b",
      "x-ms-copy-id": copied.headers.get("x-ms-copy-id"),
      "x-ms-copy-status": "success",
      "x-ms-copy-source": `${caller.emulator.endpoint}/docs/source`,
      "x-ms-copy-progress": "5/5",
      "x-ms-copy-completion-time": copied.headers.get("last-modified"),
      "x-ms-file-attributes": "Archive",
      etag: copied.headers.get("etag"),
    });
    expect(target.get("x-ms-copy-id")).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(target.get("x-ms-file-id")).not.toBe(source.get("x-ms-file-id"));
    expect(target.get("x-ms-file-creation-time")).toBe(target.get("x-ms-file-change-time"));
    await putRange(caller, "/docs/copy", 0, "J");
    expect([await textOf(caller, "/docs/copy"), await textOf(caller, "/docs/source")]).toEqual(["Jello", "hello"]);
    expect((await headersOf(caller, "/docs/copy")).get("x-ms-copy-status")).toBe("success");
    await createFile(caller, "/docs/copy", 1);
    expect((await headersOf(caller, "/docs/copy")).get("x-ms-copy-id")).toBeNull();
  });

  it("keeps the id of the file that it overwrites, and that of its own source", async () => {
    const caller = await withSource();
    const before = (await createFile(caller, "/docs/copy", 9)).headers.get("x-ms-file-id");
    await copy(caller, "/docs/COPY", "/docs/source", { "x-ms-meta-c": "d" });
    const after = await headersOf(caller, "/docs/copy");
    expect([after.get("x-ms-file-id"), after.get("x-ms-meta-c"), after.get("x-ms-meta-a")]).toEqual([before, "d", null]);
    expect((await copy(caller, "/docs/source", "/docs/source")).status).toBe(202);
    expect(await textOf(caller, "/docs/source")).toBe("hello");
  });

  it("takes SMB properties as they are given, without adding Archive, as recorded", async () => {
    const caller = await withSource();
    const source = await headersOf(caller, "/docs/source");
    await copy(caller, "/docs/copy", "/docs/source", {
      "x-ms-file-attributes": "Hidden|System",
      "x-ms-file-change-time": time,
      "x-ms-file-creation-time": time,
      "x-ms-file-last-write-time": "source",
      "x-ms-file-copy-set-archive": "false",
      "x-ms-file-permission": sddl,
      "x-ms-file-permission-copy-mode": "override",
    });
    const target = await headersOf(caller, "/docs/copy");
    expect(Object.fromEntries(target)).toMatchObject({
      "x-ms-file-attributes": "Hidden | System",
      "x-ms-file-change-time": time,
      "x-ms-file-creation-time": time,
      "x-ms-file-last-write-time": source.get("x-ms-file-last-write-time"),
    });
    expect(target.get("x-ms-file-permission-key")).not.toBe(source.get("x-ms-file-permission-key"));
    await copy(caller, "/docs/second", "/docs/copy", {
      "x-ms-file-attributes": "source",
      "x-ms-file-creation-time": "Source",
      "x-ms-file-change-time": "source",
      "x-ms-file-copy-set-archive": "true",
      "x-ms-file-permission-copy-mode": "source",
    });
    expect(Object.fromEntries(await headersOf(caller, "/docs/second"))).toMatchObject({
      "x-ms-file-attributes": "Hidden | System | Archive",
      "x-ms-file-change-time": time,
      "x-ms-file-creation-time": time,
      "x-ms-file-permission-key": target.get("x-ms-file-permission-key"),
    });
    await copy(caller, "/docs/third", "/docs/copy", {
      "x-ms-file-attributes": "None",
      "x-ms-file-permission-copy-mode": "override",
      "x-ms-file-permission-key": target.get("x-ms-file-permission-key") ?? "",
    });
    expect(Object.fromEntries(await headersOf(caller, "/docs/third"))).toMatchObject({
      "x-ms-file-attributes": "None",
      "x-ms-file-permission-key": target.get("x-ms-file-permission-key"),
    });
  });

  it("copies owner, group and mode on NFS shares, or takes others", async () => {
    const caller = await createNfsCaller();
    await createFile(caller, "/unix/source", 5, { "x-ms-mode": "0640", "x-ms-owner": "12", "x-ms-group": "34" });
    const told = async (headers: Record<string, string>): Promise<unknown> => {
      expect((await copy(caller, "/unix/copy", "/unix/source", headers)).status).toBe(202);
      const target = await headersOf(caller, "/unix/copy");
      return ["x-ms-mode", "x-ms-owner", "x-ms-group"].map((name) => target.get(name));
    };
    expect(await told({})).toEqual(["0664", "0", "0"]);
    expect(await told({ "x-ms-file-mode-copy-mode": "source", "x-ms-file-owner-copy-mode": "source" })).toEqual(["0640", "12", "34"]);
    expect(await told({ "x-ms-file-mode-copy-mode": "override", "x-ms-mode": "0777" })).toEqual(["0777", "0", "0"]);
    expect(await told({ "x-ms-file-owner-copy-mode": "override", "x-ms-owner": "1", "x-ms-group": "2" })).toEqual(["0664", "1", "2"]);
    for (const [headers, code] of [
      [{ "x-ms-file-mode-copy-mode": "source", "x-ms-mode": "0777" }, "InvalidHeaderValue"],
      [{ "x-ms-file-mode-copy-mode": "override" }, "MissingRequiredHeader"],
      [{ "x-ms-file-owner-copy-mode": "override", "x-ms-owner": "1" }, "MissingRequiredHeader"],
      [{ "x-ms-file-owner-copy-mode": "source", "x-ms-group": "1" }, "InvalidHeaderValue"],
      [{ "x-ms-file-permission-copy-mode": "source" }, "UnsupportedHeader"],
    ] as const)
      expect([headers, await errorCode(copy(caller, "/unix/copy", "/unix/source", headers))]).toEqual([headers, [400, code]]);
  });

  it("refuses symbolic links on either side", async () => {
    const caller = await createNfsCaller();
    await createFile(caller, "/unix/source", 5);
    await caller.call("PUT", "/unix/link?restype=symboliclink", { headers: { "x-ms-link-text": "source" } });
    expect(await errorCode(copy(caller, "/unix/copy", "/unix/link"))).toEqual([409, "ResourceTypeMismatch"]);
    expect(await errorCode(copy(caller, "/unix/link", "/unix/source"))).toEqual([409, "ResourceTypeMismatch"]);
  });

  it.each<[Record<string, string>, [number, string]]>([
    [{ "x-ms-file-permission-copy-mode": "override" }, [400, "MissingRequiredHeader"]],
    [{ "x-ms-file-permission-copy-mode": "source", "x-ms-file-permission": sddl }, [400, "InvalidHeaderValue"]],
    [{ "x-ms-file-permission-copy-mode": "both" }, [400, "InvalidHeaderValue"]],
    [{ "x-ms-file-mode-copy-mode": "source" }, [400, "UnsupportedHeader"]],
    [{ "x-ms-file-copy-set-archive": "yes" }, [400, "InvalidHeaderValue"]],
    [{ "x-ms-file-creation-time": "yesterday" }, [400, "InvalidHeaderValue"]],
    [{ "x-ms-meta-": "x" }, [400, "EmptyMetadataKey"]],
    [{ "x-ms-copy-source": "/docs/source" }, [400, "InvalidHeaderValue"]],
    [{ "x-ms-copy-source": "ftp://host/docs/source" }, [400, "InvalidHeaderValue"]],
    [{ "x-ms-copy-source": "http://127.0.0.1:10004/devstoreaccount1/docs" }, [400, "InvalidHeaderValue"]],
    [{ "x-ms-copy-source": "http://:b@127.0.0.1:10004/devstoreaccount1/docs/source" }, [400, "InvalidHeaderValue"]],
    [{ "x-ms-copy-source": "http://a:b@127.0.0.1:10004/devstoreaccount1/docs/source?sig=c" }, [400, "InvalidHeaderValue"]],
    [{ "x-ms-copy-source": `http://127.0.0.1:10004/devstoreaccount1/docs/${"x".repeat(2010)}` }, [400, "InvalidHeaderValue"]],
    [{ "x-ms-copy-source": "http://127.0.0.1:10004/devstoreaccount1/none/source" }, [404, "ShareNotFound"]],
    [{ "x-ms-copy-source": "http://127.0.0.1:10004/devstoreaccount1/docs/none/source" }, [404, "ParentNotFound"]],
    [{ "x-ms-copy-source": "http://127.0.0.1:10004/devstoreaccount1/docs/source/source" }, [404, "ParentNotFound"]],
    [{ "x-ms-copy-source": "http://127.0.0.1:10004/devstoreaccount1/docs/none" }, [404, "ResourceNotFound"]],
    [{ "x-ms-copy-source": "http://127.0.0.1:10004/devstoreaccount1/docs/dir" }, [404, "ResourceNotFound"]],
    [
      { "x-ms-copy-source": "http://127.0.0.1:10004/devstoreaccount1/docs/source?sharesnapshot=2020-01-01T00:00:00.0000000Z" },
      [404, "ShareSnapshotNotFound"],
    ],
    [{ "x-ms-copy-source": "http://127.0.0.1:10004/devstoreaccount2/docs/source" }, [403, "CannotVerifyCopySource"]],
    [{ "x-ms-copy-source": "https://elsewhere.blob.core.windows.net/docs/source" }, [404, "CannotVerifyCopySource"]],
  ])("with %j is refused", async (headers, expected) => {
    const caller = await withSource();
    await caller.call("PUT", "/docs/dir?restype=directory");
    expect(await errorCode(copy(caller, "/docs/copy", "/docs/source", headers))).toEqual(expected);
    expect((await caller.call("HEAD", "/docs/copy")).status).toBe(404);
  });

  it("is refused where the target cannot be written", async () => {
    const caller = await withSource();
    await caller.call("PUT", "/docs/dir?restype=directory");
    await createFile(caller, "/docs/locked", 1, { "x-ms-file-attributes": "ReadOnly" });
    await createFile(caller, "/docs/leased", 1);
    await caller.call("PUT", "/docs/leased?comp=lease", {
      headers: { "x-ms-lease-action": "acquire", "x-ms-lease-duration": "-1", "x-ms-proposed-lease-id": leaseId },
    });
    expect(await errorCode(copy(caller, "/docs/dir", "/docs/source"))).toEqual([409, "ResourceTypeMismatch"]);
    expect(await errorCode(copy(caller, "/docs/none/copy", "/docs/source"))).toEqual([404, "ParentNotFound"]);
    expect(await errorCode(copy(caller, "/docs/locked", "/docs/source"))).toEqual([409, "ReadOnlyAttribute"]);
    expect((await copy(caller, "/docs/locked", "/docs/source", { "x-ms-file-copy-ignore-readonly": "true" })).status).toBe(202);
    expect((await headersOf(caller, "/docs/locked")).get("x-ms-file-attributes")).toBe("Archive");
    expect(await errorCode(copy(caller, "/docs/leased", "/docs/source"))).toEqual([412, "LeaseIdMissing"]);
    expect(await errorCode(copy(caller, "/docs/leased", "/docs/source", { "x-ms-lease-id": otherId }))).toEqual([
      412,
      "LeaseIdMismatchWithFileOperation",
    ]);
    expect((await copy(caller, "/docs/leased", "/docs/source", { "x-ms-lease-id": leaseId })).status).toBe(202);
    expect((await headersOf(caller, "/docs/leased")).get("x-ms-lease-state")).toBe("leased");
  });

  it("reads snapshots, spelt with a backslash as well", async () => {
    const caller = await createShareCaller();
    await caller.call("PUT", "/docs/dir?restype=directory");
    await createFile(caller, "/docs/dir/source", 5);
    await putRange(caller, "/docs/dir/source", 0, "hello");
    const snapshot = (await caller.call("PUT", "/docs?restype=share&comp=snapshot")).headers.get("x-ms-snapshot") ?? "";
    await putRange(caller, "/docs/dir/source", 0, "J");
    for (const path of ["dir/source", "dir%5Csource", "DIR%2Fsource"]) {
      expect((await copy(caller, "/docs/copy", `/docs/${path}?sharesnapshot=${encodeURIComponent(snapshot)}`)).status).toBe(202);
      expect(await textOf(caller, "/docs/copy")).toBe("hello");
    }
    expect((await headersOf(caller, "/docs/copy")).get("x-ms-copy-source")).toContain(`?sharesnapshot=${encodeURIComponent(snapshot)}`);
  });

  it("tells trailing dots of source and target apart", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/source...", 5, { "x-ms-allow-trailing-dot": "true" });
    const [dots, sourceDots] = [{ "x-ms-allow-trailing-dot": "true" }, { "x-ms-source-allow-trailing-dot": "true" }];
    expect((await copy(caller, "/docs/a...", "/docs/source...", { ...dots, ...sourceDots })).status).toBe(202);
    expect((await copy(caller, "/docs/b...", "/docs/source...", sourceDots)).status).toBe(202);
    // As recorded: no failure of the source's, but the target's own.
    expect(await errorCode(copy(caller, "/docs/c...", "/docs/source...", dots))).toEqual([404, "ResourceNotFound"]);
    const listed = await textOf(caller, "/docs?restype=directory&comp=list");
    expect([...listed.matchAll(/<Name>([^<]*)</g)].map(([, name]) => name)).toEqual(["a...", "b", "source..."]);
    const signed = `/docs/source...?${serviceSas(caller, "docs")}`;
    expect((await copy(caller, "/docs/d", signed, sourceDots)).status).toBe(202);
    expect(await errorCode(copy(caller, "/docs/d", signed))).toEqual([404, "CannotVerifyCopySource"]);
  });
});

describe("Copy File by SAS", () => {
  it("never shows the secrets of a source that it refuses", async () => {
    const caller = await withSource();
    const refused = await copy(caller, "/docs/copy", "http://name:secret@127.0.0.1:10004/devstoreaccount1/docs/source?sv=1&sig=c&se=2");
    const text = await refused.text();
    expect(text).toContain("<HeaderValue>http://127.0.0.1:10004/devstoreaccount1/docs/source?sv=1&amp;se=2</HeaderValue>");
  });

  it("needs one that reads in the source's URL as well, and does not keep it", async () => {
    const caller = await withSource();
    const write = { sas: serviceSas(caller, "docs", { sp: "w" }) };
    expect(await errorCode(copy(caller, "/docs/copy", "/docs/source", {}, write))).toEqual([401, "CannotVerifyCopySource"]);
    const source = (sp: string): string => `/docs/source?${serviceSas(caller, "docs/source", { sp })}`;
    expect(await errorCode(copy(caller, "/docs/copy", source("w"), {}, write))).toEqual([403, "CannotVerifyCopySource"]);
    expect((await copy(caller, "/docs/copy", source("r"), {}, write)).status).toBe(202);
    const told = (await headersOf(caller, "/docs/copy")).get("x-ms-copy-source") ?? "";
    expect(told).toContain("/docs/source?sv=2026-10-06");
    expect(told).not.toContain("sig");
  });

  it("copies an empty file too", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/source", 0);
    expect((await copy(caller, "/docs/copy", `/docs/source?${accountSas(caller)}`)).status).toBe(202);
  });

  it("may make a file with the right to create, and overwrite one with that to write only", async () => {
    const caller = await withSource();
    const source = `/docs/source?${accountSas(caller, { sp: "r" })}`;
    const create = { sas: serviceSas(caller, "docs", { sp: "c" }) };
    expect((await copy(caller, "/docs/copy", source, {}, create)).status).toBe(202);
    expect(await errorCode(copy(caller, "/docs/copy", source, {}, create))).toEqual([403, "AuthorizationPermissionMismatch"]);
    expect((await copy(caller, "/docs/copy", source, {}, { sas: serviceSas(caller, "docs", { sp: "w" }) })).status).toBe(202);
  });

  it("tells what the source answered, with details from 2026-02-06", async () => {
    const caller = await withSource();
    const source = `/docs/source?${serviceSas(caller, "docs/source").replace(/sig=.*/, "sig=AAAA")}`;
    const message =
      "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.";
    const refused = await copy(caller, "/docs/copy", source, {}, { version: "2026-02-06" });
    expect([refused.status, refused.headers.get("x-ms-error-code")]).toEqual([403, "CannotVerifyCopySource"]);
    expect(refused.headers.get("x-ms-copy-source-status-code")).toBe("403");
    expect(refused.headers.get("x-ms-copy-source-error-code")).toBe("AuthenticationFailed");
    const text = await refused.text();
    expect(text).toContain(`<Message>${message}\n`);
    expect(text).toContain(
      `</Message><CopySourceStatusCode>403</CopySourceStatusCode><CopySourceErrorCode>AuthenticationFailed</CopySourceErrorCode><CopySourceErrorMessage>${message}</CopySourceErrorMessage></Error>`,
    );
    const older = await copy(caller, "/docs/copy", source, {}, { version: "2025-11-05" });
    expect([older.status, older.headers.get("x-ms-copy-source-error-code")]).toEqual([403, null]);
    expect(await older.text()).not.toContain("<CopySource");
  });
});

describe("a pending copy", () => {
  const abort = (caller: Caller, id: string | null, headers: Record<string, string> = { "x-ms-copy-action": "abort" }): Promise<Response> =>
    caller.call("PUT", `/docs/copy?comp=copy&copyid=${id}`, { headers });

  async function withPending(): Promise<{ caller: Caller; id: string; etag: string | null }> {
    const caller = await withSource();
    caller.emulator.copies = "pending";
    const { headers } = await copy(caller, "/docs/copy", "/docs/source");
    expect(headers.get("x-ms-copy-status")).toBe("pending");
    return { caller, id: headers.get("x-ms-copy-id") ?? "", etag: headers.get("etag") };
  }

  it("has the size of its source and no content, and is completed with what the source was", async () => {
    const { caller, id, etag } = await withPending();
    await putRange(caller, "/docs/source", 0, "J");
    expect(await textOf(caller, "/docs/copy")).toBe("\0\0\0\0\0");
    const before = await headersOf(caller, "/docs/copy");
    expect(["x-ms-copy-status", "x-ms-copy-progress", "x-ms-copy-completion-time"].map((name) => before.get(name))).toEqual([
      "pending",
      "0/5",
      null,
    ]);
    expect(caller.emulator.completeCopies()).toBe(1);
    expect(caller.emulator.completeCopies()).toBe(0);
    const after = await headersOf(caller, "/docs/copy");
    expect(Object.fromEntries(after)).toMatchObject({
      "x-ms-copy-id": id,
      "x-ms-copy-status": "success",
      "x-ms-copy-progress": "5/5",
      "x-ms-copy-completion-time": after.get("last-modified"),
    });
    expect(after.get("etag")).not.toBe(etag);
    expect(await textOf(caller, "/docs/copy")).toBe("hello");
    expect((await putRange(caller, "/docs/copy", 0, "J")).status).toBe(201);
  });

  it("lets nobody write to its target", async () => {
    const { caller } = await withPending();
    const url = { "x-ms-file-rename-source": `${caller.emulator.endpoint}/docs/copy` };
    const other = { "x-ms-file-rename-source": `${caller.emulator.endpoint}/docs/source`, "x-ms-file-rename-replace-if-exists": "true" };
    for (const [name, answer] of [
      ["Put Range", putRange(caller, "/docs/copy", 0, "x")],
      ["Create File", createFile(caller, "/docs/copy", 1)],
      ["Copy File", copy(caller, "/docs/copy", "/docs/source")],
      ["Copy File", copy(caller, "/docs/copy", "/docs/source", { "x-ms-file-copy-ignore-readonly": "true" })],
      ["Set File Properties", caller.call("PUT", "/docs/copy?comp=properties")],
      ["Resize", caller.call("PUT", "/docs/copy?comp=properties", { headers: { "x-ms-content-length": "1" } })],
      ["Set File Metadata", caller.call("PUT", "/docs/copy?comp=metadata")],
      ["Delete File", caller.call("DELETE", "/docs/copy")],
      ["Rename File", caller.call("PUT", "/docs/moved?comp=rename", { headers: url })],
      ["Rename File over it", caller.call("PUT", "/docs/copy?comp=rename", { headers: other })],
    ] as const)
      expect([name, await errorCode(answer)]).toEqual([name, [409, "PendingCopyOperation"]]);
  });

  it("is aborted once, and leaves an empty file with all its metadata", async () => {
    const { caller, id } = await withPending();
    expect((await abort(caller, id.toUpperCase())).status).toBe(204);
    const after = await headersOf(caller, "/docs/copy");
    expect(Object.fromEntries(after)).toMatchObject({
      "content-length": "0",
      "content-type": "text/plain",
      "x-ms-meta-a": "b",
      "x-ms-copy-id": id,
      "x-ms-copy-status": "aborted",
      "x-ms-copy-completion-time": after.get("last-modified"),
    });
    expect(await errorCode(abort(caller, id))).toEqual([409, "NoPendingCopyOperation"]);
    expect(caller.emulator.completeCopies()).toBe(0);
    expect((await createFile(caller, "/docs/copy", 1)).status).toBe(201);
  });

  it("is aborted by its own id only, and by whoever holds the lease", async () => {
    const { caller, id } = await withPending();
    expect(await errorCode(abort(caller, otherId))).toEqual([409, "CopyIdMismatch"]);
    expect(await errorCode(abort(caller, id, {}))).toEqual([400, "MissingRequiredHeader"]);
    expect(await errorCode(abort(caller, id, { "x-ms-copy-action": "stop" }))).toEqual([400, "InvalidHeaderValue"]);
    expect(await errorCode(caller.call("PUT", "/docs/copy?comp=copy", { headers: { "x-ms-copy-action": "abort" } }))).toEqual([
      400,
      "MissingRequiredQueryParameter",
    ]);
    const malformed = await abort(caller, "copynotstarted");
    expect(await malformed.text()).toContain(
      "<QueryParameterName>copyid</QueryParameterName><QueryParameterValue>copynotstarted</QueryParameterValue><Reason>copyid needs to be valid Guid.</Reason></Error>",
    );
    await caller.call("PUT", "/docs/copy?comp=lease", {
      headers: { "x-ms-lease-action": "acquire", "x-ms-lease-duration": "-1", "x-ms-proposed-lease-id": leaseId },
    });
    expect(await errorCode(abort(caller, id))).toEqual([412, "LeaseIdMissing"]);
    expect((await abort(caller, id, { "x-ms-copy-action": "abort", "x-ms-lease-id": leaseId })).status).toBe(204);
  });

  it("is none where the copy was done at once, and no file is a copy by itself", async () => {
    const caller = await withSource();
    const id = (await copy(caller, "/docs/copy", "/docs/source")).headers.get("x-ms-copy-id");
    expect(await errorCode(abort(caller, id))).toEqual([409, "NoPendingCopyOperation"]);
    const headers = { "x-ms-copy-action": "abort" };
    for (const [path, expected] of [
      ["/docs/source", [409, "NoPendingCopyOperation"]],
      ["/docs/none", [404, "ResourceNotFound"]],
    ] as const)
      expect(await errorCode(caller.call("PUT", `${path}?comp=copy&copyid=${leaseId}`, { headers }))).toEqual(expected);
  });
});
