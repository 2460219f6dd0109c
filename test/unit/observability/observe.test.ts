/** What listeners are told of calls: in order, in pairs, and without any power over the call. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bearer } from "../../../src/auth/bearer.js";
import { connect, derive } from "../../../src/connect.js";
import { TransportError } from "../../../src/errors.js";
import { observe } from "../../../src/observability/observe.js";
import { delete as deleteFile, getProperties, putRange, read } from "../../../src/services/files.js";
import { create as createShare } from "../../../src/services/shares.js";
import type { Connection } from "../../../src/types/connection.js";
import type { Telemetry, TelemetryEvent, TelemetryListener } from "../../../src/types/telemetry.js";
import { turn, virtualClock } from "../virtual-clock.js";
import { coded, ending, refusal, wired } from "../wire-double.js";

const path = "folder/a.bin";

/** A listener that remembers. */
function remembering(): { events: TelemetryEvent[]; listener: TelemetryListener; types(): string[] } {
  const events: TelemetryEvent[] = [];
  return { events, listener: (event) => void events.push(event), types: () => events.map(({ type }) => type) };
}

describe("the events of a call", () => {
  it("that succeeds", async () => {
    const { events, listener } = remembering();
    const { wire, clock, connection } = wired({ telemetry: observe(listener) });
    const start = clock.now();
    const end = putRange(connection, { path, offset: 0, body: "abc" });
    await wire.nextRequest();
    await clock.advance(40);
    wire.respond(201, { "x-ms-request-id": "id-1", "content-length": "0" });
    await end;
    const call = {
      id: expect.any(Number) as number,
      operation: "Put Range",
      method: "PUT",
      url: "https://account.file.core.windows.net/share/folder/a.bin?comp=range",
      share: "share",
      path,
      transfer: undefined,
    };
    const ended = {
      outcome: "success",
      duration: 40,
      status: 201,
      code: undefined,
      requestId: "id-1",
      sent: 3,
      received: 0,
      error: undefined,
    };
    expect(events).toEqual([
      { type: "call-started", at: start, call },
      { type: "attempt-started", at: start, call, attempt: 1, addHeader: expect.any(Function) as unknown },
      { type: "attempt-ended", at: start + 40, call, attempt: 1, ...ended },
      { type: "call-ended", at: start + 40, call, attempts: 1, ...ended },
    ]);
  });

  it("that is tried again, with the wait between", async () => {
    const { events, listener, types } = remembering();
    const { wire, clock, connection } = wired({ telemetry: observe(listener) });
    const end = getProperties(connection, { path });
    await wire.nextRequest();
    wire.respond(503, coded("ServerBusy", { "retry-after": "7" }), null);
    await clock.advance(7000);
    (await wire.nextRequest()).fail(new TransportError("network", "reset"));
    await clock.advance(500);
    await wire.nextRequest();
    wire.respond(200, { "content-length": "12" });
    await end;
    expect(types()).toEqual([
      "call-started",
      "attempt-started",
      "attempt-ended",
      "retry",
      "attempt-started",
      "attempt-ended",
      "retry",
      "attempt-started",
      "attempt-ended",
      "call-ended",
    ]);
    expect(events.filter(({ type }) => type === "retry")).toMatchObject([
      { attempt: 1, wait: 7000, error: { code: "ServerBusy" } },
      { attempt: 2, wait: 500, error: { reason: "network" } },
    ]);
    expect(events.filter(({ type }) => type === "attempt-ended")).toMatchObject([
      { attempt: 1, outcome: "failure", status: 503, code: "ServerBusy", requestId: "0000-f00d" },
      { attempt: 2, outcome: "failure", status: undefined, code: "network" },
      // An answer to HEAD has no body, whatever length it names.
      { attempt: 3, outcome: "success", status: 200, received: 0 },
    ]);
    expect(events.at(-1)).toMatchObject({ outcome: "success", attempts: 3, duration: 7500 });
    expect(new Set(events.map((event) => "call" in event && event.call)).size).toBe(1);
  });

  it("that fails, with the error that the caller gets", async () => {
    const { events, listener, types } = remembering();
    const { wire, connection } = wired({ telemetry: observe(listener) });
    const end = ending(deleteFile(connection, { path }));
    await wire.nextRequest();
    wire.respond(409, coded("SharingViolation"), refusal("SharingViolation"));
    const error = await end;
    expect(types()).toEqual(["call-started", "attempt-started", "attempt-ended", "call-ended"]);
    expect(events.at(-1)).toMatchObject({ outcome: "failure", status: 409, code: "SharingViolation", attempts: 1, received: undefined });
    expect((events.at(-1) as { error: unknown }).error).toBe(error);
  });

  it("that is aborted while it is sent, and while it waits", async () => {
    for (const waits of [false, true]) {
      const { events, listener, types } = remembering();
      const { wire, connection } = wired({ telemetry: observe(listener) });
      const controller = new AbortController();
      const end = ending(getProperties(connection, { path, signal: controller.signal }));
      await wire.nextRequest();
      if (waits) {
        wire.respond(500);
        await turn();
      }
      const reason = new Error("enough");
      controller.abort(reason);
      expect(await end).toBe(reason);
      expect(types().slice(2)).toEqual(["attempt-ended", ...(waits ? ["retry"] : []), "call-ended"]);
      expect(events.at(-1)).toMatchObject({ outcome: "aborted", attempts: 1, code: undefined, error: reason });
      expect(events[2]).toMatchObject({ outcome: waits ? "failure" : "aborted" });
    }
  });

  it("whose credential is renewed: a try more, without a wait", async () => {
    const { events, listener } = remembering();
    let tokens = 0;
    const credential = bearer(async () => `token-${++tokens}`, { intent: "backup" });
    const { wire, clock, connection } = wired({ telemetry: observe(listener), credential });
    const end = getProperties(connection, { path });
    await wire.nextRequest();
    wire.respond(401, coded("InvalidAuthenticationInfo"));
    await clock.advance(0);
    await wire.nextRequest();
    wire.respond(200);
    await end;
    expect(events.find(({ type }) => type === "retry")).toMatchObject({ attempt: 1, wait: 0, error: { status: 401 } });
    expect(events.at(-1)).toMatchObject({ type: "call-ended", attempts: 2, outcome: "success" });
  });

  it("that the middleware breaks with an error of its own, whose code is none of the service's", async () => {
    const { events, listener } = remembering();
    const { wire, connection } = wired({ telemetry: observe(listener) });
    const end = ending(getProperties(connection, { path }));
    const mine = Object.assign(new Error("mine"), { code: "EMINE" });
    (await wire.nextRequest()).fail(mine);
    expect(await end).toBe(mine);
    expect(events.at(-1)).toMatchObject({ outcome: "failure", code: undefined, status: undefined, error: mine });
  });

  it("says how many bytes an answer has, as far as the answer does", async () => {
    const { events, listener } = remembering();
    const { wire, connection } = wired({ telemetry: observe(listener) });
    const first = read(connection, { path });
    await wire.nextRequest();
    wire.respond(200, { "content-length": "5" }, "hello");
    expect(await (await first).text()).toBe("hello");
    const second = read(connection, { path });
    await wire.nextRequest();
    wire.respond(200, {}, "hello");
    await (await second).text();
    expect(events.filter(({ type }) => type === "call-ended")).toMatchObject([{ received: 5 }, { received: undefined }]);
  });

  it("are none where the input breaks the rules, or the signal is aborted already", async () => {
    const { listener, types } = remembering();
    const { connection } = wired({ telemetry: observe(listener) });
    await ending(getProperties(connection, { path: "a/../b" }));
    await ending(getProperties(connection, { path, signal: AbortSignal.abort() }));
    expect(types()).toEqual([]);
  });
});

describe("events", () => {
  it("come in pairs, and in order, whatever becomes of the tries", async () => {
    const fate = fc.constantFrom(200, 404, 412, 429, 500, 503, "network", "own", "abort", "silence");
    await fc.assert(
      fc.asyncProperty(fc.array(fate, { minLength: 1, maxLength: 8 }), fc.boolean(), async (fates, isWrite) => {
        const { events, listener } = remembering();
        const { wire, clock, connection } = wired({ telemetry: observe(listener) });
        const controller = new AbortController();
        const { signal } = controller;
        let isOver = false;
        const work = ending(isWrite ? createShare(connection, { signal }) : getProperties(connection, { path, signal })).finally(
          () => (isOver = true),
        );
        for (const what of [...fates, ...fates, 400, 400, 400, 400, 400]) {
          if ((await wire.waiting()) === 0) break;
          const request = await wire.nextRequest();
          if (typeof what === "number") request.respond(what);
          else if (what === "network") request.fail(new TransportError("network", "reset"));
          else if (what === "own") request.fail(new Error("mine"));
          else if (what === "abort") controller.abort();
          else await clock.advance(31_000);
          await clock.advance(31_000);
        }
        await work;
        expect(isOver).toBe(true);
        const types = events.map(({ type }) => type);
        const attempts = types.filter((type) => type === "attempt-started").length;
        expect(types.join(" ")).toMatch(
          /^call-started attempt-started attempt-ended( retry attempt-started attempt-ended)*( retry)? call-ended$/,
        );
        expect(events.at(-1)).toMatchObject({ attempts });
        expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).toSorted((a, b) => a - b));
      }),
      { numRuns: 200 },
    );
  });
});

describe("a listener", () => {
  const call = async (connection: Connection, respond: () => Promise<void>): Promise<unknown> => {
    const end = ending(getProperties(connection, { path }));
    await respond();
    return await end;
  };

  it("that throws, or rejects, changes nothing, and keeps nothing from the others", async () => {
    const { listener, types } = remembering();
    const throwing = (): never => {
      throw new Error("a fault of the listener");
    };
    const rejecting = (): unknown => Promise.reject(new Error("a fault of the listener"));
    const { wire, connection } = wired({ telemetry: observe(throwing, rejecting, listener, throwing) });
    const result = await call(connection, async () => {
      await wire.nextRequest();
      wire.respond(200, { "content-length": "3" });
    });
    expect(result).toMatchObject({ size: 3 });
    expect(types()).toEqual(["call-started", "attempt-started", "attempt-ended", "call-ended"]);
  });

  it("can add headers to a try, and only such that it lacks and that any transport takes, and only in time", async () => {
    let late: ((name: string, value: string) => void) | undefined;
    const listener: TelemetryListener = (event) => {
      if (event.type !== "attempt-started") return;
      const { addHeader, attempt } = event;
      late = addHeader;
      addHeader("Traceparent", `00-${attempt}`);
      addHeader("x-ms-version", "1999-01-01");
      addHeader("bad name", "a");
      addHeader("bad-value", "a\r\nb");
    };
    const { wire, clock, connection } = wired({ telemetry: observe(listener) });
    const end = getProperties(connection, { path });
    const first = await wire.nextRequest();
    late?.("too-late", "a");
    wire.respond(500);
    await clock.advance(250);
    const second = await wire.nextRequest();
    wire.respond(200);
    await end;
    expect(first.headers).toMatchObject({ traceparent: "00-1", "x-ms-version": "2026-10-06" });
    expect(second.headers).toMatchObject({ traceparent: "00-2" });
    expect(Object.keys(first.headers).filter((name) => /bad|late/.test(name))).toEqual([]);
  });

  it("is told once by a connection that is made from another one, with that one's clock", async () => {
    const { events, listener } = remembering();
    const { wire, connection } = wired({ telemetry: observe(listener) });
    const clock = virtualClock("2030-01-01T00:00:00Z");
    const end = getProperties(derive(derive(connection, { share: "other" }), { clock }), { path });
    await wire.nextRequest();
    wire.respond(200);
    await end;
    expect(events).toHaveLength(4);
    expect(events[0]?.at).toBe(clock.now());
  });

  it("is a function", () => {
    const endpoint = "https://account.file.core.windows.net";
    expect(() => connect({ endpoint, telemetry: (() => undefined) as unknown as Telemetry })).toThrow(
      TypeError("telemetry must come from observe()"),
    );
    expect(() => observe(() => undefined, "a" as unknown as TelemetryListener)).toThrow(TypeError("observe() takes functions"));
  });
});

describe("a connection without listeners", () => {
  it("looks at the clock no more often than it has to, and has nobody to tell", async () => {
    const counted = async (telemetry?: Telemetry): Promise<number> => {
      const clock = virtualClock();
      let looks = 0;
      const counting = {
        ...clock,
        now: () => {
          looks++;
          return clock.now();
        },
      };
      const { wire, connection } = wired({ clock: counting, telemetry });
      const end = getProperties(connection, { path });
      await wire.nextRequest();
      wire.respond(200);
      await end;
      expect(connection.telemetry === undefined).toBe(telemetry === undefined);
      return looks;
    };
    // Deadline, start of the try, what is left of the time; and once more for the answer's own.
    expect(await counted()).toBeLessThanOrEqual(4);
    expect(await counted(observe(() => undefined))).toBeGreaterThan(await counted());
  });
});
