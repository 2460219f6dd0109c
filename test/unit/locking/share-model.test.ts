/** The other part of the ten thousand schedules: hosts that want the lock of a share. And how fairly it goes round when nothing is wrong. */
import { expect, it } from "vitest";
import { withLock } from "../../../src/locking/index.js";
import { type Model, playAll, schedules } from "./model.js";
import { createWorld, seeded } from "./world.js";

const model: Model = {
  target: {},
  options: () => ({ duration: 15, poll: 1500 }),
  trouble: 40_000,
  // What is 9 s late may take the lock once more, for 15 s.
  bound: 30_000,
  drift: 0.02,
  slow: 0.02,
};

it("never has two holders of the lock of a share, and is free again after each of them", { timeout: 900_000 }, async () => {
  const { wrong, text } = await playAll(model, 100_001, schedules(0.4));
  console.log(`lock of a share: ${text}`);
  expect(wrong).toEqual([]);
});

it("finds clocks that differ by more than the margin", { timeout: 120_000 }, async () => {
  const { wrong } = await playAll({ ...model, drift: 0.5 }, 1, 100);
  expect(wrong.filter((text) => /(has|have) the lock$/.test(text)).length).toBeGreaterThan(0);
});

it.each([
  ["by a file", { path: "lock" }],
  ["of a share", {}],
] as const)("lets ten waiters have the lock %s in turn, none of them left out", { timeout: 60_000 }, async (what, target) => {
  const random = seeded(11);
  const world = await createWorld(random);
  const waits: number[] = [];
  const turns = new Map<string, number>();
  for (let number = 0; number < 10; number++) {
    const { name, connection } = world.host(`host ${number}`, { skew: 0, drift: 0 }, () => ({
      there: 5 + 20 * random(),
      back: 5 + 20 * random(),
    }));
    const live = async (): Promise<void> => {
      for (;;) {
        await new Promise<void>((done) => connection.clock.setTimeout(done, 10_000 * random()));
        const since = world.now;
        await withLock(connection, target as { path: string }, async () => {
          waits.push(world.now - since);
          turns.set(name, (turns.get(name) ?? 0) + 1);
          await new Promise<void>((done) => connection.clock.setTimeout(done, 500));
        });
      }
    };
    void live();
  }
  await world.run(1_800_000);
  waits.sort((a, b) => a - b);
  const median = waits[waits.length >> 1] ?? NaN;
  const most = waits.at(-1) ?? NaN;
  const counts = [...turns.values()];
  console.log(
    `waiting for the lock ${what}: ${waits.length} turns; ${Math.round(median)} ms (median), ${Math.round(most)} ms (longest), ${(most / median).toFixed(1)} times the median; ${Math.min(...counts)} to ${Math.max(...counts)} turns each`,
  );
  expect(turns.size).toBe(10);
  expect(Math.min(...counts)).toBeGreaterThan(Math.max(...counts) / 2);
});
