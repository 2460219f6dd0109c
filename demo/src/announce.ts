/** What a screen reader is told: outcomes soon, progress rarely, and never a queue of stale numbers. */
import { byId } from "./element.js";

const PROGRESS_PAUSE = 15_000;
let lastProgress = 0;

/** Says an outcome politely, after what is being said now. */
export function announce(text: string): void {
  lastProgress = Date.now();
  byId("announcer").textContent = text;
}

/** Says how far things are, unless something was said within the last 15 seconds. */
export function announceProgress(text: string): void {
  if (Date.now() - lastProgress >= PROGRESS_PAUSE) announce(text);
}
