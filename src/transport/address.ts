/**
 * Names and URLs: the one place where a share and a path become a URL and a URL becomes a share and a path.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-shares--directories--files--and-metadata
 */
import { shown } from "../redact.js";
import type { Target } from "../types/connection.js";

/** What a path component cannot hold on an SMB share, and halves of surrogate pairs, which UTF-8 cannot write. `/` separates. */
const FORBIDDEN = /["\\:|<>*?\p{Cc}\p{Cs}]/u;

/** What needs no encoding and breaks no rule, as most names do. */
const PLAIN = /^[\w-][\w.-]{0,250}$/;

/** Percent-encodes text so that every engine's URL parser leaves it as it is. */
function encode(text: string): string {
  if (PLAIN.test(text)) return text;
  if (/\p{Cs}/u.test(text)) throw new TypeError(`${shown(text)} has half of a surrogate pair, which UTF-8 cannot write`);
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

/**
 * Checks the name of a share: 3 to 63 of a-z, 0-9 and single hyphens, beginning and ending with a letter or digit.
 *
 * @throws TypeError that names the rule.
 */
export function checkShare(share: unknown): string {
  if (typeof share !== "string" || !/^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$/.test(share)) {
    const at = typeof share === "string" ? share.search(/[^a-z0-9-]|^-|--|-$/) : -1;
    const where = at < 0 ? "" : ` with ${shown((share as string)[at])} at index ${at}`;
    throw new TypeError(`share is ${shown(share)}${where}, but must be 3 to 63 of a-z, 0-9 and single hyphens between them`);
  }
  return share;
}

/**
 * Splits a path into its components and checks each. One "/" at the beginning and one at the end are allowed and mean nothing.
 *
 * @throws TypeError that names the component, the character and its index.
 */
export function splitPath(path: unknown): string[] {
  if (typeof path !== "string") throw new TypeError(`path is ${shown(path)}, but must be a string`);
  const trimmed = path.replace(/^\/|\/$/g, "");
  const components = trimmed ? trimmed.split("/") : [];
  if (trimmed.length > 2048 || components.length > 250) {
    throw new TypeError(`path has ${trimmed.length} characters in ${components.length} components, but at most 2048 and 250 are allowed`);
  }
  for (const [index, name] of components.entries()) {
    if (PLAIN.test(name)) continue;
    const at = name.search(FORBIDDEN);
    const wrong =
      at >= 0
        ? `has ${shown(name[at])} at index ${at}`
        : name.length > 255
          ? "is longer than 255 characters"
          : /^\.{0,2}$/.test(name) && 'is empty, "." or ".."';
    if (wrong) throw new TypeError(`path component ${index + 1}, ${shown(name, path)}, ${wrong}, which is not allowed`);
  }
  return components;
}

/** The last component of a path and the path before it. */
export function splitParent(path: string): { parent: string; name: string } {
  const components = splitPath(path);
  return { name: components.at(-1) ?? "", parent: components.slice(0, -1).join("/") };
}

/**
 * The URL of a target under an endpoint, with its query. Parameters that are undefined are left out; empty ones too, because clients
 * and service disagree on how to sign them.
 *
 * @throws TypeError for names that break the rules.
 */
export function urlOf(endpoint: string, target: Target, query: { readonly [name: string]: string | number | undefined } = {}): string {
  const segments = target.share === undefined ? [] : [checkShare(target.share), ...splitPath(target.path ?? "")];
  const words = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [`${name}=${encode(String(value))}`],
  );
  return `${endpoint}/${segments.map(encode).join("/")}${words.length === 0 ? "" : `?${words.join("&")}`}`;
}

/** The parts of a URL that points into a file service. */
export interface ParsedUrl {
  readonly endpoint: string;
  readonly account: string;
  readonly share: string | undefined;
  readonly path: string | undefined;
  /** The query without "?", as it stands; for a SAS URL that is the token. */
  readonly query: string;
}

/** Hosts whose URLs begin with the account's name: IP addresses, names without a dot, and `localhost` below anything. */
const isPathStyle = (hostname: string): boolean =>
  /^\[|^\d+\.\d+\.\d+\.\d+$/.test(hostname) ||
  !hostname.includes(".") ||
  hostname.endsWith(".localhost") ||
  hostname === "host.docker.internal";

/**
 * Takes a service, share, directory or file URL apart.
 *
 * @throws TypeError for what is no such URL; its text is never echoed, for it may hold a SAS.
 */
export function parseUrl(text: string | URL): ParsedUrl {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new TypeError("the URL does not parse; it looks like https://myaccount.file.core.windows.net/share/path?sv=…&sig=…");
  }
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw new TypeError(`the URL has the scheme ${url.protocol}, but must be https: or http:`);
  let segments: string[];
  try {
    segments = url.pathname.split("/").filter(Boolean).map(decodeURIComponent);
  } catch {
    throw new TypeError("the URL's path has a percent sign that encodes nothing");
  }
  const pathStyle = isPathStyle(url.hostname);
  const account = pathStyle ? segments.shift() : url.hostname.split(".")[0];
  if (!account) throw new TypeError("the URL has no account: with an IP address or localhost it is the first segment of the path");
  const [share, ...rest] = segments;
  return {
    account: account.replace(/-secondary$/, ""),
    endpoint: pathStyle ? `${url.origin}/${encode(account)}` : url.origin,
    share: share === undefined ? undefined : checkShare(share),
    path: rest.length === 0 ? undefined : splitPath(rest.join("/")).join("/"),
    query: url.search.slice(1),
  };
}
