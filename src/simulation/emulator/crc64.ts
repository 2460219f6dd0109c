/**
 * CRC-64 with the parameters of NVMe, which Azure Storage uses: reflected, polynomial 0x9A6C9329AC4BC9B5, complemented before and after.
 * A byte at a time over one table: plain to check, and fast enough for tests.
 */

const [polynomialLow, polynomialHigh] = [0xac4bc9b5, 0x9a6c9329];

/** 256 remainders, low and high halves in turn. */
let table: Int32Array | undefined;

function remainders(): Int32Array {
  const made = new Int32Array(512);
  for (let byte = 0; byte < 256; byte++) {
    let low = byte;
    let high = 0;
    for (let bit = 0; bit < 8; bit++) {
      const carry = low & 1;
      low = (low >>> 1) | ((high & 1) << 31);
      high >>>= 1;
      if (carry === 1) {
        low ^= polynomialLow;
        high ^= polynomialHigh;
      }
    }
    made[byte * 2] = low;
    made[byte * 2 + 1] = high;
  }
  return made;
}

/** Sums bytes as they come. */
export class Crc64Sum {
  #low = -1;
  #high = -1;

  add(bytes: Uint8Array): this {
    const entries = (table ??= remainders());
    let low = this.#low;
    let high = this.#high;
    for (const byte of bytes) {
      const entry = ((low ^ byte) & 0xff) * 2;
      low = ((low >>> 8) | (high << 24)) ^ (entries[entry] as number);
      high = (high >>> 8) ^ (entries[entry + 1] as number);
    }
    this.#low = low;
    this.#high = high;
    return this;
  }

  /** Eight bytes, the lowest first. */
  bytes(): Uint8Array<ArrayBuffer> {
    const view = new DataView(new ArrayBuffer(8));
    view.setInt32(0, ~this.#low, true);
    view.setInt32(4, ~this.#high, true);
    return new Uint8Array(view.buffer);
  }
}

/** The CRC-64 of some bytes. */
export function crc64Of(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Crc64Sum().add(bytes).bytes();
}
