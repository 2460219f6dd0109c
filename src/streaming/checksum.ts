/**
 * Checksums of transfers. Passed in by whoever wants one, so that nobody else pays for it or bundles it.
 */
import { md5 as plainMd5 } from "@noble/hashes/legacy.js";
import { isBrowser, nodeModule } from "../platform.js";
import { base64 } from "./base64.js";
import { Crc64, combineCrc64 } from "./crc64.js";
import { framed, STRUCTURED, type Unframing, unframing } from "./structured-body.js";

/** The sum of a whole file, of its parts in order. */
export interface WholeSum {
  /** Takes the next part, whose own sum may be known already. */
  add(part: Uint8Array, own?: Uint8Array): void;
  /** The sum of what came so far. */
  digest(): Uint8Array<ArrayBuffer>;
}

/** A range as it travels with its sum. */
export interface SummedRange {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly headers: Readonly<Record<string, string>>;
  /** The sum of the range itself. */
  readonly own: Uint8Array<ArrayBuffer>;
}

/** A way to prove that bytes arrived as they were sent; made by `crc64()` or `md5()`. */
export interface Checksum {
  readonly algorithm: "crc64" | "md5";
  /** Starts the sum of a whole file. */
  whole(): WholeSum;
  /** Makes a range ready to be sent, so that the service refuses it unless it arrives unchanged. */
  protect(part: Uint8Array<ArrayBuffer>): SummedRange;
  /** Request headers that make the service send a range with its sum. */
  readonly asking: Readonly<Record<string, string>>;
  /**
   * Checks a range as it comes: gives a function that takes the body's pieces and passes their content on, and one that is called at the
   * end and throws an Error where the bytes are not those of the sum. Undefined where the answer has none.
   */
  check(
    sum: (header: "content-md5" | "x-ms-structured-body") => string | null,
    take: (bytes: Uint8Array<ArrayBuffer>) => void,
  ): Unframing | undefined;
}

/**
 * CRC-64 in the service's structured body: each range travels with its sum and is refused when it does not fit, in both directions; the
 * sum of the whole file is kept in its metadata as `crc64` and compared when it is downloaded whole. Plain JavaScript, above 1 GB/s on
 * Node.
 *
 * Needs service version 2026-04-06, which this client names. A structured body adds 39 bytes to a range.
 */
export function crc64(): Checksum {
  return {
    algorithm: "crc64",
    whole() {
      let sum: Uint8Array<ArrayBuffer> = new Crc64().digest();
      return {
        add: (part, own = crc64Of(part)) => (sum = combineCrc64(sum, own, part.byteLength)),
        digest: () => sum,
      };
    },
    protect(part) {
      const own = crc64Of(part);
      const headers = { "x-ms-structured-body": STRUCTURED, "x-ms-structured-content-length": String(part.byteLength) };
      return { body: framed(part, own), headers, own };
    },
    asking: { "x-ms-structured-body": STRUCTURED },
    check: (header, take) => (header("x-ms-structured-body") === null ? undefined : unframing(take)),
  };
}

function crc64Of(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const sum = new Crc64();
  sum.update(bytes);
  return sum.digest();
}

/** Computes an MD5: what `node:crypto`'s `createHash("md5")` gives fits. */
export interface Md5Hash {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
}

/**
 * MD5, for those who have to compare with what others stored: each range carries its `Content-MD5` where no page's cross-origin rule stands
 * in the way, the MD5 of the whole file is stored as its `Content-MD5` and compared when it is downloaded whole. Ten times slower than
 * `crc64()` in plain JavaScript; on Node its own is used.
 *
 * @param create Makes a hash. @default Node's own where there is one, otherwise plain code at 60 to 90 MB/s
 */
export function md5(create: () => Md5Hash = fastestMd5()): Checksum {
  const md5Of = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => {
    const hash = create();
    hash.update(bytes);
    return new Uint8Array(hash.digest());
  };
  return {
    algorithm: "md5",
    whole() {
      const hash = create();
      return { add: (part) => void hash.update(part), digest: () => new Uint8Array(hash.digest()) };
    },
    protect(part) {
      const own = md5Of(part);
      // A cross-origin rule lets x-ms-* through as a rule, and Content-MD5 only where somebody thought of it.
      const headers: Record<string, string> = isBrowser() ? {} : { "content-md5": base64(own) };
      return { body: part, headers, own };
    },
    asking: { "x-ms-range-get-content-md5": "true" },
    check(header, take) {
      const told = header("content-md5");
      if (told === null) return undefined;
      const hash = create();
      return {
        update(bytes) {
          hash.update(bytes);
          take(bytes);
        },
        end() {
          const own = new Uint8Array(hash.digest());
          if (base64(own) !== told) throw new Error("the range has bytes that do not fit its MD5");
          return own;
        },
      };
    },
  };
}

function fastestMd5(): () => Md5Hash {
  const crypto = nodeModule("node:crypto") as { createHash(name: string): Md5Hash } | undefined;
  return () => crypto?.createHash("md5") ?? plainMd5.create();
}
