/** Randomness that is the same for the same seed, on every machine. */

/** Numbers from a seed. */
export interface Random {
  /** From 0 up to 1. */
  next(): number;
  /** A whole number from `least` to `most`. */
  int(least: number, most: number): number;
  /** One of these. */
  pick<T>(choices: readonly T[]): T;
  /** True in this part of all cases. */
  chance(part: number): boolean;
}

/** A generator from a seed: a number, or any text. */
export function randomOf(seed: number | string): Random {
  // Mulberry32: small, and good enough to choose with.
  let state = typeof seed === "number" ? seed >>> 0 : hashOf(seed);
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  return { next, int, pick: (choices) => choices[int(0, choices.length - 1)] as never, chance: (part) => next() < part };
}

/** FNV-1a, for texts. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
