/**
 * What befalls the requests of a run. Each choice hangs on the seed, the request and how often it came, never on the order in which
 * requests arrive: that order is the sockets' own.
 */
import type { Arrived, Fault } from "../fault-server.js";
import type { Kind, Plan } from "./plan.js";
import { type Random, randomOf } from "./random.js";

/** What happened during a transfer, for whoever judges its end. */
export interface Happened {
  /** How often which fault struck. */
  readonly faults: Partial<Record<Kind | "restart" | "expiry" | "changed" | "abort" | "broken source" | "no token", number>>;
  /** Statuses that were answered in the service's place. */
  readonly statuses: Set<number>;
}

/** Nothing has happened yet. */
export const nothing = (): Happened => ({ faults: {}, statuses: new Set() });

/** All that happened. */
export const joined = (all: readonly Happened[]): Happened => ({
  faults: Object.assign({}, ...all.map(({ faults }) => faults)) as Happened["faults"],
  statuses: new Set(all.flatMap(({ statuses }) => [...statuses])),
});

/** Counts one. */
export function note({ faults }: Happened, what: keyof Happened["faults"]): void {
  faults[what] = (faults[what] ?? 0) + 1;
}

const REFUSALS = [
  [408, undefined],
  [429, undefined],
  [429, "ServerBusy"],
  [500, "InternalError"],
  [500, "OperationTimedOut"],
  [502, undefined],
  [503, "ServerBusy"],
  [503, undefined],
  [504, undefined],
] as const;

/**
 * Says what befalls a request, and notes it.
 *
 * @param mayLie Whether answers of other ranges may come under the headers of the right one: only the sum of the whole file tells.
 */
export function weatherOf(plan: Plan, happened: () => Happened, mayLie: () => boolean): (arrived: Arrived) => Fault | undefined {
  return (arrived) => {
    const { operation, path, start, end, time } = arrived;
    const random = randomOf(`${plan.seed} ${operation} ${path} ${start} ${end} ${time}`);
    const isSticky = plan.sticky !== undefined && start === plan.sticky;
    if (plan.kinds.length === 0 || (!isSticky && !random.chance(plan.rate))) {
      return plan.latency > 0 ? { kind: "late", by: random.int(0, plan.latency) } : undefined;
    }
    const length = (end ?? 0) - (start ?? 0) + 1;
    const kind = isSticky ? (plan.kinds[0] as Kind) : random.pick(plan.kinds);
    const fault = faultOf(kind, length, random, mayLie());
    // What strikes the body of a range has none to strike in other answers.
    const isBody = ["cut", "stall", "short", "other", "flip-answer"].includes(kind);
    if (isBody && !(operation === "GET" && start !== undefined)) return undefined;
    if (kind === "flip-request" && operation !== "PUT range") return undefined;
    note(happened(), kind);
    if (fault.kind === "answer") happened().statuses.add(fault.status);
    return fault;
  };
}

function faultOf(kind: Kind, length: number, { int, pick, chance }: Random, mayLie: boolean): Fault {
  const within = int(0, Math.max(0, length - 1));
  const answer = (done: boolean): Fault => {
    const [status, code] = pick(REFUSALS);
    return { kind: "answer", status, code, retryAfter: chance(0.3) ? String(int(0, 8)) : undefined, done };
  };
  const faults: Record<Kind, () => Fault> = {
    answer: () => answer(false),
    "done-answer": () => answer(true),
    reset: () => ({ kind: "reset", after: within }),
    silent: () => ({ kind: "silent" }),
    lost: () => ({ kind: "lost" }),
    twice: () => ({ kind: "twice" }),
    late: () => ({ kind: "late", by: int(100, 60_000) }),
    cut: () => ({ kind: "cut", after: within, how: pick(["reset", "end"]) }),
    stall: () => ({ kind: "stall", after: within, by: chance(0.5) ? int(100, 40_000) : undefined }),
    short: () => ({ kind: "short", by: int(1, Math.max(1, length - 1)), told: chance(0.5) }),
    other: () => ({ kind: "other", shift: pick([-1, 1]) * int(1, 2) * length, lying: chance(0.5) && mayLie }),
    "flip-request": () => ({ kind: "flip", at: within, where: "request" }),
    "flip-answer": () => ({ kind: "flip", at: within, where: "answer" }),
    etag: () => ({ kind: "etag" }),
  };
  return faults[kind]();
}
