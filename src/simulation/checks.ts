/** Checks of what callers of the simulation ask for, before anything is recorded, replayed or broken. */
import { shown } from "../redact.js";

/** @throws RangeError for what is no number from 0; Infinity is one. */
export function checkNumbers(values: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && !(typeof value === "number" && value >= 0))
      throw new RangeError(`${name} is ${shown(value)}, but must be a number from 0`);
  }
}

/** @throws TypeError for what is no list of texts. What stands there instead is not told: it may be a secret. */
export function checkTexts(values: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && !(Array.isArray(value) && value.every((one) => typeof one === "string")))
      throw new TypeError(`${name} must be a list of texts`);
  }
}
