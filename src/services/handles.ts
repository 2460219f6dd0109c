/**
 * Handles that SMB clients have open on files and directories: listing them, and closing them by force.
 */
import { shown } from "../redact.js";
import { readText } from "../transport/body.js";
import { dateOf, number, text } from "../transport/headers.js";
import { child, children, childName, childText, type Element, parseXml } from "../transport/xml.js";
import type { Connection, RequestOptions, Target } from "../types/connection.js";
import { advances, type Listing, listing, pageSizeOf } from "./listing.js";
import { directoryTarget, fileTarget } from "./targets.js";

/** What `listHandles` takes. */
export interface ListHandlesRequest extends RequestOptions {
  /** Path in the share. @default the connection's `path` */
  path?: string | undefined;
  /** Time of a share snapshot, for the handles on that. */
  snapshot?: string | undefined;
  /** Handles on a page, from 1 to 5000. @default 5000 */
  pageSize?: number | undefined;
}

/** What `listHandles` of directories takes. */
export interface ListDirectoryHandlesRequest extends ListHandlesRequest {
  /** Also those on everything below the directory. @default false */
  recursive?: boolean | undefined;
}

/** One open handle. */
export interface Handle {
  /** Unsigned 64-bit number in decimal. */
  readonly handleId: string;
  /** Path from the root of the share. */
  readonly path: string;
  readonly fileId: string | undefined;
  readonly parentId: string | undefined;
  readonly sessionId: string | undefined;
  /** Address and port of the client. */
  readonly clientIp: string | undefined;
  readonly clientName: string | undefined;
  readonly openedOn: Date | undefined;
  readonly reconnectedOn: Date | undefined;
  /** "Read", "Write", "Delete". */
  readonly accessRights: readonly string[];
}

function handleOf(element: Element): Handle {
  const time = (name: string): Date | undefined => {
    const value = childText(element, name);
    return value === undefined ? undefined : dateOf(value);
  };
  const rights = children(child(element, "AccessRightList"), "AccessRight");
  return {
    handleId: childText(element, "HandleId") ?? "",
    path: childName(element, "Path"),
    fileId: childText(element, "FileId"),
    parentId: childText(element, "ParentId"),
    sessionId: childText(element, "SessionId"),
    clientIp: childText(element, "ClientIp"),
    clientName: childText(element, "ClientName"),
    openedOn: time("OpenTime"),
    reconnectedOn: time("LastReconnectTime"),
    accessRights: rights.filter((right) => typeof right === "string"),
  };
}

function handles(connection: Connection, target: Target, request: ListDirectoryHandlesRequest): Listing<Handle> {
  const maxresults = pageSizeOf(request.pageSize);
  return listing(async (marker) => {
    const { payload } = await connection.send({
      operation: "List Handles",
      method: "GET",
      target,
      query: { comp: "listhandles", marker, maxresults, sharesnapshot: request.snapshot },
      headers: { "x-ms-recursive": request.recursive, "x-ms-allow-trailing-dot": connection.allowTrailingDot },
      success: [200],
      idempotent: true,
      read: readText,
      signal: request.signal,
    });
    const page = await parseXml(payload, "EnumerationResults");
    return { entries: children(child(page, "Entries"), "Handle").map(handleOf), marker: childText(page, "NextMarker") };
  });
}

/**
 * Lists the handles that SMB clients have open on a file.
 *
 * @throws ServiceError `ResourceNotFound`.
 * @see https://learn.microsoft.com/rest/api/storageservices/list-handles
 */
export const listFileHandles = (connection: Connection, request: ListHandlesRequest = {}): Listing<Handle> => {
  const { path, share, signal, snapshot, pageSize } = request;
  return handles(connection, fileTarget(connection, request), { path, share, signal, snapshot, pageSize });
};

/**
 * Lists the handles that SMB clients have open on a directory, and with `recursive` below it.
 *
 * @throws ServiceError `ResourceNotFound`.
 * @see https://learn.microsoft.com/rest/api/storageservices/list-handles
 */
export const listDirectoryHandles = (connection: Connection, request: ListDirectoryHandlesRequest = {}): Listing<Handle> =>
  handles(connection, directoryTarget(connection, request), request);

/** What `forceCloseHandles` takes. */
export interface ForceCloseHandlesRequest extends RequestOptions {
  /** Path in the share. @default the connection's `path` */
  path?: string | undefined;
  /** One handle, or "*" for all. */
  handleId: string;
  /** Time of a share snapshot, for the handles on that. */
  snapshot?: string | undefined;
}

/** What `forceCloseHandles` of directories takes. */
export interface ForceCloseDirectoryHandlesRequest extends ForceCloseHandlesRequest {
  /** Also those on everything below the directory. @default false */
  recursive?: boolean | undefined;
}

/** What `forceCloseHandles` did, in as many requests as it took. What a try closed whose answer was lost is not counted. */
export interface HandlesClosed {
  readonly closed: number;
  readonly failed: number;
  /** Of the last request. */
  readonly requestId: string | undefined;
}

async function close(connection: Connection, target: Target, request: ForceCloseDirectoryHandlesRequest): Promise<HandlesClosed> {
  const { handleId } = request;
  if (typeof handleId !== "string" || !/^(\*|\d+)$/.test(handleId)) {
    throw new TypeError(`handleId is ${shown(handleId)}, but must be a number in decimal or "*"`);
  }
  let [closed, failed] = [0, 0];
  let marker: string | undefined;
  const seen = new Set<string>();
  for (;;) {
    const { headers } = await connection.send({
      operation: "Force Close Handles",
      method: "PUT",
      target,
      query: { comp: "forceclosehandles", marker, sharesnapshot: request.snapshot },
      headers: {
        "x-ms-handle-id": handleId,
        "x-ms-recursive": request.recursive,
        "x-ms-allow-trailing-dot": connection.allowTrailingDot,
      },
      success: [200],
      idempotent: true,
      signal: request.signal,
    });
    closed += number(headers, "x-ms-number-of-handles-closed") ?? 0;
    failed += number(headers, "x-ms-number-of-handles-failed") ?? 0;
    marker = text(headers, "x-ms-marker") || undefined;
    if (marker === undefined) return { closed, failed, requestId: text(headers, "x-ms-request-id") };
    advances(seen, marker);
  }
}

/**
 * Closes handles that SMB clients have open on a file. Their clients are not asked.
 *
 * @throws ServiceError `ResourceNotFound`; TypeError for an id that is no number and not "*"; IntegrityError where the service goes in circles.
 * @see https://learn.microsoft.com/rest/api/storageservices/force-close-handles
 */
export const forceCloseFileHandles = (connection: Connection, request: ForceCloseHandlesRequest): Promise<HandlesClosed> => {
  const { path, share, signal, snapshot, handleId } = request;
  return close(connection, fileTarget(connection, request), { path, share, signal, snapshot, handleId });
};

/**
 * Closes handles that SMB clients have open on a directory, and with `recursive` below it. Their clients are not asked.
 *
 * @throws ServiceError `ResourceNotFound`; TypeError for an id that is no number and not "*"; IntegrityError where the service goes in circles.
 * @see https://learn.microsoft.com/rest/api/storageservices/force-close-handles
 */
export const forceCloseDirectoryHandles = (connection: Connection, request: ForceCloseDirectoryHandlesRequest): Promise<HandlesClosed> =>
  close(connection, directoryTarget(connection, request), request);
