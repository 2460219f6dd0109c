/**
 * Takes secrets out of text before anybody else sees it: signatures, account keys and tokens.
 *
 * This is the only place that knows what a secret looks like. Errors, logs, spans and recordings pass through it.
 */

/** What stands where a secret stood. */
const REMOVED = "REDACTED";

/** Headers whose whole value is a secret. */
const SECRET_HEADER = /^(authorization|cookie|set-cookie|proxy-authorization|x-ms-copy-source-authorization)$/i;

/**
 * The text without the secrets it may carry: `sig` of a SAS (plain or percent-encoded once or twice), account keys of a connection
 * string, `Authorization` values.
 */
export function redactText(text: string): string {
  return text
    .replace(/((?:^|[^a-z0-9])sig(?:nature)?(?:=|%3d|%253d))(?:(?!%26|%2526)[^&\s"'<>;,)\]}\\])+/gi, `$1${REMOVED}`)
    .replace(/(AccountKey\s*=\s*)[^;\s"']+/gi, `$1${REMOVED}`)
    .replace(/(SharedKey(?:Lite)? [^:\s]+:)[A-Za-z0-9+/=]+/g, `$1${REMOVED}`)
    .replace(/(Bearer\s+)(?!authorization_uri)[A-Za-z0-9\-._~+/]{8,}=*/g, `$1${REMOVED}`);
}

/** A URL without the signature it may carry, and without a user name or password. Also takes URLs that do not parse. */
export function redactUrl(url: string): string {
  return redactText(url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#@]*@/i, "$1"));
}

/** A copy of headers that is safe to keep: secret values are replaced, URLs in other values lose their signature. */
export function redactHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, SECRET_HEADER.test(name) ? REMOVED : redactText(value)]));
}

/**
 * An error of somebody else, made safe to hang on as a `cause`: name, code, message and stack, each without secrets, down to five
 * causes deep. HTTP clients put the whole URL into messages and the request itself onto the error, so theirs are never passed on.
 */
export function redactCause(error: unknown, depth = 5): unknown {
  if (!(typeof error === "object" && error !== null && "message" in error)) {
    return typeof error === "string" ? redactText(error) : undefined;
  }
  const { name, message, stack, code, cause } = error as Error & { code?: unknown };
  const safe = new Error(redactText(String(message)));
  safe.name = String(name ?? "Error");
  if (typeof stack === "string") safe.stack = redactText(stack);
  if (typeof code === "string" || typeof code === "number") Object.assign(safe, { code });
  if (cause !== undefined && depth > 1) safe.cause = redactCause(cause, depth - 1);
  return safe;
}
