/**
 * Tokens that are signed with a user's key instead of the account's.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/create-user-delegation-sas
 */
import { shown } from "../redact.js";
import type { UserDelegationKey } from "../types/account.js";
import { checkAccount } from "./account.js";
import {
  commonFields,
  fileOf,
  lettersOf,
  overridesOf,
  plain,
  type ReadOverrides,
  resourceOf,
  type SasFields,
  type SasOptions,
  tokenOf,
} from "./sas-fields.js";

/** The first service version that knows such tokens for files. */
const FIRST_VERSION = "2025-07-05";

/** What `userDelegationSas` takes. */
export interface UserDelegationSasOptions extends Omit<SasOptions, "key">, ReadOverrides {
  /** A key that `getUserDelegationKey` of `azure-files/account` gave; what it was made for is in the token, its value is not. */
  key: UserDelegationKey;
  /** Name of the share. */
  share: string;
  /** Path of a file, for a token that is good for this file only. @default the whole share */
  path?: string | undefined;
  /** Letters: `r` read, `c` create, `w` write, `d` delete, and `l` list for a share. What the user may not do, the token cannot allow. */
  permissions: string;
  /** When it ends; not after the key does. */
  expiresOn: Date | string;
  /** Object id of the only user who may use it, together with a bearer token of theirs. @default whoever holds it */
  delegatedUserObjectId?: string | undefined;
}

/**
 * Mints a token for one share, or for one file in it, without the account's key. It ends with the user's key at the latest.
 *
 * @returns the token without "?".
 * @throws TypeError for letters, times, paths, addresses and versions that break the rules and for a key with parts missing; RangeError
 * where the end is not after the start, or is after that of the key.
 * @see https://learn.microsoft.com/rest/api/storageservices/create-user-delegation-sas
 * @example
 * const key = await getUserDelegationKey(connection, { expiresOn });
 * const token = await userDelegationSas({ account, key, share: "inbox", permissions: "cw", expiresOn });
 */
export async function userDelegationSas(options: UserDelegationSasOptions): Promise<string> {
  const { share, permissions, expiresOn, key } = options;
  const file = fileOf(share, options.path);
  if (permissions === undefined || expiresOn === undefined) throw new TypeError("permissions and expiresOn are needed");
  const fields: SasFields = {
    ...commonFields(options),
    sp: lettersOf(permissions, file),
    sr: file === undefined ? "s" : "f",
    skoid: wanted(key, "signedOid"),
    sktid: wanted(key, "signedTid"),
    skt: wanted(key, "signedStart"),
    ske: wanted(key, "signedExpiry"),
    sks: wanted(key, "signedService"),
    skv: wanted(key, "signedVersion"),
    skdutid: plain("key.signedDelegatedUserTid", key.signedDelegatedUserTid),
    sduoid: plain("delegatedUserObjectId", options.delegatedUserObjectId),
    ...overridesOf(options),
  };
  const { sv = "", se = "", ske = "" } = fields;
  if (sv < FIRST_VERSION) throw new TypeError(`version is ${shown(sv)}, but must be a service version from ${FIRST_VERSION}`);
  if (Date.parse(se) > Date.parse(ske)) throw new RangeError(`expiresOn ${se} is after the key's end, ${ske}`);
  return tokenOf(wanted(key, "value"), fields, userDelegationSasStringToSign(checkAccount(options.account), share, file, fields));
}

/** What such a token's signature is of. The resource is not percent-encoded. */
export function userDelegationSasStringToSign(account: string, share: string, path: string | undefined, fields: SasFields): string {
  const { sp, st, se, skoid, sktid, skt, ske, sks, skv, skdutid, sduoid, sip, spr, sv, rscc, rscd, rsce, rscl, rsct } = fields;
  const signer = [skoid, sktid, skt, ske, sks, skv, skdutid, sduoid];
  const resource = resourceOf(account, share, path);
  return [sp, st, se, resource, ...signer, sip, spr, sv, rscc, rscd, rsce, rscl, rsct].map((field) => field ?? "").join("\n");
}

/** A field of a key that must be there. Its text is never echoed: one of them is a secret. */
function wanted(key: UserDelegationKey, name: Exclude<keyof UserDelegationKey, "signedDelegatedUserTid">): string {
  const value: unknown = key?.[name];
  if (typeof value !== "string" || value === "") throw new TypeError(`key has no ${name}: pass what getUserDelegationKey() gave`);
  return plain(`key.${name}`, value);
}
