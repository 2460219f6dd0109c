// The page that uploads, as every bundler makes it of the packed package: how large it is, what is not in it, and that it works in Chromium.
import assert from "node:assert/strict";
import { copyFileSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright";
import { chromiumArguments, chromiumMissing, ensureChromium } from "../../scripts/ensure-chromium.mjs";
import { installLocked } from "../../scripts/packed-project.mjs";
import { root } from "../../scripts/run.mjs";
import { bundlers, bundlersFolder } from "./bundlers/bundlers.mjs";
import { bytesOf, importPacked, openAccount } from "./account.mjs";

/** What the page may take, in bytes as sent: the bound of test/size.test.ts. */
const BUDGET = 18_000;
/** What is found where a page carries Node's transport, a reader of listings, or the signing of keys. */
const ABSENT = ["createConnection", "EnumerationResults", "SharedKey "];
/** Three ranges, the last one short. */
const SIZE = 9 * 1024 * 1024 + 5;
/** How long one page may take for its upload, in milliseconds; it takes a hundredth of it. */
const LIMIT = 60_000;

/**
 * Makes the page with every bundler and sends a file through it.
 *
 * @param {{ directory: string }} options The scratch project, with the packed package installed.
 * @returns {AsyncGenerator<{ name: string, result: "passed" | "failed", said: string, seconds: number }>}
 */
export async function* runBundles({ directory }) {
  await installLocked(bundlersFolder);
  const executablePath = ensureChromium();
  if (executablePath === undefined) throw new Error(chromiumMissing);
  const entry = join(directory, "upload-page.js");
  copyFileSync(join(root, "test/packed/upload-page.js"), entry);
  const account = await openAccount(directory);
  await account.client("inbox").shares.create();
  const browser = await chromium.launch({ executablePath, args: chromiumArguments });
  try {
    for (const { name, version, bundle } of bundlers) {
      const began = performance.now();
      const target = join(directory, "bundles", `${name}.js`);
      const outcome = await bundle(entry, target)
        .then(() => judge(readFileSync(target)))
        .then((said) => send(name, target, { browser, account, directory }).then(() => said))
        .then(
          (said) => ({ result: "passed", said }),
          (error) => ({ result: "failed", said: error.stack ?? String(error) }),
        );
      yield { name: `${name} ${version()}`, ...outcome, seconds: (performance.now() - began) / 1000 };
    }
  } finally {
    await browser.close();
    await account.close();
  }
}

/** Weighs a script and looks for what should not be in it. */
function judge(script) {
  const gzip = gzipSync(script, { level: 9 }).length;
  // One that lost the upload would be small, too.
  assert.ok(script.includes("x-ms-range"), "the upload is not in it");
  for (const text of ABSENT) assert.ok(!script.includes(text), `${JSON.stringify(text)} is in it`);
  assert.ok(gzip <= BUDGET, `it takes ${gzip} bytes, and may take ${BUDGET}`);
  return `${gzip} bytes gzipped; it sends a file from Chromium`;
}

/** Opens the page, gives it a file, and looks at the share for it. */
async function send(name, target, { browser, account, directory }) {
  const { serviceSas } = await importPacked(directory, "azure-files/sas");
  const { emulator, endpoint } = account;
  const expiresOn = new Date(Date.now() + 3_600_000);
  const credential = { account: emulator.account, key: emulator.key };
  const token = await serviceSas({ ...credential, share: "inbox", permissions: "cw", expiresOn, protocol: "https,http" });
  const contents = {
    "/": ["text/html", `<!doctype html><link rel="icon" href="data:,"><input type="file"><script type="module" src="/page.js"></script>`],
    "/page.js": ["text/javascript", readFileSync(target)],
    "/api/sas": ["text/plain", token],
  };
  const site = createServer(({ url }, response) => {
    const [type, content] = contents[url] ?? ["text/plain", undefined];
    response.writeHead(content === undefined ? 404 : 200, { "content-type": type }).end(content);
  });
  await new Promise((listening) => site.listen(0, "127.0.0.1", listening));
  const page = await browser.newPage();
  try {
    page.setDefaultTimeout(LIMIT);
    const broken = new Promise((_, fail) => page.on("pageerror", fail));
    const path = `${name}.bin`;
    const bytes = bytesOf(SIZE);
    await page.goto(`http://127.0.0.1:${site.address().port}/#${endpoint}`);
    const all = page.waitForEvent("console", (message) => message.text() === `${SIZE} ${SIZE}`);
    await page.setInputFiles("input", { name: path, mimeType: "application/octet-stream", buffer: Buffer.from(bytes) });
    await Promise.race([all, broken]);
    // All is written then, and one request later the file counts as whole.
    const { streaming } = account.client("inbox");
    let download;
    for (const end = performance.now() + LIMIT; download === undefined;) {
      download = await streaming.download({ path }).catch((error) => {
        if (error.reason !== "unfinished" || performance.now() > end) throw error;
      });
      if (download === undefined) await delay(20);
    }
    assert.equal(Buffer.compare(await download.bytes(), bytes), 0, "the file has other bytes");
  } finally {
    await page.close();
    site.close();
    site.closeAllConnections();
  }
}
