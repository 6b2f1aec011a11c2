/** A load as it happens, told on stderr: a bar and phases at a terminal, else JSON lines. */

import type { SingleBar } from 'cli-progress'
import packageFile from '../../package.json' with { type: 'json' }
import { environmentName } from '../config/config.ts'
import type { LoadEvent, Phase, Route } from '../load/events.ts'
import { formatDuration } from './duration.ts'
import type { Log, LogFields } from './log.ts'
import type { Standing } from './parent.ts'
import { formatSize } from './size.ts'

export const phaseWords: Readonly<Record<Phase, string>> = {
  open: 'opening a snapshot of Postgres',
  partitions: 'counting the rows of partitions',
  lookups: 'reading lookups',
  read: 'reading rows',
  count: 'counting what was written',
  fingerprint: 'summing up columns in Postgres',
  crawl: 'describing the new files to the catalog',
  audit: 'counting the rows that a query sees',
  expectations: 'looking for what is expected of rows',
  publish: 'publishing',
  retain: 'removing loads nobody needs any more',
}

/** JSON lines while rows flow or something is waited for: enough to see that it lives. */
const lineEveryMs = 10_000

export interface Progress {
  observe(event: LoadEvent): void
  /** Ends what is being drawn; `done`: the last phase too came to its end. */
  close(done: boolean): void
  /** What was learned so far, for the summary of a load that fails. */
  readonly load: string | undefined
  readonly snapshotAt: string | undefined
  readonly phase: Phase | undefined
  readonly warnings: readonly string[]
  readonly retries: number
  /** Undefined: it has not begun, or has come to its end. */
  readonly standing: Standing | undefined
  /** What the next line would say beside its message. */
  readonly fields: LogFields
}

export async function openProgress(log: Log, scrub: (text: string) => string): Promise<Progress> {
  // Elsewhere nothing is drawn, and most loads are not at a terminal.
  const bars = log.draws ? await import('cli-progress') : undefined
  const warnings: string[] = []
  let load: string | undefined
  let snapshotAt: string | undefined
  let phase: Phase | undefined
  let phaseStarted = 0
  let estimatedRows: number | undefined
  let rows = 0
  let bytesRead = 0
  let bytesWritten = 0
  let lastLine = 0
  let retries = 0
  let lastRetry = Number.NEGATIVE_INFINITY
  let bar: SingleBar | undefined
  let closed = false

  const fields = (): LogFields => ({
    load,
    phase,
    ...(rows > 0 && { rows, bytes: bytesWritten }),
    ...(retries > 0 && { retries }),
  })
  const elapsed = () => performance.now() - phaseStarted

  function drawing(): string {
    const known =
      estimatedRows === undefined || estimatedRows <= 0 ? undefined : Math.max(estimatedRows, rows)
    const of = known === undefined ? '' : ` of ~${known.toLocaleString('en')}`
    const perSecond = Math.round((rows / Math.max(elapsed(), 1)) * 1_000).toLocaleString('en')
    const share = known === undefined ? '' : `${meter(rows / known)}  `
    return `… ${share}${rows.toLocaleString('en')}${of} rows · ${perSecond} rows/s · ${formatSize(bytesRead)}`
  }

  function stopBar(): void {
    bar?.stop()
    bar = undefined
  }

  /** A bar remembers the line it was begun on, so it must not stand while another line is written. */
  function warn(message: string): void {
    const drawn = bar !== undefined
    stopBar()
    log.warn(message, fields())
    if (drawn) startBar()
  }

  function endPhase(done: boolean): void {
    stopBar()
    if (phase === undefined || !log.terminal) return
    const sizes = `${formatSize(bytesRead)} read, ${formatSize(bytesWritten)} written`
    const detail = phase === 'read' ? `: ${rows.toLocaleString('en')}, ${sizes}` : ''
    log.info(`${done ? '✓' : '✗'} ${phaseWords[phase]}${detail} · ${formatDuration(elapsed())}`)
  }

  function beginPhase(next: Phase): void {
    endPhase(true)
    phase = next
    phaseStarted = performance.now()
    lastLine = phaseStarted
    if (log.terminal && phase === 'read') startBar()
    else if (log.terminal) log.transient(`… ${phaseWords[phase]}`)
    else log.info(phaseWords[phase], fields())
  }

  function startBar(): void {
    if (bars === undefined) return
    bar = new bars.SingleBar({
      format: drawing,
      stream: process.stderr,
      clearOnComplete: true,
      forceRedraw: true,
      // Trimmed lines; `false` would change a setting of the terminal that a killed process cannot put back.
      linewrap: true,
      gracefulExit: false,
    })
    bar.start(1, 0)
  }

  /** At most one in {@link lineEveryMs}. */
  function line(message: string): void {
    if (performance.now() - lastLine < lineEveryMs) return
    lastLine = performance.now()
    log.info(message, fields())
  }

  /** At most one in {@link lineEveryMs}: where AWS is busy, many calls are tried again. */
  function tellRetry(message: string): void {
    retries++
    if (log.terminal && bar === undefined) log.transient(`… ${message}`)
    if (log.terminal || performance.now() - lastRetry < lineEveryMs) return
    lastRetry = performance.now()
    log.info(message, fields())
  }

  return {
    observe(event) {
      switch (event.kind) {
        case 'route':
          log.info(routeLine(event), {
            ...{ source: event.source, target: event.target },
            version: packageFile.version,
          })
          break
        case 'phase':
          beginPhase(event.phase)
          break
        case 'start':
          ;({ load, snapshotAt, estimatedRows } = event)
          log.info(`load ${load} of the snapshot at ${snapshotAt}`, { load })
          break
        case 'progress':
          ;({ rows, bytesRead, bytesWritten } = event)
          if (log.terminal) bar?.update(0)
          else line(phaseWords.read)
          break
        case 'lookup':
          log.info(
            `${log.terminal ? '  ' : ''}lookup ${event.name}: ${event.rows.toLocaleString('en')} rows, ${formatSize(event.bytes)} of memory`,
            { load, phase, rows: event.rows, bytes: event.bytes },
          )
          break
        case 'warning':
          warnings.push(scrub(event.message))
          warn(event.message)
          break
        case 'retry':
          tellRetry(event.message)
          break
        case 'wait':
          if (log.terminal) log.transient(`… ${event.message} · ${formatDuration(elapsed())}`)
          else line(event.message)
      }
    },
    close(done) {
      endPhase(done)
      closed = true
    },
    get load() {
      return load
    },
    get snapshotAt() {
      return snapshotAt
    },
    get phase() {
      return phase
    },
    warnings,
    get retries() {
      return retries
    },
    get standing() {
      if (phase === undefined || closed) return undefined
      return { phase, seconds: Math.round(elapsed()) / 1_000, rows, estimatedRows }
    },
    get fields() {
      return fields()
    },
  }
}

/** From where to where, and in what environment, as far as it has a name. */
export function routeLine({ source, target }: Route): string {
  const environment = environmentName()
  return `from ${source} to ${target}${environment === undefined ? '' : `, in ${environment}`}`
}

/** With seven-digit counts the whole line fits 80 columns. */
const meterWidth = 12

/** A bar, and the share in percent. @param share from 0 to 1 */
export function meter(share: number, width = meterWidth): string {
  const full = Math.floor(share * width)
  return `${'█'.repeat(full)}${'░'.repeat(width - full)} ${Math.floor(share * 100)}%`
}
