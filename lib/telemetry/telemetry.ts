/**
 * Tells OpenTelemetry of a load once it has ended: one trace and its metrics, by the SDK, which is loaded only then. Used only
 * where an endpoint is set.
 *
 * I want to…                         → file
 * change what is remembered          → record.ts
 * change spans and their attributes  → trace.ts
 * change metrics                     → metrics.ts
 * change how it is sent              → export.ts
 */
import packageFile from '../../package.json' with { type: 'json' }
import type { TelemetryConfig } from '../config/config.ts'
import type { Ending, Follower } from '../load/follower.ts'
import type { RecordedPhase, Remark } from './record.ts'

export interface FollowedTable {
  readonly table: string
  readonly scrub: (text: string) => string
}

/** A span has no more; many calls may be tried again where AWS is busy. */
const mostRemarks = 100

/** Milliseconds, the SDK's own loading among them: how a load ends is settled, and whoever waits for it wants to know. */
const patienceMs = 3_000

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
      const late = Bun.sleep(patienceMs).then(() => [`it did not answer within ${patienceMs / 1_000} s`])
      const reasons = await Promise.race([send(ending).catch((error: unknown) => [reasonOf(error)]), late])
      return [...new Set(reasons)].map((reason) => `OpenTelemetry was not told: ${reason}.`)
    },
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof ResolveMessage)) return 'its SDK failed'
  const packages = Object.entries(packageFile.peerDependencies).filter(([name]) =>
    name.startsWith('@opentelemetry/'),
  )
  const list = packages.map(([name, version]) => `${name}@${version}`).join(' ')
  return `its SDK is not installed here; add it with: bun add --exact ${list}`
}
