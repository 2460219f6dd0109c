/**
 * Bytes in the forms that callers hold them, as the body of one request.
 */
import { shown } from "../redact.js";
import type { WireBody } from "../types/requests.js";

/** Bytes that are at hand: a string is written as UTF-8. */
export type BytesLike = Blob | ArrayBufferLike | ArrayBufferView | string;

/** Whether it is a `Blob`, of this realm or another; a `File` is one. */
export function isBlob(value: unknown): value is Blob {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as Blob).slice === "function" &&
    typeof (value as Blob).arrayBuffer === "function"
  );
}

/** Whether the engine does not know it as a `Blob`, as one of jsdom's or of a library's, and would write its name in place of its bytes. */
const isStrange = (blob: Blob): boolean => new Blob([blob.slice(0, 0)]).size > 0;

/**
 * Bytes as a body, without copying where possible.
 *
 * @throws TypeError for anything else, with its kind.
 */
export function bodyOf(value: BytesLike): WireBody {
  if (typeof value === "string") return new TextEncoder().encode(value);
  // Without a type, for an engine would send that as Content-Type; Bun does so even of slices.
  if (isBlob(value)) return value.type && !isStrange(value) ? new Blob([value], { type: "" }) : value;
  if (typeof (value as ArrayBuffer | null)?.byteLength !== "number") {
    throw new TypeError(`body is ${shown(value)}, but must be a Blob, bytes or a string`);
  }
  const bytes = ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : new Uint8Array(value);
  // Shared memory may change while it is sent, and fetch refuses it.
  return bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : bytes.slice();
}

/** Bytes in a body. */
export const sizeOfBody = (body: WireBody): number => (isBlob(body) ? body.size : body.byteLength);

/** The part of a body from `start` to before `end`, by reference. */
export const sliceOf = (body: WireBody, start: number, end: number): WireBody =>
  isBlob(body) ? body.slice(start, end) : body.subarray(start, end);

/** The bytes of a body; those of a `Blob` are read now. */
export const bytesIn = async (body: WireBody): Promise<Uint8Array<ArrayBuffer>> =>
  isBlob(body) ? new Uint8Array(await body.arrayBuffer()) : body;
