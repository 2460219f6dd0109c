/** The name of a storage account, as signatures hold it. */

/**
 * Checks the name of an account: 3 to 24 of a-z and 0-9; hyphens too, for those of emulators.
 *
 * @throws TypeError that never echoes it, because a key may stand in its place.
 */
export function checkAccount(account: unknown): string {
  if (typeof account !== "string" || !/^[a-z0-9-]{3,24}$/.test(account)) {
    throw new TypeError("account is no name of a storage account: 3 to 24 of a-z and 0-9");
  }
  return account;
}
