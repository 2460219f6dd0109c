/**
 * Reads what answers say of directories and files.
 */
import { date, flag, metadata, number, text } from "../transport/headers.js";
import type { CopyFacts, FileFacts, ItemProperties } from "../types/properties.js";
import type { WireHeaders } from "../types/responses.js";

/** What every answer about a directory or file says of it. */
export function itemProperties(headers: WireHeaders): ItemProperties {
  return {
    etag: text(headers, "etag"),
    lastModified: date(headers, "last-modified"),
    attributes: text(headers, "x-ms-file-attributes"),
    creationTime: text(headers, "x-ms-file-creation-time"),
    lastWriteTime: text(headers, "x-ms-file-last-write-time"),
    changeTime: text(headers, "x-ms-file-change-time"),
    fileId: text(headers, "x-ms-file-id"),
    parentId: text(headers, "x-ms-file-parent-id"),
    permissionKey: text(headers, "x-ms-file-permission-key"),
    owner: text(headers, "x-ms-owner"),
    group: text(headers, "x-ms-group"),
    mode: text(headers, "x-ms-mode"),
    fileType: text(headers, "x-ms-file-file-type"),
    requestId: text(headers, "x-ms-request-id"),
  };
}

function copyFacts(headers: WireHeaders): CopyFacts | undefined {
  const id = text(headers, "x-ms-copy-id");
  if (id === undefined) return undefined;
  return {
    id,
    status: text(headers, "x-ms-copy-status"),
    source: text(headers, "x-ms-copy-source"),
    progress: text(headers, "x-ms-copy-progress"),
    completedOn: date(headers, "x-ms-copy-completion-time"),
    statusDescription: text(headers, "x-ms-copy-status-description"),
  };
}

/** What reading a file's properties or content says of it besides. */
export function fileProperties(headers: WireHeaders): ItemProperties & FileFacts {
  return {
    ...itemProperties(headers),
    content: {
      type: text(headers, "content-type"),
      encoding: text(headers, "content-encoding"),
      language: text(headers, "content-language"),
      disposition: text(headers, "content-disposition"),
      cacheControl: text(headers, "cache-control"),
      // Of a part, Content-MD5 is that of the part, and the stored one has a header of its own.
      md5: text(headers, "x-ms-content-md5") ?? (headers.get("content-range") === null ? text(headers, "content-md5") : undefined),
    },
    metadata: metadata(headers),
    leaseStatus: text(headers, "x-ms-lease-status"),
    leaseState: text(headers, "x-ms-lease-state"),
    leaseDuration: text(headers, "x-ms-lease-duration"),
    serverEncrypted: flag(headers, "x-ms-server-encrypted"),
    linkCount: number(headers, "x-ms-link-count"),
    copy: copyFacts(headers),
    size: number(headers, "content-length"),
  };
}
