/**
 * Node's own HTTP client where there is none: what bundlers take into a page in place of `node.js`, which would only sleep there.
 *
 * The package's `imports` have this file under the condition `browser`, and `node.js` itself for everybody else, who finds out at run time.
 */
import type { Send } from "../types/connection.js";

/** Whether this is Node and has an HTTP client of its own: no. */
export const hasNodeClient = (): boolean => false;

/** Whether the global `fetch` is Node's own: no. */
export const isFetchUntouched = (): boolean => false;

/** Never taken, for `hasNodeClient` says no. */
export const nodeTransport: Send = () => Promise.reject(new TypeError("there is no Node here"));
