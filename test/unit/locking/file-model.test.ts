/**
 * Ten thousand schedules of hosts that crash, stand still and are cut off while they want one lock, in CI; a thousand elsewhere, or as many
 * as LOCK_SCHEDULES says.
 */
import { expect, it } from "vitest";
import type { Connection, Operation } from "../../../src/types/connection.js";
import { type Model, playAll, schedules } from "./model.js";

const model: Model = {
  target: { path: "lock" },
  // Where they differ, the larger one counts.
  options: (random) => ({ staleAfter: random() < 0.5 ? 5000 : 8000, poll: 1000 }),
  trouble: 25_000,
  // What is 9 s late may take the lock once more, for 8 s; then it is looked for, and a crashed contender's claim among all claims.
  bound: 22_000,
  drift: 0.02,
  slow: 0.02,
};

it("never has two holders of a lock by a file, and is free again after each of them", { timeout: 900_000 }, async () => {
  const { wrong, text } = await playAll(model, 1, schedules(0.6));
  console.log(`lock by a file: ${text}`);
  expect(wrong).toEqual([]);
});

/** Does as if every holder had promised the least. */
const hurried = (connection: Connection): Connection => ({
  ...connection,
  send: async <T>(operation: Operation<T>) => {
    const reply = await connection.send(operation);
    const name = "x-ms-meta-azurefileslock";
    const headers = new Headers();
    reply.headers.forEach((value, key) => headers.set(key, key === name ? value.replace(/("staleAfter":)\d+/, "$15000") : value));
    return { ...reply, headers };
  },
});

it.each<[string, Partial<Model>]>([
  ["waiters who do not go by what the holder promised", { mistake: hurried }],
  ["clocks that differ by more than the margin", { drift: 0.5 }],
])("finds %s", { timeout: 120_000 }, async (_what, mistaken) => {
  const { wrong } = await playAll({ ...model, ...mistaken, trouble: 60_000 }, 1, 200);
  expect(wrong.filter((text) => /(has|have) the lock$/.test(text)).length).toBeGreaterThan(0);
});
