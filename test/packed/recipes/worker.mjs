// The Worker in Cloudflare's workerd: what it mints is good for one new file, and for nothing else.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import { importEngine } from "../../runtimes/engines.mjs";
import { bytesOf, importPacked } from "../account.mjs";

/** One module of the Worker and of what it imports, chosen by the conditions by which wrangler chooses. */
async function bundle(directory) {
  const outDir = join(directory, "worker");
  await build({
    configFile: false,
    root: directory,
    publicDir: false,
    logLevel: "warn",
    resolve: { conditions: ["workerd", "worker", "browser"] },
    build: {
      outDir,
      target: "es2022",
      lib: { entry: join(directory, "recipes/worker-sas.ts"), formats: ["es"], fileName: () => "worker.js" },
    },
  });
  return readFileSync(join(outDir, "worker.js"), "utf8");
}

/** Mints a token in the Worker, uploads with it, and tries what it is not for. */
export async function worker({ directory, account: { emulator, endpoint, client } }) {
  const { fromUrl } = await importPacked(directory, "azure-files");
  const { upload } = await importPacked(directory, "azure-files/streaming");
  const share = client("inbox");
  await share.shares.create();
  const { Miniflare } = await importEngine("miniflare");
  const miniflare = new Miniflare({
    compatibilityDate: "2026-07-01",
    modules: [{ type: "ESModule", path: "worker.js", contents: await bundle(directory) }],
    bindings: {
      FILES_ACCOUNT: emulator.account,
      FILES_KEY: emulator.key,
      FILES_SHARE: "inbox",
      FILES_ENDPOINT: endpoint,
      UPLOAD_PASSWORD: "open sesame",
    },
  });
  try {
    const ask = (body, authorization = "Bearer open sesame") =>
      miniflare.dispatchFetch("http://worker.example/", { method: "POST", body: JSON.stringify(body), headers: { authorization } });
    assert.equal((await miniflare.dispatchFetch("http://worker.example/")).status, 405);
    assert.equal((await ask({ name: "a" }, "Bearer guess")).status, 401);
    for (const body of [null, {}, { name: "../a" }, { name: ".." }, { name: "" }]) assert.equal((await ask(body)).status, 400);

    const response = await ask({ name: "my report.bin" });
    assert.equal(response.status, 200);
    const text = await response.text();
    assert.ok(!text.includes(emulator.key), "the answer holds the account's key");
    const { url } = JSON.parse(text);
    const bytes = bytesOf(9 * 1024 * 1024 + 5);
    const { path } = await upload(fromUrl(url), { body: new Blob([bytes]) });
    assert.match(path, /^[0-9a-f-]{36} my report\.bin$/);
    const { bytes: read } = await share.streaming.download({ path });
    assert.deepEqual(Buffer.compare(await read(), bytes), 0, "the share holds other bytes");

    const headers = { "x-ms-version": "2026-10-06" };
    const create = { ...headers, "x-ms-type": "file", "x-ms-content-length": "1" };
    const another = url.replace(encodeURIComponent(path), "another.bin");
    const tries = [
      ["writing another file", another, { method: "PUT", headers: create }],
      ["reading the file", url, { headers }],
      ["deleting the file", url, { method: "DELETE", headers }],
    ];
    for (const [what, address, request] of tries) assert.equal((await fetch(address, request)).status, 403, `${what} is not refused`);
    return "a token for one new file; another file, reading and deleting are refused";
  } finally {
    await miniflare.dispose();
  }
}
