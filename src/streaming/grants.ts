/** Refuses a transfer whose token plainly cannot do it, before anything is sent. */
import { within } from "../transport/within.js";
import type { Connection } from "../types/connection.js";

/** A letter of a SAS, or several of which one is enough, and what needs it; those of options that are not in use are false. */
export type Needs = readonly (readonly [letters: string, what: string] | false | undefined)[];

const NAMES: Readonly<Record<string, string>> = { r: "read", w: "write", d: "delete", c: "create" };

/**
 * Looks at what the connection's SAS says of itself. A key, a bearer token and a stored policy say nothing, and pass.
 *
 * @param ofShare What cannot be done with a token for a single file, if anything.
 * @throws TypeError that names what lacks which permission; what the source of the token throws.
 */
export async function checkGrants(
  { credential, clock, timeouts }: Connection,
  signal: AbortSignal | undefined,
  needs: Needs,
  ofShare?: string,
): Promise<void> {
  if (!credential.allows) return;
  // A token that does not come in time fails the first request, which tells more.
  const allowed = await within(clock, signal, timeouts.firstByte, undefined, async () => credential.allows?.(clock));
  const { letters, isFile } = allowed ?? {};
  if (isFile && ofShare) throw new TypeError(`${ofShare} needs a SAS of the share, because that of a single file names no other`);
  const lacking = letters !== undefined && needs.find((need) => need && ![...need[0]].some((letter) => letters.includes(letter)));
  if (!lacking) return;
  const named = [...lacking[0]].map((letter) => `"${letter}" (${NAMES[letter]})`).join(" or ");
  throw new TypeError(`${lacking[1]} needs the permission ${named}, and the SAS has sp=${letters}`);
}
