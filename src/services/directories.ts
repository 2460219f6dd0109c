/**
 * Operations on directories. Service version 2026-10-06.
 */
export { create, type CreateDirectoryRequest, createIfMissing, type DirectoryCreated } from "./directory-creation.js";
export { delete, type DeleteDirectoryRequest, type DeleteLeftovers, type DirectoryDeleted } from "./directory-deletion.js";
export { list, type ListDirectoryRequest } from "./directory-listing.js";
export {
  type DirectoryChanged,
  type DirectoryMetadata,
  type DirectoryProperties,
  type DirectoryRequest,
  exists,
  type GetDirectoryPropertiesRequest,
  getMetadata,
  getProperties,
  setMetadata,
  type SetDirectoryMetadataRequest,
  setProperties,
  type SetDirectoryPropertiesRequest,
} from "./directory-properties.js";
export { rename, type RenameDirectoryRequest } from "./directory-renames.js";
export type { Renamed } from "./renames.js";
export { forceCloseDirectoryHandles as forceCloseHandles, listDirectoryHandles as listHandles } from "./handles.js";
export type { ForceCloseDirectoryHandlesRequest, Handle, HandlesClosed, ListDirectoryHandlesRequest } from "./handles.js";
