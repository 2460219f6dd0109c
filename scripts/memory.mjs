// `npm run memory [-- --mib N]`: a 2 GiB stream up and down, and the peak memory of the process that holds the client. Fails over the bound.
import { once } from "node:events";
import { parseArgs } from "node:util";
import { buildLibrary, startNode } from "./run.mjs";

const MEBIBYTE = 1024 * 1024;
const { values } = parseArgs({ options: { mib: { type: "string", default: "2048" } } });
const size = Number(values.mib) * MEBIBYTE;
const stdio = ["ignore", "inherit", "inherit", "ipc"];

/** What is measured, and how many MiB the client's process may take at its peak. */
const jobs = [
  { job: "up-known", title: "up, length known", bound: 130 },
  { job: "up-unknown", title: "up, length unknown", bound: 130 },
  { job: "down", title: "down", bound: 190 },
];

await buildLibrary();
const service = startNode(["scripts/memory-service.mjs"], { stdio });
const [{ url }] = await once(service, "message");
const endpoint = `${url}/devstoreaccount1`;
// The file that is read; its bytes are made up on the way.
await fetch(`${endpoint}/memory/down`, { method: "PUT", headers: { "x-ms-content-length": String(size), "x-ms-type": "file" } });

let failed = false;
for (const { job, title, bound } of jobs) {
  const client = startNode(["scripts/memory-client.mjs", endpoint, job, String(size)], { stdio });
  const [result] = await Promise.race([once(client, "message"), once(client, "exit").then(() => [undefined])]);
  if (result === undefined) throw new Error(`The client ended before it was done with: ${title}`);
  service.send({ path: `/devstoreaccount1/memory/${job}` });
  const [stored] = await once(service, "message");
  const whole = result.bytes === size && stored.size === size && (job === "down" || stored.written === size);
  const peak = result.peak / MEBIBYTE;
  const rate = (size / MEBIBYTE / result.seconds).toFixed(0);
  const verdict = !whole ? "INCOMPLETE" : peak > bound ? "OVER THE BOUND" : "ok";
  failed ||= verdict !== "ok";
  console.log(`${title.padEnd(20)} peak ${peak.toFixed(0).padStart(4)} MiB of ${bound}, ${rate.padStart(5)} MiB/s  ${verdict}`);
}
service.disconnect();
process.exitCode = failed ? 1 : 0;
