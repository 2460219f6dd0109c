/**
 * Bearer tokens for tests: of the form of Microsoft Entra's, issued and checked by the emulator alone.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory
 */
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { Failure, type Pair } from "./failures.js";
import { sameText } from "./hmac.js";
import { base64Of, bytesOfBase64, utf8 } from "./text.js";

/** Whose token it is, and for how long it is good. */
export interface TokenRequest {
  /** Object id of the user or application. @default "11111111-1111-1111-1111-111111111111" */
  readonly oid?: string | undefined;
  /** Id of the tenant. @default "22222222-2222-2222-2222-222222222222" */
  readonly tid?: string | undefined;
  /** When it ends. @default in an hour */
  readonly expires?: Date | undefined;
  /** When it begins. @default now */
  readonly notBefore?: Date | undefined;
  /** What it is for; any other than storage is refused. @default "https://storage.azure.com" */
  readonly audience?: string | undefined;
}

/** Who a token is of. */
export interface Bearer {
  readonly oid: string;
  readonly tid: string;
}

/** What an unauthenticated caller is told to do. */
export const challenge: Pair = [
  "WWW-Authenticate",
  "Bearer authorization_uri=https://login.microsoftonline.com/common/oauth2/authorize resource_id=https://storage.azure.com",
];

/** The refusal of a token. */
export function refusedToken(detail: string): Failure {
  return new Failure("InvalidAuthenticationInfo", {
    status: 401,
    message: "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.",
    headers: [challenge],
    details: [["AuthenticationErrorDetail", detail]],
  });
}

const urlSafe = (base64: string): string => base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

function partOf(text: string): unknown {
  const base64 = text.replaceAll("-", "+").replaceAll("_", "/");
  const bytes = bytesOfBase64(base64.padEnd(Math.ceil(base64.length / 4) * 4, "="));
  try {
    return bytes && JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

interface Claims extends Bearer {
  readonly aud: string;
  readonly exp: number;
  readonly nbf: number;
}

/** Issues tokens and knows them again. */
export class Tokens {
  readonly #secret: Uint8Array;
  readonly #audiences: ReadonlySet<string>;

  constructor(secret: Uint8Array, audiences: readonly string[]) {
    this.#secret = secret;
    this.#audiences = new Set(audiences.map((audience) => audience.replace(/\/+$/, "")));
  }

  #sign(text: string): string {
    return urlSafe(base64Of(hmac(sha256, this.#secret, utf8(text))));
  }

  /** Makes one. */
  issue(now: number, request: TokenRequest): string {
    const seconds = (time: number): number => Math.floor(time / 1000);
    const claims: Claims = {
      aud: request.audience ?? "https://storage.azure.com",
      oid: request.oid ?? "11111111-1111-1111-1111-111111111111",
      tid: request.tid ?? "22222222-2222-2222-2222-222222222222",
      exp: seconds(request.expires?.getTime() ?? now + 3_600_000),
      nbf: seconds(request.notBefore?.getTime() ?? now),
    };
    const text = [{ alg: "HS256", typ: "JWT" }, claims].map((part) => urlSafe(base64Of(utf8(JSON.stringify(part))))).join(".");
    return `${text}.${this.#sign(text)}`;
  }

  /** Who a token is of. Throws `InvalidAuthenticationInfo`. */
  read(now: number, token: string): Bearer {
    const [head = "", body = "", signature = "", ...rest] = token.split(".");
    if (rest.length > 0 || !sameText(this.#sign(`${head}.${body}`), signature)) throw refusedToken("Signature validation failed.");
    const { aud, oid, tid, exp, nbf } = partOf(body) as Claims;
    if (!this.#audiences.has(aud.replace(/\/+$/, ""))) throw refusedToken("Audience validation failed. Audience did not match.");
    if (now >= exp * 1000) throw refusedToken("Lifetime validation failed. The token is expired.");
    if (now < nbf * 1000) throw refusedToken("Lifetime validation failed. The token is not yet valid.");
    return { oid, tid };
  }
}
