/**
 * The transport on `fetch`, through `ky`: the only file that imports it.
 *
 * ky's own retries and its timeout are off, and it gets no hooks: a retry would clone the body, its default timeout counts the upload of
 * the body, and hooks or progress callbacks tee it or turn it into one without length, which Put Range refuses.
 */
import ky from "ky";
import { TransportError } from "../errors.js";
import { requestOptions } from "../platform.js";
import type { Send, Settings } from "../types/connection.js";
import type { WireBody, WireRequest } from "../types/requests.js";
import { bytesIn, isBlob, sizeOfBody } from "./bytes.js";

/**
 * A transport on the given `fetch`, or on the global one as it is at each request.
 *
 * @param carried How bodies go out. @default as they are
 * Rejects with a `TransportError` of reason `network` or `redirect`; with the reason of the request's signal after an abort.
 */
export function fetchTransport(fetch: Settings["fetch"], carried: (request: WireRequest) => Promise<Carried> = asItIs): Send {
  return async (request) => {
    const { method, signal } = request;
    const { headers, ...body } = await carried(request);
    let response: Response;
    try {
      response = await ky(request.url, {
        ...requestOptions(),
        method,
        headers,
        signal,
        retry: 0,
        timeout: false,
        throwHttpErrors: false,
        // The body joins here, past ky, which clones each request that it sends and would hold every range twice. The signal is said once
        // more: requests made of requests follow each other's signals weakly, and Node's collector of garbage cuts such a chain.
        fetch: (input, init) =>
          (fetch ?? globalThis.fetch)("body" in body ? new Request(input as Request, body) : (input as Request), { ...init, signal }),
      });
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      // What a recording has no answer to is no fault of a network, and would have none at the next try.
      if ((error as Partial<Error> | undefined)?.name === "ReplayError") throw error;
      // What the engine gives as the cause of its error says more: which address refused, which socket was reset.
      const { cause = error } = (error ?? {}) as Error;
      throw new TransportError("network", "no answer; in a page, the CORS rule may forbid the origin, method or a header", {
        request,
        cause,
      });
    }
    // A redirect that was not followed has the status 3xx, or 0 in a page.
    if (response.status < 200 || (response.status >= 300 && response.status < 400)) {
      throw new TransportError("redirect", "the answer redirects, and credentials do not follow", { request });
    }
    return response;
  };
}

/** A body as an engine sends it best, with the headers for it; no body where there is nothing to send. */
export interface Carried {
  readonly headers: Record<string, string>;
  readonly body?: BodyInit;
  readonly duplex?: "half";
}

/** What the engine writes for an empty part of each kind of `Blob`. */
const kinds = new WeakMap<object, Promise<string>>();

/** The body as it is. */
export async function asItIs({ body, headers }: WireRequest): Promise<Carried & { readonly body?: WireBody }> {
  if (!body || sizeOfBody(body) === 0) return { headers: { ...headers } };
  // Of a `Blob` that is none to this `fetch`, as jsdom's, not even an empty part is empty: it would send a name in place of the bytes. One
  // that cannot be read at all is left for the sending to say so.
  const kind = Object.getPrototypeOf(body) as object;
  const written = kinds.get(kind) ?? (isBlob(body) ? new Response(body.slice(0, 0)).text().catch(() => "") : Promise.resolve(""));
  kinds.set(kind, written);
  return { headers: { ...headers }, body: (await written) ? await bytesIn(body) : body };
}
