/**
 * Groups of request headers that several operations share: content, SMB and NFS. A fourth, metadata, is in `transport/headers.ts`.
 */
import type { RequestHeaderName } from "../types/requests.js";
import type { ContentProperties, NfsOptions, SmbOptions } from "../types/properties.js";

type Headers = { [name in RequestHeaderName]?: string | undefined };

/** Field names are the headers' words in camelCase: this makes headers of them again. "" leaves one out, which is how one is cleared. */
const headersOf = (prefix: string, fields: object = {}): Headers =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      prefix + name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
      value || undefined,
    ]),
  );

/** The six stored HTTP headers of a file. */
export function contentHeaders({ cacheControl, ...content }: ContentProperties = {}): Headers {
  return { ...headersOf("x-ms-content-", content), ...headersOf("x-ms-", { cacheControl }) };
}

/** Attributes, times and permissions as SMB clients see them. */
export function smbHeaders(smb: SmbOptions | undefined): Headers {
  if (smb?.permission && smb.permissionKey) throw new TypeError("smb has both permission and permissionKey; one of them is wanted");
  return headersOf("x-ms-file-", smb);
}

/** Owner, group and mode as NFS clients see them. */
export const nfsHeaders = (nfs: NfsOptions | undefined): Headers => headersOf("x-ms-", nfs);
