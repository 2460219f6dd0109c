/**
 * HTTP Archives as they are read, whoever wrote them: this package, a browser's developer tools, or Playwright.
 */
import { redactText, shown } from "../redact.js";

/** The bytes of a file beside the archive, by its name; undefined where there is none. */
export type SideFiles = (name: string) => Uint8Array<ArrayBuffer> | undefined | Promise<Uint8Array<ArrayBuffer> | undefined>;

/** What is wrong with a recording. It has no cause: what engines say of JSON, URLs and headers quotes them, with the secrets in them. */
export class CassetteError extends Error {
  constructor(message: string) {
    super(redactText(message));
    this.name = "CassetteError";
  }
}

/** An exchange as it is replayed. */
export interface Taped {
  /** Its number in the archive, from 1. */
  readonly number: number;
  readonly method: string;
  readonly url: URL;
  readonly requestHeaders: Headers;
  /** Bytes; -1 where unknown. */
  readonly requestSize: number;
  readonly postData: Loose;
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly content: Loose;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Milliseconds. */
  readonly time: number;
}

/** An object of which nothing is known. */
export type Loose = Readonly<Record<string, unknown>>;

const record = (value: unknown, where: string): Loose => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new CassetteError(`${where} is no object`);
  return value as Loose;
};

const textOf = (value: unknown, where: string): string => {
  if (typeof value !== "string") throw new CassetteError(`${where} is no text`);
  return value;
};

/** A header's value as it went over the wire, one character for one byte: browsers show some of them as the text that they are in UTF-8. */
const bytewise = (value: string): string =>
  /[^\0-\xff]/.test(value) ? Array.from(new TextEncoder().encode(value), (byte) => String.fromCharCode(byte)).join("") : value;

function headersOf(value: unknown, where: string): Headers {
  if (!Array.isArray(value)) throw new CassetteError(`${where} is no list`);
  const headers = new Headers();
  for (const [index, entry] of value.entries()) {
    const at = `${where}[${index}]`;
    const pair = record(entry, at);
    const name = textOf(pair["name"], `${at}.name`);
    // Browsers list those of HTTP/2, which are no headers.
    if (name.startsWith(":")) continue;
    const said = textOf(pair["value"], `${at}.value`);
    try {
      // One that came more than once is one with line breaks, as browsers have it.
      headers.append(name, bytewise(said.replaceAll("\n", ", ")));
    } catch {
      throw new CassetteError(`${at} is no header`);
    }
  }
  return headers;
}

/** What the text of an archive is, if it is packed: browsers and Playwright write some so. */
const packing = (text: string): string | undefined => (text.startsWith("PK") ? "zip" : text.startsWith("\u001F") ? "gzip" : undefined);

/**
 * Reads an archive, this package's own, a browser's or Playwright's: its text, or what `JSON.parse` makes of it. Passed over are entries
 * without an answer, as of requests that were aborted, and those of web sockets.
 *
 * @throws CassetteError that names the place for what is no HTTP Archive.
 */
export function readHar(har: unknown): Taped[] {
  let parsed = har;
  if (typeof har === "string") {
    const packed = packing(har);
    if (packed) throw new CassetteError(`the archive is packed (${packed}): unpack it first, and name the file in it that ends in .har`);
    try {
      parsed = JSON.parse(har.replace(/^\uFEFF/, "")) as unknown;
    } catch (error) {
      const [at = ""] = / at position \d+/.exec(String(error)) ?? [];
      throw new CassetteError(`the archive is no JSON${at}`);
    }
  }
  const { entries } = record(record(parsed, "the archive")["log"], "log");
  if (!Array.isArray(entries)) throw new CassetteError("log.entries is no list");
  return entries.flatMap((entry, index) => taped(entry, index) ?? []);
}

function taped(entry: unknown, index: number): Taped | undefined {
  const where = `log.entries[${index}]`;
  const { request, response, startedDateTime, time } = record(entry, where);
  const asked = record(request, `${where}.request`);
  if (response === null || response === undefined) return undefined;
  const answered = record(response, `${where}.response`);
  const said = answered["status"] ?? 0;
  const status = typeof said === "string" || typeof said === "number" ? Number(said) : NaN;
  if (!Number.isInteger(status) || status > 599) throw new CassetteError(`${where}.response.status is ${status}`);
  // Browsers write 0 for no answer, Playwright -1, and 101 stands at a web socket.
  if (status < 200) return undefined;
  const address = textOf(asked["url"], `${where}.request.url`);
  if (!URL.canParse(address)) throw new CassetteError(`${where}.request.url is no URL`);
  const statusText = answered["statusText"];
  return {
    number: index + 1,
    method: textOf(asked["method"], `${where}.request.method`).toUpperCase(),
    url: new URL(address),
    requestHeaders: headersOf(asked["headers"] ?? [], `${where}.request.headers`),
    requestSize: typeof asked["bodySize"] === "number" ? asked["bodySize"] : -1,
    postData: record(asked["postData"] ?? {}, `${where}.request.postData`),
    status,
    statusText: typeof statusText === "string" && /^[\t\x20-\x7e]*$/.test(statusText) ? statusText : "",
    headers: headersOf(answered["headers"] ?? [], `${where}.response.headers`),
    content: record(answered["content"] ?? {}, `${where}.response.content`),
    startedAt: (typeof startedDateTime === "string" && Date.parse(startedDateTime)) || 0,
    time: typeof time === "number" ? time : -1,
  };
}

/** Base64 as bytes. Throws for what is none. */
export const fromBase64 = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

/** Whether a body was written down as a text that it was not: the sign for what could not be read takes another number of bytes. */
export const isGarbled = ({ text, encoding, size }: Loose): boolean =>
  typeof text === "string" &&
  (encoding === undefined || encoding === "") &&
  text.includes("\uFFFD") &&
  typeof size === "number" &&
  size >= 0 &&
  size !== new TextEncoder().encode(text).length;

/**
 * The body of an answer.
 *
 * @throws CassetteError for one that was not recorded, or not as it was, or whose file is not there.
 */
export async function contentOf({ number, content }: Taped, files: SideFiles): Promise<Uint8Array<ArrayBuffer>> {
  const { text, encoding, _file: file, size } = content;
  if (typeof file === "string") {
    const bytes = await files(file);
    if (bytes === undefined) throw new CassetteError(`exchange ${number} has its body in the file ${shown(file)}, which is not there`);
    return bytes;
  }
  if (typeof text !== "string") {
    if (typeof size === "number" && size > 0) throw new CassetteError(`exchange ${number} was recorded without its body of ${size} bytes`);
    return new Uint8Array();
  }
  if (isGarbled(content))
    throw new CassetteError(`exchange ${number} has a body that is no text, and was recorded as if it were: what it was is lost`);
  if (encoding === undefined || encoding === "") return new TextEncoder().encode(text);
  if (encoding !== "base64") throw new CassetteError(`exchange ${number} has a body in another encoding than base64`);
  try {
    return fromBase64(text);
  } catch {
    throw new CassetteError(`exchange ${number} has a body that is no base64`);
  }
}
