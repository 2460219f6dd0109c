/**
 * Making directories. Entry point: `azure-files/directories`.
 */
import { isServiceError, type ServiceError } from "../errors.js";
import { splitParent } from "../transport/address.js";
import { date, flag, type Metadata, metadataHeaders } from "../transport/headers.js";
import { reconciled } from "../transport/retry.js";
import type { Connection } from "../types/connection.js";
import type { ItemProperties, NfsOptions, SmbOptions } from "../types/properties.js";
import type { WireHeaders } from "../types/responses.js";
import { type DirectoryRequest, getProperties } from "./directory-properties.js";
import { nfsHeaders, smbHeaders } from "./header-groups.js";
import { itemProperties } from "./item-properties.js";
import { hasMetadata, headOf } from "./look.js";
import { directoryTarget } from "./targets.js";

/** What `create` takes. */
export interface CreateDirectoryRequest extends DirectoryRequest {
  /** Also creates the parents that are missing, and takes a directory that is there already for granted. @default false */
  recursive?: boolean | undefined;
  /** Metadata by name. @default {} */
  metadata?: Metadata | undefined;
  /** Attributes, times and permission; on SMB shares. */
  smb?: SmbOptions | undefined;
  /** Owner, group and mode; on NFS shares. */
  nfs?: NfsOptions | undefined;
  /** "Restore" stores attributes and permission just as they are given, as a restore wants it. @default "New" */
  propertySemantics?: "New" | "Restore" | (string & {}) | undefined;
}

/** What `create` did. */
export interface DirectoryCreated extends ItemProperties {
  /** False where `recursive` or `createIfMissing` found the directory. */
  readonly created: boolean;
  readonly serverEncrypted: boolean | undefined;
}

/**
 * Creates a directory. With `recursive` it is still one request where the parent exists.
 *
 * Where an answer was lost and the next try finds a directory that was made since the call began, with the metadata asked for, that is taken
 * for this call's own.
 *
 * @throws ServiceError `ParentNotFound`, `ResourceAlreadyExists`; the latter also where a file has the name.
 * @see https://learn.microsoft.com/rest/api/storageservices/create-directory
 */
export async function create(connection: Connection, request: CreateDirectoryRequest): Promise<DirectoryCreated> {
  if (request.recursive) return createWithParents(connection, request);
  const target = directoryTarget(connection, request);
  const call = connection.send({
    operation: "Create Directory",
    method: "PUT",
    target,
    query: { restype: "directory" },
    headers: {
      "x-ms-allow-trailing-dot": connection.allowTrailingDot,
      ...smbHeaders(request.smb),
      ...nfsHeaders(request.nfs),
      "x-ms-file-property-semantics": request.propertySemantics,
      ...metadataHeaders(request.metadata),
    },
    success: [201],
    idempotent: true,
    signal: request.signal,
  });
  const made = ({ headers }: { headers: WireHeaders }): DirectoryCreated => ({
    created: true,
    ...itemProperties(headers),
    serverEncrypted: flag(headers, "x-ms-request-server-encrypted"),
  });
  return reconciled(connection, call.then(made), /^ResourceAlreadyExists$/, async (isOfNow) => {
    const headers = await headOf(connection, "Directory", target, request.signal);
    // The creation time may be the caller's, and what is put into a directory moves the other one.
    const time = request.smb?.creationTime === undefined ? date(headers, "x-ms-file-creation-time") : undefined;
    return isOfNow(headers, time ?? date(headers, "last-modified")) && hasMetadata(headers, request.metadata)
      ? made({ headers })
      : undefined;
  });
}

/** Tries the directory first and its parents only when the service misses them, so that the usual case is one request. */
async function createWithParents(connection: Connection, request: CreateDirectoryRequest): Promise<DirectoryCreated> {
  const { parent } = splitParent(directoryTarget(connection, request).path ?? "");
  const itself = { ...request, recursive: false };
  try {
    return await createIfMissing(connection, itself);
  } catch (error) {
    if (parent === "" || !isServiceError(error, "ParentNotFound")) throw error;
    await createWithParents(connection, { share: request.share, path: parent, signal: request.signal, lock: request.lock });
    return createIfMissing(connection, itself);
  }
}

/**
 * Creates a directory, or finds that it is there. An existing one stays as it is; a file with the name is an error. Without permission to
 * read, an existing one has no properties in the result, and a file with the name cannot be told from it.
 */
export async function createIfMissing(connection: Connection, request: CreateDirectoryRequest): Promise<DirectoryCreated> {
  try {
    return await create(connection, request);
  } catch (error) {
    if (!isServiceError(error, "ResourceAlreadyExists")) throw error;
    try {
      const { metadata: _, ...properties } = await getProperties(connection, request);
      return { created: false, ...properties };
    } catch (second) {
      if (!isServiceError(second)) throw second;
      // Creating needs no permission to read: that it exists is known, and what it is like stays unknown.
      if ((second as ServiceError).status === 403) return { created: false, ...itemProperties(NOTHING_KNOWN), serverEncrypted: undefined };
      // It exists, and is no directory: that is what the first answer meant.
      throw (second as ServiceError).status < 500 ? error : second;
    }
  }
}

/** The headers of an answer that may not be read. */
const NOTHING_KNOWN: WireHeaders = { get: () => null, forEach: () => undefined };
