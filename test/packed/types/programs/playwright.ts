// A story of Playwright's with the fixture. Compiled, never run.
import { test as base, expect } from "@playwright/test";
import { azureFilesTest } from "azure-files/playwright";

const test = azureFilesTest(base);
test("a page uploads", async ({ page, azureFiles: files }) => {
  await page.goto(files.endpoint);
  expect(await files.sas({ permissions: "r" })).toContain("sig=");
  // @ts-expect-error the requests are not for changing
  files.requests.push();
});
