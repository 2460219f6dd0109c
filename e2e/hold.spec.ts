import { join } from "node:path";
import { writeRandomFile } from "./content.js";
import { choose, entry, expect, openPage, test } from "./demo.js";

test("one tab holds the share, another shows it to whoever looks there, and gets it when the first lets go", async ({
  page: first,
  context,
  stage,
  folder,
}) => {
  const demo = await stage();
  const path = join(folder, "plan.txt");
  await writeRandomFile(path, 0, 10);
  await openPage(first, demo.url);
  await choose(first, "Choose files", path);
  await expect(entry(first, "plan.txt")).toBeVisible();
  const second = await context.newPage();
  await openPage(second, demo.url);
  await expect(second.getByRole("button", { name: "Delete plan.txt" })).toBeEnabled();

  await first.getByRole("button", { name: "Hold the share" }).click();
  await expect(first.getByText("This tab holds the share: no other one can delete here.")).toBeVisible();
  await second.getByRole("button", { name: "Refresh" }).click();
  await expect(
    second.getByText(/^Held by a tab opened at .+, last heard of at .+\. Nothing can be deleted here until it lets go\.$/),
  ).toBeVisible();
  await expect(second.getByRole("status")).toHaveText(/^The share is held by a tab opened at /);
  await expect(second.getByRole("button", { name: "Delete plan.txt" })).toBeDisabled();
  // The lock's own file is nobody's business.
  await expect(second.getByRole("row")).toHaveCount(2);

  await second.getByRole("button", { name: "Wait for it" }).click();
  await expect(second.getByRole("button", { name: "Stop waiting" })).toBeVisible();
  await first.getByRole("button", { name: "Let go" }).click();
  await expect(second.getByText("This tab holds the share: no other one can delete here.")).toBeVisible();
  await first.getByRole("button", { name: "Refresh" }).click();
  await expect(first.getByRole("button", { name: "Delete plan.txt" })).toBeDisabled();

  await second.getByRole("button", { name: "Delete plan.txt" }).click();
  await second.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(second.getByText("Nothing here yet")).toBeVisible();
  await second.getByRole("button", { name: "Let go" }).click();
  await expect(first.getByText(/^Held by/)).toBeHidden();
  await expect(first.getByRole("button", { name: "Hold the share" })).toBeVisible();
});

test("a tab that is closed while it holds the share leaves it to the one that waits", async ({ page: waiting, context, stage }) => {
  const demo = await stage();
  const holding = await context.newPage();
  await openPage(holding, demo.url);
  await holding.getByRole("button", { name: "Hold the share" }).click();
  await expect(holding.getByText("This tab holds the share: no other one can delete here.")).toBeVisible();
  await openPage(waiting, demo.url);
  await waiting.getByRole("button", { name: "Wait for it" }).click();
  await holding.close();
  await expect(waiting.getByText("This tab holds the share: no other one can delete here.")).toBeVisible({ timeout: 30_000 });
});
