/** What the demo's server issues: a SAS for the page, and links for single files. The account's key stays here. */
import { connect, sharedKey } from "azure-files";
import { serviceSas } from "azure-files/sas";
import { createIfMissing } from "azure-files/shares";

/** Which share the page works with, and what it may do there. */
export interface ShareSettings {
  /** Address of the account, such as `http://127.0.0.1:10004/devstoreaccount1`. */
  readonly endpoint: string;
  readonly account: string;
  /** The account's key, base64. */
  readonly key: string;
  readonly share: string;
  /** Permission letters of the page's SAS. */
  readonly permissions: string;
}

/** How long the page's SAS lasts, in milliseconds; the library renews it before. Short, because it stands in a page. */
const PAGE_SAS = 15 * 60_000;
/** How long a link to one file lasts, in milliseconds: it has to be followed, not kept. A download that has begun goes on. */
const FILE_LINK = 5 * 60_000;

const encodePath = (path: string): string => path.split("/").map(encodeURIComponent).join("/");

/** The header that makes a browser save instead of show: the name for old readers in ASCII, and the real one. */
export function attachment(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, "_");
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

/** Creates the share where it is missing; the page's SAS has no right to do that. */
export async function ensureShare({ endpoint, account, key, share }: ShareSettings): Promise<void> {
  await createIfMissing(connect({ endpoint, share, credential: sharedKey({ account, key }) }), {});
}
