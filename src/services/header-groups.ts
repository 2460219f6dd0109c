/**
 * The three groups of headers that several operations share: content, SMB and metadata; and the model of what comes back.
 */
import { date, flag, metadata, number, text } from "../transport/headers.js";
import type { RequestHeaderName } from "../types/requests.js";
import type { WireHeaders } from "../types/responses.js";
import type { ContentProperties, FileFacts, ItemProperties, SmbOptions } from "../types/properties.js";

type Headers = { [name in RequestHeaderName]?: string | number | undefined };

/** The six stored HTTP headers of a file; "" leaves one out, which is how the service clears it. */
export function contentHeaders(content: ContentProperties | undefined): Headers {
  const said = (value: string | undefined): string | undefined => value || undefined;
  return {
    "x-ms-content-type": said(content?.type),
    "x-ms-content-encoding": said(content?.encoding),
    "x-ms-content-language": said(content?.language),
    "x-ms-content-disposition": said(content?.disposition),
    "x-ms-cache-control": said(content?.cacheControl),
    "x-ms-content-md5": said(content?.md5),
  };
}

/** Attributes, times and permissions as SMB clients see them. */
export function smbHeaders(smb: SmbOptions | undefined): Headers {
  if (smb?.permission !== undefined && smb.permissionKey !== undefined) {
    throw new TypeError("smb has both permission and permissionKey, but the service takes one of them");
  }
  return {
    "x-ms-file-attributes": smb?.attributes,
    "x-ms-file-creation-time": smb?.creationTime,
    "x-ms-file-last-write-time": smb?.lastWriteTime,
    "x-ms-file-change-time": smb?.changeTime,
    "x-ms-file-permission": smb?.permission,
    "x-ms-file-permission-key": smb?.permissionKey,
    "x-ms-file-permission-format": smb?.permissionFormat,
  };
}

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
    requestId: text(headers, "x-ms-request-id"),
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
      md5: text(headers, "x-ms-content-md5") ?? text(headers, "content-md5"),
    },
    metadata: metadata(headers),
    leaseStatus: text(headers, "x-ms-lease-status"),
    leaseState: text(headers, "x-ms-lease-state"),
    leaseDuration: text(headers, "x-ms-lease-duration"),
    serverEncrypted: flag(headers, "x-ms-server-encrypted"),
    size: number(headers, "content-length"),
  };
}
