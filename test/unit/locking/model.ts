/**
 * A model of many hosts that want one lock, each schedule of which follows from a number: who crashes, stands still or is cut off, and when,
 * whose clock goes how, and what the network does to each request. It tells what must not be, and measures the rest.
 */
import { withLock } from "../../../src/locking/index.js";
import type { FileLock, FileLockOptions, FileLockTarget, ShareLockOptions, ShareLockTarget } from "../../../src/locking/lock.js";
import type { Connection } from "../../../src/types/connection.js";
import { createWorld, type Host, seeded, type Weather } from "./world.js";

/** What is modelled, and how it may be wrong. */
export interface Model {
  readonly target: FileLockTarget | ShareLockTarget;
  /** How each host wants it. */
  readonly options: (random: () => number) => FileLockOptions & ShareLockOptions;
  /** Milliseconds after which a lock is free whose holder crashed, counted from the last thing that went wrong. */
  readonly bound: number;
  /** Milliseconds in which things go wrong. */
  readonly trouble: number;
  /** How much faster or slower clocks may go. */
  readonly drift: number;
  /** Which part of the requests is slow, seconds and more. */
  readonly slow: number;
  /** Puts a mistake between the locks and the service. */
  readonly mistake?: (connection: Connection) => Connection;
}

/** How a schedule went. */
export interface Outcome {
  /** What must not be, in words; empty where all is well. */
  readonly wrong: readonly string[];
  /** How often the lock was held. */
  readonly held: number;
  /** Milliseconds that the last one waited, after all trouble was over. */
  readonly recovery: number | undefined;
  /** Least milliseconds between the end of one who lost the lock, though running on time, and the next one's beginning. */
  readonly closest: number;
  readonly requests: number;
}

/** One who believes to have the lock. */
interface Holder {
  readonly host: Host;
  readonly lock: FileLock;
}

/** So that a schedule is over soon. */
const IMPATIENT = { retry: { attempts: 3, baseDelay: 200, maxDelay: 1000 }, timeouts: { firstByte: 3000 } };

const pick = (random: () => number, from: number, to: number): number => from + random() * (to - from);

/** A network that is mostly well: slow at times, deaf or mute at others, and now and then very late. */
function weatherOf(random: () => number, slow: number): Weather {
  const kind = random();
  const weather = { there: pick(random, 3, 40), back: pick(random, 3, 40), told: random() < 0.5 };
  if (kind < 0.02) return { ...weather, lost: true };
  if (kind < 0.04) return { ...weather, mute: true };
  if (kind < 0.04 + slow) return { ...weather, there: pick(random, 40, 3000), back: pick(random, 3, 3000) };
  if (kind < 0.05 + slow) return { ...weather, there: pick(random, 3000, 9000) };
  return weather;
}

/** Something bad happens to a host. */
function happen(random: () => number, host: Host, most: number): void {
  const kind = random();
  if (kind < 0.3) host.crash();
  else if (kind < 0.6) host.freeze(pick(random, 100, most * 0.8));
  else host.cut(pick(random, 100, most * 0.8));
}

/** Plays one schedule. */
export async function play(seed: number, model: Model): Promise<Outcome> {
  const random = seeded(seed);
  const world = await createWorld(random);
  const { target } = model;
  const holders = new Set<Holder>();
  const wrong: string[] = [];
  let held = 0;
  let lastFence = 0;
  let lostAt = -Infinity;
  let closest = Infinity;
  let isOver = false;
  let recovery: number | undefined;

  const say = (text: string): void => void wrong.push(`seed ${seed}, ${Math.round(world.now)} ms: ${text}`);
  const others = (holder: Holder): Holder[] => [...holders].filter((other) => other !== holder && other.host.runs);

  /** Works under a lock in small steps, as a program does that asks the lock before each of them. */
  const work = async (host: Host, lock: FileLock, duration: number): Promise<void> => {
    const holder: Holder = { host, lock };
    held++;
    closest = Math.min(closest, world.now - lostAt);
    lostAt = -Infinity;
    for (const other of others(holder)) say(`${host.name} and ${other.host.name} have the lock`);
    if (lock.fence !== undefined) {
      if (!(lock.fence > lastFence)) say(`fence ${lock.fence} after ${lastFence}`);
      lastFence = lock.fence;
    }
    holders.add(holder);
    if (!isOver && random() < 0.5) world.at(world.now + duration * random(), () => isOver || happen(random, host, model.trouble));
    lock.signal.addEventListener("abort", () => {
      if (holders.delete(holder) && !host.wasFrozen) lostAt = world.now;
    });
    const { clock } = host.connection;
    const step = duration / 4;
    try {
      for (let steps = 0; steps < 4 && !isOver; steps++) {
        await new Promise<void>((done) => clock.setTimeout(done, step));
        // Throws where it is lost.
        lock.guard({ operation: "Get File", method: "GET", target: {}, success: [200], idempotent: true });
        for (const other of others(holder)) say(`${host.name} goes on while ${other.host.name} has the lock`);
      }
    } finally {
      holders.delete(holder);
    }
  };

  const hold = (host: Host, duration: () => number): Promise<void> => {
    const connection = model.mistake?.(host.connection) ?? host.connection;
    return withLock(connection, target as FileLockTarget, (lock) => work(host, lock, duration()), model.options(random));
  };

  const count = 2 + Math.floor(random() * 3);
  for (let number = 0; number < count; number++) {
    let sent = 0;
    // When it sends its so-manieth request, so that it happens in the midst of taking the lock, too.
    const fatal = random() < 0.5 ? 1 + Math.floor(random() * 30) : 0;
    const weather = (): Weather => {
      if (++sent === fatal) world.at(world.now + pick(random, 0, 60), () => isOver || happen(random, host, model.trouble));
      return isOver ? { there: 20, back: 20 } : weatherOf(random, model.slow);
    };
    const drift = pick(random, -model.drift, model.drift);
    const host = world.host(`host ${number}`, { skew: pick(random, -3_600_000, 3_600_000), drift }, weather, IMPATIENT);
    const live = async (): Promise<void> => {
      const { clock } = host.connection;
      while (!isOver) {
        await new Promise<void>((done) => clock.setTimeout(done, pick(random, 0, 1000)));
        // Who fails to get it tries again, as somebody would who needs it.
        await hold(host, () => pick(random, 0, isOver ? 500 : model.trouble * (random() < 0.5 ? 0.1 : 0.7))).catch(() => undefined);
      }
    };
    void live();
  }
  await world.run(model.trouble);
  isOver = true;
  const since = world.now;
  const fresh = world.host("the last", { skew: 0, drift: 0 }, () => ({ there: 20, back: 20 }));
  void hold(fresh, () => {
    recovery = world.now - since;
    return 10;
  }).catch((error: unknown) => say(`the last one failed: ${String(error)}`));
  await world.run(since + model.bound, () => recovery !== undefined);
  if (recovery === undefined) say(`nobody has had the lock for ${model.bound} ms`);
  return { wrong, held, recovery, closest, requests: world.requests };
}

/** What many schedules showed. */
export interface Summary {
  readonly wrong: readonly string[];
  readonly text: string;
}

/** A part of the schedules that are asked for. */
export const schedules = (part: number): number =>
  Math.round(part * Number(process.env["LOCK_SCHEDULES"] ?? (process.env["CI"] ? 10_000 : 1000)));

/** Plays many schedules. */
export async function playAll(model: Model, from: number, count: number): Promise<Summary> {
  // Thousands of refusals, whose stacks nobody reads.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const wrong: string[] = [];
  const recoveries: number[] = [];
  let [held, requests, closest] = [0, 0, Infinity];
  for (let seed = from; seed < from + count; seed++) {
    const outcome = await play(seed, model);
    wrong.push(...outcome.wrong);
    held += outcome.held;
    requests += outcome.requests;
    closest = Math.min(closest, outcome.closest);
    if (outcome.recovery !== undefined) recoveries.push(outcome.recovery);
  }
  Error.stackTraceLimit = stackTraceLimit;
  recoveries.sort((a, b) => a - b);
  const at = (part: number): number => Math.round(recoveries[Math.floor((recoveries.length - 1) * part)] ?? NaN);
  const text = [
    `${count} schedules, ${held} holders, ${requests} requests`,
    `who lost it and who had it next came no closer than ${Math.round(closest)} ms`,
    `after the trouble it was free again in ${at(0.5)} ms (median), ${at(0.99)} ms (1 in 100), ${at(1)} ms (longest)`,
  ].join("; ");
  return { wrong, text };
}
