/** The trace of a load: one span for all of it, and in it one for each phase. */
import { type Attributes, type Context, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Resource } from '@opentelemetry/resources'
import { type IdGenerator, type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace'
import packageFile from '../../package.json' with { type: 'json' }
import type { ParentSpan } from '../config/config.ts'
import type { RecordedLoad } from './record.ts'

/** @param parent what the load is part of; undefined: nothing @returns none where the parent is not sampled */
export function spansOf(
  load: RecordedLoad,
  { resource, parent }: { readonly resource: Resource; readonly parent: ParentSpan | undefined },
): ReadableSpan[] {
  const { tracer, ended } = openTracer(resource)
  const above = contextOf(parent)
  const attributes = attributesOf(load)
  const whole = tracer.startSpan(`load ${load.table}`, { startTime: new Date(load.began), attributes }, above)
  const within = trace.setSpan(above, whole)
  const failure = load.ending.kind === 'failed' ? load.ending.message : undefined
  const error = { code: SpanStatusCode.ERROR, ...(failure !== undefined && { message: failure }) }
  for (const { phase, began, ended, failed } of load.phases) {
    const figures = phase === 'read' ? { 'dracula.rows': load.rows, 'dracula.bytes': load.bytes } : {}
    const span = tracer.startSpan(
      phase,
      { startTime: new Date(began), attributes: { 'dracula.table': load.table, ...figures } },
      within,
    )
    if (failed) span.setStatus(error)
    span.end(new Date(ended))
  }
  for (const { kind, at, message } of load.remarks) whole.addEvent(kind, { message }, new Date(at))
  if (failure !== undefined) whole.setStatus(error)
  whole.end(new Date(load.ended))
  return ended
}

export interface RecordedBatch {
  readonly name: string
  /** What its loads were told to be part of. */
  readonly traceId: string
  readonly spanId: string
  readonly began: number
  readonly ended: number
  readonly exit: number
  readonly message: string | undefined
}

/** The span of a program whose loads have sent their own. */
export function batchSpans(
  { name, traceId, spanId, began, ended: over, exit, message }: RecordedBatch,
  { resource, parent }: { readonly resource: Resource; readonly parent: ParentSpan | undefined },
): ReadableSpan[] {
  const ids = { generateTraceId: () => traceId, generateSpanId: () => spanId }
  const { tracer, ended } = openTracer(resource, ids)
  const attributes = { 'dracula.exit_code': exit }
  const span = tracer.startSpan(name, { startTime: new Date(began), attributes }, contextOf(parent))
  if (message !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message })
  span.end(new Date(over))
  return ended
}

/** Its spans are gathered as they end. */
function openTracer(resource: Resource, idGenerator?: IdGenerator) {
  const ended: ReadableSpan[] = []
  const gather = {
    onStart() {},
    onEnd: (span: ReadableSpan) => void ended.push(span),
    forceFlush: async () => {},
    shutdown: async () => {},
  }
  const given = idGenerator === undefined ? {} : { idGenerator }
  const provider = new TracerProvider({ resource, spanProcessors: [gather], ...given })
  return { tracer: provider.getTracer(packageFile.name, packageFile.version), ended }
}

function contextOf(parent: ParentSpan | undefined): Context {
  return parent === undefined
    ? ROOT_CONTEXT
    : trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true })
}

function attributesOf({
  table,
  load,
  source,
  target,
  ending,
  rows,
  bytes,
  retries,
}: RecordedLoad): Attributes {
  const known = { 'dracula.table': table, 'dracula.retries': retries }
  const named = Object.entries({ load, source, target }).flatMap(([name, value]) =>
    value === undefined ? [] : [[`dracula.${name}`, value]],
  )
  const all = { ...known, ...Object.fromEntries(named) }
  if (ending.kind === 'failed') {
    const { exit } = ending
    const came = { 'dracula.rows': rows, 'dracula.bytes': bytes }
    return { ...all, ...came, 'dracula.exit_code': exit, 'error.type': `exit ${exit}` }
  }
  const { summary } = ending
  return {
    ...all,
    'dracula.exit_code': 0,
    'dracula.load': summary.load,
    'dracula.snapshot_at': summary.snapshot_at,
    'dracula.rows': summary.rows,
    'dracula.rows_read': summary.rows_read,
    'dracula.bytes': summary.bytes,
    'dracula.connections': summary.slicing.connections,
    'dracula.snapshot_held_seconds': summary.xmin_held_s,
    'dracula.estimated_dollars': summary.estimated_usd.athena + summary.estimated_usd.crawler,
  }
}
