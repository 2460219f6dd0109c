import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { hashUrl, writeRandomFile } from "./content.js";
import { anywhere, choose, entry, expect, lost, openPage, test, transfer } from "./demo.js";

const RANGE = 4 * 1024 * 1024;

test("a file of 300 MB travels from the page into the share, and the share holds the same bytes", async ({ page, stage, folder }) => {
  const demo = await stage();
  const path = join(folder, "film.mov");
  const sent = await writeRandomFile(path, 300, 12_345);
  const ranges: number[] = [];
  const toOurServer: string[] = [];
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin === new URL(demo.url).origin) toOurServer.push(`${request.method()} ${url.pathname}`);
    else if (url.searchParams.get("comp") === "range") {
      const [start = 0, end = 0] = (request.headers()["x-ms-range"] ?? "").replace("bytes=", "").split("-").map(Number);
      ranges.push(end - start + 1);
    }
  });

  await openPage(page, demo.url);
  await choose(page, "Choose files", path);
  const row = transfer(page, "film.mov");
  await expect(row).toContainText(/MiB\/s, (about|a few)/);
  await expect(row.getByText("Uploaded")).toBeVisible({ timeout: 90_000 });
  await expect(row.getByRole("progressbar")).toHaveAttribute("value", "100");
  await expect(entry(page, "film.mov")).toContainText("300 MiB");

  expect(await hashUrl(await demo.link("film.mov"))).toEqual({ sha256: sent, bytes: 300 * 1024 * 1024 + 12_345 });
  expect(ranges).toHaveLength(76);
  expect(Math.max(...ranges)).toBe(RANGE);
  // Nothing but the page itself and its SAS came from our server, and no byte of the file went there.
  expect(toOurServer.filter((line) => !line.startsWith("GET "))).toEqual(["POST /api/sas"]);
});

test("several files go up in one go, an empty one and odd names among them", anywhere, async ({ page, stage, folder }) => {
  const demo = await stage();
  const names = ["empty.bin", "a + b & c (100%) #1.bin", "größe 東京.bin"];
  const paths = names.map((name) => join(folder, name));
  const hashes = await Promise.all(paths.map((path, index) => writeRandomFile(path, index * 5)));

  await openPage(page, demo.url);
  await choose(page, "Choose files", paths);
  for (const name of names) await expect(transfer(page, name).getByText("Uploaded")).toBeVisible();
  await expect(page.getByText("3 files uploaded", { exact: true })).toBeVisible();
  for (const [index, name] of names.entries()) {
    await expect(entry(page, name)).toBeVisible();
    expect(await demo.hash(page, name)).toBe(hashes[index]);
  }

  await page.getByRole("button", { name: "Clear finished" }).click();
  await expect(page.getByRole("list", { name: "Transfers" })).toBeHidden();
});

test("somebody cancels an upload: it stops, the page says what is left, and takes it away or starts again", async ({
  page,
  stage,
  folder,
}) => {
  let ranges = 0;
  let held = true;
  const demo = await stage({
    // Three ranges get through, the others hang: the user has all the time in the world to press the button.
    async before(request) {
      if (request.method !== "PUT" || new URL(request.url).searchParams.get("comp") !== "range") return undefined;
      ranges += 1;
      return held && ranges > 3 ? lost(request) : undefined;
    },
  });
  const path = join(folder, "film.mov");
  const sent = await writeRandomFile(path, 64);
  await openPage(page, demo.url);
  await choose(page, "Choose files", path);
  const row = transfer(page, "film.mov");
  await expect(row).toContainText("12 MiB of 64 MiB");
  await expect(entry(page, "film.mov")).toContainText("arriving");
  await row.getByRole("button", { name: "Cancel" }).click();
  await expect(row).toContainText("Cancelled at 18 %. An unfinished file is in the share.");
  await expect(row.getByRole("button", { name: "Try again" })).toBeFocused();

  // A question to the share and its answer: whatever was on its way before has arrived by then.
  const after = ranges;
  await page.getByRole("button", { name: "Refresh" }).click();
  await expect(page.getByRole("status")).toHaveText("demo: 1 entry");
  expect(ranges).toBe(after);
  // The service lists it with its full size, as if it were whole.
  await expect(entry(page, "film.mov")).toContainText("unfinished");
  await expect(entry(page, "film.mov").getByRole("button", { name: "Download" })).toHaveCount(0);

  await row.getByRole("button", { name: "Remove unfinished file" }).click();
  await expect(entry(page, "film.mov")).toHaveCount(0);

  held = false;
  await row.getByRole("button", { name: "Try again" }).click();
  await expect(row.getByText("Uploaded")).toBeVisible();
  await expect(entry(page, "film.mov")).toContainText("64 MiB");
  expect((await hashUrl(await demo.link("film.mov"))).sha256).toBe(sent);
});

test("a SAS without write permission: the page says what is missing", async ({ page, stage, folder }) => {
  const demo = await stage({ permissions: "rl" });
  const path = join(folder, "notes.txt");
  await writeRandomFile(path, 0, 100);
  await openPage(page, demo.url);
  await choose(page, "Choose files", path);
  const row = transfer(page, "notes.txt");
  await expect(row).toContainText("This page may not send files");
  await expect(row).toContainText("What is missing: create (c) and write (w).");
  await expect(row).toContainText("the SAS has sp=rl");
  await expect(page.getByRole("status")).toContainText("1 failed. notes.txt: This page may not send files.");
  await expect(page.locator("body")).not.toContainText("sig=");
  expect(demo.emulator.requests.filter(({ operation }) => operation === "Create File")).toEqual([]);
});

test("a SAS that may create but not write: nothing is begun that could not be ended", async ({ page, stage, folder }) => {
  const demo = await stage({ permissions: "cdl" });
  const path = join(folder, "notes.txt");
  // Of one range it would be whole: creating it with its content is all that takes.
  await writeRandomFile(path, 5, 100);
  await openPage(page, demo.url);
  await choose(page, "Choose files", path);
  const row = transfer(page, "notes.txt");
  await expect(row).toContainText("What is missing: write (w).");
  await expect(row.getByRole("button", { name: "Remove unfinished file" })).toBeHidden();
  await page.getByRole("button", { name: "Refresh" }).click();
  await expect(page.getByRole("status")).toHaveText("demo: 0 entries");
  expect(demo.emulator.requests.filter(({ operation }) => operation === "Create File")).toEqual([]);
});

test("two files of one name go one after the other, and the last one stays", async ({ page, stage, folder }) => {
  let atOnce = 0;
  let most = 0;
  const demo = await stage({
    before(request) {
      if (request.method !== "PUT" || !new URL(request.url).pathname.endsWith("/twin.bin")) return;
      // Create File is the first request of an upload.
      if (request.headers.get("x-ms-type") === "file") atOnce += 1;
      most = Math.max(most, atOnce);
      if (request.headers.get("x-ms-range") === `bytes=${RANGE}-${RANGE + 6}`) atOnce -= 1;
    },
  });
  await mkdir(join(folder, "a"));
  await mkdir(join(folder, "b"));
  await writeRandomFile(join(folder, "a/twin.bin"), 4, 7);
  const last = await writeRandomFile(join(folder, "b/twin.bin"), 4, 7);
  await openPage(page, demo.url);
  await choose(page, "Choose files", [join(folder, "a/twin.bin"), join(folder, "b/twin.bin")]);
  await expect(page.getByText("2 files uploaded", { exact: true })).toBeVisible();
  expect((await hashUrl(await demo.link("twin.bin"))).sha256).toBe(last);
  expect(most).toBe(1);
});
