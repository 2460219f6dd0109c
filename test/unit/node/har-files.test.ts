/** Recordings on disk: what is there stays until what comes is whole, and what is no archive is named. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { loadHar, saveHar } from "../../../src/node/har-files.js";
import { record, replay, type Har, type Recording } from "../../../src/simulation/index.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "azure-files-har-"));
});
afterEach(() => rm(folder, { recursive: true }));

const recorded = async (body: string): Promise<Recording> => {
  const recording = record();
  await (await recording.fetch(async () => new Response(body))("http://127.0.0.1:1/a")).text();
  return recording;
};

it("leaves the archive that is there as it is where the new one cannot be written, and nothing of the new one", async () => {
  const path = join(folder, "a.har");
  await saveHar(path, await recorded("one"));
  const before = await readFile(path, "utf8");

  // In the way of the file beside it.
  const large = await recorded("x".repeat(50_000));
  const [name = ""] = large.files().keys();
  await mkdir(join(folder, name));
  await expect(saveHar(path, large)).rejects.toMatchObject({ code: "EISDIR" });
  expect(await readFile(path, "utf8")).toBe(before);
  await rm(join(folder, name), { recursive: true });

  // A recording that fails to be written, half way: what JSON cannot say.
  const odd = { har: () => ({ log: { entries: [1n] } }) as unknown as Har, files: () => new Map() };
  await expect(saveHar(path, odd)).rejects.toThrow(TypeError);
  expect(await readFile(path, "utf8")).toBe(before);
  expect(await readdir(folder)).toEqual(["a.har"]);
});

it("says so where there is no place for it: a folder in its place, a file in place of the folder", async () => {
  await mkdir(join(folder, "a.har"));
  await expect(saveHar(join(folder, "a.har"), await recorded("one"))).rejects.toMatchObject({ code: "EISDIR" });
  await writeFile(join(folder, "file"), "");
  await expect(saveHar(join(folder, "file/a.har"), await recorded("one"))).rejects.toMatchObject({
    code: expect.stringMatching(/^E(EXIST|NOTDIR)$/),
  });
  expect((await readdir(folder)).toSorted()).toEqual(["a.har", "file"]);
});

it("names an archive that is packed, and throws what Node throws where there is none", async () => {
  const path = join(folder, "page.har.zip");
  await writeFile(path, Buffer.from("504b0304140000000800", "hex"));
  await expect(loadHar(path)).rejects.toMatchObject({
    name: "CassetteError",
    message: expect.stringContaining(`${path} is packed: unpack it first`),
  });
  await writeFile(path, Buffer.from("1f8b0800", "hex"));
  await expect(loadHar(path)).rejects.toThrow("is packed");
  await expect(loadHar(join(folder, "none.har"))).rejects.toMatchObject({ code: "ENOENT" });
});

it("reads files beside the archive and nowhere else", async () => {
  await mkdir(join(folder, "in"));
  await writeFile(join(folder, "secret.txt"), "not yours");
  const content = (name: string) => ({
    request: { method: "GET", url: `http://a/${name.length}` },
    response: { status: 200, content: { _file: name } },
  });
  const names = ["../secret.txt", join(folder, "secret.txt"), "..", "", "in", "\0"];
  await writeFile(join(folder, "in/a.har"), JSON.stringify({ log: { entries: names.map(content) } }));
  const { har, options } = await loadHar(join(folder, "in/a.har"));
  for (const { length } of names) await expect(replay(har, options).fetch()(`http://a/${length}`)).rejects.toThrow("which is not there");
});
