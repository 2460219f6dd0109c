// Finds the Firefox and the WebKit of the browser runs and, run as a program, installs what is missing and may be installed.
import { existsSync, globSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { aptGet } from "./ensure-chromium.mjs";

/** Path of the Firefox to use, or undefined. `FIREFOX_PATH` goes first, then the usual places. */
export function findFirefox() {
  const usual = [
    process.env.FIREFOX_PATH,
    ...onPath("firefox-esr"),
    ...onPath("firefox"),
    "/Applications/Firefox.app/Contents/MacOS/firefox",
    "C:\\Program Files\\Mozilla Firefox\\firefox.exe",
  ];
  return usual.find((path) => path !== undefined && path !== "" && existsSync(path));
}

/** WebKitGTK's browser, its driver and the display without which it waits for ever; undefined where one of them is missing. */
export function findWebKit() {
  const [driver] = onPath("WebKitWebDriver");
  const [display] = onPath("Xvfb");
  const [browser] = globSync("/usr/{lib,lib64,libexec}/{*-linux-gnu*/,}webkit2gtk-4.*/MiniBrowser").toSorted();
  return driver === undefined || display === undefined || browser === undefined ? undefined : { browser, driver, display };
}

/** Finds both or installs what is missing with apt-get; what is still undefined could not be installed. */
export function ensureBrowsers() {
  const packages = [
    ...(findFirefox() === undefined ? ["firefox-esr"] : []),
    ...(findWebKit() === undefined ? ["webkit2gtk-driver", "xvfb"] : []),
  ];
  if (packages.length > 0) aptGet(packages);
  return { firefox: findFirefox(), webkit: findWebKit() };
}

/** The one line for whoever has to install it by hand. */
export const firefoxMissing =
  "Firefox is missing and could not be installed: install it (Debian: sudo apt-get install firefox-esr) or set FIREFOX_PATH to one";

/** The same of WebKit. */
export const webkitMissing =
  "WebKitGTK is missing and could not be installed: it takes Linux and three programs (Debian: sudo apt-get install webkit2gtk-driver xvfb)";

function onPath(name) {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).filter((path) => existsSync(path));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { firefox, webkit } = ensureBrowsers();
  console.log(firefox === undefined ? firefoxMissing : `firefox: ${firefox}`);
  console.log(webkit === undefined ? webkitMissing : `webkit: ${webkit.browser}`);
  process.exitCode = firefox === undefined || webkit === undefined ? 1 : 0;
}
