// Copies msw's service worker to where the demo's page finds it. A copy of the installed version: it and the library must agree.
import { copyFileSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "./run.mjs";

/** Copies the worker into `demo/public`. */
export function copyWorker() {
  const target = join(root, "demo/public/mockServiceWorker.js");
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(createRequire(import.meta.url).resolve("msw/mockServiceWorker.js"), target);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) copyWorker();
