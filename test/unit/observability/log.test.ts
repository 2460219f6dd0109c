/** Log lines: what is written at which level, and where to. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { TransportError } from "../../../src/errors.js";
import { logger, type LogLevel } from "../../../src/observability/log.js";
import { observe } from "../../../src/observability/observe.js";
import { getProperties, putRange } from "../../../src/services/files.js";
import type { TelemetryFact, TelemetryListener } from "../../../src/types/telemetry.js";
import { virtualClock } from "../virtual-clock.js";
import { coded, ending, refusal, wired } from "../wire-double.js";

const path = "folder/a.bin";

/** A listener that keeps its lines. */
function kept(level?: LogLevel): { lines: string[]; levels: LogLevel[]; listener: TelemetryListener; read(): Record<string, unknown>[] } {
  const lines: string[] = [];
  const levels: LogLevel[] = [];
  const write = (line: string, own: LogLevel): void => {
    lines.push(line);
    levels.push(own);
  };
  const read = (): Record<string, unknown>[] => lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { lines, levels, listener: logger({ level, write }), read };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a logger", () => {
  it("writes one line of JSON for a call", async () => {
    const { lines, listener } = kept();
    const { wire, clock, connection } = wired({ telemetry: observe(listener) });
    const end = putRange(connection, { path, offset: 0, body: "abc" });
    await wire.nextRequest();
    wire.respond(500);
    await clock.advance(250);
    await wire.nextRequest();
    wire.respond(201, { "x-ms-request-id": "id-1", "content-length": "0" });
    await end;
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^\{"time":"2026-01-01T00:00:00.250Z","level":"info","event":"call-ended","call":\d+,"operation":"Put Range","share":"share","path":"folder\/a.bin","outcome":"success","status":201,"duration_ms":250,"bytes_sent":3,"bytes_received":0,"request_id":"id-1","attempts":2\}$/,
    );
  });

  it("writes more at debug: tries and waits", async () => {
    const { listener, read } = kept("debug");
    const { wire, clock, connection } = wired({ telemetry: observe(listener) });
    const end = getProperties(connection, { path });
    (await wire.nextRequest()).fail(new TransportError("network", "reset"));
    await clock.advance(250);
    await wire.nextRequest();
    wire.respond(200);
    await end;
    expect(read().map(({ event, level, attempt }) => [event, level, attempt])).toEqual([
      ["call-started", "debug", undefined],
      ["attempt-started", "debug", 1],
      ["attempt-ended", "debug", 1],
      ["retry", "debug", 1],
      ["attempt-started", "debug", 2],
      ["attempt-ended", "debug", 2],
      ["call-ended", "info", undefined],
    ]);
    expect(read()[3]).toMatchObject({ wait_ms: 250, error: "TransportError: reset" });
  });

  it.each([
    [404, "warn"],
    [500, "error"],
    ["network", "error"],
    ["abort", "info"],
  ] as const)("takes %s for %s", async (what, level) => {
    const { listener, read } = kept();
    const { wire, connection } = wired({ telemetry: observe(listener), retry: false });
    const controller = new AbortController();
    const end = ending(getProperties(connection, { path, signal: controller.signal }));
    const request = await wire.nextRequest();
    if (what === "abort") controller.abort(new Error("the caller's own words"));
    else if (what === "network") request.fail(new TransportError("network", "reset"));
    else request.respond(what, coded("Oops"), refusal("Oops"));
    await end;
    expect(read()).toMatchObject([{ event: "call-ended", level, outcome: what === "abort" ? "aborted" : "failure" }]);
    if (what === "abort") expect(read()[0]).toMatchObject({ error: "Error" });
    if (what === 404) expect(read()[0]).toMatchObject({ status: 404, code: "Oops", request_id: "0000-f00d" });
  });

  const facts: [TelemetryFact, LogLevel, object][] = [
    [
      { type: "breaker", endpoint: "https://a.example", from: "closed", to: "open", retryAt: 0 },
      "warn",
      { endpoint: "https://a.example", from: "closed", to: "open", retry_at: "1970-01-01T00:00:00.000Z" },
    ],
    [
      { type: "lock-acquired", lock: { share: "s", path: "p" }, waited: 5, fence: 7 },
      "debug",
      { share: "s", path: "p", waited_ms: 5, fence: 7 },
    ],
    [{ type: "lock-renewed", lock: { share: "s", path: "" } }, "debug", { share: "s", path: "" }],
    [{ type: "lock-lost", lock: { share: "s", path: "" }, error: "gone" }, "warn", { share: "s", path: "", error: "string" }],
    [{ type: "lock-released", lock: { share: "s", path: "", snapshot: "t" } }, "debug", { share: "s", path: "", snapshot: "t" }],
    [
      { type: "transfer-started", transfer: { id: 1, kind: "upload", share: "s", path: "p" } },
      "debug",
      { transfer: 1, kind: "upload", share: "s", path: "p" },
    ],
    [
      { type: "transfer-progress", transfer: { id: 1, kind: "upload", share: "s", path: "p" }, transferred: 1, total: 2 },
      "debug",
      { transfer: 1, kind: "upload", share: "s", path: "p", transferred: 1, total: 2 },
    ],
    [
      {
        type: "transfer-ended",
        transfer: { id: 1, kind: "upload", share: "s", path: "p" },
        outcome: "success",
        duration: 9,
        transferred: 2,
        error: undefined,
      },
      "debug",
      { transfer: 1, kind: "upload", share: "s", path: "p", outcome: "success", transferred: 2, duration_ms: 9 },
    ],
  ];

  it.each(facts)("writes %o", (fact, level, fields) => {
    const { read, levels, listener } = kept("debug");
    observe(listener).on(virtualClock())(fact);
    expect(read()).toEqual([{ time: "2026-01-01T00:00:00.000Z", level, event: fact.type, ...fields }]);
    expect(levels).toEqual([level]);
    const quiet = kept(level === "debug" ? "info" : "error");
    observe(quiet.listener).on(virtualClock())(fact);
    expect(quiet.lines).toEqual([]);
  });

  it("writes to the console unless told otherwise, to its method of that level", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    observe(logger()).on(virtualClock())({ type: "lock-lost", lock: { share: "s", path: "p" }, error: undefined });
    expect(warn.mock.calls).toEqual([['{"time":"2026-01-01T00:00:00.000Z","level":"warn","event":"lock-lost","share":"s","path":"p"}']]);
  });

  it("takes secrets out of names, too", () => {
    const { lines, listener } = kept("debug");
    observe(listener).on(virtualClock())({ type: "lock-renewed", lock: { share: "s", path: "a?sig=c2VjcmV0c2VjcmV0" } });
    expect(lines[0]).toContain("sig=REDACTED");
    expect(lines[0]).not.toContain("c2VjcmV0");
    expect(() => JSON.parse(lines[0] ?? "")).not.toThrow();
  });

  it("knows four levels", () => {
    expect(() => logger({ level: "verbose" as "debug" })).toThrow(
      TypeError('level is "verbose", but must be one of debug, info, warn, error'),
    );
  });
});
