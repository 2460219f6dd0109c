import { expect, test } from "vitest";
import { judgeEmulator } from "./emulator.js";
import { loadRecordings } from "./recording.js";
import { Tally } from "./tally.js";

test("emulator", async () => {
  const recordings = loadRecordings();
  const emulator = new Tally("emulator");
  for (const recording of recordings) emulator.add(recording.name, await judgeEmulator(recording));
  console.log(String(emulator));
  if (process.env["DUMP"]) (await import("node:fs")).writeFileSync(process.env["DUMP"], emulator.complaints.join("\n"));
  expect(emulator.disagreed).toBe(0);
}, 60000);
