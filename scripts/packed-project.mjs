// A project of a stranger's: the package as it would be published, packed and installed. And the runtimes that are tried with it.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { enginesFolder } from "../test/runtimes/engines.mjs";
import { capture, root } from "./run.mjs";

const NPM = ["--loglevel=error", "--no-audit", "--no-fund"];

/** Runs npm in a folder and resolves to what it said; throws with all of that where it fails. */
async function npm(parameters, cwd) {
  const { code, stdout, stderr } = await capture("npm", [...parameters, ...NPM], { cwd, seconds: 300 });
  if (code !== 0) throw new Error(`npm ${parameters[0]} failed:\n${stdout}${stderr}`);
  return stdout;
}

/** Installs what the lock of a folder names, unless that has been done. No script of an installation is run. */
export async function installLocked(folder) {
  const done = join(folder, "node_modules/.installed");
  const lock = readFileSync(join(folder, "package-lock.json"));
  const wanted = createHash("sha256").update(lock).digest("hex");
  if (existsSync(done) && readFileSync(done, "utf8") === wanted) return;
  await npm(["ci", "--ignore-scripts"], folder);
  writeFileSync(done, wanted);
}

/** Installs the runtimes; their programs are in packages. */
export const installRuntimes = () => installLocked(enginesFolder);

/** Installs the package that is in a tarball beside what a lock names. */
export const installTarball = (tarball, folder) => npm(["install", "--no-save", "--ignore-scripts", "--prefer-offline", tarball], folder);

/** Packs the built package and installs it in `out/NAME`, as a stranger would; resolves to that folder. */
export async function installPacked(name) {
  const directory = join(root, "out", name);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  await npm(["pack", "--pack-destination", directory], root);
  const tarball = readdirSync(directory).find((file) => file.endsWith(".tgz"));
  const manifest = { name, private: true, type: "module", dependencies: { "azure-files": `file:${tarball}` } };
  writeFileSync(join(directory, "package.json"), JSON.stringify(manifest));
  // Bundlers look for the next one above, and would take the sources that ours has under `paths`.
  writeFileSync(join(directory, "tsconfig.json"), "{}");
  await npm(["install", "--no-package-lock", "--prefer-offline"], directory);
  return directory;
}
