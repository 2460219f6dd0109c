// The recipes of docs/recipes, each run as its head comment says, in a scratch project with the packed package, against an account of its own.
import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { root } from "../../scripts/run.mjs";
import { enginesFile } from "../runtimes/engines.mjs";
import { openAccount } from "./account.mjs";
import { hono } from "./recipes/hono.mjs";
import { bun, commonJs, deno } from "./recipes/scripts.mjs";
import { uppy } from "./recipes/uppy.mjs";
import { worker } from "./recipes/worker.mjs";

/** How long a recipe may take, in milliseconds; the longest takes a tenth of it. */
const LIMIT = 90_000;

const recipes = [
  { name: "Worker that mints tokens, in workerd", program: enginesFile("miniflare"), run: worker },
  { name: "Hono server, on Node 24", run: hono },
  { name: "page with Uppy, in Chromium", run: uppy },
  { name: "backup script, in Deno", program: enginesFile("@deno/linux-x64-glibc/deno"), run: deno },
  { name: "upload script, in Bun", program: enginesFile("@oven/bun-linux-x64/bin/bun"), run: bun },
  { name: "require, in Node 22", program: enginesFile("node22/bin/node"), run: commonJs },
  { name: "require, in Node 24", program: join(root, "node_modules/node/bin/node"), run: commonJs },
  { name: "require, in Node 26", program: enginesFile("node26/bin/node"), run: commonJs },
];

/**
 * Runs every recipe, one after the other.
 *
 * @param {{ directory: string }} options The scratch project, with the packed package installed.
 * @returns {AsyncGenerator<{ name: string, result: "passed" | "failed", said: string, seconds: number }>}
 */
export async function* runRecipes({ directory }) {
  cpSync(join(root, "docs/recipes"), join(directory, "recipes"), { recursive: true });
  for (const { name, program, run } of recipes) {
    const began = performance.now();
    const outcome =
      program === undefined || existsSync(program)
        ? await tried(() => perform(run, { directory, program }))
        : { result: "failed", said: "its package is not there, or not for this machine" };
    yield { name, ...outcome, seconds: (performance.now() - began) / 1000 };
  }
}

async function perform(run, scene) {
  const account = await openAccount(scene.directory);
  const over = new AbortController();
  const late = delay(LIMIT, undefined, { signal: over.signal }).then(() => Promise.reject(new Error(`no end within ${LIMIT} ms`)));
  try {
    return await Promise.race([run({ ...scene, account }), late]);
  } finally {
    late.catch(() => undefined);
    over.abort();
    await account.close();
  }
}

const tried = (work) =>
  work().then(
    (said) => ({ result: "passed", said }),
    (error) => ({ result: "failed", said: error.stack ?? String(error) }),
  );
