/**
 * What a recorded value and an emulated one must have in common: some are equal, and ids, keys and times are at least the same where
 * they were the same. The latter holds every relation between them at once, such as an ETag that is the change time, or a file id that stays.
 */

/** How two values are held against each other. */
export type Rule = "equal" | "tick" | "id" | "key" | "guid" | "snapshot" | "deletion" | "marker" | "date" | "any";

/** Ticks of 100 ns since the year 1, of an ETag or of a time with seven decimals. */
function ticksOf(text: string): bigint | undefined {
  const etag = /^"0x([0-9A-F]{15,16})"$/.exec(text)?.[1];
  if (etag !== undefined) return BigInt(`0x${etag}`);
  const [, second, fraction] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{7})Z$/.exec(text) ?? [];
  if (second === undefined || fraction === undefined) return undefined;
  return 621355968000000000n + BigInt(Date.parse(`${second}Z`)) * 10000n + BigInt(fraction);
}

const forms: Readonly<Record<Exclude<Rule, "equal" | "any">, RegExp>> = {
  tick: /^("0x[0-9A-F]{15,16}"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z)$/,
  id: /^\d{1,20}$/,
  key: /^\d{1,20}\*\d{1,20}$/,
  guid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  snapshot: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.0000000Z$/,
  marker: /^\/[^/]+\/.+$/,
  deletion: /^[0-9A-F]{16}$/,
  date: /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/,
};

/** Whether a Last-Modified is its ETag, cut to the second. */
export function isFloor(lastModified: string, etag: string): boolean {
  const ticks = ticksOf(etag);
  return ticks !== undefined && BigInt(Date.parse(lastModified)) === ((ticks - 621355968000000000n) / 10000000n) * 1000n;
}

/** Within what ids and keys are unique. */
export interface Scope {
  readonly origin: string;
  readonly share: string;
}

/** Ids of files and snapshots belong to a share, all else to an account, and time is the same everywhere. */
const prefixOf = (rule: Rule, { origin, share }: Scope): string =>
  `${rule} ${rule === "tick" ? "" : origin} ${rule === "id" || rule === "snapshot" ? share : ""} `;

/** Recorded values and the emulated ones that stand for them, one to one, for one recording. */
export class Pairs {
  readonly #emulated = new Map<string, string>();
  readonly #recorded = new Map<string, string>();

  /** What is wrong with an emulated value; undefined where nothing is. */
  complaint(rule: Rule, recorded: string, emulated: string, exchange: Scope): string | undefined {
    if (rule === "any") return undefined;
    if (rule === "equal") return recorded === emulated ? undefined : `is ${emulated}, recorded ${recorded}`;
    if (!forms[rule].test(recorded) || !forms[rule].test(emulated)) return `has another form: ${emulated}, recorded ${recorded}`;
    if (rule === "date") return undefined;
    const prefix = prefixOf(rule, exchange);
    const text = (value: string): string => `${prefix}${rule === "tick" ? ticksOf(value) : value}`;
    const [left, right] = [text(recorded), text(emulated)];
    const [expected, stands] = [this.#emulated.get(left), this.#recorded.get(right)];
    if (expected === undefined && stands === undefined) {
      this.#emulated.set(left, right);
      this.#recorded.set(right, left);
      return undefined;
    }
    return expected === right ? undefined : `is ${emulated}, recorded ${recorded}: one was seen before beside another value`;
  }

  /** The emulated value that stands for a recorded one; undefined where none does yet. */
  emulatedFor(rule: Rule, recorded: string, scope: Scope): string | undefined {
    const prefix = prefixOf(rule, scope);
    return this.#emulated.get(prefix + recorded)?.slice(prefix.length);
  }
}
