/** Playwright: the real page in a real browser. It knows one address, and the browser is led to the account of this test. */
import { test as base, expect } from "@playwright/test";
import { azureFilesTest } from "azure-files/playwright";
import { download } from "azure-files/streaming";
import { serveApp } from "./serve-app.js";

const test = azureFilesTest(base);
test.use({
  azureFilesEndpoint: "https://myaccount.file.core.windows.net",
  azureFilesOptions: { share: "reports" },
});

test("the first report of a day is kept, and a busy share is told of", async ({ page, azureFiles }) => {
  await using app = await serveApp();
  // A token is small: this may pass through a route. Files may not.
  await page.route("https://app.example/api/sas", async (route) =>
    route.fulfill({ body: await azureFiles.sas({ permissions: "rcw" }), headers: { "access-control-allow-origin": "*" } }),
  );
  await page.goto(app.url);
  const send = async (day: string, text: string): Promise<void> => {
    await page.getByLabel("Day").fill(day);
    await page.getByLabel("Report").fill(text);
    await page.getByRole("button", { name: "Send" }).click();
  };

  await send("2026-10-01", "All is well.");
  await expect(page.getByRole("status")).toHaveText("Sent.");
  await send("2026-10-01", "Or is it?");
  await expect(page.getByRole("status")).toHaveText("There is a report of this day already.");
  azureFiles.emulator.respond("Create File", "ServerBusy", { times: 2 });
  await send("2026-10-02", "All is well.");
  await expect(page.getByRole("status")).toHaveText("The share is busy. Try again in a minute.");

  expect(await (await download(azureFiles.connection, { path: "2026-10-01.txt" })).text()).toBe("All is well.");
});
