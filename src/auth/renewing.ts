/**
 * Keeps a secret that runs out: fetches it when it is needed, once for all who wait, and ahead of its end.
 */
import type { Clock } from "../types/connection.js";

/** A secret and when it runs out, milliseconds since 1970; undefined where nobody knows. */
export interface Expiring {
  readonly text: string;
  readonly expiresOn: number | undefined;
}

/** A secret that is renewed. */
export interface Renewing<T extends Expiring> {
  /** The secret that is good now. Rejects with what `fetch` rejects with, untouched, once the old one is over; the next call tries again. */
  current(clock: Clock): Promise<T>;
  /** Told that a secret was refused; true where `current` will give another one. */
  refused(text: string | undefined): boolean;
}

/** Milliseconds ahead of its end at which a secret is renewed, at most; of one that lives shortly, a quarter of its life. */
const AHEAD = 300_000;

/** Keeps what `fetch` gives. */
export function renewing<T extends Expiring>(fetch: () => Promise<T>): Renewing<T> {
  let held: { secret: T; renewAt: number } | undefined;
  let underWay: Promise<T> | undefined;
  const renew = (clock: Clock): Promise<T> =>
    (underWay ??= fetch()
      .then((secret) => {
        const life = (secret.expiresOn ?? Infinity) - clock.now();
        held = { secret, renewAt: clock.now() + life - Math.min(AHEAD, life / 4) };
        return secret;
      })
      .finally(() => (underWay = undefined)));
  return {
    async current(clock) {
      if (held && clock.now() < held.renewAt) return held.secret;
      try {
        return await renew(clock);
      } catch (error) {
        // Ahead of its end the old one is still good.
        if (held && clock.now() < (held.secret.expiresOn ?? 0)) return held.secret;
        throw error;
      }
    },
    refused(text) {
      // Another request may have renewed it already: then the newer one deserves a try too.
      if (held?.secret.text === text) held = undefined;
      return true;
    },
  };
}
