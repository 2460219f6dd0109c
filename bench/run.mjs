// `npm run bench [-- --only WORKLOAD,… --rounds N --with azure-files,node-http --json FILE]`: the contestants in turn, each run in a process (or
// page) of its own against a sink that costs little; medians, and ratios pair by pair within one round. Exit code 1 where a bound is passed.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { buildLibrary, root } from "../scripts/run.mjs";
import { buildPages, measurePage } from "./pages.mjs";
import { workloads } from "./workloads.mjs";

const official = "azure-sdk";
const { values } = parseArgs({
  options: {
    only: { type: "string" },
    rounds: { type: "string", default: "5" },
    with: { type: "string", default: "azure-files,node-http" },
    json: { type: "string" },
    "no-build": { type: "boolean" },
  },
});
const names = values.only?.split(",") ?? Object.keys(workloads);
const unknown = names.filter((name) => !(name in workloads));
if (unknown.length > 0) throw new Error(`there is no workload ${unknown.join()}; there are ${Object.keys(workloads).join()}`);
const contestants = [official, ...values.with.split(",")];
const folder = mkdtempSync(join(tmpdir(), "azure-files-bench-"));
const certificate = { cert: join(folder, "cert.pem"), key: join(folder, "key.pem") };

/** A certificate for 127.0.0.1 that is good for a day. */
function makeCertificate() {
  const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  const files = ["-keyout", certificate.key, "-out", certificate.cert];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", ...subject, ...files], { stdio: "ignore" });
}

async function startSink({ latency = 0, rate = 0, size, tls = false, pages } = {}) {
  if (tls) makeCertificate();
  if (pages) await buildPages(folder);
  const options = ["--latency", String(latency), "--rate", String(rate), ...(size ? ["--size", String(size)] : [])];
  if (tls) options.push("--cert", certificate.cert, "--cert-key", certificate.key);
  if (pages) options.push("--pages", folder);
  const child = spawn(process.execPath, [join(root, "bench/sink.mjs"), ...options], { stdio: ["pipe", "pipe", "inherit"] });
  const [origin] = await once(createInterface(child.stdout), "line");
  return { origin, stop: () => child.stdin.end() };
}

const median = (figures) => figures.toSorted((a, b) => a - b)[figures.length >> 1];

async function measure(contestant, name, origin) {
  const { sink, page } = workloads[name];
  if (page) return measurePage(contestant, name, origin);
  const options = ["--expose-gc", join(root, "bench/measure.mjs"), contestant, name, `${origin}/account`];
  const child = spawn(process.execPath, options, {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_EXTRA_CA_CERTS: sink?.tls ? certificate.cert : (process.env.NODE_EXTRA_CA_CERTS ?? "") },
  });
  let text = "";
  for await (const chunk of child.stdout) text += chunk;
  if (text === "") throw new Error(`${contestant} failed at ${name}`);
  return JSON.parse(text);
}

if (!values["no-build"]) await buildLibrary();
const metrics = ["cpu", "wall", "rss"];
const rows = [];
console.log("| workload | contestant | CPU | wall | peak RSS | CPU s | wall s | MiB |");
console.log("| --- | --- | --- | --- | --- | --- | --- | --- |");
try {
  for (const name of names) {
    const { sink, bound, most, title, without = [], against = official, contestants: own } = workloads[name];
    const service = await startSink(sink);
    const entrants = own ? [against, ...own] : contestants.filter((contestant) => !without.includes(contestant));
    const rounds = [];
    for (let round = 0; round < Number(values.rounds); round++) {
      const figures = {};
      for (const contestant of entrants) figures[contestant] = await measure(contestant, name, service.origin);
      rounds.push(figures);
    }
    service.stop();
    for (const contestant of entrants) {
      const isOurs = own ? own.includes(contestant) : contestant === "azure-files";
      const cells = { ratio: [], absolute: [] };
      for (const metric of metrics) {
        const figures = (who) => rounds.map((round) => round[who][metric]);
        const known = figures(contestant).every((figure) => figure !== undefined);
        const ours = known ? median(figures(contestant)) : undefined;
        const ratio = known ? median(figures(contestant).map((figure, index) => figure / figures(against)[index])) : undefined;
        cells.absolute.push(ours?.toFixed(metric === "rss" ? 0 : 2) ?? "");
        const [limit, what] = bound?.[metric] !== undefined ? [bound[metric], ratio] : [most?.[metric], ours];
        const over = isOurs && limit !== undefined && what > limit;
        const said =
          !isOurs || limit === undefined ? "" : ` (≤ ${limit}${most?.[metric] === undefined ? "" : " MiB"}${over ? ", OVER" : ""})`;
        cells.ratio.push(known ? ratio.toFixed(2) + said : "");
        if (!isOurs || !known) continue;
        if (over) process.exitCode = 1;
        const theirs = median(figures(against));
        rows.push({
          workload: name,
          contestant,
          metric,
          ours,
          [own ? "against" : "official"]: theirs,
          ratio,
          bound: limit ?? null,
          runs: rounds.length,
        });
      }
      console.log(`| ${[title, contestant, ...cells.ratio, ...cells.absolute].join(" | ")} |`);
    }
  }
  if (values.json) writeFileSync(values.json, `${JSON.stringify(rows, undefined, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true });
}
