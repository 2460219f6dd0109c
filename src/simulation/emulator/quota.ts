/** The quota of a share, which counts what is written and not what files are long. */
import { Failure } from "./failures.js";
import { usageOf, type Share } from "./state.js";

/** Bytes that a share has left: what a look at all of it found, less what was allocated since. What was released since comes on top. */
const headrooms = new WeakMap<Share, { readonly quotaGiB: number; bytes: number }>();

/**
 * Throws `ShareSizeLimitReached` where a write that takes so many bytes of storage more does not fit; one that takes none always does.
 * Looks at the whole share only when it may be full. The zeros that a clear writes at its edges count from the next look on.
 */
export function checkQuota(share: Share, bytes: number): void {
  if (bytes <= 0) return;
  const { quotaGiB } = share;
  let headroom = headrooms.get(share);
  if (headroom?.quotaGiB !== quotaGiB || headroom.bytes < bytes) {
    headroom = { quotaGiB, bytes: quotaGiB * 1024 ** 3 - usageOf(share.root) };
    headrooms.set(share, headroom);
  }
  if (headroom.bytes < bytes) throw new Failure("ShareSizeLimitReached");
  headroom.bytes -= bytes;
}
