// What the runtimes run: a project of its own under `out/runtimes`, with the packed package installed and the conformance cases compiled.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import { enginesFile, enginesFolder } from "../test/runtimes/engines.mjs";
import { capture, root } from "./run.mjs";

const NPM = ["--loglevel=error", "--no-audit", "--no-fund"];

async function npm(parameters, cwd) {
  const { code, stdout, stderr } = await capture("npm", [...parameters, ...NPM], { cwd, seconds: 300 });
  if (code !== 0) throw new Error(`npm ${parameters[0]} failed:\n${stdout}${stderr}`);
  return stdout;
}

/** Installs the runtimes as their lock has them, unless that has been done. */
export async function installRuntimes() {
  const done = enginesFile(".installed");
  const lock = readFileSync(join(enginesFolder, "package-lock.json"));
  const wanted = createHash("sha256").update(lock).digest("hex");
  if (existsSync(done) && readFileSync(done, "utf8") === wanted) return;
  // Their programs are in packages: no script of an installation has to run.
  await npm(["ci", "--ignore-scripts"], enginesFolder);
  writeFileSync(done, wanted);
}

/** Packs the built package and installs it, as a stranger would, with the cases beside it; resolves to the project's folder. */
export async function makeProject() {
  const directory = join(root, "out/runtimes");
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  await npm(["pack", "--pack-destination", directory], root);
  const tarball = readdirSync(directory).find((name) => name.endsWith(".tgz"));
  const manifest = { name: "runtimes", private: true, type: "module", dependencies: { "azure-files": `file:${tarball}` } };
  writeFileSync(join(directory, "package.json"), JSON.stringify(manifest));
  await npm(["install", "--no-package-lock", "--prefer-offline"], directory);
  await compileCases(directory);
  return directory;
}

/** The cases and what runs them as modules that import nothing but the package. */
async function compileCases(directory) {
  const sources = { context: "test/conformance/context.ts", run: "test/runtimes/run.ts" };
  for (const name of ["places", "program"]) sources[name] = `test/runtimes/${name}.ts`;
  await build({
    configFile: false,
    root,
    publicDir: false,
    logLevel: "warn",
    build: {
      outDir: join(directory, "conformance"),
      minify: false,
      target: "es2022",
      lib: { entry: Object.fromEntries(Object.entries(sources).map(([name, path]) => [name, join(root, path)])), formats: ["es"] },
      rolldownOptions: { external: /^(?![./])/ },
    },
  });
}

/**
 * Makes one module of the cases and of the installed package, for runtimes that know no `node_modules`; what they are meant to choose by is
 * given as conditions of `exports`. Exports what `test/runtimes/places.ts` does, as a module or as the global `places`.
 */
export async function bundleCases(directory, name, { conditions, format }) {
  const outDir = join(directory, "bundles");
  await build({
    configFile: false,
    root: directory,
    publicDir: false,
    logLevel: "warn",
    resolve: { conditions },
    build: {
      outDir,
      emptyOutDir: false,
      minify: false,
      target: "es2022",
      lib: { entry: join(directory, "conformance/places.js"), formats: [format], name: "places", fileName: () => name },
    },
  });
  return join(outDir, name);
}
