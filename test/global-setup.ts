/** Serves an emulator over HTTP for the tests that run in a page, where no server can be started. */
import { createHash } from "node:crypto";
import type { TestProject } from "vitest/node";
import { serve } from "../src/node/serve.js";
import { createEmulator } from "../src/simulation/index.js";

declare module "vitest" {
  export interface ProvidedContext {
    /** Where the emulator listens, and the account it knows. */
    emulator: { readonly endpoint: string; readonly account: string; readonly key: string };
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const emulator = createEmulator({ softDeleteDays: 7, md5: (bytes) => createHash("md5").update(bytes).digest() });
  const server = await serve(emulator);
  project.provide("emulator", { endpoint: `${server.url}/${emulator.account}`, account: emulator.account, key: emulator.key });
  return () => server.close();
}
