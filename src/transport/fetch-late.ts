/**
 * The fetch transport where Node's own client carries requests, and the fetch transport is seldom asked for: loaded with the first request
 * that needs it. To load it costs Node more than all else here, because the first look at the global `Request` loads Node's whole fetch.
 *
 * The package's `imports` have this file under the condition `node`, and `fetch.js` itself for everybody else.
 */
import { sendsStreamsCheaply } from "../platform.js";
import type { Send, Settings } from "../types/connection.js";
import type { WireBody } from "../types/requests.js";
import { bytesIn } from "./bytes.js";
import type { Carried } from "./fetch.js";

/** What `fetchTransport` of `fetch.js` is, a little later, with bodies as Node's `fetch` likes them. */
export function fetchTransport(fetch: Settings["fetch"]): Send {
  let transport: Promise<Send> | undefined;
  return async (request) => {
    transport ??= import("./fetch.js").then(({ asItIs, fetchTransport: now }) =>
      now(fetch, async (given) => {
        const plain = await asItIs(given);
        // Deno and Bun take this file, too.
        return plain.body && sendsStreamsCheaply() ? inOnePiece(plain.headers, plain.body) : plain;
      }),
    );
    return (await transport)(request);
  };
}

/** The body as a stream of one piece, with its length. */
async function inOnePiece(headers: Record<string, string>, body: WireBody): Promise<Carried> {
  const bytes = await bytesIn(body);
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
  return { body: stream, duplex: "half", headers: { ...headers, "content-length": String(bytes.byteLength) } };
}
