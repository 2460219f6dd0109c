/**
 * Rename Directory. Entry point: `azure-files/directories`.
 */
import type { Connection } from "../types/connection.js";
import { type Renamed, renamed, renameOf, type RenameRequest } from "./renames.js";
import { directoryTarget } from "./targets.js";

/** What `rename` takes. */
export interface RenameDirectoryRequest extends RenameRequest {}

/**
 * Renames or moves a directory with all that is in it, within its share. Needs permission to write and to delete.
 *
 * @throws ServiceError `ResourceAlreadyExists`, `ResourceNotFound`, `ParentNotFound`, `LeaseIdMissing`.
 * @see https://learn.microsoft.com/rest/api/storageservices/rename-directory
 */
export async function rename(connection: Connection, request: RenameDirectoryRequest): Promise<Renamed> {
  const to = directoryTarget(connection, { share: request.share, path: request.to, lock: request.lock });
  const from = directoryTarget(connection, request);
  return renamed(connection, "Directory", from, {
    ...renameOf(connection, request, from, to),
    operation: "Rename Directory",
    query: { restype: "directory", comp: "rename" },
  });
}
