/**
 * The fetch transport where Node's own client carries requests, and the fetch transport is seldom asked for: loaded with the first request
 * that needs it. To load it costs Node more than all else here, because the first look at the global `Request` loads Node's whole fetch.
 *
 * The package's `imports` have this file under the condition `node`, and `fetch.js` itself for everybody else.
 */
import type { Send, Settings } from "../types/connection.js";

/** What `fetchTransport` of `fetch.js` is, a little later. */
export function fetchTransport(fetch: Settings["fetch"]): Send {
  let transport: Promise<Send> | undefined;
  return async (request) => {
    transport ??= import("./fetch.js").then((module) => module.fetchTransport(fetch));
    return (await transport)(request);
  };
}
