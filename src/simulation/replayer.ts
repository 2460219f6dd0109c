/**
 * Answers requests from a recording, so that tests need neither an account nor a network.
 */
import { redactText, redactUrl, shown } from "../redact.js";
import type { Middleware } from "../types/connection.js";
import { contentOf, readHar, type SideFiles, type Taped } from "./cassette.js";
import { record, type RecordOptions, type Recording } from "./recorder.js";

/** How a recording is replayed. */
export interface ReplayOptions {
  /**
   * `strict`: requests come in the order of the recording, each once. `loose`: in any order; each exchange answers once, and once all that
   * fit have answered, the last of them answers again, as it may be asked more often than before. @default "loose"
   */
  readonly order?: "strict" | "loose" | undefined;
  /**
   * `replay`: what is not recorded is a `ReplayError`. `update`: it goes on to the service, and `recording` has that. `passthrough`: all goes
   * to the service. @default "replay"
   */
  readonly mode?: "replay" | "update" | "passthrough" | undefined;
  /** Request headers that have to be the same, besides method, path and query. @default ["x-ms-range", "x-ms-type", "x-ms-lease-action"] */
  readonly headers?: readonly string[] | undefined;
  /** Query words that may differ. @default those of a SAS, and `timeout` */
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
  /** What `update` recorded. */
  readonly recording: Recording;
}

/** A request that the recording has no answer to. It says what was asked, and what it came nearest to. */
export class ReplayError extends Error {
  constructor(message: string) {
    super(redactText(message));
    this.name = "ReplayError";
  }
}

/** The words of a SAS, and those that say nothing of what is asked for. */
const SAS_WORDS =
  "sv ss srt st se sp sip spr sig si sr sdd skoid sktid skt ske sks skv skdutid sduoid rscc rscd rsce rscl rsct timeout".split(" ");

/** What is compared of a request. */
interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: { get(name: string): string | null };
}

/**
 * Replays an archive: this package's own, one that a browser's developer tools exported, or one of Playwright's. Hosts are not compared, so that a
 * recording made at one address answers at another.
 *
 * @param har The archive's text, or what `JSON.parse` makes of it.
 * @throws CassetteError for what is no HTTP Archive.
 * @example
 * const connection = connect({ endpoint, share, credential, fetch: replay(await readFile("run.har", "utf8")).fetch() });
 */
export function replay(har: unknown, options: ReplayOptions = {}): Replay {
  const { order = "loose", mode = "replay", files = () => undefined, headers = ["x-ms-range", "x-ms-type", "x-ms-lease-action"] } = options;
  if (!/^(strict|loose)$/.test(order)) throw new TypeError(`order is ${shown(order)}, but must be "strict" or "loose"`);
  if (!/^(replay|update|passthrough)$/.test(mode))
    throw new TypeError(`mode is ${shown(mode)}, but must be "replay", "update" or "passthrough"`);
  const ignored = new Set((options.ignoredQuery ?? SAS_WORDS).map((name) => name.toLowerCase()));
  const taped = readHar(har);
  const waiting = new Set(taped);
  /** By method and path: a long recording would otherwise be gone through for every request. */
  const places = new Map<string, Taped[]>();
  for (const tape of taped) {
    const place = `${tape.method} ${tape.url.pathname}`;
    places.set(place, [...(places.get(place) ?? []), tape]);
  }
  const recording = record(options.record);

  const queryOf = (url: URL): Map<string, string> =>
    new Map([...url.searchParams].filter(([name]) => !ignored.has(name.toLowerCase())).sort(([one], [other]) => (one < other ? -1 : 1)));

  /** The differences between a request and a recorded one; none means that they fit. */
  const differences = (asked: Asked, tape: Taped): string[] => {
    const found: string[] = [];
    const compare = (what: string, wanted: string | null | undefined, given: string | null | undefined): void => {
      if ((wanted ?? undefined) !== (given ?? undefined)) found.push(`${what} is ${said(given)}, and ${said(wanted)} there`);
    };
    compare("the method", tape.method, asked.method);
    compare("the path", tape.url.pathname, asked.url.pathname);
    const [wanted, given] = [queryOf(tape.url), queryOf(asked.url)];
    for (const name of new Set([...wanted.keys(), ...given.keys()])) compare(`query ${name}`, wanted.get(name), given.get(name));
    for (const name of headers) compare(`header ${name}`, tape.requestHeaders.get(name), asked.headers.get(name));
    return found;
  };

  const find = (asked: Asked): Taped => {
    const [first] = waiting;
    const near = order === "strict" ? (first ? [first] : []) : (places.get(`${asked.method} ${asked.url.pathname}`) ?? []);
    const fitting = near.filter((tape) => differences(asked, tape).length === 0);
    const answer = fitting.find((tape) => waiting.has(tape)) ?? fitting.at(-1);
    if (answer === undefined) throw missing(asked, order === "strict" ? near : waiting.size > 0 ? [...waiting] : taped);
    waiting.delete(answer);
    return answer;
  };

  const missing = (asked: Asked, candidates: readonly Taped[]): ReplayError => {
    const what = `${asked.method} ${redactUrl(asked.url.pathname + asked.url.search)}`;
    if (order === "strict" && waiting.size === 0) return new ReplayError(`the recording ends before ${what}`);
    const [nearest] = candidates.map((tape) => ({ tape, found: differences(asked, tape) })).sort((a, b) => a.found.length - b.found.length);
    if (nearest === undefined) return new ReplayError(`nothing is recorded that answers ${what}: the recording is empty`);
    const { tape, found } = nearest;
    const named = `exchange ${tape.number}, ${tape.method} ${redactUrl(tape.url.pathname + tape.url.search)}`;
    const which = order === "strict" ? "the next one is" : "the nearest is";
    return new ReplayError(`nothing is recorded that answers ${what}; ${which} ${named}: ${found.join("; ")}`);
  };

  const answer = async (asked: Asked): Promise<Response> => {
    const tape = find(asked);
    const { status, statusText } = tape;
    const hasNone = asked.method === "HEAD" || status === 204 || status === 205 || status === 304;
    const body = hasNone ? null : await contentOf(tape, files);
    const answered = new Headers(tape.headers);
    if (body) {
      // A browser's archive has the bytes decoded, under the headers of those that were not.
      answered.delete("content-encoding");
      answered.delete("transfer-encoding");
      if (answered.has("content-length")) answered.set("content-length", String(body.length));
    }
    return new Response(body, { status, statusText, headers: answered });
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
      return (request) => {
        const asked = {
          method: request.method,
          url: new URL(request.url),
          headers: { get: (name: string) => request.headers[name] ?? null },
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
  };
}

const said = (value: string | null | undefined): string => (value === undefined || value === null ? "absent" : JSON.stringify(value));
