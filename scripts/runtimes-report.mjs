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

/** Each case that was skipped somewhere: its name, what was missing, and where; a runtime without places is meant with all of them. */
export function skips(rows) {
  const found = new Map();
  const placesOf = Map.groupBy(rows, ({ runtime }) => runtime);
  for (const [runtime, all] of placesOf) {
    const skipped = all.flatMap(({ place, outcomes = [] }) =>
      outcomes.filter(({ result }) => result === "skipped").map(({ name, missing }) => ({ name, needs: missing.join(" and "), place })),
    );
    for (const [key, some] of Map.groupBy(skipped, ({ name, needs }) => JSON.stringify([name, needs]))) {
      const where = some.length === all.length ? runtime : `${runtime} ${some.map(({ place }) => place).join(" and ")}`;
      found.set(key, [...(found.get(key) ?? []), where]);
    }
  }
  return [...found].map(([key, where]) => {
    const [name, needs] = JSON.parse(key);
    return { name, needs, where };
  });
}

/** Writes the tables between their markers; what a capability means is told by the cases. */
export function writeTables(rows, meanings) {
  const table = [
    ["runtime", "version", "place", "passed", "failed", "skipped", "seconds"],
    ...rows.map(({ runtime, version, place, outcomes, seconds }) => {
      const { passed, failed, skipped } = count(outcomes);
      return [runtime, version, place, passed, failed, skipped, Math.round(seconds)].map(String);
    }),
  ];
  const names = skips(rows).map(({ name, needs, where }) => `- ${name}: \`${needs}\`. In ${where.join(", ")}.`);
  const needed = Object.keys(meanings).filter((name) => names.some((line) => line.includes(`\`${name}\``)));
  replace("docs/runtimes.md", "runtimes", markdown(table));
  replace("docs/runtimes.md", "skipped", names.join("\n"));
  replace("docs/runtimes.md", "capabilities", needed.map((name) => `- \`${name}\`: ${meanings[name]}`).join("\n"));
  replace("README.md", "runtimes", markdown(shortTable(rows)));
}

/** A line for each place of a runtime, with its emulator there and over HTTP side by side. */
function shortTable(rows) {
  const lines = Map.groupBy(rows, ({ runtime, place }) => JSON.stringify([runtime, place.replace(/,? ?(in process|over HTTP)$/, "")]));
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
