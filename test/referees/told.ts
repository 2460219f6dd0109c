/**
 * Request headers and bodies that a recorder did not keep, as far as the answers tell what they were.
 */
import type { OperationName } from "../../src/types/requests.js";
import { type Exchange, isOf, responseText, succeeded } from "./recording.js";
import { childOf, parse, textOf } from "./xml.js";

type Headers = Record<string, string>;

const shareWords = ["x-ms-share-quota", "x-ms-access-tier", "x-ms-enabled-protocols", "x-ms-root-squash"];

/** The next answer of an operation about the same share, directory or file; the second list ends the search. */
function nextAnswer(exchange: Exchange, later: readonly Exchange[], wanted: string, ends: readonly string[]): Exchange | undefined {
  const found = later.find((other) => isOf(other, exchange) && succeeded(other) && [wanted, ...ends].includes(other.operation ?? ""));
  return found?.operation === wanted ? found : undefined;
}

/** How a share was made or set: what its properties are then. An account of one tier takes none. */
function shareSettings(exchange: Exchange, later: readonly Exchange[]): Headers {
  const answer = nextAnswer(exchange, later, "Get Share Properties", ["Set Share Properties", "Delete Share"]);
  const pairs = shareWords.map((name) => [name, answer?.responseHeaders[name]] as const);
  const kept = pairs.filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== "Premium");
  return Object.fromEntries(exchange.operation === "Create Share" ? kept : kept.filter(([name]) => name !== "x-ms-enabled-protocols"));
}

/** The size of a file: what the first later answer about it says, wherever it was moved by then. */
function sizeOf({ responseHeaders: { "x-ms-file-id": id } }: Exchange, later: readonly Exchange[]): string {
  const told = later.find(
    ({ operation, responseHeaders }) => operation === "Get File Properties" && responseHeaders["x-ms-file-id"] === id,
  );
  return told?.responseHeaders["content-length"] ?? "0";
}

/** A refused header, which the refusal's body names. */
function refusedHeader({ responseBody }: Exchange): Headers {
  const body = responseBody?.includes("<HeaderName>") ? parse(responseBody) : undefined;
  const [name, value] = [textOf(body, "HeaderName"), childOf(body ?? parse("<a/>"), "HeaderValue")?.text];
  return name === undefined || value === undefined ? {} : { [name]: value };
}

const attributes = ({ responseHeaders }: Exchange): Headers => {
  const value = responseHeaders["x-ms-file-attributes"];
  return value === undefined ? {} : { "x-ms-file-attributes": value };
};

/** Whether there is something at a place, so that a rename to there replaces it. */
const isThere = (exchange: Exchange): boolean =>
  ["Create File", "Create Directory"].includes(
    exchange.earlier.findLast((other) => isOf(other, exchange) && succeeded(other))?.operation ?? "",
  ) || exchange.earlier.some((other) => isOf(other, exchange) && ["Create File", "Create Directory"].includes(other.operation ?? ""));

/** How a rename treated what it met: success over something needs both flags, and each refusal names the one that was missing. */
function renameFlags(exchange: Exchange): Headers {
  const code = exchange.responseHeaders["x-ms-error-code"];
  if (!isThere(exchange) || code === "ResourceAlreadyExists") return {};
  return {
    "x-ms-file-rename-replace-if-exists": "true",
    "x-ms-file-rename-ignore-readonly": code === "ReadOnlyAttribute" ? "false" : "true",
  };
}

/** The key of the permission that was stored before. */
function storedKey({ earlier }: Exchange): Headers {
  const key = earlier.findLast(({ operation }) => operation === "Create Permission")?.responseHeaders["x-ms-file-permission-key"];
  return key === undefined ? {} : { "x-ms-file-permission-key": key };
}

const rename: Told = (exchange) => ({ ...renameFlags(exchange), ...attributes(exchange) });

/** Without its snapshots a share is not deleted. */
const withSnapshots: Told = (exchange) =>
  succeeded(exchange) && exchange.earlier.some((other) => other.share === exchange.share && other.operation === "Snapshot Share")
    ? { "x-ms-delete-snapshots": "include" }
    : {};

type Told = (exchange: Exchange, later: readonly Exchange[]) => Headers;

const told: Readonly<Partial<Record<OperationName, Told>>> = {
  "Create Share": shareSettings,
  "Set Share Properties": (exchange, later) => (exchange.status === 400 ? refusedHeader(exchange) : shareSettings(exchange, later)),
  "Delete Share": withSnapshots,
  "Create File": (exchange, later) => ({
    "x-ms-type": "file",
    "x-ms-content-length": sizeOf(exchange, later),
    ...attributes(exchange),
  }),
  "Create Directory": attributes,
  "Set Directory Properties": attributes,
  "Set File Properties": attributes,
  "Rename File": rename,
  "Rename Directory": rename,
  "Get Permission": storedKey,
  "Force Close Handles": () => ({ "x-ms-handle-id": "*" }),
};

/** Headers that are given back to an exchange of which the recorder kept none. */
export const toldHeaders: Told = (exchange, later) =>
  (exchange.requestBodyNotRecorded && exchange.operation && told[exchange.operation]?.(exchange, later)) || {};

/** A body that is given back: a stored permission is read later, with a part at its end that the service adds. */
export function toldBody(exchange: Exchange, later: readonly Exchange[]): string | undefined {
  if (!exchange.requestBodyNotRecorded || exchange.operation !== "Create Permission") return undefined;
  const answer = nextAnswer(exchange, later, "Get Permission", []);
  return answer && responseText(answer).replace("S:NO_ACCESS_CONTROL", "");
}

/** Whether a share's lease ends by itself: what the next answer about it says. */
export function leaseDuration(exchange: Exchange, later: readonly Exchange[]): string {
  const same = (other: Exchange): boolean => other.query.get("sharesnapshot") === exchange.query.get("sharesnapshot");
  const next = later.find((other) => isOf(other, exchange) && same(other) && "x-ms-lease-state" in other.responseHeaders);
  return next?.responseHeaders["x-ms-lease-duration"] === "fixed" ? "60" : "-1";
}
