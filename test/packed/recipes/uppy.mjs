// The page with Uppy in Chromium: progress, pause, resume, cancel and retry, by its buttons.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright";
import { build, preview } from "vite";
import { chromiumArguments, chromiumMissing, ensureChromium } from "../../../scripts/ensure-chromium.mjs";
import { bytesOf, importPacked } from "../account.mjs";

const MIB = 1024 * 1024;
/** Nine ranges and a bit, more than two rounds of those that are under way at once. */
const SIZE = 36 * MIB + 5;

/** Builds the page as it is and serves it with tokens for the share. */
async function servePage(directory, { endpoint, token }) {
  Object.assign(process.env, { VITE_FILES_ENDPOINT: endpoint, VITE_FILES_SHARE: "inbox" });
  const tokens = {
    name: "tokens",
    configurePreviewServer: ({ middlewares }) =>
      void middlewares.use("/api/sas", (_, response) => void token().then((text) => response.end(text))),
  };
  const root = join(directory, "recipes/uppy");
  const common = { configFile: false, root, logLevel: "warn", plugins: [tokens] };
  await build(common);
  const server = await preview({ ...common, preview: { host: "127.0.0.1", port: 0 } });
  return { url: server.resolvedUrls.local[0], close: () => server.close() };
}

/** Sends files through the page and looks at the share. */
export async function uppy({ directory, account }) {
  const { emulator, endpoint, client, counts } = account;
  const executablePath = ensureChromium();
  if (executablePath === undefined) throw new Error(chromiumMissing);
  const { serviceSas } = await importPacked(directory, "azure-files/sas");
  const { account: name, key } = emulator;
  const share = client("inbox");
  await share.shares.create();
  const token = () =>
    serviceSas({
      account: name,
      key,
      share: "inbox",
      permissions: "rcw",
      expiresOn: new Date(Date.now() + 3_600_000),
      protocol: "https,http",
    });
  const site = await servePage(directory, { endpoint, token });
  const browser = await chromium.launch({ executablePath, args: chromiumArguments });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(30_000);
    const errors = [];
    page.on("pageerror", (error) => errors.push(error));
    await page.goto(site.url);
    const bytes = bytesOf(SIZE);
    const choose = async (file) => {
      const path = join(directory, file);
      writeFileSync(path, bytes);
      await page.setInputFiles("input", path);
    };
    const click = (button) => page.click(`#${button}`);
    const shows = (pattern) => page.locator("li").filter({ hasText: pattern }).waitFor();
    const isThere = async (path) => {
      const { bytes: read } = await share.streaming.download({ path });
      assert.equal(Buffer.compare(await read(), bytes), 0, `${path} has other bytes`);
    };

    await choose("paused.bin");
    account.hold(2);
    await click("send");
    // Two were let through, and four wait.
    await account.until({ asked: 6, answered: 2 });
    await shows(/paused\.bin: 22 %$/);
    await click("pause");
    await shows(/ %, paused$/);
    account.release();
    await account.until({ asked: 6, answered: 6 });
    for (let turn = 0; turn < 5; turn++) await page.evaluate(() => fetch("/api/sas").then((response) => response.text()));
    assert.equal(counts.asked, 6, "ranges were sent while it was paused");
    await click("resume");
    await shows(/paused\.bin: done$/);
    await isThere("paused.bin");
    assert.equal(counts.asked, 10);

    emulator.respond("Put Range", "AuthorizationFailure");
    await choose("retried.bin");
    await click("send");
    await shows(/retried\.bin: .*AuthorizationFailure/);
    await click("retry");
    await shows(/retried\.bin: done$/);
    await isThere("retried.bin");

    await choose("cancelled.bin");
    const { asked, answered } = counts;
    account.hold(2);
    await click("send");
    await account.until({ asked: asked + 6, answered: answered + 2 });
    await shows(/cancelled\.bin: 22 %$/);
    await click("cancel");
    await page.waitForFunction(() => !document.body.textContent.includes("cancelled.bin"));
    account.drop();
    for (let turn = 0; turn < 5; turn++) await page.evaluate(() => fetch("/api/sas").then((response) => response.text()));
    assert.equal(counts.asked, asked + 6, "ranges were sent after it was cancelled");
    const unfinished = [];
    for await (const { path } of share.streaming.listUnfinished({ idle: 0 })) unfinished.push(path);
    assert.deepEqual(unfinished, ["cancelled.bin"]);
    assert.deepEqual(errors, []);
    return "progress, pause, resume, retry and cancel";
  } finally {
    await browser.close();
    await site.close();
  }
}
