/**
 * A shared access signature as credential: the way for pages, which must not hold an account's key.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/delegate-access-with-shared-access-signature
 */
import type { Credential } from "../types/connection.js";
import type { WireRequest } from "../types/requests.js";
import { renewing } from "./renewing.js";
import { parseSasToken } from "./sas-token.js";

/**
 * A credential that puts a SAS on each request. A function is asked for a token when the first request needs one, again five minutes
 * before a token runs out (a quarter of its life, if that is less), and when the service refuses one; once for all requests under way.
 *
 * @param token The token, with or without "?", or a function that gives one. What the function throws reaches the caller untouched.
 * @throws TypeError for what is no SAS token: `sv`, `sig`, and `se` or `si` must be there. It is never echoed.
 * @example
 * connect({ endpoint, share: "inbox", credential: sas(() => fetch("/api/sas").then((response) => response.text())) });
 */
export function sas(token: string | (() => string | Promise<string>)): Credential {
  if (typeof token !== "function") {
    const { text, allows } = parseSasToken(token);
    return { kind: "sas", authorize: (request) => withToken(request, text), allows: () => allows };
  }
  const source = renewing(async () => parseSasToken(await token()));
  const used = new WeakMap<AbortSignal, string>();
  return {
    kind: "sas",
    async authorize(request, clock) {
      const { text } = await source.current(clock);
      used.set(request.signal, text);
      return withToken(request, text);
    },
    refused: (request) => source.refused(used.get(request.signal)),
    allows: async (clock) => (await source.current(clock)).allows,
  };
}

const withToken = (request: WireRequest, token: string): WireRequest => {
  const { headers } = request;
  const signed = SOURCES.filter((name) => isOurs(request, headers[name]));
  return {
    ...request,
    url: joined(request.url, token),
    headers:
      signed.length === 0
        ? headers
        : { ...headers, ...Object.fromEntries(signed.map((name) => [name, joined(headers[name] ?? "", token)])) },
  };
};

const joined = (url: string, token: string): string => `${url}${url.includes("?") ? "&" : "?"}${token}`;

/** Headers with a URL of a source, which has to bring a token of its own. */
const SOURCES = ["x-ms-file-rename-source", "x-ms-copy-source"];

/** Whether a source is in the account that the request goes to, and has no token yet: no other host is ever given one. */
function isOurs({ url }: WireRequest, source: string | undefined): boolean {
  if (source === undefined || /[?&]sig=/i.test(source)) return false;
  const [target, from] = [new URL(url), new URL(source)];
  // Where the account is in the path, it has to be the same as well.
  const isSame =
    target.origin === from.origin && (/\.file\./.test(from.hostname) || target.pathname.split("/")[1] === from.pathname.split("/")[1]);
  return isSame;
}
