import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { connect, sharedKey } from "azure-files";
import { create as createDirectory } from "azure-files/directories";
import { write } from "azure-files/files";
import { writeRandomFile } from "./content.js";
import { choose, entry, expect, openPage, test, transfer } from "./demo.js";
const OUT = "/tmp/demo-look";
for (const scheme of ["light", "dark"] as const)
  test(`look ${scheme}`, async ({ page, stage, folder }) => {
    let ranges = 0;
    const held = true;
    const demo = await stage({
      async before(request) {
        const url = new URL(request.url);
        if (request.method !== "PUT" || url.searchParams.get("comp") !== "range" || !url.pathname.includes("keynote")) return;
        ranges++;
        if ((held && ranges > 17) || ranges === 14) await new Promise((resolve) => request.signal.addEventListener("abort", resolve));
      },
    });
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width: 1360, height: 860 });
    await openPage(page, demo.url);
    await expect(page.getByText("Nothing here yet")).toBeVisible();
    await page.screenshot({ path: `${OUT}/${scheme}-empty.png` });
    const c = connect({ endpoint: demo.endpoint, share: "demo", credential: sharedKey(demo.emulator) });
    for (const path of ["2026/q3/raw footage", "2026/q3/stills"]) await createDirectory(c, { path, recursive: true });
    for (const [path, n] of [
      ["2026/q3/notes.md", 12000],
      ["2026/q3/Interview with the harbour master, second take.wav", 900000],
    ] as const)
      await write(c, { path, body: new Uint8Array(n) });
    await page.goto(`${demo.url}#/2026/q3`);
    await writeRandomFile(join(folder, "keynote.mov"), 180);
    await writeRandomFile(join(folder, "measurements-2026-11.parquet"), 40);
    await writeRandomFile(join(folder, "readme.txt"), 0, 3000);
    await mkdir(join(folder, "x"));
    await choose(page, "Choose files", [
      join(folder, "keynote.mov"),
      join(folder, "measurements-2026-11.parquet"),
      join(folder, "readme.txt"),
    ]);
    await expect(transfer(page, "measurements").getByText("Uploaded")).toBeVisible();
    await expect(transfer(page, "keynote")).toContainText("left");
    await page.screenshot({ path: `${OUT}/${scheme}-sending.png`, fullPage: true });
    await transfer(page, "keynote").getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Delete notes.md" }).click();
    await page.screenshot({ path: `${OUT}/${scheme}-dialog.png`, fullPage: true });
    await page.keyboard.press("Escape");
    const poor = await stage({ permissions: "rl" });
    await openPage(page, poor.url);
    await choose(page, "Choose files", join(folder, "readme.txt"));
    await expect(transfer(page, "readme.txt")).toContainText("missing");
    await page.keyboard.press("Tab");
    await page.screenshot({ path: `${OUT}/${scheme}-refused.png`, fullPage: true });
    const cors = await stage({ cors: [] });
    await openPage(page, cors.url);
    await expect(page.getByRole("alert")).toContainText("cannot be reached", { timeout: 30000 });
    await page.screenshot({ path: `${OUT}/${scheme}-cors.png`, fullPage: true });
    await openPage(page, `${demo.url}?emulator=page`);
    await choose(page, "Choose files", join(folder, "measurements-2026-11.parquet"));
    await expect(transfer(page, "measurements").getByText("Uploaded")).toBeVisible();
    await expect(entry(page, "measurements-2026-11.parquet")).toBeVisible();
    await page.screenshot({ path: `${OUT}/${scheme}-page.png`, fullPage: true });
  });
