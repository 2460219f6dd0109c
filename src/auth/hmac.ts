/**
 * HMAC-SHA256 with keys and signatures in base64: by WebCrypto, and on Node by its own, which takes a quarter of the time for texts as short
 * as these.
 */
import { nodeModule, webCrypto } from "../platform.js";

/** A key that is ready to sign. */
export type SigningKey = (text: string) => Promise<string>;

/** What is used of `node:crypto`. */
interface NodeCrypto {
  createSecretKey(key: Uint8Array): object;
  createHmac(hash: string, key: object): { update(text: string): { digest(encoding: "base64"): string } };
}

/** Base64 of at least a byte, with its padding: what is cut off at the end mostly fails here. */
const BASE64 = /^(?=.{4})(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Takes an account key. It is imported with the first signature, and only once; some engines start no work outside a request.
 *
 * @throws TypeError for what is not base64, never echoed, and where the engine has no WebCrypto, as pages on insecure origins.
 */
export function importKey(key: string): SigningKey {
  const text = typeof key === "string" ? key.trim() : "";
  if (!BASE64.test(text)) throw new TypeError("key is not base64; copy it whole from the storage account's access keys");
  const bytes = (): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const node = nodeModule("node:crypto") as NodeCrypto | undefined;
  if (node !== undefined) {
    // Made once: Node would make one of the bytes for each signature.
    const secret = node.createSecretKey(bytes());
    return async (signed) => node.createHmac("sha256", secret).update(signed).digest("base64");
  }
  const subtle = webCrypto();
  if (subtle === undefined) {
    throw new TypeError("there is no WebCrypto here: pages have it on https: and localhost only. A SAS needs none: use sas(token)");
  }
  let imported: Promise<CryptoKey> | undefined;
  return async (signed) => {
    imported ??= subtle.importKey("raw", bytes(), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    const signature = await subtle.sign("HMAC", await imported, new TextEncoder().encode(signed));
    return btoa(String.fromCharCode(...new Uint8Array(signature)));
  };
}

/** The signature of a text, in base64. */
export const sign = (key: SigningKey, text: string): Promise<string> => key(text);
