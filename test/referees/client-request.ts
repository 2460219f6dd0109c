/**
 * The client's request against the recorded one.
 */
import { inspect, isDeepStrictEqual } from "node:util";
import { type Exchange, requestBody } from "./recording.js";
import { parse, type XmlNode } from "./xml.js";

/** What `fetch` was given, with the body read. */
export interface SentRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** Not options of the operation: the connection's, the credential's, and one that a test sent by mistake. */
const unheld = new Set(["x-ms-version", "x-ms-date", "x-ms-client-request-id", "x-ms-file-request-intent", "x-ms-meta"]);

const isOption = (name: string): boolean => (name.startsWith("x-ms-") || name === "content-md5") && !unheld.has(name);

/** Sources that recorders removed or garbled, and lease ids that some lack. */
const removable = /^x-ms-(copy-source|file-rename-source|(proposed-)?lease-id)$/;

const removed = (name: string, recorded: string | undefined): boolean =>
  removable.test(name) && (recorded === undefined || recorded === "Sanitized");

/** Headers that say the same when they are absent. */
const defaults: Readonly<Record<string, string>> = {
  "x-ms-allow-trailing-dot": "false",
  "x-ms-source-allow-trailing-dot": "false",
  "x-ms-file-extended-info": "true",
};

function compareHeaders(recorded: Readonly<Record<string, string>>, sent: Headers): string[] {
  const made = Object.fromEntries(sent);
  return [...new Set([...Object.keys(recorded), ...Object.keys(made)])]
    .filter((name) => isOption(name) && !removed(name, recorded[name]))
    .filter((name) => (recorded[name] ?? defaults[name] ?? "") !== (made[name] ?? defaults[name] ?? ""))
    .map((name) => `header ${name} is ${made[name]}, recorded ${recorded[name]}`);
}

/** Words that say the same when they are absent. */
const usual: Readonly<Record<string, string>> = { maxresults: "5000" };

function compareQuery(exchange: Exchange, sent: URLSearchParams): string[] {
  const [recorded, made] = [exchange.query, new Map(sent)];
  const value = (name: string, text = usual[name] ?? ""): string => (name === "include" ? text.toLowerCase() : text);
  return [...new Set([...recorded.keys(), ...made.keys()])]
    .filter((name) => name !== "timeout" && value(name, recorded.get(name)) !== value(name, made.get(name)))
    .map((name) => `query ${name} is ${made.get(name)}, recorded ${recorded.get(name)}`);
}

const element = ({ name, children, text }: XmlNode): unknown => (children.length > 0 ? [name, children.map(element)] : [name, text]);

/** A document in a form that spelling does not change; undefined for what is none. */
function meaningOf(bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes);
  return text.startsWith("<") ? element(parse(text)) : text.startsWith("{") ? JSON.parse(text) : undefined;
}

function compareBody(exchange: Exchange, sent: Uint8Array): string[] {
  const recorded = requestBody(exchange);
  if (Buffer.compare(sent, recorded.bytes) === 0) return [];
  const [left, right] = recorded.whole ? [meaningOf(recorded.bytes), meaningOf(sent)] : [];
  if (left !== undefined && isDeepStrictEqual(left, right)) return [];
  return [
    `a body of ${sent.length} other bytes${left === undefined ? "" : `: ${inspect(right, { depth: 9 })}, recorded ${inspect(left, { depth: 9 })}`}`,
  ];
}

/** What is wrong with a request; where the recorder kept no options, its method, address and query are held alone. */
export function compareRequest(exchange: Exchange, request: SentRequest): string[] {
  const [made, recorded] = [new URL(request.url), new URL(exchange.url)];
  const path = (url: URL): string => url.origin + decodeURIComponent(url.pathname).replace(/\/$/, "");
  const complaints = compareQuery(exchange, made.searchParams);
  if (request.method !== exchange.method) complaints.push(`method ${request.method}`);
  if (path(made) !== path(recorded)) complaints.push(`address ${path(made)}, recorded ${path(recorded)}`);
  if (request.headers.get("x-ms-version") === null) complaints.push("no version");
  if (exchange.requestBodyNotRecorded) return complaints;
  complaints.push(...compareBody(exchange, request.body));
  return [...complaints, ...compareHeaders(exchange.requestHeaders, request.headers)];
}
