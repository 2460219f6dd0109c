/**
 * What this engine can do, found out by trying, never by its name where a try can tell. All such looks at the engine are here, so that
 * whoever meets a new one has one file to read. Nothing runs at import.
 */

/** What is asked of Node's global `process`. */
interface Host {
  readonly release?: { readonly name?: string };
  getBuiltinModule?(name: string): unknown;
}

/**
 * A module of Node's own, found without an import, so that this file loads everywhere; undefined where this is not Node from 22.3. Deno,
 * Bun and workerd have such modules too, and are better served by their own `fetch`.
 */
export function nodeModule(name: "node:http" | "node:https" | "node:crypto"): unknown {
  const { process: host, Deno: deno, Bun: bun } = globalThis as { process?: Host; Deno?: unknown; Bun?: unknown };
  const isNode = host?.release?.name === "node" && deno === undefined && bun === undefined;
  return isNode ? host.getBuiltinModule?.(name) : undefined;
}

let known: unknown;
let untouched = false;

/** Whether the global `fetch` is Node's own, and not a double that a test put in its place. */
export function isFetchUntouched(): boolean {
  const { fetch } = globalThis;
  if (fetch !== known) {
    known = fetch;
    // Node's own is a wrapper that loads its parts when first called, and says so.
    untouched = typeof fetch === "function" && /internal\/deps\/undici|lazyUndici/.test(Function.prototype.toString.call(fetch));
  }
  return untouched;
}

/** How engines name themselves, as far as they do. */
const userAgent = (): string => globalThis.navigator?.userAgent ?? "";

/**
 * Browsers, and only they, say so in this way, in pages and in workers; Node, Deno, Bun and workerd name themselves. A try would tell less:
 * it would load the whole of Node's `fetch`.
 */
export const isBrowser = (): boolean => userAgent().startsWith("Mozilla/");

let options: RequestInit | undefined;

/**
 * Options of every request: nothing comes from or goes into the HTTP cache, and an answer that points elsewhere is handed over as it is and
 * refused here, so that a SAS never follows it. To have engines refuse it would look like a failure of the network, and be tried again. Those
 * that throw for a cache option, as some at the edge do, have no cache.
 */
export function requestOptions(): RequestInit {
  if (options === undefined) {
    options = { redirect: "manual", cache: "no-store" };
    try {
      new Request("http://127.0.0.1", options);
    } catch {
      delete options.cache;
    }
  }
  return options;
}

/**
 * Whether a body is best sent as a stream of one piece with a Content-Length of our own. Node's fetch copies bytes three times and a
 * stream not at all, which makes an upload four times cheaper; it asks for the default type, because a byte stream would be copied and
 * detach the caller's buffer. Deno drops the header (the service then answers 411), Bun gains nothing, and browsers cannot stream over
 * HTTP/1.1. The engine's name is the only thing that tells: all of them accept such a request.
 */
export const sendsStreamsCheaply = (): boolean => userAgent().startsWith("Node.js");

/**
 * Says what to do where the engine has no streams and something is about to make one.
 *
 * @throws TypeError that names the module which brings them.
 */
export function needStreams(): void {
  if (typeof ReadableStream !== "function") throw new TypeError('this engine has no ReadableStream: import "azure-files/polyfill" first');
}

let filters: boolean | undefined;

/**
 * Whether this engine decides which headers a request may have, as pages and their workers do: there, a header that the service's CORS rule
 * does not name stops the request. Such engines drop a `Cookie` that a program sets; others send what they are told.
 */
export function filtersHeaders(): boolean {
  return (filters ??= !new Request("http://127.0.0.1", { headers: { cookie: "a=b" } }).headers.has("cookie"));
}

/** WebCrypto, which pages on insecure origins have not. */
export const webCrypto = (): SubtleCrypto | undefined => globalThis.crypto?.subtle;

/** `AbortSignal.any` of two, which Safari has from 17.4 and edge-runtime not at all. */
export function anySignal(a: AbortSignal, b: AbortSignal): AbortSignal {
  if (AbortSignal.any) return AbortSignal.any([a, b]);
  const controller = new AbortController();
  for (const signal of [a, b]) {
    if (signal.aborted) controller.abort(signal.reason);
    else signal.addEventListener("abort", () => controller.abort(signal.reason), { once: true, signal: controller.signal });
  }
  return controller.signal;
}

/** `Symbol.asyncDispose`; engines without it get the one under the name that transpilers look for. */
export const asyncDispose = (): typeof Symbol.asyncDispose =>
  Symbol.asyncDispose ?? (Symbol.for("Symbol.asyncDispose") as typeof Symbol.asyncDispose);

/** Whether it is a `Date`, of this realm or another. */
export const isDate = (time: Date | string): time is Date => typeof (time as Partial<Date> | null)?.getTime === "function";
