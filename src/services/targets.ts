/**
 * What a request points at, with the connection's defaults for what it does not say.
 */
import { shown } from "../redact.js";
import type { Connection, HeldLock, Target } from "../types/connection.js";

/** What a request may say of its target. */
interface Addressed {
  readonly share?: string | undefined;
  readonly path?: string | undefined;
  readonly lock?: HeldLock | undefined;
}

/** The share that a request points at. A missing one is an error when the URL is made. */
export const shareTarget = (connection: Connection, request: Addressed): Target => ({
  share: request.share ?? connection.share ?? "",
  lock: request.lock,
});

/** The directory that a request points at; "" is the root. */
export function directoryTarget(connection: Connection, request: Addressed): Target {
  return { ...shareTarget(connection, request), path: request.path ?? connection.path ?? "" };
}

/**
 * The file that a request points at.
 *
 * @throws TypeError where there is no path, or it ends in "/".
 */
export function fileTarget(connection: Connection, request: Addressed): Target & { readonly path: string } {
  const path = request.path ?? connection.path;
  if (typeof path !== "string" || path === "" || path.endsWith("/")) throw new TypeError(`path is ${shown(path)}, but must name a file`);
  return { ...shareTarget(connection, request), path };
}
