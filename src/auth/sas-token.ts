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
  const text = String(token ?? "").trim().replace(/^[?&]/, "");
  if (text.includes("://")) throw new TypeError("the SAS is a whole URL; pass that to fromUrl()");
  const fields: Record<string, string> = {};
  for (const word of text.split("&")) {
    const [, name = "", value = ""] = /^(\w+)=([^\s#]*)$/.exec(word) ?? [];
    if (name === "" || name in fields || /^(comp|restype)$/i.test(name)) {
      throw new TypeError(`the SAS is malformed: its part ${Object.keys(fields).length + 1} is no name=value of a token, or says a name again`);
    }
    fields[name] = value;
  }
  const { sv, sig, se, si } = fields;
  if (!sv || !sig || !(se || si)) throw new TypeError(`the SAS has no ${!sv ? "sv" : !sig ? "sig" : "se (expiry) or si (stored policy)"}`);
  const expiresOn = se ? Date.parse(se.replace(/%3a/gi, ":")) : undefined;
  if (Number.isNaN(expiresOn)) throw new TypeError("the SAS has an se that is no ISO 8601 time");
  return { text, expiresOn };
}
