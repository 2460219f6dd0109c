/** The circuit breaker by itself: what opens it, what closes it, and that it does what a simple model says. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AzureFilesError, IntegrityError, ServiceError, TransportError, type TransportReason } from "../../../src/errors.js";
import { type CircuitBreaker, circuitBreaker } from "../../../src/transport/circuit-breaker.js";
import type { CircuitChange } from "../../../src/types/connection.js";
import type { WireRequest } from "../../../src/types/requests.js";
import { virtualClock, type VirtualClock } from "../virtual-clock.js";

const limits = { failures: 3, openFor: 1000, successes: 2 };
const broken = new TransportError("network", "the line is cut");
const operation = { whenOpen: undefined } as never;
const request = (method: WireRequest["method"] = "GET"): WireRequest => ({
  operation: "Get File",
  method,
  url: "https://account.file.core.windows.net/share/a",
  headers: {},
  attempt: 1,
  signal: new AbortController().signal,
});
const refused = (status: number, code = "Unknown", method: WireRequest["method"] = "GET"): ServiceError =>
  new ServiceError("No.", { status, code, requestId: undefined, retryAfter: undefined, details: {} }, { request: request(method) });

function made(options: Partial<typeof limits> = {}): { breaker: CircuitBreaker; clock: VirtualClock; changes: CircuitChange[] } {
  const clock = virtualClock(0);
  const breaker = circuitBreaker({ ...limits, ...options }, clock);
  const changes: CircuitChange[] = [];
  breaker.onChange((change) => changes.push(change));
  return { breaker, clock, changes };
}

/** A call of one try. */
function call(breaker: CircuitBreaker, error?: unknown): boolean {
  const pass = breaker.admit(undefined);
  if (pass === undefined) return false;
  breaker.settle(pass, pass, error);
  return true;
}

/** Fails until it is open. */
const opened = (breaker: CircuitBreaker): void => {
  while (breaker.state !== "open") call(breaker, broken);
};

describe("what counts as a failure of the service or the way to it", () => {
  const reasons: TransportReason[] = ["network", "timeout", "stalled", "truncated"];
  it.each([
    ...reasons.map((reason) => [reason, new TransportError(reason, "No.")] as const),
    ...[500, 502, 503, 504, 507].map((status) => [`status ${status}`, refused(status)] as const),
    ["500 OperationTimedOut", refused(500, "OperationTimedOut")] as const,
  ])("%s", (_, error) => {
    const { breaker } = made();
    for (let time = 0; time < 3; time++) {
      expect(breaker.state).toBe("closed");
      call(breaker, error);
    }
    expect(breaker.state).toBe("open");
  });

  it.each([
    ...[400, 401, 403, 404, 408, 409, 412, 416, 501, 505].map((status) => [`status ${status}`, refused(status)] as const),
    ["bytes that are not right", new IntegrityError("changed", "No.")] as const,
    ["a success", undefined] as const,
  ])("not %s, which shows that it answers", (_, error) => {
    const { breaker } = made();
    for (const end of [broken, broken, error, broken, broken]) call(breaker, end);
    expect(breaker.state).toBe("closed");
    call(breaker, broken);
    expect(breaker.state).toBe("open");
  });

  it.each([
    ["status 429", refused(429)],
    ["503 ServerBusy", refused(503, "ServerBusy")],
    ["503 to a HEAD without a code", refused(503, "Unknown", "HEAD")],
    ["a redirect", new TransportError("redirect", "elsewhere")],
    ["a fault of the caller's own code", new Error("mine")],
    ["an abort", null],
  ])("and %s says nothing", (_, error) => {
    const { breaker } = made();
    for (const end of [broken, error, broken, error]) call(breaker, end);
    expect(breaker.state).toBe("closed");
    call(breaker, broken);
    expect(breaker.state).toBe("open");
  });
});

describe("failures", () => {
  it("of calls that were under way together are one sign within a second", () => {
    const { breaker } = made();
    const passes = Array.from({ length: 32 }, () => breaker.admit(undefined) ?? NaN);
    for (const pass of passes) breaker.settle(pass, pass, broken);
    expect(breaker.state).toBe("closed");
    // And so are their next tries, but for those of the call that was counted.
    for (const first of passes.slice(1)) breaker.settle(breaker.admit(undefined) ?? NaN, first, broken);
    expect(breaker.state).toBe("closed");
  });

  it("of a service that answers nobody are one sign a second, so that they open it soon all the same", async () => {
    const { breaker, clock } = made();
    const passes = Array.from({ length: 3 }, () => breaker.admit(undefined) ?? NaN);
    for (const pass of passes) {
      breaker.settle(pass, pass, broken);
      await clock.advance(1000);
    }
    expect(breaker.state).toBe("open");
  });

  it("of one call after the other, and of the tries of one call, count each", () => {
    const { breaker } = made();
    const first = breaker.admit(undefined) ?? NaN;
    breaker.settle(first, first, broken);
    breaker.settle(breaker.admit(undefined) ?? NaN, first, broken);
    expect(breaker.state).toBe("closed");
    call(breaker, broken);
    expect(breaker.state).toBe("open");
  });
});

describe("an open circuit", () => {
  it("lets nothing through until its time is up, and says when that is and why", async () => {
    const { breaker, clock, changes } = made();
    opened(breaker);
    await clock.advance(400);
    expect([breaker.state, breaker.retryAt, call(breaker)]).toEqual(["open", 1000, false]);
    const attempts = [{ startedAt: 0, duration: 1 }];
    await expect(breaker.readmit(request(), operation, Infinity, attempts)).rejects.toMatchObject({
      name: "TransportError",
      reason: "circuit-open",
      retryAfter: 600,
      cause: { message: "the line is cut" },
      attempts,
      message: "Get File failed: nothing was sent; try again in 600 ms (attempt 1)",
    });
    await clock.advance(600);
    expect([breaker.state, call(breaker), breaker.state, breaker.retryAt]).toEqual(["open", true, "half-open", undefined]);
    expect(call(breaker)).toBe(true);
    expect([breaker.state, breaker.retryAt]).toEqual(["closed", undefined]);
    expect(changes).toEqual([
      { previous: "closed", state: "open", retryAt: 1000, cause: broken },
      { previous: "open", state: "half-open", retryAt: undefined, cause: broken },
      { previous: "half-open", state: "closed", retryAt: undefined, cause: undefined },
    ]);
    expect(clock.pending).toEqual([]);
  });

  it("takes no notice of tries that began before it opened", () => {
    const { breaker } = made();
    const early = [breaker.admit(undefined) ?? NaN, breaker.admit(undefined) ?? NaN];
    opened(breaker);
    breaker.settle(early[0] ?? NaN, 1);
    expect(breaker.state).toBe("open");
    breaker.settle(early[1] ?? NaN, 2, broken);
    expect(breaker.retryAt).toBe(1000);
  });

  it("is not kept open by a clock that was set back", () => {
    let now = 1_000_000;
    const breaker = circuitBreaker(limits, { ...virtualClock(), now: () => now });
    opened(breaker);
    expect(call(breaker)).toBe(false);
    now = 0;
    expect(call(breaker)).toBe(true);
  });
});

describe("a half-open circuit", () => {
  it("lets through as many as it wants successes, and one failure opens it for the whole time again", async () => {
    const { breaker, clock } = made();
    opened(breaker);
    await clock.advance(1000);
    const probes = [breaker.admit(undefined), breaker.admit(undefined), breaker.admit(undefined)];
    expect(probes.map((pass) => pass !== undefined)).toEqual([true, true, false]);
    await clock.advance(200);
    breaker.settle(probes[0] ?? NaN, probes[0] ?? NaN);
    breaker.settle(probes[1] ?? NaN, probes[1] ?? NaN, broken);
    expect([breaker.state, breaker.retryAt]).toEqual(["open", 2200]);
  });

  it("gives the place of one that says nothing to the next", async () => {
    const { breaker, clock } = made({ successes: 1 });
    opened(breaker);
    await clock.advance(1000);
    const busy = breaker.admit(undefined) ?? NaN;
    expect(breaker.admit(undefined)).toBeUndefined();
    breaker.settle(busy, busy, refused(429));
    expect([breaker.state, call(breaker), breaker.state]).toEqual(["half-open", true, "closed"]);
  });

  it("is not held up by one that hangs: another goes after the same time", async () => {
    const { breaker, clock } = made({ successes: 1 });
    opened(breaker);
    await clock.advance(1000);
    breaker.admit(undefined);
    await clock.advance(999);
    expect([breaker.retryAt, call(breaker)]).toEqual([2000, false]);
    await clock.advance(1);
    expect([call(breaker), breaker.state]).toEqual([true, "closed"]);
  });
});

describe("what cannot wait", () => {
  it("goes through an open circuit one at a time, and does not put off the others", async () => {
    const { breaker, clock } = made();
    opened(breaker);
    await clock.advance(500);
    const pass = breaker.admit("pass") ?? NaN;
    expect(breaker.admit("pass")).toBeUndefined();
    breaker.settle(pass, pass, broken);
    expect([breaker.state, breaker.retryAt]).toEqual(["open", 1000]);
    const next = breaker.admit("pass") ?? NaN;
    breaker.settle(next, next);
    expect(breaker.state).toBe("half-open");
    expect([call(breaker), breaker.state]).toEqual([true, "closed"]);
  });

  it("takes no place of the others while half-open", async () => {
    const { breaker, clock } = made({ successes: 1 });
    opened(breaker);
    await clock.advance(1000);
    expect(breaker.admit(undefined)).toBeDefined();
    expect(breaker.admit("pass")).toBeDefined();
    expect(breaker.admit(undefined)).toBeUndefined();
  });
});

describe("what waits", () => {
  const waiting = (breaker: CircuitBreaker, signal?: AbortSignal, deadline = Infinity): Promise<number> =>
    breaker.readmit(request(), { whenOpen: "wait", signal } as never, deadline, []);

  it("goes when the time is up, or as soon as others have closed the circuit", async () => {
    const { breaker, clock } = made({ successes: 1 });
    opened(breaker);
    const passes = [waiting(breaker), waiting(breaker), waiting(breaker)];
    let gone = 0;
    for (const pass of passes) void pass.then(() => gone++);
    await clock.advance(999);
    expect(gone).toBe(0);
    await clock.advance(1);
    expect([gone, breaker.state]).toEqual([1, "half-open"]);
    const pass = await Promise.race(passes);
    breaker.settle(pass, pass);
    await Promise.all(passes);
    expect([gone, breaker.state, clock.pending]).toEqual([3, "closed", []]);
  });

  it("stops with its signal, and does not begin where its own time is up before", async () => {
    const { breaker, clock } = made();
    opened(breaker);
    const controller = new AbortController();
    const work = waiting(breaker, controller.signal);
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(work).rejects.toBe(reason);
    await expect(waiting(breaker, undefined, 1000)).rejects.toMatchObject({ reason: "circuit-open", retryAfter: 1000 });
    expect(clock.pending).toEqual([]);
  });
});

describe("a listener", () => {
  it("hears no more once it said so, and does no harm by throwing", () => {
    const { breaker, changes } = made();
    let heard = 0;
    const end = breaker.onChange(() => {
      heard++;
      throw new AzureFilesError("a bad listener");
    });
    opened(breaker);
    end();
    expect([heard, changes.length]).toEqual([1, 1]);
  });
});

/** The rules once more, as plainly as they can be said, for calls of one try that are under way one after the other or together. */
class Model {
  state: "closed" | "open" | "half-open" = "closed";
  failed = 0;
  succeeded = 0;
  openedAt = 0;
  underWay: { id: number; epoch: number; order: number }[] = [];
  epoch = 0;
  orders = 0;
  lastCounted = { order: 0, at: -Infinity };

  constructor(private readonly options: typeof limits) {}

  #go(state: Model["state"], now: number): void {
    this.state = state;
    this.epoch++;
    this.failed = this.succeeded = 0;
    this.openedAt = now;
  }

  begin(id: number, now: number): boolean {
    const { openFor, successes } = this.options;
    const isUp = now - this.openedAt >= openFor;
    const probes = this.underWay.filter(({ epoch }) => epoch === this.epoch).length;
    if (this.state === "open" && !isUp) return false;
    if (this.state === "half-open" && probes + this.succeeded >= successes && !isUp) return false;
    if (this.state === "open") this.#go("half-open", now);
    if (this.state === "half-open") this.openedAt = now;
    this.underWay.push({ id, epoch: this.epoch, order: ++this.orders });
    return true;
  }

  end(id: number, verdict: "good" | "bad" | "nothing", now: number): void {
    const { failures, successes } = this.options;
    const call = this.underWay.find((one) => one.id === id);
    this.underWay = this.underWay.filter((one) => one !== call);
    if (call?.epoch !== this.epoch || verdict === "nothing") return;
    if (this.state === "half-open") {
      if (verdict === "bad") this.#go("open", now);
      else if (++this.succeeded >= successes) this.#go("closed", now);
    } else if (verdict === "good") this.failed = 0;
    else if (call.order > this.lastCounted.order || now - this.lastCounted.at >= 1000) {
      this.lastCounted = { order: this.orders, at: now };
      if (++this.failed >= failures) this.#go("open", now);
    }
  }
}

describe("any history", () => {
  it("goes as the model says", async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant("begin" as const) }) },
      {
        weight: 5,
        arbitrary: fc.record({
          kind: fc.constant("end" as const),
          which: fc.nat(20),
          verdict: fc.constantFrom("good" as const, "bad" as const, "bad" as const, "bad" as const, "nothing" as const),
        }),
      },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant("pass" as const), time: fc.integer({ min: 1, max: 1500 }) }) },
    );
    const options = fc.record({
      failures: fc.integer({ min: 1, max: 4 }),
      openFor: fc.integer({ min: 1, max: 3000 }),
      successes: fc.integer({ min: 1, max: 3 }),
    });
    const ends = { good: undefined, bad: broken, nothing: null };
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(options, fc.array(step, { minLength: 20, maxLength: 120 }), async (limit, steps) => {
        const { breaker, clock } = made(limit);
        const model = new Model(limit);
        const underWay: { id: number; pass: number }[] = [];
        let id = 0;
        for (const now of steps) {
          if (now.kind === "pass") await clock.advance(now.time);
          else if (now.kind === "begin") {
            const pass = breaker.admit(undefined);
            expect(pass !== undefined).toBe(model.begin(++id, clock.now()));
            if (pass !== undefined) underWay.push({ id, pass });
          } else {
            const [one] = underWay.splice(now.which % (underWay.length || 1), 1);
            if (!one) continue;
            breaker.settle(one.pass, one.pass, ends[now.verdict]);
            model.end(one.id, now.verdict, clock.now());
          }
          expect(breaker.state).toBe(model.state);
          seen.add(breaker.state);
        }
      }),
      { numRuns: 300, seed: 20_260_101 },
    );
    expect([...seen].sort()).toEqual(["closed", "half-open", "open"]);
  });
});
