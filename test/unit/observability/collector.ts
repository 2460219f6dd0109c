/** OpenTelemetry's own SDK, with everything kept in memory. */
import { type Attributes, type HrTime, type SpanKind, type SpanStatus } from "@opentelemetry/api";
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";

/** A span that ended. */
export interface EndedSpan {
  readonly name: string;
  readonly kind: SpanKind;
  readonly id: string;
  readonly parent: string | undefined;
  readonly attributes: Attributes;
  readonly status: SpanStatus;
  readonly events: readonly { readonly name: string; readonly attributes?: Attributes | undefined }[];
  readonly duration: HrTime;
}

/** A figure with its attributes. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly attributes: Attributes;
  /** Of a histogram: its sum. */
  readonly value: number;
}

/** Where spans and metrics go. */
export interface Collector {
  readonly tracerProvider: TracerProvider;
  readonly meterProvider: MeterProvider;
  spans(): EndedSpan[];
  figures(): Promise<Figure[]>;
  /** Everything, for a search through it. */
  everything(): Promise<unknown[]>;
  close(): Promise<void>;
}

/** Makes one. */
export function collector(): Collector {
  const exporter = new InMemorySpanExporter();
  const tracerProvider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  // Asked for and never by time.
  const reader = new PeriodicExportingMetricReader({ exporter: metricExporter, exportIntervalMillis: 2 ** 30, exportTimeoutMillis: 1000 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  const metrics = async () => {
    metricExporter.reset();
    await meterProvider.forceFlush();
    return metricExporter.getMetrics();
  };
  return {
    tracerProvider,
    meterProvider,
    spans: () =>
      exporter.getFinishedSpans().map((span) => ({
        name: span.name,
        kind: span.kind,
        id: span.spanContext().spanId,
        parent: span.parentSpanContext?.spanId,
        attributes: span.attributes,
        status: span.status,
        events: span.events,
        duration: span.duration,
      })),
    async figures() {
      return (await metrics()).flatMap(({ scopeMetrics }) =>
        scopeMetrics.flatMap((scope) =>
          scope.metrics.flatMap(({ descriptor, dataPoints }) =>
            dataPoints.map(({ attributes, value }) => ({
              name: descriptor.name,
              unit: descriptor.unit,
              description: descriptor.description,
              attributes,
              value: typeof value === "number" ? value : (value.sum ?? 0),
            })),
          ),
        ),
      );
    },
    everything: async () => [exporter.getFinishedSpans(), await metrics()],
    async close() {
      await tracerProvider.shutdown();
      await meterProvider.shutdown();
    },
  };
}
