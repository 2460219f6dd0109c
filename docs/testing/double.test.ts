/** A double by interface: what your code needs of the client is a type, and any object of that type will do. */
import { AzureFilesClient, sharedKey } from "azure-files";
import { createEmulator } from "azure-files/simulation";
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

/** Or in its own words, with no more of the answer than it looks at: a client fits here, too. */
interface Texts {
  read(request: { path: string }): Promise<{ text(): Promise<string> }>;
}

async function firstLine(texts: Texts, path: string): Promise<string> {
  const [first = ""] = (await (await texts.read({ path })).text()).split("\n");
  return first;
}

test("the first line of a file is read, from a double as from the client", async () => {
  expect(await firstLine({ read: async ({ path }) => ({ text: async () => `${path}\nand more` }) }, "a.txt")).toBe("a.txt");
  const emulator = createEmulator();
  const { endpoint, fetch } = emulator;
  const { shares, files } = new AzureFilesClient({ endpoint, fetch, share: "reports", credential: sharedKey(emulator) });
  await shares.create();
  await files.write({ path: "b.txt", body: "All is well.\nMore tomorrow." });
  expect(await firstLine(files, "b.txt")).toBe("All is well.");
});
