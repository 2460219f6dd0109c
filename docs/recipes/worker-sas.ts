/**
 * A Cloudflare Worker that hands out upload addresses: the account's key stays here, and a page gets the URL of one new file with a token that
 * can write that file and nothing else, for a quarter of an hour.
 *
 * In the page: `await upload(fromUrl(url), { body: file })`. Secrets are set with `wrangler secret put`.
 */
import { serviceSas } from "azure-files/sas";

interface Environment {
  /** Name of the storage account, and one of its keys. */
  FILES_ACCOUNT: string;
  FILES_KEY: string;
  /** Where uploads go. */
  FILES_SHARE: string;
  /** @default the account's own address at Azure */
  FILES_ENDPOINT?: string;
  /** What a caller has to know. Your own login belongs in its place: who may ask here may fill the share. */
  UPLOAD_PASSWORD: string;
}

const MINUTES = 15;
/** What is no name of a file, and what would lead into a directory. */
const FORBIDDEN = /^\.{0,2}$|["\\/:|<>*?\p{Cc}]/u;

export default {
  async fetch(request: Request, env: Environment): Promise<Response> {
    if (request.method !== "POST") return new Response("ask with POST", { status: 405, headers: { allow: "POST" } });
    if (request.headers.get("authorization") !== `Bearer ${env.UPLOAD_PASSWORD}`) return new Response("who are you?", { status: 401 });
    const asked = (await request.json().catch(() => undefined)) as { name?: unknown } | null | undefined;
    const name = asked?.name;
    if (typeof name !== "string" || name.length > 200 || FORBIDDEN.test(name)) {
      return new Response('send the name of a file: {"name": "report.pdf"}', { status: 400 });
    }

    // A name of our own making in front: nobody writes over what somebody else sent.
    const path = `${crypto.randomUUID()} ${name}`;
    const endpoint = env.FILES_ENDPOINT ?? `https://${env.FILES_ACCOUNT}.file.core.windows.net`;
    const token = await serviceSas({
      account: env.FILES_ACCOUNT,
      key: env.FILES_KEY,
      share: env.FILES_SHARE,
      path,
      permissions: "cw", // create and write: not read, not delete
      expiresOn: new Date(Date.now() + MINUTES * 60_000),
      protocol: endpoint.startsWith("https:") ? "https" : "https,http", // the emulator speaks plain HTTP
    });
    const url = `${endpoint}/${env.FILES_SHARE}/${encodeURIComponent(path)}?${token}`;
    return Response.json({ url }, { headers: { "cache-control": "no-store" } });
  },
};
