/**
 * Holding the share: one tab at a time may delete in it, and the others say who does.
 *
 * It is a lock by a file, so a tab that is closed or crashes lets go after a while. It binds those who use this page, and nobody else.
 */
import { isLockError, type Connection, type HeldLock } from "azure-files";
import { lockHolder, withLock, type LockHolder } from "azure-files/leases";
import { announce } from "./announce.js";
import { byId } from "./element.js";
import { formatTime } from "./format.js";

/** The lock's file, in the root of the share. */
export const HOLD_FILE = ".hold";

/** How long a tab may give no sign of life before another one may hold the share, in milliseconds. */
const STALE_AFTER = 15_000;
/** How often a tab looks whether another one still holds the share, in milliseconds. */
const LOOK = 1500;

/** What the rest of the page knows of it. */
export interface Hold {
  /** The lock, while this tab holds the share. */
  readonly lock: HeldLock | undefined;
  /** Whether another tab holds it. */
  readonly isElsewhere: boolean;
  /** Looks who holds it. */
  look(): Promise<void>;
}

/** Connects the button and the note to the lock. */
export function createHold(connection: Connection, changed: () => void, report: (error: unknown) => void): Hold {
  const button = byId<"button">("hold");
  const note = byId<"p">("hold-note");
  const owner = `a tab opened at ${formatTime(new Date())}`;
  let lock: HeldLock | undefined;
  let holder: LockHolder | undefined;
  let waiting: AbortController | undefined;
  let letGo: (() => void) | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function draw(): void {
    const isElsewhere = lock === undefined && holder !== undefined;
    button.textContent = lock ? "Let go" : waiting ? "Stop waiting" : isElsewhere ? "Wait for it" : "Hold the share";
    note.textContent = lock
      ? "This tab holds the share: no other one can delete here."
      : holder
        ? `Held by ${holder.owner}, last heard of at ${formatTime(holder.time)}. Nothing can be deleted here until it lets go.`
        : "";
    note.hidden = note.textContent === "";
    changed();
  }

  async function look(): Promise<void> {
    clearTimeout(timer);
    if (lock) return;
    const before = holder?.owner;
    try {
      holder = await lockHolder(connection, { path: HOLD_FILE });
    } catch {
      // The listing says what keeps the page from its share; this is about the lock alone.
      holder = undefined;
    }
    if (lock) return;
    if (holder?.owner !== before) announce(holder ? `The share is held by ${holder.owner}.` : "Nobody holds the share.");
    if (holder) timer = setTimeout(() => void look(), LOOK);
    draw();
  }

  /** Holds the share until the button is pressed again, or the lock is lost. */
  async function hold(signal: AbortSignal): Promise<void> {
    try {
      const work = async (held: HeldLock): Promise<void> => {
        [lock, holder, waiting] = [held, undefined, undefined];
        announce("This tab holds the share.");
        draw();
        await new Promise<void>((done) => {
          letGo = done;
          held.signal.addEventListener("abort", () => done());
        });
      };
      await withLock(connection, { path: HOLD_FILE }, work, { owner, staleAfter: STALE_AFTER, signal });
      announce("This tab let go of the share.");
    } catch (error) {
      if (isLockError(error, "lost")) announce("This tab lost the share.");
      if (!signal.aborted) report(error);
    } finally {
      [lock, letGo, waiting] = [undefined, undefined, undefined];
      await look();
    }
  }

  button.hidden = false;
  button.addEventListener("click", () => {
    if (letGo) return letGo();
    if (waiting) return waiting.abort();
    waiting = new AbortController();
    void hold(waiting.signal);
    draw();
  });
  return {
    get lock() {
      return lock;
    },
    get isElsewhere() {
      return lock === undefined && holder !== undefined;
    },
    look,
  };
}
