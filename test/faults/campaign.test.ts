/** The first runs of the campaign; `npm run faults -- --seed N --runs N` has more of them. */
import { expect, it } from "vitest";
import { KINDS } from "./campaign/plan.js";
import { campaign } from "./campaign/run.js";

/** What two cores do in four minutes beside other work, and in two and a half without. */
const RUNS = 1600;

it(
  "ends each transfer under faults whole or with an error that says why, in time, and leaves nothing behind",
  async () => {
    const wrong: string[] = [];
    const tally = await campaign(20_260_101, RUNS, ({ plan, wrongs }) => {
      if (wrongs.length > 0) wrong.push(`npm run faults -- --runs 1 --seed ${plan.seed}\n${wrongs.join("\n")}`);
      return wrong.length < 5;
    });
    expect(wrong).toEqual([]);
    expect(tally.runs).toBe(RUNS);
    // Each kind struck, and more than once.
    for (const kind of [...KINDS, "restart", "expiry", "changed", "abort", "broken source"])
      expect(tally.total[kind], kind).toBeGreaterThan(5);
  },
  RUNS * 1000,
);
