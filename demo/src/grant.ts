/** The right to use the share, as a SAS that is issued, used and renewed. */
import { sas, type Credential } from "azure-files";

/** A SAS as its issuer describes it. */
export interface Grant {
  /** The SAS, without a leading "?". A secret: it is never shown. */
  readonly token: string;
  /** When it ends, ISO 8601. */
  readonly expires: string;
}

/** A right that stays: what the library is given, and what is in use at the moment. */
export interface StandingGrant<Issued extends Grant> {
  readonly credential: Credential;
  current(): Issued;
}

/** The permission letters that a SAS carries in the open, such as "rcwdl". */
export function permissionsOf({ token }: Grant): string {
  return new URLSearchParams(token).get("sp") ?? "";
}

/** Has a SAS issued now, and again each time the library asks, which it does shortly before the end. Calls `renewed` at each new one. */
export async function standingGrant<Issued extends Grant>(
  issue: () => Promise<Issued>,
  renewed: () => void,
): Promise<StandingGrant<Issued>> {
  let grant = await issue();
  let isUnused = true;
  const credential = sas(async () => {
    if (isUnused) {
      isUnused = false;
    } else {
      grant = await issue();
      renewed();
    }
    return grant.token;
  });
  return { credential, current: () => grant };
}
