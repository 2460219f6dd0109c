import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { UserConfig } from "vite";

/** Every module of `src` is an entry: the build keeps the tree, so a bundler drops what a page does not import. */
function modules(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "types" ? [] : modules(path);
    return entry.name.endsWith(".ts") ? [path] : [];
  });
}

const config: UserConfig = {
  publicDir: false,
  build: {
    target: "es2022",
    minify: false,
    sourcemap: true,
    lib: {
      entry: Object.fromEntries(modules("src").map((path) => [path.replace(/^src\//, "").replace(/\.ts$/, ""), path])),
      formats: ["es"],
    },
    rolldownOptions: {
      // Each module is translated by itself, its imports left as written. Bundled, a module that the client imports as a namespace
      // would also export that namespace, under a name that is nobody's business.
      external: (_id: string, importer: string | undefined) => importer !== undefined,
      makeAbsoluteExternalsRelative: false,
      output: { entryFileNames: "[name].js" },
    },
  },
};

export default config;
