/**
 * A Microsoft Entra token as credential.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory
 */
import type { Credential } from "../types/connection.js";
import { renewing } from "./renewing.js";

/** The scope of tokens for Azure Storage. */
const SCOPE = "https://storage.azure.com/.default";

/** A token with its end, as `@azure/identity` gives it. */
export interface AccessToken {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expiresOnTimestamp?: number | undefined;
}

/** Gives tokens: a function, or a credential of `@azure/identity`. */
export type TokenSource =
  | ((scope: string) => Promise<string | AccessToken>)
  | { getToken(scope: string): Promise<string | AccessToken | null> };

/**
 * A credential that puts a Microsoft Entra token on each request. The source is asked when a token is needed, ahead of its end, and when
 * the service refuses one; once for all requests under way.
 *
 * With a token Azure Files bypasses the access control lists of files and directories; `intent: "backup"` says that this is meant.
 *
 * @throws TypeError for another intent, and before the network for `http:` to another machine: a token must not travel in the clear.
 * @example
 * bearer(new DefaultAzureCredential(), { intent: "backup" })
 */
export function bearer(source: TokenSource, options: { intent: "backup" }): Credential {
  if (options?.intent !== "backup") throw new TypeError('intent must be "backup": it says that access control lists of files are bypassed');
  const getToken = typeof source === "function" ? source : (scope: string) => source.getToken(scope);
  if (typeof source !== "function" && typeof source?.getToken !== "function")
    throw new TypeError("bearer() takes a function or an object with getToken()");
  const tokens = renewing(async () => {
    const given = await getToken(SCOPE);
    const { token, expiresOnTimestamp } =
      typeof given === "object" && given !== null ? given : { token: given, expiresOnTimestamp: undefined };
    if (typeof token !== "string" || !/^[\x21-\x7e]+$/.test(token)) throw new TypeError("getToken() gave no token");
    if (expiresOnTimestamp !== undefined && !Number.isFinite(expiresOnTimestamp)) {
      throw new TypeError("getToken() gave an expiresOnTimestamp that is no number of milliseconds since 1970");
    }
    return { text: token, expiresOn: expiresOnTimestamp };
  });
  const used = new WeakMap<AbortSignal, string>();
  return {
    kind: "bearer",
    async authorize(request, clock) {
      const { protocol, hostname } = new URL(request.url);
      if (protocol !== "https:" && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)) {
        throw new TypeError(`a bearer token is not sent over ${protocol} to ${hostname}: use https:`);
      }
      const { text: token } = await tokens.current(clock);
      used.set(request.signal, token);
      const headers = {
        ...request.headers,
        "x-ms-date": new Date(clock.now()).toUTCString(),
        // Asking for a key touches no file, and the operation knows no such header.
        ...(request.operation === "Get User Delegation Key" ? {} : { "x-ms-file-request-intent": options.intent }),
        authorization: `Bearer ${token}`,
      };
      return { ...request, headers };
    },
    refused: (request) => tokens.refused(used.get(request.signal)),
  };
}
