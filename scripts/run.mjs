// Running another program from a script, bounded in time and never left behind.
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root, with which every script works. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const children = new Set();
const groups = new Set();
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
  for (const child of groups) endGroup(child);
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

/** Ends a program and whatever it started; of one that has ended, what it left behind. */
function endGroup({ pid }) {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // Nobody is left.
  }
}

/**
 * Runs any program to its end, with what it starts, and resolves to its exit code and what it wrote; over its time all of it is killed.
 *
 * @param {string} command
 * @param {string[]} parameters
 * @param {{ cwd?: string, env?: Record<string, string | undefined>, seconds?: number }} [options]
 * @returns {Promise<{ code: number, stdout: string, stderr: string }>}
 */
export function capture(command, parameters, { cwd = root, env = {}, seconds = 120 } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, parameters, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"], detached: true });
    groups.add(child);
    const said = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"]) child[name].setEncoding("utf8").on("data", (piece) => (said[name] += piece));
    const limit = setTimeout(() => {
      said.stderr += `\nIt took more than ${seconds} seconds and was ended`;
      endGroup(child);
    }, seconds * 1000);
    const finish = (code) => {
      clearTimeout(limit);
      endGroup(child);
      groups.delete(child);
      resolve({ code, ...said });
    };
    child.once("error", (error) => {
      said.stderr += error.message;
      finish(1);
    });
    child.once("close", (code) => finish(code ?? 1));
    // What it left running holds its output open: without this, `close` would not come.
    child.once("exit", () => endGroup(child));
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
