// `npm run conformance [-- --har FILE]`: the conformance cases in Node against the emulator over HTTP, recorded where it is served.
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build } from "vite";
import { buildLibrary, root } from "./run.mjs";

const { values } = parseArgs({ options: { har: { type: "string" }, filter: { type: "string", default: "" } } });
const CASE_MILLISECONDS = 60_000;

await buildLibrary();
const { createEmulator, recordHar } = await import("azure-files/simulation");
const { serve } = await import("azure-files/node");
const { cases, createContext } = await loadCases();

const emulator = createEmulator();
const recorder = recordHar(emulator.handle);
const server = await serve(recorder);
const context = await createContext({ endpoint: `${server.url}/${emulator.account}`, account: emulator.account, key: emulator.key });

const counts = { passed: 0, failed: 0, skipped: 0 };
for (const { name, needs = [], run } of cases) {
  if (!name.includes(values.filter)) continue;
  const missing = needs.filter((need) => !context.capabilities?.includes(need));
  if (missing.length > 0) {
    counts.skipped++;
    console.log(`skipped: ${name} (needs ${missing.join(", ")})`);
    continue;
  }
  try {
    await bounded(run(context));
    counts.passed++;
  } catch (error) {
    counts.failed++;
    console.log(`failed: ${name}`);
    console.log(error);
  }
}
await server.close();

if (values.har !== undefined) {
  const file = resolve(root, values.har);
  const { log } = recorder.har();
  // The emulator's own count, for whoever wants to know that nothing is missing.
  const har = { log: { ...log, comment: `requests answered: ${emulator.requestCount}` } };
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(har, undefined, 1));
  console.log(`${log.entries.length} exchanges written to ${file}`);
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(counts.failed === 0 && counts.passed > 0 ? 0 : 1);

/** The cases as one module that needs nothing but the built package: what any runtime could run. */
async function loadCases() {
  const folder = join(root, "out/conformance");
  const entry = Object.fromEntries(["index", "context"].map((name) => [name, join(root, "test/conformance", `${name}.ts`)]));
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
      lib: { entry, formats: ["es"] },
      rolldownOptions: { external: /^(?![./])/ },
    },
  });
  return { ...(await import(join(folder, "index.js"))), ...(await import(join(folder, "context.js"))) };
}

function bounded(promise) {
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`took more than ${CASE_MILLISECONDS} ms`)), CASE_MILLISECONDS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
