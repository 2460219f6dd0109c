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

/** A SAS for the page: the whole share, few rights, a short life. */
export async function pageSas({ endpoint, account, key, share, permissions }: ShareSettings): Promise<object> {
  const expires = new Date(Date.now() + PAGE_SAS);
  const token = await serviceSas({ account, key, share, permissions, expiresOn: expires, protocol: protocolOf(endpoint) });
  return { endpoint, share, token, expires: expires.toISOString() };
}

/** A link that downloads one file and does nothing else. */
export async function fileLink({ endpoint, account, key, share }: ShareSettings, path: string): Promise<object> {
  const expires = new Date(Date.now() + FILE_LINK);
  const contentDisposition = attachment(path.slice(path.lastIndexOf("/") + 1));
  const token = await serviceSas({
    account,
    key,
    share,
    path,
    permissions: "r",
    expiresOn: expires,
    protocol: protocolOf(endpoint),
    contentDisposition,
  });
  return { url: `${endpoint.replace(/\/$/, "")}/${share}/${encodePath(path)}?${token}`, expires: expires.toISOString() };
}

/** A SAS is for HTTPS alone; an emulator on this machine has none. */
const protocolOf = (endpoint: string): "https" | "https,http" => (endpoint.startsWith("http:") ? "https,http" : "https");
