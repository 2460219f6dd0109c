import { describe, expect, it } from "vitest";
import { createCaller, createFile, createShareCaller, errorCode, putRange } from "./account.js";

describe("shares", () => {
  it("are created once and described", async () => {
    const caller = createCaller();
    const created = await caller.call("PUT", "/docs?restype=share", {
      headers: { "x-ms-meta-owner": "me", "x-ms-share-quota": "7", "x-ms-access-tier": "Hot" },
    });
    expect(created.status).toBe(201);
    expect(created.headers.get("content-length")).toBe("0");
    expect(created.headers.get("server")).toBe("Windows-Azure-File/1.0 Microsoft-HTTPAPI/2.0");
    expect(await errorCode(caller.call("PUT", "/docs?restype=share"))).toEqual([409, "ShareAlreadyExists"]);
    for (const method of ["GET", "HEAD"]) {
      const read = await caller.call(method, "/docs?restype=share");
      expect(read.status).toBe(200);
      expect(read.headers.get("etag")).toBe(created.headers.get("etag"));
      expect(read.headers.get("x-ms-share-quota")).toBe("7");
      expect(read.headers.get("x-ms-access-tier")).toBe("Hot");
      expect(read.headers.get("x-ms-meta-owner")).toBe("me");
      expect(read.headers.get("x-ms-lease-status")).toBe("unlocked");
    }
  });

  it.each(["ab", "a".repeat(64), "Upper", "-ab", "ab-", "a--b", "a_b", "a.b"])("refuse the name %s", async (name) => {
    expect(await errorCode(createCaller().call("PUT", `/${name}?restype=share`))).toEqual([400, "InvalidResourceName"]);
  });

  it.each([
    [{ "x-ms-share-quota": "0" }, "InvalidHeaderValue"],
    [{ "x-ms-share-quota": "102401" }, "InvalidHeaderValue"],
    [{ "x-ms-share-quota": "many" }, "InvalidHeaderValue"],
    [{ "x-ms-access-tier": "Premium" }, "InvalidHeaderValue"],
    [{ "x-ms-enabled-protocols": "NFS" }, "FeatureNotSupportedOnStorageAccount"],
    [{ "x-ms-root-squash": "AllSquash" }, "InvalidHeaderValue"],
    [{ "x-ms-meta-": "no key" }, "EmptyMetadataKey"],
    [{ "x-ms-meta-1a": "x" }, "InvalidMetadata"],
    [{ "x-ms-meta-a": "x".repeat(8192) }, "MetadataTooLarge"],
  ])("refuse to be created with %j", async (headers, code) => {
    const caller = createCaller({ kind: "standard" });
    expect(await errorCode(caller.call("PUT", "/docs?restype=share", { headers }))).toEqual([400, code]);
    expect(await errorCode(caller.call("HEAD", "/docs?restype=share"))).toEqual([404, "ShareNotFound"]);
  });

  it("name the header that is wrong after the message", async () => {
    const response = await createCaller().call("PUT", "/docs?restype=share", { headers: { "x-ms-share-quota": "-1" } });
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(response.headers.get("content-length")).toBe(String(bytes.length));
    expect(response.headers.get("content-type")).toBe("application/xml");
    expect(new TextDecoder().decode(bytes)).toBe(
      '<?xml version="1.0" encoding="utf-8"?><Error><Code>InvalidHeaderValue</Code><Message>The value for one of the HTTP headers is not in the ' +
        `correct format.\nRequestId:${response.headers.get("x-ms-request-id")}\nTime:2026-01-01T12:00:00.0000000Z</Message>` +
        "<HeaderName>x-ms-share-quota</HeaderName><HeaderValue>-1</HeaderValue></Error>",
    );
  });

  it("change metadata and properties under a new ETag", async () => {
    const caller = await createShareCaller();
    const before = await caller.call("HEAD", "/docs?restype=share");
    const metadata = await caller.call("PUT", "/docs?restype=share&comp=metadata", { headers: { "x-ms-meta-a": "1" } });
    expect(metadata.status).toBe(200);
    expect(metadata.headers.get("etag")).not.toBe(before.headers.get("etag"));
    await caller.call("PUT", "/docs?restype=share&comp=properties", { headers: { "x-ms-share-quota": "9", "x-ms-access-tier": "cool" } });
    const after = await caller.call("HEAD", "/docs?restype=share");
    expect(after.headers.get("x-ms-meta-a")).toBe("1");
    expect(after.headers.get("x-ms-share-quota")).toBe("9");
    expect(after.headers.get("x-ms-access-tier")).toBe("Cool");
    expect(after.headers.get("x-ms-access-tier-transition-state")).toBe("pending-from-transactionOptimized");
    const read = await caller.call("GET", "/docs?restype=share&comp=metadata");
    expect([read.status, read.headers.get("x-ms-meta-a")]).toEqual([200, "1"]);
  });

  it("count their pages in use", async () => {
    const caller = await createShareCaller();
    await caller.call("PUT", "/docs/sub?restype=directory");
    await createFile(caller, "/docs/sub/a", 100000);
    await putRange(caller, "/docs/sub/a", 600, "x");
    expect(await (await caller.call("GET", "/docs?restype=share&comp=stats")).text()).toContain("<ShareUsageBytes>512</ShareUsageBytes>");
  });

  it("count what is taken away again, and a file with two names once", async () => {
    const caller = createCaller();
    await caller.call("PUT", "/docs?restype=share", { headers: { "x-ms-enabled-protocols": "NFS" } });
    const usage = async (): Promise<number> =>
      Number(/<ShareUsageBytes>(\d+)/.exec(await (await caller.call("GET", "/docs?restype=share&comp=stats")).text())?.[1]);
    await createFile(caller, "/docs/a", 10000);
    expect(await usage()).toBe(0);
    await putRange(caller, "/docs/a", 0, "x".repeat(4096));
    await putRange(caller, "/docs/a", 100, "again");
    await caller.call("PUT", "/docs/b?restype=hardlink", { headers: { "x-ms-type": "file", "x-ms-file-target-file": "/a" } });
    expect(await usage()).toBe(4096);
    await caller.call("PUT", "/docs/a?comp=range", { headers: { "x-ms-write": "clear", "x-ms-range": "bytes=0-1023" } });
    expect(await usage()).toBe(3072);
    await caller.call("PUT", "/docs/a?comp=properties", { headers: { "x-ms-content-length": "2048" } });
    expect(await usage()).toBe(1024);
    await caller.call("DELETE", "/docs/a");
    expect(await usage()).toBe(1024);
    await caller.call("DELETE", "/docs/b");
    expect(await usage()).toBe(0);
  });

  it("take no more than their quota, of which overwriting costs nothing", async () => {
    const caller = createCaller();
    await caller.call("PUT", "/docs?restype=share", { headers: { "x-ms-share-quota": "1" } });
    const part = 4194304;
    await createFile(caller, "/docs/0", 16 * part);
    const bytes = "x".repeat(part);
    for (let at = 0; at < 16; at++) expect((await putRange(caller, "/docs/0", at * part, bytes)).status).toBe(201);
    const copy = (to: string): Promise<Response> =>
      caller.call("PUT", `/docs/${to}`, { headers: { "x-ms-copy-source": `${caller.emulator.endpoint}/docs/0` } });
    for (let to = 1; to < 16; to++) expect((await copy(String(to))).status).toBe(202);

    const full = [409, "ShareSizeLimitReached"];
    await createFile(caller, "/docs/more", 1024);
    expect(await errorCode(putRange(caller, "/docs/more", 0, "x"))).toEqual(full);
    expect(await errorCode(copy("16"))).toEqual(full);
    expect((await putRange(caller, "/docs/0", 100, "y".repeat(1000))).status).toBe(201);
    expect((await copy("15")).status).toBe(202);

    await caller.call("PUT", "/docs/0?comp=range", { headers: { "x-ms-write": "clear", "x-ms-range": "bytes=0-511" } });
    expect((await putRange(caller, "/docs/more", 0, "x")).status).toBe(201);
    expect(await errorCode(putRange(caller, "/docs/more", 512, "x"))).toEqual(full);
    expect(await errorCode(putRange(caller, "/docs/0", 511, "xx"))).toEqual(full);
    await caller.call("PUT", "/docs?restype=share&comp=properties", { headers: { "x-ms-share-quota": "2" } });
    expect((await putRange(caller, "/docs/more", 512, "x")).status).toBe(201);
  });

  it("are deleted with all they hold, and their name is free again", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 1);
    expect(
      await errorCode(caller.call("DELETE", "/docs?restype=share", { headers: { "x-ms-delete-snapshots": "includeLeased" } })),
    ).toEqual([400, "InvalidHeaderValue"]);
    expect((await caller.call("DELETE", "/docs?restype=share", { headers: { "x-ms-delete-snapshots": "include" } })).status).toBe(202);
    expect(await errorCode(caller.call("DELETE", "/docs?restype=share"))).toEqual([404, "ShareNotFound"]);
    expect(await errorCode(caller.call("HEAD", "/docs/a"))).toEqual([404, "ShareNotFound"]);
    expect((await caller.call("PUT", "/docs?restype=share")).status).toBe(201);
    expect(await errorCode(caller.call("HEAD", "/docs/a"))).toEqual([404, "ResourceNotFound"]);
  });

  it("know no snapshots yet", async () => {
    const caller = await createShareCaller();
    const at = "sharesnapshot=2026-01-01T00:00:00.0000000Z";
    expect(await errorCode(caller.call("GET", `/docs?restype=share&${at}`))).toEqual([404, "ShareSnapshotNotFound"]);
    expect(await errorCode(caller.call("GET", `/none?restype=share&${at}`))).toEqual([404, "ShareNotFound"]);
    expect(await errorCode(caller.call("PUT", `/docs/d?restype=directory&${at}`))).toEqual([400, "InvalidQueryParameterValue"]);
  });

  it("refuse a lease id, as none is leased", async () => {
    const caller = await createShareCaller();
    const lease = { "x-ms-lease-id": "00000000-0000-0000-0000-000000000001" };
    expect(await errorCode(caller.call("DELETE", "/docs?restype=share", { headers: lease }))).toEqual([
      412,
      "LeaseNotPresentWithContainerOperation",
    ]);
    expect(await errorCode(caller.call("DELETE", "/docs?restype=share", { headers: { "x-ms-lease-id": "mine" } }))).toEqual([
      400,
      "InvalidHeaderValue",
    ]);
  });
});

describe("List Shares", () => {
  it("pages in order, filters and shows metadata on demand", async () => {
    const caller = createCaller();
    for (const name of ["logs", "docs-2", "docs-10", "docs-1"]) {
      await caller.call("PUT", `/${name}?restype=share`, { headers: { "x-ms-meta-of": name } });
    }
    const names = (xml: string): string[] => [...xml.matchAll(/<Name>([^<]*)/g)].map((match) => match[1] ?? "");
    const first = await (await caller.call("GET", "/?comp=list&prefix=docs&maxresults=2")).text();
    expect(names(first)).toEqual(["docs-1", "docs-10"]);
    expect(first).toContain(`<Prefix>docs</Prefix><MaxResults>2</MaxResults><Shares>`);
    expect(first).toContain("<NextMarker>/devstoreaccount1/docs-2</NextMarker>");
    expect(first).not.toContain("<Metadata>");
    const second = await (
      await caller.call("GET", "?comp=list&prefix=docs&maxresults=2&include=metadata&marker=/devstoreaccount1/docs-2")
    ).text();
    expect(names(second)).toEqual(["docs-2"]);
    expect(second).toContain("</Properties><Metadata><of>docs-2</of></Metadata></Share></Shares><NextMarker /></EnumerationResults>");
    expect(second).toContain('<EnumerationResults ServiceEndpoint="http://127.0.0.1:10004/devstoreaccount1/">');
  });

  it("puts the snapshots of a share before it, the oldest first, and pages through them", async () => {
    const caller = createCaller();
    const names = (xml: string): string[] =>
      [...xml.matchAll(/<Name>([^<]*)<\/Name>(?:<Snapshot>([^<]*))?/g)].map(([, name, time]) => `${name} ${time?.slice(11, 19) ?? "now"}`);
    const list = async (words: string): Promise<string> => (await caller.call("GET", `/?comp=list${words}`)).text();
    for (const name of ["docs", "logs"]) await caller.call("PUT", `/${name}?restype=share`, { headers: { "x-ms-meta-of": name } });
    await caller.call("PUT", "/docs?restype=share&comp=snapshot", { headers: { "x-ms-meta-of": "first" } });
    await caller.call("PUT", "/docs?restype=share&comp=snapshot");
    await caller.call("PUT", "/logs?restype=share&comp=snapshot");
    expect(names(await list(""))).toEqual(["docs now", "logs now"]);
    const all = ["docs 12:00:00", "docs 12:00:01", "docs now", "logs 12:00:00", "logs now"];
    const xml = await list("&include=snapshots,metadata");
    expect(names(xml)).toEqual(all);
    expect([...xml.matchAll(/<of>([^<]*)/g)].map((match) => match[1])).toEqual(["first", "docs", "docs", "logs", "logs"]);

    for (const size of [1, 2, 3, 5]) {
      const seen: string[] = [];
      let marker = "";
      do {
        const page = await list(`&include=snapshots&maxresults=${size}${marker === "" ? "" : `&marker=${encodeURIComponent(marker)}`}`);
        seen.push(...names(page));
        marker = /<NextMarker>([^<]*)</.exec(page)?.[1] ?? "";
        // As recorded: the share's creation as a file time, then the snapshot's time, or the end of all times for the share itself.
        if (marker !== "")
          expect(marker).toMatch(/^\/devstoreaccount1\/(docs|logs)\/01D[0-9A-F]{13}\/(2026|9999)-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/);
      } while (marker !== "" && seen.length < 10);
      expect(seen).toEqual(all);
    }
    expect(await list("&include=snapshots&maxresults=2")).toMatch(/<NextMarker>[^<]*\/9999-12-31T23:59:59.9999999Z<\/NextMarker>/);
  });

  it("tells the state of leases, from version 2020-02-10 on", async () => {
    const caller = await createShareCaller();
    const state = async (version?: string): Promise<string | undefined> =>
      /<\/Etag>(.*)<Quota>/.exec(await (await caller.call("GET", "/?comp=list", version === undefined ? {} : { version })).text())?.[1];
    expect(await state()).toBe("<LeaseStatus>unlocked</LeaseStatus><LeaseState>available</LeaseState>");
    await caller.call("PUT", "/docs?restype=share&comp=lease", {
      headers: { "x-ms-lease-action": "acquire", "x-ms-lease-duration": "15" },
    });
    expect(await state()).toBe("<LeaseStatus>locked</LeaseStatus><LeaseState>leased</LeaseState><LeaseDuration>fixed</LeaseDuration>");
    expect(await state("2019-07-07")).toBe("");
    caller.advance(15_000);
    expect(await state()).toBe("<LeaseStatus>unlocked</LeaseStatus><LeaseState>expired</LeaseState>");
  });

  it.each([
    "/other/docs",
    "devstoreaccount1/docs",
    "/devstoreaccount1/",
    "/devstoreaccount1/docs/01D99A2B34CDACB7/never",
    "/devstoreaccount1/a/b/2026-01-01T00:00:00Z/c",
  ])("refuses the marker %s", async (marker) => {
    const caller = await createShareCaller();
    expect(await errorCode(caller.call("GET", `/?comp=list&marker=${encodeURIComponent(marker)}`))).toEqual([
      400,
      "InvalidQueryParameterValue",
    ]);
  });

  it("answers an empty account and refuses bad words", async () => {
    const caller = createCaller();
    expect(await (await caller.call("GET", "/?comp=list")).text()).toContain("<Shares /><NextMarker /></EnumerationResults>");
    expect(await errorCode(caller.call("GET", "/?comp=list&maxresults=0"))).toEqual([400, "OutOfRangeQueryParameterValue"]);
    expect(await errorCode(caller.call("GET", "/?comp=list&maxresults=x"))).toEqual([400, "InvalidQueryParameterValue"]);
    expect(await errorCode(caller.call("GET", "/?comp=list&include=everything"))).toEqual([400, "InvalidQueryParameterValue"]);
    expect(await errorCode(caller.call("GET", "/?comp=list&marker=nowhere"))).toEqual([400, "InvalidQueryParameterValue"]);
  });
});
