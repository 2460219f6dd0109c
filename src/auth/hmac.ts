/** HMAC-SHA256 by WebCrypto, with keys and signatures in base64. */

/** A key that is ready to sign: gives the same imported key each time. */
export type SigningKey = () => Promise<CryptoKey>;

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
  const subtle = globalThis.crypto?.subtle;
  if (subtle === undefined) {
    throw new TypeError("there is no WebCrypto here: pages have it on https: and localhost only. A SAS needs none: use sas(token)");
  }
  let imported: Promise<CryptoKey> | undefined;
  return () => {
    const bytes = (): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return (imported ??= subtle.importKey("raw", bytes(), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]));
  };
}

/** The signature of a text, in base64. */
export async function sign(key: SigningKey, text: string): Promise<string> {
  const signature = await globalThis.crypto.subtle.sign("HMAC", await key(), new TextEncoder().encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(signature)));
}
