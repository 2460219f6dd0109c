/**
 * Takes secrets out of text before anybody else sees it: signatures, account keys and tokens.
 *
 * This is the only place that knows what a secret looks like. Errors, logs, spans and recordings pass through it.
 */

/**
 * What goes before a secret, and the secret: `sig` of a SAS (plain, or percent-encoded once or twice inside another URL), the key of a
 * connection string, the values of `Authorization`, a signature as the service quotes it when it refuses one, and the tokens of the
 * identity platform, wherever they stand. A challenge of the
 * service (`Bearer authorization_uri=`) holds none.
 */
const SECRETS =
  /((?:\b|%(?:25)?\w\w)sig(?:=|%(?:25)?3d)|AccountKey\s*(?:=|%3d)\s*|SharedKey(?:Lite)? [^:\s]+:|Bearer +(?!authorization_uri)|signature found in the HTTP request '(?:Bearer +)?|eyJ(?=[\w-]{9,400}\.))(?:(?!%(?:25)?26)[^&\s"'<>;,)\]}\\])+/gi;

/** What may be a key or a signature that stands alone, which are base64 of 32 bytes or more. */
const BARE = /\S{43}=/;

/** Headers whose whole value is a secret. */
const SECRET_HEADER = /authorization$|cookie$/i;

/** What stands where a secret stood. */
const REMOVED = "REDACTED";

/** The text without the secrets it may carry. */
export const redactText = (text: string): string => text.replace(SECRETS, `$1${REMOVED}`);

/**
 * What an error says of a wrong argument: text in quotes, cut where it is long, and nothing of it where a secret stands there by mistake; of
 * an object only that it is one.
 *
 * @param whole What the text is a part of, which tells more of what it is. @default the text
 */
export const shown = (value: unknown, whole: string = value as string): string => {
  if (typeof value !== "string") return Object(value) === value ? typeof value : String(value);
  return redactText(whole) === whole && !BARE.test(whole) ? JSON.stringify(value.slice(0, 80)) : REMOVED;
};

/**
 * A body that is text without the secrets it may carry: those of `redactText`, the key in the answer of Get User Delegation Key, and what
 * servers of tokens are told and tell, as JSON or as a form. JSON may have its `&` escaped.
 */
export const redactDocument = (text: string): string =>
  redactText(text)
    // The base64 of "REDACTED": whoever reads it wants base64.
    .replace(/(<UserDelegationKey\b[^>]*>[^]*?<Value>)[^<]*/g, "$1UkVEQUNURUQ=")
    .replace(/(\\u0026sig=)[^&\s"'<>\\]+/gi, `$1${REMOVED}`)
    .replace(/("(?:access|refresh|id)_token"\s*:\s*")[^"]*/gi, `$1${REMOVED}`)
    .replace(/((?:^|&)(?:client_secret|client_assertion|assertion|password|(?:access|refresh|id)_token)=)[^&\s]*/gi, `$1${REMOVED}`);

/** A URL without the signature it may carry, and without a user name or password. Also takes URLs that do not parse. */
export const redactUrl = (url: string): string => redactText(url.replace(/^(\w+:\/\/)[^/?#@]*@/, "$1"));

/** A copy of headers that is safe to keep: secret values are replaced, URLs in other values lose their signature. */
export function redactHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, SECRET_HEADER.test(name) ? REMOVED : redactText(value)]));
}

/**
 * An error of somebody else, made safe to hang on as a `cause`: name, code, message and stack, each without secrets, down to five
 * causes deep. HTTP clients put the whole URL into messages and the request itself onto the error, so theirs are never passed on.
 */
export function redactCause(error: unknown, depth = 5): unknown {
  if (typeof error === "string") return redactText(error);
  if (typeof error !== "object" || error === null || !("message" in error)) return undefined;
  const { name, message, stack, code, cause } = error as Error & { code?: unknown };
  const safe: Error & { code?: unknown } = new Error(redactText(String(message)));
  safe.name = String(name);
  safe.stack = redactText(String(stack));
  if (code !== undefined) safe.code = typeof code === "number" ? code : redactText(String(code));
  if (cause !== undefined && depth > 1) safe.cause = redactCause(cause, depth - 1);
  return safe;
}
