/**
 * What is written of an exchange. All that goes into an archive goes through here, and comes out without secrets or not at all.
 */
import { sha1 } from "@noble/hashes/legacy.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { redactDocument, redactHeaders, redactText, redactUrl } from "../redact.js";
import { CassetteError, fromBase64, isGarbled, type Loose, type Taped } from "./cassette.js";
import type { HarContent, HarEntry, HarNameValue, HarPostData } from "./har.js";

/** One exchange, before it is written. */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  /** Bytes; -1 where unknown. */
  readonly requestSize: number;
  readonly postData: HarPostData | undefined;
  readonly status: number;
  readonly statusText: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly startedAt: number;
  readonly time: number;
  /** What the request failed with. */
  readonly error: string | undefined;
  readonly mimeType: string;
  /** What was read of the body. */
  readonly body: readonly Uint8Array<ArrayBuffer>[];
  /** Whether that is all of it. */
  readonly isWhole: boolean;
  /** The body of an exchange that is written once more, where its bytes are not in the archive. */
  readonly elsewhere?: HarContent | undefined;
}

/** How it is written. */
export interface Writing {
  /** Headers, in lower case, whose values are left out. */
  readonly never: ReadonlySet<string>;
  /** Texts that must not be in it. */
  readonly secrets: readonly string[];
  /** Takes the values of query words that are left out from a text, and refuses a text that holds a secret. */
  clean(text: string): string;
  readonly bodies: boolean;
  readonly inline: number;
  /** Takes the files beside the archive. */
  readonly files: Map<string, Uint8Array<ArrayBuffer>>;
}

/** How exchanges are written, as the caller of a recorder says. */
export function writingOf({
  neverWritten = [],
  secrets = [],
  bodies = true,
  inline = 16_384,
}: {
  readonly neverWritten?: readonly string[] | undefined;
  readonly secrets?: readonly string[] | undefined;
  readonly bodies?: boolean | undefined;
  readonly inline?: number | undefined;
}): Writing {
  const names = neverWritten.map((name) => name.replaceAll(/[^\w-]/g, String.raw`\$&`)).join("|");
  const words = names === "" ? undefined : new RegExp(`([?&](?:${names})=)[^&#\\s"'<>]*`, "gi");
  return {
    never: new Set(neverWritten.map((name) => name.toLowerCase())),
    secrets,
    clean(text) {
      const clean = words ? text.replace(words, `$1${REMOVED}`) : text;
      if (holds(clean, secrets)) throw new CassetteError("the recording holds one of the secrets that must not be in it");
      return clean;
    },
    bodies,
    inline,
    files: new Map(),
  };
}

/** Whether a text holds one of the secrets, as it is or as it stands in an address. */
function holds(text: string, secrets: readonly string[]): boolean {
  const forms = secrets.flatMap((secret) => (secret === "" ? [] : [secret, encodeURIComponent(secret)]));
  return forms.some((form) => text.includes(form));
}

/** What stands where a value stood that is never written. */
export const REMOVED: string = "REDACTED";

/** Whether bytes of this type are text, in which secrets can be found and replaced. */
const isText = (type: string): boolean => /^(text\/|application\/(([\w.]+\+)?(xml|json)|x-www-form-urlencoded))/i.test(type);

/** Bytes as text; undefined for what is none, whatever it is said to be. A byte order mark stays. */
function decoded(type: string, bytes: Uint8Array): string | undefined {
  if (!isText(type)) return undefined;
  try {
    return new TextDecoder("utf-8", { ignoreBOM: true, fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

const base64 = (bytes: Uint8Array): string => {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
};

/** Pieces as one. */
export function joined(pieces: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** The body of a request, as text where it is text. */
export function postDataOf(type: string, bytes: Uint8Array): HarPostData {
  const text = decoded(type, bytes);
  const about = { mimeType: type || "application/octet-stream", params: [] };
  return text === undefined ? { ...about, text: base64(bytes), encoding: "base64" } : { ...about, text };
}

/** Writes an exchange. @param number Its number in the archive, from 1. @throws CassetteError for a secret that cannot be taken out. */
export function entryOf(one: Exchange, number: number, writing: Writing): HarEntry {
  const { clean } = writing;
  const url = clean(redactUrl(one.url));
  const pairs = (headers: Readonly<Record<string, string>>): HarNameValue[] =>
    Object.entries(redactHeaders(headers)).map(([name, value]) => ({
      name,
      value: writing.never.has(name.toLowerCase()) ? REMOVED : clean(value),
    }));
  const size = one.method === "HEAD" ? 0 : bodySizeOf(one, writing.bodies);
  return {
    startedDateTime: new Date(one.startedAt).toISOString(),
    time: one.time,
    request: {
      method: one.method,
      url,
      httpVersion: "HTTP/1.1",
      cookies: [],
      headers: pairs(one.requestHeaders),
      queryString: [...new URL(url).searchParams].map(([name, value]) => ({ name, value: redactText(value) })),
      ...(one.postData ? { postData: cleanPostData(one.postData, number, writing) } : {}),
      headersSize: -1,
      bodySize: one.requestSize,
    },
    response: {
      status: one.status,
      statusText: one.statusText,
      httpVersion: "HTTP/1.1",
      cookies: [],
      headers: pairs(one.headers),
      content: one.elsewhere ?? contentOfExchange(one, size, number, writing),
      redirectURL: clean(redactUrl(one.headers["location"] ?? "")),
      headersSize: -1,
      bodySize: size,
    },
    ...(one.error === undefined ? {} : { _error: clean(redactText(one.error)) }),
    cache: {},
    timings: { send: 0, wait: one.time, receive: 0 },
  };
}

/** Writes an exchange of an archive once more, whoever wrote it first: what others leave in theirs is taken out. */
export function entryOfTaped(tape: Taped, writing: Writing): HarEntry {
  const { content, postData, number } = tape;
  const mimeType = typeof content["mimeType"] === "string" ? content["mimeType"] : (tape.headers.get("content-type") ?? "");
  const isHere = typeof content["_file"] !== "string" && typeof content["text"] === "string" && !isGarbled(content);
  const isWhole = content["_incomplete"] !== true;
  const elsewhere = {
    size: typeof content["size"] === "number" ? content["size"] : 0,
    mimeType,
    ...(typeof content["_file"] === "string" ? { _file: content["_file"] } : {}),
    ...(isWhole ? {} : { _incomplete: true as const }),
  };
  return entryOf(
    {
      ...tape,
      url: tape.url.href,
      requestHeaders: Object.fromEntries(tape.requestHeaders),
      postData: postDataOfTaped(postData, number),
      headers: Object.fromEntries(tape.headers),
      error: undefined,
      mimeType,
      body: isHere ? [bytesOf(content, number)] : [],
      isWhole,
      elsewhere: isHere ? undefined : elsewhere,
    },
    number,
    writing,
  );
}

function postDataOfTaped(data: Loose, number: number): HarPostData | undefined {
  const mimeType = typeof data["mimeType"] === "string" ? data["mimeType"] : "";
  if (typeof data["_sha256"] === "string") {
    return { mimeType, params: [], text: "", _size: typeof data["_size"] === "number" ? data["_size"] : -1, _sha256: data["_sha256"] };
  }
  return typeof data["text"] === "string" ? postDataOf(mimeType, bytesOf(data, number)) : undefined;
}

function bytesOf({ text: said, encoding }: Loose, number: number): Uint8Array<ArrayBuffer> {
  const text = String(said);
  if (encoding !== "base64") return new TextEncoder().encode(text);
  try {
    return fromBase64(text);
  } catch {
    throw new CassetteError(`exchange ${number} has a body that is no base64`);
  }
}

/** The size of an answer's body: what was read, and before that what it says of itself. */
function bodySizeOf({ body, isWhole, headers }: Exchange, bodies: boolean): number {
  const read = body.reduce((size, piece) => size + piece.length, 0);
  const length = headers["content-length"];
  return (bodies && isWhole) || length === undefined ? (isWhole || read > 0 ? read : -1) : Number(length);
}

function cleanPostData(data: HarPostData, number: number, writing: Writing): HarPostData {
  if (data.encoding !== "base64") return { ...data, text: writing.clean(redactDocument(data.text)) };
  refuseSecrets(fromBase64(data.text), "request", number, writing);
  return data;
}

function contentOfExchange(one: Exchange, size: number, number: number, writing: Writing): HarContent {
  const { bodies, inline, files } = writing;
  const { mimeType } = one;
  const incomplete = one.isWhole ? {} : { _incomplete: true as const, comment: "the body was not read to its end" };
  if (!bodies || (one.isWhole && one.body.length === 0)) return { size: Math.max(0, size), mimeType };
  const bytes = joined(one.body);
  const whole = decoded(mimeType, bytes);
  const text = whole === undefined ? undefined : writing.clean(redactDocument(whole));
  if (text === undefined) refuseSecrets(bytes, "answer", number, writing);
  if (text !== undefined && text.length <= inline) return { size: new TextEncoder().encode(text).length, mimeType, text, ...incomplete };
  const clean = text === undefined ? bytes : new TextEncoder().encode(text);
  if (clean.length <= inline) return { size: clean.length, mimeType, text: base64(clean), encoding: "base64", ...incomplete };
  const ending = /xml/.test(mimeType) ? "xml" : /json/.test(mimeType) ? "json" : mimeType.startsWith("text") ? "txt" : "bin";
  const name = `${bytesToHex(sha1(clean))}.${ending}`;
  files.set(name, clean);
  return { size: clean.length, mimeType, _file: name, ...incomplete };
}

/** Bytes that are no text cannot be changed: with a secret in them, nothing is written. */
function refuseSecrets(bytes: Uint8Array, what: string, number: number, { secrets }: Writing): void {
  const text = new TextDecoder("latin1").decode(bytes);
  const asBytes = secrets.map((secret) => new TextDecoder("latin1").decode(new TextEncoder().encode(secret)));
  if (redactDocument(text) === text && !holds(text, asBytes)) return;
  throw new CassetteError(
    `the body of the ${what} of exchange ${number} holds what looks like a secret, and is no text that it could be taken out of; record with bodies: false`,
  );
}
