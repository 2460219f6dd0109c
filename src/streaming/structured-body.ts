/**
 * The service's structured body, in which content travels with its CRC-64: `XSM/1.0; properties=crc64`. Numbers are little-endian.
 *
 * A header of 13 bytes (version, length of all, flags, segments), then for each segment its number, its length, its bytes and their
 * CRC-64, and at the end the CRC-64 of the whole.
 */
import { Crc64 } from "./crc64.js";

/** What the header that announces a structured body says. */
export const STRUCTURED = "XSM/1.0; properties=crc64";

const HEAD = 13;
const SEGMENT = 10;
const SUM = 8;

/** Bytes with their CRC-64 around them, as one segment. */
export function framed(content: Uint8Array, crc: Uint8Array): Uint8Array<ArrayBuffer> {
  const start = HEAD + SEGMENT;
  const bytes = new Uint8Array(start + content.byteLength + 2 * SUM);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 1);
  view.setBigUint64(1, BigInt(bytes.byteLength), true);
  view.setUint16(9, 1, true);
  view.setUint16(11, 1, true);
  view.setUint16(HEAD, 1, true);
  view.setBigUint64(HEAD + 2, BigInt(content.byteLength), true);
  bytes.set(content, start);
  // Of one segment the sum is that of the whole, too.
  bytes.set(crc, start + content.byteLength);
  bytes.set(crc, start + content.byteLength + SUM);
  return bytes;
}

/** Takes a structured body apart as it comes. */
export interface Unframing {
  /** Takes the next bytes; throws an Error for what is no structured body, and for content that does not fit its sum. */
  update(bytes: Uint8Array<ArrayBuffer>): void;
  /** The CRC-64 of the whole content; throws where the body is not complete. */
  end(): Uint8Array<ArrayBuffer>;
}

/** Calls `take` with the content of a structured body, piece by piece. What it was given is only proved right by `end()`. */
export function unframing(take: (content: Uint8Array<ArrayBuffer>) => void): Unframing {
  const small = new Uint8Array(HEAD);
  const whole = new Crc64();
  let segment = new Crc64();
  let [segments, number, left, filled] = [0, 0, 0, 0];
  let part: "head" | "segment" | "content" | "sum" | "trailer" | "over" = "head";
  const view = new DataView(small.buffer);
  const wrong = (what: string): Error => new Error(`the structured body ${what}`);
  const same = (crc: Crc64): boolean => crc.digest().every((byte, index) => byte === small[index]);
  const sizes = { head: HEAD, segment: SEGMENT, sum: SUM, trailer: SUM };
  const next = (): void => {
    part = number < segments ? "segment" : "trailer";
  };
  const complete = {
    head() {
      if (view.getUint8(0) !== 1 || view.getUint16(9, true) !== 1) throw wrong("has a header of another kind");
      segments = view.getUint16(11, true);
      next();
    },
    segment() {
      if (view.getUint16(0, true) !== ++number) throw wrong(`has segment ${view.getUint16(0, true)} in place of ${number}`);
      left = Number(view.getBigUint64(2, true));
      segment = new Crc64();
      part = left > 0 ? "content" : "sum";
    },
    sum() {
      if (!same(segment)) throw wrong(`has bytes in segment ${number} that do not fit its CRC-64`);
      next();
    },
    trailer() {
      if (!same(whole)) throw wrong("has bytes that do not fit its CRC-64");
      part = "over";
    },
  };
  return {
    update(bytes) {
      for (let at = 0; at < bytes.length;) {
        if (part === "over") throw wrong("goes on after its end");
        if (part === "content") {
          const piece = bytes.subarray(at, at + left);
          segment.update(piece);
          whole.update(piece);
          take(piece);
          at += piece.length;
          left -= piece.length;
          if (left === 0) part = "sum";
          continue;
        }
        const piece = bytes.subarray(at, at + sizes[part] - filled);
        small.set(piece, filled);
        filled += piece.length;
        at += piece.length;
        if (filled < sizes[part]) return;
        filled = 0;
        complete[part]();
      }
    },
    end() {
      if (part !== "over") throw wrong("ends early");
      return whole.digest();
    },
  };
}
