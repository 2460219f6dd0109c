/**
 * Mounts an emulator in Mock Service Worker: a page (or Node process) then has an Azure Files account with no server at all.
 *
 * @module
 */
import { http, type HttpHandler } from "msw";

/** What answers: an emulator, or anything else with an address and a `fetch`, such as a replay or faults around either. */
export interface MswSource {
  /** The account's address. */
  readonly endpoint: string;
  /** Answers one request; where it rejects with a `TypeError`, as `fetch` does when the network fails, so does the caller's. */
  readonly fetch: (request: Request) => Promise<Response>;
}

/** How the emulator is mounted. */
export interface MswOptions {
  /** The address to answer for, with the account in it where the style is path style. @default the emulator's own endpoint */
  readonly endpoint?: string | URL | undefined;
  /**
   * Answers in place of the emulator, or around it: `answer()` gives the emulator's own answer, so a test can delay it, count it, or look at
   * it. For refusals and lost connections of single operations, `emulator.respond` is shorter.
   *
   * @default the emulator answers
   */
  readonly respond?: ((request: Request, answer: () => Promise<Response>) => Response | Promise<Response>) | undefined;
}

/**
 * Handlers that answer every request to the emulator's address, preflights included.
 *
 * @throws TypeError when `endpoint` is not a URL.
 * @example
 * setupWorker(...mswHandlers(createEmulator())); // of msw/browser, in a page
 * @example
 * setupServer(...mswHandlers(createEmulator())); // of msw/node
 */
export function mswHandlers(source: MswSource, options: MswOptions = {}): HttpHandler[] {
  const endpoint = String(options.endpoint ?? source.endpoint);
  // Not echoed, as the engine would: it may hold a SAS.
  if (!URL.canParse(endpoint)) throw new TypeError("endpoint must be an http(s) URL");
  const { origin, pathname } = new URL(endpoint);
  const { respond = (_request, answer) => answer() } = options;
  const base = pathname.replace(/\/+$/, "");
  const isOurs = (url: URL): boolean => url.origin === origin && (url.pathname === base || url.pathname.startsWith(`${base}/`));
  return [
    http.all(
      ({ request }) => isOurs(new URL(request.url)),
      ({ request }) => respond(request, () => source.fetch(request).catch((error: unknown) => lost(error, request.signal))),
    ),
  ];
}

/**
 * `fetch` rejects with a `TypeError` where the network fails. Thrown on, it would become an answer with status 500, which is something else; and
 * what a caller has aborted would be told of on the console, with the address and its signature.
 */
function lost(error: unknown, signal: AbortSignal): Response {
  if (error instanceof TypeError || signal.aborted) return Response.error();
  throw error;
}
