/** Runs of the campaign, one after the other, and what came of them. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { upload, crc64, md5 } from "azure-files/streaming";
import { downloadIn } from "./downloading.js";
import { type Plan, planOf } from "./plan.js";
import { randomOf } from "./random.js";
import { contentOf, PATH, uploadIn } from "./uploading.js";
import { createWorld } from "./world.js";

/** What came of one run. */
export interface Outcome {
  readonly plan: Plan;
  /** What was wrong; empty where all ended as it should. */
  readonly wrongs: readonly string[];
  /** How often what happened. */
  readonly total: Readonly<Record<string, number>>;
  /** How often which error was the end of a transfer. */
  readonly errors: Readonly<Record<string, number>>;
  readonly requests: number;
  /** Milliseconds by the run's own clock. */
  readonly elapsed: number;
}

/** Runs what is drawn from a seed. Never rejects. */
export async function runSeed(seed: number): Promise<Outcome> {
  const plan = planOf(seed);
  const folder = await mkdtemp(join(tmpdir(), "azure-files-campaign-"));
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
  process.on("unhandledRejection", onUnhandled);
  process.on("uncaughtExceptionMonitor", onUnhandled);
  const timersBefore = realTimers();
  const world = await createWorld(plan, folder);
  const { direct, wrongs } = world;
  try {
    let content = contentOf(`${seed} content`, plan.size, plan.holes);
    const before = plan.before === undefined ? undefined : contentOf(`${seed} before`, plan.before, 0);
    const checksum = plan.checksum === "crc64" ? crc64() : plan.checksum === "md5" ? md5() : undefined;
    if (before) await upload(direct, { path: PATH, body: before, checksum });
    if (!(await uploadIn(world, content, before))) await upload(direct, { path: PATH, body: content, checksum });
    for (const index of plan.downloads.keys()) content = await downloadIn(world, index, content);
  } catch (error) {
    wrongs.push(error instanceof Error ? (error.stack ?? String(error)) : String(error));
  }
  await world.close();
  await rm(folder, { recursive: true });
  for (const reason of unhandled) wrongs.push(`nobody handled ${reason instanceof Error ? reason.stack : String(reason)}`);
  const timers = realTimers() - timersBefore;
  if (timers > 0) wrongs.push(`${timers} timers of the process left`);
  process.off("unhandledRejection", onUnhandled);
  process.off("uncaughtExceptionMonitor", onUnhandled);
  const { total, errors, server, clock } = world;
  return { plan, wrongs, total, errors, requests: server.requests.length, elapsed: clock.elapsed };
}

const realTimers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;

/** What came of many runs. */
export interface Tally {
  runs: number;
  wrong: number;
  requests: number;
  elapsed: number;
  readonly total: Record<string, number>;
  readonly errors: Record<string, number>;
}

/**
 * Runs one after the other.
 *
 * @param onOutcome Told of each; with false, no further run is begun.
 */
export async function campaign(seed: number, runs: number, onOutcome: (outcome: Outcome, tally: Tally) => boolean): Promise<Tally> {
  const tally: Tally = { runs: 0, wrong: 0, requests: 0, elapsed: 0, total: {}, errors: {} };
  for (let run = 0; run < runs; run++) {
    const outcome = await runSeed(seedOf(seed, run));
    tally.runs++;
    if (outcome.wrongs.length > 0) tally.wrong++;
    tally.requests += outcome.requests;
    tally.elapsed += outcome.elapsed;
    for (const [kind, times] of Object.entries(outcome.total)) tally.total[kind] = (tally.total[kind] ?? 0) + times;
    for (const [kind, times] of Object.entries(outcome.errors)) tally.errors[kind] = (tally.errors[kind] ?? 0) + times;
    if (!onOutcome(outcome, tally)) break;
  }
  return tally;
}

/** The first run has the seed itself, so that one that failed is had again by its own seed with one run. */
const seedOf = (seed: number, run: number): number => (run === 0 ? seed : randomOf(`${seed} ${run}`).int(0, 2 ** 31));
