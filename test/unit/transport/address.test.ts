import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkShare, parseUrl, splitParent, splitPath, urlOf } from "../../../src/transport/address.js";

const forbidden = [...'"\\/:|<>*?', "\0", "\u001f", "\u007f", "\u0085", "\u009f"];

/** Names that the service takes, of every script and with everything that URLs and XML find hard. */
const hard = fc.constantFrom(..."%#&+=;,'!()[]{}@^`~$ .-_éßあ🗂\u0301\u00a0\u200f\ufeff\ufffd");
const component = fc
  .array(fc.oneof(hard, fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }), fc.constantFrom("%2e", "%2F", "%", "..", "a")), {
    minLength: 1,
    maxLength: 8,
  })
  .map((parts) => parts.join(""))
  .filter((name) => !/["\\/:|<>*?\p{Cc}\p{Cs}]/u.test(name) && !/^\.{1,2}$/.test(name) && name.length <= 255);
const path = fc.array(component, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("/"));
const share = fc.constantFrom("share", "a-b-c", "123", "a".repeat(63));
const endpoint = fc.constantFrom(
  "https://account.file.core.windows.net",
  "http://127.0.0.1:10004/account",
  "http://[::1]:10004/account",
  "http://localhost/account",
);

describe("a URL of any legal name", () => {
  it("is the same to an engine's parser, and reads back as share and path", () => {
    fc.assert(
      fc.property(endpoint, share, path, (base, name, text) => {
        const url = urlOf(base, { share: name, path: text });
        expect(new URL(url).href).toBe(url);
        expect(new URL(url).search).toBe("");
        expect(new URL(url).hash).toBe("");
        expect(parseUrl(url)).toEqual({ endpoint: base, account: "account", share: name, path: text, query: "" });
      }),
      { numRuns: 1000, seed: 6 },
    );
  });

  it("has its query decoded by the engine as it was given", () => {
    const value = fc.string({ unit: "binary", minLength: 1, maxLength: 12 }).filter((text) => !/\p{Cs}/u.test(text));
    fc.assert(
      fc.property(value, value, (prefix, marker) => {
        const url = urlOf(
          "https://a.file.core.windows.net",
          { share: "share" },
          { comp: "list", prefix, marker, maxresults: 5, include: undefined, sharesnapshot: "" },
        );
        expect(new URL(url).href).toBe(url);
        expect([...new URL(url).searchParams]).toEqual([
          ["comp", "list"],
          ["prefix", prefix],
          ["marker", marker],
          ["maxresults", "5"],
        ]);
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  it("is spelled out", () => {
    expect(urlOf("https://a.file.core.windows.net", {})).toBe("https://a.file.core.windows.net/");
    expect(urlOf("https://a.file.core.windows.net", { share: "share" }, { restype: "share" })).toBe(
      "https://a.file.core.windows.net/share?restype=share",
    );
    expect(urlOf("http://127.0.0.1:10004/account", { share: "share", path: "/dir/50%/it's (1)!.txt/" })).toBe(
      "http://127.0.0.1:10004/account/share/dir/50%25/it%27s%20%281%29%21.txt",
    );
    expect(urlOf("https://a.example", { share: "share", path: "a" }, { maxresults: 0 })).toBe("https://a.example/share/a?maxresults=0");
  });
});

describe("a path", () => {
  it("may begin and end with one slash", () => {
    for (const text of ["a/b", "/a/b", "a/b/", "/a/b/"]) expect(splitPath(text)).toEqual(["a", "b"]);
    for (const text of ["", "/"]) expect(splitPath(text)).toEqual([]);
    expect(splitParent("/a/b/c")).toEqual({ parent: "a/b", name: "c" });
    expect(splitParent("a")).toEqual({ parent: "", name: "a" });
    expect(splitParent("")).toEqual({ parent: "", name: "" });
  });

  it.each(forbidden.filter((character) => character !== "/"))("cannot hold %j: the error says where it is", (character) => {
    const say = (text: string): string =>
      `path component 2, ${JSON.stringify(text)}, has ${JSON.stringify(character)} at index 2, which is not allowed`;
    expect(() => splitPath(`dir/ab${character}c`)).toThrow(new TypeError(say(`ab${character}c`)));
  });

  it.each([
    ["a//b", 'path component 2, "", is empty, "." or "..", which is not allowed'],
    ["a//", 'path component 2, "", is empty, "." or "..", which is not allowed'],
    ["../a", 'path component 1, "..", is empty, "." or "..", which is not allowed'],
    ["a/./b", 'path component 2, ".", is empty, "." or "..", which is not allowed'],
    ["a/..", 'path component 2, "..", is empty, "." or "..", which is not allowed'],
  ])("cannot be %j", (text, message) => {
    expect(() => splitPath(text)).toThrow(new TypeError(message));
  });

  it.each(["...", ".a", "a.", "..a", "%2e%2e", ". ", " ."])("may have %j as a component", (name) => {
    expect(splitPath(`a/${name}/b`)).toEqual(["a", name, "b"]);
    const url = urlOf("https://a.example", { share: "share", path: `a/${name}/b` });
    expect(new URL(url).href).toBe(url);
  });

  it.each(["\ud800", "a\udc00", "\udc00\ud800", "🗂".slice(1)])("cannot hold half of a surrogate pair (%j)", (name) => {
    expect(() => splitPath(`a/${name}`)).toThrow(TypeError);
    expect(() => urlOf("https://a.example", { share: "share" }, { prefix: name })).toThrow(TypeError);
  });

  it("has at most 255 characters in a component, 250 components and 2048 characters", () => {
    expect(splitPath("é".repeat(255))).toHaveLength(1);
    expect(() => splitPath(`a/${"é".repeat(256)}`)).toThrow(
      /^path component 2, "é{80}", is longer than 255 characters, which is not allowed$/,
    );
    // A pair of surrogates counts as two.
    expect(() => splitPath("🗂".repeat(128))).toThrow(/longer than 255/);
    expect(splitPath(Array(250).fill("a").join("/"))).toHaveLength(250);
    expect(() => splitPath(Array(251).fill("a").join("/"))).toThrow(
      /^path has 501 characters in 251 components, but at most 2048 and 250 are allowed$/,
    );
    const long = `${"a".repeat(200)}/`.repeat(10) + "b".repeat(38);
    expect(splitPath(long)).toHaveLength(11);
    expect(() => splitPath(`${long}b`)).toThrow(/^path has 2049 characters/);
  });

  it.each([undefined, null, 5, {}, ["a"]])("must be a string, not %j", (value) => {
    expect(() => splitPath(value)).toThrow(/^path is .*, but must be a string$/);
  });
});

describe("the name of a share", () => {
  it.each(["abc", "123", "a-b", "0-0-0", "a".repeat(63)])("may be %s", (name) => expect(checkShare(name)).toBe(name));

  it.each([
    ["Inbox", '"I" at index 0'],
    ["in box", '" " at index 2'],
    ["a--b", '"-" at index 1'],
    ["inbox-", '"-" at index 5'],
  ])("that breaks the rule, %j, is told with the character and its place", (name, where) => {
    expect(() => checkShare(name)).toThrow(`share is ${JSON.stringify(name)} with ${where}, but must be 3 to 63`);
  });

  it.each(["", "ab", "a".repeat(64), "Abc", "a_b", "a--b", "-ab", "ab-", "a.b", "äbc", "a b", "abc\n", undefined, null, 123])(
    "cannot be %j",
    (name) => {
      expect(() => checkShare(name)).toThrow(/^share is .*, but must be 3 to 63 of a-z, 0-9 and single hyphens between them$/s);
    },
  );
});

describe("a URL that is taken apart", () => {
  it.each([
    ["https://acct.file.core.windows.net", { endpoint: "https://acct.file.core.windows.net", account: "acct" }],
    ["https://acct.file.core.windows.net/", { account: "acct", share: undefined }],
    [
      "https://acct-secondary.file.core.windows.net/share",
      { endpoint: "https://acct-secondary.file.core.windows.net", account: "acct", share: "share" },
    ],
    ["https://acct.z01.file.storage.azure.net/share/a", { account: "acct", share: "share", path: "a" }],
    ["https://acct.file.core.windows.net/share/dir/?sv=1&sig=a%2Bb", { path: "dir", query: "sv=1&sig=a%2Bb" }],
    [
      "http://127.0.0.1:10004/acct/share/a%20b/c%25.txt",
      { endpoint: "http://127.0.0.1:10004/acct", account: "acct", share: "share", path: "a b/c%.txt" },
    ],
    ["http://localhost:10004/acct", { endpoint: "http://localhost:10004/acct", share: undefined }],
    ["http://files.localhost/acct/share", { endpoint: "http://files.localhost/acct", share: "share" }],
    ["http://emulator:80/acct/share", { endpoint: "http://emulator/acct", account: "acct" }],
    ["http://[::1]:10004/acct/share", { endpoint: "http://[::1]:10004/acct", account: "acct" }],
    [new URL("https://acct.file.core.windows.net/share"), { share: "share" }],
  ])("%s", (url, parts) => expect(parseUrl(url)).toMatchObject(parts));

  it.each([
    ["SECRET", /does not parse/],
    ["", /does not parse/],
    ["ftp://host/SECRET", /scheme ftp:/],
    ["file:///SECRET", /scheme file:/],
    ["http://127.0.0.1:10004/?sig=SECRET", /no account/],
    ["https://acct.file.core.windows.net/share/%E9?sig=SECRET", /percent sign/],
    ["https://acct.file.core.windows.net/share/%?sig=SECRET", /percent sign/],
    ["https://acct.file.core.windows.net/Share?sig=SECRET", /^share is "Share"/],
    ["https://acct.file.core.windows.net/share/a:b?sig=SECRET", /has ":" at index 1/],
  ])("%j is refused, and no signature echoed", (url, message) => {
    expect(() => parseUrl(url)).toThrow(TypeError);
    expect(() => parseUrl(url)).toThrow(message);
    expect(() => parseUrl(url)).not.toThrow(/SECRET/);
  });

  it("is refused with a TypeError or taken, whatever it is", () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl({ withQueryParameters: true, withFragments: true }), fc.string({ unit: "binary" })), (url) => {
        try {
          const { endpoint, share, path } = parseUrl(url);
          if (share !== undefined) expect(new URL(urlOf(endpoint, { share, path })).href).toBe(urlOf(endpoint, { share, path }));
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
        }
      }),
      { numRuns: 500, seed: 8 },
    );
  });
});
