// The conformance cases in runtimes of servers: each place in a program of its own, one after the other.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { capture, root } from "../../scripts/run.mjs";
import { bundleCases } from "../../scripts/runtimes-project.mjs";
import { enginesFile } from "./engines.mjs";

const SECONDS = 120;

/** How each runtime is started; it is given the account of the emulator over HTTP as last parameter, or nothing. */
const runtimes = [
  { runtime: "Node 22", program: enginesFile("node22/bin/node"), start: asProgram() },
  { runtime: "Node 24", program: join(root, "node_modules/node/bin/node"), start: asProgram() },
  { runtime: "Node 26", program: enginesFile("node26/bin/node"), start: asProgram() },
  { runtime: "Deno", program: enginesFile("@deno/linux-x64-glibc/deno"), start: asProgram("run", "--no-prompt", "--allow-net=127.0.0.1") },
  { runtime: "Bun", program: enginesFile("@oven/bun-linux-x64/bin/bun"), start: asProgram("run") },
  {
    runtime: "workerd",
    program: process.execPath,
    needs: enginesFile("miniflare"),
    // The conditions by which wrangler chooses.
    start: inside("workerd", { conditions: ["workerd", "worker", "browser"], format: "es" }),
  },
  {
    runtime: "edge-runtime",
    program: process.execPath,
    needs: enginesFile("edge-runtime"),
    // The conditions by which Next.js chooses.
    start: inside("edge-runtime", { conditions: ["edge-light", "worker", "browser"], format: "iife" }),
  },
];

/** For runtimes that start a program and find its packages. */
function asProgram(...options) {
  return (directory) => [...options, join(directory, "conformance/program.js")];
}

/** For runtimes that another program holds and hands a bundle. */
function inside(name, how) {
  const host = fileURLToPath(new URL(`hosts/${name}.mjs`, import.meta.url));
  return async (directory) => [host, await bundleCases(directory, `${name}.js`, how)];
}

/**
 * Runs the cases in each runtime, or in those that are named, in its own process and over HTTP.
 *
 * @param {{ directory: string, account: import("./places.js").ServedAccount, only?: readonly string[] }} options
 */
export async function* runInServers({ directory, account, only }) {
  for (const { runtime, program, needs = program, start } of runtimes) {
    if (only !== undefined && !only.includes(runtime)) continue;
    if (!existsSync(needs)) {
      yield { runtime, absent: "its package is not there, or not for this machine" };
      continue;
    }
    const parameters = await start(directory);
    for (const place of ["in process", "over HTTP"]) {
      const given = place === "in process" ? [] : [JSON.stringify(account)];
      const begin = performance.now();
      const ended = await capture(program, [...parameters, ...given], {
        cwd: directory,
        env: { DENO_NO_UPDATE_CHECK: "1" },
        seconds: SECONDS,
      });
      yield { runtime, place, seconds: (performance.now() - begin) / 1000, ...told(ended) };
    }
  }
}

/** What a program wrote as its last line; where it is not that, or did not end well, the program itself has failed. */
function told({ code, stdout, stderr }) {
  const error = `ended with code ${code}: ${stdout.slice(-2000)}${stderr.slice(-2000)}`;
  const broken = { name: "the program", result: "failed", error };
  try {
    const { version, outcomes } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
    return { version, outcomes: code === 0 ? outcomes : [...outcomes, broken] };
  } catch {
    return { version: "", outcomes: [broken] };
  }
}
