/**
 * Two groups of request headers that several operations share: content and SMB. The third, metadata, is in `transport/headers.ts`.
 */
import type { RequestHeaderName } from "../types/requests.js";
import type { ContentProperties, SmbOptions } from "../types/properties.js";

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
