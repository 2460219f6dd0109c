/** How fast bytes go, over the last seconds: ranges are acknowledged in steps of 4 MiB, so an instant rate would jump. */

/** A meter for one transfer. */
export interface RateMeter {
  /** Notes how many bytes are through at a moment in milliseconds. */
  note(bytes: number, now: number): void;
  /** Bytes per second over the window; undefined until there is something to judge by. */
  rate(now: number): number | undefined;
}

/** Starts a meter that looks back over `window` milliseconds. */
export function createRateMeter(window = 8000): RateMeter {
  const samples: { bytes: number; at: number }[] = [];
  return {
    note(bytes, now) {
      samples.push({ bytes, at: now });
      // One sample older than the window stays: without it a stall would forget what was before it.
      while (samples.length > 2 && (samples[1]?.at ?? now) < now - window) samples.shift();
    },
    rate(now) {
      const first = samples[0];
      const last = samples.at(-1);
      if (!first || !last || last.bytes === first.bytes || now - first.at < 400) return undefined;
      return ((last.bytes - first.bytes) * 1000) / (now - first.at);
    },
  };
}
