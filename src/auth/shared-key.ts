/**
 * Signs requests with an account's key. Each stage of the signature is a function of its own, so that a wrong one can be found.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key
 */
import { isBrowser } from "../platform.js";
import type { Credential } from "../types/connection.js";
import type { WireRequest } from "../types/requests.js";
import { checkAccount } from "./account.js";
import { importKey, sign } from "./hmac.js";

/** What `sharedKey` takes. */
export interface SharedKeyOptions {
  /** Name of the storage account: 3 to 24 of a-z and 0-9; hyphens in the emulator's. */
  account: string;
  /** One of its two keys, in base64. */
  key: string;
  /** Allows a key in a browser all the same, as for tests against an emulator. @default false */
  dangerouslyAllowBrowser?: boolean | undefined;
}

/**
 * A credential that signs each request with an account's key, which allows everything: for servers and scripts.
 *
 * @throws TypeError in a browser, where every visitor could read the key, unless `dangerouslyAllowBrowser` is set; for a malformed account
 * or key, never echoed; where there is no WebCrypto.
 */
export function sharedKey({ account, key, dangerouslyAllowBrowser = false }: SharedKeyOptions): Credential {
  if (!dangerouslyAllowBrowser && isBrowser()) {
    throw new TypeError(
      "sharedKey() is refused in a browser: every visitor could read the key, and it allows everything. Mint a short SAS on a server with azure-files/sas and use sas() here; for a test against an emulator set dangerouslyAllowBrowser: true",
    );
  }
  checkAccount(account);
  const signingKey = importKey(key);
  return {
    kind: "sharedKey",
    async authorize(request, clock) {
      const dated = { ...request, headers: { ...request.headers, "x-ms-date": new Date(clock.now()).toUTCString() } };
      const signature = await sign(signingKey, stringToSign(account, dated));
      return { ...dated, headers: { ...dated.headers, authorization: `SharedKey ${account}:${signature}` } };
    },
  };
}

/** What is signed: the verb, twelve standard headers, the `x-ms-*` headers and the resource. */
export function stringToSign(account: string, request: Pick<WireRequest, "method" | "url" | "headers" | "body">): string {
  const headers = new Map(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]));
  const { body } = request;
  const length = body === undefined ? 0 : "size" in body ? body.size : body.byteLength;
  const header = (name: string): string => headers.get(name) ?? "";
  return [
    request.method,
    header("content-encoding"),
    header("content-language"),
    // Nothing where there is nothing, since version 2015-02-21.
    length === 0 ? "" : String(length),
    header("content-md5"),
    header("content-type"),
    headers.has("x-ms-date") ? "" : header("date"),
    header("if-modified-since"),
    header("if-match"),
    header("if-none-match"),
    header("if-unmodified-since"),
    header("range"),
    canonicalizedHeaders(headers) + canonicalizedResource(account, request.url),
  ].join("\n");
}

/** The `x-ms-*` headers in the service's order, a line each. */
export function canonicalizedHeaders(headers: Iterable<readonly [string, string]>): string {
  return [...headers]
    .map(([name, value]) => [name.toLowerCase(), value.trim().replace(/\r?\n\s*/g, " ")] as const)
    .filter(([name]) => name.startsWith("x-ms-"))
    .sort(([a], [b]) => compareHeaderNames(a, b))
    .map(([name, value]) => `${name}:${value}\n`)
    .join("");
}

/** Punctuation, digits and letters in the order of .NET's en-US culture, by which the service sorts; hyphens count only in a tie. */
const ORDER = "!#$%&*.^_`|~+0123456789abcdefghijklmnopqrstuvwxyz";

/** The places of a name's characters; known for those names that come again with every request. */
function weights(name: string): readonly number[] {
  const known = weighed.get(name);
  if (known) return known;
  const made = [...name.replace(/[-']/g, "")].map((character) => ORDER.indexOf(character));
  // Names of metadata may be any; those of the service are some eighty.
  if (weighed.size < 200) weighed.set(name, made);
  return made;
}

const weighed = new Map<string, readonly number[]>();

/** Compares two header names, in lower case, as the service does: not by code point. */
export function compareHeaderNames(a: string, b: string): number {
  const [left, right] = [weights(a), weights(b)];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    // What ends first is smaller.
    const difference = (left[index] ?? -2) - (right[index] ?? -2);
    if (difference !== 0) return difference;
  }
  // The later its hyphen, the smaller the name.
  const raised = (name: string): string => name.replace(/'/g, "\ufffe").replace(/-/g, "\uffff");
  return raised(a) < raised(b) ? -1 : a === b ? 0 : 1;
}

/** The account, the path as it is sent, and the query decoded, a line for each parameter in order. */
export function canonicalizedResource(account: string, url: string): string {
  const { pathname, search } = new URL(url);
  const words = new Map<string, string[]>();
  for (const word of search.slice(1).split("&").filter(Boolean)) {
    const at = word.indexOf("=");
    const name = decodeURIComponent(at < 0 ? word : word.slice(0, at)).toLowerCase();
    words.set(name, [...(words.get(name) ?? []), at < 0 ? "" : decodeURIComponent(word.slice(at + 1))]);
  }
  const lines = [...words].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, values]) => `\n${name}:${values.sort().join(",")}`);
  return `/${account}${pathname}${lines.join("")}`;
}
