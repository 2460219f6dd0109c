/** HMAC-SHA256 for checking signatures: WebCrypto, or plain code where a page without a secure context has none. */
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { base64Of, utf8 } from "./text.js";

/** Signs texts with one key. */
export type Sign = (text: string) => Promise<string>;

/** Returns a function that gives the base64 HMAC-SHA256 of a text under `key`. */
export function signer(key: Uint8Array<ArrayBuffer>): Sign {
  let imported: Promise<CryptoKey> | undefined;
  return async (text) => {
    const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
    if (!subtle) return base64Of(hmac(sha256, key, utf8(text)));
    imported ??= subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    return base64Of(new Uint8Array(await subtle.sign("HMAC", await imported, utf8(text))));
  };
}

/** Compares without telling by its time where two texts differ. */
export function sameText(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let index = 0; index < a.length; index++) difference |= a.charCodeAt(index) ^ b.charCodeAt(index);
  return difference === 0;
}
