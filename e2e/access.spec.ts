import { join } from "node:path";
import { writeRandomFile } from "./content.js";
import { anywhere, choose, entry, expect, expectChooser, openPage, test, transfer } from "./demo.js";

/** Relative luminance of a CSS colour such as "rgb(1, 2, 3)", by the formula of WCAG 2. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map((value) => {
    const part = Number(value) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

for (const scheme of ["light", "dark"] as const) {
  test(`the page follows the reader's ${scheme} scheme, and its words can be read`, anywhere, async ({ page, stage }) => {
    const demo = await stage();
    await page.emulateMedia({ colorScheme: scheme });
    await openPage(page, demo.url);
    const colours = await page.evaluate(() => {
      const of = (selector: string): CSSStyleDeclaration => getComputedStyle(document.querySelector(selector) ?? document.body);
      return {
        ground: of("body").backgroundColor,
        panel: of(".panel").backgroundColor,
        ink: of("h2").color,
        quiet: of(".drop-note").color,
        button: of("#choose-files").backgroundColor,
        label: of("#choose-files").color,
        link: of("#refresh").color,
      };
    });
    expect(luminance(colours.ground) > 0.5).toBe(scheme === "light");
    expect(contrast(colours.ink, colours.panel)).toBeGreaterThan(7);
    for (const [text, behind] of [
      [colours.quiet, colours.panel],
      [colours.quiet, colours.ground],
      [colours.link, colours.panel],
      [colours.label, colours.button],
    ] as const) {
      expect(contrast(text, behind)).toBeGreaterThan(4.5);
    }
  });
}

test("somebody without a mouse uploads, opens a folder, downloads and deletes", anywhere, async ({ page, stage, folder }) => {
  const demo = await stage();
  const path = join(folder, "notes.txt");
  await writeRandomFile(path, 0, 10);
  await openPage(page, demo.url);

  /** Presses Tab until the element with this role and name has the focus. */
  async function tabTo(role: "button" | "link" | "switch", name: string): Promise<void> {
    const wanted = page.getByRole(role, { name, exact: true });
    for (let presses = 0; presses < 40; presses += 1) {
      await page.keyboard.press("Tab");
      if (await wanted.evaluate((element) => element === document.activeElement)) {
        expect(await wanted.evaluate((element) => getComputedStyle(element).outlineStyle)).toBe("solid");
        return;
      }
    }
    throw new Error(`Tab does not lead to ${role} "${name}".`);
  }

  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the share's contents" })).toBeFocused();
  await tabTo("switch", "Emulator inside this page");
  await tabTo("button", "Choose files");
  const { chooser } = await expectChooser(page);
  await page.keyboard.press("Enter");
  await (await chooser).setFiles(path);
  await expect(page.getByRole("status")).toHaveText("1 file uploaded.");

  await expect(entry(page, "notes.txt")).toBeVisible();
  await tabTo("button", "Download notes.txt");
  const download = page.waitForEvent("download");
  await page.keyboard.press("Enter");
  expect((await download).suggestedFilename()).toBe("notes.txt");
  await expect(page.getByRole("status")).toHaveText("The browser saves notes.txt.");

  await tabTo("button", "Delete notes.txt");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: "Delete “notes.txt”?" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "Delete notes.txt" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Keep it" })).toBeFocused();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(entry(page, "notes.txt")).toHaveCount(0);
  await expect(page.getByRole("status")).toHaveText("notes.txt is deleted.");
});

test("the page fits a phone: nothing runs out of it sideways", async ({ page, stage, folder }) => {
  const demo = await stage({ permissions: "l" });
  const path = join(folder, "a-very-long-name-without-any-space-".repeat(5) + ".txt");
  await writeRandomFile(path, 0, 10);
  await page.setViewportSize({ width: 360, height: 740 });
  await openPage(page, demo.url);
  await choose(page, "Choose files", path);
  await expect(transfer(page, "a-very-long-name")).toContainText("What is missing");
  const { content, view } = await page.evaluate(() => ({
    content: document.documentElement.scrollWidth,
    view: document.documentElement.clientWidth,
  }));
  expect(content).toBeLessThanOrEqual(view);
});
