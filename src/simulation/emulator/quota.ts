/** The quota of a share, which counts what is written and not what files are long. */
import { Failure } from "./failures.js";
import { usageOf, type Share } from "./state.js";

/** Bytes that a share surely has left: what a look at all of it found, less everything written since, were it new or not. */
const headrooms = new WeakMap<Share, { readonly quotaGiB: number; bytes: number }>();

/** Throws `ShareSizeLimitReached` where a write of so many bytes may not fit. Looks at the whole share only when it may be full. */
export function checkQuota(share: Share, bytes: number): void {
  const { quotaGiB } = share;
  let headroom = headrooms.get(share);
  if (headroom?.quotaGiB !== quotaGiB || headroom.bytes < bytes) {
    headroom = { quotaGiB, bytes: quotaGiB * 1024 ** 3 - usageOf(share.root) };
    headrooms.set(share, headroom);
  }
  if (headroom.bytes < bytes) throw new Failure("ShareSizeLimitReached");
  headroom.bytes -= bytes;
}
