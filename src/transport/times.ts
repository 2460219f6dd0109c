/** Times as request bodies have them. */
import { isDate } from "../platform.js";

/** ISO 8601 to the day, the minute or the second, with an offset where it has a time: without one it would mean another time elsewhere. */
const ISO_TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,7})?)?(Z|[+-]\d\d:\d\d))?$/;

/**
 * A time as ISO 8601. A `Date` is written to the millisecond, or to the second where it has no more; text in UTC stays as it is, to the 100 ns
 * that a `Date` would cut.
 *
 * @throws TypeError for what is no time.
 */
export function isoTime(name: string, time: Date | string): string {
  const date = new Date(isDate(time) || ISO_TIME.test(time) ? time : NaN);
  if (!(date.getTime() >= 0 && date.getUTCFullYear() <= 9999)) {
    throw new TypeError(`${name} is no time: pass a Date, or ISO 8601 such as "2026-12-31T23:59:59Z"`);
  }
  const written = typeof time === "string" && !/[+-]\d\d:\d\d$/.test(time);
  return written ? time : date.toISOString().replace(/\.000Z$/, "Z");
}

/**
 * Two times as ISO 8601, where they are said.
 *
 * @throws TypeError for what is no time, RangeError where the end is not after the start.
 */
export function isoSpan(
  startsOn: Date | string | undefined,
  expiresOn: Date | string | undefined,
): { start: string | undefined; expiry: string | undefined } {
  const start = startsOn === undefined ? undefined : isoTime("startsOn", startsOn);
  const expiry = expiresOn === undefined ? undefined : isoTime("expiresOn", expiresOn);
  if (start !== undefined && expiry !== undefined && Date.parse(expiry) <= Date.parse(start)) {
    throw new RangeError(`expiresOn ${expiry} is not after startsOn ${start}`);
  }
  return { start, expiry };
}
