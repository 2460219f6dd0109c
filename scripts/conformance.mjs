// `npm run conformance [-- --har FILE]`: the conformance cases in Node against the emulator over HTTP, recorded where it is served.
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build } from "vite";
import { buildLibrary, root } from "./run.mjs";

const { values } = parseArgs({ options: { har: { type: "string" } } });

/** The cases and their runner as modules that need nothing but the built package: what any runtime could run. */
async function loadCases() {
  const folder = join(root, "out/conformance");
  const entry = { run: join(root, "test/runtimes/run.ts"), context: join(root, "test/conformance/context.ts") };
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
  return { ...(await import(join(folder, "run.js"))), ...(await import(join(folder, "context.js"))) };
}

await buildLibrary();
const { createEmulator, record } = await import("azure-files/simulation");
const { serve } = await import("azure-files/node");
const { createContext, print, run } = await loadCases();

const emulator = createEmulator({ softDeleteDays: 7, insecureBearer: true });
const recording = record({ bodies: false });
const server = await serve({ handle: recording.handler(emulator.handle) });
const context = await createContext({
  endpoint: `${server.url}/${emulator.account}`,
  account: emulator.account,
  key: emulator.key,
  token: () => emulator.token(),
  setCopies: (when) => (emulator.copies = when),
});
const outcomes = await run(context);
await server.close();

if (values.har !== undefined) {
  const file = resolve(root, values.har);
  const { log } = recording.har();
  // The emulator's own count, for whoever wants to know that nothing is missing.
  const har = { log: { ...log, comment: `requests answered: ${emulator.requestCount}` } };
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(har, undefined, 1));
  console.log(`${log.entries.length} exchanges written to ${file}`);
}
process.exit(print(outcomes) && outcomes.some(({ result }) => result === "passed") ? 0 : 1);
