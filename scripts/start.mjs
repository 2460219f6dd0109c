// `npm start`: builds, proves the main job in the terminal, then serves the demo until Ctrl-C. `npm start -- --once` stops after the proof.
import { createHash, randomFillSync } from "node:crypto";
import { openAsBlob } from "node:fs";
import { mkdir, mkdtemp, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startEmulator } from "./emulator.mjs";
import { copyWorker } from "./msw-worker.mjs";
import { buildLibrary, program, root, runNode } from "./run.mjs";

const MEBIBYTE = 1024 * 1024;
const PROOF_MEBIBYTES = 256;
const EMULATOR_PORT = 10004;
const DEMO_PORT = 4173;

const { values } = parseArgs({ options: { once: { type: "boolean", default: false } } });

/** Writes a file of random bytes and returns its SHA-256. */
async function writeRandom(path) {
  const hash = createHash("sha256");
  const block = new Uint8Array(MEBIBYTE);
  const file = await open(path, "w");
  for (let written = 0; written < PROOF_MEBIBYTES; written++) {
    randomFillSync(block);
    hash.update(block);
    await file.write(block);
  }
  await file.close();
  return hash.digest("hex");
}

function rate(started) {
  const seconds = (performance.now() - started) / 1000;
  return `${PROOF_MEBIBYTES} MiB in ${seconds.toFixed(2)} s, ${(PROOF_MEBIBYTES / seconds).toFixed(0)} MiB/s`;
}

/** Sends a random file to the emulator with a SAS, reads it back and compares the hashes. */
async function prove({ endpoint, account, key }) {
  const { connect, sas, sharedKey } = await import("azure-files");
  const shares = await import("azure-files/shares");
  const { download, upload } = await import("azure-files/streaming");
  const { serviceSas } = await import("azure-files/sas");

  const share = `proof-${Date.now()}`;
  const owner = connect({ endpoint, share, credential: sharedKey({ account, key }) });
  await shares.create(owner, {});
  const expiresOn = new Date(Date.now() + 15 * 60_000);
  // From here on as in a page: a token that can create, write and read in this share, and no key.
  const token = await serviceSas({ account, key, share, permissions: "rcw", expiresOn, protocol: "https,http" });
  const connection = connect({ endpoint, share, credential: sas(token) });

  await mkdir(join(root, "out"), { recursive: true });
  const folder = await mkdtemp(join(root, "out/proof-"));
  try {
    const path = join(folder, "random.bin");
    const sent = await writeRandom(path);
    console.log(`\nProof: a random file of ${PROOF_MEBIBYTES} MiB, over HTTP, with a SAS`);
    let started = performance.now();
    await upload(connection, { path: "random.bin", body: await openAsBlob(path) });
    console.log(`  up    ${rate(started)}`);
    started = performance.now();
    const hash = createHash("sha256");
    const { body } = await download(connection, { path: "random.bin" });
    for await (const chunk of body) hash.update(chunk);
    console.log(`  down  ${rate(started)}`);
    const received = hash.digest("hex");
    console.log(`  SHA-256 sent      ${sent}\n  SHA-256 received  ${received}`);
    console.log(sent === received ? "  The same bytes came back." : "  FAILED: other bytes came back.");
    return sent === received;
  } finally {
    await rm(folder, { recursive: true, force: true });
    await shares.delete(owner, {});
  }
}

/** Serves the built demo with the demo's own configuration. */
async function serveDemo({ endpoint, account, key }) {
  const { preview } = await import("vite");
  Object.assign(process.env, { AZURE_FILES_ENDPOINT: endpoint, AZURE_FILES_ACCOUNT: account, AZURE_FILES_KEY: key });
  const server = await preview({
    configFile: join(root, "demo/vite.config.ts"),
    logLevel: "warn",
    preview: { host: "127.0.0.1", port: DEMO_PORT },
  });
  return server.resolvedUrls.local[0];
}

async function main() {
  console.log("Building the library and the demo ...");
  await buildLibrary();
  copyWorker();
  if ((await runNode([program("vite/bin/vite.js"), "build", "demo", "--logLevel", "warn"])) !== 0)
    throw new Error("The demo does not build");
  const emulator = await startEmulator(EMULATOR_PORT);
  if (!(await prove(emulator))) return 1;
  if (values.once) return 0;
  const address = await serveDemo(emulator);
  console.log(`\nDemo:     ${address}\nEmulator: ${emulator.endpoint}\nCtrl-C stops both.`);
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => resolve(0));
    emulator.child.once("exit", () => {
      console.error("The emulator has ended");
      resolve(1);
    });
  });
}

main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
