// The conformance cases in real browsers: as page code and in workers, against an emulator inside and over HTTP through its CORS rule.
import { setTimeout as delay } from "node:timers/promises";
import { chromiumArguments, chromiumMissing, ensureChromium } from "../../scripts/ensure-chromium.mjs";
import { ensureBrowsers, firefoxMissing, webkitMissing } from "../../scripts/ensure-browsers.mjs";
import { importEngine } from "./engines.mjs";
import { serveSite } from "./browsers/site.mjs";
import { launchWebKit } from "./browsers/webkit.mjs";

/** How long all cases in one place may take, in milliseconds; they take a tenth of it where nothing else runs. */
const PLACE_MILLISECONDS = 120_000;

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
  try {
    for (const browser of chosen) {
      const found = browser.find();
      if (found === undefined) yield { runtime: browser.runtime, absent: browser.missing };
      else yield* inBrowser(browser, found, site);
    }
  } finally {
    site.close();
  }
}

/** All places of one browser. One that does not even start has failed. */
async function* inBrowser({ runtime, places, launch }, found, site) {
  let launched;
  try {
    launched = await launch(found);
  } catch (error) {
    yield { runtime, version: "", place: "nowhere", outcomes: [broken("the browser starts", error)], seconds: 0 };
    return;
  }
  try {
    for (const place of places) {
      for (const over of ["process", "HTTP"]) {
        const started = performance.now();
        const outcomes = await inPlace(launched, site.scene(place, over));
        const seconds = (performance.now() - started) / 1000;
        yield {
          runtime,
          version: launched.version,
          place: `in a ${place}, ${over === "HTTP" ? "over HTTP" : "in process"}`,
          outcomes,
          seconds,
        };
      }
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
    close: () => browser.close(),
  };
}
