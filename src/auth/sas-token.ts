/**
 * Reads a SAS token: what it is, until when, and whether it is one at all.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/delegate-access-with-shared-access-signature
 */

import type { Allowed } from "../types/connection.js";

/** A token taken apart as far as the client needs it. */
export interface SasToken {
  /** The token without "?", as it goes into a URL. */
  readonly text: string;
  /** When it runs out, milliseconds since 1970; undefined where a stored policy says it. */
  readonly expiresOn: number | undefined;
  /** What it says of itself. */
  readonly allows: Allowed;
}

/**
 * Checks a token and takes it apart. A "?" or "&" before it is dropped.
 *
 * @throws TypeError that names the rule and never echoes the token.
 */
export function parseSasToken(token: unknown): SasToken {
  const text = String(token).trim().replace(/^[?&]/, "");
  const fields: Record<string, string> = {};
  for (const word of text.split("&")) {
    const [, name = "", value = ""] = /^(\w+)=([^\s#&]*)$/.exec(word) ?? [];
    if (!name || name in fields || /^(comp|restype)$/i.test(name)) {
      throw new TypeError("the SAS is not name=value&name=value with each name once; a whole URL goes into fromUrl()");
    }
    fields[name] = value;
  }
  const { se, si = "" } = fields;
  const missing = ["sv", "sig"].find((name) => !fields[name]) ?? (se || si ? "" : "se or si");
  const expiresOn = se ? Date.parse(se.replace(/%(3a|2b)/gi, decodeURIComponent)) : undefined;
  if (missing || Number.isNaN(expiresOn)) throw new TypeError(`the SAS has no ${missing || "se that is a time"}`);
  return { text, expiresOn, allows: { letters: fields["sp"], isFile: fields["sr"] === "f" } };
}
