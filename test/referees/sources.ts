/**
 * Where a copy or a rename took what it moved. Recorders removed or garbled the headers that say so; what went before tells it.
 */
import { type Exchange, isOf, type Place, succeeded } from "./recording.js";

/** A source below a share, and the words that came with its address. */
export interface Source extends Place {
  readonly query: URLSearchParams;
}

/** Path without what may differ in spelling: case, the direction of slashes, and dots at ends. */
const plain = (path: readonly string[]): string =>
  path
    .join("/")
    .replaceAll("\\", "/")
    .toLowerCase()
    .replace(/\.+(?=\/|$)/g, "");

const made = (exchange: Exchange, operations: readonly (string | undefined)[]): boolean =>
  succeeded(exchange) && operations.includes(exchange.operation);

/** The last file or directory of a kind that was made in the share before, other than the one that the request names. */
function lastMade(exchange: Exchange, operation: string): Exchange | undefined {
  return exchange.earlier.findLast(
    (other) => other.origin === exchange.origin && other.share === exchange.share && made(other, [operation]) && !isOf(other, exchange),
  );
}

/** What was renamed: the answer has its id, and so had its own. Of a refusal: what the next rename to there takes, or what was made last. */
export function renameSource(exchange: Exchange, later: readonly Exchange[]): Place | undefined {
  const answered = succeeded(exchange)
    ? exchange
    : later.find((other) => isOf(other, exchange) && other.operation === exchange.operation && succeeded(other));
  const id = answered?.responseHeaders["x-ms-file-id"];
  const known =
    id === undefined
      ? undefined
      : exchange.earlier.findLast(
          (other) =>
            other.origin === exchange.origin &&
            other.share === exchange.share &&
            succeeded(other) &&
            other.responseHeaders["x-ms-file-id"] === id,
        );
  return known ?? lastMade(exchange, exchange.operation === "Rename Directory" ? "Create Directory" : "Create File");
}

/** Whether something that is no file lay there to be copied: a blob. */
const blobMade = ({ earlier }: Exchange): boolean => earlier.some(({ method, operation }) => method === "PUT" && operation === undefined);

/** What was copied; undefined where that was no file of the recording. */
export function copySource(exchange: Exchange): Source | undefined {
  const header = exchange.requestHeaders["x-ms-copy-source"];
  if (header === undefined) {
    const last = blobMade(exchange) ? undefined : lastMade(exchange, "Create File");
    return last && { ...last, query: new URLSearchParams() };
  }
  // Recorders kept the path and replaced account and share in addresses, but not in headers.
  const url = new URL(header);
  const path = decodeURIComponent(url.pathname).split("/").filter(Boolean).slice(1);
  const found = exchange.earlier.findLast((other) => made(other, ["Create File"]) && plain(other.path) === plain(path));
  return found && { origin: found.origin, share: found.share, path, query: url.searchParams };
}

/** An address for a header. */
export function addressOf({ origin, share, path }: Place, query = ""): string {
  return `${origin}/${share}/${path.map(encodeURIComponent).join("/")}${query && `?${query}`}`;
}
