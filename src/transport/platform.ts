/**
 * What this engine can do, found out once and by trying, never by its name where a try can tell.
 */

/** Keeps the answer of a probe; nothing runs at import. */
function once<T>(probe: () => T): () => T {
  let answer: { value: T } | undefined;
  return () => (answer ??= { value: probe() }).value;
}

/** Whether `new Request` takes an option; engines at the edge throw for those they do not implement. */
function takes(init: RequestInit): boolean {
  try {
    new Request("http://127.0.0.1/", init);
    return true;
  } catch {
    return false;
  }
}

/**
 * Options of every request, where the engine knows them: nothing comes from or goes into the HTTP cache, and an answer that points
 * elsewhere is an error, so that a SAS never follows it. workerd knows `manual` only; its 3xx answers are refused when they come.
 */
export const requestOptions: () => RequestInit = once(() => ({
  redirect: takes({ redirect: "error" }) ? "error" : "manual",
  ...(takes({ cache: "no-store" }) ? { cache: "no-store" } : {}),
}));

/**
 * Whether a body is best sent as a stream of one piece with a Content-Length of our own. Node's fetch copies bytes three times and a
 * stream not at all, which makes an upload four times cheaper; it asks for the default type, because a byte stream would be copied and
 * detach the caller's buffer. Deno drops the header (the service then answers 411), Bun gains nothing, and browsers cannot stream over
 * HTTP/1.1. The engine's name is the only thing that tells: all of them accept such a request.
 *
 * @see https://github.com/nodejs/undici/issues/258 for a neighbouring trap, HEAD
 */
export const sendsStreamsCheaply: () => boolean = once(() => /^Node\.js\//.test(globalThis.navigator?.userAgent ?? ""));
