// The same in a page: each contestant's browser build, served by the sink itself, in Chromium.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright";
import { build } from "vite";
import { chromiumArguments, findChromium } from "../scripts/ensure-chromium.mjs";
import { root } from "../scripts/run.mjs";

const sas = "sv=2026-10-06&sr=s&sp=rcwdl&se=2099-01-01T00%3A00%3A00Z&sig=bm90IGEgc2lnbmF0dXJlIGF0IGFsbCwganVzdCB0ZXh0";
const endpoint = "location.origin + '/account'";

/** 1 GiB of which 4 MiB are in memory. */
const gibibyte = "new Blob(Array.from({ length: 256 }, () => part))";

/** Each contestant's tasks, as a module that puts them on `globalThis.tasks`. */
const scripts = {
  "azure-files": `
    import { connect, sas } from "azure-files";
    import { download, upload } from "azure-files/streaming";
    const connection = connect({ endpoint: ${endpoint}, share: "share", credential: sas("${sas}") });
    const part = new Blob([new Uint8Array(4194304).fill(7)]);
    globalThis.tasks = {
      "page-upload": () => upload(connection, { path: "file.bin", body: ${gibibyte} }),
      "page-download": async () => (await (await download(connection, { path: "file.bin" })).blob()).size,
    };`,
  "azure-sdk": `
    import { AnonymousCredential, ShareFileClient } from "@azure/storage-file-share";
    const file = new ShareFileClient(${endpoint} + "/share/file.bin?${sas}", new AnonymousCredential());
    const part = new Blob([new Uint8Array(4194304).fill(7)]);
    globalThis.tasks = {
      "page-upload": () => file.uploadData(${gibibyte}, { concurrency: 4, rangeSize: 4194304 }),
      "page-download": async () => (await (await file.download()).blobBody).size,
    };`,
};

/** Builds the pages into a folder, a file each. */
export async function buildPages(folder) {
  for (const [name, script] of Object.entries(scripts)) {
    // In the tree, so that its imports are found.
    const work = join(root, "out/bench-pages");
    mkdirSync(work, { recursive: true });
    const input = join(work, `${name}.js`);
    writeFileSync(input, script);
    const { output } = await build({
      configFile: false,
      root,
      publicDir: false,
      logLevel: "silent",
      build: { write: false, minify: true, target: "es2022", rolldownOptions: { input, output: { codeSplitting: false } } },
    });
    writeFileSync(join(folder, `${name}.js`), output[0].code);
  }
}

/** One run in a browser of its own. */
export async function measurePage(contestant, workload, origin) {
  const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArguments });
  try {
    const page = await browser.newPage();
    await page.goto(`${origin}/pages/${contestant}`);
    return await page.evaluate(async (name) => {
      const start = performance.now();
      await globalThis.tasks[name]();
      return { wall: (performance.now() - start) / 1000 };
    }, workload);
  } finally {
    await browser.close();
  }
}
