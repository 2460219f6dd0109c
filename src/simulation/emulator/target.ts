/**
 * What a URL names: account, share, path and query. Reads the two address styles, `http://host/account/share/…` and
 * `https://account.file.…/share/…`, and refuses what cannot be decoded.
 */
import { Failure, badQuery } from "./failures.js";
import { percentDecode } from "./text.js";

/** The query of a request: names lower-cased, values decoded once. */
export type Query = ReadonlyMap<string, string>;

/** A URL, read. */
export interface Target {
  /** The account the address names; it need not be ours. */
  readonly account: string;
  /** `http:` or `https:`. */
  readonly protocol: string;
  /** What `ServiceEndpoint` says in listings, with its slash. */
  readonly serviceEndpoint: string;
  /** The path as it stands in the request, still encoded; what a Shared Key signs. */
  readonly rawPath: string;
  /** Decoded share name, or undefined at the service. */
  readonly share: string | undefined;
  /** Decoded components below the share. */
  readonly path: readonly string[];
  readonly query: Query;
}

const hostStyle = /^([a-z0-9]{1,63}?)(?:-secondary)?\.(?:z\d+\.)?file\./;

/** Reads a request's URL. Throws `InvalidUri` or `InvalidQueryParameterValue`. */
export function parseTarget(text: string): Target {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new Failure("InvalidUri");
  }
  const decoded = percentDecode(url.pathname);
  if (decoded === undefined) throw new Failure("InvalidUri");
  // An encoded slash separates like a plain one: the service decodes before it splits.
  const segments = decoded.slice(1).split("/");
  if (segments.at(-1) === "") segments.pop();
  const host = hostStyle.exec(url.hostname)?.[1];
  const account = host ?? segments.shift() ?? "";
  const [share, ...path] = segments;
  if (segments.includes("")) throw new Failure("InvalidUri");
  return {
    account,
    protocol: url.protocol,
    serviceEndpoint: host === undefined ? `${url.origin}/${account}/` : `${url.origin}/`,
    rawPath: url.pathname,
    share,
    path,
    query: parseQuery(url.search),
  };
}

function parseQuery(search: string): Query {
  const query = new Map<string, string>();
  for (const part of search.slice(1).split("&")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const rawName = equals < 0 ? part : part.slice(0, equals);
    const rawValue = equals < 0 ? "" : part.slice(equals + 1);
    const name = percentDecode(rawName)?.toLowerCase();
    // A plus sign is a space in a query, so a signature that was not percent-encoded fails here as it does at the service.
    const value = percentDecode(rawValue.replaceAll("+", " "));
    if (name === undefined || name === "") throw badQuery(rawName, rawValue);
    if (value === undefined || query.has(name)) throw badQuery(name, rawValue);
    query.set(name, value);
  }
  return query;
}
