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
      external: [/^node:/, /^(ky|fast-xml-parser|@noble\/hashes|web-streams-polyfill|srvx|msw)(\/|$)/],
      output: { preserveModules: true, preserveModulesRoot: "src", entryFileNames: "[name].js" },
    },
  },
};

export default config;
