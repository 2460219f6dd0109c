/**
 * The order in which the service sorts canonical headers: that of .NET in the culture en-US, not of character codes. Hyphens and
 * apostrophes weigh nothing until all else is equal; symbols come before digits, digits before letters.
 */

const weights = "!#$%&*.^_`|~+0123456789abcdefghijklmnopqrstuvwxyz";

function heavy(name: string): string {
  return name.replace(/[-']/g, "");
}

/** Compares two lower-case header names as the service does. */
export function compareCulture(a: string, b: string): number {
  const left = heavy(a);
  const right = heavy(b);
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const difference = weights.indexOf(left.charAt(index)) - weights.indexOf(right.charAt(index));
    if (difference !== 0) return difference;
  }
  if (left.length !== right.length) return left.length - right.length;
  // Equal but for hyphens: the name whose hyphen comes later, or that has none there, is the smaller.
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const first = a.charAt(index) === "-" || a.charAt(index) === "'";
    const second = b.charAt(index) === "-" || b.charAt(index) === "'";
    if (first !== second) return first ? 1 : -1;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Compares by character codes, as many clients do. */
export function compareOrdinal(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
