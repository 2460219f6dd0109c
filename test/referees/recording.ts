/**
 * Reads the recordings: one file a test of somebody else's client, one exchange with the real service a line.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { OperationName } from "../../src/types/requests.js";
import { operationOf } from "./operations.js";

/** One line of a recording, as it stands. */
interface Line {
  readonly method: string;
  readonly url: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly requestBody: string | null;
  readonly requestBodyEncoding?: string;
  /** Set where the recorder kept neither the body nor any header but version and id. */
  readonly requestBodyNotRecorded?: boolean;
  readonly status: number;
  readonly responseHeaders: Readonly<Record<string, string>>;
  readonly responseBody: string | null;
  readonly responseBodyEncoding?: string;
}

/** One exchange, with its address taken apart and all that went before it. */
export interface Exchange extends Line {
  /** Undefined for what is no operation of Azure Files. */
  readonly operation: OperationName | undefined;
  readonly origin: string;
  readonly account: string;
  /** "" for the service itself. */
  readonly share: string;
  /** Decoded components below the share. */
  readonly path: readonly string[];
  /** Decoded values by name, without what belongs to a SAS. */
  readonly query: ReadonlyMap<string, string>;
  /** The exchanges of the same file before this one. */
  readonly earlier: readonly Exchange[];
}

/** One file. */
export interface Recording {
  /** Path below the folder of recordings, for messages only. */
  readonly name: string;
  readonly exchanges: readonly Exchange[];
}

const sasWords = /^(sv|sr|sp|st|se|spr|sip|si|ss|srt|sig|sk[a-z]+|rs[a-z]{2})$/;

function exchangeOf(line: Line, earlier: readonly Exchange[]): Exchange {
  const url = new URL(line.url);
  const query = new Map([...url.searchParams].filter(([name]) => !sasWords.test(name)));
  const [share = "", ...path] = decodeURIComponent(url.pathname).split("/").filter(Boolean);
  const address = { origin: url.origin, account: url.hostname.split(".")[0] ?? "", share, path, query };
  const leasedAs = (id: string): boolean =>
    earlier.findLast((other) => isOf(other, address) && other.responseHeaders["x-ms-lease-id"])?.responseHeaders["x-ms-lease-id"] === id;
  return { ...line, ...address, earlier, operation: operationOf(line, address, leasedAs) };
}

/** The folder of recordings; a missing one is an error, because whoever runs this suite wants to be judged. */
function recordingsFolder(): string {
  const folder = resolve(import.meta.dirname, "../..", process.env["AZURE_FILES_REFEREES"] || "../shared", "recordings");
  if (!existsSync(folder)) throw new Error(`no folder ${folder}; AZURE_FILES_REFEREES names the folder that holds "recordings"`);
  return folder;
}

/** All recordings, in the order of their paths. */
export function loadRecordings(): Recording[] {
  const folder = recordingsFolder();
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".jsonl"));
  return names.sort().map((name) => {
    const exchanges: Exchange[] = [];
    for (const text of readFileSync(join(folder, name), "utf8").split("\n")) {
      if (text.trim() !== "") exchanges.push(exchangeOf(JSON.parse(text) as Line, [...exchanges]));
    }
    return { name, exchanges };
  });
}

/** How many exchanges the recordings' own list counts, file by file. */
export function exchangesListed(): number[] {
  const [head = "", ...rows] = readFileSync(join(recordingsFolder(), "MANIFEST.tsv"), "utf8").trimEnd().split("\n");
  const column = head.split("\t").indexOf("entries");
  return rows.map((row) => Number(row.split("\t")[column]));
}

/** A body, and whether each of its bytes is as it was. */
export interface RecordedBody {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly whole: boolean;
}

/** A body as recorded; where the recorder cut it, zeros fill it up to the length that the headers tell. */
function bodyOf(text: string | null, encoding: string | undefined, length: string | undefined): RecordedBody {
  const kept = (text ?? "").replace(/\.\.\.truncated \d+$/, "");
  const bytes = encoding === "base64" ? new Uint8Array(Buffer.from(kept, "base64")) : new TextEncoder().encode(kept);
  if (kept === (text ?? "")) return { bytes, whole: true };
  const filled = new Uint8Array(Math.max(bytes.length, Number(length ?? 0)));
  filled.set(bytes);
  return { bytes: filled, whole: false };
}

/** The body of the request. */
export const requestBody = (exchange: Exchange): RecordedBody =>
  bodyOf(exchange.requestBody, exchange.requestBodyEncoding, exchange.requestHeaders["content-length"]);

/** The body of the answer. */
export const responseBody = (exchange: Exchange): RecordedBody =>
  bodyOf(exchange.responseBody, exchange.responseBodyEncoding, exchange.responseHeaders["content-length"]);

/** The body of the answer as text. */
export const responseText = (exchange: Exchange): string => new TextDecoder().decode(responseBody(exchange).bytes);

/** Whether the service did what it was asked for. */
export const succeeded = (exchange: Exchange): boolean => exchange.status < 300;

/** Whether an exchange was with Azure Files and not with a neighbour, which the same test filled. */
export const isAzureFiles = ({ origin }: Exchange): boolean => new URL(origin).hostname.includes(".file.");

/** What an exchange is about, apart from its words. */
export type Place = Pick<Exchange, "origin" | "share" | "path">;

/** Whether an exchange is about a share, directory or file; case does not count in paths. */
export const isOf = (exchange: Exchange, place: Place): boolean =>
  exchange.origin === place.origin &&
  exchange.share === place.share &&
  exchange.path.join("/").toLowerCase() === place.path.join("/").toLowerCase();

/** How an exchange is named in messages. */
export const label = (exchange: Exchange): string =>
  `#${exchange.earlier.length + 1} ${exchange.operation ?? "?"}: ${exchange.method} ${exchange.url} -> ${exchange.status} ${exchange.responseHeaders["x-ms-error-code"] ?? ""}`;
