// An account for one recipe: an emulator over HTTP whose ranges a test can hold back, and the packed package to look at it with.
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { serve } from "azure-files/node";
import { createEmulator } from "azure-files/simulation";

/** Imports an entry of the package that is installed in the scratch project. */
export function importPacked(directory, entry) {
  return import(pathToFileURL(createRequire(join(directory, "package.json")).resolve(entry)).href);
}

/** Bytes of which no two ranges are alike. */
export const bytesOf = (size) => Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 12)) & 255);

/**
 * Serves an account on 127.0.0.1 until it is closed.
 *
 * @param {string} directory The scratch project.
 */
export async function openAccount(directory) {
  const { AzureFilesClient, fromConnectionString } = await importPacked(directory, "azure-files");
  const emulator = createEmulator();
  const ranges = new EventTarget();
  /** How many further ranges are let through, what the others wait for, and how many there were. */
  let [left, asked, answered] = [Infinity, 0, 0];
  const held = [];
  const handle = async (request, context) => {
    if (request.method !== "PUT" || new URL(request.url).searchParams.get("comp") !== "range") return emulator.handle(request, context);
    asked++;
    left--;
    if (left < 0 && !(await new Promise((go) => held.push(go)))) return Response.error();
    const response = await emulator.handle(request, context);
    answered++;
    ranges.dispatchEvent(new Event("answered"));
    return response;
  };
  const server = await serve({ handle });
  const endpoint = `${server.url}/${emulator.account}`;
  const connectionString = `AccountName=${emulator.account};AccountKey=${emulator.key};FileEndpoint=${endpoint}`;
  const letGo = (isTaken) => {
    left = Infinity;
    for (const go of held.splice(0)) go(isTaken);
  };
  return {
    emulator,
    endpoint,
    connectionString,
    /** A client of a share of it. */
    client: (share) => new AzureFilesClient(fromConnectionString(connectionString, { share })),
    /** How many ranges were asked for so far, and how many answered. */
    ranges: () => ({ asked, answered }),
    /** Answers so many further ranges and holds the others back. */
    hold(after) {
      left = after;
    },
    /** Answers what was held back, and whatever comes. */
    release: () => letGo(true),
    /** Breaks off what was held back, as if it had never come, and answers whatever comes. */
    drop: () => letGo(false),
    /** Resolves when so many ranges were answered. */
    async untilAnswered(count) {
      while (answered < count) await once(ranges, "answered");
    },
    async close() {
      letGo(false);
      await server.close();
    },
  };
}
