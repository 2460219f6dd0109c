// One run of one contestant in a process of its own: `node bench/measure.mjs CONTESTANT WORKLOAD ENDPOINT`; prints its figures as JSON.
import { contestants } from "./contestants.mjs";
import { workloads } from "./workloads.mjs";

const [, , contestant, name, endpoint] = process.argv;
const { prepare, run, key } = workloads[name];
const secret = {
  account: "account",
  sasToken: "sv=2026-10-06&sr=s&sp=rcwdl&se=2099-01-01T00%3A00%3A00Z&sig=bm90IGEgc2lnbmF0dXJlIGF0IGFsbCwganVzdCB0ZXh0",
};
const client = await contestants[contestant]({ endpoint, ...secret, ...(key ? { key: Buffer.alloc(64, 1).toString("base64") } : {}) });
const material = prepare?.();
// One small call first, so that loading and connecting are not what is measured.
await client.properties(20, 4);
globalThis.gc?.();
const [cpu, start] = [process.cpuUsage(), performance.now()];
await run(client, material);
const wall = (performance.now() - start) / 1000;
const { user, system } = process.cpuUsage(cpu);
console.log(JSON.stringify({ wall, cpu: (user + system) / 1e6, rss: process.resourceUsage().maxRSS / 1024 }));
process.exit(0);
