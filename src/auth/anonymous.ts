/** A caller without proof. */
import type { Credential } from "../types/connection.js";

/** A credential that proves nothing, for what the service gives to everybody: preflights, and little else. */
export function anonymous(): Credential {
  return { kind: "anonymous", authorize: (request) => request };
}
