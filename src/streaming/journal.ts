/**
 * The journal of an upload, kept by the service itself: a marker in the file's metadata says what is being written, the file's own list of
 * ranges says how far it came. So an upload goes on after a reload, a crash or on another machine, and one that never ended can be told
 * from a file that is whole.
 */
import { IntegrityError, isServiceError, type ServiceError } from "../errors.js";
import { type FileRequest, onFile } from "../services/file-writes.js";
import { parseRangeList, rangeListOf } from "../services/range-list.js";
import { metadata, number, text } from "../transport/headers.js";
import { bytesIn, sliceOf } from "../transport/bytes.js";
import type { Connection } from "../types/connection.js";
import type { WireBody } from "../types/requests.js";
import type { WireHeaders } from "../types/responses.js";
import { UPLOAD_MARKER } from "./marks.js";
import { bytesOf } from "./ranges.js";
import type { Source } from "./source.js";

/**
 * What tells one source from another: size, time of the last change, and a sum over a few pieces of 4 KiB, or over the first of a stream. No
 * secret, no address, no name.
 *
 * @param rangeSize Is part of it, because only whole ranges are taken for written.
 * @param first The first part, of a source that cannot be read at any place.
 */
export async function fingerprintOf(
  { lastModified, sample, release }: Source,
  rangeSize: number,
  size: number | undefined,
  first: WireBody | undefined,
): Promise<string> {
  // FNV-1a, a cheap hash of 32 bits: it tells files apart, and proves nothing.
  let sum = 0x811c9dc5;
  const add = async (part: WireBody): Promise<void> => {
    for (const byte of await bytesIn(part)) sum = Math.imul(sum ^ byte, 0x01000193);
  };
  if (first) await add(sliceOf(first, 0, 4096));
  else if (sample && size) {
    for (const at of [0, Math.floor(size / 2), Math.max(0, size - 4096)]) {
      const part = await sample(at, Math.min(size, at + 4096));
      await add(part);
      release(part);
    }
  }
  return ["1", rangeSize, size ?? "unknown", lastModified ?? "unknown", sum >>> 0].join("-");
}

/** What an earlier upload left. */
export interface Journal {
  /** Bytes from `start` to before `end` that are written; NaN where none are listed, but not all that is written was. */
  written(start: number, end: number): number;
}

/**
 * Looks for an unfinished upload of the same source. Undefined where there is no file, or one that nothing is being written to.
 *
 * @param isTemporary Whether nothing but an upload of this source has that name: without the mark, it may lack nothing but its own name.
 * @param looks How often a file that changes meanwhile is looked at before that counts as somebody else's writing.
 * @throws IntegrityError `resume` where another source is being written there, or what is there has another size.
 */
export async function findJournal(
  connection: Connection,
  request: FileRequest,
  fingerprint: string,
  size: number | undefined,
  isTemporary: boolean | undefined,
  looks = 10,
): Promise<Journal | undefined> {
  const headers = await headOf(connection, request);
  const marker = headers && metadata(headers)[UPLOAD_MARKER];
  if (headers === undefined || (marker === undefined && !isTemporary)) return undefined;
  if ((marker ?? fingerprint) !== fingerprint) {
    throw new IntegrityError(
      "resume",
      "the unfinished upload there is of another source, of this one before it changed, or in other ranges",
    );
  }
  const length = number(headers, "content-length");
  if (length !== size) throw new IntegrityError("resume", `the unfinished file has ${length} bytes and its source ${size}`);
  const { headers: listed, payload } = await connection.send(rangeListOf(connection, request));
  const [before, now] = [text(headers, "etag"), text(listed, "etag")];
  if (before && now && before !== now) {
    // What was on its way when a page was left may still arrive: looked at again, it stands still.
    if (looks > 1) return findJournal(connection, request, fingerprint, size, isTemporary, looks - 1);
    throw new IntegrityError("resume", "the unfinished file is being written to by somebody else");
  }
  const { ranges, marker: more } = parseRangeList(payload);
  return { written: (start, end) => bytesOf(ranges, start, end) || (more ? NaN : 0) };
}

/** The headers of a file's properties; undefined where there is no such file. */
export async function headOf(connection: Connection, request: FileRequest): Promise<WireHeaders | undefined> {
  try {
    return (await connection.send({ ...onFile(connection, request, "Get File Properties"), method: "HEAD" })).headers;
  } catch (error) {
    if (isServiceError(error) && (error as ServiceError).status === 404) return undefined;
    throw error;
  }
}
