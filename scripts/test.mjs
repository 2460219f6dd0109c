// `npm test`: builds what the tests look at, runs vitest and Playwright, and closes with one line over both.
import { existsSync, globSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { chromiumMissing, ensureChromium } from "./ensure-chromium.mjs";
import { copyWorker } from "./msw-worker.mjs";
import { refereesFolder } from "./referees-folder.mjs";
import { buildLibrary, program, root, runNode } from "./run.mjs";

const total = { passed: 0, failed: 0, skips: [] };
const failures = [];

function fail(reason) {
  total.failed++;
  failures.push(reason);
}

/** Runs one test program, which leaves its counts in a file; one that leaves none has crashed. */
async function suite(name, parameters, variable) {
  const file = join(root, "out", `${name}.json`);
  rmSync(file, { force: true });
  const code = await runNode(parameters, { env: { [variable]: file }, minutes: 20 });
  if (!existsSync(file)) return fail(`${name} ended with code ${code} before it could count`);
  const counts = JSON.parse(readFileSync(file, "utf8"));
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skips.push(...counts.skips);
  if (code !== 0 && counts.failed === 0) fail(`${name} ended with code ${code} although no test failed`);
}

async function main() {
  mkdirSync(join(root, "out"), { recursive: true });
  await buildLibrary();
  const demo = existsSync(join(root, "demo/vite.config.ts"));
  if (demo) {
    copyWorker();
    if ((await runNode([program("vite/bin/vite.js"), "build", "demo", "--logLevel", "warn"])) !== 0) fail("the demo does not build");
  }
  const chromium = ensureChromium();
  if (chromium === undefined) fail(`tests in a browser: ${chromiumMissing}`);
  const projects = ["node", ...(chromium === undefined ? [] : ["chromium"])].flatMap((name) => ["--project", name]);
  await suite("vitest", [program("vitest/vitest.mjs"), "run", ...projects], "AZURE_FILES_VITEST_COUNTS");
  const stories = globSync("e2e/**/*.{spec,test}.ts", { cwd: root }).length > 0;
  if (chromium !== undefined && stories) {
    await suite("playwright", [program("@playwright/test/cli.js"), "test"], "AZURE_FILES_PLAYWRIGHT_COUNTS");
  }
  const referees = refereesFolder();
  if (!existsSync(referees)) total.skips.push(`referees: no folder ${referees} (npm run referees)`);
}

await main().catch((error) => fail(error instanceof Error ? error.message : String(error)));
console.log("");
for (const reason of failures) console.log(`failed: ${reason}`);
for (const name of total.skips) console.log(`skipped: ${name}`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skips.length} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;
