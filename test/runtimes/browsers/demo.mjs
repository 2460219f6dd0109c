// The demo's page, used by a script in any browser: a file goes up through it, to an emulator over HTTP or to one behind the page's own
// service worker.
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { build, preview } from "vite";
import { copyWorker } from "../../../scripts/msw-worker.mjs";
import { root } from "../../../scripts/run.mjs";

const SHARE = "demo";
/** Two ranges and a bit. */
const SIZE = 9 * 1024 * 1024 + 5;
const STEP_MILLISECONDS = 60_000;

/** The byte at each place of the file; the script in the page says the same. */
const byteAt = (index) => (index * 31 + (index >> 12)) & 255;

/** Builds the demo and serves it, with the tokens for its share, on a free port of 127.0.0.1. */
export async function serveDemo(directory, { endpoint, account, key }) {
  const [demo, outDir, configFile] = [join(root, "demo"), join(directory, "demo"), join(root, "demo/vite.config.ts")];
  copyWorker();
  Object.assign(process.env, {
    AZURE_FILES_ENDPOINT: endpoint,
    AZURE_FILES_ACCOUNT: account,
    AZURE_FILES_KEY: key,
    AZURE_FILES_SHARE: SHARE,
  });
  const common = { root: demo, configFile, logLevel: "warn" };
  await build({ ...common, build: { outDir, emptyOutDir: true, chunkSizeWarningLimit: 1000 } });
  const server = await preview({ ...common, build: { outDir }, preview: { host: "127.0.0.1", port: 0 } });
  return { url: server.resolvedUrls.local[0], close: () => server.close() };
}

/** Sends a file through the page and resolves once the page lists it; what the share then holds is compared byte by byte over HTTP. */
export async function sendThroughPage({ open, ask }, over, { url, runtime }, { endpoint, account, key }) {
  const name = `from ${runtime}.bin`;
  await open(over === "HTTP" ? url : `${url}?emulator=page`);
  await until(ask, `document.documentElement.dataset.ready === ""`, "the page is ready");
  await ask(`(() => {
    const bytes = new Uint8Array(${SIZE}).map((_, index) => (index * 31 + (index >> 12)) & 255);
    const chosen = new DataTransfer();
    chosen.items.add(new File([bytes], ${JSON.stringify(name)}));
    const input = document.getElementById("files");
    input.files = chosen.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  })()`);
  await until(ask, `document.getElementById("transfers").textContent.includes("Uploaded")`, "the page says that it is there");
  await until(ask, `document.getElementById("contents").textContent.includes(${JSON.stringify(name)})`, "the page lists it");
  if (over !== "HTTP") return;
  const { connect, sharedKey } = await import("azure-files");
  const { download } = await import("azure-files/streaming");
  const connection = connect({ endpoint, share: SHARE, credential: sharedKey({ account, key }) });
  const bytes = await (await download(connection, { path: name })).bytes();
  if (bytes.length !== SIZE || bytes.some((byte, index) => byte !== byteAt(index))) throw new Error("the share holds other bytes");
}

async function until(ask, expression, what) {
  const deadline = Date.now() + STEP_MILLISECONDS;
  while (!(await ask(expression))) {
    if (Date.now() > deadline) throw new Error(`never so: ${what}; the page says: ${await ask("document.body.innerText")}`);
    await delay(100);
  }
}
