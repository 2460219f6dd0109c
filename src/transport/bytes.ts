/**
 * Bytes in the forms that callers hold them, as the body of one request.
 */
import type { WireBody } from "../types/requests.js";

/** Bytes that are at hand: a string is written as UTF-8. */
export type BytesLike = Blob | ArrayBufferLike | ArrayBufferView | string;

/** Whether it is a `Blob`, of this realm or another; a `File` is one. */
export function isBlob(value: unknown): value is Blob {
  return typeof value === "object" && value !== null && typeof (value as Blob).slice === "function" && typeof (value as Blob).arrayBuffer === "function";
}

/**
 * Bytes as a body, without copying where possible.
 *
 * @throws TypeError for anything else, with its kind.
 */
export function bodyOf(value: BytesLike): WireBody {
  if (typeof value === "string") return new TextEncoder().encode(value);
  // Without a type, for an engine would send that as Content-Type.
  if (isBlob(value)) return value.type === "" ? value : value.slice(0, value.size);
  const view = ArrayBuffer.isView(value) ? value : isBuffer(value) ? new Uint8Array(value) : undefined;
  if (view === undefined) {
    throw new TypeError(`body is ${value === null ? "null" : typeof value}, but must be a Blob, an ArrayBuffer, a view of one, or a string`);
  }
  const bytes = new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength);
  // Shared memory may change while it is sent, and fetch refuses it.
  return isShared(view.buffer) ? bytes.slice() : bytes;
}

const tag = (value: unknown): string => Object.prototype.toString.call(value);
const isShared = (value: unknown): boolean => tag(value) === "[object SharedArrayBuffer]";
const isBuffer = (value: unknown): value is ArrayBufferLike => tag(value) === "[object ArrayBuffer]" || isShared(value);

/** Bytes in a body. */
export const sizeOfBody = (body: WireBody): number => (isBlob(body) ? body.size : body.byteLength);

/** The part of a body from `start` to before `end`, by reference. */
export const sliceOf = (body: WireBody, start: number, end: number): WireBody => (isBlob(body) ? body.slice(start, end) : body.subarray(start, end));
