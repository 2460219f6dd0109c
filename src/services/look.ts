/** Looks at what is there, for calls that have to find out what an earlier try of theirs did. */
import { type Metadata, metadata, metadataHeaders } from "../transport/headers.js";
import type { Connection, Target } from "../types/connection.js";
import type { WireHeaders } from "../types/responses.js";

/** What an item's properties say. Throws a ServiceError with status 404 where there is no such item of this kind. */
export async function headOf(
  connection: Connection,
  kind: "File" | "Directory",
  { share, path }: Target,
  signal: AbortSignal | undefined,
): Promise<WireHeaders> {
  const { headers } = await connection.send({
    operation: `Get ${kind} Properties`,
    method: "HEAD",
    target: { share, path },
    query: kind === "Directory" ? { restype: "directory" } : undefined,
    headers: { "x-ms-allow-trailing-dot": connection.allowTrailingDot },
    success: [200],
    idempotent: true,
    signal,
  });
  return headers;
}

/** Whether what is there has just the metadata that was asked for. */
export function hasMetadata(headers: WireHeaders, asked: Metadata | undefined): boolean {
  const entries = Object.entries(metadataHeaders(asked));
  return entries.length === Object.keys(metadata(headers)).length && entries.every(([name, value]) => headers.get(name) === value);
}
