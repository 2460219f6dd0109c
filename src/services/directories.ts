/**
 * Operations on directories. Service version 2026-10-06.
 */
import { AzureFilesError, isServiceError, type ServiceError } from "../errors.js";
import { between } from "../config.js";
import { splitParent } from "../transport/address.js";
import { readText } from "../transport/body.js";
import { flag, type Metadata, metadata, metadataHeaders } from "../transport/headers.js";
import { limit } from "../transport/limit.js";
import { unlessDoneBefore } from "../transport/retry.js";
import { child, childName, children, childText, type Element, parseXml } from "../transport/xml.js";
import type { Connection, RequestOptions } from "../types/connection.js";
import type { DirectoryEntry, EntryExtras, FileEntry, ItemProperties, SmbOptions } from "../types/properties.js";
import { delete as removeFile } from "./files.js";
import { smbHeaders } from "./header-groups.js";
import type { WireHeaders } from "../types/responses.js";
import { itemProperties } from "./item-properties.js";
import { isThere } from "./existence.js";
import { type Listing, listing, type Page, pageSizeOf } from "./listing.js";
import { directoryTarget } from "./targets.js";

/** Names a directory. */
export interface DirectoryRequest extends RequestOptions {
  /** Path in the share; "" is the root. @default the connection's `path`, or the root */
  path?: string | undefined;
}

/** What `create` takes. */
export interface CreateDirectoryRequest extends DirectoryRequest {
  /** Also creates the parents that are missing, and takes a directory that is there already for granted. @default false */
  recursive?: boolean | undefined;
  /** Metadata by name. @default {} */
  metadata?: Metadata | undefined;
  /** Attributes, times and permission. */
  smb?: SmbOptions | undefined;
}

/** What `create` did. */
export interface DirectoryCreated extends ItemProperties {
  /** False where `recursive` or `createIfMissing` found the directory. */
  readonly created: boolean;
}

/**
 * Creates a directory. With `recursive` it is still one request where the parent exists.
 *
 * @throws ServiceError `ParentNotFound`, `ResourceAlreadyExists`; the latter also where a file has the name.
 * @see https://learn.microsoft.com/rest/api/storageservices/create-directory
 */
export async function create(connection: Connection, request: CreateDirectoryRequest): Promise<DirectoryCreated> {
  if (request.recursive) return createWithParents(connection, request);
  const { headers } = await connection.send({
    operation: "Create Directory",
    method: "PUT",
    target: directoryTarget(connection, request),
    query: { restype: "directory" },
    headers: { "x-ms-allow-trailing-dot": connection.allowTrailingDot, ...smbHeaders(request.smb), ...metadataHeaders(request.metadata) },
    success: [201],
    idempotent: false,
    signal: request.signal,
  });
  return { created: true, ...itemProperties(headers) };
}

/** Tries the directory first and its parents only when the service misses them, so that the usual case is one request. */
async function createWithParents(connection: Connection, request: CreateDirectoryRequest): Promise<DirectoryCreated> {
  const { parent } = splitParent(directoryTarget(connection, request).path ?? "");
  const itself = { ...request, recursive: false };
  try {
    return await createIfMissing(connection, itself);
  } catch (error) {
    if (parent === "" || !isServiceError(error, "ParentNotFound")) throw error;
    await createWithParents(connection, { share: request.share, path: parent, signal: request.signal });
    return createIfMissing(connection, itself);
  }
}

/**
 * Creates a directory, or finds that it is there. An existing one stays as it is; a file with the name is an error. Without permission to
 * read, an existing one has no properties in the result, and a file with the name cannot be told from it.
 */
export async function createIfMissing(connection: Connection, request: CreateDirectoryRequest): Promise<DirectoryCreated> {
  try {
    return await create(connection, request);
  } catch (error) {
    if (!isServiceError(error, "ResourceAlreadyExists")) throw error;
    try {
      const { metadata: _, serverEncrypted: __, ...properties } = await getProperties(connection, request);
      return { created: false, ...properties };
    } catch (second) {
      if (!isServiceError(second)) throw second;
      // Creating needs no permission to read: that it exists is known, and what it is like stays unknown.
      if ((second as ServiceError).status === 403) return { created: false, ...itemProperties(NOTHING_KNOWN) };
      // It exists, and is no directory: that is what the first answer meant.
      throw (second as ServiceError).status < 500 ? error : second;
    }
  }
}

/** The headers of an answer that may not be read. */
const NOTHING_KNOWN: WireHeaders = { get: () => null, forEach: () => undefined };

/** What `getProperties` and `exists` take. */
export interface GetDirectoryPropertiesRequest extends DirectoryRequest {
  /** Time of a share snapshot, to read that instead. */
  snapshot?: string | undefined;
}

/** What the service says of a directory. */
export interface DirectoryProperties extends ItemProperties {
  /** Metadata by lower-case name. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Whether the service keeps the directory's metadata encrypted. */
  readonly serverEncrypted: boolean | undefined;
}

/**
 * Reads the properties and metadata of a directory; the root has them too.
 *
 * @throws ServiceError `ResourceNotFound`, `ParentNotFound`, `ShareNotFound`.
 * @see https://learn.microsoft.com/rest/api/storageservices/get-directory-properties
 */
export async function getProperties(connection: Connection, request: GetDirectoryPropertiesRequest): Promise<DirectoryProperties> {
  const { headers } = await connection.send({
    operation: "Get Directory Properties",
    method: "GET",
    target: directoryTarget(connection, request),
    query: { restype: "directory", sharesnapshot: request.snapshot },
    headers: { "x-ms-allow-trailing-dot": connection.allowTrailingDot },
    success: [200],
    idempotent: true,
    signal: request.signal,
  });
  return { ...itemProperties(headers), metadata: metadata(headers), serverEncrypted: flag(headers, "x-ms-server-encrypted") };
}

/** Whether a directory is there. A file with the name is no directory. */
export function exists(connection: Connection, request: GetDirectoryPropertiesRequest): Promise<boolean> {
  return isThere(getProperties(connection, request));
}

/** What `delete` takes. */
export interface DeleteDirectoryRequest extends DirectoryRequest {
  /** Also deletes everything in it; the service itself deletes empty directories only. @default false */
  recursive?: boolean | undefined;
  /** With `recursive`: requests at once, from 1 to 64. @default 8 */
  concurrency?: number | undefined;
  /** With `recursive`: called after each item that is gone. */
  onProgress?: ((progress: { deleted: number; path: string }) => void) | undefined;
}

/** What `delete` did. */
export interface DirectoryDeleted {
  /** Files and directories that are gone, this one included. */
  readonly deleted: number;
}

/** What a recursive delete left behind, as `error.transfer` tells it. */
export interface DeleteLeftovers {
  readonly deleted: number;
  /** Each item that is still there because its own delete failed, with the reason. */
  readonly left: readonly { readonly path: string; readonly code: string; readonly message: string }[];
}

/**
 * Deletes a directory; with `recursive` everything in it too, as far as it can: what one item refuses stays, the rest goes.
 *
 * @throws ServiceError `ResourceNotFound`, `DirectoryNotEmpty`. With `recursive`, an AzureFilesError where something was left; its
 * `transfer` is a `DeleteLeftovers` and its `cause` the first refusal. After an abort, the signal's reason.
 * @see https://learn.microsoft.com/rest/api/storageservices/delete-directory
 */
async function remove(connection: Connection, request: DeleteDirectoryRequest): Promise<DirectoryDeleted> {
  if (request.recursive) return removeTree(connection, request);
  const target = directoryTarget(connection, request);
  const reply = connection.send({
    operation: "Delete Directory",
    method: "DELETE",
    target,
    query: { restype: "directory" },
    headers: { "x-ms-allow-trailing-dot": connection.allowTrailingDot },
    success: [202],
    idempotent: true,
    signal: request.signal,
  });
  await unlessDoneBefore(reply);
  return { deleted: 1 };
}
export { remove as delete };

async function removeTree(connection: Connection, request: DeleteDirectoryRequest): Promise<DirectoryDeleted> {
  const { share, signal, onProgress } = request;
  const top = (directoryTarget(connection, request).path ?? "").replace(/^\/|\/$/g, "");
  if (top === "") throw new TypeError("path is missing: the root of a share cannot be deleted; delete what is in it, or the share");
  const run = limit(between("concurrency", request.concurrency ?? 8, 1, 64, true));
  const left: { path: string; code: string; message: string }[] = [];
  let deleted = 0;
  let first: unknown;

  const attempt = async (path: string, task: () => Promise<unknown>): Promise<void> => {
    try {
      await run(task);
      deleted++;
      onProgress?.({ deleted, path });
    } catch (error) {
      signal?.throwIfAborted();
      // Somebody else deleted it meanwhile: it is gone, which is what was asked for.
      if (isServiceError(error, "ResourceNotFound") && path !== top) return;
      if (!isServiceError(error) && !(error instanceof AzureFilesError)) throw error;
      first ??= error;
      left.push({ path, code: (error as Partial<ServiceError>).code ?? (error as Error).name, message: (error as Error).message });
    }
  };
  const clear = async (path: string): Promise<void> => {
    const pages = list(connection, { share, path, signal }).pages()[Symbol.asyncIterator]();
    // Pages count among the requests that are under way at once, or a wide tree would ask for all of its directories together.
    const next = (): Promise<IteratorResult<Page<FileEntry | DirectoryEntry>>> => run(() => pages.next());
    for (let page = await next(); !page.done; page = await next()) {
      await Promise.all(
        page.value.entries.map(async (entry) => {
          const inner = `${path}/${entry.name}`;
          if (entry.kind === "file") return attempt(inner, () => removeFile(connection, { share, path: inner, signal }));
          const before = left.length;
          await clear(inner).catch((error: unknown) => attempt(inner, () => Promise.reject(error)));
          // What still holds something cannot go; its contents are named already.
          if (!left.slice(before).some((item) => item.path === inner || item.path.startsWith(`${inner}/`))) {
            await attempt(inner, () => remove(connection, { share, path: inner, signal }));
          }
        }),
      );
    }
  };
  await clear(top);
  if (left.length === 0) await attempt(top, () => remove(connection, { share, path: top, signal }));
  if (left.length > 0) {
    const error = new AzureFilesError(
      `Delete Directory left ${left.length} items in ${JSON.stringify(top)}, the first because: ${left[0]?.message}`,
      { cause: first },
    );
    error.transfer = { deleted, left } satisfies DeleteLeftovers;
    throw error;
  }
  return { deleted };
}

/** What `list` takes. */
export interface ListDirectoryRequest extends DirectoryRequest {
  /** Only entries whose name begins so, in any case. */
  prefix?: string | undefined;
  /** What to tell besides name, kind and size. */
  include?: readonly ("timestamps" | "etag" | "attributes" | "permissionKey")[] | undefined;
  /** Time of a share snapshot, to list that instead. */
  snapshot?: string | undefined;
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
    if (!Object.hasOwn(INCLUDE, name))
      throw new TypeError(`include has ${JSON.stringify(name)}, but knows ${Object.keys(INCLUDE).join(", ")}`);
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
      headers: { "x-ms-allow-trailing-dot": connection.allowTrailingDot, "x-ms-file-extended-info": include?.length ? true : undefined },
      success: [200],
      idempotent: true,
      read: readText,
      signal: request.signal,
    });
    const page = parseXml(payload, "EnumerationResults");
    const entries = child(page, "Entries");
    return {
      entries: inOrder(children(entries, "Directory").map(directoryEntry), children(entries, "File").map(fileEntry)),
      marker: childText(page, "NextMarker"),
    };
  });
}

/** The service mixes files and directories by name; the parser sorts them by kind, so they are mixed again. */
function inOrder(directories: DirectoryEntry[], files: FileEntry[]): (FileEntry | DirectoryEntry)[] {
  if (directories.length === 0) return files;
  const key = (entry: { name: string }): string => entry.name.toUpperCase();
  return [...directories, ...files].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

const fileEntry = (element: Element): FileEntry => ({
  kind: "file",
  name: childName(element, "Name"),
  size: Number(childText(child(element, "Properties"), "Content-Length") ?? 0),
  ...extras(element),
});

const directoryEntry = (element: Element): DirectoryEntry => ({ kind: "directory", name: childName(element, "Name"), ...extras(element) });

function extras(element: Element): EntryExtras {
  const properties = child(element, "Properties");
  const modified = childText(properties, "Last-Modified");
  const found = {
    fileId: childText(element, "FileId"),
    creationTime: childText(properties, "CreationTime"),
    lastAccessTime: childText(properties, "LastAccessTime"),
    lastWriteTime: childText(properties, "LastWriteTime"),
    changeTime: childText(properties, "ChangeTime"),
    lastModified: modified === undefined ? undefined : new Date(modified),
    etag: childText(properties, "Etag"),
    attributes: childText(element, "Attributes"),
    permissionKey: childText(element, "PermissionKey"),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}
