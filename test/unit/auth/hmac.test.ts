import { afterEach, describe, expect, it, vi } from "vitest";
import { importKey, sign } from "../../../src/auth/hmac.js";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** As where there is no Node underneath. */
const withoutNode = (): void => void vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined);

const base64 = (hex: string): string => Buffer.from(hex, "hex").toString("base64");

describe("a signature", () => {
  // RFC 4231, cases 1, 2 and 6; the last has a key longer than a block.
  it.each([
    ["0b".repeat(20), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"],
    ["4a656665", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"],
    [
      "aa".repeat(131),
      "Test Using Larger Than Block-Size Key - Hash Key First",
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ],
  ])("is what RFC 4231 says, by Node's own code and by WebCrypto", async (key, text, signature) => {
    expect(await sign(importKey(base64(key)), text)).toBe(base64(signature));
    withoutNode();
    expect(await sign(importKey(base64(key)), text)).toBe(base64(signature));
  });

  it("is of the text in UTF-8", async () => {
    const { createHmac } = await import("node:crypto");
    const text = "é 日本 🗂\u0000\n";
    const expected = createHmac("sha256", Buffer.alloc(3)).update(text, "utf8").digest("base64");
    expect(await sign(importKey("AAAA"), text)).toBe(expected);
    withoutNode();
    expect(await sign(importKey("AAAA"), text)).toBe(expected);
  });
});

describe("a key", () => {
  it("is imported with the first signature, once for all", async () => {
    withoutNode();
    const imports = vi.spyOn(globalThis.crypto.subtle, "importKey");
    const key = importKey("c2VjcmV0");
    expect(imports).not.toHaveBeenCalled();
    const signatures = await Promise.all([sign(key, "a"), sign(key, "a"), sign(key, "b")]);
    expect(signatures[0]).toBe(signatures[1]);
    expect(signatures[0]).not.toBe(signatures[2]);
    expect(imports).toHaveBeenCalledTimes(1);
  });

  it("may have white space around it, as text that was copied", async () => {
    expect(await sign(importKey(" c2VjcmV0\n"), "a")).toBe(await sign(importKey("c2VjcmV0"), "a"));
  });

  it.each([
    "",
    "  ",
    "====",
    "A",
    "AA",
    "AAA",
    "A===",
    "AAAAA",
    "AAAAAA=",
    "not base64",
    "AAAA AAAA",
    "a-_b",
    "AAAA=AAA",
    "ÄÄÄÄ",
    undefined,
    null,
    5,
    {},
  ])("that is %j is refused", (key) => {
    expect(() => importKey(key as string)).toThrow(
      new TypeError("key is not base64; copy it whole from the storage account's access keys"),
    );
  });

  it.each([undefined, {}])("on an insecure origin says what to do", (crypto) => {
    withoutNode();
    vi.stubGlobal("crypto", crypto);
    expect(() => importKey("c2VjcmV0")).toThrow(TypeError);
    expect(() => importKey("c2VjcmV0")).toThrow(/https:.*localhost.*sas\(token\)/);
  });
});
