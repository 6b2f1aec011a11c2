/** The span of a program that loads many tables, of which each load's is a part; the SDK is loaded at its end. */
import type { TelemetryConfig } from '../config/config.ts'
import type { Ending } from '../load/batch.ts'
import { tellWithin } from './patience.ts'

export interface TelemetryBatch {
  /** What loads are to have in their environment. */
  readonly variables: Readonly<Record<string, string>>
  /** Tells how it ended, as a follower of a load does: why it could not, a sentence each. */
  end(ending: Ending): Promise<readonly string[]>
}

export function openTelemetryBatch(name: string, config: TelemetryConfig): TelemetryBatch {
  const began = Date.now()
  const traceId = config.parent?.traceId ?? hex(16)
  const spanId = hex(8)
  const flags = (config.parent?.traceFlags ?? 1).toString(16).padStart(2, '0')
  return {
    variables: { TRACEPARENT: `00-${traceId}-${spanId}-${flags}` },
    end: (ending) =>
      tellWithin(async () => {
        if (config.unusable !== undefined) return [config.unusable]
        if (!config.traces) return []
        const { exportBatch } = await import('./export.ts')
        return exportBatch({ name, traceId, spanId, began, ended: Date.now(), ...ending }, config)
      }),
  }
}

function hex(bytes: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('hex')
}
