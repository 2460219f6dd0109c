// `npm run runtimes [-- --only NAME,… --ci]`: the conformance cases on the packed package in every runtime, one after the other. A run of all
// of them writes the tables of README.md and docs/runtimes.md, unless it is one of continuous integration. All outcomes are in
// out/runtimes.json, too.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runInBrowsers } from "../test/runtimes/in-browsers.mjs";
import { runInServers } from "../test/runtimes/in-servers.mjs";
import { installRuntimes } from "./packed-project.mjs";
import { buildLibrary, root } from "./run.mjs";
import { serveAccount } from "./runtimes-account.mjs";
import { makeProject } from "./runtimes-project.mjs";
import { count, meaning, skips, tell, writeTables } from "./runtimes-report.mjs";

const { values } = parseArgs({ options: { only: { type: "string" }, ci: { type: "boolean", default: false } } });
const only = values.only?.split(",").map((name) => name.trim());

await buildLibrary();
await installRuntimes();
const directory = await makeProject();
const { capabilityMeanings } = await import(join(directory, "conformance/context.js"));
const { account, close, traffic } = await serveAccount();
const rows = [];
for (const run of [runInServers, runInBrowsers]) {
  for await (const row of run({ directory, account, only })) {
    Object.assign(row, traffic());
    rows.push(row);
    tell(row);
  }
}
await close();
writeFileSync(join(root, "out/runtimes.json"), JSON.stringify(rows, undefined, 1));

for (const { name, needs, where } of skips(rows)) {
  console.log(`skipped: ${name} (${needs}: ${meaning(needs, capabilityMeanings)}) in ${where}`);
}
const failures = rows.flatMap(({ runtime, absent }) => (absent === undefined ? [] : [`${runtime} is absent: ${absent}`]));
for (const name of only ?? []) if (!rows.some(({ runtime }) => runtime === name)) failures.push(`no runtime is called ${name}`);
for (const { runtime, place, requests, connections } of rows) {
  // Engines keep connections of their own accord, unless a body that nobody read holds one.
  if (requests > 1000 && connections * 10 > requests)
    failures.push(`${runtime} ${place} opened ${connections} connections for ${requests} requests`);
}
for (const failure of failures) console.log(`failed: ${failure}`);
const total = count(rows.flatMap(({ outcomes = [] }) => outcomes));
total.failed += failures.length;
if (!values.ci && only === undefined && total.failed === 0) writeTables(rows, capabilityMeanings);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed === 0 ? 0 : 1);
