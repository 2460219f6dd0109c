/** Spans and metrics, as OpenTelemetry's own SDK has them. */
import { context, propagation, SpanKind, SpanStatusCode, type TextMapPropagator, trace } from "@opentelemetry/api";
import { StackContextManager } from "@opentelemetry/sdk-trace";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TransportError } from "../../../src/errors.js";
import { withLock } from "../../../src/locking/index.js";
import { kinds } from "../../../src/observability/kinds.js";
import { observe } from "../../../src/observability/observe.js";
import { openTelemetry } from "../../../src/observability/otel.js";
import { getProperties, putRange } from "../../../src/services/files.js";
import { upload } from "../../../src/streaming/index.js";
import type { OperationName } from "../../../src/types/requests.js";
import type { Telemetry } from "../../../src/types/telemetry.js";
import { turn, virtualClock } from "../virtual-clock.js";
import { coded, ending, refusal, wired } from "../wire-double.js";
import { type Collector, collector, type EndedSpan } from "./collector.js";

const path = "folder/a.bin";

let collected: Collector;
let telemetry: Telemetry;

/** Puts a span's context into a header in the W3C's form, and nothing else. */
const propagator: TextMapPropagator = {
  inject(given, carrier, setter) {
    const span = trace.getSpanContext(given);
    if (span) setter.set(carrier, "traceparent", `00-${span.traceId}-${span.spanId}-01`);
  },
  extract: (given) => given,
  fields: () => ["traceparent"],
};

beforeEach(() => {
  collected = collector();
  telemetry = observe(openTelemetry(collected));
  context.setGlobalContextManager(new StackContextManager().enable());
  propagation.setGlobalPropagator(propagator);
});

afterEach(async () => {
  context.disable();
  propagation.disable();
  await collected.close();
});

const named = (name: string): EndedSpan[] => collected.spans().filter((span) => span.name === name);

describe("the spans of a call", () => {
  it("are one for the call and one for each try, as the convention for HTTP says", async () => {
    const { wire, clock, connection } = wired({ telemetry });
    const end = putRange(connection, { path, offset: 0, body: "abc" });
    await wire.nextRequest();
    wire.respond(503, coded("ServerBusy"), refusal("ServerBusy"));
    await clock.advance(250);
    await wire.nextRequest();
    wire.respond(201, { "x-ms-request-id": "id-2" });
    await end;
    const [call] = named("azure_files.write");
    const server = { "server.address": "account.file.core.windows.net", "server.port": 443 };
    const asked = {
      "http.request.method": "PUT",
      "url.full": "https://account.file.core.windows.net/share/folder/a.bin?comp=range",
      ...server,
    };
    expect(call).toMatchObject({ kind: SpanKind.INTERNAL, parent: undefined, status: { code: SpanStatusCode.UNSET } });
    expect(call?.attributes).toEqual({
      "azure_files.operation": "Put Range",
      "azure_files.share": "share",
      "azure_files.path": path,
      ...server,
      "azure_files.outcome": "success",
      "azure_files.attempts": 2,
      "azure_files.bytes_sent": 3,
    });
    expect(call?.events).toMatchObject([{ name: "retry", attributes: { "azure_files.wait_ms": 250, "azure_files.attempt": 1 } }]);
    const [first, second] = named("PUT");
    expect([first?.parent, second?.parent, first?.kind, second?.kind]).toEqual([call?.id, call?.id, SpanKind.CLIENT, SpanKind.CLIENT]);
    expect(first?.attributes).toEqual({
      ...asked,
      "http.response.status_code": 503,
      "azure.service.request.id": "0000-f00d",
      "error.type": "503",
    });
    expect(first?.status).toMatchObject({ code: SpanStatusCode.ERROR });
    expect(second?.attributes).toEqual({
      ...asked,
      "http.request.resend_count": 1,
      "http.response.status_code": 201,
      "azure.service.request.id": "id-2",
    });
    expect(second?.status).toEqual({ code: SpanStatusCode.UNSET });
  });

  it("say what a failure was: the service's code, the reason, or the name of somebody else's error", async () => {
    for (const [fault, type, ofTry] of [
      [404, "ResourceNotFound", "404"],
      [new TransportError("network", "reset"), "network", "network"],
      [new RangeError("the caller's own words"), "RangeError", "RangeError"],
    ] as const) {
      const { wire, connection } = wired({ telemetry, retry: false });
      const end = ending(getProperties(connection, { path }));
      const request = await wire.nextRequest();
      if (typeof fault === "number") request.respond(fault, coded("ResourceNotFound"));
      else request.fail(fault);
      await end;
      const call = named("azure_files.get_properties").at(-1);
      expect(call?.attributes).toMatchObject({ "azure_files.outcome": "failure", "error.type": type });
      expect(call?.status.code).toBe(SpanStatusCode.ERROR);
      expect(call?.status.message).not.toContain("own words");
      expect(named("HEAD").at(-1)?.attributes["error.type"]).toBe(ofTry);
    }
  });

  it("take an abort for what it is, and not for an error", async () => {
    const { wire, connection } = wired({ telemetry });
    const controller = new AbortController();
    const end = ending(getProperties(connection, { path, signal: controller.signal }));
    await wire.nextRequest();
    controller.abort();
    await end;
    const [call] = named("azure_files.get_properties");
    expect(call?.attributes).toMatchObject({ "azure_files.outcome": "aborted" });
    expect(call?.attributes).not.toHaveProperty("error.type");
    expect(call?.status).toEqual({ code: SpanStatusCode.UNSET });
  });

  it("belong to the span that is active where the call is made", async () => {
    const { wire, connection } = wired({ telemetry });
    const outer = collected.tracerProvider.getTracer("program").startSpan("work");
    const end = context.with(trace.setSpan(context.active(), outer), () => getProperties(connection, { path }));
    await wire.nextRequest();
    wire.respond(200);
    await end;
    outer.end();
    expect(named("azure_files.get_properties")[0]?.parent).toBe(outer.spanContext().spanId);
  });

  it("belong to the span of their transfer", async () => {
    const { wire, connection } = wired({ telemetry });
    const end = upload(connection, { path, body: new Uint8Array(1000).fill(7), rangeSize: 512, concurrency: 1 });
    for (let request = 0; request < 4; request++) {
      await wire.nextRequest();
      wire.respond(request === 3 ? 200 : 201);
    }
    await end;
    const [transfer] = named("azure_files.upload");
    expect(transfer?.attributes).toEqual({
      "azure_files.share": "share",
      "azure_files.path": path,
      "azure_files.outcome": "success",
      "azure_files.transferred": 1000,
    });
    const calls = collected.spans().filter(({ name }) => /create|write|metadata/.test(name));
    expect(calls.map(({ parent }) => parent)).toEqual([...Array(4)].map(() => transfer?.id));
  });

  it("bear the name of the operation's kind", () => {
    const names = Object.keys(kinds) as OperationName[];
    const emit = telemetry.on(virtualClock());
    for (const operation of names) {
      const watch = emit.call(
        { operation, method: "GET", target: {}, success: [], idempotent: true },
        { method: "GET", url: "http://127.0.0.1:10004/account", body: undefined },
      );
      void watch.over(() => Promise.reject(new TransportError("network", "reset"))).catch(() => undefined);
    }
    return turn().then(() => {
      const found = collected.spans().map(({ name, attributes }) => [attributes["azure_files.operation"], name]);
      expect(found).toEqual(names.map((operation) => [operation, `azure_files.${kinds[operation]}`]));
      expect(collected.spans()[0]?.attributes).toMatchObject({ "server.address": "127.0.0.1", "server.port": 10004 });
    });
  });
});

describe("propagation", () => {
  const sentWith = async (propagate?: boolean): Promise<Readonly<Record<string, string>>> => {
    const { wire, connection } = wired({ telemetry: observe(openTelemetry({ ...collected, propagate })) });
    const end = getProperties(connection, { path });
    const { headers } = await wire.nextRequest();
    wire.respond(200);
    await end;
    return headers;
  };

  it("is on where the program alone decides about headers, and names the try's span", async () => {
    const { traceparent } = await sentWith();
    expect(traceparent?.split("-")[2]).toBe(named("HEAD")[0]?.id);
  });

  it("is off when told so", async () => {
    expect(await sentWith(false)).not.toHaveProperty("traceparent");
  });
});

describe("metrics", () => {
  it("count calls, bytes, tries and time", async () => {
    const { wire, clock, connection } = wired({ telemetry });
    const end = putRange(connection, { path, offset: 0, body: "abc" });
    await wire.nextRequest();
    wire.respond(500);
    await clock.advance(250);
    await wire.nextRequest();
    wire.respond(201);
    await end;
    const missing = ending(getProperties(connection, { path }));
    await wire.nextRequest();
    wire.respond(404, coded("ResourceNotFound"));
    await missing;
    const figures = await collected.figures();
    const of = (name: string): unknown[] =>
      figures.filter((figure) => figure.name === name).map(({ attributes, value }) => Object.assign({}, attributes, { value }));
    const host = { "server.address": "account.file.core.windows.net" };
    const write = { "azure_files.operation": "Put Range", "azure_files.kind": "write", ...host };
    const look = { "azure_files.operation": "Get File Properties", "azure_files.kind": "get_properties", ...host };
    expect(of("azure_files.ops_total")).toEqual([
      { ...write, "azure_files.outcome": "success", value: 1 },
      { ...look, "azure_files.outcome": "failure", "error.type": "ResourceNotFound", value: 1 },
    ]);
    expect(of("azure_files.latency_secs")).toMatchObject([{ value: 0.25 }, { value: 0 }]);
    expect(of("azure_files.bytes_total")).toEqual([{ ...write, "azure_files.direction": "sent", value: 3 }]);
    expect(of("azure_files.retries_total")).toEqual([{ "azure_files.operation": "Put Range", ...host, value: 1 }]);
  });

  it("show the circuit breaker's state", async () => {
    const emit = telemetry.on(virtualClock());
    const endpoint = "https://account.file.core.windows.net";
    const states: number[] = [];
    for (const to of ["open", "half-open", "closed"] as const) {
      emit({ type: "breaker", endpoint, from: "closed", to });
      const figure = (await collected.figures()).find(({ name }) => name === "azure_files.circuit_state");
      expect(figure?.attributes).toEqual({ "server.address": "account.file.core.windows.net" });
      states.push(figure?.value ?? -1);
    }
    expect(states).toEqual([2, 1, 0]);
  });
});

describe("a lock", () => {
  it("is a span from its beginning to its end, and counted", async () => {
    const { wire, clock, connection } = wired({ telemetry });
    const work = ending(
      withLock(connection, {}, ({ signal }) => new Promise((_, fail) => signal.addEventListener("abort", fail)), { duration: 15 }),
    );
    await wire.nextRequest();
    wire.respond(201);
    await clock.advance(5000);
    await wire.nextRequest();
    wire.respond(200);
    await clock.advance(5000);
    await wire.nextRequest();
    wire.respond(409, coded("LeaseIdMismatchWithLeaseOperation"), refusal("LeaseIdMismatchWithLeaseOperation"));
    await work;
    const [lock] = named("azure_files.lock");
    expect(lock?.attributes).toEqual({
      "azure_files.share": "share",
      "azure_files.path": "",
      "azure_files.waited_ms": 0,
      "error.type": "lost",
    });
    expect(lock?.events.map(({ name }) => name)).toEqual(["renewed"]);
    const counted = (await collected.figures()).filter(({ name }) => name === "azure_files.locks_total");
    expect(counted.map(({ attributes, value }) => [attributes["azure_files.lock_event"], value])).toEqual([
      ["acquired", 1],
      ["renewed", 1],
      ["lost", 1],
    ]);
  });
});

describe("a program without an SDK", () => {
  it("makes its calls all the same", async () => {
    const { wire, connection } = wired({ telemetry: observe(openTelemetry()) });
    const end = getProperties(connection, { path });
    await wire.nextRequest();
    wire.respond(200, { "content-length": "3" });
    expect(await end).toMatchObject({ size: 3 });
  });
});
