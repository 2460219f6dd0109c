// Run by Node: the conformance cases inside Cloudflare's workerd, without any flag for compatibility with Node. Parameters are the bundle
// and, for HTTP, the account; the last line has what was found, as JSON.
import { readFileSync } from "node:fs";
import { engineVersion, importEngine } from "../engines.mjs";

const [bundle, account = "null"] = process.argv.slice(2);
const { Miniflare } = await importEngine("miniflare");

const worker = `
  import { inProcess, overHttp } from "./places.js";
  export default {
    async fetch(request) {
      const account = await request.json();
      return Response.json(await (account ? overHttp(account) : inProcess()));
    },
  };`;

const miniflare = new Miniflare({
  compatibilityDate: "2026-07-01",
  modules: [
    { type: "ESModule", path: "worker.js", contents: worker },
    { type: "ESModule", path: "places.js", contents: readFileSync(bundle, "utf8") },
  ],
});
try {
  const response = await miniflare.dispatchFetch("http://127.0.0.1/", { method: "POST", body: account });
  if (!response.ok) throw new Error(await response.text());
  console.log(JSON.stringify({ version: engineVersion("workerd"), outcomes: await response.json() }));
} finally {
  await miniflare.dispose();
}
