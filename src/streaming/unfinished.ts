/**
 * Finds uploads that nobody finished, and clears them away.
 */
import { between } from "../config.js";
import { list } from "../services/directory-listing.js";
import { delete as remove } from "../services/file-properties.js";
import { isServiceError, type ServiceError } from "../errors.js";
import { date, metadata, number } from "../transport/headers.js";
import type { Connection, RequestOptions } from "../types/connection.js";
import type { WireHeaders } from "../types/responses.js";
import { headOf } from "./journal.js";
import { UPLOAD_MARKER } from "./marks.js";

/** What `listUnfinished` and `deleteUnfinished` take. */
export interface UnfinishedRequest extends RequestOptions {
  /** Directory to look in. @default the root */
  path?: string | undefined;
  /** Whether to look in the directories below it too. @default true */
  recursive?: boolean | undefined;
  /**
   * Milliseconds since anything was last written, by the service's clock: younger uploads are taken to be under way.
   *
   * @default 86400000, a day
   */
  idle?: number | undefined;
}

/** An upload that did not end. */
export interface UnfinishedUpload {
  readonly path: string;
  /** Bytes that the file has or will have; not how many of them were written. */
  readonly size: number | undefined;
  /** When something was last written. */
  readonly lastModified: Date | undefined;
}

/** The name of a file that an atomic upload writes: whole and without the mark, it still lacks its own name. */
const TEMPORARY = /\.1-\d+-\d+-(\d+|unknown)-\d+\.partial$/;

/** Files asked about at once. */
const AT_ONCE = 16;

/**
 * Lists uploads that began and did not end, of any client of this package: their files carry a mark in the metadata, or the temporary name of
 * an atomic upload. Listings do not show metadata, so each file costs a request. Needs permission to list and read (`l`, `r`).
 *
 * @throws RangeError for an `idle` that is negative; what `directories.list` and `files.getProperties` throw.
 * @example
 * for await (const { path, size } of listUnfinished(connection, { path: "inbox" })) console.log(path, size);
 */
export async function* listUnfinished(connection: Connection, request: UnfinishedRequest = {}): AsyncGenerator<UnfinishedUpload> {
  const { share, signal, recursive = true } = request;
  const idle = between("idle", request.idle ?? 86_400_000, 0);
  const directories = [request.path ?? ""];
  for (let directory = directories.shift(); directory !== undefined; directory = directories.shift()) {
    const below = directory === "" ? "" : `${directory.replace(/\/$/, "")}/`;
    for await (const { entries } of list(connection, { share, signal, path: directory }).pages()) {
      const files = entries.filter(({ kind }) => kind === "file").map(({ name }) => below + name);
      if (recursive) directories.push(...entries.filter(({ kind }) => kind === "directory").map(({ name }) => below + name));
      for (let at = 0; at < files.length; at += AT_ONCE) {
        const found = files.slice(at, at + AT_ONCE).map((path) => unfinishedOf(connection, { share, signal, path }, idle));
        for (const upload of await Promise.all(found)) if (upload) yield upload;
      }
    }
  }
}

async function unfinishedOf(
  connection: Connection,
  request: RequestOptions & { path: string },
  idle: number,
): Promise<UnfinishedUpload | undefined> {
  const headers = await headOf(connection, request);
  if (headers === undefined || ageOf(connection, headers) < idle) return undefined;
  if (metadata(headers)[UPLOAD_MARKER] === undefined && !TEMPORARY.test(request.path)) return undefined;
  return { path: request.path, size: number(headers, "content-length"), lastModified: date(headers, "last-modified") };
}

/** Milliseconds since the last change. Both times are the service's own, where a page may see them. */
function ageOf({ clock }: Connection, headers: WireHeaders): number {
  const now = date(headers, "date")?.getTime() ?? clock.now();
  return now - (date(headers, "last-modified")?.getTime() ?? now);
}

/**
 * Deletes what `listUnfinished` finds, and resolves to what it deleted. What is leased belongs to somebody and is passed over. Only `idle`
 * tells other uploads that are under way from those that never end: one that goes on at that very moment is lost, so choose it longer than
 * anybody pauses. Needs permission to delete (`d`) as well.
 *
 * @throws What `listUnfinished` and `files.delete` throw; what was deleted before stays so.
 */
export async function deleteUnfinished(connection: Connection, request: UnfinishedRequest = {}): Promise<UnfinishedUpload[]> {
  const { share, signal } = request;
  const deleted: UnfinishedUpload[] = [];
  for await (const upload of listUnfinished(connection, request)) {
    try {
      await remove(connection, { share, signal, path: upload.path });
      deleted.push(upload);
    } catch (error) {
      // Somebody else was faster, or holds it.
      if (!isServiceError(error, "LeaseIdMissing") && (error as ServiceError).status !== 404) throw error;
    }
  }
  return deleted;
}
