/** Who asks, and whether they may: picks the scheme, verifies it, and holds a SAS against what the operation needs. */
import { challenge, refusedToken, type Bearer, type Tokens } from "./bearer.js";
import { Failure, badHeader, missingHeader } from "./failures.js";
import { verifySas, type Sas, type SasContext } from "./sas.js";
import { verifySharedKey } from "./shared-key.js";
import type { Target } from "./target.js";

/** A verified caller: the owner of the account, the holder of a SAS, or a user with a bearer token, who may do everything. */
export type Identity = { readonly kind: "owner" } | { readonly kind: "sas"; readonly sas: Sas } | ({ readonly kind: "bearer" } & Bearer);

/**
 * What a SAS must hold for an operation. Of several letters one is enough. A kind that is not named cannot do the operation.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/create-account-sas#specify-the-account-sas-parameters
 */
export interface Grant {
  /** Resource type (`s`ervice, `c`ontainer, `o`bject) and letters of an account SAS. */
  readonly account?: readonly [resourceType: "s" | "c" | "o", letters: string];
  /** Letters of a service SAS on the share. */
  readonly share?: string;
  /** Letters of a service SAS on the file itself. */
  readonly file?: string;
}

/** What authentication looks at. */
export interface Credentials extends Omit<SasContext, "bearer"> {
  readonly request: Request;
  readonly target: Target;
  readonly tokens: Tokens;
  /** Whether a bearer token may come over plain HTTP. */
  readonly insecureBearer: boolean;
  /** Whether the operation wants to know what a bearer intends. */
  readonly wantsIntent: boolean;
  /** Bytes of the body; asked for only when a Shared Key is checked. */
  contentLength(): Promise<number>;
}

/** Who sent a bearer token. A token that is not good is refused first, by the front end; the file service asks for the intent. */
function bearerOf(credentials: Credentials, token: string): Bearer {
  const { request, target, tokens, now } = credentials;
  if (target.protocol !== "https:" && !credentials.insecureBearer) {
    throw refusedToken("A bearer token is taken over HTTPS only; --insecure-bearer, or insecureBearer: true, lets it come over HTTP.");
  }
  const bearer = tokens.read(now, token);
  const intent = request.headers.get("x-ms-file-request-intent");
  if (credentials.wantsIntent && intent === null) throw missingHeader("x-ms-file-request-intent");
  if (intent !== null && intent.toLowerCase() !== "backup") throw badHeader("x-ms-file-request-intent", intent);
  return bearer;
}

/** Finds out who asks. Throws `AuthenticationFailed`, `InvalidAuthenticationInfo`, `NoAuthenticationInformation` and the like. */
export async function authenticate(credentials: Credentials): Promise<Identity> {
  const { request, target, account, sign, now } = credentials;
  if (target.account !== account.name) {
    throw new Failure("AuthenticationFailed", { details: [["AuthenticationErrorDetail", "There is no such account here."]] });
  }
  const authorization = request.headers.get("authorization");
  const token = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
  const isSigned = target.query.has("sig");
  if (authorization === null && !isSigned) throw new Failure("NoAuthenticationInformation", { headers: [challenge] });
  // A SAS that is bound to a user comes with that user's token.
  if (authorization !== null && isSigned && !(token !== undefined && target.query.has("sduoid"))) {
    throw new Failure("InvalidAuthenticationInfo");
  }
  const bearer = token === undefined ? undefined : bearerOf(credentials, token);
  if (isSigned) return { kind: "sas", sas: await verifySas({ ...credentials, bearer }, target) };
  if (bearer) return { kind: "bearer", ...bearer };
  const { method, headers } = request;
  const parts = { method, headers, target, account: account.name, contentLength: await credentials.contentLength() };
  await verifySharedKey(parts, authorization ?? "", sign, now);
  return { kind: "owner" };
}

function holdsOne(held: string, letters: string): boolean {
  return [...letters].some((letter) => held.includes(letter));
}

/** The letters that this SAS would need, or undefined where it can never do the operation. */
function lettersFor(sas: Sas, grant: Grant): string | undefined {
  if (sas.kind === "account") return grant.account?.[1];
  return sas.resource === "s" ? grant.share : grant.file;
}

/** Throws one of the 403 codes unless the caller may do the operation. */
export function authorize(identity: Identity, grant: Grant): void {
  if (identity.kind !== "sas") return;
  const { sas } = identity;
  if (sas.kind === "account") {
    if (!sas.services.includes("f")) throw new Failure("AuthorizationServiceMismatch");
    if (grant.account && !sas.resourceTypes.includes(grant.account[0])) throw new Failure("AuthorizationResourceTypeMismatch");
  }
  const letters = lettersFor(sas, grant);
  if (letters === undefined) throw new Failure("AuthorizationFailure");
  if (!holdsOne(sas.permissions, letters)) throw new Failure("AuthorizationPermissionMismatch");
}

/** Throws `AuthorizationPermissionMismatch` unless the caller holds one of `letters` as well; overwriting needs more than creating. */
export function demand(identity: Identity, letters: string): void {
  if (identity.kind === "sas" && !holdsOne(identity.sas.permissions, letters)) throw new Failure("AuthorizationPermissionMismatch");
}
