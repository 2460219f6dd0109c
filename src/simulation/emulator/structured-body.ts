/**
 * Structured bodies, `XSM/1.0; properties=crc64`: content in segments, each with its CRC-64, and the CRC-64 of all of it at the end.
 * The layout is read out of recorded traffic.
 */
import { Crc64Sum, crc64Of } from "./crc64.js";
import type { Exchange } from "./exchange.js";
import { Failure, badHeader, type Pair } from "./failures.js";
import { base64Of } from "./text.js";

const header = "x-ms-structured-body";
const lengthHeader = "x-ms-structured-content-length";
const known = /^XSM\/1\.0; ?properties=crc64$/i;
/** Segments have 4 MiB, or so much more that their number fits its 16 bits. */
const segmentSizeOf = (length: number): number => Math.max(4194304, Math.ceil(length / 65535));
/** Empty content is one empty segment. */
const segmentsOf = (length: number): number => Math.max(1, Math.ceil(length / segmentSizeOf(length)));
const [headSize, segmentHeadSize, sumSize] = [13, 10, 8];

/** Whether a request has, or asks for, a structured body. Throws `InvalidHeaderValue` for another kind. */
export function isStructured(headers: Headers): boolean {
  const value = headers.get(header);
  if (value !== null && !known.test(value)) throw badHeader(header, value);
  return value !== null;
}

/** The header of an answer to a request with a structured body. */
export function structuredHeaders(headers: Headers): Pair[] {
  return isStructured(headers) ? [[header, headers.get(header) ?? ""]] : [];
}

/** Bytes that a structured body has more than its content. */
export function overheadOf(length: number): number {
  return headSize + segmentsOf(length) * (segmentHeadSize + sumSize) + sumSize;
}

/** The number of content bytes that a request says it has, framing apart; undefined where it does not have to say. */
export function readContentLength(headers: Headers): number | undefined {
  if (!isStructured(headers)) return undefined;
  const value = headers.get(lengthHeader);
  if (value === null) throw new Failure("MissingRequiredHeader", { details: [["HeaderName", lengthHeader]] });
  if (!/^\d{1,15}$/.test(value)) throw badHeader(lengthHeader, value);
  return Number(value);
}

/** The body of a request without its framing. Throws `Crc64Mismatch` for content that does not fit its sums. */
export async function readContent(exchange: Exchange): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await exchange.body.bytes();
  const length = readContentLength(exchange.headers);
  if (length === undefined) return bytes;
  const content = decode(bytes);
  if (content.length !== length) throw badHeader(lengthHeader, String(length));
  return content;
}

function malformed(): Failure {
  return badHeader(header, "the body is not structured as its header says");
}

function decode(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < headSize + sumSize || view.getUint8(0) !== 1 || view.getBigUint64(1, true) !== BigInt(bytes.length)) throw malformed();
  if (view.getUint16(9, true) !== 1) throw malformed();
  const segments: Uint8Array<ArrayBuffer>[] = [];
  let at = headSize;
  for (let number = 1; number <= view.getUint16(11, true); number++) {
    if (at + segmentHeadSize > bytes.length || view.getUint16(at, true) !== number) throw malformed();
    const start = at + segmentHeadSize;
    const end = start + Number(view.getBigUint64(at + 2, true));
    at = end + sumSize;
    if (at > bytes.length) throw malformed();
    const content = bytes.subarray(start, end);
    compare(crc64Of(content), bytes.subarray(end, at));
    segments.push(content);
  }
  if (at + sumSize !== bytes.length) throw malformed();
  const whole = new Crc64Sum();
  for (const segment of segments) whole.add(segment);
  compare(whole.bytes(), bytes.subarray(at));
  return concatenated(segments);
}

function compare(computed: Uint8Array, given: Uint8Array): void {
  const [server, user] = [base64Of(computed), base64Of(given)];
  if (server === user) return;
  throw new Failure("Crc64Mismatch", {
    details: [
      ["UserSpecifiedCrc", user],
      ["ServerCalculatedCrc", server],
    ],
  });
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function headOf(content: number, total: number): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(headSize));
  view.setUint8(0, 1);
  view.setBigUint64(1, BigInt(total), true);
  view.setUint16(9, 1, true);
  view.setUint16(11, segmentsOf(content), true);
  return new Uint8Array(view.buffer);
}

function segmentHeadOf(number: number, length: number): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(segmentHeadSize));
  view.setUint16(0, number, true);
  view.setBigUint64(2, BigInt(length), true);
  return new Uint8Array(view.buffer);
}

/** Content of `length` bytes as a structured body, a segment at a time as it is read; `read` gives the bytes from an offset on. */
export function structuredStream(
  length: number,
  read: (offset: number, length: number) => Uint8Array,
  signal: AbortSignal,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const whole = new Crc64Sum();
  let number = 0;
  let done = 0;
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull(controller) {
        if (signal.aborted) return controller.error(signal.reason);
        const size = Math.min(segmentSizeOf(length), length - done);
        const content = read(done, size);
        number += 1;
        done += size;
        whole.add(content);
        const parts = [segmentHeadOf(number, size), content, crc64Of(content)];
        if (number === 1) parts.unshift(headOf(length, length + overheadOf(length)));
        if (done >= length) parts.push(whole.bytes());
        controller.enqueue(concatenated(parts));
        if (done >= length) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}
