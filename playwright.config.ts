import { defineConfig, devices } from "@playwright/test";
import type { PlaywrightTestConfig } from "@playwright/test";
import type { Way } from "./e2e/demo.js";
import { chromiumArguments, findChromium } from "./scripts/ensure-chromium.mjs";

const executablePath = findChromium();

const config: PlaywrightTestConfig<{ way: Way }> = defineConfig<{ way: Way }>({
  testDir: "e2e",
  testMatch: "**/*.spec.ts",
  outputDir: "out/e2e",
  // Two cores and hundreds of megabytes per story: one after the other.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  forbidOnly: process.env["CI"] !== undefined,
  timeout: 120_000,
  globalTimeout: 900_000,
  reporter: [["list"], ["./scripts/playwright-counts.mjs"]],
  use: {
    ...devices["Desktop Chrome"],
    trace: "off",
    launchOptions: { args: chromiumArguments, ...(executablePath === undefined ? {} : { executablePath }) },
  },
  projects: [
    // What follows from the user alone is recorded on its way to the fixture's account, and then answered from the recording with the account
    // out of the way.
    { name: "record", grep: /@replayable/, use: { way: "record" } },
    { name: "replay", grep: /@replayable/, use: { way: "replay" }, dependencies: ["record"] },
    { name: "fixture", grepInvert: /@replayable/ },
    // The stories that need nothing of the account but what a page sees of it.
    { name: "msw", grep: /@anywhere/, use: { way: "msw" } },
    { name: "in-process", grep: /@anywhere/, use: { way: "in-process" } },
    { name: "guide", testDir: "docs" },
  ],
});

export default config;
