import { join } from "node:path";
import { hashFile, writeRandomFile } from "./content.js";
import { choose, entry, expect, openPage, test, transfer } from "./demo.js";

test("with the emulator inside the page 64 MB go up and come down the same, and no server hears of it", async ({ page, stage, folder }) => {
  const demo = await stage();
  const path = join(folder, "film.mov");
  const sent = await writeRandomFile(path, 64, 3);
  await openPage(page, demo.url);
  await page.getByRole("switch", { name: "Emulator inside this page" }).click();
  await expect(page.getByRole("switch", { name: "Emulator inside this page" })).toBeChecked();
  await expect(page.getByText("This page holds a SAS")).toBeVisible();
  const before = demo.emulator.requestCount;
  const asked: string[] = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith("/api/")) asked.push(pathname);
  });

  await choose(page, "Choose files", path);
  await expect(transfer(page, "film.mov").getByText("Uploaded")).toBeVisible({ timeout: 60_000 });
  await expect(entry(page, "film.mov")).toContainText("64 MiB");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download film.mov" }).click()]);
  expect(download.suggestedFilename()).toBe("film.mov");
  expect(await hashFile(await download.path())).toBe(sent);
  expect(asked).toEqual([]);
  expect(demo.emulator.requestCount).toBe(before);
});

test("with the emulator inside the page files go when it reloads, and the page says so; the switch leads back", async ({
  page,
  stage,
  folder,
}) => {
  const demo = await stage();
  const path = join(folder, "notes.txt");
  await writeRandomFile(path, 0, 10);
  await openPage(page, `${demo.url}?emulator=page`);
  await expect(page.getByText("Files live in this tab's memory and go when it reloads.")).toBeVisible();
  await choose(page, "Choose files", path);
  await expect(entry(page, "notes.txt")).toBeVisible();
  await page.reload();
  await expect(page.getByText("Nothing here yet")).toBeVisible();
  await page.getByRole("switch", { name: "Emulator inside this page" }).click();
  await expect(page.getByRole("switch", { name: "Emulator inside this page" })).not.toBeChecked();
  await expect(page.getByText("Nothing here yet")).toBeVisible();
});
