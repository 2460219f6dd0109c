// `npm run bench:scale`: what a byte and an entry cost, from 1 MiB to 100 GiB and from 10 to 1,000,000 entries; draws docs/scale.svg. Flat is good.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { buildLibrary, root } from "../scripts/run.mjs";

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const script = fileURLToPath(import.meta.url);
const token = "sv=2026-10-06&sr=s&sp=rcwdl&se=2099-01-01T00%3A00%3A00Z&sig=bm90IGEgc2lnbmF0dXJlIGF0IGFsbCwganVzdCB0ZXh0";

/** A body that is all there and costs nothing to read. */
const bodyOf = (size, byte) => ({
  open: async () => ({
    size,
    async read(_offset, into) {
      // The same memory comes again and again.
      if (into[0] !== byte || into.at(-1) !== byte) into.fill(byte);
      return into.length;
    },
    close: async () => undefined,
  }),
});

async function read(body) {
  const reader = body.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read());
}

/** What is done to a size or a number; each in a process of its own. */
const tasks = {
  upload: async (connection, { upload }, size) => upload(connection, { path: "f", body: bodyOf(size, 7) }),
  "upload, sparse": async (connection, { upload }, size) => upload(connection, { path: "f", body: bodyOf(size, 0) }),
  download: async (connection, { download }) => read((await download(connection, { path: "f" })).body),
  "download, sparse": async (connection, { download }) => read((await download(connection, { path: "f", sparse: true })).body),
  async list(connection, { list }) {
    for await (const page of list(connection, { include: ["timestamps", "etag", "attributes", "permissionKey"] }).pages()) void page;
  },
};

async function measure(name, count) {
  const options = name === "list" ? ["--entries", String(count)] : ["--size", String(count)];
  const sink = spawn(process.execPath, [join(root, "bench/sink.mjs"), ...options], { stdio: ["pipe", "pipe", "inherit"] });
  const [origin] = await once(createInterface(sink.stdout), "line");
  const text = execFileSync(process.execPath, [script, name, String(count), origin], { cwd: root, encoding: "utf8" });
  sink.stdin.end();
  return JSON.parse(text);
}

/** One measurement, repeated until it has taken half a second. */
async function run([name, count, origin]) {
  const { connect, sas } = await import("azure-files");
  const functions = { ...(await import("azure-files/streaming")), ...(await import("azure-files/directories")) };
  const connection = connect({ endpoint: `${origin}/account`, share: "share", credential: sas(token) });
  const task = () => tasks[name](connection, functions, Number(count));
  await task();
  const [cpu, start] = [process.cpuUsage(), performance.now()];
  let runs = 0;
  do {
    await task();
    runs++;
  } while (performance.now() - start < 500);
  const { user, system } = process.cpuUsage(cpu);
  console.log(JSON.stringify({ cpu: (user + system) / runs / 1000, rss: process.resourceUsage().maxRSS / 1024 }));
  process.exit(0);
}

const sizes = [MIB, 16 * MIB, 256 * MIB, 4 * GIB];
const charts = [
  {
    title: "CPU a MiB, in microseconds",
    unit: MIB,
    label: (size) => (size < GIB ? `${size / MIB} MiB` : `${size / GIB} GiB`),
    lines: {
      upload: sizes,
      download: sizes,
      "upload, sparse": [...sizes, 100 * GIB],
      "download, sparse": [...sizes, 100 * GIB],
    },
  },
  {
    title: "CPU an entry listed, in microseconds",
    unit: 1,
    label: (count) => count.toLocaleString("en"),
    lines: { list: [10, 100, 1000, 10_000, 100_000, 1_000_000] },
  },
];

const colours = ["#0b6bcb", "#c2410c", "#15803d", "#7e22ce"];
const text = (x, y, content, more = "") => `<text x="${x.toFixed(0)}" y="${y.toFixed(0)}" ${more}>${content}</text>`;

/** Both axes count in powers. */
function drawn({ title, label, unit }, lines, top) {
  const points = lines.flatMap(({ points }) => points);
  const [left, right, high, low] = [90, 700, top + 50, top + 250];
  const span = (values) => [Math.log10(Math.min(...values)), Math.log10(Math.max(...values))];
  const [from, to] = span(points.map(({ count }) => count));
  const [least, most] = span(points.map(({ cost }) => cost)).map((power, index) => (index ? Math.ceil(power) : Math.floor(power)));
  const x = (count) => left + ((Math.log10(count) - from) / (to - from || 1)) * (right - left);
  const y = (cost) => low - ((Math.log10(cost) - least) / (most - least || 1)) * (low - high);
  const parts = [text(left, top + 25, title, 'font-weight="600"')];
  for (let power = least; power <= most; power++) {
    parts.push(`<line x1="${left}" x2="${right}" y1="${y(10 ** power).toFixed(1)}" y2="${y(10 ** power).toFixed(1)}" stroke="#8884"/>`);
    parts.push(text(left - 10, y(10 ** power) + 4, String(Number((10 ** power).toPrecision(1))), 'text-anchor="end"'));
  }
  for (const count of new Set(points.map((point) => point.count)))
    parts.push(text(x(count), low + 22, label(count), 'text-anchor="middle"'));
  for (const [index, { name, points: own }] of lines.entries()) {
    const path = own.map(({ count, cost }) => `${x(count).toFixed(1)},${y(cost).toFixed(1)}`).join(" ");
    parts.push(`<polyline points="${path}" fill="none" stroke="${colours[index]}" stroke-width="2"/>`);
    for (const { count, cost } of own) {
      const told = `${name}, ${label(count)}: ${cost.toPrecision(3)} µs a ${unit === 1 ? "entry" : "MiB"}`;
      parts.push(
        `<circle cx="${x(count).toFixed(1)}" cy="${y(cost).toFixed(1)}" r="4" fill="${colours[index]}"><title>${told}</title></circle>`,
      );
    }
    const last = own.at(-1);
    parts.push(text(right + 12, y(last.cost) + 4, name, `fill="${colours[index]}"`));
  }
  return parts.join("\n");
}

if (process.argv.length > 2) await run(process.argv.slice(2));
await buildLibrary();
const drawings = [];
for (const [index, chart] of charts.entries()) {
  const lines = [];
  for (const [name, counts] of Object.entries(chart.lines)) {
    const points = [];
    for (const count of counts) {
      const { cpu, rss } = await measure(name, count);
      points.push({ count, cost: (cpu * 1000) / (count / chart.unit) });
      console.log(`${name}, ${chart.label(count)}: ${points.at(-1).cost.toPrecision(3)} µs, peak ${rss.toFixed(0)} MiB`);
    }
    lines.push({ name, points });
  }
  drawings.push(drawn(chart, lines, index * 300));
}
mkdirSync(join(root, "docs"), { recursive: true });
const style = "font: 13px system-ui, sans-serif; background: Canvas; color: CanvasText; color-scheme: light dark";
writeFileSync(
  join(root, "docs/scale.svg"),
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 600" fill="currentColor" style="${style}">\n<title>What a byte and an entry cost, by how many there are</title>\n${drawings.join("\n")}\n</svg>\n`,
);
