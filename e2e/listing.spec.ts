import { join } from "node:path";
import { connect, sharedKey } from "azure-files";
import { create as createDirectory } from "azure-files/directories";
import { write } from "azure-files/files";
import type { Connection } from "azure-files";
import { hashFile, writeRandomFile } from "./content.js";
import { choose, entry, expect, openPage, replayable, test, type Stage } from "./demo.js";

/** Puts things into the share as another program would. */
function owner({ emulator, endpoint }: Stage): Connection {
  return connect({ endpoint, share: "demo", credential: sharedKey(emulator) });
}

test("after a reload the page shows what is in the share, in the folder it was in", replayable, async ({ page, stage }) => {
  const demo = await stage();
  await openPage(page, demo.url);
  await expect(page.getByText("Nothing here yet")).toBeVisible();
  await createDirectory(owner(demo), { path: "2026/q3", recursive: true });
  await write(owner(demo), { path: "2026/q3/report.txt", body: "all is well" });

  await page.getByRole("button", { name: "Refresh" }).click();
  await page.getByRole("link", { name: "2026" }).click();
  await page.getByRole("link", { name: "q3" }).click();
  await expect(entry(page, "report.txt")).toContainText("11 bytes");
  await page.reload();
  await expect(entry(page, "report.txt")).toContainText("11 bytes");
  await expect(page.getByRole("navigation", { name: "Folder" })).toHaveText("demo2026q3");
  await page.goBack();
  await expect(entry(page, "q3")).toBeVisible();
});

test("a download is the browser's own, by a link that reads one file for some minutes", replayable, async ({ page, stage, folder }) => {
  const demo = await stage();
  const name = "größe 100% 'quoted'.bin";
  const path = join(folder, name);
  const sent = await writeRandomFile(path, 9, 1);
  await openPage(page, demo.url);
  await choose(page, "Choose files", path);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: `Download ${name}` }).click()]);

  expect(download.suggestedFilename()).toBe(name);
  expect(await hashFile(await download.path())).toBe(sent);
  const link = new URL(download.url());
  expect(link.origin).toBe(new URL(demo.endpoint).origin);
  expect(link.searchParams.get("sp")).toBe("r");
  expect(link.searchParams.get("sr")).toBe("f");
  expect(Date.parse(link.searchParams.get("se") ?? "") - Date.now()).toBeLessThan(6 * 60_000);
});

test("a download of a file that is gone says so and leaves the page where it is", replayable, async ({ page, stage }) => {
  const demo = await stage();
  await openPage(page, demo.url);
  await write(owner(demo), { path: "short.txt", body: "here" });
  await page.getByRole("button", { name: "Refresh" }).click();
  await expect(entry(page, "short.txt")).toBeVisible();
  demo.emulator.reset();
  await page.getByRole("button", { name: "Download short.txt" }).click();
  await expect(page.getByRole("alert")).toContainText("The share does not exist");
  await expect(page.getByRole("heading", { name: "In the share" })).toBeVisible();
});

test("a file and a folder with all that is in it are deleted, after a question", replayable, async ({ page, stage }) => {
  const demo = await stage();
  await openPage(page, demo.url);
  await createDirectory(owner(demo), { path: "old/deep/deeper", recursive: true });
  await write(owner(demo), { path: "old/deep/deeper/a.txt", body: "a" });
  await write(owner(demo), { path: "keep.txt", body: "k" });
  await write(owner(demo), { path: "throw.txt", body: "t" });
  await page.getByRole("button", { name: "Refresh" }).click();

  await page.getByRole("button", { name: "Delete throw.txt" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Keep it" }).click();
  await expect(entry(page, "throw.txt")).toBeVisible();
  await page.getByRole("button", { name: "Delete throw.txt" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(entry(page, "throw.txt")).toHaveCount(0);

  await page.getByRole("button", { name: "Delete old" }).click();
  await expect(page.getByRole("dialog")).toContainText("Everything in it goes too.");
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(entry(page, "old")).toHaveCount(0);
  await expect(entry(page, "keep.txt")).toBeVisible();
});

test("a folder of more than a page is shown in pages", replayable, async ({ page, stage }) => {
  const demo = await stage();
  await openPage(page, demo.url);
  const connection = owner(demo);
  await createDirectory(connection, { path: "many" });
  for (let index = 0; index < 510; index += 30) {
    await Promise.all(
      Array.from({ length: 30 }, (_, step) => write(connection, { path: `many/file-${String(index + step).padStart(4, "0")}`, body: "x" })),
    );
  }
  await page.goto(`${demo.url}#/many`);
  await expect(page.getByRole("rowheader")).toHaveCount(500);
  await page.getByRole("button", { name: "Show more" }).click();
  await expect(page.getByRole("rowheader")).toHaveCount(510);
  await expect(page.getByRole("button", { name: "Show more" })).toBeHidden();
});

test("the page's server gives no link to a path that leaves the share", async ({ stage }) => {
  const demo = await stage();
  for (const path of ["", "../other", "a//b", "a/./b"]) {
    const response = await fetch(new URL(`/api/link?path=${encodeURIComponent(path)}`, demo.url));
    expect(response.status).toBe(400);
    expect(await response.text()).not.toContain("sig=");
  }
});

test("a page that is left open gets a new SAS before the old one ends", replayable, async ({ page, stage }) => {
  const demo = await stage();
  await page.clock.install();
  await openPage(page, demo.url);
  await expect(page.getByText("Nothing here yet")).toBeVisible();
  const renewal = page.waitForRequest(new URL("/api/sas", demo.url).href);
  // A SAS lives for fifteen minutes, and the library asks for the next one when a quarter of that is left.
  await page.clock.fastForward("12:00");
  await page.getByRole("button", { name: "Refresh" }).click();
  await renewal;
  await expect(page.getByRole("status")).toHaveText("demo: 0 entries");
});
