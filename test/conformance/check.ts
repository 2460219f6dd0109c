/** The few assertions that the cases need, of their own: they run where no test framework does. */

/** What a case expected and did not get. */
export class CheckFailed extends Error {
  override name = "CheckFailed";
}

/** A value as a message shows it. */
function shown(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.byteLength} bytes [${[...value.subarray(0, 8)].join(", ")}…]`;
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  try {
    return JSON.stringify(value, (_name, inner: unknown) => (inner === undefined ? "undefined" : inner)) ?? String(value);
  } catch {
    return String(value);
  }
}

function fail(message: string, note: string): never {
  throw new CheckFailed(note === "" ? message : `${note}: ${message}`);
}

/** The value has to be true. */
export function ok(value: unknown, note: string): asserts value {
  if (!value) fail(`is ${shown(value)}`, note);
}

/** Both have to be the same value. */
export function equal(actual: unknown, expected: unknown, note = ""): void {
  if (!Object.is(actual, expected)) fail(`is ${shown(actual)} and not ${shown(expected)}`, note);
}

/** Both have to hold the same, all the way down. A field that is undefined and one that is absent are the same. */
export function deepEqual(actual: unknown, expected: unknown, note = ""): void {
  const where = difference(actual, expected, "");
  if (where !== undefined) fail(`is ${shown(actual)} and not ${shown(expected)}${where === "" ? "" : `, see ${where}`}`, note);
}

/** Both have to be the same bytes. */
export function sameBytes(actual: Uint8Array, expected: Uint8Array, note = "bytes"): void {
  equal(actual.byteLength, expected.byteLength, `${note}, how many`);
  const at = actual.findIndex((byte, index) => byte !== expected[index]);
  if (at >= 0) fail(`byte ${at} is ${actual[at]} and not ${expected[at]}`, note);
}

/** What an error is expected to say of itself. */
export interface Expected {
  /** Its name: `ServiceError`, `TypeError` and so on. */
  readonly name?: string;
  readonly code?: string;
  readonly status?: number;
  readonly reason?: string;
  readonly message?: RegExp;
}

/** The work has to reject, or throw, with such an error; returns that error. */
export async function rejects(
  work: (() => unknown) | PromiseLike<unknown>,
  expected: Expected,
  note = "",
): Promise<Record<string, unknown> & Error> {
  let error: unknown;
  try {
    await (typeof work === "function" ? work() : work);
  } catch (thrown) {
    error = thrown;
  }
  if (error === undefined) fail("did not fail", note);
  const facts = error as Record<string, unknown> & Error;
  const { message, ...exact } = expected;
  for (const [name, value] of Object.entries(exact)) {
    if (facts[name] !== value) fail(`${name} is ${shown(facts[name])} and not ${shown(value)}, in ${shown(error)}`, note);
  }
  if (message !== undefined && !message.test(facts.message)) fail(`message is ${shown(facts.message)} and not like ${message}`, note);
  return facts;
}

/** Where two values differ, as a path; undefined where they do not. */
function difference(a: unknown, b: unknown, path: string): string | undefined {
  if (Object.is(a, b)) return undefined;
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime() ? undefined : path;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return path || ".";
  if (Array.isArray(a) !== Array.isArray(b)) return path || ".";
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  for (const name of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const found = difference(left[name], right[name], `${path}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
