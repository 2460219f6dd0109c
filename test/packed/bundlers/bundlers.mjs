// How each bundler makes a page's script, by the plainest settings that its manual has for production. Those but vite and Bun are in the
// folder's own manifest.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { capture } from "../../../scripts/run.mjs";
import { enginesFile, engineVersion } from "../../runtimes/engines.mjs";

const require = createRequire(import.meta.url);
/** The folder with their manifest. */
export const bundlersFolder = fileURLToPath(new URL(".", import.meta.url));
const load = async (name) => import(pathToFileURL(require.resolve(name)).href);
const versionIn = (path) => JSON.parse(readFileSync(join(path, "package.json"), "utf8")).version;
const versionOf = (name) => versionIn(join(bundlersFolder, "node_modules", name));

async function withVite(entry, target) {
  const { build } = await import("vite");
  await build({
    configFile: false,
    root: dirname(entry),
    publicDir: false,
    logLevel: "warn",
    build: { outDir: dirname(target), emptyOutDir: false, rolldownOptions: { input: entry, output: { entryFileNames: basename(target) } } },
  });
}

async function withEsbuild(entry, target) {
  const { build } = await load("esbuild");
  await build({ entryPoints: [entry], outfile: target, bundle: true, minify: true, format: "esm", logLevel: "warning" });
}

async function withWebpack(entry, target) {
  const { default: webpack } = await load("webpack");
  const output = { path: dirname(target), filename: basename(target) };
  await new Promise((done, fail) => {
    webpack({ mode: "production", context: dirname(entry), entry, output }, (error, stats) => {
      if (error) fail(error);
      else if (stats.hasErrors()) fail(new Error(stats.toString({ all: false, errors: true })));
      else done();
    });
  });
}

async function withRollup(entry, target) {
  const { rollup } = await load("rollup");
  const { nodeResolve } = await load("@rollup/plugin-node-resolve");
  const { default: terser } = await load("@rollup/plugin-terser");
  const made = await rollup({ input: entry, plugins: [nodeResolve({ browser: true }), terser()] });
  await made.write({ file: target, format: "es" });
  await made.close();
}

async function withBun(entry, target) {
  const program = enginesFile("@oven/bun-linux-x64/bin/bun");
  const { code, stdout, stderr } = await capture(program, ["build", entry, "--target", "browser", "--minify", "--outfile", target]);
  if (code !== 0) throw new Error(stdout + stderr);
}

/** Each with its version, and what makes a module for browsers of an entry. */
export const bundlers = [
  { name: "vite", version: () => versionIn(dirname(require.resolve("vite/package.json"))), bundle: withVite },
  { name: "esbuild", version: () => versionOf("esbuild"), bundle: withEsbuild },
  { name: "webpack", version: () => versionOf("webpack"), bundle: withWebpack },
  { name: "rollup", version: () => versionOf("rollup"), bundle: withRollup },
  { name: "Bun", version: () => engineVersion("@oven/bun-linux-x64"), bundle: withBun },
];
