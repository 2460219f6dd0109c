/** The tables of `docs/telemetry.md`, made of what OpenTelemetry's SDK and a listener are really told. `UPDATE_DOCS=1` writes them. */
import { SpanKind } from "@opentelemetry/api";
import { readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { kinds } from "../../../src/observability/kinds.js";
import { logger } from "../../../src/observability/log.js";
import { observe } from "../../../src/observability/observe.js";
import { openTelemetry } from "../../../src/observability/otel.js";
import { getProperties, putRange, read } from "../../../src/services/files.js";
import { download } from "../../../src/streaming/index.js";
import { virtualClock } from "../virtual-clock.js";
import { coded, ending, wired } from "../wire-double.js";
import { collector } from "./collector.js";

const rows = new Map<string, Map<string, Set<string>>>();

/** Notes that names were seen with something. */
function note(table: string, key: string, names: Iterable<string>): void {
  const known = rows.get(table) ?? new Map<string, Set<string>>();
  rows.set(table, known.set(key, new Set([...(known.get(key) ?? []), ...names])));
}

/** Does a little of everything. */
async function everything(): Promise<void> {
  const collected = collector();
  const said = (value: object): string[] => Object.entries(value).flatMap(([name, of]) => (of === undefined ? [] : [name]));
  const telemetry = observe(
    openTelemetry(collected),
    (event) => note("events", event.type, Object.keys(event)),
    logger({
      level: "debug",
      write: (line) => note("log", (JSON.parse(line) as { event: string }).event, Object.keys(JSON.parse(line) as object)),
    }),
  );
  const { wire, clock, connection } = wired({ telemetry });
  const path = "a";
  const written = putRange(connection, { path, offset: 0, body: "abc" });
  await wire.nextRequest();
  wire.respond(503, coded("InternalError"));
  await clock.advance(250);
  await wire.nextRequest();
  wire.respond(201, { "x-ms-request-id": "1" });
  await written;
  const got = read(connection, { path });
  await wire.nextRequest();
  wire.respond(200, { "content-length": "1", "x-ms-request-id": "1" }, "a");
  await (await got).text();
  const missing = ending(getProperties(connection, { path }));
  await wire.nextRequest();
  wire.respond(404, coded("ResourceNotFound"));
  await missing;
  for (const status of [206, 404]) {
    const downloaded = ending(download(connection, { path }).then((result) => result.bytes()));
    await wire.nextRequest();
    wire.respond(status, { "content-range": "bytes 0-0/1", "content-length": "1" }, "a");
    await downloaded;
  }
  const emit = telemetry.on(virtualClock());
  const lock = { share: "share", path: "", snapshot: "t" };
  emit({ type: "lock-acquired", lock, waited: 1, fence: 1 });
  emit({ type: "lock-renewed", lock });
  emit({ type: "lock-lost", lock, error: new Error("a") });
  emit({ type: "lock-released", lock });
  emit({ type: "breaker", endpoint: connection.endpoint, from: "closed", to: "open", retryAt: 0 });
  for (const { name, kind, attributes, events } of collected.spans()) {
    const own = /^azure_files\.(lock|upload|download)$/.exec(name)?.[0].replace("upload", "download");
    const key = kind === SpanKind.CLIENT ? "the method: `GET`, `PUT`, … (CLIENT)" : (own ?? "`azure_files.` and the kind (INTERNAL)");
    note(
      "spans",
      own === undefined
        ? key
        : own.includes("lock")
          ? "`azure_files.lock` (INTERNAL)"
          : "`azure_files.upload`, `azure_files.download` (INTERNAL)",
      said(attributes),
    );
    for (const event of events) note("span-events", `\`${event.name}\``, said(event.attributes ?? {}));
  }
  for (const { name, unit, description, attributes } of await collected.figures()) {
    note("metrics", `\`${name}\` | ${unit === "" ? "1" : unit} | ${description}`, said(attributes));
  }
  for (const [operation, kind] of Object.entries(kinds)) note("kinds", `\`azure_files.${kind}\``, [operation]);
  await collected.close();
}

const heads: Readonly<Record<string, string>> = {
  spans: "span | attributes",
  "span-events": "event of a span | attributes",
  kinds: "span | operations",
  metrics: "metric | unit | what | attributes",
  events: "event | fields",
  log: "line | fields",
};

it("lists what is really told", async () => {
  await everything();
  const url = new URL("../../../docs/telemetry.md", import.meta.url);
  for (const [name, head] of Object.entries(heads)) {
    const isPlain = name === "kinds";
    const lines = [...(rows.get(name) ?? [])].map(([key, names]) => {
      const first = key.includes("`") ? key : `\`${key}\``;
      return `| ${first} | ${[...names].map((one) => (isPlain ? one : `\`${one}\``)).join(", ") || "none"} |`;
    });
    const table = [`| ${head} |`, `|${" --- |".repeat(head.split("|").length)}`, ...lines].join("\n");
    const place = new RegExp(`(?<=<!-- ${name} -->\n\n)[\\s\\S]*?(?=\n\n<!-- /${name} -->)`);
    if (process.env["UPDATE_DOCS"])
      writeFileSync(
        url,
        readFileSync(url, "utf8").replace(place, () => table),
      );
    // However wide a formatter makes the columns.
    const narrow = (text: string | undefined): string => (text ?? "").replace(/ +/g, " ").replace(/-{3,}/g, "---");
    expect(narrow(readFileSync(url, "utf8").match(place)?.[0])).toBe(narrow(table));
  }
});
