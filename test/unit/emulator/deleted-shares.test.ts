import { describe, expect, it } from "vitest";
import { createCaller, createFile, errorCode, putRange, type Caller } from "./account.js";

const day = 86_400_000;
const create = (caller: Caller, name = "docs"): Promise<Response> => caller.call("PUT", `/${name}?restype=share`);
const remove = (caller: Caller, name = "docs"): Promise<Response> =>
  caller.call("DELETE", `/${name}?restype=share`, { headers: { "x-ms-delete-snapshots": "include" } });
const list = async (caller: Caller, words = "&include=deleted"): Promise<string> =>
  (await caller.call("GET", `/?comp=list${words}`)).text();
const versions = async (caller: Caller): Promise<string[]> =>
  [...(await list(caller)).matchAll(/<Version>([^<]*)/g)].map((match) => match[1] ?? "");
const restore = (caller: Caller, to: string, name: string, version: string): Promise<Response> =>
  caller.call("PUT", `/${to}?restype=share&comp=undelete`, {
    headers: { "x-ms-deleted-share-name": name, "x-ms-deleted-share-version": version },
  });

/** An account that keeps deleted shares for seven days, with the share `docs`, in it `f` that holds `text`. */
async function keeping(): Promise<Caller> {
  const caller = createCaller({ softDeleteDays: 7 });
  await caller.call("PUT", "/docs?restype=share", { headers: { "x-ms-meta-of": "docs", "x-ms-share-quota": "7" } });
  await createFile(caller, "/docs/f", 4);
  await putRange(caller, "/docs/f", 0, "text");
  return caller;
}

describe("deleted shares", () => {
  it("are listed on demand, with what is left of their time", async () => {
    const caller = await keeping();
    await create(caller, "alive");
    await remove(caller);
    expect(await list(caller, "")).not.toContain("docs</Name>");
    const xml = await list(caller, "&include=deleted,metadata");
    expect(xml).toMatch(
      /^.*<Name>alive<\/Name><Properties>.*<\/Share><Share><Name>docs<\/Name><Deleted>true<\/Deleted><Version>[0-9A-F]{16}<\/Version><Properties>/,
    );
    const docs = xml.slice(xml.indexOf("<Name>docs"));
    expect(docs).toContain("<LeaseStatus>unlocked</LeaseStatus><LeaseState>broken</LeaseState><Quota>7</Quota>");
    expect(docs).toContain(
      "<DenyEncryptionScopeOverride>false</DenyEncryptionScopeOverride><DeletedTime>Thu, 01 Jan 2026 12:00:00 GMT</DeletedTime>" +
        "<RemainingRetentionDays>7</RemainingRetentionDays></Properties><Metadata><of>docs</of></Metadata></Share></Shares>",
    );
    expect(xml.slice(0, xml.indexOf("<Name>docs"))).not.toContain("Deleted");
  });

  it("count their days in whole hours, as recorded, and are gone in the end", async () => {
    const caller = await keeping();
    await remove(caller);
    const left = async (): Promise<string> => /<RemainingRetentionDays>(\d+)/.exec(await list(caller))?.[1] ?? "none";
    const [version = ""] = await versions(caller);
    const seen: string[] = [];
    // 9 minutes, 1.5 hours, 21.5 hours, 2 days and 22.4 hours, all but a second of seven days, seven days.
    let passed = 0;
    for (const hours of [0.15, 1.5, 21.5, 70.4, 7 * 24 - 1 / 3600, 7 * 24]) {
      caller.advance(hours * 3_600_000 - passed);
      passed = hours * 3_600_000;
      seen.push(await left());
    }
    expect(seen).toEqual(["7", "6", "6", "4", "0", "none"]);
    expect(await errorCode(restore(caller, "docs", "docs", version))).toEqual([404, "ShareNotFound"]);
  });

  it("are restored with all they held, under a new ETag and without a lease", async () => {
    const caller = await keeping();
    const id = "00000000-0000-4000-8000-000000000001";
    await caller.call("PUT", "/docs?restype=share&comp=lease", {
      headers: { "x-ms-lease-action": "acquire", "x-ms-lease-duration": "-1", "x-ms-proposed-lease-id": id },
    });
    const before = await caller.call("HEAD", "/docs?restype=share");
    expect(await errorCode(remove(caller))).toEqual([412, "LeaseIdMissing"]);
    await caller.call("DELETE", "/docs?restype=share", { headers: { "x-ms-lease-id": id } });
    expect(await errorCode(caller.call("GET", "/docs/f"))).toEqual([404, "ShareNotFound"]);
    const [version = ""] = await versions(caller);
    const restored = await restore(caller, "docs", "docs", version);
    expect(restored.status).toBe(201);
    const after = await caller.call("HEAD", "/docs?restype=share");
    expect(after.headers.get("etag")).toBe(restored.headers.get("etag"));
    expect(after.headers.get("etag")).not.toBe(before.headers.get("etag"));
    expect([after.headers.get("x-ms-meta-of"), after.headers.get("x-ms-share-quota")]).toEqual(["docs", "7"]);
    expect([after.headers.get("x-ms-lease-status"), after.headers.get("x-ms-lease-state")]).toEqual(["unlocked", "available"]);
    expect(await (await caller.call("GET", "/docs/f")).text()).toBe("text");
    expect(await versions(caller)).toEqual([]);
    expect(await errorCode(restore(caller, "other", "docs", version))).toEqual([404, "ShareNotFound"]);
  });

  it("are restored under another name, with their snapshots", async () => {
    const caller = await keeping();
    const time = (await caller.call("PUT", "/docs?restype=share&comp=snapshot")).headers.get("x-ms-snapshot") ?? "";
    await remove(caller);
    await create(caller);
    const [version = ""] = await versions(caller);
    expect(await errorCode(restore(caller, "docs", "docs", version))).toEqual([409, "ShareAlreadyExists"]);
    expect((await restore(caller, "back", "docs", version)).status).toBe(201);
    expect(await (await caller.call("GET", `/back/f?sharesnapshot=${time}`)).text()).toBe("text");
    const names = [...(await list(caller, "&include=snapshots")).matchAll(/<Name>([^<]*)<\/Name>(<Snapshot>)?/g)];
    expect(names.map(([, name, snapshot]) => `${name} ${snapshot ? "snapshot" : "share"}`)).toEqual([
      "back snapshot",
      "back share",
      "docs share",
    ]);
    expect((await caller.call("DELETE", `/back?restype=share&sharesnapshot=${time}`)).status).toBe(202);
    expect(await errorCode(caller.call("GET", `/back/f?sharesnapshot=${time}`))).toEqual([404, "ShareSnapshotNotFound"]);
  });

  it("are told apart by their versions", async () => {
    const caller = createCaller({ softDeleteDays: 1 });
    for (const text of ["one", "two"]) {
      await create(caller);
      await createFile(caller, `/docs/${text}`, 1);
      await remove(caller);
    }
    const [first = "", second = ""] = await versions(caller);
    expect(first < second).toBe(true);
    expect(await errorCode(restore(caller, "docs", "docs", "01D99A38EA08C319"))).toEqual([404, "ShareNotFound"]);
    expect(await errorCode(restore(caller, "docs", "other", first))).toEqual([404, "ShareNotFound"]);
    expect((await restore(caller, "docs", "docs", second)).status).toBe(201);
    expect((await caller.call("HEAD", "/docs/two")).status).toBe(200);
    expect((await restore(caller, "old", "docs", first)).status).toBe(201);
    expect((await caller.call("HEAD", "/old/one")).status).toBe(200);
  });

  it("are asked for by name and version", async () => {
    const caller = await keeping();
    for (const headers of [
      { "x-ms-deleted-share-name": "docs" },
      { "x-ms-deleted-share-name": "docs", "x-ms-deleted-share-version": "" },
      { "x-ms-deleted-share-version": "01D99A38EA08C319" },
    ] as Record<string, string>[]) {
      const missing = headers["x-ms-deleted-share-version"] ? "x-ms-deleted-share-name" : "x-ms-deleted-share-version";
      const response = await caller.call("PUT", "/docs?restype=share&comp=undelete", { headers });
      expect([response.status, response.headers.get("x-ms-error-code")]).toEqual([400, "MissingRequiredHeader"]);
      expect(await response.text()).toContain(`<HeaderName>${missing}</HeaderName>`);
    }
    expect(await errorCode(restore(caller, "NO", "docs", "01D99A38EA08C319"))).toEqual([400, "InvalidResourceName"]);
  });

  it.each([1, 2, 3, 4, 7])("are listed before the snapshots of a later share of their name, in pages of %i", async (size) => {
    const caller = createCaller({ softDeleteDays: 7 });
    const snapshot = (name: string): Promise<Response> => caller.call("PUT", `/${name}?restype=share&comp=snapshot`);
    for (const name of ["docs", "docs", "docs", "logs"]) {
      await create(caller, name);
      await snapshot(name);
      await remove(caller, name);
    }
    for (const name of ["docs", "last"]) await create(caller, name);
    await snapshot("docs");
    await snapshot("docs");
    const seen: string[] = [];
    let pages = 0;
    for (let marker: string | undefined = ""; marker !== undefined && pages < 20; pages++) {
      const from = marker === "" ? "" : `&marker=${encodeURIComponent(marker)}`;
      const xml = await list(caller, `&include=snapshots,deleted&maxresults=${size}${from}`);
      const entries = [...xml.matchAll(/<Name>([^<]*)<\/Name>(<Snapshot>|<Deleted>)?/g)];
      seen.push(...entries.map(([, name = "", word = "<Share>"]) => `${name} ${word}`));
      marker = /<NextMarker>([^<]+)/.exec(xml)?.[1];
    }
    const gone = "docs <Deleted>";
    expect(seen).toEqual([gone, gone, gone, "docs <Snapshot>", "docs <Snapshot>", "docs <Share>", "last <Share>", "logs <Deleted>"]);
    expect(pages).toBe(Math.ceil(8 / size));
  });

  it("are gone for good where the account keeps none", async () => {
    const caller = createCaller();
    await create(caller);
    await remove(caller);
    expect(await versions(caller)).toEqual([]);
    expect((await create(caller)).status).toBe(201);
  });
});

describe("the name of a share that is being deleted", () => {
  it("is not free for a while", async () => {
    const caller = createCaller({ deletionSeconds: 30 });
    await create(caller);
    expect((await remove(caller)).status).toBe(202);
    expect((await remove(caller)).status).toBe(202); // once more, as recorded
    expect(await errorCode(caller.call("HEAD", "/docs?restype=share"))).toEqual([404, "ShareNotFound"]);
    caller.advance(29_999);
    expect(await errorCode(create(caller))).toEqual([409, "ShareBeingDeleted"]);
    expect((await create(caller, "other")).status).toBe(201);
    caller.advance(1);
    expect(await errorCode(remove(caller))).toEqual([404, "ShareNotFound"]);
    expect((await create(caller)).status).toBe(201);
    expect(await versions(caller)).toEqual([]); // it cannot be restored, though
  });

  it("is taken by nothing that is restored but that share itself", async () => {
    const caller = createCaller({ deletionSeconds: 30, softDeleteDays: 7 });
    for (const name of ["docs", "logs"]) {
      await create(caller, name);
      await remove(caller, name);
    }
    const [docs = "", logs = ""] = await versions(caller);
    expect(await errorCode(restore(caller, "docs", "logs", logs))).toEqual([409, "ShareBeingDeleted"]);
    expect((await restore(caller, "docs", "docs", docs)).status).toBe(201);
    caller.advance(day);
    expect((await restore(caller, "logs-2", "logs", logs)).status).toBe(201);
  });
});
