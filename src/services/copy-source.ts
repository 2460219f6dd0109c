/**
 * Where copies come from: any URL, or a file of the same account by its name.
 */
import { shown } from "../redact.js";
import { urlOf } from "../transport/address.js";
import type { Connection, Operation } from "../types/connection.js";

/** A file of the same account. With a SAS as credential, its token is sent along for the source, too. */
export interface FileOfAccount {
  /** @default the share of the request */
  readonly share?: string | undefined;
  readonly path: string;
  /** Time of a share snapshot, to copy from that. */
  readonly snapshot?: string | undefined;
}

/** A URL, at most 2 KiB, which brings its own SAS unless the account's key or a public blob makes that needless; or a file of the account. */
export type CopySource = string | URL | FileOfAccount;

/** The headers that name a source; dots at the end of its names are kept or not as those of the target are. */
export function sourceHeaders(
  connection: Connection,
  request: { readonly share?: string | undefined },
  source: CopySource,
): Operation<undefined>["headers"] {
  return {
    "x-ms-copy-source": sourceUrl(connection, request, source),
    "x-ms-source-allow-trailing-dot": connection.allowTrailingDot,
  };
}

function sourceUrl(connection: Connection, request: { readonly share?: string | undefined }, source: CopySource): string {
  if (typeof source === "object" && !("href" in source)) {
    const { share = request.share ?? connection.share ?? "", path, snapshot } = source;
    if (typeof path !== "string" || path === "") throw new TypeError(`from.path is ${shown(path)}, but must name a file`);
    return urlOf(connection.endpoint, { share, path }, { sharesnapshot: snapshot });
  }
  const text = String(source);
  // Not echoed: it may hold a SAS.
  if (!isUrl(text)) throw new TypeError("from must be an http(s) URL, or { path } for a file of this account");
  if (text.length > 2048) throw new RangeError(`from has ${text.length} characters, but at most 2048 are allowed`);
  return text;
}

/** Whether a text is a URL of something, and one that a header can hold: what is not ASCII, or "#", has to be encoded in it. */
function isUrl(text: string): boolean {
  try {
    return /^https?:\/\/[^/?#]+\/(?!\?)[!"$-~]+$/i.test(text) && Boolean(new URL(text));
  } catch {
    return false;
  }
}
