/**
 * Writes down what goes through a fetch handler as HTTP Archive 1.2: methods, addresses, headers, status, times and sizes. Bodies are
 * not kept. Secrets are removed before anything is stored.
 *
 * @see http://www.softwareishard.com/blog/har-12-spec/
 */
import { redactHeaders, redactText, redactUrl } from "../redact.js";

/** A name with a value, as HAR lists headers and query words. */
export interface HarNameValue {
  readonly name: string;
  readonly value: string;
}

/** One exchange of an HTTP Archive. Times are in milliseconds, sizes in bytes, -1 where unknown. */
export interface HarEntry {
  readonly startedDateTime: string;
  readonly time: number;
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly httpVersion: string;
    readonly cookies: readonly never[];
    readonly headers: readonly HarNameValue[];
    readonly queryString: readonly HarNameValue[];
    readonly headersSize: number;
    readonly bodySize: number;
  };
  readonly response: {
    readonly status: number;
    readonly statusText: string;
    readonly httpVersion: string;
    readonly cookies: readonly never[];
    readonly headers: readonly HarNameValue[];
    readonly content: { readonly size: number; readonly mimeType: string };
    readonly redirectURL: string;
    readonly headersSize: number;
    readonly bodySize: number;
  };
  readonly cache: Record<string, never>;
  readonly timings: { readonly send: number; readonly wait: number; readonly receive: number };
}

/** An HTTP Archive, ready for `JSON.stringify`. */
export interface Har {
  readonly log: {
    readonly version: "1.2";
    readonly creator: { readonly name: string; readonly version: string };
    readonly entries: readonly HarEntry[];
  };
}

/** Answers requests; `Emulator.handle` is one. */
export type RequestHandler<Context> = (request: Request, context?: Context) => Promise<Response>;

/** How a recorder is set up. */
export interface HarRecorderOptions {
  /** Most exchanges to keep; later ones are answered and counted, and not kept. @default unlimited */
  readonly limit?: number | undefined;
}

/** A handler that keeps a record. */
export interface HarRecorder<Context> {
  /** The handler that was given, recorded. */
  readonly handle: RequestHandler<Context>;
  /** The same under fetch's signature. */
  readonly fetch: (input: Request | string | URL, init?: RequestInit) => Promise<Response>;
  /** Exchanges answered, kept or not. */
  readonly count: number;
  /** What was kept so far, in the order of the answers. */
  har(): Har;
}

function nameValues(headers: Headers): HarNameValue[] {
  const plain: Record<string, string> = {};
  headers.forEach((value, name) => (plain[name] = value));
  return Object.entries(redactHeaders(plain)).map(([name, value]) => ({ name, value }));
}

function queryOf(url: string): HarNameValue[] {
  // The address has been redacted already, so its query holds no signature.
  const start = url.indexOf("?");
  if (start < 0) return [];
  return [...new URLSearchParams(url.slice(start))].map(([name, value]) => ({ name, value: redactText(value) }));
}

function sizeOf(headers: Headers, absent: number): number {
  const length = headers.get("content-length");
  return length === null ? absent : Number(length);
}

function entryOf(request: Request, response: Response, started: number, time: number): HarEntry {
  const url = redactUrl(request.url);
  const size = request.method === "HEAD" ? 0 : sizeOf(response.headers, response.body ? -1 : 0);
  return {
    startedDateTime: new Date(started).toISOString(),
    time,
    request: {
      method: request.method,
      url,
      httpVersion: "HTTP/1.1",
      cookies: [],
      headers: nameValues(request.headers),
      queryString: queryOf(url),
      headersSize: -1,
      bodySize: sizeOf(request.headers, request.body ? -1 : 0),
    },
    response: {
      status: response.status,
      statusText: response.statusText,
      httpVersion: "HTTP/1.1",
      cookies: [],
      headers: nameValues(response.headers),
      content: { size, mimeType: response.headers.get("content-type") ?? "" },
      redirectURL: "",
      headersSize: -1,
      bodySize: size,
    },
    cache: {},
    timings: { send: 0, wait: time, receive: 0 },
  };
}

/**
 * Wraps a handler so that what it answers can be written to a HAR file. Exchanges that reject are not recorded.
 *
 * @example
 * const recorder = recordHar(emulator.handle);
 * const connection = connect({ endpoint: emulator.endpoint, credential, fetch: recorder.fetch });
 * const text = JSON.stringify(recorder.har());
 */
export function recordHar<Context = unknown>(handler: RequestHandler<Context>, options: HarRecorderOptions = {}): HarRecorder<Context> {
  const { limit = Number.POSITIVE_INFINITY } = options;
  const entries: HarEntry[] = [];
  let count = 0;
  const handle: RequestHandler<Context> = async (request, context) => {
    const started = Date.now();
    const from = performance.now();
    const response = await handler(request, context);
    count++;
    if (entries.length < limit) entries.push(entryOf(request, response, started, performance.now() - from));
    return response;
  };
  return {
    handle,
    fetch: async (input, init) => {
      const request = input instanceof Request && init === undefined ? input : new Request(input, init);
      request.signal.throwIfAborted();
      const response = await handle(request);
      request.signal.throwIfAborted();
      return response;
    },
    get count() {
      return count;
    },
    har: () => ({ log: { version: "1.2", creator: { name: "azure-files", version: "0.1.0" }, entries: [...entries] } }),
  };
}
