// What the runtimes found, as lines for a terminal and as the tables of README.md and docs/runtimes.md.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./run.mjs";

/** How many outcomes there are of each kind. */
export function count(outcomes) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { result } of outcomes) counts[result]++;
  return counts;
}

/** Says how a runtime did, and what failed in it. */
export function tell({ runtime, version, place, outcomes, seconds, absent }) {
  if (absent !== undefined) return console.log(`${runtime} is absent`);
  const { passed, failed, skipped } = count(outcomes);
  const where = `${runtime} (${version}), ${place}`.padEnd(46);
  console.log(`${where} ${passed} passed, ${failed} failed, ${skipped} skipped, ${seconds.toFixed(1).padStart(5)} s`);
  for (const { name, result, error } of outcomes) if (result === "failed") console.log(`failed: ${name}: ${error}`);
}

/** Whether the emulator is in the runtime or over HTTP: the end of a place. */
const OVER = /(?:^|, )(in process|over HTTP)$/;

/** Each case that was skipped somewhere: its name, what was missing, and where. */
export function skips(rows) {
  const found = new Map();
  for (const [runtime, all] of Map.groupBy(rows, ({ runtime }) => runtime)) {
    const skipped = all.flatMap(({ place, outcomes = [] }) =>
      outcomes.filter(({ result }) => result === "skipped").map(({ name, missing }) => ({ name, needs: missing.join(" and "), place })),
    );
    const places = all.map(({ place }) => place);
    for (const [key, some] of Map.groupBy(skipped, ({ name, needs }) => JSON.stringify([name, needs]))) {
      const where = inShort(
        some.map(({ place }) => place),
        places,
      );
      found.set(key, [...(found.get(key) ?? []), ...where.map((place) => `${runtime} ${place}`.trim())]);
    }
  }
  return [...found].map(([key, where]) => {
    const [name, needs] = JSON.parse(key);
    return { name, needs, where: where.join(", ") };
  });
}

/** Some of a runtime's places: nothing where they are all, and no more than how the emulator is reached where they are all of those. */
function inShort(some, all) {
  if (some.length === all.length) return [""];
  const over = (places) => Map.groupBy(places, (place) => OVER.exec(place)?.[1] ?? place);
  const every = over(all);
  return [...over(some)].flatMap(([how, places]) => (places.length === every.get(how).length ? [how] : places));
}

/** What it means to have these capabilities. */
export const meaning = (needs, meanings) =>
  needs
    .split(" and ")
    .map((name) => meanings[name])
    .join("; ");

/** Writes the tables between their markers; what a capability means is told by the cases. */
export function writeTables(rows, meanings) {
  const table = [
    ["runtime", "version", "place", "passed", "failed", "skipped", "seconds", "requests", "connections"],
    ...rows.map(({ runtime, version, place, outcomes, seconds, requests, connections }) => {
      const { passed, failed, skipped } = count(outcomes);
      const traffic = requests > 0 ? [requests, connections] : ["", ""];
      return [runtime, version, place, passed, failed, skipped, Math.round(seconds), ...traffic].map(String);
    }),
  ];
  const skipped = Map.groupBy(skips(rows), ({ needs, where }) => `**${needs}**: ${meaning(needs, meanings)}. Not in ${where}:`);
  const list = [...skipped].map(([head, cases]) => [head, "", ...cases.map(({ name }) => `- ${name}`)].join("\n"));
  replace("docs/runtimes.md", "runtimes", markdown(table));
  replace("docs/runtimes.md", "skipped", list.join("\n\n"));
  replace("README.md", "runtimes", markdown(shortTable(rows)));
}

/** A line for each place of a runtime, with its emulator there and over HTTP side by side. */
function shortTable(rows) {
  const lines = Map.groupBy(rows, ({ runtime, place }) => JSON.stringify([runtime, place.replace(OVER, "")]));
  const cell = (row) => {
    if (row === undefined) return "";
    const { passed, failed, skipped } = count(row.outcomes);
    return `${passed}${failed > 0 ? `, ${failed} failed` : ""}${skipped > 0 ? `, ${skipped} skipped` : ""}`;
  };
  return [
    ["runtime", "version", "emulator in process", "emulator over HTTP", "seconds"],
    ...[...lines].map(([key, both]) => {
      const of = (ending) => both.find(({ place }) => place.endsWith(ending));
      const seconds = both.reduce((sum, { seconds }) => sum + seconds, 0);
      const [runtime, place] = JSON.parse(key);
      return [
        [runtime, place].filter(Boolean).join(", "),
        both[0].version,
        cell(of("in process")),
        cell(of("over HTTP")),
        String(Math.round(seconds)),
      ];
    }),
  ];
}

function markdown(lines) {
  const widths = lines[0].map((_, column) => Math.max(3, ...lines.map((line) => line[column].length)));
  const text = (line) => `| ${line.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`;
  return [text(lines[0]), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...lines.slice(1).map(text)].join("\n");
}

function replace(path, name, content) {
  const file = join(root, path);
  const text = readFileSync(file, "utf8");
  const place = new RegExp(`(?<=<!-- ${name} -->\n\n)[\\s\\S]*?(?=\n\n<!-- /${name} -->)`);
  if (!place.test(text)) throw new Error(`${path} has no place for ${name}`);
  writeFileSync(
    file,
    text.replace(place, () => content),
  );
}
