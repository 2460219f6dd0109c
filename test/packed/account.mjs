// An account for a recipe or a page: an emulator over HTTP whose ranges a test can hold back, and the packed package to look at it with.
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
  const changes = new EventTarget();
  /** Ranges that were asked for and answered so far, and answered deletions. */
  const counts = { asked: 0, answered: 0, deleted: 0 };
  const count = (name) => {
    counts[name]++;
    changes.dispatchEvent(new Event("change"));
  };
  /** How many further ranges are let through, and what the others wait for. */
  let left = Infinity;
  const held = [];
  const handle = async (request, context) => {
    const isRange = request.method === "PUT" && new URL(request.url).searchParams.get("comp") === "range";
    if (isRange) {
      left--;
      count("asked");
      if (left < 0 && !(await new Promise((go) => held.push(go)))) return Response.error();
    }
    const response = await emulator.handle(request, context);
    if (isRange) count("answered");
    if (request.method === "DELETE") count("deleted");
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
    counts,
    /** Answers so many further ranges and holds the others back. */
    hold(after) {
      left = after;
    },
    /** Answers what was held back, and whatever comes. */
    release: () => letGo(true),
    /** Breaks off what was held back, as if it had never come, and answers whatever comes. */
    drop: () => letGo(false),
    /** Resolves when there were so many of each of these. */
    async until(wanted) {
      while (Object.entries(wanted).some(([name, number]) => counts[name] < number)) await once(changes, "change");
    },
    async close() {
      letGo(false);
      await server.close();
    },
  };
}
