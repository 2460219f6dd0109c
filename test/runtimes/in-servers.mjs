// The conformance cases in runtimes of servers: each place in a program of its own, one after the other.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { capture } from "../../scripts/run.mjs";
import { enginesFile } from "./engines.mjs";

const SECONDS = 120;

/** The runtimes, each with the program that starts it; what it is given last is the account of the emulator over HTTP, or nothing. */
const runtimes = (directory) => {
  const cases = join(directory, "conformance/program.js");
  return [
    { runtime: "Node 22", command: enginesFile("node22/bin/node"), parameters: [cases] },
    { runtime: "Node 24", command: process.execPath, parameters: [cases] },
    { runtime: "Node 26", command: enginesFile("node26/bin/node"), parameters: [cases] },
    {
      runtime: "Deno",
      command: enginesFile("@deno/linux-x64-glibc/deno"),
      parameters: ["run", "--no-prompt", "--allow-net=127.0.0.1", cases],
      env: { DENO_NO_UPDATE_CHECK: "1" },
    },
    { runtime: "Bun", command: enginesFile("@oven/bun-linux-x64/bin/bun"), parameters: ["run", cases] },
  ];
};

/**
 * Runs the cases in each runtime, or in those that are named, in its own process and over HTTP.
 *
 * @param {{ directory: string, account: import("./places.js").ServedAccount, only?: readonly string[] }} options
 */
export async function* runInServers({ directory, account, only }) {
  for (const { runtime, command, parameters, env } of runtimes(directory)) {
    if (only !== undefined && !only.includes(runtime)) continue;
    if (!existsSync(command)) {
      yield { runtime, absent: "its package is not made for this machine" };
      continue;
    }
    for (const [place, given] of [
      ["in process", []],
      ["over HTTP", [JSON.stringify(account)]],
    ]) {
      const start = performance.now();
      const { code, stdout, stderr } = await capture(command, [...parameters, ...given], { cwd: directory, env, seconds: SECONDS });
      const seconds = (performance.now() - start) / 1000;
      yield { runtime, place, seconds, ...told(stdout, `ended with code ${code}: ${stdout.slice(-2000)}${stderr.slice(-2000)}`) };
    }
  }
}

/** What a program wrote as its last line; where it is not that, the program itself is what failed. */
function told(stdout, otherwise) {
  try {
    const { version, outcomes } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
    if (typeof version === "string" && Array.isArray(outcomes)) return { version, outcomes };
  } catch {
    // Told below.
  }
  return { version: "", outcomes: [{ name: "the program", result: "failed", error: otherwise }] };
}
