/**
 * The transport on `fetch`, through `ky`: the only file that imports it.
 *
 * ky's own retries and its timeout are off, and it gets no hooks: a retry would clone the body, its default timeout counts the upload of
 * the body, and hooks or progress callbacks tee it or turn it into one without length, which Put Range refuses.
 */
import ky from "ky";
import { TransportError } from "../errors.js";
import type { ConnectionOptions } from "../config.js";
import type { Send } from "../types/connection.js";
import type { WireRequest } from "../types/requests.js";
import { isBlob, sizeOfBody } from "./bytes.js";
import { requestOptions, sendsStreamsCheaply } from "./platform.js";

/**
 * A transport on the given `fetch`, or on the global one as it is at each request.
 *
 * Rejects with a `TransportError` of reason `network` or `redirect`; with the reason of the request's signal after an abort.
 */
export function fetchTransport(fetch: ConnectionOptions["fetch"]): Send {
  return async (request) => {
    const { body, headers } = await carried(request);
    let response: Response;
    try {
      response = await ky(request.url, {
        ...requestOptions(),
        method: request.method,
        headers,
        body: body ?? null,
        signal: request.signal,
        retry: 0,
        timeout: false,
        throwHttpErrors: false,
        fetch: (input, init) => (fetch ?? globalThis.fetch)(input as Request, init),
      });
    } catch (error) {
      if (request.signal.aborted) throw request.signal.reason;
      throw new TransportError("network", NO_ANSWER, { operation: request.operation, request, cause: nativeCause(error) });
    }
    if (response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400 && response.headers.has("location"))) {
      response.body?.cancel().catch(() => undefined);
      throw new TransportError("redirect", "the answer points elsewhere, and credentials do not follow it", { operation: request.operation, request });
    }
    return response;
  };
}

const NO_ANSWER = "no answer: the network failed, or in a page the account's CORS rule does not allow this origin, method or header";

/** ky wraps the engine's error in one of its own that holds the request; the engine's says more and holds less. */
function nativeCause(error: unknown): unknown {
  const cause = (error as { cause?: unknown } | null)?.cause;
  return cause instanceof Error ? cause : error;
}

async function carried({ body, headers }: WireRequest): Promise<{ body?: BodyInit; headers: Record<string, string> }> {
  if (body === undefined || sizeOfBody(body) === 0) return { headers: { ...headers } };
  if (!sendsStreamsCheaply()) return { body, headers: { ...headers } };
  const bytes = isBlob(body) ? new Uint8Array(await body.arrayBuffer()) : body;
  let sent = false;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent) return controller.close();
      sent = true;
      controller.enqueue(bytes);
    },
  });
  return { body: stream, headers: { ...headers, "content-length": String(bytes.byteLength) } };
}
