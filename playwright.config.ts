import { defineConfig, devices } from "@playwright/test";
import type { PlaywrightTestConfig } from "@playwright/test";
import { chromiumArguments, findChromium } from "./scripts/ensure-chromium.mjs";

const executablePath = findChromium();

const config: PlaywrightTestConfig = defineConfig({
  testDir: "e2e",
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
  projects: [{ name: "chromium" }],
});

export default config;
