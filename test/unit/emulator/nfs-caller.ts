/** A caller whose account has the NFS share `unix`. */
import { createCaller, type Caller } from "./account.js";

export async function createNfsCaller(): Promise<Caller> {
  const caller = createCaller({ kind: "any" });
  const made = await caller.call("PUT", "/unix?restype=share", { headers: { "x-ms-enabled-protocols": "NFS" } });
  if (made.status !== 201) throw new Error(`No NFS share: ${made.status} ${await made.text()}`);
  return caller;
}

/** The headers of an answer that speak of an item, by their names. */
export function itemHeadersOf(answer: Response): string[] {
  return [...answer.headers.keys()].filter((name) => /^x-ms-(file-|mode|owner|group|link-count)/.test(name)).sort();
}
