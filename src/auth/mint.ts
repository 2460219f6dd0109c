/**
 * Mints SAS tokens: on a server, at the edge, in a script, where the account's key may live, or a key that the service gave to a user. The
 * entry `azure-files/sas`.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/create-service-sas
 */
import { checkAccount } from "./account.js";
import {
  commonFields,
  fileOf,
  inOrder,
  lettersOf,
  overridesOf,
  plain,
  type ReadOverrides,
  resourceOf,
  type SasFields,
  type SasOptions,
  tokenOf,
} from "./sas-fields.js";

export type { UserDelegationKey } from "../types/account.js";
export type { ReadOverrides, SasFields, SasOptions };
export { userDelegationSas, type UserDelegationSasOptions, userDelegationSasStringToSign } from "./user-delegation-sas.js";

/** What `serviceSas` takes. */
export interface ServiceSasOptions extends SasOptions, ReadOverrides {
  /** Name of the share. */
  share: string;
  /** Path of a file, for a token that is good for this file only. @default the whole share */
  path?: string | undefined;
  /** Letters: `r` read, `c` create, `w` write, `d` delete, and `l` list for a share. Needed unless `identifier` names a policy that says it. */
  permissions?: string | undefined;
  /** Id of a policy stored with the share, which then says what the token leaves out and can be withdrawn. */
  identifier?: string | undefined;
}

/** What `accountSas` takes. */
export interface AccountSasOptions extends SasOptions {
  /** Letters: `r` read, `w` write, `d` delete, `l` list, `c` create; `a`, `u` and `p` mean nothing to file shares. */
  permissions: string;
  /** Letters of what it opens: `s` the service, `c` shares, `o` directories and files. */
  resourceTypes: string;
  /** Letters of services. @default "f" */
  services?: string | undefined;
  /** When it ends; an account token cannot leave that to a policy. */
  expiresOn: Date | string;
}

/**
 * Mints a token for one share, or for one file in it.
 *
 * @returns the token without "?".
 * @throws TypeError for letters, times, paths and addresses that break the rules; RangeError where the end is not after the start.
 * @see https://learn.microsoft.com/rest/api/storageservices/create-service-sas
 * @example
 * const token = await serviceSas({ account, key, share: "inbox", permissions: "cw", expiresOn: new Date(Date.now() + 3_600_000) });
 */
export async function serviceSas(options: ServiceSasOptions): Promise<string> {
  const { share, path, permissions, identifier } = options;
  const file = fileOf(share, path);
  if (identifier !== undefined && !/^.{1,64}$/.test(identifier)) throw new TypeError("identifier must have 1 to 64 characters");
  if (identifier === undefined && (permissions === undefined || options.expiresOn === undefined)) {
    throw new TypeError("permissions and expiresOn are needed, unless identifier names a stored policy that says them");
  }
  const fields: SasFields = {
    ...commonFields(options),
    sp: permissions === undefined ? "" : lettersOf(permissions, file),
    sr: file === undefined ? "s" : "f",
    si: plain("identifier", identifier),
    ...overridesOf(options),
  };
  return tokenOf(options.key, fields, serviceSasStringToSign(checkAccount(options.account), share, file, fields));
}

/** What a service token's signature is of. The resource is not percent-encoded. */
export function serviceSasStringToSign(account: string, share: string, path: string | undefined, fields: SasFields): string {
  const resource = resourceOf(account, share, path);
  const { sp, st, se, si, sip, spr, sv, rscc, rscd, rsce, rscl, rsct } = fields;
  return [sp, st, se, resource, si, sip, spr, sv, rscc, rscd, rsce, rscl, rsct].map((field) => field ?? "").join("\n");
}

/**
 * Mints a token for the account: the only kind that lists, creates and deletes shares.
 *
 * @returns the token without "?".
 * @throws TypeError for letters, times and addresses that break the rules; RangeError where the end is not after the start.
 * @see https://learn.microsoft.com/rest/api/storageservices/create-account-sas
 */
export async function accountSas(options: AccountSasOptions): Promise<string> {
  if (options.expiresOn === undefined) throw new TypeError("expiresOn is needed");
  const fields: SasFields = {
    ...commonFields(options),
    sp: inOrder("permissions", options.permissions, "rwdlacup"),
    ss: inOrder("services", options.services ?? "f", "bqtf"),
    srt: inOrder("resourceTypes", options.resourceTypes, "sco"),
    ses: "",
  };
  return tokenOf(options.key, fields, accountSasStringToSign(checkAccount(options.account), fields));
}

/** What an account token's signature is of. It ends in a line break. */
export function accountSasStringToSign(account: string, fields: SasFields): string {
  const { sp, ss, srt, st, se, sip, spr, sv, ses } = fields;
  const lines = [account, sp, ss, srt, st, se, sip, spr, sv];
  // The encryption scope came with this version.
  if ((sv ?? "") >= "2020-12-06") lines.push(ses);
  return lines.map((line) => `${line ?? ""}\n`).join("");
}
