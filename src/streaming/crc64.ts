/**
 * CRC-64 with the parameters that Azure Storage uses (those of NVMe: reflected polynomial 0x9A6C9329AC4BC9B5, all ones before and after),
 * sixteen bytes at a time over tables, in plain JavaScript: no WebAssembly, which content security policies and workerd refuse.
 *
 * A 64-bit value is two unsigned 32-bit halves here, because BigInt is ten times slower.
 */

/** Sixteen tables of 256 entries: the contribution of a byte that has k more bytes behind it. Made with the first use, in a millisecond. */
let tables: { readonly low: Int32Array; readonly high: Int32Array } | undefined;

function makeTables(): { readonly low: Int32Array; readonly high: Int32Array } {
  const low = new Int32Array(4096);
  const high = new Int32Array(4096);
  for (let byte = 0; byte < 256; byte++) {
    let [l, h] = [byte, 0];
    for (let bit = 0; bit < 8; bit++) {
      const odd = l & 1;
      l = (l >>> 1) | (h << 31);
      h >>>= 1;
      if (odd) {
        l ^= 0xac4bc9b5;
        h ^= 0x9a6c9329;
      }
    }
    low[byte] = l;
    high[byte] = h;
  }
  for (let index = 256; index < 4096; index++) {
    const [l, h] = [low[index - 256] as number, high[index - 256] as number];
    low[index] = (low[l & 255] as number) ^ ((l >>> 8) | (h << 24));
    high[index] = (high[l & 255] as number) ^ (h >>> 8);
  }
  return { low, high };
}

/** A CRC-64 that takes bytes as they come. */
export class Crc64 {
  #low = -1;
  #high = -1;

  /** Takes the next bytes. */
  update(bytes: Uint8Array): void {
    const { low, high } = (tables ??= makeTables());
    let [l, h] = [this.#low, this.#high];
    const single = (from: number, to: number): void => {
      for (let at = from; at < to; at++) {
        const index = (l ^ (bytes[at] as number)) & 255;
        l = (low[index] as number) ^ ((l >>> 8) | (h << 24));
        h = (high[index] as number) ^ (h >>> 8);
      }
    };
    // Words have to be aligned, and little-endian as every engine's are.
    const start = Math.min(bytes.length, -bytes.byteOffset & 3);
    const blocks = (bytes.length - start) >>> 4;
    single(0, start);
    if (blocks > 0) {
      const words = new Int32Array(bytes.buffer, bytes.byteOffset + start, blocks * 4);
      for (let at = 0; at < words.length; at += 4) {
        const a = (words[at] as number) ^ l;
        const b = (words[at + 1] as number) ^ h;
        const c = words[at + 2] as number;
        const d = words[at + 3] as number;
        l =
          (low[3840 + (a & 255)] as number) ^
          (low[3584 + ((a >>> 8) & 255)] as number) ^
          (low[3328 + ((a >>> 16) & 255)] as number) ^
          (low[3072 + (a >>> 24)] as number) ^
          (low[2816 + (b & 255)] as number) ^
          (low[2560 + ((b >>> 8) & 255)] as number) ^
          (low[2304 + ((b >>> 16) & 255)] as number) ^
          (low[2048 + (b >>> 24)] as number) ^
          (low[1792 + (c & 255)] as number) ^
          (low[1536 + ((c >>> 8) & 255)] as number) ^
          (low[1280 + ((c >>> 16) & 255)] as number) ^
          (low[1024 + (c >>> 24)] as number) ^
          (low[768 + (d & 255)] as number) ^
          (low[512 + ((d >>> 8) & 255)] as number) ^
          (low[256 + ((d >>> 16) & 255)] as number) ^
          (low[d >>> 24] as number);
        h =
          (high[3840 + (a & 255)] as number) ^
          (high[3584 + ((a >>> 8) & 255)] as number) ^
          (high[3328 + ((a >>> 16) & 255)] as number) ^
          (high[3072 + (a >>> 24)] as number) ^
          (high[2816 + (b & 255)] as number) ^
          (high[2560 + ((b >>> 8) & 255)] as number) ^
          (high[2304 + ((b >>> 16) & 255)] as number) ^
          (high[2048 + (b >>> 24)] as number) ^
          (high[1792 + (c & 255)] as number) ^
          (high[1536 + ((c >>> 8) & 255)] as number) ^
          (high[1280 + ((c >>> 16) & 255)] as number) ^
          (high[1024 + (c >>> 24)] as number) ^
          (high[768 + (d & 255)] as number) ^
          (high[512 + ((d >>> 8) & 255)] as number) ^
          (high[256 + ((d >>> 16) & 255)] as number) ^
          (high[d >>> 24] as number);
      }
    }
    single(start + blocks * 16, bytes.length);
    this.#low = l;
    this.#high = h;
  }

  /** The value of what came so far, as the wire has it: eight bytes, the lowest first. */
  digest(): Uint8Array<ArrayBuffer> {
    const value = new DataView(new ArrayBuffer(8));
    value.setUint32(0, ~this.#low, true);
    value.setUint32(4, ~this.#high, true);
    return new Uint8Array(value.buffer);
  }
}

const POLYNOMIAL = 0x9a6c9329ac4bc9b5n;
const ONE = 1n << 63n;

/** The product of two polynomials modulo the CRC's; the highest bit is the lowest power. */
function multiply(a: bigint, b: bigint): bigint {
  let product = 0n;
  for (let bit = ONE; bit > 0n; bit >>= 1n) {
    if (a & bit) product ^= b;
    b = b & 1n ? (b >> 1n) ^ POLYNOMIAL : b >> 1n;
  }
  return product;
}

/** What a CRC is multiplied with when this many bytes follow. */
function powerOf(bytes: number): bigint {
  let result = ONE;
  // x to the 8th: a byte.
  for (let [square, left] = [ONE >> 8n, bytes]; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = multiply(result, square);
    square = multiply(square, square);
  }
  return result;
}

/**
 * The CRC-64 of parts that follow each other, of the CRC-64 of each: parts may be summed in any order, by whoever has them at hand.
 *
 * @param following Bytes in the second part.
 */
export function combineCrc64(first: Uint8Array, second: Uint8Array, following: number): Uint8Array<ArrayBuffer> {
  const valueOf = (digest: Uint8Array): bigint => new DataView(digest.buffer, digest.byteOffset).getBigUint64(0, true);
  if (following !== power.bytes) power = { bytes: following, value: powerOf(following) };
  const combined = new DataView(new ArrayBuffer(8));
  combined.setBigUint64(0, multiply(power.value, valueOf(first)) ^ valueOf(second), true);
  return new Uint8Array(combined.buffer);
}

/** The last power: all ranges of a transfer but one have the same length. */
let power = { bytes: 0, value: ONE };
