/** Groups of response headers that several operations share. */
import type { Pair } from "./failures.js";
import type { Metadata } from "./state.js";
import { etagOf, httpDate, type Ticks } from "./time.js";

/** `Last-Modified` and `ETag`, which are the same moment. */
export function changeHeaders(modified: Ticks): Pair[] {
  return [
    ["Last-Modified", httpDate(modified)],
    ["ETag", etagOf(modified)],
  ];
}

/** Metadata as `x-ms-meta-*` headers. */
export function metadataHeaders(metadata: Metadata): Pair[] {
  return metadata.map(([name, value]) => [`x-ms-meta-${name}`, value]);
}

/** Writes of content and properties say that the service encrypted them. */
export const encrypted: Pair = ["x-ms-request-server-encrypted", "true"];
