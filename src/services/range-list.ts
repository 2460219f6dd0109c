/**
 * List Ranges, the one bulk document that transfers read: written and cleared parts of a file. It has a grammar of its own, so that a page
 * which uploads carries nothing that reads XML at large.
 */
import { IntegrityError } from "../errors.js";
import { readText } from "../transport/body.js";
import { byteRange } from "../transport/headers.js";
import { unescapeXml } from "../transport/xml-scanner.js";
import type { Connection, Operation } from "../types/connection.js";
import type { ByteRange } from "../types/properties.js";
import { type FileRequest, MAX_FILE, onFile } from "./file-writes.js";

/** What `listRanges` and its pages take. */
export interface ListRangesRequest extends FileRequest {
  /** Time of a share snapshot, to read that instead. */
  snapshot?: string | undefined;
  /** Where to begin. @default 0 */
  offset?: number | undefined;
  /** Bytes to look at. @default up to the end */
  count?: number | undefined;
  /** Time of an earlier snapshot: only what changed since then is listed, and what was cleared since. */
  previousSnapshot?: string | undefined;
  /** Whether a file that was renamed or moved since `previousSnapshot` is still compared. @default false */
  supportRename?: boolean | undefined;
}

/** List Ranges, as a literal. @see https://learn.microsoft.com/rest/api/storageservices/list-ranges */
export function rangeListOf(
  connection: Connection,
  request: ListRangesRequest,
  page: { marker?: string | undefined; maxresults?: number | undefined } = {},
): Operation<string> {
  const { offset = 0, count } = request;
  const part = request.offset === undefined && count === undefined ? undefined : byteRange(offset, count ?? MAX_FILE - offset, MAX_FILE);
  const headers = { "x-ms-range": part, "x-ms-file-support-rename": request.supportRename };
  return {
    ...onFile(connection, request, "List Ranges", headers),
    method: "GET",
    query: { comp: "rangelist", sharesnapshot: request.snapshot, prevsharesnapshot: request.previousSnapshot, ...page },
    read: readText,
  };
}

/** Ranges as a document lists them. */
export interface RangeList {
  readonly ranges: ByteRange[];
  readonly clearRanges: ByteRange[];
  /** Where the next page begins. */
  readonly marker: string | undefined;
}

const RANGE = /<((?:Clear)?Range)>\s*<Start>(\d+)<\/Start>\s*<End>(\d+)<\/End>\s*<\/\1>/g;

/** What is left of a document when its ranges are taken out: elements that hold text alone, one of which says where the next page begins. */
const REST = /^\s*(<\?xml[^<>]*>\s*)?<Ranges\s*(\/>|>(\s|<(?!(?:Clear)?Range\b)([A-Za-z]\w*)(\s*\/>|>[^<]*<\/\4>))*<\/Ranges>)\s*$/;

/** Reads the document. @throws IntegrityError `listing` for what is none, or not whole. */
export function parseRangeList(xml: string): RangeList {
  const ranges: ByteRange[] = [];
  const clearRanges: ByteRange[] = [];
  const rest = xml.replace(RANGE, (_, kind: string, start: string, end: string) => {
    (kind === "Range" ? ranges : clearRanges).push({ start: Number(start), end: Number(end) });
    return "";
  });
  if (!REST.test(rest)) throw new IntegrityError("listing", "the answer is no list of ranges");
  const [, marker = ""] = /<NextMarker>([^<]*)/.exec(rest) ?? [];
  return { ranges, clearRanges, marker: unescapeXml(marker) || undefined };
}
