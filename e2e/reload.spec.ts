import { link } from "node:fs/promises";
import { join } from "node:path";
import { hashUrl, writeRandomFile } from "./content.js";
import { choose, entry, expect, lost, openPage, test, transfer } from "./demo.js";

const RANGE = 4 * 1024 * 1024;
/** Ranges that an upload has on their way at once, and so the most that a reload can lose. */
const IN_FLIGHT = 4 * RANGE;

/** Bytes that a request puts into a file. */
function bytesPut(request: Request): number {
  const [, start = 0, end = -1] = (/^bytes=(\d+)-(\d+)$/.exec(request.headers.get("x-ms-range") ?? "") ?? []).map(Number);
  return request.method === "PUT" && new URL(request.url).searchParams.get("comp") === "range" ? end - start + 1 : 0;
}

/** Numbers from 0 up to 1 that are the same every time (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

test("somebody reloads the page half way and chooses the file again: it goes on where it stopped", async ({ page, stage, folder }) => {
  let held = true;
  let ranges = 0;
  let sent = 0;
  const demo = await stage({
    async before(request) {
      const bytes = bytesPut(request);
      if (bytes === 0) return undefined;
      ranges += 1;
      if (held && ranges > 6) return lost(request);
      sent += bytes;
      return undefined;
    },
  });
  page.on("dialog", (dialog) => void dialog.accept());
  const path = join(folder, "film.mov");
  const sha256 = await writeRandomFile(path, 64, 99);
  await openPage(page, demo.url);
  await choose(page, "Choose files", path);
  await expect(transfer(page, "film.mov")).toContainText("24 MiB of 64 MiB");

  await page.reload();
  await expect(page.getByText("This page holds a SAS")).toBeVisible();
  held = false;
  sent = 0;
  await choose(page, "Choose files", path);
  await expect(transfer(page, "film.mov").getByText("Uploaded, 24 MiB of it before")).toBeVisible();
  await expect(entry(page, "film.mov")).toContainText("64 MiB");
  expect((await hashUrl(await demo.link("film.mov"))).sha256).toBe(sha256);
  expect(sent).toBe(40 * 1024 * 1024 + 99);
});

test("whenever the page is reloaded, nothing is lost and no more is sent again than was on its way", async ({ page, stage, folder }) => {
  const rounds = Number(process.env["RELOADS"] ?? 50);
  test.setTimeout(30_000 + rounds * 10_000);
  const size = 32 * 1024 * 1024 + 12_345;
  const next = random(20_261_123);
  let sent = 0;
  let reloadAfter = Infinity;
  let reached = (): void => undefined;
  const demo = await stage({
    async before(request) {
      const bytes = bytesPut(request);
      sent += bytes;
      if (bytes === 0 || sent <= reloadAfter) return;
      reached();
      // From then on slowly, so that the reload comes before the end.
      await new Promise((resolve) => setTimeout(resolve, 200));
    },
  });
  page.on("dialog", (dialog) => void dialog.accept());
  const sha256 = await writeRandomFile(join(folder, "film.mov"), 32, 12_345);
  await openPage(page, demo.url);
  let resumed = 0;
  for (let round = 0; round < rounds; round++) {
    // Another name each round, of the same file.
    const name = `film-${round}.mov`;
    await link(join(folder, "film.mov"), join(folder, name));
    sent = 0;
    reloadAfter = next() * size;
    const moment = new Promise<void>((resolve) => (reached = resolve));
    const delay = next() * 30;
    await choose(page, "Choose files", join(folder, name));
    await moment;
    await new Promise((resolve) => setTimeout(resolve, delay));
    reloadAfter = Infinity;
    await page.reload();
    await expect(page.getByText("This page holds a SAS")).toBeVisible();
    await choose(page, "Choose files", join(folder, name));
    const row = transfer(page, name);
    await expect(row.getByText(/^Uploaded/)).toBeVisible({ timeout: 20_000 });
    if (/of it before/.test((await row.textContent()) ?? "")) resumed += 1;
    expect(await hashUrl(await demo.link(name)), `round ${round}`).toEqual({ sha256, bytes: size });
    // A reload after the end finds a whole file, which is written anew.
    if (sent < 2 * size) expect(sent, `round ${round}`).toBeLessThanOrEqual(size + IN_FLIGHT);
  }
  // Most of them met an upload that was under way.
  expect(resumed).toBeGreaterThan(rounds / 2);
});
