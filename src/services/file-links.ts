/**
 * Symbolic and hard links, on NFS shares. Entry point: `azure-files/files`.
 */
import { between } from "../config.js";
import { date, flag, type Metadata, metadataHeaders, number, text } from "../transport/headers.js";
import { reconciled } from "../transport/retry.js";
import type { Connection } from "../types/connection.js";
import type { ItemProperties } from "../types/properties.js";
import type { WireHeaders } from "../types/responses.js";
import type { ReadFileRequest } from "./file-properties.js";
import type { FileRequest } from "./file-writes.js";
import { itemProperties } from "./item-properties.js";
import { headOf } from "./look.js";
import { fileTarget } from "./targets.js";

/** What `createSymbolicLink` takes. */
export interface CreateSymbolicLinkRequest extends FileRequest {
  /** What the link says: a path that nobody but an NFS client follows, at most 2 KiB. */
  text: string;
  /** Metadata by name. @default {} */
  metadata?: Metadata | undefined;
  /** ISO 8601 in UTC with up to seven decimals, or "now". @default now */
  creationTime?: string | undefined;
  /** ISO 8601 in UTC with up to seven decimals, or "now". @default now */
  lastWriteTime?: string | undefined;
  /** User id in decimal. @default "0" */
  owner?: string | undefined;
  /** Group id in decimal. @default "0" */
  group?: string | undefined;
}

/** What `createSymbolicLink` did. */
export interface SymbolicLinkCreated extends ItemProperties {
  readonly serverEncrypted: boolean | undefined;
}

/**
 * Creates a symbolic link. The service keeps the text as it comes, so NFS clients see it just so; only what an HTTP header cannot hold (all
 * but ASCII, control characters, spaces at its ends) and "%" are percent-encoded, and decoded again by `getSymbolicLink`.
 *
 * @throws ServiceError `ResourceAlreadyExists`, `ParentNotFound`, and a refusal on an SMB share; TypeError for a text that is empty or has
 * half of a surrogate pair; RangeError for one over 2 KiB as it is sent.
 * @see https://learn.microsoft.com/rest/api/storageservices/create-symbolic-link
 */
export async function createSymbolicLink(connection: Connection, request: CreateSymbolicLinkRequest): Promise<SymbolicLinkCreated> {
  if (typeof request.text !== "string" || request.text === "") throw new TypeError("text is missing: it is what the link says");
  const linkText = headerSafe("text", request.text);
  between("text length", linkText.length, 1, 2048);
  const target = fileTarget(connection, request);
  const call = connection.send({
    operation: "Create Symbolic Link",
    method: "PUT",
    target,
    query: { restype: "symboliclink" },
    headers: {
      "x-ms-link-text": linkText,
      "x-ms-lease-id": request.leaseId,
      "x-ms-file-creation-time": request.creationTime,
      "x-ms-file-last-write-time": request.lastWriteTime,
      "x-ms-owner": request.owner,
      "x-ms-group": request.group,
      ...metadataHeaders(request.metadata),
    },
    success: [201],
    idempotent: true,
    signal: request.signal,
  });
  const made = ({ headers }: { headers: WireHeaders }): SymbolicLinkCreated => ({
    ...itemProperties(headers),
    serverEncrypted: flag(headers, "x-ms-request-server-encrypted"),
  });
  return reconciled(connection, call.then(made), /^ResourceAlreadyExists$/, async (isOfNow) => {
    const found = await look(connection, { share: target.share, path: target.path, signal: request.signal });
    const isOurs = textOf(found.headers) === request.text && isOfNow(found.headers, date(found.headers, "last-modified"));
    return isOurs ? made(found) : undefined;
  });
}

/** What `getSymbolicLink` takes. */
export interface GetSymbolicLinkRequest extends Omit<ReadFileRequest, "leaseId"> {}

/** What `getSymbolicLink` resolves with. */
export interface SymbolicLink {
  /** What the link says. */
  readonly text: string;
  readonly etag: string | undefined;
  readonly lastModified: Date | undefined;
  readonly requestId: string | undefined;
}

/**
 * Reads a symbolic link.
 *
 * @throws ServiceError `ResourceNotFound`, and a refusal of what is no link.
 * @see https://learn.microsoft.com/rest/api/storageservices/get-symbolic-link
 */
export async function getSymbolicLink(connection: Connection, request: GetSymbolicLinkRequest = {}): Promise<SymbolicLink> {
  const { headers } = await look(connection, request);
  return {
    text: textOf(headers),
    etag: text(headers, "etag"),
    lastModified: date(headers, "last-modified"),
    requestId: text(headers, "x-ms-request-id"),
  };
}

const look = (connection: Connection, request: GetSymbolicLinkRequest): Promise<{ readonly headers: WireHeaders }> =>
  connection.send({
    operation: "Get Symbolic Link",
    method: "GET",
    target: fileTarget(connection, request),
    query: { restype: "symboliclink", sharesnapshot: request.snapshot },
    success: [200],
    idempotent: true,
    signal: request.signal,
  });

const textOf = (headers: WireHeaders): string => decoded(text(headers, "x-ms-link-text") ?? "");

/** A text as a header can carry it. Spaces and the like stay: what was encoded would be part of the path for every other client. */
function headerSafe(option: string, text: string): string {
  if (/\p{Cs}/u.test(text)) throw new TypeError(`${option} has half of a surrogate pair, which UTF-8 cannot write`);
  return text.replace(/[^\x20-\x7e]+|%|^ +| +$/g, encodeURIComponent);
}

/** The service encodes the whole text, and what was encoded on its way there once more. */
function decoded(encoded: string): string {
  try {
    const once = decodeURIComponent(encoded);
    return /%[0-9a-f]{2}/i.test(once) ? decodeURI(once) : once;
  } catch {
    // A link of somebody who writes percent signs.
    return encoded;
  }
}

/** What `createHardLink` takes. */
export interface CreateHardLinkRequest extends FileRequest {
  /** Path of the file that gets another name, in the same share. */
  existing: string;
}

/** What `createHardLink` did. */
export interface HardLinkCreated extends ItemProperties {
  /** How many names the file has now. */
  readonly linkCount: number | undefined;
  readonly serverEncrypted: boolean | undefined;
}

/**
 * Gives a file another name; a lease id is that of the file.
 *
 * @throws ServiceError `ResourceNotFound`, `ResourceAlreadyExists`, `ParentNotFound`, and a refusal on an SMB share.
 * @see https://learn.microsoft.com/rest/api/storageservices/create-hard-link
 */
export async function createHardLink(connection: Connection, request: CreateHardLinkRequest): Promise<HardLinkCreated> {
  const { share, signal } = request;
  const file = fileTarget(connection, { share, path: request.existing });
  const target = fileTarget(connection, request);
  const call = connection.send({
    operation: "Create Hard Link",
    method: "PUT",
    target,
    query: { restype: "hardlink" },
    headers: { "x-ms-type": "file", "x-ms-file-target-file": headerSafe("existing", file.path), "x-ms-lease-id": request.leaseId },
    success: [201],
    idempotent: true,
    signal,
  });
  const made = ({ headers }: { headers: WireHeaders }): HardLinkCreated => ({
    ...itemProperties(headers),
    linkCount: number(headers, "x-ms-link-count"),
    serverEncrypted: flag(headers, "x-ms-request-server-encrypted"),
  });
  return reconciled(connection, call.then(made), /^ResourceAlreadyExists$/, async () => {
    const [one, other] = [await headOf(connection, "File", file, signal), await headOf(connection, "File", target, signal)];
    const id = text(one, "x-ms-file-id");
    return id !== undefined && id === text(other, "x-ms-file-id") ? made({ headers: other }) : undefined;
  });
}
