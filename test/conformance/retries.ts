/** What is tried again, when, and when no more: faults that pass, waits, timeouts, aborts. */
import { type Connection, derive, type Middleware, type OperationName, TransportError } from "azure-files";
import * as directories from "azure-files/directories";
import * as files from "azure-files/files";
import * as shares from "azure-files/shares";
import { type Case, inShare } from "./case.js";
import { deepEqual, equal, ok, rejects } from "./check.js";
import { manualClock } from "./clock.js";
import { bytesOf } from "./content.js";
import { answer, during, first, refusal, settlesWithin, turn, until } from "./wire.js";

const path = "file.txt";

const broken = (): never => {
  throw new TransportError("network", "the cable is out");
};

/** Middleware that loses the answer to the first try of an operation. */
const lost = (operation: OperationName): Middleware =>
  during(operation, async (request, next, index) => {
    const response = await next(request);
    return index === 1 ? broken() : response;
  });

export const retryCases: readonly Case[] = [
  inShare("what passes is tried again: 408, 429, 500, 502, 503, 504 and the network", async ({ connection, wire }) => {
    const passing = [
      ...[408, 429, 500, 502, 503, 504].map((status) => () => refusal(status, "ServerBusy")),
      () => answer(502, { "content-type": "text/html" }, "<html>"),
      broken,
    ];
    for (const fault of passing) {
      const flaky = derive(connection, { random: () => 0, middleware: [wire.middleware, first("Get Share Properties", [fault, fault])] });
      wire.clear();
      ok((await shares.getProperties(flaky)).etag, "answered in the end");
      equal(wire.count(), 3);
      deepEqual(
        wire.requests.map(({ attempt }) => attempt),
        [1, 2, 3],
      );
    }
  }),

  inShare("what does not pass is not tried again", async ({ connection, wire }) => {
    for (const status of [400, 401, 403, 404, 409, 412, 416, 501]) {
      const refusing = derive(connection, {
        middleware: [wire.middleware, during("Get Share Properties", () => refusal(status, "InvalidInput"))],
      });
      wire.clear();
      await rejects(shares.getProperties(refusing), { name: "ServiceError", status, code: "InvalidInput" });
      equal(wire.count(), 1, `tries after ${status}`);
    }
  }),

  inShare("tries end, and the error lists them", async ({ connection }) => {
    const faults = [() => refusal(503, "ServerBusy"), broken, () => refusal(500, "InternalError")];
    const failing = derive(connection, { random: () => 0, retry: { attempts: 3 }, middleware: [first("Get Share Properties", faults)] });
    const error = await rejects(shares.getProperties(failing), { name: "ServiceError", status: 500, message: /attempt 3/ });
    const attempts = error["attempts"] as { status?: number; code?: string; duration: number; startedAt: number }[];
    deepEqual(
      attempts.map(({ status, code }) => [status, code]),
      [
        [503, "ServerBusy"],
        [undefined, "network"],
        [500, "InternalError"],
      ],
    );
    ok(
      attempts.every(({ duration, startedAt }) => duration >= 0 && Math.abs(startedAt - Date.now()) < 60_000),
      "times",
    );
    const once = derive(connection, { retry: false, middleware: [first("Get Share Properties", faults)] });
    await rejects(shares.getProperties(once), { name: "ServiceError", status: 503 });
  }),

  inShare("what would be done twice is repeated only where nothing was touched", async ({ connection, wire }) => {
    const flaky = derive(connection, { random: () => 0, middleware: [wire.middleware, lost("Snapshot Share")] });
    await rejects(shares.createSnapshot(flaky), { name: "TransportError", reason: "network" });
    equal(wire.count("Snapshot Share"), 1);
    const busy = derive(connection, {
      random: () => 0,
      middleware: [first("Snapshot Share", [() => refusal(503, "ServerBusy"), () => refusal(429, "ServerBusy")])],
    });
    ok((await shares.createSnapshot(busy)).snapshot, "made");
  }),

  inShare("what was made or moved by a try whose answer was lost is known for this call's own", async ({ connection, wire }) => {
    const flaky = (operation: OperationName): Connection =>
      derive(connection, { random: () => 0, middleware: [wire.middleware, lost(operation)] });
    // A page sees the service's time only where the account's rule exposes it, and cannot tell without.
    let isTimeSeen = false;
    const looking: Middleware = (next) => async (request) => {
      const response = await next(request);
      isTimeSeen = response.headers.get("date") !== null;
      return response;
    };
    await shares.getProperties(derive(connection, { middleware: [looking] }));
    const made = directories.create(flaky("Create Directory"), { path: "a", metadata: { name: "value" } });
    if (!isTimeSeen) {
      await rejects(made, { name: "ServiceError", code: "ResourceAlreadyExists" });
      return;
    }
    equal((await made).created, true);
    await directories.rename(flaky("Rename Directory"), { path: "a", to: "b" });
    await files.write(connection, { path: "one", body: "content" });
    await files.rename(flaky("Rename File"), { path: "one", to: "b/two" });
    equal(await files.exists(connection, { path: "one" }), false);
    equal(await (await files.read(connection, { path: "b/two" })).text(), "content");
    // Nobody lost anything here.
    await rejects(directories.create(connection, { path: "b" }), { name: "ServiceError", code: "ResourceAlreadyExists" });
    // Not what was asked for, so somebody else's.
    await rejects(directories.create(flaky("Create Directory"), { path: "b", metadata: { name: "other" } }), {
      name: "ServiceError",
      code: "ResourceAlreadyExists",
    });
  }),

  inShare("a delete whose answer was lost is done, and one of nothing is not", async ({ connection }) => {
    for (const operation of ["Delete File", "Delete Directory"] as const) {
      const target = operation === "Delete File" ? files : directories;
      await (operation === "Delete File" ? files.create(connection, { path, size: 0 }) : directories.create(connection, { path }));
      const flaky = derive(connection, { random: () => 0, middleware: [lost(operation)] });
      await target.delete(flaky, { path });
      equal(await target.exists(connection, { path }), false);
      await rejects(target.delete(connection, { path }), { name: "ServiceError", status: 404 });
    }
  }),

  inShare("the wait that the service asks for is kept", async ({ connection }) => {
    const clock = manualClock();
    const busy = derive(connection, {
      clock,
      random: () => 0,
      middleware: [first("Get Share Properties", [() => refusal(503, "ServerBusy", { "retry-after": "7" })])],
    });
    const work = shares.getProperties(busy);
    await until(() => clock.set.includes(7000), "the wait");
    equal(await settlesWithin(1, work), false);
    await clock.pass(7000);
    ok((await work).etag, "answered after the wait");
  }),

  inShare("a date until which the service asks to wait is kept, too", async ({ connection }) => {
    const clock = manualClock();
    const until7 = new Date(clock.now() + 7000).toUTCString();
    const busy = derive(connection, {
      clock,
      random: () => 0,
      middleware: [first("Get Share Properties", [() => refusal(429, "TooManyRequests", { "retry-after": until7 })])],
    });
    const work = shares.getProperties(busy);
    await clock.pass(Date.parse(until7) - clock.now());
    ok((await work).etag, "answered after the wait");
  }),

  inShare("no try begins that would end beyond the overall time", async ({ connection, wire }) => {
    const clock = manualClock();
    const busy = derive(connection, {
      clock,
      timeouts: { overall: 5000 },
      middleware: [wire.middleware, during("Get Share Properties", () => refusal(503, "ServerBusy", { "retry-after": "6" }))],
    });
    await rejects(shares.getProperties(busy), { name: "ServiceError", status: 503 });
    equal(wire.count(), 1);
    deepEqual(clock.set, [], "no timer is left");
  }),

  inShare("waits double, up to their bound", async ({ connection }) => {
    const clock = manualClock();
    const busy = derive(connection, {
      clock,
      random: () => 0.5,
      retry: { attempts: 5, baseDelay: 1000, maxDelay: 3000 },
      middleware: [during("Get Share Properties", () => refusal(503, "ServerBusy"))],
    });
    const work = rejects(shares.getProperties(busy), { name: "ServiceError", status: 503 });
    for (const delay of [500, 1000, 1500, 1500]) await clock.pass(delay);
    equal(((await work)["attempts"] as unknown[]).length, 5);
  }),

  inShare("an abort in a back-off rejects at once with its own reason", async ({ connection, wire }) => {
    const clock = manualClock();
    const busy = derive(connection, {
      clock,
      middleware: [wire.middleware, during("Get Share Properties", () => refusal(503, "ServerBusy", { "retry-after": "3600" }))],
    });
    const controller = new AbortController();
    const work = shares.getProperties(busy, { signal: controller.signal });
    work.catch(() => undefined);
    await until(() => clock.set.includes(3_600_000), "the wait");
    const reason = new Error("enough");
    controller.abort(reason);
    equal(await settlesWithin(50, work), true, "within 50 ms");
    equal(await rejects(work, { message: /enough/ }), reason);
    deepEqual(clock.set, [], "no timer is left");
    equal(wire.count(), 1);
  }),

  inShare("an abort under way rejects at once, and one before sends nothing", async ({ connection, wire }) => {
    const reason = new Error("enough");
    let seen: AbortSignal | undefined;
    const hanging = derive(connection, {
      middleware: [
        during("Get Share Properties", (request) => {
          seen = request.signal;
          return new Promise(() => undefined);
        }),
      ],
    });
    const controller = new AbortController();
    const work = shares.getProperties(hanging, { signal: controller.signal });
    work.catch(() => undefined);
    await until(() => seen !== undefined, "the request is on its way");
    controller.abort(reason);
    equal(await settlesWithin(50, work), true, "within 50 ms");
    equal(await rejects(work, { message: /enough/ }), reason);
    await turn();
    equal(seen?.aborted, true);
    equal(await rejects(shares.getProperties(connection, { signal: AbortSignal.abort(reason) }), { message: /enough/ }), reason);
    equal(wire.count(), 0);
  }),

  inShare("a signal that times out, and one that aborts amid a body, give their own reason in every engine", async ({ connection }) => {
    const hanging = derive(connection, { middleware: [() => () => new Promise(() => undefined)] });
    const signal = AbortSignal.timeout(5);
    equal(await rejects(shares.getProperties(hanging, { signal }), {}), signal.reason);

    await files.write(connection, { path: "long", body: bytesOf(1024 * 1024) });
    const controller = new AbortController();
    const { body } = await files.read(connection, { path: "long", signal: controller.signal });
    const reader = body.getReader();
    await reader.read();
    const reason = new Error("enough");
    controller.abort(reason);
    equal(await rejects(reader.read(), { message: /enough/ }), reason);
  }),

  inShare("no answer in time is a timeout, longer for longer bodies", async ({ connection }) => {
    const clock = manualClock();
    const never: Middleware = () => () => new Promise(() => undefined);
    const silent = derive(connection, { clock, retry: false, middleware: [never] });
    const work = rejects(shares.getProperties(silent), { name: "TransportError", reason: "timeout" });
    await clock.pass(30_000);
    await work;
    // 32 KiB take a second on the slowest link that is no fault.
    const body = rejects(files.putRange(silent, { path, offset: 0, body: new Uint8Array(32_768) }), {
      name: "TransportError",
      reason: "timeout",
    });
    await clock.pass(31_000);
    await body;
    const overall = derive(silent, { timeouts: { overall: 1234 }, retry: { attempts: 5 } });
    const whole = rejects(shares.getProperties(overall), { name: "TransportError", reason: "timeout", message: /1234/ });
    await clock.pass(1234);
    await whole;
  }),

  inShare("a body that stops coming is stalled, one that breaks off is truncated", async ({ connection }) => {
    const clock = manualClock();
    const bodies = {
      stalled: new ReadableStream<Uint8Array<ArrayBuffer>>({ start: (controller) => controller.enqueue(new Uint8Array(3)) }),
      truncated: new Response("abc").body,
    };
    for (const [reason, body] of Object.entries(bodies)) {
      const wrong = derive(connection, {
        clock,
        retry: false,
        middleware: [during("Get File", () => ({ status: 200, headers: new Headers({ "content-length": "10" }), body }))],
      });
      const reader = (await files.read(wrong, { path })).body.getReader();
      equal((await reader.read()).value?.byteLength, 3);
      const work = rejects(reader.read(), { name: "TransportError", reason });
      if (reason === "stalled") await clock.pass(30_000);
      await work;
    }
  }),

  inShare("a listing whose body breaks off is tried again", async ({ connection, wire }) => {
    const half = (): ReturnType<typeof answer> =>
      answer(200, { "content-type": "application/xml", "content-length": "1000" }, "\uFEFF<?xml");
    const flaky = derive(connection, { random: () => 0, middleware: [wire.middleware, first("List Directories and Files", [half])] });
    for await (const page of directories.list(flaky).pages()) deepEqual(page.entries, []);
    equal(wire.count(), 2);
  }),
];
