// Running another program from a script, bounded in time and never left behind.
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root, with which every script works. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const children = new Set();
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    // A script that listens itself decides itself.
    if (process.listenerCount(signal) === 1) process.exit(130);
  });
}

/**
 * Starts `node` with these arguments in the repository's root. It is ended when this process ends.
 *
 * @param {string[]} parameters
 * @param {{ env?: Record<string, string | undefined>, stdio?: import("node:child_process").StdioOptions }} [options]
 */
export function startNode(parameters, { env = {}, stdio = "inherit" } = {}) {
  const child = spawn(process.execPath, parameters, { cwd: root, env: { ...process.env, ...env }, stdio });
  children.add(child);
  child.once("exit", () => children.delete(child));
  return child;
}

/** Runs `node` to its end and resolves to the exit code; a program over its time is killed and counts as failed. */
export function runNode(parameters, { minutes = 10, ...options } = {}) {
  return new Promise((resolve) => {
    const child = startNode(parameters, options);
    const limit = setTimeout(() => {
      console.error(`${parameters[0]} took more than ${minutes} minutes and was ended`);
      child.kill("SIGKILL");
    }, minutes * 60_000);
    child.once("error", (error) => {
      clearTimeout(limit);
      console.error(error.message);
      resolve(1);
    });
    child.once("exit", (code) => {
      clearTimeout(limit);
      resolve(code ?? 1);
    });
  });
}

/** Path of a program that a dependency brings, to be run with `node`. */
export function program(file) {
  return join(root, "node_modules", file);
}

/** Builds the library and its declarations into `dist`, as `npm run build` does. */
export async function buildLibrary() {
  const built =
    (await runNode([program("vite/bin/vite.js"), "build", "--logLevel", "warn"])) === 0 &&
    (await runNode([program("typescript/bin/tsc"), "-p", "tsconfig.build.json"])) === 0;
  if (!built) throw new Error("The library does not build");
}
