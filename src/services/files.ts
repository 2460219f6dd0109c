/**
 * Operations on files. Service version 2026-10-06.
 */
export {
  create,
  type CreateFileRequest,
  createIfMissing,
  type FileCreated,
  type FileWritten,
  write,
  type WriteFileRequest,
} from "./file-creation.js";
export { abortCopy, type AbortCopyRequest, type CopyAborted, type CopyStarted, startCopy, type StartCopyRequest } from "./file-copies.js";
export {
  createHardLink,
  type CreateHardLinkRequest,
  createSymbolicLink,
  type CreateSymbolicLinkRequest,
  getSymbolicLink,
  type GetSymbolicLinkRequest,
  type HardLinkCreated,
  type SymbolicLink,
  type SymbolicLinkCreated,
} from "./file-links.js";
export {
  delete,
  exists,
  type FileChanged,
  type FileDeleted,
  type FileMetadata,
  type FileProperties,
  getMetadata,
  type GetFileMetadataRequest,
  getProperties,
  type ReadFileRequest,
  setMetadata,
  type SetFileMetadataRequest,
  setProperties,
} from "./file-properties.js";
export {
  clearRange,
  type ClearRangeRequest,
  listRanges,
  putRange,
  putRangeFromUrl,
  type PutRangeFromUrlRequest,
  type RangeEntry,
  rangePages,
  type RangePagesRequest,
  type RangesListed,
  type RangeWritten,
} from "./file-ranges.js";
export { type FileContent, type GetFileRequest, read } from "./file-reads.js";
export { rename, type RenameFileRequest } from "./file-renames.js";
export type { Renamed } from "./renames.js";
export type { FileRequest, PutRangeRequest, SetFilePropertiesRequest, StructuredBody } from "./file-writes.js";
export { forceCloseFileHandles as forceCloseHandles, listFileHandles as listHandles } from "./handles.js";
export type { CopySource, FileOfAccount } from "./copy-source.js";
export type { ForceCloseHandlesRequest, Handle, HandlesClosed, ListHandlesRequest } from "./handles.js";
export type { ListRangesRequest } from "./range-list.js";
