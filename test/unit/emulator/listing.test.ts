import { describe, expect, it } from "vitest";
import { createFile, createShareCaller, errorCode, type Caller } from "./account.js";

const list = "restype=directory&comp=list";

async function page(caller: Caller, query = "", path = "/docs", version?: string): Promise<string> {
  const response = await caller.call("GET", `${path}?${list}${query}`, version === undefined ? {} : { version });
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/xml");
  return (await response.text()).replace(/^\uFEFF/, "");
}

const names = (xml: string): string[] => [...xml.matchAll(/<Name[^>]*>([^<]*)/g)].map((match) => match[1] ?? "");

describe("List Directories and Files", () => {
  it("has the recorded shape", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/b.txt", 1024);
    await caller.call("PUT", "/docs/a?restype=directory");
    expect(await page(caller)).toBe(
      '<?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="http://127.0.0.1:10004/devstoreaccount1/" ShareName="docs" ' +
        'DirectoryPath=""><DirectoryId>0</DirectoryId><Entries><Directory><Name>a</Name><FileId>11529285414812647424</FileId><Properties /></Directory>' +
        "<File><Name>b.txt</Name><FileId>13835128424026341376</FileId><Properties><Content-Length>1024</Content-Length></Properties></File></Entries>" +
        "<NextMarker /></EnumerationResults>",
    );
    expect(await page(caller, "", "/docs/a")).toContain(
      'DirectoryPath="a"><DirectoryId>11529285414812647424</DirectoryId><Entries /><NextMarker />',
    );
    expect(await page(caller, "", "/docs", "2019-02-02")).not.toContain("Id>");
  });

  it("adds what is included", async () => {
    const caller = await createShareCaller();
    const { headers } = await createFile(caller, "/docs/b", 5);
    const time = headers.get("x-ms-file-change-time");
    expect(await page(caller, "&include=Timestamps,Etag,Attributes,PermissionKey")).toContain(
      `<Properties><Content-Length>5</Content-Length><CreationTime>${time}</CreationTime><LastAccessTime>${time}</LastAccessTime>` +
        `<LastWriteTime>${time}</LastWriteTime><ChangeTime>${time}</ChangeTime><Last-Modified>${headers.get("last-modified")}</Last-Modified>` +
        `<Etag>${headers.get("etag")}</Etag></Properties><Attributes>Archive</Attributes>` +
        `<PermissionKey>${headers.get("x-ms-file-permission-key")}</PermissionKey></File>`,
    );
  });

  it("orders without case, filters by prefix and pages by marker", async () => {
    const caller = await createShareCaller();
    for (const name of ["file2", "File10", "dirA", "file1", "other"]) await createFile(caller, `/docs/${name}`, 0);
    await caller.call("PUT", "/docs/fild?restype=directory");
    expect(names(await page(caller))).toEqual(["dirA", "fild", "file1", "File10", "file2", "other"]);
    const first = await page(caller, "&prefix=FIL&maxresults=3");
    expect(names(first)).toEqual(["fild", "file1", "File10"]);
    expect(first).toContain("<Prefix>FIL</Prefix><MaxResults>3</MaxResults><DirectoryId>");
    expect(first).toContain("<NextMarker>1!8!ZmlsZTI-</NextMarker>");
    const second = await page(caller, "&prefix=FIL&marker=1!8!ZmlsZTI-&maxresults=3");
    expect(names(second)).toEqual(["file2"]);
    expect(second).toContain("<Prefix>FIL</Prefix><Marker>1!8!ZmlsZTI-</Marker><MaxResults>3</MaxResults>");
    expect(second).toContain("<NextMarker /></EnumerationResults>");
  });

  it("gives 5000 entries at most, and loses none between pages when the named one is deleted", async () => {
    const caller = await createShareCaller();
    for (let index = 0; index < 5003; index++) await createFile(caller, `/docs/f${String(index).padStart(5, "0")}`, 0);
    const first = await page(caller, "&maxresults=9000");
    expect(names(first)).toHaveLength(5000);
    const marker = /<NextMarker>([^<]*)/.exec(first)?.[1] ?? "";
    await caller.call("DELETE", "/docs/f05000");
    expect(names(await page(caller, `&marker=${encodeURIComponent(marker)}`))).toEqual(["f05001", "f05002"]);
  });

  it("escapes names for XML and encodes what XML cannot hold", async () => {
    const caller = await createShareCaller();
    await createFile(caller, `/docs/${encodeURIComponent("a&b 'c'")}`, 0);
    await createFile(caller, `/docs/${encodeURIComponent("prefix\uFFFFfile")}`, 0);
    await caller.call("PUT", `/docs/${encodeURIComponent("d\uFFFE")}?restype=directory`);
    const all = await page(caller);
    expect(all).toContain("<Name>a&amp;b 'c'</Name>");
    expect(all).toContain('<Name Encoded="true">prefix%EF%BF%BFfile</Name>');
    const filtered = await page(caller, `&prefix=${encodeURIComponent("prefix\uFFFF")}`);
    expect(filtered).toContain('<Prefix Encoded="true">prefix%EF%BF%BF</Prefix>');
    expect(names(filtered)).toEqual(["prefix%EF%BF%BFfile"]);
    expect(await page(caller, "", `/docs/${encodeURIComponent("d\uFFFE")}`)).toContain('DirectoryPath="d%EF%BF%BE" Encoded="true">');
  });

  it.each([
    [`/docs/none?${list}`, [404, "ResourceNotFound"]],
    [`/docs/none/none?${list}`, [404, "ParentNotFound"]],
    [`/docs/file?${list}`, [409, "ResourceTypeMismatch"]],
    [`/none?${list}`, [404, "ShareNotFound"]],
    [`/docs?${list}&maxresults=-1`, [400, "OutOfRangeQueryParameterValue"]],
    [`/docs?${list}&marker=1!9!ZmlsZTI-`, [400, "InvalidQueryParameterValue"]],
    [`/docs?${list}&marker=junk`, [400, "InvalidQueryParameterValue"]],
    [`/docs?${list}&include=Everything`, [400, "InvalidQueryParameterValue"]],
    [`/docs?${list}&delimiter=/`, [400, "UnsupportedQueryParameter"]],
  ] as const)("refuses %s with %j", async (path, expected) => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/file", 0);
    expect(await errorCode(caller.call("GET", path))).toEqual(expected);
  });
});
