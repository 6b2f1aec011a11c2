/** Whether OpenTelemetry is told of loads, and what else its SDK does not read by itself (specification, "SDK Configuration"). */
import { whyNoHttpUrl } from './http-url.ts'
import { parseEnvironmentName } from './notify.ts'
import { type Environment, setting } from './setting.ts'
import type { SettingName } from './settings.ts'

export interface TelemetryConfig {
  readonly traces: boolean
  readonly metrics: boolean
  /** Why nothing can be sent, a clause: it is told, and stops nothing, as other programs have the same variables. */
  readonly unusable: string | undefined
  /** The span that the load is part of; undefined: it is the root of a trace of its own. */
  readonly parent: ParentSpan | undefined
  /** What people call this installation. */
  readonly environment: string | undefined
}

export interface ParentSpan {
  /** 32 hex digits. */
  readonly traceId: string
  /** 16 hex digits. */
  readonly spanId: string
  /** Bits; 1: it is sampled. */
  readonly traceFlags: number
}

type Signal = 'TRACES' | 'METRICS'

/** @returns undefined: nobody is told */
export function parseTelemetry(env: Environment): TelemetryConfig | undefined {
  if (setting(env, 'OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return undefined
  const traces = isWanted(env, 'TRACES')
  const metrics = isWanted(env, 'METRICS')
  if (!traces && !metrics) return undefined
  const signals: Signal[] = [...(traces ? ['TRACES' as const] : []), ...(metrics ? ['METRICS' as const] : [])]
  return {
    ...{ traces, metrics },
    unusable: signals.map((signal) => whyUnusable(env, signal)).find((each) => each !== undefined),
    parent: parentIn(setting(env, 'TRACEPARENT')),
    environment: parseEnvironmentName(env),
  }
}

function isWanted(env: Environment, signal: Signal): boolean {
  return endpointOf(env, signal) !== undefined && setting(env, `OTEL_${signal}_EXPORTER`) !== 'none'
}

function endpointOf(
  env: Environment,
  signal: Signal,
): { readonly name: SettingName; readonly url: string } | undefined {
  const names = [`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`, 'OTEL_EXPORTER_OTLP_ENDPOINT'] as const
  for (const name of names) {
    const url = setting(env, name)
    if (url !== undefined) return { name, url }
  }
  return undefined
}

/** The SDK itself would take another place than one that is none. */
function whyUnusable(env: Environment, signal: Signal): string | undefined {
  const protocol =
    setting(env, `OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`) ??
    setting(env, 'OTEL_EXPORTER_OTLP_PROTOCOL') ??
    'http/json'
  if (!protocol.startsWith('http/'))
    return 'it is sent by HTTP alone: set OTEL_EXPORTER_OTLP_PROTOCOL to http/json, and the endpoint to the port for HTTP, which is 4318 unless told otherwise'
  const endpoint = endpointOf(env, signal)
  const wrong = endpoint && whyNoHttpUrl(endpoint.url.trim())
  return wrong && `${endpoint.name} ${wrong}: write http://host:4318`
}

/** W3C Trace Context, "traceparent Header": `00-<trace>-<span>-<flags>`. */
function parentIn(text: string | undefined): ParentSpan | undefined {
  const [, traceId, spanId, flags] =
    /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(text ?? '') ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) }
}
