/**
 * What the holder of a lock by a file writes into the file's metadata, and the words for it.
 *
 * One metadata value holds it all, as JSON in ASCII, so that it is written and read as a whole.
 */
import type { FileProperties } from "../services/file-properties.js";

/** The metadata that holds it, which also marks the file as that of a lock. */
export const LOCK_METADATA = "azurefileslock";

/** What is published of a lock. */
export interface LockRecord {
  /** Lease id of the holder, or of the one who is about to hold it; "" before the first. */
  readonly id: string;
  /** Who that is, for people. */
  readonly owner: string;
  /** Counts signs of life. */
  readonly beat: number;
  /** When the last one was given, by the holder's clock, for people: ISO 8601. */
  readonly time: string;
  /** Grows with each holder. */
  readonly fence: number;
  /** Milliseconds without a sign of life after which others may take the lock: the holder's promise not to work beyond them. */
  readonly staleAfter: number;
}

/** A record as metadata. */
export const recordMetadata = (record: LockRecord): Record<string, string> => ({
  [LOCK_METADATA]: JSON.stringify(record).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  ),
});

/** The record in a file's metadata; undefined where there is none that can be read. */
export function recordOf({ metadata }: Pick<FileProperties, "metadata">): LockRecord | undefined {
  try {
    const { id, owner, beat, time, fence, staleAfter } = JSON.parse(metadata[LOCK_METADATA] ?? "") as Partial<LockRecord>;
    if (typeof id !== "string" || !Number.isSafeInteger(fence) || !Number.isSafeInteger(staleAfter)) return undefined;
    return { id, owner: String(owner ?? ""), beat: Number(beat), time: String(time ?? ""), fence: fence ?? 0, staleAfter: staleAfter ?? 0 };
  } catch {
    return undefined;
  }
}
