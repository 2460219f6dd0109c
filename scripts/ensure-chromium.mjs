// Finds a Chromium for the browser tests and, run as a program, installs one where it is missing and may be installed.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

/** What keeps a Chromium in a test quiet and lets it run as root, where its sandbox cannot. */
export const chromiumArguments = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Path of the Chromium to use, or undefined. `CHROMIUM_PATH` goes first, then the usual places, then Playwright's own. */
export function findChromium() {
  const usual = [
    process.env.CHROMIUM_PATH,
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome-stable",
    "/usr/bin/google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  ];
  return [...usual, playwrights()].find((path) => path !== undefined && path !== "" && existsSync(path));
}

/** Where Playwright keeps its own Chromium, installed or not. */
function playwrights() {
  try {
    return createRequire(import.meta.url)("playwright-core").chromium.executablePath();
  } catch {
    return undefined; // Playwright has no build for this system.
  }
}

/** Finds Chromium or installs it; undefined when neither worked. */
export function ensureChromium() {
  return findChromium() ?? (install() ? findChromium() : undefined);
}

function install() {
  console.log("Chromium is missing: installing it");
  if (aptGet(["chromium"])) return true;
  return run(process.execPath, [createRequire(import.meta.url).resolve("playwright/cli"), "install", "chromium"]);
}

/** Installs packages of Debian's where that is allowed, and returns whether it did. */
export function aptGet(packages) {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return false;
  return (
    run("apt-get", ["update", "-qq"]) &&
    run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120", ...packages])
  );
}

function run(command, parameters) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return spawnSync(command, parameters, { stdio: ["ignore", "ignore", "inherit"], env, timeout: 600_000 }).status === 0;
}

/** The one line for whoever has to install it by hand. */
export const chromiumMissing =
  "Chromium is missing and could not be installed: install it (Debian: sudo apt-get install chromium) or set CHROMIUM_PATH to one";

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = ensureChromium();
  console.log(path === undefined ? chromiumMissing : `chromium: ${path}`);
  process.exitCode = path === undefined ? 1 : 0;
}
