/** A double by interface: what your code needs of the client is a type, and any object of that type will do. */
import type { AzureFilesClient } from "azure-files";
import { expect, test } from "vitest";

/** What `tidy` needs: two functions of the client, not the whole of it. */
interface Shelf {
  readonly files: Pick<AzureFilesClient["files"], "exists" | "delete">;
}

/** The code under test. In production it is called with an `AzureFilesClient`. */
async function tidy({ files }: Shelf, paths: readonly string[]): Promise<number> {
  let gone = 0;
  for (const path of paths) {
    if (!(await files.exists({ path }))) continue;
    await files.delete({ path });
    gone += 1;
  }
  return gone;
}

test("what is there is deleted, and counted", async () => {
  const there = new Set(["a.txt", "b.txt"]);
  const shelf: Shelf = {
    files: {
      exists: async ({ path = "" } = {}) => there.has(path),
      delete: async ({ path = "" } = {}) => {
        there.delete(path);
        return { linkCount: undefined, requestId: undefined };
      },
    },
  };
  expect(await tidy(shelf, ["a.txt", "c.txt"])).toBe(1);
  expect([...there]).toEqual(["b.txt"]);
});
