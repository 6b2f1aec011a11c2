/**
 * Tells OpenTelemetry of a load once it has ended: one trace and its metrics, by the SDK, which is loaded only then. Used only
 * where an endpoint is set.
 *
 * I want to…                         → file
 * change what is remembered          → record.ts
 * change spans and their attributes  → trace.ts
 * change metrics                     → metrics.ts
 * change how it is sent              → export.ts, patience.ts
 * know what tells of many loads      → batch.ts
 */
import type { TelemetryConfig } from '../config/config.ts'
import type { Ending, Follower } from '../load/follower.ts'
import { tellWithin } from './patience.ts'
import type { RecordedPhase, Remark } from './record.ts'

export interface FollowedTable {
  readonly table: string
  readonly scrub: (text: string) => string
}

/** A span has no more; many calls may be tried again where AWS is busy. */
const mostRemarks = 100

export function openTelemetry({ table, scrub }: FollowedTable, config: TelemetryConfig): Follower {
  const began = Date.now()
  const phases: RecordedPhase[] = []
  const remarks: Remark[] = []
  let open: Pick<RecordedPhase, 'phase' | 'began'> | undefined
  let known: { load?: string; source?: string; target?: string } = {}
  let [rows, bytes, retries] = [0, 0, 0]

  function endPhase(failed: boolean): void {
    if (open !== undefined) phases.push({ ...open, ended: Date.now(), failed })
    open = undefined
  }

  function remark(kind: Remark['kind'], message: string): void {
    if (remarks.length < mostRemarks) remarks.push({ kind, at: Date.now(), message: scrub(message) })
  }

  async function send(ending: Ending): Promise<readonly string[]> {
    if (config.unusable !== undefined) return [config.unusable]
    const { exportLoad } = await import('./export.ts')
    const { load, source, target } = known
    const ended = Date.now()
    return exportLoad(
      { table, began, ended, ending, phases, remarks, load, source, target, rows, bytes, retries },
      config,
    )
  }

  return {
    observe(event) {
      switch (event.kind) {
        case 'route':
          known = { ...known, source: scrub(event.source), target: scrub(event.target) }
          break
        case 'start':
          known = { ...known, load: event.load }
          break
        case 'phase':
          endPhase(false)
          open = { phase: event.phase, began: Date.now() }
          break
        case 'done':
          endPhase(event.failed)
          break
        case 'progress':
          ;[rows, bytes] = [event.rows, event.bytesWritten]
          break
        case 'retry':
          retries++
          remark(event.kind, event.message)
          break
        case 'warning':
          remark(event.kind, event.message)
      }
    },
    async end(ending) {
      endPhase(ending.kind === 'failed')
      return tellWithin(() => send(ending))
    },
  }
}
