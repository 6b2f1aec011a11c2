/** Sends the trace and the metrics of a load by the SDK's exporters, which read headers, certificates and compression themselves. */
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { detectResources, envDetector, type Resource, resourceFromAttributes } from '@opentelemetry/resources'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import packageFile from '../../package.json' with { type: 'json' }
import type { TelemetryConfig } from '../config/config.ts'
import { metricsOf } from './metrics.ts'
import type { RecordedLoad } from './record.ts'
import { batchSpans, type RecordedBatch, spansOf } from './trace.ts'

/** Milliseconds for each request; what may be tried again is within them. */
const timeoutMillis = 2_000

/** What the SDK's exporters report; 0: it was taken. */
interface Exported {
  readonly code: number
  readonly error?: Error
}

/** @returns why it was not taken, a clause each, without secrets; none: it was */
export async function exportLoad(load: RecordedLoad, config: TelemetryConfig): Promise<readonly string[]> {
  const resource = resourceOf(config)
  const reasons = await Promise.all([
    config.traces ? exportTrace(spansOf(load, { resource, parent: config.parent })) : undefined,
    config.metrics ? exportMetrics(load, resource) : undefined,
  ])
  return reasons.flatMap((each) => each ?? [])
}

/** The same of a program that loads many tables: its loads have metrics, and it has none. */
export async function exportBatch(batch: RecordedBatch, config: TelemetryConfig): Promise<readonly string[]> {
  const reason = await exportTrace(batchSpans(batch, { resource: resourceOf(config), parent: config.parent }))
  return reason === undefined ? [] : [reason]
}

/** `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` go before what is known here. */
function resourceOf({ environment }: TelemetryConfig): Resource {
  return resourceFromAttributes({
    'service.name': 'dracula',
    'service.version': packageFile.version,
    ...(environment !== undefined && { 'deployment.environment.name': environment }),
  }).merge(detectResources({ detectors: [envDetector] }))
}

async function exportTrace(spans: ReadableSpan[]): Promise<string | undefined> {
  if (spans.length === 0) return undefined
  const exporter = new OTLPTraceExporter({ timeoutMillis })
  return sent((done) => exporter.export(spans, done), exporter)
}

async function exportMetrics(load: RecordedLoad, resource: Resource): Promise<string | undefined> {
  const exporter = new OTLPMetricExporter({ timeoutMillis })
  const metrics = await metricsOf(load, { resource, exporter })
  return sent((done) => exporter.export(metrics, done), exporter)
}

async function sent(
  start: (done: (result: Exported) => void) => void,
  exporter: { shutdown(): Promise<void> },
): Promise<string | undefined> {
  const { code, error } = await new Promise<Exported>(start)
  void exporter.shutdown().catch(() => {})
  return code === 0 ? undefined : reasonOf(error)
}

/** The messages of the SDK may have what a server answered in them; its codes have not. */
function reasonOf(error: Error | undefined): string {
  const code = error !== undefined && 'code' in error ? error.code : undefined
  if (typeof code === 'number') return `it answered HTTP ${code}`
  if (typeof code === 'string' && /^[A-Z_]+$/.test(code)) return `it cannot be reached (${code})`
  return `it did not answer within ${timeoutMillis / 1_000} s, or with nothing to go by`
}
