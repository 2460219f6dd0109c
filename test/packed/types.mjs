// The packed package as compilers see it: programs that use every entry point, under the types of each runtime and by each compiler. Nothing
// is passed over: `skipLibCheck` is off, and what is wrong anywhere is an error.
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { installLocked, installTarball } from "../../scripts/packed-project.mjs";
import { capture, root } from "../../scripts/run.mjs";

const sources = join(root, "test/packed/types");
/** Kept between runs, for what is installed in it. */
const project = join(root, "out/types");
const { resolve } = createRequire(join(project, "package.json"));

const COMPILERS = ["typescript5", "typescript6", "typescript7"];

const PAGE = ["es2022", "dom", "dom.iterable", "dom.asynciterable"];

/** What there is in a program besides the language, by the runtime that it is for. */
const RUNTIMES = {
  "a page, no @types": { lib: PAGE, types: [], programs: ["core", "page"] },
  "a page's tests": { lib: PAGE, types: ["node"], programs: ["core", "msw", "playwright"] },
  "Node 22": { types: ["node"], roots: "node22", programs: ["core", "node"] },
  "Node 24": { types: ["node"], roots: "node24", programs: ["core", "node"] },
  "Node 26": { types: ["node"], programs: ["core", "node"] },
  Workers: { types: ["@cloudflare/workers-types"], programs: ["core", "workers"] },
  Bun: { types: ["bun-types"], programs: ["core", "bun"] },
};

/** How a program is compiled: as Node resolves modules, at the strictest; or as for a bundler, with what `strict` alone says. */
const MODES = {
  nodenext: {
    module: "nodenext",
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noPropertyAccessFromIndexSignature: true,
  },
  bundler: { module: "esnext", moduleResolution: "bundler" },
};

/**
 * Compiles the programs with the package, once for each compiler, runtime and mode.
 *
 * @param {{ directory: string }} options The folder with the package's tarball.
 * @returns {AsyncGenerator<{ name: string, result: "passed" | "failed" | "skipped", said: string, seconds: number }>}
 */
export async function* checkTypes({ directory }) {
  await makeProject(
    join(
      directory,
      readdirSync(directory).find((file) => file.endsWith(".tgz")),
    ),
  );
  for (const compiler of COMPILERS) {
    const { version } = createRequire(import.meta.url)(resolve(`${compiler}/package.json`));
    for (const runtime of Object.keys(RUNTIMES)) {
      for (const mode of Object.keys(MODES)) {
        yield timed(`TypeScript ${version}, ${runtime}, ${mode}`, () => compile(compiler, runtime, mode));
      }
    }
  }
  yield timed("deno check", checkInDeno);
}

async function makeProject(tarball) {
  mkdirSync(project, { recursive: true });
  for (const name of ["package.json", "package-lock.json"]) cpSync(join(sources, name), join(project, name));
  for (const name of ["programs", "roots", "node_modules/azure-files"]) rmSync(join(project, name), { recursive: true, force: true });
  await installLocked(project);
  await installTarball(tarball, project);
  cpSync(join(sources, "programs"), join(project, "programs"), { recursive: true });
  for (const name of ["node22", "node24"]) {
    mkdirSync(join(project, "roots", name), { recursive: true });
    symlinkSync(`../../node_modules/${name}-types`, join(project, "roots", name, "node"));
  }
}

async function compile(compiler, runtime, mode) {
  const { lib = ["es2022"], types, roots, programs } = RUNTIMES[runtime];
  const compilerOptions = { target: "es2022", strict: true, skipLibCheck: false, noEmit: true, lib, types, ...MODES[mode] };
  if (roots !== undefined) compilerOptions.typeRoots = [`roots/${roots}`];
  const config = `tsconfig.${runtime.replace(/\W/g, "")}.${mode}.json`;
  writeFileSync(join(project, config), JSON.stringify({ compilerOptions, files: programs.map((name) => `programs/${name}.ts`) }));
  return capture(process.execPath, [`node_modules/${compiler}/bin/tsc`, "-p", config, "--pretty", "false"], { cwd: project });
}

/** By the compiler and the types that are in Deno. */
async function checkInDeno() {
  const program = join(project, "node_modules/@deno/linux-x64-glibc/deno");
  if (!existsSync(program)) return undefined;
  writeFileSync(join(project, "deno.json"), JSON.stringify({ nodeModulesDir: "manual" }));
  const env = { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };
  return capture(program, ["check", "programs/core.ts", "programs/deno.ts"], { cwd: project, env });
}

async function timed(name, run) {
  const began = performance.now();
  const ended = await run();
  const seconds = (performance.now() - began) / 1000;
  if (ended === undefined) return { name, result: "skipped", said: "its package is not for this machine", seconds };
  const passed = ended.code === 0;
  return { name, result: passed ? "passed" : "failed", said: passed ? "" : ended.stdout + ended.stderr, seconds };
}
