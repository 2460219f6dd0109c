/**
 * Answers requests from a recording, so that tests need neither an account nor a network.
 */
import { shown } from "../redact.js";
import type { Middleware } from "../types/connection.js";
import { checkTexts } from "./checks.js";
import { CassetteError, contentOf, readHar, type SideFiles, type Taped } from "./cassette.js";
import { entryOf, entryOfTaped, writingOf } from "./har-entry.js";
import type { Har, HarEntry } from "./har.js";
import { type Asked, matcher, ReplayError } from "./matcher.js";
import { archiveOf, exchangeOf, type RecordOptions, type Recording, recordWith, type Slot } from "./recorder.js";

/** How a recording is replayed. */
export interface ReplayOptions {
  /**
   * `strict`: requests come in the order of the recording, each once; preflights, which a browser sends by itself, may be left out. `loose`: in any order; each exchange answers once, and once all that
   * fit have answered, the last of them answers again, as it may be asked more often than before. It may be asked less often, too: what
   * reads after a write is answered as it was after that write. @default "loose"
   */
  readonly order?: "strict" | "loose" | undefined;
  /**
   * `replay`: what is not recorded is a `ReplayError`. `update`: it goes on to the service, and is added to the archive that `har` gives.
   * `passthrough`: all goes to the service. @default "replay"
   */
  readonly mode?: "replay" | "update" | "passthrough" | undefined;
  /** Request headers, in any case, that have to be the same besides method, path and query. @default ["x-ms-range", "x-ms-type", "x-ms-lease-action"] */
  readonly headers?: readonly string[] | undefined;
  /**
   * Query words that may differ, besides those of a SAS and `timeout`. What was never written into the recording is another matter: it has to
   * be there, whatever it is.
   *
   * @default none
   */
  readonly ignoredQuery?: readonly string[] | undefined;
  /** Gives the files beside the archive; `loadHar` of `azure-files/node` has them. @default none */
  readonly files?: SideFiles | undefined;
  /** How what `update` lets through is recorded. */
  readonly record?: RecordOptions | undefined;
}

/** A recording that answers. */
export interface Replay {
  /** In place of the transport of a connection; `next` is used by `update` and `passthrough` only. */
  readonly middleware: Middleware;
  /** A fetch that answers from the recording. @param inner Where `update` and `passthrough` go; by default the global fetch. */
  fetch(inner?: (request: Request) => Promise<Response>): (input: Request | string | URL, init?: RequestInit) => Promise<Response>;
  /** How many exchanges of the recording have not answered yet. */
  readonly left: number;
  /** What `update` recorded, and nothing else. */
  readonly recording: Recording;
  /**
   * The archive brought up to date by `update`: what was there stays, and what was let through stands where it was asked for. Secrets are
   * taken out of what others recorded, too. `saveHar` writes it, in the folder of the old one, whose files it goes on naming.
   *
   * @throws CassetteError as a recording does.
   */
  har(): Har;
  /** The files that are new beside it. Throws what `har` throws. */
  files(): ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

/**
 * Replays an archive: this package's own, one that a browser's developer tools exported, or one of Playwright's. Hosts are not compared, so that a
 * recording made at one address answers at another.
 *
 * @param har The archive's text, or what `JSON.parse` makes of it.
 * @throws CassetteError for what is no HTTP Archive; TypeError for options that are none.
 * @example
 * const connection = connect({ endpoint, share, credential, fetch: replay(await readFile("run.har", "utf8")).fetch() });
 */
export function replay(har: unknown, options: ReplayOptions = {}): Replay {
  const { order = "loose", mode = "replay", files = () => undefined } = options;
  if (!/^(strict|loose)$/.test(order)) throw new TypeError(`order is ${shown(order)}, but must be "strict" or "loose"`);
  if (!/^(replay|update|passthrough)$/.test(mode))
    throw new TypeError(`mode is ${shown(mode)}, but must be "replay", "update" or "passthrough"`);
  if (typeof files !== "function") throw new TypeError(`files is ${shown(files)}, but must be a function`);
  checkTexts({ headers: options.headers, ignoredQuery: options.ignoredQuery });
  const taped = readHar(har);
  const { waiting, find } = matcher(taped, {
    order,
    headers: options.headers ?? ["x-ms-range", "x-ms-type", "x-ms-lease-action"],
    ignoredQuery: options.ignoredQuery ?? [],
  });
  /** Those that could not answer, as their bodies are not there. */
  const bodiless = new Set<Taped>();
  const answer = async (asked: Asked): Promise<Response> => {
    const tape = find(asked);
    const { status, statusText } = tape;
    const hasNone = asked.method === "HEAD" || status === 204 || status === 205 || status === 304;
    const bytes = hasNone
      ? undefined
      : await contentOf(tape, files).catch((error: unknown) => {
          bodiless.add(tape);
          // By this name a client knows that another try would not help, and `update` that it has to ask.
          throw error instanceof CassetteError ? new ReplayError(error.message) : error;
        });
    const answered = new Headers(tape.headers);
    const isWhole = tape.content["_incomplete"] !== true;
    if (bytes) {
      // A browser's archive has the bytes decoded, under the headers of those that were not.
      answered.delete("content-encoding");
      answered.delete("transfer-encoding");
      if (isWhole && answered.has("content-length")) answered.set("content-length", String(bytes.length));
    }
    return new Response(bytes && !isWhole ? brokenOff(bytes, tape.number) : (bytes ?? null), { status, statusText, headers: answered });
  };

  /** What `update` lets through, each before the exchange whose turn it was. */
  const added = new Map<Slot, number>();
  const recording = recordWith(options.record ?? {}, (slot) => {
    const [next] = waiting;
    added.set(slot, next ? taped.indexOf(next) : taped.length);
  });
  const updated = (): { har: Har; files: ReadonlyMap<string, Uint8Array<ArrayBuffer>> } => {
    const writing = writingOf(options.record ?? {});
    const entries: HarEntry[] = [];
    const addUpTo = (index: number): void => {
      for (const [slot, at] of added) {
        const exchange = at === index ? exchangeOf(slot) : undefined;
        if (exchange) entries.push(entryOf(exchange, entries.length + 1, writing));
      }
    };
    for (const [index, tape] of taped.entries()) {
      addUpTo(index);
      if (!bodiless.has(tape)) entries.push(entryOfTaped({ ...tape, number: entries.length + 1 }, writing));
    }
    addUpTo(taped.length);
    return { har: archiveOf(entries), files: writing.files };
  };

  /** Answers from the recording, or lets it through where the mode is so. */
  const orThrough = async <T>(asked: Asked, through: () => Promise<T>, fresh: () => Promise<T>): Promise<T | Response> => {
    if (mode === "passthrough") return through();
    try {
      return await answer(asked);
    } catch (error) {
      if (mode === "replay" || !(error instanceof ReplayError)) throw error;
      return fresh();
    }
  };

  return {
    middleware: (next) => {
      const recorded = recording.middleware(next);
      return async (request) => {
        request.signal.throwIfAborted();
        const given = new Map(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]));
        const asked = {
          method: request.method,
          url: new URL(request.url),
          headers: { get: (name: string) => given.get(name) ?? null },
        };
        return orThrough(
          asked,
          () => next(request),
          () => recorded(request),
        );
      };
    },
    fetch(inner = (request) => globalThis.fetch(request)) {
      const recorded = recording.fetch(inner);
      return async (input, init) => {
        const request = input instanceof Request && init === undefined ? input : new Request(input, init);
        request.signal.throwIfAborted();
        const asked = { method: request.method, url: new URL(request.url), headers: request.headers };
        const response = await orThrough(
          asked,
          () => inner(request),
          () => recorded(request),
        );
        request.signal.throwIfAborted();
        return response;
      };
    },
    get left() {
      return waiting.size;
    },
    recording,
    har: () => updated().har,
    files: () => updated().files,
  };
}

/** Bytes of which the rest is not in the recording: they break off there, as a connection does. */
function brokenOff(bytes: Uint8Array<ArrayBuffer>, number: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  let isGiven = bytes.length === 0;
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull(controller) {
        if (isGiven) throw new TypeError(`exchange ${number} was recorded to here: after ${bytes.length} bytes nobody read on`);
        isGiven = true;
        controller.enqueue(bytes);
      },
    },
    { highWaterMark: 0 },
  );
}
