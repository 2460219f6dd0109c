// The scripts for Deno, Bun and CommonJS, run as their head comments say.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { capture } from "../../../scripts/run.mjs";
import { start } from "../../runtimes/browsers/processes.mjs";
import { bytesOf } from "../account.mjs";

const MIB = 1024 * 1024;

/** Runs a script to its end and returns what it said, which must not be the account's key. */
async function run(program, parameters, { directory, account: { connectionString, emulator } }) {
  const env = { AZURE_STORAGE_CONNECTION_STRING: connectionString, DENO_NO_UPDATE_CHECK: "1" };
  const { code, stdout, stderr } = await capture(program, parameters, { cwd: directory, env, seconds: 60 });
  assert.equal(code, 0, stdout + stderr);
  assert.ok(!(stdout + stderr).includes(emulator.key), "the script printed the account's key");
  return stdout;
}

/** What is below a folder: the bytes of each file, in hexadecimal, by its path. */
function contentsOf(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length), readFileSync(path, "hex")]));
}

/** Backs a folder up and fetches it into another. */
export async function deno(scene) {
  const { directory, program } = scene;
  const [folder, restored] = [join(directory, "photos"), join(directory, "restored")];
  mkdirSync(join(folder, "2026/août 1"), { recursive: true });
  writeFileSync(join(folder, "empty.txt"), "");
  writeFileSync(join(folder, "notes & more.txt"), "All is well.");
  writeFileSync(join(folder, "2026/août 1/large.bin"), bytesOf(9 * MIB + 5));
  const backup = (direction, path, ...allowed) => {
    const options = ["--check", "--no-prompt", "--allow-env=AZURE_STORAGE_CONNECTION_STRING", "--allow-net=127.0.0.1", ...allowed];
    return run(program, ["run", ...options, "recipes/deno-backup.ts", direction, path, "backups/photos/mine"], scene);
  };
  const summary = `3 files, ${9 * MIB + 5 + 12} bytes`;
  assert.ok((await backup("up", folder, `--allow-read=${folder}`)).trimEnd().endsWith(summary));
  assert.ok((await backup("down", restored, `--allow-write=${restored}`)).trimEnd().endsWith(summary));
  assert.deepEqual(contentsOf(restored), contentsOf(folder));
  return "types checked, a folder up and down";
}

/** Sends a file, ends the script on its way, and sends it again. */
export async function bun(scene) {
  const { directory, program, account } = scene;
  const bytes = bytesOf(24 * MIB + 5);
  writeFileSync(join(directory, "video.bin"), bytes);
  const parameters = ["recipes/bun-send.ts", "video.bin", "inbox/video.bin"];
  account.hold(2);
  const env = { ...process.env, AZURE_STORAGE_CONNECTION_STRING: account.connectionString };
  const first = start(program, parameters, { cwd: directory, env });
  await Promise.race([account.until({ asked: 6, answered: 2 }), first.failed]);
  const ended = once(first.child, "exit");
  await first.stop();
  await ended;
  account.drop();
  const { asked } = account.counts;
  const said = await run(program, parameters, scene);
  assert.match(said, /\r[1-9]\d? %/, "no progress was shown");
  assert.ok(said.endsWith(`\rinbox/video.bin has ${bytes.length} bytes\n`), said);
  assert.equal(account.counts.asked - asked, 5, "it did not go on where it stood");
  const { bytes: read } = await account.client("inbox").streaming.download({ path: "video.bin" });
  assert.equal(Buffer.compare(await read(), bytes), 0, "the share holds other bytes");
  return "progress; ended and gone on with: 2 and 5 of 7 ranges";
}

/** Requires the package. */
export async function commonJs(scene) {
  const said = await run(scene.program, ["recipes/require.cjs", "inbox"], scene);
  assert.match(said, /^require\.cjs, \d+ bytes\n$/);
  return "required, a file up, listed";
}
