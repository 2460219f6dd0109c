// WebKitGTK's own browser, driven through the W3C's WebDriver protocol, on a display that nobody sees.
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { start } from "./processes.mjs";

/** How long the display, the driver and the browser may take to come up, in milliseconds. */
const START_MILLISECONDS = 60_000;

/**
 * Starts the browser; `open` shows an address in its window, `ask` evaluates there.
 *
 * @param {{ browser: string, driver: string, display: string }} programs
 * @returns {Promise<{ version: string, open(url: string): Promise<void>, ask(expression: string): Promise<unknown>, close(): Promise<void> }>}
 */
export async function launchWebKit({ browser, driver, display }) {
  const started = [];
  const close = async () => {
    for (const { stop } of started.toReversed()) await stop();
  };
  try {
    const screen = start(display, ["-displayfd", "3", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"], {
      stdio: ["ignore", "ignore", "ignore", "pipe"],
    });
    started.push(screen);
    const number = await inTime(Promise.race([firstLine(screen.child.stdio[3]), screen.failed]), "the display");
    const port = await freePort();
    // As root there is no sandbox, and without a graphics card no compositing.
    const env = {
      ...process.env,
      DISPLAY: `:${number}`,
      WEBKIT_DISABLE_COMPOSITING_MODE: "1",
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1",
    };
    const service = start(driver, [`--port=${port}`, "--host=127.0.0.1"], { env });
    started.push(service);
    const ask = asker(`http://127.0.0.1:${port}`);
    await inTime(Promise.race([ready(ask), service.failed]), "the driver");
    const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": { binary: browser, args: ["--automation"] } } };
    const session = await ask("POST", "/session", { capabilities }, START_MILLISECONDS);
    const path = `/session/${session.sessionId}`;
    return {
      version: session.capabilities.browserVersion,
      open: (url) => ask("POST", `${path}/url`, { url }),
      ask: (expression) => ask("POST", `${path}/execute/sync`, { script: `return (${expression})`, args: [] }),
      async close() {
        await ask("DELETE", path, undefined, 5_000).catch(() => undefined);
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Sends a command and returns the value of the answer. */
function asker(origin) {
  return async (method, path, body, milliseconds = 30_000) => {
    const signal = AbortSignal.timeout(milliseconds);
    const content = body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
    const response = await fetch(origin + path, { method, signal, ...content }).catch((error) => {
      throw signal.aborted ? new Error(`${method} ${path} took more than ${milliseconds} ms`) : error;
    });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${value.error}: ${value.message}`);
    return value;
  };
}

async function ready(ask) {
  for (;;) {
    const up = await ask("GET", "/status").then(
      () => true,
      () => false,
    );
    if (up) return;
    await delay(50);
  }
}

async function firstLine(stream) {
  let text = "";
  for await (const piece of stream) {
    text += piece;
    if (text.includes("\n")) return text.trim();
  }
  throw new Error("the display says no number");
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function inTime(work, what) {
  const over = new AbortController();
  const late = delay(START_MILLISECONDS, undefined, { signal: over.signal, ref: false }).then(() => {
    throw new Error(`${what} did not start within ${START_MILLISECONDS} ms`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    over.abort();
  }
}
