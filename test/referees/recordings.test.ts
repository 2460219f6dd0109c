/**
 * Client and emulator against recordings of other people's clients and the real service, in three directions: what the emulator answers to
 * a recorded request, what the client asks where another client asked, and what it reads in a recorded answer.
 */
import { afterAll, describe, expect, test } from "vitest";
import { judgeClient } from "./client.js";
import { judgeEmulator } from "./emulator.js";
import { answerReasons, emulatorReasons, type Reason, requestReasons } from "./reasons.js";
import { exchangesListed, loadRecordings } from "./recording.js";
import { Tally } from "./tally.js";

const recordings = loadRecordings();
const listed = exchangesListed();
const total = listed.reduce((sum, count) => sum + count, 0);
const emulator = new Tally("what the emulator answers");
const requests = new Tally("what the client asks");
const answers = new Tally("what the client reads");

/** Everything is counted, nothing disagrees, and no reason stands in the list for nothing. */
function hold(tally: Tally, reasons: readonly Reason[]): void {
  if (tally.disagreed > 0) throw new Error(tally.complaints.join("\n\n"));
  expect(tally.total).toBe(total);
  expect(reasons.filter(({ text }) => !tally.reasons.has(text)).map(({ text }) => text)).toEqual([]);
  expect(tally.agreed).toBeGreaterThan(total * 0.95);
}

describe("recordings of the real service", () => {
  test("are all there", () => {
    expect(recordings.length).toBe(listed.length);
    expect(recordings.flatMap(({ exchanges }) => exchanges).length).toBe(total);
  });

  test("agree with the emulator", async () => {
    for (const recording of recordings) emulator.add(recording.name, await judgeEmulator(recording));
    hold(emulator, emulatorReasons);
  });

  test("agree with the client", async () => {
    for (const { name, exchanges } of recordings) {
      const verdicts = await judgeClient(exchanges);
      requests.add(name, verdicts.requests);
      answers.add(name, verdicts.answers);
    }
    hold(requests, requestReasons);
    hold(answers, answerReasons);
  });
});

afterAll(() => console.log([`${recordings.length} recordings, ${total} exchanges`, emulator, requests, answers].join("\n")));
