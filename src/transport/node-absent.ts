/**
 * Node's own HTTP client where there is none: what bundlers take into a page in place of `node.js`, which would only sleep there.
 *
 * The package's `imports` have this file under the condition `browser`, and `node.js` itself for everybody else, who finds out at run time.
 */
import type { Send, Settings } from "../types/connection.js";

/** What carries requests: `fetch`. @throws TypeError where Node's client is asked for. */
export function transportOf({ transport }: Pick<Settings, "transport">, viaFetch: Send): Send {
  if (transport === "node") throw new TypeError('transport is "node", and this is not Node; use "auto" or "fetch"');
  return viaFetch;
}
