/** Where the demo finds its share, from the environment. */
import type { ShareSettings } from "./links.js";

/** The account and key that every emulator of Azure Storage has. They are public, and open nothing but an emulator. */
const EMULATOR_ACCOUNT = "devstoreaccount1";
const EMULATOR_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/**
 * What the page may do unless told otherwise: create, write, delete, list, and read, which is how an upload finds out after a reload what is
 * in the share already. A download has a link of its own, issued for one file and a few minutes.
 */
export const PAGE_PERMISSIONS = "rcwdl";

/** Reads `AZURE_FILES_ENDPOINT`, `AZURE_FILES_ACCOUNT`, `AZURE_FILES_KEY` and `AZURE_FILES_SHARE`; each defaults to the emulator's. */
export function settingsFromEnvironment(environment: Readonly<Record<string, string | undefined>>): ShareSettings {
  const account = environment["AZURE_FILES_ACCOUNT"] ?? EMULATOR_ACCOUNT;
  return {
    account,
    key: environment["AZURE_FILES_KEY"] ?? EMULATOR_KEY,
    endpoint: environment["AZURE_FILES_ENDPOINT"] ?? `http://127.0.0.1:10004/${account}`,
    share: environment["AZURE_FILES_SHARE"] ?? "demo",
    permissions: PAGE_PERMISSIONS,
  };
}
