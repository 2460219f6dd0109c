/**
 * Rename File. Entry point: `azure-files/files`.
 */
import type { Connection } from "../types/connection.js";
import { type Renamed, renamed, renameOf, type RenameRequest } from "./renames.js";
import { fileTarget } from "./targets.js";

/** What `rename` takes. */
export interface RenameFileRequest extends RenameRequest {
  /** The stored Content-Type. @default that which it has */
  contentType?: string | undefined;
}

/**
 * Renames or moves a file within its share. Needs permission to write and to delete; a SAS of a single file names no other.
 *
 * @throws ServiceError `ResourceAlreadyExists`, `ResourceNotFound`, `ParentNotFound`, `ReadOnlyAttribute`, `LeaseIdMissing`.
 * @see https://learn.microsoft.com/rest/api/storageservices/rename-file
 */
export async function rename(connection: Connection, request: RenameFileRequest): Promise<Renamed> {
  const { share, lock } = request;
  const to = fileTarget(connection, { share, path: request.to, lock });
  const from = fileTarget(connection, request);
  const operation = renameOf(connection, request, from, to);
  return renamed(connection, "File", from, {
    ...operation,
    operation: "Rename File",
    query: { comp: "rename" },
    headers: { ...operation.headers, "x-ms-content-type": request.contentType },
  });
}
