// `npm run runtimes [-- --only NAME,… --ci]`: the conformance cases on the packed package in every runtime, and the README's table of it.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runInServers } from "../test/runtimes/in-servers.mjs";
import { buildLibrary, root } from "./run.mjs";
import { installRuntimes, makeProject } from "./runtimes-project.mjs";
import { serveAccount } from "./runtimes-account.mjs";

const { values } = parseArgs({ options: { only: { type: "string" }, ci: { type: "boolean", default: false } } });
const only = values.only?.split(",").map((name) => name.trim());

await buildLibrary();
await installRuntimes();
const directory = await makeProject();
const { account, close } = await serveAccount();
const browsers = join(root, "test/runtimes/in-browsers.mjs");
const inBrowsers = existsSync(browsers) ? (await import(browsers)).runInBrowsers : () => [];
const rows = [];
for (const run of [runInServers, inBrowsers]) {
  for await (const row of await run({ directory, account, only })) {
    rows.push(row);
    tell(row);
  }
}
await close();

for (const [reason, places] of skips(rows)) console.log(`skipped: ${reason}: ${places.join("; ")}`);
const failures = rows.flatMap(({ runtime, absent }) => (absent === undefined ? [] : [`${runtime} is absent: ${absent}`]));
if (rows.length === 0) failures.push(`no runtime is called ${only?.join(" or ")}`);
for (const failure of failures) console.log(`failed: ${failure}`);
const total = count(rows.flatMap(({ outcomes = [] }) => outcomes));
total.failed += failures.length;
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed === 0 ? 0 : 1);

function count(outcomes) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { result } of outcomes) counts[result]++;
  return counts;
}

/** Says at once how a runtime did, and what failed in it. */
function tell({ runtime, version, place, outcomes, seconds, absent }) {
  if (absent !== undefined) return console.log(`${runtime} is absent`);
  const { passed, failed, skipped } = count(outcomes);
  const where = `${runtime} (${version}), ${place}`.padEnd(46);
  console.log(`${where} ${passed} passed, ${failed} failed, ${skipped} skipped, ${seconds.toFixed(1).padStart(5)} s`);
  for (const { name, result, error } of outcomes) if (result === "failed") console.log(`failed: ${name}: ${error}`);
}

/** Each case that was skipped somewhere, with what was missing there, and everywhere it was. */
function skips(rows) {
  const found = new Map();
  for (const { runtime, place, outcomes = [] } of rows) {
    for (const { name, result, missing = [] } of outcomes) {
      if (result !== "skipped") continue;
      const reason = `${name} (needs ${missing.join(", ")})`;
      found.set(reason, [...(found.get(reason) ?? []), `${runtime}, ${place}`]);
    }
  }
  return found;
}
