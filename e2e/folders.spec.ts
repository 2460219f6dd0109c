import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeRandomFile } from "./content.js";
import { anywhere, choose, entry, expect, openPage, test, transfer } from "./demo.js";

async function makeTree(folder: string): Promise<{ root: string; hash: string }> {
  const root = join(folder, "project");
  await mkdir(join(root, "raw/day 1"), { recursive: true });
  await mkdir(join(root, "raw/nothing yet"), { recursive: true });
  await writeRandomFile(join(root, "readme.txt"), 0, 30);
  await writeRandomFile(join(root, "raw/one.bin"), 1);
  const hash = await writeRandomFile(join(root, "raw/day 1/two.bin"), 5, 5);
  return { root, hash };
}

test("a folder is chosen and arrives with its folders", anywhere, async ({ page, stage, folder }) => {
  const demo = await stage();
  const { root, hash } = await makeTree(folder);
  await openPage(page, demo.url);
  await choose(page, "Choose a folder", root);
  await expect(page.getByText("3 files uploaded", { exact: true })).toBeVisible();
  await page.getByRole("link", { name: "project" }).click();
  await expect(entry(page, "readme.txt")).toContainText("30 bytes");
  await page.getByRole("link", { name: "raw" }).click();
  await page.getByRole("link", { name: "day 1" }).click();
  await expect(entry(page, "two.bin")).toContainText("5.0 MiB");
  expect(await demo.hash(page, "project/raw/day 1/two.bin")).toBe(hash);
});

test("a folder is dropped on the page: what is empty in it arrives too", anywhere, async ({ page, stage, folder }) => {
  const demo = await stage();
  const { root, hash } = await makeTree(folder);
  await writeRandomFile(join(folder, "beside.bin"), 0, 5);
  await openPage(page, demo.url);
  // A drag from the desktop, as the browser itself sees it; synthetic events could carry files, but no folders.
  const devtools = await page.context().newCDPSession(page);
  const data = { items: [], files: [root, join(folder, "beside.bin")], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver"] as const) await devtools.send("Input.dispatchDragEvent", { type, x: 300, y: 300, data });
  await expect(page.locator("#drop")).toHaveClass(/over/);
  await devtools.send("Input.dispatchDragEvent", { type: "drop", x: 300, y: 300, data });

  await expect(page.getByText("4 files uploaded", { exact: true })).toBeVisible();
  await expect(page.locator("#drop")).not.toHaveClass(/over/);
  await expect(transfer(page, "beside.bin").getByText("Uploaded")).toBeVisible();
  await page.getByRole("link", { name: "project" }).click();
  await page.getByRole("link", { name: "raw" }).click();
  await expect(entry(page, "nothing yet")).toBeVisible();
  await page.getByRole("link", { name: "day 1" }).click();
  expect(await demo.hash(page, "project/raw/day 1/two.bin")).toBe(hash);
});

test("files go into the folder in view", anywhere, async ({ page, stage, folder }) => {
  const demo = await stage();
  const { root } = await makeTree(folder);
  await openPage(page, demo.url);
  await choose(page, "Choose a folder", root);
  await page.getByRole("link", { name: "project" }).click();
  await expect(page.locator("#target")).toHaveText("project");
  const path = join(folder, "late.bin");
  const hash = await writeRandomFile(path, 0, 99);
  await choose(page, "Choose files", path);
  await expect(entry(page, "late.bin")).toBeVisible();
  expect(await demo.hash(page, "project/late.bin")).toBe(hash);
});
