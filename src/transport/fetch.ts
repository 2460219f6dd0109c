/**
 * The transport on `fetch`, through `ky`: the only file that imports it.
 *
 * ky's own retries and its timeout are off, and it gets no hooks: a retry would clone the body, its default timeout counts the upload of
 * the body, and hooks or progress callbacks tee it or turn it into one without length, which Put Range refuses.
 */
import ky from "ky";
import { TransportError } from "../errors.js";
import { requestOptions, sendsStreamsCheaply } from "../platform.js";
import type { Send, Settings } from "../types/connection.js";
import type { WireRequest } from "../types/requests.js";
import { directBodies } from "./body.js";
import { bytesIn, isBlob, sizeOfBody } from "./bytes.js";

/**
 * A transport on the given `fetch`, or on the global one as it is at each request.
 *
 * Rejects with a `TransportError` of reason `network` or `redirect`; with the reason of the request's signal after an abort.
 */
export function fetchTransport(fetch: Settings["fetch"]): Send {
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
    return (response.body as unknown) === undefined ? withBody(response) : response;
  };
}

/** An answer that has no stream, as React Native's have none, with its bytes in one piece; a stream of them is made when somebody asks. */
function withBody(response: Response): Response {
  const bytes = async (): Promise<Uint8Array<ArrayBuffer>> => new Uint8Array(await response.arrayBuffer());
  directBodies.set(response, async (take) => take(await bytes()));
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    controller.enqueue(await bytes());
    controller.close();
  };
  let stream: ReadableStream<Uint8Array> | undefined;
  return Object.defineProperty(response, "body", { get: () => (stream ??= new ReadableStream({ pull }, { highWaterMark: 0 })) });
}

/** The body as this engine sends it best, with the headers for it; neither where there is nothing to send. */
async function carried({ body, headers }: WireRequest): Promise<{ headers: Record<string, string>; body?: BodyInit; duplex?: "half" }> {
  if (!body || sizeOfBody(body) === 0) return { headers: { ...headers } };
  if (!sendsStreamsCheaply()) {
    // Of a `Blob` that is none to this `fetch`, as jsdom's, not even an empty part is empty: it would send a name in place of the bytes.
    // One that cannot be read at all is left for the sending to say so.
    const isStrange = isBlob(body) && (await new Response(body.slice(0, 0)).text().catch(() => "")) !== "";
    return { body: isStrange ? await bytesIn(body) : body, headers: { ...headers } };
  }
  const bytes = await bytesIn(body);
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
  return { body: stream, duplex: "half", headers: { ...headers, "content-length": String(bytes.byteLength) } };
}
