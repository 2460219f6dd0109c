// One run of one contestant in a process of its own: `node bench/measure.mjs CONTESTANT WORKLOAD ENDPOINT`; prints its figures as JSON.
import { contestants, packages } from "./contestants.mjs";
import { workloads } from "./workloads.mjs";

const [, , contestant, name, endpoint] = process.argv;
const { prepare, run, key } = workloads[name];
const secret = {
  account: "account",
  sasToken: "sv=2026-10-06&sr=s&sp=rcwdl&se=2099-01-01T00%3A00%3A00Z&sig=bm90IGEgc2lnbmF0dXJlIGF0IGFsbCwganVzdCB0ZXh0",
};

/** What `task` costs. */
async function cost(task) {
  globalThis.gc?.();
  const [cpu, start] = [process.cpuUsage(), performance.now()];
  await task();
  const wall = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { wall, cpu: (user + system) / 1e6, rss: process.resourceUsage().maxRSS / 1024 };
}

if (run === undefined) {
  // Nothing of it is loaded yet.
  console.log(JSON.stringify(await cost(() => import(packages[contestant]))));
  process.exit(0);
}
const client = await contestants[contestant]({ endpoint, ...secret, ...(key ? { key: Buffer.alloc(64, 1).toString("base64") } : {}) });
const material = prepare?.();
// One small call first, so that loading and connecting are not what is measured.
await client.properties(20, 4);
console.log(JSON.stringify(await cost(() => run(client, material))));
process.exit(0);
