/** One run's emulator, the server with faults before it, and a client with the run's credential; and what must not be left of them. */
import { createHash } from "node:crypto";
import { getEventListeners } from "node:events";
import { readdir, readlink } from "node:fs/promises";
import { bearer, connect, type Connection, type Credential, sas, sharedKey } from "azure-files";
import { serviceSas } from "azure-files/sas";
import { create } from "azure-files/shares";
import { createEmulator } from "azure-files/simulation";
import { type DrivenClock, drivenClock } from "../driven-clock.js";
import { type FaultServer, startFaultServer } from "../fault-server.js";
import { watchLoopback } from "../loopback.js";
import type { Plan } from "./plan.js";
import { randomOf } from "./random.js";
import { type Foreign, wrongAbout } from "./verdict.js";
import { type Happened, joined, note, nothing, weatherOf } from "./weather.js";

/** What a transfer is to do at a request. */
export interface Events {
  readonly abortAt?: number | undefined;
  /** Changes the file. */
  readonly changeAt?: number | undefined;
  readonly change?: (() => Promise<void>) | undefined;
  /** Whether the sum of the whole file is compared at the end. */
  readonly isSummed?: boolean | undefined;
  /** What befell the transfers that this one goes on with: it may find what they left. */
  readonly earlier?: readonly Happened[] | undefined;
}

/** How a transfer ended. */
export interface Ending<T> {
  readonly value: T | undefined;
  /** Why it failed; undefined where it did not. */
  readonly error: unknown;
  readonly happened: Happened;
}

/** A run's world. */
export interface World {
  readonly plan: Plan;
  readonly clock: DrivenClock;
  readonly server: FaultServer;
  /** Through all faults. */
  readonly connection: Connection;
  /** Past all faults. */
  readonly direct: Connection;
  readonly foreign: Foreign;
  /** A folder of its own on disk. */
  readonly folder: string;
  /** What was found to be wrong. */
  readonly wrongs: string[];
  /** What happened in all. */
  readonly total: Record<string, number>;
  /** How often which error was met. */
  readonly errors: Record<string, number>;
  /** Notes what the run itself does to the transfer under way. */
  note(what: keyof Happened["faults"]): void;
  /** Runs a transfer to its end, looks whether that is true, and whether anything is left behind. */
  transfer<T>(what: string, events: Events, work: (signal: AbortSignal) => Promise<T>): Promise<Ending<T>>;
  /** Ends all; looks for what was left behind. */
  close(): Promise<void>;
}

/** Milliseconds that one try may take: until its first byte, of its body's silence, of the wait after it, of a service that is away. */
const LONGEST_TRY = 30_000 + 15_000 + 60_000 + 30_000 + 20_000;

/** Makes a world. */
export async function createWorld(plan: Plan, folder: string): Promise<World> {
  const loopback = watchLoopback();
  let computing = 0;
  const clock: DrivenClock = drivenClock(loopback, () => server.busy > 0 || computing > 0);
  const emulator = createEmulator({ clock, insecureBearer: true, md5: (bytes) => createHash("md5").update(bytes).digest() });
  const { account, key } = emulator;
  let happened = nothing();
  let [arrivals, isSummed] = [0, false];
  let onArrival: (arrival: number) => void = () => undefined;
  let restarting: Promise<void> = Promise.resolve();
  const weather = weatherOf(
    plan,
    () => happened,
    () => isSummed,
  );
  const server: FaultServer = await startFaultServer({
    emulator,
    clock,
    decide(arrived) {
      onArrival(++arrivals);
      if (plan.restarts.includes(server.requests.length + 1)) {
        note(happened, "restart");
        restarting = restarting.then(() => server.restart(plan.downtime));
      }
      return weather(arrived);
    },
  });
  const foreign = { abort: new Error("the caller aborts"), source: new Error("the source breaks"), token: new Error("no token now") };
  const wrongs: string[] = [];
  const total: Record<string, number> = {};
  const errors: Record<string, number> = {};
  const direct = connect({
    endpoint: emulator.endpoint,
    share: "campaign",
    credential: sharedKey({ account, key }),
    fetch: emulator.fetch,
    clock,
  });
  await create(direct);

  const expiries: number[] = [];
  const busily = async <T>(work: () => Promise<T>): Promise<T> => {
    computing++;
    return work().finally(() => computing--);
  };
  const mint = (lifetime: number): Promise<string> =>
    busily(() => {
      const expiresOn = new Date(clock.now() + lifetime);
      // To the second, as a token has it.
      expiries.push(expiresOn.getTime() - 1000);
      return serviceSas({ account, key, share: "campaign", permissions: "rcwdl", expiresOn, protocol: "https,http" });
    });
  const failures = randomOf(`${plan.seed} tokens`);
  const given = async <T>(token: () => T | Promise<T>): Promise<T> => {
    if (!failures.chance(plan.tokenFailures)) return token();
    note(happened, "no token");
    throw foreign.token;
  };
  const credentials: Record<Plan["credential"], () => Credential | Promise<Credential>> = {
    sharedKey: () => sharedKey({ account, key }),
    sas: async () => sas(await mint(Math.max(600_000, plan.lifetime))),
    "renewing sas": () => sas(() => given(() => mint(plan.lifetime))),
    "renewing bearer": () =>
      bearer(
        () =>
          given(() => {
            const expiresOnTimestamp = clock.now() + plan.lifetime;
            expiries.push(expiresOnTimestamp - 1000);
            return { token: emulator.token({ expires: new Date(expiresOnTimestamp) }), expiresOnTimestamp };
          }),
        { intent: "backup" },
      ),
  };
  let tries = 0;
  const connection = connect({
    endpoint: `${server.url}/${account}`,
    share: "campaign",
    credential: await credentials[plan.credential](),
    transport: plan.transport,
    clock,
    random: randomOf(`${plan.seed} waits`).next,
    timeouts: { overall: plan.overall },
    middleware: [
      (next) => (request) => {
        tries++;
        return next(request);
      },
    ],
  });

  const leftBehind = async (signal: AbortSignal): Promise<string[]> => {
    // What a run has started ends with it: a service that is coming back, answers that nobody waits for.
    // Requests that are still on their way may be the ones at which it goes down.
    await clock.settle();
    await clock.drive(restarting);
    // On a busy machine the other end of a connection hears late of its end.
    for (let time = 0; time < 20 && (time === 0 || clock.pending > 0); time++) await clock.settle();
    // An abort does not wait until the file is deleted.
    if (signal.aborted && plan.onFailure === "delete") await clock.drive(new Promise<void>((done) => void clock.setTimeout(done, 600_000)));
    if (plan.transport === "fetch" && clock.pending > 0) {
      // Node's fetch holds what passes an abort on by a weak reference: when memory is collected in the middle of a request, the abort is lost.
      // The call has ended all the same; its request stays open until it is answered.
      const lost = server.cutHeld();
      if (lost > 0) total["aborts that fetch lost"] = (total["aborts that fetch lost"] ?? 0) + lost;
      await clock.settle();
    }
    const listeners = getEventListeners(signal, "abort").length;
    return [
      ...(clock.pending > 0 ? [`${clock.pending} timers left`] : []),
      ...(listeners > 0 ? [`${listeners} listeners left at the caller's signal`] : []),
    ];
  };
  return {
    plan,
    clock,
    server,
    connection,
    direct,
    foreign,
    folder,
    wrongs,
    total,
    errors,
    note: (what) => note(happened, what),
    async transfer(what, { abortAt, changeAt, change, ...events }, work) {
      happened = nothing();
      [arrivals, tries, isSummed] = [0, 0, events.isSummed ?? false];
      const { signal, abort } = abortable();
      let changing: Promise<void> = Promise.resolve();
      onArrival = (arrival) => {
        if (arrival === abortAt) {
          note(happened, "abort");
          abort(foreign.abort);
        }
        if (arrival === changeAt && change) {
          note(happened, "changed");
          changing = busily(change);
        }
      };
      const began = clock.elapsed;
      const { value, error, didFail } = await clock.drive(work(signal)).then(
        (done) => ({ value: done, error: undefined, didFail: false }),
        (thrown: unknown) => ({ value: undefined, error: thrown, didFail: true }),
      );
      const took = clock.elapsed - began;
      await changing;
      if (expiries.some((expiry) => expiry <= clock.now())) note(happened, "expiry");
      for (const [kind, times] of Object.entries(happened.faults)) total[kind] = (total[kind] ?? 0) + times;
      const wrong = (message: string): void => void wrongs.push(`${what}: ${message}`);
      if (didFail) {
        const { name, code, reason } = (error ?? {}) as { name?: string; code?: string; reason?: string };
        const label = `${name} ${code ?? reason ?? ""}`.trim();
        errors[label] = (errors[label] ?? 0) + 1;
        const reasonWhyNot = wrongAbout(error, joined([...(events.earlier ?? []), happened]), foreign, plan.overall < Infinity);
        if (reasonWhyNot !== undefined) wrong(reasonWhyNot);
      }
      const isSlow = plan.downloads.some(({ slow }) => slow > 0);
      if (!isSlow && took > (tries + 1) * LONGEST_TRY) wrong(`took ${took} ms for ${tries} tries`);
      for (const left of await leftBehind(signal)) wrong(left);
      return { value, error: didFail ? (error ?? new Error("nothing was thrown")) : undefined, happened };
    },
    async close() {
      await server.close();
      for (let time = 0; time < 20 && (time === 0 || loopback.open > 0); time++) await clock.settle();
      if (loopback.open > 0) wrongs.push(`${loopback.open} sockets left`);
      const files = await openFiles(folder);
      if (files.length > 0) wrongs.push(`files left open: ${files.join(", ")}`);
      loopback.end();
    },
  };
}

function abortable(): { signal: AbortSignal; abort(reason: unknown): void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason) => controller.abort(reason) };
}

/** Files of a folder that this process has open; none where the system does not tell. */
async function openFiles(folder: string): Promise<string[]> {
  const descriptors = await readdir("/proc/self/fd").catch(() => []);
  const names = await Promise.all(descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")));
  return names.filter((name) => name.startsWith(folder));
}
