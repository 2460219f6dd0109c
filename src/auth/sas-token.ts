/**
 * Reads a SAS token: what it is, until when, and whether it is one at all.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/delegate-access-with-shared-access-signature
 */

/** A token taken apart as far as the client needs it. */
export interface SasToken {
  /** The token without "?", as it goes into a URL. */
  readonly text: string;
  /** When it runs out, milliseconds since 1970; undefined where a stored policy says it. */
  readonly expiresOn: number | undefined;
}

/**
 * Checks a token and takes it apart. A "?" or "&" before it is dropped.
 *
 * @throws TypeError that names the rule and never echoes the token.
 */
export function parseSasToken(token: unknown): SasToken {
  if (typeof token !== "string") throw new TypeError(`the SAS is ${token === null ? "null" : typeof token}, but must be a string`);
  const text = token.trim().replace(/^[?&]/, "");
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) throw new TypeError("the SAS is a whole URL; pass that to fromUrl(), or only its query to sas()");
  if (/[\s#]/.test(text)) throw new TypeError("the SAS has white space or # in it, so it is not whole");
  const fields = new Map<string, string>();
  for (const word of text.split("&")) {
    const at = word.indexOf("=");
    const name = word.slice(0, at).toLowerCase();
    if (at < 1 || !/^[a-z]+$/.test(name)) throw new TypeError("the SAS has a part that is no name=value");
    if (fields.has(name)) throw new TypeError(`the SAS has ${name} twice`);
    if (/^(comp|restype)$/.test(name)) throw new TypeError(`the SAS has ${name}, which belongs to a request and not to a token`);
    try {
      fields.set(name, decodeURIComponent(word.slice(at + 1)));
    } catch {
      throw new TypeError(`the SAS has a ${name} with a percent sign that encodes nothing`);
    }
  }
  for (const name of ["sv", "sig"]) {
    if (!fields.get(name)) throw new TypeError(`the SAS has no ${name}`);
  }
  const expiry = fields.get("se");
  if (!expiry && !fields.get("si")) throw new TypeError("the SAS has no se (expiry) and no si (stored policy)");
  const expiresOn = expiry ? Date.parse(expiry) : NaN;
  if (expiry && Number.isNaN(expiresOn)) throw new TypeError("the SAS has an se that is no ISO 8601 time");
  return { text, expiresOn: expiry ? expiresOn : undefined };
}
