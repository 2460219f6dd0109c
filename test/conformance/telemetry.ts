/** What listeners are told of calls, transfers, locks and the circuit breaker, and what the logger makes of it. */
import { derive, logger, type Middleware, observe, sas, type TelemetryEvent, TransportError } from "azure-files";
import * as files from "azure-files/files";
import * as leases from "azure-files/leases";
import * as shares from "azure-files/shares";
import { download, upload } from "azure-files/streaming";
import { type Case, inShare } from "./case.js";
import { deepEqual, equal, ok, rejects } from "./check.js";
import { all } from "./content.js";
import { answer, during, first, refusal } from "./wire.js";

/** A listener that remembers. */
function remembering(): { readonly events: TelemetryEvent[]; readonly telemetry: ReturnType<typeof observe> } {
  const events: TelemetryEvent[] = [];
  return { events, telemetry: observe((event) => void events.push(event)) };
}

const down: Middleware = () => () => Promise.reject(new TransportError("network", "the cable is out"));

export const telemetryCases: readonly Case[] = [
  inShare("telemetry tells of a call with its tries and waits, in order", async ({ connection, share }) => {
    const { events, telemetry } = remembering();
    const middleware = [first("Get Share Properties", [() => refusal(503, "ServerBusy")])];
    await shares.getProperties(derive(connection, { telemetry, random: () => 0, middleware }));
    deepEqual(
      events.map((event) => [
        event.type,
        "attempt" in event ? event.attempt : undefined,
        "outcome" in event ? [event.outcome, "status" in event ? event.status : undefined] : undefined,
      ]),
      [
        ["call-started", undefined, undefined],
        ["attempt-started", 1, undefined],
        ["attempt-ended", 1, ["failure", 503]],
        ["retry", 1, undefined],
        ["attempt-started", 2, undefined],
        ["attempt-ended", 2, ["success", 200]],
        ["call-ended", undefined, ["success", 200]],
      ],
    );
    const calls = new Set(events.map((event) => "call" in event && event.call));
    equal(calls.size, 1, "one call");
    const [started] = events;
    ok(started?.type === "call-started", "began");
    deepEqual([started.call.operation, started.call.method, started.call.share], ["Get Share Properties", "GET", share]);
    ok(!started.call.url.includes("sig="), "the address is that before the credential");
    ok(
      events.every(({ at }, index) => at >= (events[index - 1]?.at ?? 0)),
      "times",
    );
  }),

  inShare("telemetry tells how calls end that are refused, broken off or aborted", async ({ connection }) => {
    const { events, telemetry } = remembering();
    const watched = derive(connection, { telemetry, retry: false });
    const refused = await rejects(files.read(watched, { path: "none" }), { status: 404 });
    const broken = await rejects(files.read(derive(watched, { middleware: [down] }), { path: "none" }), { reason: "network" });
    const reason = new Error("enough");
    const controller = new AbortController();
    const aborting: Middleware = () => () => (controller.abort(reason), new Promise(() => undefined));
    await rejects(files.read(derive(watched, { middleware: [aborting] }), { path: "none", signal: controller.signal }), {
      message: /enough/,
    });
    const ends = events.flatMap((event) => (event.type === "call-ended" ? [event] : []));
    deepEqual(
      ends.map(({ outcome, status, code }) => [outcome, status, code]),
      [
        ["failure", 404, "ResourceNotFound"],
        ["failure", undefined, "network"],
        ["aborted", undefined, undefined],
      ],
    );
    ok(ends[0]?.error === refused && ends[1]?.error === broken && ends[2]?.error === reason, "the very errors");
  }),

  inShare("telemetry tells of transfers, their progress and their calls", async ({ connection }) => {
    const { events, telemetry } = remembering();
    const watched = derive(connection, { telemetry });
    const body = new Uint8Array(1500).fill(7);
    await upload(watched, { path: "a", body, rangeSize: 512 });
    await (await download(watched, { path: "a", rangeSize: 512 })).bytes();
    for (const kind of ["upload", "download"] as const) {
      const own = events.filter((event) => "transfer" in event && event.transfer.kind === kind);
      const [begin, end] = [own[0], own.at(-1)];
      ok(begin?.type === "transfer-started" && end?.type === "transfer-ended", `${kind} begins and ends`);
      deepEqual([end.outcome, end.transferred], ["success", 1500], kind);
      const progress = own.flatMap((event) => (event.type === "transfer-progress" ? [event.transferred] : []));
      ok(progress.at(-1) === 1500 && progress.every((bytes, at) => bytes >= (progress[at - 1] ?? 0)), `${kind} goes on`);
      const calls = events.filter((event) => event.type === "call-started" && event.call.transfer === begin.transfer);
      ok(calls.length >= 3, `${kind} has ${calls.length} calls`);
    }
  }),

  inShare("telemetry tells of a circuit's changes to all connections that share it, each listener once", async ({ connection }) => {
    const [one, other] = [remembering(), remembering()];
    const flaky = derive(connection, { retry: false, circuitBreaker: { failures: 1 }, middleware: [down], telemetry: one.telemetry });
    const second = derive(flaky, { telemetry: other.telemetry });
    ok(second.circuit === flaky.circuit, "they share it");
    derive(flaky, { timeouts: { idle: 1000 } });
    await rejects(shares.getProperties(flaky), { reason: "network" });
    for (const { events } of [one, other]) {
      const changes = events.flatMap((event) => (event.type === "breaker" ? [[event.from, event.to, event.endpoint]] : []));
      deepEqual(changes, [["closed", "open", connection.endpoint]]);
    }
  }),

  inShare("telemetry tells of a lock that is taken and given back", async ({ connection, share }) => {
    const { events, telemetry } = remembering();
    await leases.withLock(derive(connection, { telemetry }), {}, async () => undefined);
    const locks = events.flatMap((event) => ("lock" in event ? [event] : []));
    deepEqual(
      locks.map(({ type, lock }) => [type, lock.share]),
      [
        ["lock-acquired", share],
        ["lock-released", share],
      ],
    );
  }),

  inShare("what listens can break nothing", async ({ connection }) => {
    const rejecting: () => unknown = () => Promise.reject(new Error("rejected"));
    const telemetry = observe(() => {
      throw new Error("thrown");
    }, rejecting);
    ok((await shares.getProperties(derive(connection, { telemetry }))).etag, "answered");
  }),

  inShare("logger writes a line of JSON for each call, from its level on, and no signature", async (space) => {
    const token = await space.serviceToken({ share: space.share });
    const signature = new URLSearchParams(token).get("sig") ?? "none";
    const echo = during("List Handles", ({ url }) =>
      answer(403, { "x-ms-error-code": "AuthenticationFailed" }, `<Error><Message>${url.replaceAll("&", "&amp;")}</Message></Error>`),
    );
    const lines: Record<"info" | "warn" | "debug", string[]> = { info: [], warn: [], debug: [] };
    const telemetry = observe(
      ...(["info", "warn", "debug"] as const).map((level) => logger({ level, write: (line) => void lines[level].push(line) })),
    );
    const watched = derive(space.connection, { credential: sas(token), telemetry, retry: false, middleware: [echo] });
    await files.create(watched, { path: "a", size: 3 });
    await rejects(files.read(watched, { path: "none" }), { status: 404 });
    const refused = await rejects(all(files.listHandles(watched, { path: "a" })), { status: 403 });
    const [created, missing, quoted] = lines.info.map((line) => JSON.parse(line) as Record<string, unknown>);
    equal(lines.info.length, 3);
    deepEqual(
      [created, missing, quoted].map((line) => [
        line?.["level"],
        line?.["event"],
        line?.["operation"],
        line?.["status"],
        line?.["outcome"],
      ]),
      [
        ["info", "call-ended", "Create File", 201, "success"],
        ["warn", "call-ended", "Get File", 404, "failure"],
        ["warn", "call-ended", "List Handles", 403, "failure"],
      ],
    );
    deepEqual(lines.warn, lines.info.slice(1));
    ok(lines.debug.length > 8, `${lines.debug.length} lines`);
    const written = [...lines.debug, String(refused), String(refused.stack), JSON.stringify(refused)].join("\n");
    ok(written.includes("sig=REDACTED"), "there was one to take out");
    for (const form of [signature, encodeURIComponent(signature)]) ok(!written.includes(form), "no signature");
  }),
];
