/** Refusals, failures of the network, retries and what an error tells; secrets never. */
import {
  AzureFilesError,
  derive,
  isAzureFilesError,
  isRetryable,
  isServiceError,
  isTransportError,
  type Middleware,
  retryAfter,
  sas,
  ServiceError,
  TransportError,
} from "azure-files";
import * as directories from "azure-files/directories";
import * as files from "azure-files/files";
import * as shares from "azure-files/shares";
import { type Case, inShare } from "./case.js";
import { deepEqual, equal, ok, rejects } from "./check.js";
import { manualClock } from "./clock.js";
import { answer, during, first, refusal, settlesWithin, turn, until } from "./wire.js";

const path = "file.txt";

const broken = (): never => {
  throw new TransportError("network", "the cable is out");
};

export const errorCases: readonly Case[] = [
  inShare("a refusal tells operation, status, code, request id, message and tries", async ({ connection }) => {
    const error = (await rejects(directories.create(connection, { path: "a/b" }), { name: "ServiceError" })) as unknown as ServiceError;
    ok(error instanceof ServiceError && error instanceof AzureFilesError && error instanceof Error, "its classes");
    equal(error.operation, "Create Directory");
    equal(error.status, 404);
    equal(error.code, "ParentNotFound");
    ok(error.requestId, "a request id");
    ok(/^Create Directory failed: 404 ParentNotFound - .+ \(request .+\) \(attempt 1\)$/.test(error.message), error.message);
    equal(error.attempts.length, 1);
    equal(error.attempts[0]?.status, 404);
    equal(error.attempts[0]?.code, "ParentNotFound");
    equal(error.request?.method, "PUT");
    ok(isServiceError(error) && isServiceError(error, "ParentNotFound") && !isServiceError(error, "ShareNotFound"), "guards");
    ok(isAzureFilesError(error) && !isTransportError(error) && !isRetryable(error) && retryAfter(error) === undefined, "more guards");
    // Of another realm, or a second copy of the package.
    ok(isServiceError({ name: "ServiceError", code: "ParentNotFound", attempts: [] }, "ParentNotFound"), "guards compare names");
    ok(!isServiceError(new Error("no")) && !isServiceError(undefined), "guards know strangers");
  }),

  inShare("details of a refusal come along", async ({ connection }) => {
    await files.create(connection, { path, size: 1 });
    const error = await rejects(files.putRange(connection, { path, offset: 0, body: "x", leaseId: "no-guid" }), {
      name: "ServiceError",
      status: 400,
      code: "InvalidHeaderValue",
    });
    deepEqual(error["details"], { HeaderName: "x-ms-lease-id", HeaderValue: "no-guid" });
  }),

  inShare("a refused HEAD is told although it has no body", async ({ connection }) => {
    await rejects(files.getProperties(connection, { path }), {
      name: "ServiceError",
      status: 404,
      code: "ResourceNotFound",
    });
  }),

  inShare("an answer of a proxy is no riddle", async ({ connection }) => {
    const proxy = derive(connection, {
      retry: false,
      middleware: [
        first("Get Share Properties", [() => answer(403, { "content-type": "text/html" }, "<html><body>Go away</body></html>")]),
      ],
    });
    await rejects(shares.getProperties(proxy), { name: "ServiceError", status: 403, code: "Unknown" });
  }),

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

  inShare("what is not idempotent is repeated only where nothing was touched", async ({ connection, wire }) => {
    const lost: Middleware = during("Create Directory", async (request, next, index) => {
      const response = await next(request);
      return index === 1 ? broken() : response;
    });
    const flaky = derive(connection, { random: () => 0, middleware: [wire.middleware, lost] });
    await rejects(directories.create(flaky, { path: "a" }), { name: "TransportError", reason: "network" });
    equal(wire.count("Create Directory"), 1);
    equal(await directories.exists(connection, { path: "a" }), true);
    const busy = derive(connection, {
      random: () => 0,
      middleware: [first("Create Directory", [() => refusal(503, "ServerBusy"), () => refusal(429, "ServerBusy")])],
    });
    equal((await directories.create(busy, { path: "b" })).created, true);
  }),

  inShare("a delete whose answer was lost is done, and one of nothing is not", async ({ connection }) => {
    for (const operation of ["Delete File", "Delete Directory"] as const) {
      const target = operation === "Delete File" ? files : directories;
      await (operation === "Delete File" ? files.create(connection, { path, size: 0 }) : directories.create(connection, { path }));
      const lost = during(operation, async (request, next, index) => {
        const response = await next(request);
        return index === 1 ? broken() : response;
      });
      const flaky = derive(connection, { random: () => 0, middleware: [lost] });
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

  inShare("a listing that does not advance is an error and no loop", async ({ connection }) => {
    const xml = '<?xml version="1.0"?><EnumerationResults><Entries /><NextMarker>same</NextMarker></EnumerationResults>';
    const stuck = derive(connection, { middleware: [during("List Directories and Files", () => answer(200, {}, xml))] });
    const work = async (): Promise<void> => {
      for await (const page of directories.list(stuck).pages()) ok(page.marker === "same", "goes on");
    };
    await rejects(work, { name: "IntegrityError", reason: "listing" });
    const html = derive(connection, {
      middleware: [during("List Directories and Files", () => answer(200, {}, "<html><body>hello</body></html>"))],
    });
    await rejects(directories.list(html)[Symbol.asyncIterator]().next(), { name: "IntegrityError" });
  }),

  inShare("middleware wraps each try, the first one outermost, after the credential", async ({ connection }) => {
    const order: string[] = [];
    const named =
      (name: string): Middleware =>
      (next) =>
      async (request) => {
        order.push(`${name} ${request.attempt}`);
        ok(request.headers["authorization"] !== undefined || request.url.includes("sig="), "signed already");
        const response = await next({ ...request, headers: { ...request.headers, [`x-ms-meta-${name}`]: "was here" } });
        order.push(`${name} ${response.status}`);
        return response;
      };
    const credential = sas("sv=2026-10-06&sp=r&se=2100-01-01T00:00:00Z&sr=s&sig=AAAA");
    const seen: Record<string, string>[] = [];
    const answers: Middleware = () => async (request) => {
      seen.push({ ...request.headers });
      return request.attempt === 1 ? refusal(503, "ServerBusy") : answer(200, { etag: '"1"' });
    };
    const watched = derive(connection, { credential, random: () => 0, middleware: [named("outer"), named("inner"), answers] });
    equal((await shares.getProperties(watched)).etag, '"1"');
    deepEqual(order, ["outer 1", "inner 1", "inner 503", "outer 503", "outer 2", "inner 2", "inner 200", "outer 200"]);
    equal(seen[1]?.["x-ms-meta-inner"], "was here");
    equal(seen[1]?.["x-ms-meta-outer"], "was here");
  }),

  inShare("what middleware throws reaches the caller", async ({ connection, wire }) => {
    const reason = new Error("the caller's own");
    const failing = derive(connection, {
      middleware: [
        wire.middleware,
        during("Get Share Properties", () => {
          throw reason;
        }),
      ],
    });
    equal(await rejects(shares.getProperties(failing), { message: /own/ }), reason);
    equal(wire.count(), 1);
  }),

  inShare("signatures are in no text, stack, JSON or cause of an error", async (space) => {
    const token = await space.serviceToken({ share: space.share, permissions: "r" });
    const signature = decodeURIComponent(/sig=([^&]+)/.exec(token)?.[1] ?? "");
    ok(signature.length > 20, "there is one");
    const leaking = (request: { url: string }): never => {
      throw new TransportError("network", `could not reach ${request.url}`, {
        cause: new Error(`connect ${request.url}`, { cause: { message: request.url } }),
      });
    };
    const faults: Middleware[] = [
      during("Get File", () => refusal(403, "AuthorizationFailure")),
      during("Get File", leaking),
      during("Get File", (request) =>
        answer(
          400,
          { "x-ms-error-code": "InvalidInput" },
          `<Error><Message>${request.url.replaceAll("&", "&amp;")}</Message><Detail>${request.url.replaceAll("&", "&amp;")}</Detail></Error>`,
        ),
      ),
    ];
    for (const [index, fault] of faults.entries()) {
      const connection = derive(space.connection, { credential: sas(token), retry: false, middleware: [fault] });
      const error = await rejects(files.read(connection, { path }), {});
      const texts: string[] = [];
      for (let one: unknown = error; one instanceof Error; one = one.cause) {
        texts.push(
          String(one),
          one.stack ?? "",
          JSON.stringify(one),
          JSON.stringify(Object.getOwnPropertyNames(one).map((name) => String((one as unknown as Record<string, unknown>)[name]))),
        );
      }
      const text = texts.join("\n");
      ok(!text.includes(signature) && !text.includes(encodeURIComponent(signature)), `no signature in ${error.message}`);
      // Where the text had the whole URL, all but the signature is still there.
      if (index > 0) ok(/sp=r\b/.test(text) && /sig=REDACTED/.test(text), "the place where it stood");
      ok(!JSON.stringify(connection).includes(signature), "nor in the connection");
    }
  }),
];
