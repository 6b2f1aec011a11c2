/** The metrics of a load. All are gauges: a process ends with its load, and has counted nothing before it. */
import type { Resource } from '@opentelemetry/resources'
import {
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics'
import packageFile from '../../package.json' with { type: 'json' }
import type { RecordedLoad } from './record.ts'

interface Measured {
  readonly name: string
  /** Written as in the Unified Code for Units of Measure. */
  readonly unit: string
  readonly description: string
  readonly value: number
  readonly phase?: string
}

/** Longer than any load takes: nothing is sent but what is collected here. */
const never = 2 ** 31 - 1

export async function metricsOf(
  load: RecordedLoad,
  { resource, exporter }: { readonly resource: Resource; readonly exporter: PushMetricExporter },
): Promise<ResourceMetrics> {
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: never,
    exportTimeoutMillis: never,
  })
  const meter = new MeterProvider({ resource, readers: [reader] }).getMeter(
    packageFile.name,
    packageFile.version,
  )
  const gauges = new Map<string, ReturnType<typeof meter.createGauge>>()
  for (const { name, unit, description, value, phase } of measured(load)) {
    const gauge = gauges.get(name) ?? meter.createGauge(name, { unit, description })
    gauges.set(name, gauge)
    gauge.record(value, {
      'dracula.table': load.table,
      ...(phase !== undefined && { 'dracula.phase': phase }),
    })
  }
  const { resourceMetrics } = await reader.collect()
  return resourceMetrics
}

function measured({ ending, began, ended, phases, retries }: RecordedLoad): Measured[] {
  const all = [
    gauge(
      'exit_code',
      '1',
      'How the last load ended: 0 where it succeeded',
      ending.kind === 'failed' ? ending.exit : 0,
    ),
    gauge('duration', 's', 'How long it took', (ended - began) / 1_000),
    gauge('retries', '{retry}', 'Connections, steps and calls of AWS that were tried again', retries),
    ...phases.map((each) => ({
      ...gauge('phase.duration', 's', 'How long each phase took', (each.ended - each.began) / 1_000),
      phase: each.phase,
    })),
  ]
  if (ending.kind === 'failed') return all
  const { rows, bytes, snapshot_at, xmin_held_s, estimated_usd } = ending.summary
  return [
    ...all,
    gauge('rows', '{row}', 'Rows in the files that it wrote', rows),
    gauge('bytes', 'By', 'Bytes of the files that it wrote', bytes),
    gauge('snapshot.timestamp', 's', 'The time of its snapshot, since 1970', Date.parse(snapshot_at) / 1_000),
    gauge('snapshot.held', 's', 'How long vacuum and migrations had to wait', xmin_held_s),
    gauge(
      'estimated_dollars',
      '{USD}',
      'What it cost by list price',
      estimated_usd.athena + estimated_usd.crawler,
    ),
  ]
}

function gauge(name: string, unit: string, description: string, value: number): Measured {
  return { name: `dracula.load.${name}`, unit, description, value }
}
