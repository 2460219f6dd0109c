/**
 * What this engine can do, found out once and by trying, never by its name where a try can tell. Nothing runs at import.
 */

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
export const sendsStreamsCheaply = (): boolean => (globalThis.navigator?.userAgent ?? "").startsWith("Node.js");

let filters: boolean | undefined;

/**
 * Whether this engine decides which headers a request may have, as pages and their workers do: there, a header that the service's CORS rule
 * does not name stops the request. Such engines drop a `Cookie` that a program sets; others send what they are told.
 */
export function filtersHeaders(): boolean {
  return (filters ??= !new Request("http://127.0.0.1", { headers: { cookie: "a=b" } }).headers.has("cookie"));
}
