/** Transfers of any size: `upload`, `download`, `downloadRange`. */
export { type Download, download, type DownloadRangeRequest, type DownloadRequest, downloadRange } from "./download.js";
export type { UploadBody } from "./source.js";
export { type TransferProgress, type Upload, upload, type UploadPhase, type UploadRequest, type UploadState } from "./upload.js";
