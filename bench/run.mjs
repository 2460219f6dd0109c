// `npm run bench [-- --only WORKLOAD,… --rounds N --against azure-sdk --with azure-files,node-http]`: the contestants in turn, each run in a
// process of its own against a sink that costs little; medians, and ratios pair by pair within one round.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { buildLibrary, root } from "../scripts/run.mjs";
import { workloads } from "./workloads.mjs";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    rounds: { type: "string", default: "5" },
    against: { type: "string", default: "azure-sdk" },
    with: { type: "string", default: "azure-files,node-http" },
    "no-build": { type: "boolean" },
  },
});
const names = values.only?.split(",") ?? Object.keys(workloads);
const unknown = names.filter((name) => !(name in workloads));
if (unknown.length > 0) throw new Error(`there is no workload ${unknown.join()}; there are ${Object.keys(workloads).join()}`);
const contestants = [values.against, ...values.with.split(",")];
const folder = mkdtempSync(join(tmpdir(), "azure-files-bench-"));
const certificate = { cert: join(folder, "cert.pem"), key: join(folder, "key.pem") };

/** A certificate for 127.0.0.1 that is good for a day. */
function makeCertificate() {
  const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  const files = ["-keyout", certificate.key, "-out", certificate.cert];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", ...subject, ...files], { stdio: "ignore" });
}

async function startSink({ latency = 0, rate = 0, size, tls = false } = {}) {
  if (tls) makeCertificate();
  const options = ["--latency", String(latency), "--rate", String(rate), ...(size ? ["--size", String(size)] : [])];
  if (tls) options.push("--cert", certificate.cert, "--cert-key", certificate.key);
  const child = spawn(process.execPath, [join(root, "bench/sink.mjs"), ...options], { stdio: ["pipe", "pipe", "inherit"] });
  const [origin] = await once(createInterface(child.stdout), "line");
  return { origin, stop: () => child.stdin.end() };
}

const median = (figures) => figures.toSorted((a, b) => a - b)[figures.length >> 1];

async function measure(contestant, name, origin) {
  const options = ["--expose-gc", join(root, "bench/measure.mjs"), contestant, name, `${origin}/account`];
  const child = spawn(process.execPath, options, {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_EXTRA_CA_CERTS: workloads[name].sink?.tls ? certificate.cert : (process.env.NODE_EXTRA_CA_CERTS ?? "") },
  });
  let text = "";
  for await (const chunk of child.stdout) text += chunk;
  if (text === "") throw new Error(`${contestant} failed at ${name}`);
  return JSON.parse(text);
}

if (!values["no-build"]) await buildLibrary();
const report = [`| workload | contestant | CPU | wall | peak RSS | CPU s | wall s |`, `| --- | --- | --- | --- | --- | --- | --- |`];
console.log(report.join("\n"));
try {
  for (const name of names) {
    const { sink, goal, key, title } = workloads[name];
    const service = await startSink(sink);
    const entrants = contestants.filter((contestant) => !(contestant === "node-http" && (key || name === "list")));
    const rounds = [];
    for (let round = 0; round < Number(values.rounds); round++) {
      const figures = {};
      for (const contestant of entrants) figures[contestant] = await measure(contestant, name, service.origin);
      rounds.push(figures);
    }
    service.stop();
    for (const contestant of entrants) {
      const ratio = (what) => median(rounds.map((figures) => figures[contestant][what] / figures[values.against][what])).toFixed(2);
      const absolute = (what) => median(rounds.map((figures) => figures[contestant][what])).toFixed(2);
      const bound = (what) => (contestant.startsWith("azure-files") && goal[what] !== undefined ? ` (≤ ${goal[what]})` : "");
      const cells = ["cpu", "wall", "rss"].map((what) => ratio(what) + bound(what));
      console.log(`| ${title} | ${contestant} | ${cells.join(" | ")} | ${absolute("cpu")} | ${absolute("wall")} |`);
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
