// `npm run packed [-- --only PART,…]`: what strangers do with the package as it is published, in a scratch project of their own.
import { parseArgs } from "node:util";
import { runBundles } from "../test/packed/bundles.mjs";
import { runRecipes } from "../test/packed/recipes.mjs";
import { checkTypes } from "../test/packed/types.mjs";
import { installPacked, installRuntimes } from "./packed-project.mjs";
import { buildLibrary } from "./run.mjs";

/** What there is to run: each yields `{ name, result: "passed" | "failed" | "skipped", said, seconds }`, given the project's folder. */
const parts = { types: checkTypes, bundles: runBundles, recipes: runRecipes };

const { values } = parseArgs({ options: { only: { type: "string" } } });
const only = values.only?.split(",").map((name) => name.trim()) ?? Object.keys(parts);
const unknown = only.filter((name) => !Object.hasOwn(parts, name));
if (unknown.length > 0) throw new Error(`no part is called ${unknown.join(", ")}; there are ${Object.keys(parts).join(", ")}`);

await buildLibrary();
await installRuntimes();
const directory = await installPacked("packed");
const counts = { passed: 0, failed: 0, skipped: 0 };
for (const part of only) {
  for await (const { name, result, said, seconds } of parts[part]({ directory })) {
    counts[result]++;
    console.log(`${result} ${part}: ${name.padEnd(40)} ${seconds.toFixed(1).padStart(5)} s  ${said}`);
  }
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(counts.failed === 0 ? 0 : 1);
