import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type { UserConfig } from "vite";
import manifest from "./package.json" with { type: "json" };

/** All modules of `src` but those of types alone. */
function modules(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "types" ? [] : modules(path);
    return entry.name.endsWith(".ts") ? [path] : [];
  });
}

const sources = modules("src");
const named: unknown[] = [manifest.bin, ...Object.values(manifest.imports), ...Object.values(manifest.exports)];
const entries = new Set(named.flatMap((paths) => Object.values(paths as object)).map((path) => String(path).replace("./dist", "src")));

/** Pairs of modules, the second of which the first imports for its values. */
const imports = sources.flatMap((path) =>
  [...readFileSync(path, "utf8").matchAll(/^(?:import|export) (?!type )[^;]*?from "(\.[^"]+)\.js";/gm)].map(
    ([, specifier = ""]) => [path, join(dirname(path), `${specifier}.ts`)] as const,
  ),
);

/** Into which module each of those goes that have no file of their own in the build. */
const hosts = new Map<string, string>();

/**
 * Modules of `services` and `locking` that one other alone imports, from the same folder, are put into that one, because Node takes its time
 * for each file that it loads. All others stay what they are, so that a bundler drops what a page does not import.
 */
for (let before = -1; hosts.size > before;) {
  before = hosts.size;
  for (const path of sources.filter((one) => /\/(services|locking)\//.test(one) && !entries.has(one.replace(/ts$/, "js")))) {
    const importers = new Set(imports.filter(([, to]) => to === path).map(([from]) => hosts.get(from) ?? from));
    const [host = ""] = importers;
    if (importers.size !== 1 || dirname(host) !== dirname(path)) continue;
    hosts.set(path, host);
    for (const [inside, outside] of hosts) if (outside === path) hosts.set(inside, host);
  }
}

const config: UserConfig = {
  publicDir: false,
  build: {
    target: "es2022",
    minify: false,
    sourcemap: true,
    lib: {
      entry: Object.fromEntries(
        sources.filter((path) => !hosts.has(path)).map((path) => [path.replace(/^src\//, "").replace(/\.ts$/, ""), path]),
      ),
      formats: ["es"],
    },
    rolldownOptions: {
      // Each module is translated by itself, its imports left as written. Bundled, a module that the client imports as a namespace
      // would also export that namespace, under a name that is nobody's business.
      external: (id: string, importer: string | undefined) =>
        importer !== undefined && !hosts.has(relative(".", resolve(dirname(importer), id)).replace(/js$/, "ts")),
      makeAbsoluteExternalsRelative: false,
      output: { entryFileNames: "[name].js" },
    },
  },
};

export default config;
