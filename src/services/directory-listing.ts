/**
 * Listing directories. Entry point: `azure-files/directories`.
 */
import { shown } from "../redact.js";
import { readText } from "../transport/body.js";
import { dateOf } from "../transport/headers.js";
import { decodeName, scanXml } from "../transport/xml-scanner.js";
import type { Connection } from "../types/connection.js";
import type { DirectoryEntry, EntryExtras, FileEntry } from "../types/properties.js";
import type { DirectoryRequest } from "./directory-properties.js";
import { type Listing, listing, type Page, pageSizeOf } from "./listing.js";
import { directoryTarget } from "./targets.js";

/** What `list` takes. */
export interface ListDirectoryRequest extends DirectoryRequest {
  /** Only entries whose name begins so, in any case. */
  prefix?: string | undefined;
  /** What to tell besides name, kind and size. */
  include?: readonly ("timestamps" | "etag" | "attributes" | "permissionKey")[] | undefined;
  /** Time of a share snapshot, to list that instead. */
  snapshot?: string | undefined;
  /** Asks for the exact size of files that SMB clients have open; with any `include` it is asked for anyway. @default false */
  extendedInfo?: boolean | undefined;
  /** Entries on a page, from 1 to 5000. @default 5000 */
  pageSize?: number | undefined;
}

const INCLUDE = { timestamps: "Timestamps", etag: "Etag", attributes: "Attributes", permissionKey: "PermissionKey" } as const;

/**
 * Lists what is in a directory, one level deep, files and directories together by name.
 *
 * @throws ServiceError `ResourceNotFound`, `ShareNotFound`; TypeError for an `include` that is unknown.
 * @see https://learn.microsoft.com/rest/api/storageservices/list-directories-and-files
 */
export function list(connection: Connection, request: ListDirectoryRequest = {}): Listing<FileEntry | DirectoryEntry> {
  const maxresults = pageSizeOf(request.pageSize);
  const include = request.include?.map((name) => {
    if (!Object.hasOwn(INCLUDE, name)) throw new TypeError(`include has ${shown(name)}, but knows ${Object.keys(INCLUDE).join(", ")}`);
    return INCLUDE[name];
  });
  return listing(async (marker) => {
    const { payload } = await connection.send({
      operation: "List Directories and Files",
      method: "GET",
      target: directoryTarget(connection, request),
      query: {
        restype: "directory",
        comp: "list",
        prefix: request.prefix,
        marker,
        maxresults,
        include: include?.join(","),
        sharesnapshot: request.snapshot,
      },
      headers: {
        "x-ms-allow-trailing-dot": connection.allowTrailingDot,
        "x-ms-file-extended-info": include?.length ? true : request.extendedInfo,
      },
      success: [200],
      idempotent: true,
      read: readText,
      signal: request.signal,
    });
    return parsePage(payload);
  });
}

/** What an element of an entry becomes. */
const FIELDS: Readonly<Record<string, keyof EntryExtras>> = {
  FileId: "fileId",
  CreationTime: "creationTime",
  LastAccessTime: "lastAccessTime",
  LastWriteTime: "lastWriteTime",
  ChangeTime: "changeTime",
  Etag: "etag",
  Attributes: "attributes",
  PermissionKey: "permissionKey",
};

const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

/** A date of RFC 9110, read by its places: engines take several times as long, which a listing feels. */
function modifiedOf(text: string): Date | undefined {
  const month = text.length === 29 && text.endsWith(" GMT") ? MONTHS.indexOf(text.slice(8, 11)) : -1;
  if (month < 0) return dateOf(text);
  const number = (from: number, to: number): number => Number(text.slice(from, to));
  const time = Date.UTC(number(12, 16), month / 3, number(5, 7), number(17, 19), number(20, 22), number(23, 25));
  return isNaN(time) ? undefined : new Date(time);
}

function setModified(entry: { lastModified?: Date }, modified: Date | undefined): void {
  if (modified) entry.lastModified = modified;
}

/** Reads a page in one pass. Entries and elements that newer versions have are passed over. */
function parsePage(xml: string): Page<FileEntry | DirectoryEntry> {
  type Entry = { -readonly [name in keyof EntryExtras]: EntryExtras[name] } & { kind: "file" | "directory"; name: string; size?: number };
  const entries: Entry[] = [];
  let marker: string | undefined;
  let inEntries = false;
  let entry: Entry | undefined;
  scanXml(xml, "EnumerationResults", {
    open(name) {
      if (name === "Entries") inEntries = true;
      else if (inEntries && name === "File") entry = { kind: "file", name: "", size: 0 };
      else if (inEntries && name === "Directory") entry = { kind: "directory", name: "" };
    },
    leaf(name, text, attributes) {
      if (entry === undefined) {
        if (name === "NextMarker") marker = text || undefined;
        return;
      }
      const field = FIELDS[name];
      if (field !== undefined) (entry as unknown as Record<string, string>)[field] = text;
      else if (name === "Name") entry.name = attributes === "" ? text : decodeName(text, attributes);
      else if (name === "Content-Length") entry.size = Number(text);
      else if (name === "Last-Modified") setModified(entry, modifiedOf(text));
    },
    close(name) {
      if (name === "Entries") inEntries = false;
      else if (entry !== undefined && (name === "File" || name === "Directory")) {
        entries.push(entry);
        entry = undefined;
      }
    },
  });
  return { entries: entries as (FileEntry | DirectoryEntry)[], marker };
}
