/**
 * Deleting directories, empty ones and whole trees. Entry point: `azure-files/directories`.
 */
import { between } from "../config.js";
import { AzureFilesError, isServiceError, type ServiceError } from "../errors.js";
import { shown } from "../redact.js";
import { text } from "../transport/headers.js";
import { limit } from "../transport/limit.js";
import { unlessDoneBefore } from "../transport/retry.js";
import type { Connection } from "../types/connection.js";
import type { DirectoryEntry, FileEntry } from "../types/properties.js";
import { list } from "./directory-listing.js";
import type { DirectoryRequest } from "./directory-properties.js";
import { delete as removeFile } from "./file-properties.js";
import type { Page } from "./listing.js";
import { directoryTarget } from "./targets.js";

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
  /** Of the request that deleted the directory itself. */
  readonly requestId: string | undefined;
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
  const headers = (await unlessDoneBefore(reply))?.headers;
  return { deleted: 1, requestId: headers && text(headers, "x-ms-request-id") };
}
export { remove as delete };

async function removeTree(connection: Connection, request: DeleteDirectoryRequest): Promise<DirectoryDeleted> {
  const { share, lock, onProgress } = request;
  const { signal } = lock?.cover(connection, request) ?? request;
  const top = (directoryTarget(connection, request).path ?? "").replace(/^\/|\/$/g, "");
  if (top === "") throw new TypeError("path is missing: the root of a share cannot be deleted; delete what is in it, or the share");
  const run = limit(between("concurrency", request.concurrency ?? 8, 1, 64, true));
  const left: { path: string; code: string; message: string }[] = [];
  let deleted = 0;
  let first: unknown;
  let requestId: string | undefined;

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
    const pages = list(connection, { share, path, signal, lock }).pages()[Symbol.asyncIterator]();
    // Pages count among the requests that are under way at once, or a wide tree would ask for all of its directories together.
    const next = (): Promise<IteratorResult<Page<FileEntry | DirectoryEntry>>> => run(() => pages.next());
    for (let page = await next(); !page.done; page = await next()) {
      await Promise.all(
        page.value.entries.map(async (entry) => {
          const inner = `${path}/${entry.name}`;
          if (entry.kind === "file") return attempt(inner, () => removeFile(connection, { share, path: inner, signal, lock }));
          const before = left.length;
          await clear(inner).catch((error: unknown) => attempt(inner, () => Promise.reject(error)));
          // What still holds something cannot go; its contents are named already.
          if (!left.slice(before).some((item) => item.path === inner || item.path.startsWith(`${inner}/`))) {
            await attempt(inner, () => remove(connection, { share, path: inner, signal, lock }));
          }
        }),
      );
    }
  };
  await clear(top);
  if (left.length === 0) {
    await attempt(top, async () => {
      ({ requestId } = await remove(connection, { share, path: top, signal, lock }));
    });
  }
  if (left.length > 0) {
    const error = new AzureFilesError(
      `Delete Directory left ${left.length} items in ${shown(top)}, the first because: ${left[0]?.message}`,
      { cause: first },
    );
    error.transfer = { deleted, left } satisfies DeleteLeftovers;
    throw error;
  }
  return { deleted, requestId };
}
