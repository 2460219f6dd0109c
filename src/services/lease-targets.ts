/**
 * What a lease operation is about: a file, a share, or a snapshot of a share.
 */
import { shown } from "../redact.js";
import type { Connection, Operation, RequestOptions } from "../types/connection.js";
import { fileTarget, shareTarget } from "./targets.js";

/** What every lease operation says, and whether it is one on files or on shares. */
export interface LeaseParts extends Pick<Operation<undefined>, "method" | "target" | "query" | "headers" | "signal"> {
  readonly of: "File" | "Share";
}

/**
 * Finds out what a request is about.
 *
 * @throws TypeError for a snapshot together with a path, its own or the connection's.
 */
export function leaseOf(
  connection: Connection,
  request: RequestOptions & { path?: string | undefined; snapshot?: string | undefined },
): LeaseParts {
  const { path = connection.path, snapshot, signal } = request;
  if (path === undefined || path === "") {
    const query = { restype: "share", comp: "lease", sharesnapshot: snapshot };
    return { of: "Share", method: "PUT", target: shareTarget(connection, request), query, headers: {}, signal };
  }
  if (snapshot !== undefined) {
    throw new TypeError(
      `snapshot comes with the path ${shown(path)}, but what is in a snapshot has no lease; path: "" means the share itself`,
    );
  }
  const headers = { "x-ms-allow-trailing-dot": connection.allowTrailingDot };
  return { of: "File", method: "PUT", target: fileTarget(connection, request), query: { comp: "lease" }, headers, signal };
}

/** The error for what only leases of shares have. */
export const notOfFiles = (name: string, value: unknown): TypeError =>
  new TypeError(
    `${name} is ${shown(value)}, but the lease of a file lasts until it is released or broken at once; path: "" means the share`,
  );

/** A random GUID (version 4, RFC 9562), of the connection's randomness: pages on insecure origins have no `crypto.randomUUID`. */
export function proposedId({ random }: Connection): string {
  const digits = (count: number): string => Array.from({ length: count }, () => Math.floor(random() * 16).toString(16)).join("");
  const variant = "89ab"[Math.floor(random() * 4)];
  return `${digits(8)}-${digits(4)}-4${digits(3)}-${variant}${digits(3)}-${digits(12)}`;
}
