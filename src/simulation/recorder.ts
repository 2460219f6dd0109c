/**
 * Records traffic as an HTTP Archive (HAR 1.2), around any fetch or handler or as middleware of a connection. Secrets are taken out before
 * anything is kept, and a recording that holds one all the same is not given away.
 */
import { sha1 } from "@noble/hashes/legacy.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { redactDocument, redactHeaders, redactText, redactUrl } from "../redact.js";
import type { Middleware } from "../types/connection.js";
import { CassetteError, type Har, type HarContent, type HarEntry, type HarNameValue, type HarPostData } from "./cassette.js";

/** Answers requests; `Emulator.handle` is one. */
export type RequestHandler<Context> = (request: Request, context?: Context) => Promise<Response>;

/** How a recording is made. */
export interface RecordOptions {
  /** Most exchanges to keep; later ones are answered and counted, and not kept. @default unlimited */
  readonly limit?: number | undefined;
  /** Whether bodies are kept. Without them a recording cannot be replayed. @default true */
  readonly bodies?: boolean | undefined;
  /** Bytes up to which the body of a request is kept; of a larger one its length and SHA-256 are. @default 65536 */
  readonly requestBody?: number | undefined;
  /** Bytes up to which the body of an answer stands in the archive itself; a larger one is in a file beside it. @default 16384 */
  readonly inline?: number | undefined;
  /** Headers and query words whose values are never written, besides the secrets that are known. */
  readonly neverWritten?: readonly string[] | undefined;
  /** Texts that must not be in it, such as the account's key. */
  readonly secrets?: readonly string[] | undefined;
  /** Time, for recordings that repeat. @default the system's */
  readonly clock?: { now(): number } | undefined;
}

/** A recording under way. */
export interface Recording {
  /** Records what a connection sends, after its credential: `connect({ middleware: [recording.middleware], … })`. */
  readonly middleware: Middleware;
  /** Records what goes through a fetch. @param inner The fetch; by default the global one at each request. */
  fetch(inner?: (request: Request) => Promise<Response>): (input: Request | string | URL, init?: RequestInit) => Promise<Response>;
  /** Records what a handler answers: `serve({ handle: recording.handler(emulator.handle) })`. */
  handler<Context>(inner: RequestHandler<Context>): RequestHandler<Context>;
  /** Exchanges answered, kept or not. */
  readonly count: number;
  /**
   * What was kept so far, in the order of the answers; bodies as far as they were read.
   *
   * @throws CassetteError where a secret is in it that cannot be taken out, as in the bytes of a file.
   */
  har(): Har;
  /** The files beside the archive, by name: what Playwright's archives call `_file`. Throws what `har` throws. */
  files(): ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

/** What one exchange leaves, before it is written. */
interface Kept {
  readonly method: string;
  readonly url: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly requestSize: number;
  readonly postData: HarPostData | undefined;
  readonly status: number;
  readonly statusText: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly startedAt: number;
  readonly time: number;
  /** What was read of the body. */
  readonly body: Uint8Array<ArrayBuffer>[];
  /** Whether it was read to its end. */
  isWhole: boolean;
}

const REMOVED = "REDACTED";

/** Whether bytes of this type are text, in which secrets can be found and replaced. */
const isText = (type: string): boolean => /^(text\/|application\/([\w.]+\+)?(xml|json))/i.test(type);

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

function joined(pieces: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

const plainHeaders = (headers: { forEach(callback: (value: string, name: string) => void): void }): Record<string, string> => {
  const plain: Record<string, string> = {};
  headers.forEach((value, name) => (plain[name.toLowerCase()] = value));
  return plain;
};

/**
 * Starts a recording.
 *
 * @example
 * const recording = record();
 * const connection = connect({ endpoint, share, credential, middleware: [recording.middleware] });
 * // …
 * await saveHar("run.har", recording); // of azure-files/node
 */
export function record(options: RecordOptions = {}): Recording {
  const { limit = Infinity, bodies = true, requestBody = 65_536, inline = 16_384, clock = Date, neverWritten = [], secrets = [] } = options;
  const never = new Set(neverWritten.map((name) => name.toLowerCase()));
  const kept: Kept[] = [];
  let count = 0;

  const postDataOf = (type: string, bytes: Uint8Array): HarPostData => {
    const about = { mimeType: type || "application/octet-stream", params: [] };
    if (bytes.length > requestBody) return { ...about, text: "", _size: bytes.length, _sha256: bytesToHex(sha256(bytes)) };
    const text = decoded(type, bytes);
    return text === undefined ? { ...about, text: base64(bytes), encoding: "base64" } : { ...about, text };
  };

  /** Keeps an exchange, and gives the body that notes what is read of it. */
  const note = (
    exchange: Omit<Kept, "body" | "isWhole" | "postData" | "requestSize">,
    sent: Uint8Array | undefined,
    body: ReadableStream<Uint8Array<ArrayBuffer>> | null,
  ): ReadableStream<Uint8Array<ArrayBuffer>> | null => {
    count++;
    if (kept.length >= limit) return body;
    const type = exchange.requestHeaders["content-type"] ?? "";
    const one: Kept = {
      ...exchange,
      requestSize: sent?.length ?? 0,
      postData: bodies && sent?.length ? postDataOf(type, sent) : undefined,
      body: [],
      isWhole: body === null,
    };
    kept.push(one);
    return bodies && body ? noting(one, body) : body;
  };

  async function exchange(request: Request, send: (request: Request) => Promise<Response>): Promise<Response> {
    const startedAt = clock.now();
    // The bytes as they go: a request's body can be read once.
    const sent = request.body ? new Uint8Array(await request.clone().arrayBuffer()) : undefined;
    const response = await send(request);
    const body = note(
      {
        method: request.method,
        url: request.url,
        requestHeaders: plainHeaders(request.headers),
        status: response.status,
        statusText: response.statusText,
        headers: plainHeaders(response.headers),
        startedAt,
        time: clock.now() - startedAt,
      },
      sent,
      response.body,
    );
    if (body === response.body) return response;
    const { status, statusText, headers } = response;
    const noted = new Response(body, { status, statusText, headers });
    // A page's answers through a CORS rule say so, and where they came from.
    for (const name of ["url", "type"] as const) Object.defineProperty(noted, name, { value: response[name] });
    return noted;
  }

  const written = (): { har: Har; files: ReadonlyMap<string, Uint8Array<ArrayBuffer>> } => {
    const files = new Map<string, Uint8Array<ArrayBuffer>>();
    const entries = kept.map((one, index) => entryOf(one, index, { never, bodies, inline, files }));
    const har: Har = { log: { version: "1.2", creator: { name: "azure-files", version: "0.1.0" }, entries } };
    const text = JSON.stringify(har);
    if (secrets.some((secret) => secret !== "" && text.includes(JSON.stringify(secret).slice(1, -1)))) {
      throw new CassetteError("the recording holds one of the secrets that must not be in it");
    }
    return { har, files };
  };

  return {
    middleware: (next) => async (request) => {
      const startedAt = clock.now();
      const response = await next(request);
      const { body: sent } = request;
      const bytes = sent instanceof Uint8Array ? sent : sent && new Uint8Array(await sent.arrayBuffer());
      const body = note(
        {
          method: request.method,
          url: request.url,
          requestHeaders: request.headers,
          status: response.status,
          statusText: (response as Partial<Response>).statusText ?? "",
          headers: plainHeaders(response.headers),
          startedAt,
          time: clock.now() - startedAt,
        },
        bytes,
        response.body,
      );
      if (body === response.body) return response;
      const { type } = response as Partial<Response>;
      return { status: response.status, headers: response.headers, body, ...(type === undefined ? {} : { type }) };
    },
    fetch:
      (inner = (request) => globalThis.fetch(request)) =>
      async (input, init) => {
        const request = input instanceof Request && init === undefined ? input : new Request(input, init);
        request.signal.throwIfAborted();
        const response = await exchange(request, inner);
        request.signal.throwIfAborted();
        return response;
      },
    handler: (inner) => (request, context) => exchange(request, (asked) => inner(asked, context)),
    get count() {
      return count;
    },
    har: () => written().har,
    files: () => written().files,
  };
}

/** The same body, of which every piece is kept as it passes. It waits where its reader does. */
function noting(one: Kept, body: ReadableStream<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        const next = await reader.read();
        if (next.done) {
          one.isWhole = true;
          controller.close();
          return;
        }
        // A copy: whoever reads may do with the bytes what he wants.
        one.body.push(next.value.slice());
        controller.enqueue(next.value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

interface Writing {
  readonly never: ReadonlySet<string>;
  readonly bodies: boolean;
  readonly inline: number;
  readonly files: Map<string, Uint8Array<ArrayBuffer>>;
}

function entryOf(one: Kept, index: number, writing: Writing): HarEntry {
  const { never } = writing;
  const url = new URL(redactUrl(one.url));
  for (const name of Array.from(url.searchParams.keys())) if (never.has(name.toLowerCase())) url.searchParams.set(name, REMOVED);
  const address = never.size > 0 ? url.href : redactUrl(one.url);
  const pairs = (headers: Readonly<Record<string, string>>): HarNameValue[] =>
    Object.entries(redactHeaders(headers)).map(([name, value]) => ({ name, value: never.has(name) ? REMOVED : value }));
  const isHead = one.method === "HEAD";
  const size = isHead ? 0 : bodySizeOf(one, writing.bodies);
  return {
    startedDateTime: new Date(one.startedAt).toISOString(),
    time: one.time,
    request: {
      method: one.method,
      url: address,
      httpVersion: "HTTP/1.1",
      cookies: [],
      headers: pairs(one.requestHeaders),
      queryString: [...url.searchParams].map(([name, value]) => ({ name, value: redactText(value) })),
      ...(one.postData ? { postData: { ...one.postData, text: cleanText(one.postData, index) } } : {}),
      headersSize: -1,
      bodySize: one.requestSize,
    },
    response: {
      status: one.status,
      statusText: one.statusText,
      httpVersion: "HTTP/1.1",
      cookies: [],
      headers: pairs(one.headers),
      content: contentOfKept(one, size, index, writing),
      redirectURL: "",
      headersSize: -1,
      bodySize: size,
    },
    cache: {},
    timings: { send: 0, wait: one.time, receive: 0 },
  };
}

/** The size of an answer's body: what was read, and before that what it says of itself. */
function bodySizeOf({ body, isWhole, headers }: Kept, bodies: boolean): number {
  const read = body.reduce((size, piece) => size + piece.length, 0);
  const length = headers["content-length"];
  return (bodies && isWhole) || length === undefined ? (isWhole || read > 0 ? read : -1) : Number(length);
}

function cleanText({ text, encoding }: HarPostData, index: number): string {
  if (encoding !== "base64") return redactDocument(text);
  refuseSecrets(
    Uint8Array.from(atob(text), (character) => character.charCodeAt(0)),
    "request",
    index,
  );
  return text;
}

function contentOfKept(one: Kept, size: number, index: number, { bodies, inline, files }: Writing): HarContent {
  const mimeType = one.headers["content-type"] ?? "";
  if (!bodies || (one.isWhole && one.body.length === 0)) return { size: Math.max(0, size), mimeType };
  const comment = one.isWhole ? {} : { comment: "the body was not read to its end" };
  const bytes = joined(one.body);
  const whole = decoded(mimeType, bytes);
  const text = whole === undefined ? undefined : redactDocument(whole);
  if (text === undefined) refuseSecrets(bytes, "answer", index);
  if (text !== undefined && text.length <= inline) return { size: new TextEncoder().encode(text).length, mimeType, text, ...comment };
  const clean = text === undefined ? bytes : new TextEncoder().encode(text);
  if (clean.length <= inline) return { size: clean.length, mimeType, text: base64(clean), encoding: "base64", ...comment };
  const ending = /xml/.test(mimeType) ? "xml" : /json/.test(mimeType) ? "json" : mimeType.startsWith("text") ? "txt" : "bin";
  const name = `${bytesToHex(sha1(clean))}.${ending}`;
  files.set(name, clean);
  return { size: clean.length, mimeType, _file: name, ...comment };
}

/** Bytes that are no text cannot be changed: with a secret in them, nothing is written. */
function refuseSecrets(bytes: Uint8Array, what: string, index: number): void {
  const text = new TextDecoder("latin1").decode(bytes);
  if (redactText(text) === text) return;
  throw new CassetteError(
    `the body of the ${what} of exchange ${index + 1} holds what looks like a secret, and is no text that it could be taken out of; record with bodies: false`,
  );
}
