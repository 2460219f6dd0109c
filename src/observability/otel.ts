/**
 * Spans and metrics through OpenTelemetry's API, the entry point `azure-files/otel`. `docs/telemetry.md` lists their names and attributes.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/http/http-spans/
 * @module
 */
import {
  type Attributes,
  type Context,
  context,
  type MeterProvider,
  metrics,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type TracerProvider,
} from "@opentelemetry/api";
import { isAzureFilesError } from "../errors.js";
import { redactText, redactUrl } from "../redact.js";
import { filtersHeaders } from "../platform.js";
import type { LockedResource } from "../types/connection.js";
import type { CallFacts, Ending, Outcome, TelemetryEvent, TelemetryListener, TransferFacts } from "../types/telemetry.js";
import { kinds } from "./kinds.js";

/** Where spans and metrics go. */
export interface OpenTelemetryOptions {
  /** Makes the tracer. @default the one that is registered globally */
  tracerProvider?: TracerProvider | undefined;
  /** Makes the meter. @default the one that is registered globally */
  meterProvider?: MeterProvider | undefined;
  /**
   * Whether each try carries its span's context, as `traceparent`. In a page the account's CORS rule has to allow that header, or the
   * browser refuses every request.
   *
   * @default false in a page, true elsewhere
   */
  propagate?: boolean | undefined;
}

/** A span that is open, and the context for what happens within it. */
interface Open {
  readonly span: Span;
  readonly within: Context;
  /** The span of the try that is under way. */
  attempt?: Span;
}

/**
 * Makes a listener that tells OpenTelemetry: a span for each call, with one for each try below it and one for its transfer above it, and
 * metrics of calls, bytes, tries, locks and the circuit breaker.
 *
 * @example
 * connect({ endpoint, credential, telemetry: observe(openTelemetry()) });
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): TelemetryListener {
  const tracer = (options.tracerProvider ?? trace).getTracer("azure-files");
  const meter = (options.meterProvider ?? metrics).getMeter("azure-files");
  const calls = meter.createCounter("azure_files.ops_total", { description: "Calls that ended", unit: "{call}" });
  const latency = meter.createHistogram("azure_files.latency_secs", {
    description: "How long calls took, with all their tries and waits",
    unit: "s",
    advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30] },
  });
  const bytes = meter.createCounter("azure_files.bytes_total", { description: "Bytes in the bodies of calls that succeeded", unit: "By" });
  const retries = meter.createCounter("azure_files.retries_total", { description: "Tries after a failure", unit: "{try}" });
  const locks = meter.createCounter("azure_files.locks_total", { description: "What happened to locks", unit: "{event}" });
  const circuit = meter.createGauge("azure_files.circuit_state", { description: "0 closed, 1 half-open, 2 open" });

  const open = new WeakMap<CallFacts | TransferFacts | LockedResource, Open>();
  const start = (
    key: CallFacts | TransferFacts | LockedResource,
    name: string,
    attributes: Attributes,
    parent = context.active(),
  ): void => {
    const span = tracer.startSpan(`azure_files.${name}`, { attributes }, parent);
    open.set(key, { span, within: trace.setSpan(parent, span) });
  };
  const end = (key: CallFacts | TransferFacts | LockedResource, attributes: Attributes, failure?: Failure): void => {
    const { span } = open.get(key) ?? {};
    if (span) finish(span, attributes, failure);
    open.delete(key);
  };

  return (event) => {
    switch (event.type) {
      case "call-started": {
        const { call } = event;
        const attributes = { "azure_files.operation": call.operation, ...placeOf(call), ...serverOf(call.url) };
        return start(call, kinds[call.operation], attributes, call.transfer && open.get(call.transfer)?.within);
      }
      case "attempt-started": {
        const { call, attempt } = event;
        const parent = open.get(call);
        if (!parent) return;
        const attributes: Attributes = {
          "http.request.method": call.method,
          "url.full": redactUrl(call.url),
          ...serverOf(call.url),
          ...(attempt > 1 ? { "http.request.resend_count": attempt - 1 } : {}),
        };
        parent.attempt = tracer.startSpan(call.method, { kind: SpanKind.CLIENT, attributes }, parent.within);
        if (options.propagate ?? !filtersHeaders()) {
          propagation.inject(trace.setSpan(parent.within, parent.attempt), event.addHeader, {
            set: (add, name, value) => add(name, value),
          });
        }
        return;
      }
      case "attempt-ended": {
        const span = open.get(event.call)?.attempt;
        const { status, requestId } = event;
        const attributes = { "http.response.status_code": status, "azure.service.request.id": requestId };
        // The convention wants the status where there is one that is an error.
        const type = status !== undefined && status >= 400 ? String(status) : errorType(event);
        return span && finish(span, attributes, failureOf(event, type));
      }
      case "retry": {
        const { call, wait, attempt } = event;
        open.get(call)?.span.addEvent("retry", { "azure_files.wait_ms": wait, "azure_files.attempt": attempt });
        return retries.add(1, { "azure_files.operation": call.operation, ...hostOf(call.url) });
      }
      case "call-ended": {
        const { call, outcome, attempts, sent, received, duration } = event;
        const type = errorType(event);
        const common = { "azure_files.operation": call.operation, "azure_files.kind": kinds[call.operation], ...hostOf(call.url) };
        const measured = { ...common, "azure_files.outcome": outcome, ...(outcome === "failure" ? { "error.type": type } : {}) };
        calls.add(1, measured);
        latency.record(duration / 1000, measured);
        if (outcome === "success") {
          if (sent > 0) bytes.add(sent, { ...common, "azure_files.direction": "sent" });
          if (received) bytes.add(received, { ...common, "azure_files.direction": "received" });
        }
        const attributes = {
          "azure_files.outcome": outcome,
          "azure_files.attempts": attempts,
          "azure_files.bytes_sent": sent,
          "azure_files.bytes_received": received,
        };
        return end(call, attributes, failureOf(event, type));
      }
      case "transfer-started":
        return start(event.transfer, event.transfer.kind, placeOf(event.transfer));
      case "transfer-ended": {
        const { transfer, outcome, transferred } = event;
        return end(
          transfer,
          { "azure_files.outcome": outcome, "azure_files.transferred": transferred },
          failureOf(event, nameOf(event.error)),
        );
      }
      case "breaker":
        return circuit.record({ closed: 0, "half-open": 1, open: 2 }[event.to], hostOf(event.endpoint));
      case "transfer-progress":
        return;
      case "lock-acquired":
      case "lock-renewed":
      case "lock-lost":
      case "lock-released":
        return lockEvent(event);
    }
  };

  function lockEvent(event: TelemetryEvent & { readonly lock: LockedResource }): void {
    const { lock, type } = event;
    locks.add(1, { "azure_files.lock_event": type.slice(5) });
    if (type === "lock-acquired") return start(lock, "lock", { ...placeOf(lock), "azure_files.waited_ms": event.waited });
    if (type === "lock-renewed") return void open.get(lock)?.span.addEvent("renewed");
    end(lock, {}, type === "lock-lost" ? { type: "lost", message: messageOf(event.error) } : undefined);
  }
}

/** What a span says of a failure. */
interface Failure {
  readonly type: string;
  readonly message: string;
}

function finish(span: Span, attributes: Attributes, failure: Failure | undefined): void {
  span.setAttributes(attributes);
  if (failure) span.setAttribute("error.type", failure.type).setStatus({ code: SpanStatusCode.ERROR, message: failure.message });
  span.end();
}

/** Of an abort, which was the caller's wish, nothing is said but the outcome. */
const failureOf = ({ outcome, error }: { outcome: Outcome; error: unknown }, type: string): Failure | undefined =>
  outcome === "failure" ? { type, message: messageOf(error) } : undefined;

const nameOf = (error: unknown): string => {
  const { code, reason, name } = Object(error) as { code?: unknown; reason?: unknown; name?: unknown };
  return isAzureFilesError(error) ? String(code ?? reason ?? name) : String(name ?? typeof error);
};

/** A word of few for what went wrong. */
const errorType = ({ code, error }: Ending): string => code ?? nameOf(error);

/** Other people's messages may say anything, so their names have to do. */
const messageOf = (error: unknown): string => (isAzureFilesError(error) ? redactText(error.message) : nameOf(error));

const placeOf = ({ share, path }: { readonly share: string | undefined; readonly path: string | undefined }): Attributes => ({
  "azure_files.share": share,
  "azure_files.path": path === undefined ? undefined : redactText(path),
});

const hostOf = (url: string): Attributes => ({ "server.address": new URL(url).hostname });

function serverOf(url: string): Attributes {
  const { hostname, port, protocol } = new URL(url);
  return { "server.address": hostname, "server.port": port === "" ? (protocol === "https:" ? 443 : 80) : Number(port) };
}
