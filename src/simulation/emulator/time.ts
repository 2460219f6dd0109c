/**
 * The service's clock: counts of 100 ns since 0001-01-01 UTC ("ticks"), and the three ways they are written.
 *
 * Every change takes a fresh tick, so two changes never share an ETag, whatever the resolution of the clock underneath.
 */

/** 100 ns since 0001-01-01T00:00:00Z. */
export type Ticks = bigint;

const unixEpoch: Ticks = 621355968000000000n;
const ticksPerMillisecond = 10000n;
const lastTick: Ticks = 3155378975999999999n;

/** The tick of a moment given in milliseconds since 1970. Moments beyond the year 9999 are cut to it. */
export function ticksOf(milliseconds: number): Ticks {
  if (!Number.isFinite(milliseconds)) return unixEpoch;
  const whole = Math.floor(milliseconds);
  const ticks = unixEpoch + BigInt(whole) * ticksPerMillisecond + BigInt(Math.floor((milliseconds - whole) * 10000));
  return ticks < 0n ? 0n : ticks > lastTick ? lastTick : ticks;
}

/** Milliseconds since 1970, rounded down. */
export function millisecondsOf(ticks: Ticks): number {
  const difference = ticks - unixEpoch;
  const quotient = difference / ticksPerMillisecond;
  return Number(difference < 0n && difference % ticksPerMillisecond !== 0n ? quotient - 1n : quotient);
}

/** A clock that never gives the same tick twice. */
export class TickClock {
  readonly #now: () => number;
  #last: Ticks = 0n;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The time without taking a tick. */
  now(): Ticks {
    const ticks = ticksOf(this.#now());
    return ticks > this.#last ? ticks : this.#last;
  }

  /** A tick later than every tick given before. */
  next(): Ticks {
    const ticks = ticksOf(this.#now());
    this.#last = ticks > this.#last ? ticks : this.#last + 1n;
    return this.#last;
  }
}

/** An ETag with its quotes: `"0x8DB67A9FDB7070A"`. */
export function etagOf(ticks: Ticks): string {
  return `"0x${ticks.toString(16).toUpperCase()}"`;
}

/** RFC 1123 text, seconds cut off: `Wed, 07 Jun 2023 22:53:20 GMT`. */
export function httpDate(ticks: Ticks): string {
  return new Date(millisecondsOf(ticks)).toUTCString();
}

/** ISO 8601 text with seven decimals: `2023-06-07T22:53:20.6821642Z`. */
export function isoTime(ticks: Ticks): string {
  const seconds = new Date(millisecondsOf(ticks)).toISOString().slice(0, 19);
  return `${seconds}.${(ticks % 10000000n).toString().padStart(7, "0")}Z`;
}

/** Reads an ISO 8601 UTC time with up to seven decimals, or undefined where the text is none. */
export function parseIsoTime(text: string): Ticks | undefined {
  const match = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,7}))?Z$/.exec(text);
  if (!match?.[1]) return undefined;
  const milliseconds = Date.parse(`${match[1]}Z`);
  // Date.parse takes the 30th of February for the 2nd of March; a real date comes back as it went in.
  if (Number.isNaN(milliseconds) || !new Date(milliseconds).toISOString().startsWith(match[1])) return undefined;
  return ticksOf(milliseconds) + BigInt((match[2] ?? "").padEnd(7, "0"));
}

/** Reads an RFC 1123 date as milliseconds since 1970, or undefined where the text is none. */
export function parseHttpDate(text: string): number | undefined {
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return undefined;
  const milliseconds = Date.parse(text);
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}

const yearOfFileTime: Ticks = 504911232000000000n;

/** Sixteen hexadecimal digits: 100 ns since 1601, as versions of shares and their markers have it. */
export function fileTime(ticks: Ticks): string {
  return (ticks - yearOfFileTime).toString(16).toUpperCase().padStart(16, "0");
}
