// The conformance cases in real browsers: as page code and in workers, against an emulator inside and over HTTP through its CORS rule.
import { setTimeout as delay } from "node:timers/promises";
import { chromiumArguments, chromiumMissing, ensureChromium } from "../../scripts/ensure-chromium.mjs";
import { ensureBrowsers, firefoxMissing, webkitMissing } from "../../scripts/ensure-browsers.mjs";
import { sendThroughPage, serveDemo } from "./browsers/demo.mjs";
import { importEngine } from "./engines.mjs";
import { serveSite } from "./browsers/site.mjs";
import { launchWebKit } from "./browsers/webkit.mjs";

/** How long all cases in one place may take, in milliseconds; they take a tenth of it where nothing else runs. */
const PLACE_MILLISECONDS = 240_000;

const ANYWHERE = ["page", "worker"];

/** How each browser is had. `launch` is given its path, or the paths of what it takes. */
const browsers = [
  {
    runtime: "Chromium",
    places: [...ANYWHERE, "service worker"],
    find: ensureChromium,
    missing: chromiumMissing,
    launch: (executablePath) => launchWithPuppeteer({ browser: "chrome", executablePath, args: chromiumArguments }),
  },
  {
    runtime: "Firefox",
    places: ANYWHERE,
    find: () => ensureBrowsers().firefox,
    missing: firefoxMissing,
    launch: (executablePath) => launchWithPuppeteer({ browser: "firefox", executablePath }),
  },
  { runtime: "WebKit", places: ANYWHERE, find: () => ensureBrowsers().webkit, missing: webkitMissing, launch: launchWebKit },
];

/**
 * Runs all cases in every browser, or in those that are named, in one place after the other.
 *
 * @param {object} options
 * @param {string} options.directory The scratch project: the packed package installed and, compiled, `places.ts`.
 * @param {import("./places.js").ServedAccount} options.account The emulator over HTTP.
 * @param {readonly string[]} [options.only] Names of browsers.
 */
export async function* runInBrowsers({ directory, account, only }) {
  const chosen = browsers.filter(({ runtime }) => only === undefined || only.includes(runtime));
  if (chosen.length === 0) return;
  const site = await serveSite(directory, account);
  const demo = await serveDemo(directory, account);
  try {
    for (const browser of chosen) {
      const found = browser.find();
      if (found === undefined) yield { runtime: browser.runtime, absent: browser.missing };
      else yield* inBrowser(browser, found, { site, demo, account });
    }
  } finally {
    site.close();
    await demo.close();
  }
}

/** All places of one browser. One that does not even start has failed. */
async function* inBrowser({ runtime, places, launch }, found, { site, demo, account }) {
  let launched;
  try {
    launched = await launch(found);
  } catch (error) {
    yield { runtime, version: "", place: "nowhere", outcomes: [broken("the browser starts", error)], seconds: 0 };
    return;
  }
  try {
    const timed = async (place, over, work) => {
      const started = performance.now();
      const outcomes = await work(over);
      const seconds = (performance.now() - started) / 1000;
      return { runtime, version: launched.version, place: `${place}, ${over === "HTTP" ? "over HTTP" : "in process"}`, outcomes, seconds };
    };
    for (const place of places) {
      for (const over of ["process", "HTTP"]) yield timed(`in a ${place}`, over, () => inPlace(launched, site.scene(place, over)));
    }
    for (const over of ["process", "HTTP"]) {
      yield timed("on the demo's page", over, () => onPage(launched, over, { url: demo.url, runtime }, account));
    }
  } finally {
    await launched.close();
  }
}

/** Opens one page and waits for what it reports. */
async function inPlace({ open }, { url, report }) {
  const over = new AbortController();
  const late = delay(PLACE_MILLISECONDS, undefined, { signal: over.signal }).then(
    () => ({ broken: `no report within ${PLACE_MILLISECONDS} ms` }),
    () => undefined,
  );
  try {
    await open(url);
    const found = await Promise.race([report, late]);
    return Array.isArray(found) ? found : [broken("the page reports", found.broken)];
  } catch (error) {
    return [broken("the page opens", error)];
  } finally {
    over.abort();
  }
}

/** Sends a file through the demo's page. */
async function onPage(launched, over, page, account) {
  const name = "a file goes up through the demo's page";
  return sendThroughPage(launched, over, page, account).then(
    () => [{ name, result: "passed" }],
    (error) => [broken(name, error)],
  );
}

const broken = (name, error) => ({
  name,
  result: "failed",
  error: error instanceof Error ? (error.stack ?? String(error)) : String(error),
});

/** Chromium through its own protocol, Firefox through WebDriver BiDi. */
async function launchWithPuppeteer(options) {
  const { default: puppeteer } = await importEngine("puppeteer-core");
  const browser = await puppeteer.launch({ headless: true, timeout: 60_000, networkEnabled: false, ...options });
  let shown;
  return {
    version: (await browser.version()).replace(/^.*\//, ""),
    async open(url) {
      await shown?.close();
      shown = await browser.newPage();
      await shown.goto(url);
    },
    ask: (expression) => shown.evaluate(expression),
    async close() {
      const gone = new AbortController();
      await Promise.race([browser.close(), delay(10_000, undefined, { signal: gone.signal }).catch(() => undefined)]);
      gone.abort();
      browser.process()?.kill("SIGKILL");
    },
  };
}
