/** A project as a user of `azure-files/playwright` has it, with all options in the configuration. `e2e/another-project.spec.ts` runs it. */
import { readFileSync } from "node:fs";
import { defineConfig, type PlaywrightTestConfig } from "@playwright/test";
import type { AzureFilesFixtures, AzureFilesWorkerFixtures } from "azure-files/playwright";
import { chromiumArguments, findChromium } from "../../scripts/ensure-chromium.mjs";

const executablePath = findChromium();
const vector = (name: string): string => readFileSync(new URL(`../../test/vectors/${name}.pem`, import.meta.url), "utf8");

const config: PlaywrightTestConfig<AzureFilesFixtures, AzureFilesWorkerFixtures> = defineConfig<
  AzureFilesFixtures,
  AzureFilesWorkerFixtures
>({
  testDir: ".",
  testMatch: "stories.ts",
  outputDir: "../../out/another-project",
  // One address, and an account behind it in each worker.
  workers: 2,
  fullyParallel: true,
  projects: [
    { name: "chromium", grepInvert: /Chromium alone|no address/ },
    // Never started: the fixture refuses before.
    { name: "firefox", grep: /Chromium alone/, use: { browserName: "firefox" } },
    { name: "webkit", grep: /Chromium alone/, use: { browserName: "webkit" } },
    { name: "mistaken", grep: /no address/, use: { azureFilesEndpoint: "myaccount.file.core.windows.net" } },
  ],
  use: {
    azureFilesEndpoint: "https://files.example:8443/devstoreaccount1",
    azureFilesCertificate: { cert: vector("tls-cert"), key: vector("tls-key") },
    launchOptions: {
      // A rule that is there already must hold beside the fixture's own.
      args: [...chromiumArguments, "--host-resolver-rules=MAP app.example 127.0.0.1"],
      ...(executablePath === undefined ? {} : { executablePath }),
    },
  },
});

export default config;
