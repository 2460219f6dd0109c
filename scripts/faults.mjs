// `npm run faults -- --seed N --runs N [--stop]`: transfers under faults, over real HTTP, each run drawn from a seed. A run that ends wrongly
// prints its seed and plan; `--seed` with that seed and `--runs 1` has it again alone. `--stop` ends with the first of them.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "vite";
import { buildLibrary, root } from "./run.mjs";

const { values } = parseArgs({ options: { seed: { type: "string" }, runs: { type: "string" }, stop: { type: "boolean" } } });
const seed = Number(values.seed ?? 1);
const runs = Number(values.runs ?? 100);
if (!Number.isInteger(seed) || !Number.isInteger(runs) || runs < 1) throw new RangeError("--seed and --runs take whole numbers");

async function loadCampaign() {
  const folder = join(root, "out/faults");
  await build({
    configFile: false,
    root,
    publicDir: false,
    logLevel: "warn",
    build: {
      outDir: folder,
      emptyOutDir: true,
      minify: false,
      target: "es2022",
      lib: { entry: { run: join(root, "test/faults/campaign/run.ts") }, formats: ["es"] },
      rolldownOptions: { external: /^(?![./])/ },
    },
  });
  return import(join(folder, "run.js"));
}

await buildLibrary();
const { campaign } = await loadCampaign();
const startedAt = performance.now();
let toldAt = startedAt;
const tally = await campaign(seed, runs, ({ plan, wrongs }, { runs: done, wrong }) => {
  if (wrongs.length > 0) console.log(`seed ${plan.seed} is wrong:\n  ${wrongs.join("\n  ")}\n  ${JSON.stringify(plan)}`);
  if (performance.now() - toldAt > 20_000) {
    toldAt = performance.now();
    console.log(`${done} of ${runs} runs, ${wrong} wrong`);
  }
  return !(values.stop && wrongs.length > 0);
});
const seconds = (performance.now() - startedAt) / 1000;
const list = (counts) =>
  Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([name, times]) => `${name} ${times}`)
    .join(", ");
console.log(`faults: ${list(tally.total)}`);
console.log(`typed errors: ${list(tally.errors)}`);
console.log(
  `${tally.runs} runs from seed ${seed}, ${tally.wrong} wrong; ${tally.requests} requests, ${Math.round(tally.elapsed / 60_000)} minutes by their own clocks, ${seconds.toFixed(0)} s`,
);
process.exit(tally.wrong === 0 ? 0 : 1);
