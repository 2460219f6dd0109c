/** A service that is down: calls that fail fast, transfers that wait, and how both go on when it is back. */
import { type Connection, derive, isRetryable, type Middleware, retryAfter, TransportError } from "azure-files";
import * as files from "azure-files/files";
import * as leases from "azure-files/leases";
import * as shares from "azure-files/shares";
import { download, upload } from "azure-files/streaming";
import { type Case, inShare } from "./case.js";
import { deepEqual, equal, ok, rejects } from "./check.js";
import { manualClock } from "./clock.js";
import { refusal, settlesWithin, until } from "./wire.js";

/** A switch in front of the service. */
interface Switch {
  isDown: boolean;
  readonly middleware: Middleware;
}

function mains(): Switch {
  const mains: Switch = {
    isDown: false,
    middleware: (next) => (request) => (mains.isDown ? Promise.reject(new TransportError("network", "the cable is out")) : next(request)),
  };
  return mains;
}

/** Calls until the circuit is open, and says how many it took. */
async function open(connection: Connection): Promise<number> {
  const once = derive(connection, { retry: false });
  for (let calls = 1; ; calls++) {
    await rejects(shares.getProperties(once), { name: "TransportError", reason: "network" });
    if (connection.circuit?.state === "open") return calls;
  }
}

export const outageCases: readonly Case[] = [
  inShare("ten failures open the circuit, and then calls fail at once until the service is well", async ({ connection, wire }) => {
    const clock = manualClock();
    const line = mains();
    const flaky = derive(connection, { clock, middleware: [wire.middleware, line.middleware] });
    const changes: string[] = [];
    const end = flaky.circuit?.onChange(({ previous, state }) => changes.push(`${previous} > ${state}`));
    line.isDown = true;
    equal(await open(flaky), 10);
    wire.clear();
    const error = await rejects(shares.getProperties(flaky), { name: "TransportError", reason: "circuit-open" });
    deepEqual([isRetryable(error), retryAfter(error), wire.count()], [true, 10_000, 0]);
    line.isDown = false;
    await rejects(files.getProperties(flaky, { path: "a" }), { name: "TransportError", reason: "circuit-open" });
    clock.setTimeout(() => undefined, 10_000);
    await clock.pass(10_000);
    await shares.getProperties(flaky);
    equal(flaky.circuit?.state, "half-open");
    // Also a refusal shows that it is well.
    await rejects(files.getProperties(flaky, { path: "none" }), { name: "ServiceError", status: 404 });
    deepEqual(changes, ["closed > open", "open > half-open", "half-open > closed"]);
    end?.();
  }),

  inShare("a try that fails while half-open opens the circuit again, and without one nothing ever opens", async ({ connection }) => {
    const clock = manualClock();
    const line = mains();
    line.isDown = true;
    const flaky = derive(connection, { clock, retry: false, circuitBreaker: { failures: 2 }, middleware: [line.middleware] });
    equal(await open(flaky), 2);
    clock.setTimeout(() => undefined, 10_000);
    await clock.pass(10_000);
    await rejects(shares.getProperties(flaky), { reason: "network" });
    equal(flaky.circuit?.state, "open");
    const error = await rejects(shares.getProperties(flaky), { reason: "circuit-open" });
    equal(retryAfter(error), 10_000);
    const off = derive(flaky, { circuitBreaker: false });
    equal(off.circuit, undefined);
    for (let time = 0; time < 20; time++) await rejects(shares.getProperties(off), { reason: "network" });
  }),

  inShare("failures of calls that were under way together count once", async ({ connection }) => {
    const line = mains();
    line.isDown = true;
    const flaky = derive(connection, {
      retry: false,
      circuitBreaker: { failures: 2 },
      clock: manualClock(),
      middleware: [line.middleware],
    });
    await Promise.all(Array.from({ length: 8 }, () => rejects(shares.getProperties(flaky), { reason: "network" })));
    equal(flaky.circuit?.state, "closed");
    await rejects(shares.getProperties(flaky), { reason: "network" });
    equal(flaky.circuit?.state, "open");
  }),

  inShare("what the caller did wrong, a busy service and an abort open nothing", async ({ connection }) => {
    const busy: Middleware = (next) => (request) =>
      request.operation === "Get Share Properties" ? Promise.resolve(refusal(503, "ServerBusy")) : next(request);
    const once = derive(connection, { retry: false, circuitBreaker: { failures: 2 }, middleware: [busy] });
    for (let time = 0; time < 4; time++) {
      await rejects(shares.getProperties(once), { name: "ServiceError", status: 503 });
      await rejects(files.getProperties(once, { path: "none" }), { name: "ServiceError", status: 404 });
      const controller = new AbortController();
      const work = files.getProperties(once, { path: "none", signal: controller.signal });
      work.catch(() => undefined);
      controller.abort(new Error("enough"));
      await rejects(work, { message: /enough/ });
    }
    equal(once.circuit?.state, "closed");
  }),

  inShare("an upload and a download wait for the service and go on", async ({ connection }) => {
    const content = new Uint8Array(3 * 4096).map((_, index) => index % 251);
    const clock = manualClock();
    const line = mains();
    const flaky = derive(connection, {
      clock,
      random: () => 0,
      circuitBreaker: { failures: 1, successes: 1 },
      middleware: [line.middleware],
    });
    const outage = async (work: PromiseLike<unknown>): Promise<void> => {
      line.isDown = true;
      await until(() => flaky.circuit?.state === "open", "the circuit is open");
      line.isDown = false;
      // The wait between two tries, and then the one for the circuit.
      await clock.pass(0);
      await until(() => clock.set.includes(10_000), "the wait");
      equal(await settlesWithin(1, work), false);
      await clock.pass(10_000);
    };
    let transferred = 0;
    const sending = upload(flaky, {
      path: "a",
      body: content,
      rangeSize: 4096,
      concurrency: 1,
      onProgress(progress) {
        ({ transferred } = progress);
        if (transferred === 4096) line.isDown = true;
      },
    });
    await until(() => transferred === 4096, "the first range is there");
    await outage(sending);
    equal((await sending).size, content.length);
    const receiving = await download(flaky, { path: "a", rangeSize: 4096, concurrency: 1 });
    const bytes = receiving.bytes();
    await outage(bytes);
    deepEqual(await bytes, content);
    const hasty = derive(flaky, { timeouts: { overall: 100 } });
    line.isDown = true;
    await rejects(shares.getProperties(derive(flaky, { retry: false })), { reason: "network" });
    await rejects(download(hasty, { path: "a" }), { name: "TransportError", reason: "circuit-open" });
    ok(hasty.circuit === flaky.circuit, "one circuit for both");
  }),

  inShare("the renewal of a lease goes through an open circuit and finds that the service is back", async ({ connection }) => {
    const line = mains();
    const flaky = derive(connection, { circuitBreaker: { failures: 1, successes: 1 }, middleware: [line.middleware] });
    const lease = await leases.acquire(flaky, { duration: 15 });
    line.isDown = true;
    await open(flaky);
    line.isDown = false;
    await rejects(shares.getProperties(flaky), { name: "TransportError", reason: "circuit-open" });
    await leases.renew(flaky, { leaseId: lease.leaseId });
    equal(flaky.circuit?.state, "closed");
    await leases.release(flaky, { leaseId: lease.leaseId });
  }),
];
