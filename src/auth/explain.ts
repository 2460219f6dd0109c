/**
 * Says in words why the service refused a request: what the token, the key or the role behind it lacked.
 */
import { isServiceError, type ServiceError } from "../errors.js";
import type { OperationName } from "../types/requests.js";
import { neededGrants } from "./needed-grants.js";

/** The words of a SAS that a URL shows, by name. The signature is none of them. */
type Words = Readonly<Record<string, string>>;

/** What is known of a refused request. */
interface Refused {
  readonly operation: OperationName;
  readonly error: ServiceError;
  readonly url: URL;
  readonly words: Words;
  /** When the last try began, milliseconds since 1970. */
  readonly at: number | undefined;
}

/**
 * Explains why the service refused a request: which permission letter, resource type, service, time, protocol, address or intent it
 * lacked, as far as request and answer tell. Undefined for what is no refusal of that kind. It holds no secret.
 *
 * @example
 * catch (error) {
 *   console.error(error.message, explain(error)); // … Put Range needs "w" (write), and the token allows "r" (sp=r).
 * }
 */
export function explain(error: unknown): string | undefined {
  if (!isServiceError(error)) return undefined;
  const refusal = error as ServiceError;
  const { operation, request, attempts } = refusal;
  if (operation === undefined || request === undefined) return undefined;
  const url = new URL(request.url);
  const words = Object.fromEntries([...url.searchParams].filter(([name]) => name !== "sig"));
  const refused: Refused = { operation, error: refusal, url, words, at: attempts.at(-1)?.startedAt };
  const { status, code } = refusal;
  if (Object.hasOwn(ABSENT, code)) return `${operation} found ${ABSENT[code]}`;
  if (Object.hasOwn(OTHERS, code)) return OTHERS[code];
  if (code === "MissingRequiredHeader" && refusal.details["HeaderName"] === "x-ms-file-request-intent") {
    return `${operation} with a bearer token needs the intent "backup", which bearer(source, { intent: "backup" }) sends.`;
  }
  if (status !== 401 && status !== 403) return undefined;
  if (url.searchParams.has("sig")) return ofToken(refused);
  return "x-ms-file-request-intent" in request.headers || operation === "Get User Delegation Key"
    ? ofBearer(refused)
    : ofKey(refused, "authorization" in request.headers);
}

/** Codes that say it all. */
const OTHERS: Readonly<Record<string, string>> = {
  AccountIsDisabled: "The storage account is disabled.",
  ShareDisabled: "The share is disabled.",
  InsufficientAccountPermissions: "The storage account itself may not do this at the moment; it may be read-only or restricted.",
  FileOAuthManagementApiRestrictedToSrp:
    "This operation takes no bearer token here: use the account's key or a SAS, or the management API of the storage account.",
};

/** What was looked for and is not there, by code. */
const ABSENT: Readonly<Record<string, string>> = {
  ShareNotFound: "no share of that name in the account.",
  ShareSnapshotNotFound: "the share, but no snapshot of that time.",
  ParentNotFound: "no directory to hold that path: directories.create() with recursive: true makes it with its parents.",
  ResourceNotFound: "nothing of that name; the directory that would hold it is there.",
};

/** A code that says which check failed, and that check. Told in the order in which the service looks; without such a code all are tried. */
const CHECKS: readonly (readonly [code: RegExp, check: (refused: Refused) => string | undefined])[] = [
  [/^(AuthenticationFailed|Unknown)$/, time],
  [/^(AuthorizationSourceIPMismatch|Unknown)$/, address],
  [/^(AuthorizationProtocolMismatch|Unknown)$/, protocol],
  [/^(AuthorizationServiceMismatch|Unknown)$/, service],
  // A token of a share is not even authentic for what is above the share.
  [/^(AuthenticationFailed|AuthorizationFailure|AuthorizationPermissionMismatch|AuthorizationResourceTypeMismatch|Unknown)$/, kind],
  [/^(AuthorizationResourceTypeMismatch|AuthorizationFailure|Unknown)$/, resourceType],
  [/^(AuthorizationPermissionMismatch|AuthorizationFailure|Unknown)$/, letters],
  [/^AuthenticationFailed$/, signature],
  [/^AuthorizationFailure$/, network],
];

function ofToken(refused: Refused): string | undefined {
  for (const [code, check] of CHECKS) {
    const found = code.test(refused.error.code) ? check(refused) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A time window that is not open: the token's, or that of the user's key that signed it. */
function time({ words, at }: Refused): string | undefined {
  if (at === undefined) return undefined;
  const windows = [
    ["token", "st", "se"],
    ["user's key that signed the token", "skt", "ske"],
  ] as const;
  for (const [what, from, to] of windows) {
    const [start = "", end = ""] = [words[from], words[to]];
    if (Date.parse(end) <= at) return `The ${what} ended at ${end} (${to}); the request was made at ${new Date(at).toISOString()}.`;
    if (Date.parse(start) > at) {
      return `The ${what} begins at ${start} (${from}); the request was made at ${new Date(at).toISOString()}, unless this clock is wrong.`;
    }
  }
  return undefined;
}

function address({ words, error }: Refused): string | undefined {
  const range = words["sip"];
  // Only the service knows where the request came from.
  if (range === undefined || error.code === "Unknown") return undefined;
  return `The token is good for requests from ${range} only (sip), and this one came from another address.`;
}

function protocol({ words, url }: Refused): string | undefined {
  return words["spr"] === "https" && url.protocol === "http:"
    ? "The token is good over https only (spr=https), and this was http."
    : undefined;
}

function service({ words }: Refused): string | undefined {
  const services = words["ss"];
  return services === undefined || services.includes("f")
    ? undefined
    : `The token is for other services (ss=${services}); files need ss=f.`;
}

/** An operation that this kind of token cannot do, whatever its letters. */
function kind({ operation, words }: Refused): string | undefined {
  const [type, account, share, file] = neededGrants[operation];
  if (account === undefined) {
    const how = operation === "Get User Delegation Key" ? "a bearer token" : "the account's key, or a bearer token";
    return `No SAS is good for ${operation}: it takes ${how}.`;
  }
  const wide = `an account SAS with srt=${type} and ${named(account)} (sp)`;
  if (words["sr"] === "s" && share === undefined) return `The token is for a share, and ${operation} takes ${wide}.`;
  if (words["sr"] === "f" && file === undefined) {
    const other = share === undefined ? "" : `a token for the share with ${named(share)} (sp), or `;
    return `The token is for one file, and ${operation} takes ${other}${wide}.`;
  }
  return undefined;
}

const TYPES: Readonly<Record<string, string>> = { s: "the service", c: "shares", o: "directories and files" };

function resourceType({ operation, words }: Refused): string | undefined {
  const [type = ""] = neededGrants[operation];
  const types = words["srt"];
  if (types === undefined || types.includes(type)) return undefined;
  return `${operation} needs a token for ${TYPES[type]} (srt with "${type}"), and this one has srt=${types}.`;
}

function letters({ operation, words }: Refused): string | undefined {
  const [, account = "", share = "", file = ""] = neededGrants[operation];
  const needed = words["sr"] === "s" ? share : words["sr"] === "f" ? file : account;
  const given = words["sp"];
  if (given === undefined) {
    return words["si"] === undefined
      ? undefined
      : `${operation} needs ${named(needed)}, which the stored policy "${words["si"]}" (si) does not allow.`;
  }
  const enough = needed.split("|").some((all) => [...all].every((letter) => given.includes(letter)));
  if (!enough) return `${operation} needs ${named(needed)}, and the token allows ${named(given)} (sp=${given}).`;
  // To create is enough for what is not there yet.
  if (needed === "c|w" && !given.includes("w"))
    return `What is there already may not be replaced: that needs "w" (write), and the token allows ${named(given)} (sp=${given}).`;
  return words["skoid"] === undefined
    ? undefined
    : `The token's letters are enough (sp=${given}), so the user whose key signed it lacks the role: ${role(operation)}.`;
}

function signature({ words }: Refused): string {
  const causes = ["the key that signed it was renewed", "a word of it was changed on the way"];
  if (words["sr"] === "f") causes.push("it is for another file");
  if (words["sr"] === "s") causes.push("it is for another share");
  if (words["si"] !== undefined) causes.push(`its stored policy "${words["si"]}" (si) was removed or has ended`);
  if (words["sduoid"] !== undefined) causes.push("the bearer token of the user it is for (sduoid) did not come with it");
  return `The token's signature is not that of this request: ${causes.join(", or ")}.`;
}

function network(): string {
  return "Key, token or role would be good enough, as far as can be told: the account's network rules may not let this address in.";
}

/** Requests with a bearer token. */
function ofBearer(refused: Refused): string | undefined {
  const { error, operation } = refused;
  const { status, code, details } = error;
  if (status === 401 || code === "InvalidAuthenticationInfo") {
    const detail = details["AuthenticationErrorDetail"];
    return `The bearer token was not accepted: it has ended, or is for another audience than https://storage.azure.com, or of another tenant.${detail ? ` The service says: ${detail}` : ""}`;
  }
  if (code === "AuthorizationPermissionMismatch") return `The identity behind the bearer token lacks the role: ${role(operation)}.`;
  return code === "AuthorizationFailure" ? network() : undefined;
}

/** The role that lets an identity do an operation. */
function role(operation: OperationName): string {
  if (operation === "Get User Delegation Key") return `${operation} takes one such as Storage File Delegator`;
  const [, account = "w"] = neededGrants[operation];
  return /^[rl|]+$/.test(account)
    ? `${operation} takes Storage File Data Privileged Reader or Contributor`
    : `${operation} takes Storage File Data Privileged Contributor`;
}

/** Requests with an account's key, or with nothing. */
function ofKey({ error, operation }: Refused, signed: boolean): string | undefined {
  if (!signed) return `${operation} came without a credential: give connect() one of sharedKey(), sas() or bearer().`;
  if (error.code === "AuthorizationFailure") return network();
  if (error.code === "KeyBasedAuthenticationNotPermitted")
    return "The account takes no keys: use a bearer token, or a SAS that a user's key signed.";
  if (error.code !== "AuthenticationFailed") return undefined;
  return "The signature with the account's key was not accepted: the key is that of another account or was renewed, or this clock is more than 15 minutes off.";
}

const LETTERS: Readonly<Record<string, string>> = { r: "read", w: "write", d: "delete", l: "list", c: "create" };

/** Letters with their meanings; "|" between letters of which one is enough. */
const named = (all: string): string =>
  all
    .split("|")
    .map((some) => [...some].map((letter) => `"${letter}"${LETTERS[letter] ? ` (${LETTERS[letter]})` : ""}`).join(" and "))
    .join(" or ");
