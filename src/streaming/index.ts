/** Transfers of any size: `upload`, `download`, `downloadRange`, `downloadTo`; and uploads that never ended. */
export { type Download, download, type DownloadRangeRequest, downloadRange } from "./download.js";
export type { DownloadFacts, DownloadRequest } from "./download-facts.js";
export { type Checksum, crc64, md5, type Md5Hash, type SummedRange, type WholeSum } from "./checksum.js";
export type { OpenableBody, OpenBody, UploadBody } from "./source.js";
export { type DownloadSink, downloadTo, type DownloadToRequest, type DownloadWritten, type OpenSink } from "./download-to.js";
export { type TransferProgress, type Upload, upload, type UploadPhase, type UploadRequest, type UploadState } from "./upload.js";
export { deleteUnfinished, listUnfinished, type UnfinishedRequest, type UnfinishedUpload } from "./unfinished.js";
