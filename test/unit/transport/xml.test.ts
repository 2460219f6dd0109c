import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IntegrityError } from "../../../src/errors.js";
import * as directories from "../../../src/services/directories.js";
import * as files from "../../../src/services/files.js";
import * as shares from "../../../src/services/shares.js";
import { child, childName, children, childText, parseXml } from "../../../src/transport/xml.js";
import { connect } from "../../../src/connect.js";
import type { Connection } from "../../../src/types/connection.js";
import { ending } from "../wire-double.js";

const prologue = '\uFEFF<?xml version="1.0" encoding="utf-8"?>';

/** A connection whose service answers everything with one document. */
const answering = (document: string): Connection =>
  connect({
    endpoint: "https://account.file.core.windows.net",
    share: "share",
    middleware: [() => () => Promise.resolve(new Response(document, { status: 200 }))],
  });

const directory = (entries: string, marker = "<NextMarker />"): string =>
  `${prologue}<EnumerationResults ServiceEndpoint="https://account.file.core.windows.net/" ShareName="share" DirectoryPath=""><Entries>${entries}</Entries>${marker}</EnumerationResults>`;

async function listed(entries: string): Promise<readonly { kind: string; name: string; size?: number }[]> {
  const found = [];
  for await (const entry of directories.list(answering(directory(entries)))) found.push(entry);
  return found;
}

const escaped = (text: string): string =>
  text
    .replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`)
    .replace(/&#38;/g, "&amp;")
    .replace(/&#60;/g, "&lt;")
    .replace(/&#62;/g, "&gt;");
const file = (name: string, size: number | string = 0): string =>
  `<File><Name>${escaped(name)}</Name><Properties><Content-Length>${size}</Content-Length></Properties></File>`;

describe("a listing", () => {
  it("of one entry is a list", async () => {
    expect(await listed(file("a.txt", 5))).toEqual([{ kind: "file", name: "a.txt", size: 5 }]);
    expect(await listed("<Directory><Name>d</Name><Properties /></Directory>")).toEqual([{ kind: "directory", name: "d" }]);
  });

  it.each(["", " ", "\n"])("of nothing (%j) is empty", async (nothing) => expect(await listed(nothing)).toEqual([]));

  it("without Entries or with an empty one that closes itself is empty", async () => {
    for (const document of [
      `${prologue}<EnumerationResults />`,
      `${prologue}<EnumerationResults><Entries /><NextMarker /></EnumerationResults>`,
    ]) {
      const pages = [];
      for await (const page of directories.list(answering(document)).pages()) pages.push(page);
      expect(pages).toEqual([{ entries: [], marker: undefined }]);
    }
  });

  it.each(["123", "0123", "1e5", "0x10", "-0", "1.0", "true", "null", "NaN", "Infinity", "9007199254740993", " 5", "5 "])(
    "keeps the name %j as it is",
    async (name) => {
      expect(await listed(file(name))).toEqual([{ kind: "file", name, size: 0 }]);
    },
  );

  it.each([
    "  two  blanks  ",
    "tab\u00a0",
    "é 日本 🗂",
    "a & b < c > d",
    "&amp;",
    "&lt;script&gt;",
    "&#65;",
    "]]>",
    "'\"",
    "constructor",
    "__proto__",
    "toString",
    "#text",
    "@Encoded",
  ])("keeps the name %j as it is, through entities", async (name) => {
    expect(await listed(file(name))).toEqual([{ kind: "file", name, size: 0 }]);
  });

  it("decodes names that the service had to encode, and only those", async () => {
    const encoded = (attribute: string, name: string): string =>
      `<File><Name${attribute}>${name}</Name><Properties><Content-Length>1</Content-Length></Properties></File>`;
    expect((await listed(encoded(' Encoded="true"', "a%EF%BF%BFb%20c%25"))).map(({ name }) => name)).toEqual(["a\uffffb c%"]);
    expect((await listed(encoded("", "100%25"))).map(({ name }) => name)).toEqual(["100%25"]);
    expect((await listed(encoded(' Encoded="false"', "100%25"))).map(({ name }) => name)).toEqual(["100%25"]);
    expect(await ending(listed(encoded(' Encoded="true"', "100%")))).toBeInstanceOf(IntegrityError);
  });

  it("of five thousand entries with entities in them is whole", async () => {
    const names = Array.from({ length: 5000 }, (_, index) => `R&D <${index}> & "more" ${"&".repeat(20)}`);
    const found = await listed(names.map((name, index) => file(name, index)).join(""));
    expect(found.map(({ name }) => name)).toEqual(names);
    expect(found[4999]?.size).toBe(4999);
  });

  it("has files and directories in the order of the service", async () => {
    const found = await listed(`${file("b")}<Directory><Name>C</Name></Directory>${file("D")}<Directory><Name>a</Name></Directory>`);
    expect(found.map(({ name }) => name)).toEqual(["b", "C", "D", "a"]);
  });

  it("carries 64-bit ids as text and what it does not know as nothing", async () => {
    const found = await listed(
      "<File><Name>a</Name><FileId>13835128424026341376</FileId><Properties><Content-Length>7</Content-Length><CreationTime>2026-01-01T00:00:00.1234567Z</CreationTime><Last-Modified>Thu, 01 Jan 2026 00:00:00 GMT</Last-Modified><Etag>&quot;0x8D&quot;</Etag><Novelty>1</Novelty></Properties><Attributes>Archive | Hidden</Attributes><Symlink>x</Symlink></File><Socket><Name>s</Name></Socket>",
    );
    expect(found).toEqual([
      {
        kind: "file",
        name: "a",
        size: 7,
        fileId: "13835128424026341376",
        creationTime: "2026-01-01T00:00:00.1234567Z",
        lastModified: new Date("2026-01-01T00:00:00Z"),
        etag: '"0x8D"',
        attributes: "Archive | Hidden",
      },
    ]);
  });
});

describe("the shares of an account", () => {
  const list = async (entries: string): Promise<unknown[]> => {
    const found = [];
    for await (const entry of shares.list(
      answering(`${prologue}<EnumerationResults><Shares>${entries}</Shares><NextMarker /></EnumerationResults>`),
    ))
      found.push(entry);
    return found;
  };
  const share = (metadata: string): string =>
    `<Share><Name>123</Name><Properties><Last-Modified>Thu, 01 Jan 2026 00:00:00 GMT</Last-Modified><Etag>"0x8D"</Etag><Quota>5120</Quota></Properties>${metadata}</Share>`;

  it("have metadata under any name, such as those of every object and of the document's own elements", async () => {
    const metadata =
      "<Metadata><constructor>a</constructor><toString>b</toString><__proto__>c</__proto__><Share>d</Share><Name>e</Name><empty /><n>007</n><blank> x </blank></Metadata>";
    const [entry] = (await list(share(metadata))) as { name: string; metadata: object }[];
    expect(entry?.name).toBe("123");
    expect(Object.entries(entry?.metadata ?? {}).sort()).toEqual(
      [
        ["constructor", "a"],
        ["toString", "b"],
        ["__proto__", "c"],
        ["Share", "d"],
        ["Name", "e"],
        ["empty", ""],
        ["n", "007"],
        ["blank", " x "],
      ].sort(),
    );
    expect(Object.getPrototypeOf(entry?.metadata)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)["c"]).toBeUndefined();
  });

  it("have none where it is empty or not told", async () => {
    expect(await list(share("<Metadata />"))).toMatchObject([{ metadata: {} }]);
    expect((await list(share("")))[0]).not.toHaveProperty("metadata");
    expect(await list(share(""))).toMatchObject([{ quotaGiB: 5120, etag: '"0x8D"', lastModified: new Date("2026-01-01T00:00:00Z") }]);
  });
});

describe("elements", () => {
  it("are read one, several, none, with and without attributes", async () => {
    const root = await parseXml('<A><One>1</One><Two>a</Two><Two x="y">b</Two><None /></A>', "A");
    expect(childText(root, "One")).toBe("1");
    expect(children(root, "One")).toEqual(["1"]);
    expect(children(root, "Two")).toHaveLength(2);
    expect(childText(root, "Two")).toBe("a");
    expect(childText(root, "None")).toBeUndefined();
    expect(children(root, "None")).toEqual([""]);
    expect(children(root, "Absent")).toEqual([]);
    expect(child("text", "One")).toBeUndefined();
    expect(children(undefined, "One")).toEqual([]);
    expect(childName(root, "Absent")).toBe("");
  });

  it("of every object are none of a document's", async () => {
    const root = await parseXml("<A><B>1</B></A>", "A");
    for (const name of ["constructor", "toString", "__proto__", "hasOwnProperty"]) {
      expect(childText(root, name)).toBeUndefined();
      await expect(parseXml("<A />", name)).rejects.toThrow(IntegrityError);
    }
  });

  it("are not made from what a document type declares", async () => {
    const bomb =
      '<!DOCTYPE A [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><A>&c;</A>';
    const file = '<!DOCTYPE A [<!ENTITY x SYSTEM "file:///etc/passwd">]><A>&x;</A>';
    for (const document of [bomb, file]) {
      try {
        expect(JSON.stringify(await parseXml(document, "A")).length).toBeLessThan(1000);
        expect(JSON.stringify(await parseXml(document, "A"))).not.toContain("root:");
      } catch (error) {
        expect(error).toBeInstanceOf(IntegrityError);
      }
    }
  });
});

describe("what is no listing", () => {
  const reads: Record<string, (connection: Connection) => Promise<unknown>> = {
    "List Directories and Files": (connection) => directories.list(connection).pages()[Symbol.asyncIterator]().next(),
    "List Shares": (connection) => shares.list(connection).pages()[Symbol.asyncIterator]().next(),
    "List Ranges": (connection) => files.listRanges(connection, { path: "a" }),
  };

  it.each(Object.entries(reads))("is an IntegrityError of %s", async (_, read) => {
    for (const garbage of [
      "",
      "  ",
      "no",
      "{}",
      "<",
      "<a",
      "<a>",
      "<a></b>",
      "<html><body></body></html>",
      prologue,
      "\0\0",
      "<EnumerationResults>",
      "<Ranges><Range>",
    ]) {
      expect(await ending(read(answering(garbage)))).toMatchObject({ name: "IntegrityError", reason: "listing" });
    }
  });

  it("never crashes the client, whatever it is made of", async () => {
    const words = fc.constantFrom(
      ..."<>/&;=\"' \n?![]-".split(""),
      "<EnumerationResults>",
      "</EnumerationResults>",
      "<Entries>",
      "</Entries>",
      "<Shares>",
      "</Shares>",
      "<File>",
      "</File>",
      "<Share>",
      "</Share>",
      "<Directory>",
      "</Directory>",
      '<Name Encoded="true">',
      "<Name>",
      "</Name>",
      "<Properties>",
      "</Properties>",
      "<Metadata>",
      "</Metadata>",
      "<Ranges>",
      "</Ranges>",
      "<Range>",
      "</Range>",
      "<NextMarker/>",
      "<![CDATA[",
      "]]>",
      "<!--",
      "-->",
      "<!DOCTYPE a [",
      "<!ENTITY b 'c'>",
      "&b;",
      "&#x0;",
      "%",
      "%zz",
      "a",
      "<__proto__>",
      "</__proto__>",
      "<constructor>",
      "</constructor>",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(words, { maxLength: 25 }), fc.constantFrom("EnumerationResults", "Ranges", ""), async (parts, root) => {
        const inner = parts.join("");
        const connection = answering(root === "" ? inner : `<${root}>${inner}</${root}>`);
        for (const read of Object.values(reads)) {
          const end = await ending(read(connection));
          if (end instanceof Error) expect(end).toBeInstanceOf(IntegrityError);
        }
      }),
      { numRuns: 1500, seed: 13 },
    );
  });
});
