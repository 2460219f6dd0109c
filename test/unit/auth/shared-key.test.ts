import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { canonicalizedHeaders, canonicalizedResource, compareHeaderNames, sharedKey, stringToSign } from "../../../src/auth/shared-key.js";
import { importKey, sign } from "../../../src/auth/hmac.js";
import type { Method } from "../../../src/types/requests.js";
import { text } from "../../source-tree.js";
import { key, request, stoppedClock } from "./request.js";

afterEach(() => vi.unstubAllGlobals());

interface Vector {
  readonly name: string;
  readonly method: Method;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly bodyLength: number;
  readonly canonicalizedHeaders: string[];
  readonly canonicalizedResource: string[];
  readonly standardLines: string[];
  readonly signature: string;
}

const recorded = JSON.parse(text("test/vectors/shared-key.json")) as { account: string; key: string; now: string; vectors: Vector[] };

describe.each(recorded.vectors)("$name", (vector) => {
  const { method, url } = vector;
  const headers = { ...vector.headers, "x-ms-date": new Date(recorded.now).toUTCString() };
  const body = vector.bodyLength === 0 ? undefined : new Uint8Array(vector.bodyLength);
  const whole = [...vector.standardLines, ...vector.canonicalizedHeaders, ...vector.canonicalizedResource].join("\n");

  it("has these canonicalized headers", () => {
    expect(canonicalizedHeaders(Object.entries(headers))).toBe(vector.canonicalizedHeaders.map((line) => `${line}\n`).join(""));
  });

  it("has this canonicalized resource", () => {
    expect(canonicalizedResource(recorded.account, url)).toBe(vector.canonicalizedResource.join("\n"));
  });

  it("has this string to sign", () => {
    expect(stringToSign(recorded.account, { method, url, headers, body })).toBe(whole);
  });

  it("has this signature", async () => {
    expect(await sign(importKey(recorded.key), whole)).toBe(vector.signature);
  });

  it("is sent with both", async () => {
    const credential = sharedKey({ account: recorded.account, key: recorded.key });
    const before = request({ method, url, headers: vector.headers, body });
    const signed = await credential.authorize(before, stoppedClock(recorded.now));
    expect(signed.headers).toEqual({ ...headers, authorization: `SharedKey ${recorded.account}:${vector.signature}` });
    expect(signed.url).toBe(url);
    expect(before.headers).toEqual(vector.headers);
  });
});

describe("the string to sign", () => {
  const line = (index: number, changes: Parameters<typeof request>[0]): string | undefined =>
    stringToSign("account", request(changes)).split("\n")[index];

  it("has the body's size in bytes, whatever a header says, and nothing for an empty one", () => {
    expect(line(3, { body: new Uint8Array(7), headers: { "content-length": "9" } })).toBe("7");
    expect(line(3, { body: new Uint8Array(new ArrayBuffer(9), 2, 3) })).toBe("3");
    expect(line(3, { body: new Blob(["é"]) })).toBe("2");
    expect(line(3, { body: new Uint8Array(0), headers: { "content-length": "0" } })).toBe("");
    expect(line(3, { body: new Blob([]) })).toBe("");
    expect(line(3, {})).toBe("");
  });

  it.each([
    [1, "content-encoding"],
    [2, "content-language"],
    [4, "content-md5"],
    [5, "content-type"],
    [6, "date"],
    [7, "if-modified-since"],
    [8, "if-match"],
    [9, "if-none-match"],
    [10, "if-unmodified-since"],
    [11, "range"],
  ])("has in line %i the header %s", (index, name) => {
    expect(line(index, { headers: { [name.toUpperCase()]: "the value" } })).toBe("the value");
  });

  it("has no date where x-ms-date has it", () => {
    expect(line(6, { headers: { date: "a", "x-ms-date": "b" } })).toBe("");
  });
});

describe("canonicalized headers", () => {
  it("are trimmed, unfolded, in lower case and only those of the service, empty ones too", () => {
    const headers = [
      ["X-MS-B", "  two\r\n  lines "],
      ["Content-Type", "text/plain"],
      ["x-ms-a", ""],
      ["x-msother", "1"],
    ] as const;
    expect(canonicalizedHeaders(headers)).toBe("x-ms-a:\nx-ms-b:two lines\n");
  });

  const lists = text("test/vectors/header-order.txt")
    .replace(/^# .*\n/gm, "")
    .trim()
    .split("\n\n")
    .map((list) => list.split("\n"));

  it.each(lists)("are in the service's order: %s, %s, …", (...names) => {
    const shuffled = names.toSorted().toReversed();
    expect(shuffled.sort(compareHeaderNames)).toEqual(names);
    expect(names.length).toBeGreaterThan(2);
  });

  const name = fc.string({ unit: fc.constantFrom(..."ab19_-'.~"), maxLength: 6 }).map((end) => `x-ms-${end}`);

  it("have a total order", () => {
    fc.assert(
      fc.property(name, name, name, (a, b, c) => {
        const [ab, ba, bc, ac] = [compareHeaderNames(a, b), compareHeaderNames(b, a), compareHeaderNames(b, c), compareHeaderNames(a, c)];
        expect(Math.sign(ab)).toBe(-Math.sign(ba) + 0);
        expect(ab === 0).toBe(a === b);
        if (ab < 0 && bc < 0) expect(ac).toBeLessThan(0);
      }),
      { numRuns: 1000, seed: 1 },
    );
  });

  it("of letters, digits and underscores go by those alone; hyphens count in a tie", () => {
    const order = "_0123456789abcdefghijklmnopqrstuvwxyz";
    const word = fc.string({ unit: fc.constantFrom(..."_01ab-"), maxLength: 8 });
    // Another way to the same order: a letter for each rank, so that plain text comparison decides.
    const ranks = (text: string): string =>
      [...text.replaceAll("-", "")].map((letter) => String.fromCharCode(65 + order.indexOf(letter))).join("");
    fc.assert(
      fc.property(word, word, (a, b) => {
        fc.pre(ranks(a) !== ranks(b));
        expect(compareHeaderNames(a, b) < 0).toBe(ranks(a) < ranks(b));
      }),
      { numRuns: 500, seed: 2 },
    );
  });
});

describe("the canonicalized resource", () => {
  it("has the path as it is sent and the query decoded, names in lower case and in order", () => {
    const url = "https://a.file.core.windows.net/share/%25%20%C3%A9/b+c?Zeta=1&prefix=a%26b%3D%2B%20c&alpha";
    expect(canonicalizedResource("a", url)).toBe("/a/share/%25%20%C3%A9/b+c\nalpha:\nprefix:a&b=+ c\nzeta:1");
  });

  it("joins the values of a name said twice, in order", () => {
    expect(canonicalizedResource("a", "https://a.example/s?include=b&INCLUDE=a")).toBe("/a/s\ninclude:a,b");
  });

  it("of a service without a path is its root", () => {
    expect(canonicalizedResource("a", "https://a.example")).toBe("/a/");
  });
});

describe("sharedKey()", () => {
  it("signs each try anew, with the clock it is given", async () => {
    const credential = sharedKey({ account: "account", key });
    const clock = stoppedClock("2026-03-01T00:00:00Z");
    const first = await credential.authorize(request(), clock);
    clock.advance(1000);
    const second = await credential.authorize(first, clock);
    expect(first.headers["x-ms-date"]).toBe("Sun, 01 Mar 2026 00:00:00 GMT");
    expect(second.headers["x-ms-date"]).toBe("Sun, 01 Mar 2026 00:00:01 GMT");
    expect(second.headers["authorization"]).not.toBe(first.headers["authorization"]);
    expect(credential.kind).toBe("sharedKey");
    expect(credential.refused).toBeUndefined();
  });

  it.each(["", "AB", "Account", "a/b", "ac count", "a".repeat(25), undefined, 5])("refuses %j as account", (account) => {
    expect(() => sharedKey({ account: account as string, key })).toThrow(/^account is no name of a storage account/);
  });

  it("refuses a key that is none", () => {
    expect(() => sharedKey({ account: "account", key: "no key" })).toThrow(/^key is not base64/);
  });

  it("is refused in a browser, with the reason and the way out", () => {
    vi.stubGlobal("navigator", {
      userAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    });
    expect(() => sharedKey({ account: "account", key })).toThrow(TypeError);
    expect(() => sharedKey({ account: "account", key })).toThrow(/every visitor could read the key.*azure-files\/sas.*use sas\(\)/);
    expect(sharedKey({ account: "account", key, dangerouslyAllowBrowser: true }).kind).toBe("sharedKey");
  });

  it.each(["Node.js/24", "Deno/2.5.0", "Bun/1.3.0", "Cloudflare-Workers", undefined])(
    "works where the engine calls itself %s",
    (userAgent) => {
      vi.stubGlobal("navigator", userAgent === undefined ? undefined : { userAgent });
      expect(sharedKey({ account: "account", key }).kind).toBe("sharedKey");
    },
  );
});
