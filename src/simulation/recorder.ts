/**
 * Records traffic as an HTTP Archive (HAR 1.2), around any fetch or handler or as middleware of a connection. Secrets are taken out before
 * anything is kept, and a recording that holds one all the same is not given away.
 */
import type { Middleware } from "../types/connection.js";
import type { WireHeaders, WireResponse } from "../types/responses.js";
import { checkNumbers, checkTexts } from "./checks.js";
import { type Exchange, entryOf, writingOf } from "./har-entry.js";
import type { Har } from "./har.js";
import { type BodyCount, bodyCount, noted } from "./noted-bodies.js";

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
   * What was kept so far, in the order of the requests; bodies as far as they were read. A request that failed, as it was aborted or its
   * connection broke, stands there with the status 0 and is passed over by `replay`; one that waits for its answer does not stand there yet.
   *
   * @throws CassetteError where a secret is in it that cannot be taken out, as in the bytes of a file.
   */
  har(): Har;
  /** The files beside the archive, by name: what Playwright's archives call `_file`. Throws what `har` throws. */
  files(): ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

/** An exchange under way: what is known of it so far. */
export interface Slot {
  readonly method: string;
  readonly url: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly startedAt: number;
  /** What was read of the request's body. */
  sent: BodyCount | undefined;
  /** What came of it: an answer, or an error. */
  came: Pick<Exchange, "status" | "statusText" | "headers" | "time" | "error"> | undefined;
  /** What was read of the answer's body. */
  readonly body: Uint8Array<ArrayBuffer>[];
  isWhole: boolean;
}

/** Headers as they are kept; a name may be any word, "__proto__" too. */
const plainHeaders = (headers: Pick<WireHeaders, "forEach">): Record<string, string> => {
  const pairs: [string, string][] = [];
  headers.forEach((value, name) => pairs.push([name.toLowerCase(), value]));
  return Object.fromEntries(pairs);
};

/** An archive of these entries. */
export const archiveOf = (entries: Har["log"]["entries"]): Har => ({
  log: { version: "1.2", creator: { name: "azure-files", version: "0.1.0" }, entries },
});

/** Whether these are all the bytes that the headers speak of; undefined where they do not say, or of other bytes than these. */
function isComplete(body: readonly Uint8Array[], headers: Readonly<Record<string, string>>): boolean | undefined {
  const { "content-length": length, "content-encoding": encoding } = headers;
  if (length === undefined || encoding !== undefined) return undefined;
  return body.reduce((size, piece) => size + piece.length, 0) >= Number(length);
}

/** What a slot says as an exchange; undefined while nothing came of it. */
export function exchangeOf({ came, sent, ...slot }: Slot): Exchange | undefined {
  if (!came) return undefined;
  const { "content-type": mimeType = "" } = came.headers;
  return {
    ...slot,
    ...came,
    mimeType,
    requestSize: sent?.size ?? Number(slot.requestHeaders["content-length"] ?? 0),
    postData: sent?.postData(slot.requestHeaders["content-type"] ?? ""),
    // Whoever reads may stop at the last byte, without waiting for the end.
    isWhole: slot.isWhole || isComplete(slot.body, came.headers) === true,
  };
}

/** A copy of a request's body; null for none. Firefox shows no body of a request, and there it is had whole. */
function bodyOf(request: Request): ReadableStream<Uint8Array<ArrayBuffer>> | null {
  if (request.body === null || /^(GET|HEAD)$/.test(request.method)) return null;
  const copy = request.clone();
  const whole = async (controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): Promise<void> => {
    controller.enqueue(new Uint8Array(await copy.arrayBuffer()));
    controller.close();
  };
  return copy.body ?? new ReadableStream({ pull: whole }, { highWaterMark: 0 });
}

/**
 * Starts a recording.
 *
 * @throws RangeError, TypeError for options that are none.
 * @example
 * const recording = record();
 * const connection = connect({ endpoint, share, credential, middleware: [recording.middleware] });
 * // …
 * await saveHar("run.har", recording); // of azure-files/node
 */
export function record(options: RecordOptions = {}): Recording {
  return recordWith(options, () => undefined);
}

/** The same, for who wants to know of each exchange as it begins. */
export function recordWith(options: RecordOptions, onSlot: (slot: Slot) => void): Recording {
  const { limit = Infinity, bodies = true, requestBody = 65_536, inline, clock = Date, neverWritten, secrets } = options;
  checkNumbers({ limit, requestBody, inline });
  checkTexts({ neverWritten, secrets });
  const slots: Slot[] = [];
  let count = 0;

  /** Keeps a place for an exchange, in the order of the requests. */
  const open = (method: string, url: string, requestHeaders: Readonly<Record<string, string>>): Slot | undefined => {
    if (slots.length >= limit) return undefined;
    const slot: Slot = { method, url, requestHeaders, startedAt: clock.now(), sent: undefined, came: undefined, body: [], isWhole: false };
    slots.push(slot);
    onSlot(slot);
    return slot;
  };

  /** Notes the answer, and gives the body that notes what is read of it. */
  const answered = (slot: Slot | undefined, response: WireResponse & { readonly statusText?: string }): WireResponse["body"] => {
    count++;
    if (!slot) return response.body;
    const { status, statusText = "", headers, body } = response;
    const time = clock.now() - slot.startedAt;
    const plain = plainHeaders(headers);
    slot.came = { status, statusText, headers: plain, time, error: undefined };
    slot.isWhole = body === null;
    // An end that comes too soon is none.
    return bodies && body ? noted(body, slot.body, () => (slot.isWhole = isComplete(slot.body, plain) !== false)) : body;
  };

  const failed = (slot: Slot | undefined, error: unknown): void => {
    if (!slot) return;
    const { name, message } = (error ?? {}) as Partial<Error>;
    const text = message === undefined ? String(error) : `${name}: ${message}`;
    slot.came = { status: 0, statusText: "", headers: {}, time: clock.now() - slot.startedAt, error: text };
    slot.isWhole = true;
  };

  async function exchange(request: Request, send: (request: Request) => Promise<Response>, streamed?: BodyCount): Promise<Response> {
    const slot = open(request.method, request.url, plainHeaders(request.headers));
    // A request's body can be read once. It is read beside the sending, and not before it.
    const unread = streamed || !slot || !bodies ? null : bodyOf(request);
    const sent = streamed ?? (unread ? bodyCount(requestBody) : undefined);
    const reading = unread ? sent?.read(unread, request.signal) : undefined;
    if (slot) slot.sent = sent;
    let response: Response;
    try {
      response = await send(request);
    } catch (error) {
      failed(slot, error);
      throw error;
    }
    // An answer comes after all of the body, as `duplex: "half"` has it.
    await reading;
    const body = answered(slot, response);
    if (body === response.body) return response;
    const { status, statusText, headers } = response;
    const copy = new Response(body, { status, statusText, headers });
    // A page's answers through a CORS rule say so, and where they came from.
    for (const name of ["url", "type", "redirected"] as const) Object.defineProperty(copy, name, { value: response[name] });
    return copy;
  }

  const written = (): { har: Har; files: ReadonlyMap<string, Uint8Array<ArrayBuffer>> } => {
    const writing = writingOf(options);
    const exchanges = slots.flatMap((slot) => exchangeOf(slot) ?? []);
    return { har: archiveOf(exchanges.map((one, index) => entryOf(one, index + 1, writing))), files: writing.files };
  };

  return {
    middleware: (next) => async (request) => {
      const slot = open(request.method, request.url, request.headers);
      const { body: bytes } = request;
      let reading: Promise<void> | undefined;
      if (slot && bodies && bytes) {
        slot.sent = bodyCount(requestBody);
        if (bytes instanceof Uint8Array) slot.sent.push(bytes);
        else reading = slot.sent.read(bytes.stream(), request.signal);
      }
      let response: Awaited<ReturnType<typeof next>>;
      try {
        response = await next(request);
      } catch (error) {
        failed(slot, error);
        throw error;
      }
      await reading;
      const body = answered(slot, response);
      if (body === response.body) return response;
      const { status, headers } = response;
      // What a `Response` says besides is not for one middleware alone.
      const { type, statusText } = response as Partial<Response>;
      return { status, headers, body, ...(type === undefined ? {} : { type }), ...(statusText === undefined ? {} : { statusText }) };
    },
    fetch:
      (inner = (request) => globalThis.fetch(request)) =>
      async (input, init) => {
        const streamed = bodies && init?.body instanceof ReadableStream ? bodyCount(requestBody) : undefined;
        // The body of a stream is noted as it is taken, no sooner.
        const request = streamed
          ? new Request(input, { ...init, body: noted(init?.body as ReadableStream<Uint8Array<ArrayBuffer>>, streamed) })
          : input instanceof Request && init === undefined
            ? input
            : new Request(input, init);
        request.signal.throwIfAborted();
        const response = await exchange(request, inner, streamed);
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
