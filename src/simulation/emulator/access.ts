/** Who asks, and whether they may: picks the scheme, verifies it, and holds a SAS against what the operation needs. */
import { Failure, missingHeader } from "./failures.js";
import type { Sign } from "./hmac.js";
import { verifySas, type Sas } from "./sas.js";
import { verifySharedKey } from "./shared-key.js";
import type { Target } from "./target.js";

/** A verified caller: the owner of the account, or the holder of a SAS. */
export type Identity = { readonly kind: "owner" } | { readonly kind: "sas"; readonly sas: Sas };

/**
 * What a SAS must hold for an operation. Of several letters one is enough. A kind that is not named cannot do the operation.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/create-account-sas#specify-the-account-sas-parameters
 */
export interface Grant {
  /** Resource type (`s`ervice, `c`ontainer, `o`bject) and letters of an account SAS. */
  readonly account: readonly [resourceType: "s" | "c" | "o", letters: string];
  /** Letters of a service SAS on the share. */
  readonly share?: string;
  /** Letters of a service SAS on the file itself. */
  readonly file?: string;
}

/** What authentication looks at. */
export interface Credentials {
  readonly request: Request;
  readonly target: Target;
  /** The emulated account. */
  readonly account: string;
  readonly sign: Sign;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly clientAddress: string | undefined;
  /** Bytes of the body; asked for only when a Shared Key is checked. */
  contentLength(): Promise<number>;
}

const challenge = [
  "WWW-Authenticate",
  "Bearer authorization_uri=https://login.microsoftonline.com/common/oauth2/authorize resource_id=https://storage.azure.com",
] as const;

/** Finds out who asks. Throws `AuthenticationFailed`, `InvalidAuthenticationInfo`, `NoAuthenticationInformation` and the like. */
export async function authenticate(credentials: Credentials): Promise<Identity> {
  const { request, target, account, sign, now } = credentials;
  if (target.account !== account) {
    throw new Failure("AuthenticationFailed", { details: [["AuthenticationErrorDetail", "There is no such account here."]] });
  }
  const authorization = request.headers.get("authorization");
  if (authorization === null) {
    if (!target.query.has("sig")) throw new Failure("NoAuthenticationInformation", { headers: [challenge] });
    return { kind: "sas", sas: await verifySas(account, target, sign, now, credentials.clientAddress) };
  }
  if (target.query.has("sig")) throw new Failure("InvalidAuthenticationInfo");
  if (/^Bearer /i.test(authorization)) {
    if (!request.headers.has("x-ms-file-request-intent")) throw missingHeader("x-ms-file-request-intent");
    throw new Failure("InvalidAuthenticationInfo", {
      status: 401,
      message: "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.",
      headers: [challenge],
      details: [["AuthenticationErrorDetail", "This emulator issues no bearer tokens."]],
    });
  }
  const parts = { method: request.method, headers: request.headers, target, account, contentLength: await credentials.contentLength() };
  await verifySharedKey(parts, authorization, sign, now);
  return { kind: "owner" };
}

function holdsOne(held: string, letters: string): boolean {
  return [...letters].some((letter) => held.includes(letter));
}

/** The letters that this SAS would need, or undefined where it can never do the operation. */
function lettersFor(sas: Sas, grant: Grant): string | undefined {
  if (sas.kind === "account") return grant.account[1];
  return sas.resource === "s" ? grant.share : grant.file;
}

/** Throws one of the 403 codes unless the caller may do the operation. */
export function authorize(identity: Identity, grant: Grant): void {
  if (identity.kind === "owner") return;
  const { sas } = identity;
  if (sas.kind === "account") {
    if (!sas.services.includes("f")) throw new Failure("AuthorizationServiceMismatch");
    if (!sas.resourceTypes.includes(grant.account[0])) throw new Failure("AuthorizationResourceTypeMismatch");
  }
  const letters = lettersFor(sas, grant);
  if (letters === undefined) throw new Failure("AuthorizationFailure");
  if (!holdsOne(sas.permissions, letters)) throw new Failure("AuthorizationPermissionMismatch");
}

/** Throws `AuthorizationPermissionMismatch` unless the caller holds one of `letters` as well; overwriting needs more than creating. */
export function demand(identity: Identity, letters: string): void {
  if (identity.kind === "sas" && !holdsOne(identity.sas.permissions, letters)) throw new Failure("AuthorizationPermissionMismatch");
}
