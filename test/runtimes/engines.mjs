// Where the runtimes are that `engines/package-lock.json` names, which `npm run runtimes` installs; the folder is apart because a manifest
// beside the tests would keep them from finding this package by its own name.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

const manifest = new URL("engines/package.json", import.meta.url);

/** The folder with their manifest. */
export const enginesFolder = fileURLToPath(new URL(".", manifest));

/** Path of a program or another file in one of their packages, there or not. */
export function enginesFile(path) {
  return fileURLToPath(new URL(`node_modules/${path}`, manifest));
}

/** Imports one of their packages. */
export function importEngine(name) {
  return import(pathToFileURL(createRequire(manifest).resolve(name)).href);
}

/** The version of one of their packages. */
export function engineVersion(name) {
  return JSON.parse(readFileSync(enginesFile(`${name}/package.json`), "utf8")).version;
}
