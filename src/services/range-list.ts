/**
 * List Ranges, the one bulk document that transfers read: written and cleared parts of a file, scanned without a tree.
 */
import { readText } from "../transport/body.js";
import { byteRange } from "../transport/headers.js";
import { scanXml } from "../transport/xml-scanner.js";
import type { Connection, Operation } from "../types/connection.js";
import type { ByteRange } from "../types/properties.js";
import { type FileRequest, MAX_FILE } from "./file-writes.js";
import { fileTarget } from "./targets.js";

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
  return {
    operation: "List Ranges",
    method: "GET",
    target: fileTarget(connection, request),
    query: { comp: "rangelist", sharesnapshot: request.snapshot, prevsharesnapshot: request.previousSnapshot, ...page },
    headers: {
      "x-ms-range": part,
      "x-ms-allow-trailing-dot": connection.allowTrailingDot,
      "x-ms-lease-id": request.leaseId,
      "x-ms-file-support-rename": request.supportRename,
    },
    success: [200],
    idempotent: true,
    read: readText,
    signal: request.signal,
  };
}

/** Ranges as a document lists them. */
export interface RangeList {
  readonly ranges: ByteRange[];
  readonly clearRanges: ByteRange[];
  /** Where the next page begins. */
  readonly marker: string | undefined;
}

/** Reads the document. @throws IntegrityError for what is none. */
export function parseRangeList(xml: string): RangeList {
  const list: { ranges: ByteRange[]; clearRanges: ByteRange[]; marker: string | undefined } = {
    ranges: [],
    clearRanges: [],
    marker: undefined,
  };
  let start = 0;
  let end = 0;
  scanXml(xml, "Ranges", {
    leaf(name, text) {
      if (name === "Start") start = Number(text);
      else if (name === "End") end = Number(text);
      else if (name === "NextMarker") list.marker = text || undefined;
    },
    close(name) {
      if (name === "Range") list.ranges.push({ start, end });
      else if (name === "ClearRange") list.clearRanges.push({ start, end });
    },
  });
  return list;
}
