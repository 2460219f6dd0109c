import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import type { Plugin, ViteUserConfig } from "vitest/config";
import manifest from "./package.json" with { type: "json" };
import { chromiumArguments, findChromium } from "./scripts/ensure-chromium.mjs";

const executablePath = findChromium();
const inBrowser = ["test/runtimes/browser.test.ts", "test/**/*.browser.test.ts"];

/** Imports of the package's own (`#name`) lead to `dist`, by what runs them; from `src` they lead to `src` the same way. */
const ownImports = (condition: "node" | "browser"): Plugin => ({
  name: "own-imports",
  enforce: "pre",
  resolveId: (id, importer) => {
    const targets: Partial<Record<string, string>> | undefined = manifest.imports[id as keyof typeof manifest.imports];
    const target = targets?.[condition] ?? targets?.["default"];
    const sources = join(import.meta.dirname, "src");
    return target && importer?.startsWith(sources) ? target.replace("./dist", sources).replace(/js$/, "ts") : undefined;
  },
});

/** Serves the service worker of the installed msw to test pages, as an application's own server does. */
const mswWorker: Plugin = {
  name: "azure-files:msw-worker",
  configureServer({ middlewares }) {
    const worker = readFileSync(createRequire(import.meta.url).resolve("msw/mockServiceWorker.js"));
    middlewares.use("/mockServiceWorker.js", (_request, response) => {
      response.writeHead(200, { "content-type": "text/javascript" }).end(worker);
    });
  },
};

const config: ViteUserConfig = defineConfig({
  // The demo's files are no part of a test page.
  publicDir: false,
  test: {
    passWithNoTests: true,
    // Bounded, and roomy enough for two busy cores.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    reporters: ["default", "./scripts/vitest-counts.mjs"],
    projects: [
      {
        extends: true,
        plugins: [ownImports("node")],
        test: {
          name: "node",
          include: [
            "test/{unit,wire,oracle}/**/*.test.ts",
            "test/conformance/**/*.test.ts",
            "test/runtimes/node.test.ts",
            "test/architecture.test.ts",
            "test/size.test.ts",
            "test/readme.test.ts",
            "test/docs.test.ts",
            "docs/**/*.test.ts",
            "test/faults/**/*.test.ts",
          ],
          exclude: inBrowser,
          typecheck: { enabled: true, include: ["test/**/*.test-d.ts"], tsconfig: "./tsconfig.json", checker: "tsc" },
        },
      },
      { extends: true, plugins: [ownImports("node")], test: { name: "referees", include: ["test/referees/**/*.test.ts"] } },
      ...(executablePath === undefined
        ? []
        : [
            {
              extends: true as const,
              plugins: [ownImports("browser"), mswWorker],
              test: {
                name: "chromium",
                include: inBrowser,
                globalSetup: ["test/global-setup.ts"],
                browser: {
                  enabled: true,
                  headless: true,
                  screenshotFailures: false,
                  provider: playwright({ launchOptions: { executablePath, args: chromiumArguments } }),
                  instances: [{ browser: "chromium" as const }],
                },
              },
            },
          ]),
    ],
  },
});

export default config;
