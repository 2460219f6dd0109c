/**
 * Where copies and renames come from: `x-ms-copy-source` and `x-ms-file-rename-source`, as places in this account or as answers of this
 * emulator.
 */
import type { Exchange } from "./exchange.js";
import { Failure, badHeader, missingHeader, type Pair } from "./failures.js";
import { checkPath } from "./names.js";
import { readFlag } from "./request-values.js";
import type { Share, TreeNode } from "./state.js";
import { utf8 } from "./text.js";
import { parseTarget, type Target } from "./target.js";

/** The URL in a header, read: of a file here, or of anything elsewhere. Throws `MissingRequiredHeader` or `InvalidHeaderValue`. */
export function readSourceUrl(headers: Headers, name: string): { readonly text: string; readonly target: Target } {
  const text = headers.get(name);
  if (text === null) throw missingHeader(name);
  if (!/^https?:\/\//i.test(text) || utf8(text).length > 2048) throw badHeader(name, withoutSignature(text));
  try {
    const target = parseTarget(text);
    const { username, password } = new URL(text);
    // No request can be made of a URL with a name or a password.
    if (target.rawPath !== "/" && username + password === "") return { text, target };
  } catch {
    // Said below.
  }
  throw badHeader(name, withoutSignature(text));
}

/** A URL that may be shown: without its signature, and without a name and a password. */
export function withoutSignature(text: string): string {
  return text
    .replace(/\/\/[^/?#]*@/, "//")
    .replace(/([?&])sig=[^&]*&?/gi, "$1")
    .replace(/[?&]$/, "");
}

/** What a source's path names in its share. Throws `InvalidResourceName`, `ParentNotFound` or `ResourceNotFound`. */
export function findSourceNode({ headers }: Exchange, share: Share, path: readonly string[]): TreeNode {
  const allowTrailingDot = readFlag(headers, "x-ms-source-allow-trailing-dot");
  const names = checkPath(path, { allowTrailingDot, nfs: share.settings.protocol === "NFS" });
  let node: TreeNode = share.root;
  for (const [index, name] of names.entries()) {
    if (node.kind !== "directory") throw new Failure("ParentNotFound");
    const next = node.children.get(name);
    if (!next) throw new Failure(index < names.length - 1 ? "ParentNotFound" : "ResourceNotFound");
    node = next;
  }
  return node;
}

/** The version from which a failure tells of the source in its details. */
const versionWithDetails = "2026-02-06";

/** A source's refusal as the target tells it: with the source's status and message. */
export function sourceFailure(exchange: Exchange, status: number, code: string, message: string): Failure {
  const told = exchange.version >= versionWithDetails;
  const details: Pair[] = [
    ["CopySourceStatusCode", String(status)],
    ["CopySourceErrorCode", code],
    ["CopySourceErrorMessage", message],
  ];
  const headers: Pair[] = [
    ["x-ms-copy-source-status-code", String(status)],
    ["x-ms-copy-source-error-code", code],
  ];
  return new Failure("CannotVerifyCopySource", { status, message, details: told ? details : [], headers: told ? headers : [] });
}

/** Reads a source that this emulator serves; any other host is not there. Throws `CannotVerifyCopySource` with what it answered. */
export async function readSource(exchange: Exchange, text: string, more: Readonly<Record<string, string>> = {}): Promise<Response> {
  const { headers, signal, target, version } = exchange;
  const source = new URL(text);
  if (source.origin !== new URL(target.serviceEndpoint).origin) {
    throw sourceFailure(exchange, 404, "ResourceNotFound", "The specified resource does not exist.");
  }
  const dot = headers.get("x-ms-source-allow-trailing-dot") ?? "false";
  const response = await exchange.dispatch(
    new Request(source, { headers: { "x-ms-version": version, "x-ms-allow-trailing-dot": dot, ...more }, signal }),
  );
  if (response.ok) return response;
  const body = await response.text();
  const message = /<Message>([^<\n]*)/.exec(body)?.[1] ?? "";
  throw sourceFailure(exchange, response.status, response.headers.get("x-ms-error-code") ?? "InternalError", message);
}
