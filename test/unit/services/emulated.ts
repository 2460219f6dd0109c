/** An emulator with an empty share, and its owner's connection to that. */
import { sharedKey } from "../../../src/auth/shared-key.js";
import { connect } from "../../../src/connect.js";
import * as shares from "../../../src/services/shares.js";
import { createEmulator, type Emulator } from "../../../src/simulation/index.js";
import type { Connection } from "../../../src/types/connection.js";

/** What a test works with. */
export interface Emulated {
  readonly emulator: Emulator;
  readonly connection: Connection;
  readonly share: string;
}

/** Makes one. A request that fails is not tried again. */
export async function emulated(enabledProtocols: "SMB" | "NFS" = "SMB"): Promise<Emulated> {
  const emulator = createEmulator();
  const { account, key, endpoint, fetch } = emulator;
  const share = "share";
  const connection = connect({ endpoint, share, credential: sharedKey({ account, key }), fetch, retry: false });
  await shares.create(connection, { enabledProtocols });
  return { emulator, connection, share };
}

/** Everything that a listing gives. */
export async function all<T>(entries: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const entry of entries) found.push(entry);
  return found;
}
