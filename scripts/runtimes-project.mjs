// What the runtimes run: a project of its own under `out/runtimes`, with the packed package installed and the conformance cases compiled.
import { join } from "node:path";
import { build } from "vite";
import { installPacked } from "./packed-project.mjs";
import { root } from "./run.mjs";

/** Installs the packed package, with the cases beside it; resolves to the project's folder. */
export async function makeProject() {
  const directory = await installPacked("runtimes");
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
