import { join } from "node:path";
import type { CorsRule } from "azure-files/simulation";
import { hashFile, hashUrl, writeRandomFile } from "./content.js";
import { choose, entry, expect, openPage, test, transfer } from "./demo.js";

const RULE: CorsRule = {
  allowedOrigins: ["*"],
  allowedMethods: ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"],
  allowedHeaders: ["x-ms-*", "content-type"],
  exposedHeaders: [],
  maxAgeSeconds: 300,
};

test("a CORS rule that exposes nothing: all works, and the page says what it cannot see", async ({ page, stage, folder }) => {
  const demo = await stage({ cors: [RULE] });
  const path = join(folder, "film.mov");
  const sent = await writeRandomFile(path, 13, 7);
  await openPage(page, demo.url);
  await choose(page, "Choose files", path);
  const row = transfer(page, "film.mov");
  await expect(row).toContainText("Uploaded. The share's answer could not be checked: its CORS rule exposes no headers to pages.");
  await expect(entry(page, "film.mov")).toContainText("13 MiB");
  expect((await hashUrl(await demo.link("film.mov"))).sha256).toBe(sent);

  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download film.mov" }).click()]);
  expect(await hashFile(await download.path())).toBe(sent);
});

test("a CORS rule that exposes nothing: a refusal is still told apart", async ({ page, stage, folder }) => {
  const demo = await stage({ cors: [RULE], permissions: "rl" });
  const path = join(folder, "notes.txt");
  await writeRandomFile(path, 0, 10);
  await openPage(page, demo.url);
  await choose(page, "Choose files", path);
  await expect(transfer(page, "notes.txt")).toContainText("What is missing: create (c) and write (w).");
});

test("a CORS rule for somebody else: the page says what to check", async ({ page, stage }) => {
  const demo = await stage({ cors: [{ ...RULE, allowedOrigins: ["https://elsewhere.example"] }] });
  await openPage(page, demo.url);
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("The share cannot be reached", { timeout: 60_000 });
  await expect(alert).toContainText(
    `allowed origin ${new URL(demo.url).origin}; methods GET, HEAD, PUT, DELETE; allowed headers x-ms-*, content-type`,
  );
});
