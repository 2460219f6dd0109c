/**
 * The fetch transport where Node's own client carries requests, and the fetch transport is seldom asked for: loaded with the first request
 * that needs it. To load it costs Node more than all else here, because the first look at the global `Request` loads Node's whole fetch.
 *
 * The package's `imports` have this file under the condition `node`, and `fetch.js` itself for everybody else.
 */
import { sendsStreamsCheaply } from "../platform.js";
import type { Send, Settings } from "../types/connection.js";
import type { WireRequest } from "../types/requests.js";
import { bytesIn, sizeOfBody } from "./bytes.js";
import type { Carried } from "./fetch.js";

/** What `fetchTransport` of `fetch.js` is, a little later, with bodies as Node's `fetch` likes them. */
export function fetchTransport(fetch: Settings["fetch"]): Send {
  let transport: Promise<Send> | undefined;
  return async (request) => {
    transport ??= import("./fetch.js").then(({ asItIs, fetchTransport: now }) =>
      // Deno and Bun take this file, too.
      now(fetch, (given) => (sendsStreamsCheaply() && given.body && sizeOfBody(given.body) > 0 ? inOnePiece(given) : asItIs(given))),
    );
    return (await transport)(request);
  };
}

/** The body as a stream of one piece, with its length. */
async function inOnePiece({ body, headers }: WireRequest): Promise<Carried> {
  const bytes = await bytesIn(body ?? new Uint8Array());
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
  return { body: stream, duplex: "half", headers: { ...headers, "content-length": String(bytes.byteLength) } };
}
