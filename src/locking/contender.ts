/** One who wants a lock: what the two kinds of locks have in common. */
import type { LockedResource } from "../types/connection.js";
import type { Taken } from "./keeper.js";

/** Tries to take one lock, again and again. */
export interface Contender {
  readonly resource: LockedResource;
  /** Tries once; undefined while others hold it. */
  attempt(signal: AbortSignal): Promise<Taken | undefined>;
  /** Who holds it, as far as that is known, for messages. */
  holder(): string;
  /** Ends the trying; gives back what may have been taken without an answer to say so. Waits for nothing. */
  close(): void;
}
