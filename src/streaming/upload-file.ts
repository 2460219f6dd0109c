/**
 * The file that an upload writes: how it is made or found again, and how it becomes what was asked for in the end.
 */
import { IntegrityError, isIntegrityError, isServiceError, type ServiceError } from "../errors.js";
import { createFile, type FileRequest, onFile, setFileProperties } from "../services/file-writes.js";
import { fileTarget } from "../services/targets.js";
import { splitParent, urlOf } from "../transport/address.js";
import { bytesIn, sizeOfBody } from "../transport/bytes.js";
import { type Metadata, metadataHeaders } from "../transport/headers.js";
import { unlessDoneBefore } from "../transport/retry.js";
import type { Connection, Operation } from "../types/connection.js";
import type { WireBody } from "../types/requests.js";
import { base64 } from "./base64.js";
import { findJournal, fingerprintOf, headOf, type Journal } from "./journal.js";
import { CRC64_METADATA, UPLOAD_MARKER } from "./marks.js";
import type { Source } from "./source.js";
import type { UploadRequest } from "./upload.js";

/** How an upload's operations are sent. */
export type SendOperation = (operation: Operation<undefined>) => Promise<unknown>;

/** What is known of an upload when its file is looked for. */
export interface UploadPlan {
  readonly rangeSize: number;
  /** Bytes in the body; undefined while that is not known. */
  readonly size: number | undefined;
  /** The first part, where it was read already. */
  readonly first: WireBody | undefined;
  readonly signal: AbortSignal;
  readonly send: SendOperation;
}

/** What an upload needs to know of its file. */
export interface UploadFile {
  /** What the ranges are written to: the file itself, or one under a temporary name. */
  readonly target: FileRequest;
  /** What an earlier upload left, where this one goes on. */
  readonly journal: Journal | undefined;
  /** Makes the file, unless it goes on with one. */
  create(size: number): Promise<void>;
  /** Changes its size. */
  resize(size: number): Promise<void>;
  /** Takes the marker away, stores the sum of the whole, and gives the file its name; undefined where the answer to that was lost. */
  finish(sum: Uint8Array | undefined): Promise<unknown>;
  /** Takes the file away again. */
  remove(): Promise<void>;
}

/**
 * Finds out where to write, and what is there.
 *
 * @throws IntegrityError `exists` and `resume`.
 */
export async function openUploadFile(
  connection: Connection,
  request: UploadRequest,
  source: Source,
  { rangeSize, size, first, signal, send }: UploadPlan,
): Promise<UploadFile> {
  const { path, share } = fileTarget(connection, request);
  const { checksum, content, smb, leaseId } = request;
  const fingerprint = await fingerprintOf(source, rangeSize, size, first);
  const named = { share, path, leaseId, signal };
  // A temporary file has no lease.
  const target: FileRequest = request.atomic ? { share, path: temporaryPath(path, fingerprint), signal } : named;
  const journal = request.resume
    ? await findJournal(connection, target, fingerprint, size, request.atomic).catch((error: unknown) => {
        if (request.resume === "restart" && isIntegrityError(error, "resume")) return undefined;
        throw error;
      })
    : undefined;
  if (request.overwrite === false && (journal === undefined || request.atomic)) await refuseExisting(connection, named);
  const metadata: Metadata = { ...request.metadata };
  // A range moves the last-write time, and so do a change of size and of properties.
  const times = smb?.lastWriteTime === undefined ? undefined : { lastWriteTime: smb.lastWriteTime };
  const setProperties = (change: Parameters<typeof setFileProperties>[1]): Promise<unknown> =>
    send(setFileProperties(connection, { ...target, ...change, smb: times }));
  return {
    target,
    journal,
    async create(bytes) {
      if (journal) return;
      const marked = { ...metadata, [UPLOAD_MARKER]: fingerprint };
      await send(createFile(connection, { ...request, ...target, metadata: marked, size: bytes }));
    },
    async resize(bytes) {
      // Without stored HTTP headers, because the service then leaves those of the file alone.
      await setProperties({ size: bytes });
    },
    async finish(sum) {
      if (sum && checksum?.algorithm === "md5") {
        // All six, because the service clears those that are not said.
        await setProperties({ content: { type: "application/octet-stream", ...content, md5: base64(sum) } });
      }
      const stored = sum && checksum?.algorithm === "crc64" ? { ...metadata, [CRC64_METADATA]: base64(sum) } : metadata;
      const reply = await send(setMetadataOf(connection, target, stored));
      if (!request.atomic) return reply;
      // A second try after a first that did its work finds no temporary file, and nobody else knows that name.
      const renamed = send(renameOf(connection, target, named, request.overwrite !== false));
      return unlessDoneBefore(renamed, isMissing).catch((error: unknown) => {
        // Somebody made it meanwhile.
        throw isServiceError(error, "ResourceAlreadyExists") ? exists(error) : error;
      });
    },
    async remove() {
      await send(deleteOf(connection, target));
    },
  };
}

/**
 * Writes a file whose content fits one request: it is there as a whole, or not at all. Resolves to false where the service takes no content
 * with Create File, and nothing was written.
 */
export async function createWhole(
  connection: Connection,
  request: UploadRequest,
  body: WireBody | undefined,
  send: SendOperation,
): Promise<boolean> {
  const { checksum, content, metadata } = request;
  const guarded = body && checksum?.protect(await bytesIn(body));
  const sum = guarded && base64(guarded.own);
  const operation = createFile(connection, {
    ...request,
    size: body ? sizeOfBody(body) : 0,
    content: checksum?.algorithm === "md5" ? { ...content, md5: sum } : content,
    metadata: checksum?.algorithm === "crc64" && sum !== undefined ? { ...metadata, [CRC64_METADATA]: sum } : metadata,
  });
  try {
    await send({ ...operation, headers: { ...operation.headers, ...guarded?.headers }, body: guarded?.body ?? body });
    return true;
  } catch (error) {
    if (isServiceError(error, "RequestBodyTooLarge") || isServiceError(error, "UnsupportedHeader")) return false;
    throw error;
  }
}

/** Throws unless the name is free. */
export async function refuseExisting(connection: Connection, target: FileRequest): Promise<void> {
  // Without the lease id: whether it fits is not the question.
  if (await headOf(connection, { ...target, leaseId: undefined })) throw exists();
}

const exists = (cause?: unknown): IntegrityError =>
  new IntegrityError("exists", "there is a file of that name already, and overwrite is false", { cause });

/** A name beside the file's own that the same source finds again; it tells what it is, and how to get rid of it. */
function temporaryPath(path: string, fingerprint: string): string {
  const { parent, name } = splitParent(path);
  const temporary = `${name.slice(0, 180)}.${fingerprint.slice(0, 60)}.partial`;
  return parent === "" ? temporary : `${parent}/${temporary}`;
}

const setMetadataOf = (connection: Connection, target: FileRequest, metadata: Metadata): Operation<undefined> =>
  onFile(connection, target, "Set File Metadata", metadataHeaders(metadata), "metadata");

const deleteOf = (connection: Connection, target: FileRequest): Operation<undefined> => ({
  ...onFile(connection, target, "Delete File"),
  method: "DELETE",
  success: [202, 404],
  // What is taken away is taken away after the end, and without waiting for better times.
  signal: undefined,
  whenOpen: "fail",
});

const renameOf = (connection: Connection, from: FileRequest, to: FileRequest, replace: boolean): Operation<undefined> => {
  const headers = {
    "x-ms-file-rename-source": urlOf(connection.endpoint, fileTarget(connection, from)),
    "x-ms-file-rename-replace-if-exists": replace,
    "x-ms-source-allow-trailing-dot": connection.allowTrailingDot,
    "x-ms-lease-id": undefined,
    "x-ms-destination-lease-id": to.leaseId,
  };
  return onFile(connection, to, "Rename File", headers, "rename");
};

/** A parent that is missing is another matter. */
const isMissing = (refusal: ServiceError): boolean => refusal.code === "ResourceNotFound";

/** Whether a failure says that the service wants the ranges of a file one after the other. */
export function isConflict(error: unknown): boolean {
  const { status, code } = error as ServiceError;
  return isServiceError(error) && status === 409 && /^(FileLockConflict|SharingViolation|Conflict|Unknown)$/.test(code);
}
