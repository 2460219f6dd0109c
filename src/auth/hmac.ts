/** HMAC-SHA256 by WebCrypto, with keys and signatures in base64. */

/** A key that is ready to sign. */
export type SigningKey = Promise<CryptoKey>;

/**
 * Imports an account key. The import happens once; sign with the result as often as you like.
 *
 * @throws TypeError for what is not base64, never echoed, and where the engine has no WebCrypto, as pages on insecure origins.
 */
export function importKey(key: string): SigningKey {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    if (typeof key !== "string" || key.trim() === "") throw new TypeError();
    bytes = Uint8Array.from(atob(key.trim()), (character) => character.charCodeAt(0));
  } catch {
    throw new TypeError("key is not base64; copy it whole from the storage account's access keys");
  }
  const subtle = globalThis.crypto?.subtle;
  if (subtle === undefined) {
    throw new TypeError("there is no WebCrypto here: pages have it on https: and localhost only. A SAS needs none: use sas(token)");
  }
  const imported = subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  imported.catch(() => undefined);
  return imported;
}

/** The signature of a text, in base64. */
export async function sign(key: SigningKey, text: string): Promise<string> {
  const signature = await globalThis.crypto.subtle.sign("HMAC", await key, new TextEncoder().encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(signature)));
}
