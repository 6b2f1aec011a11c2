/** What every machine of a fan-out begins with: a journal, a lake, and a way to end the work. */
import type { LakeConfig } from '../../config/config.ts'
import type { Table } from '../../declare/table.ts'
import { Failure } from '../../failure/failure.ts'
import type { FanOut } from '../../lake/fan-out.ts'
import type { Lake } from '../../lake/lake.ts'
import { openWritable } from '../../lake/open.ts'
import type { Observe } from '../events.ts'
import { type Journal, openJournal } from '../journal.ts'
import { LoadFailure } from '../load-failure.ts'
import type { LoadOptions } from '../options.ts'

export interface MachineOptions {
  readonly lake: LakeConfig
  /** Its name. */
  readonly table: string
  /** The name of the fan-out. */
  readonly name: string
  readonly catalog?: LoadOptions['catalog']
  /** `plain` when absent: tables of other formats have no fan-out, which is said when one is begun. */
  readonly format?: Table['format']
  readonly observe: Observe
  readonly signal: AbortSignal
}

export interface Machine {
  readonly journal: Journal
  readonly lake: Lake
  readonly fanOut: FanOut
  readonly signal: AbortSignal
  /** Ends the work for this reason, as a signal from outside would. */
  readonly stop: (reason: Failure) => void
  /** For what must be said although the work was stopped: a few seconds, which nobody can cut short. */
  lastWords(): FanOut
}

const lastWordsMs = 10_000

/** Closes the lake, whatever comes of the work. */
export async function onMachine<T>(
  { lake: config, table, name, catalog = 'auto', format = 'plain', observe, signal: stopped }: MachineOptions,
  work: (machine: Machine) => Promise<T>,
): Promise<T> {
  const journal = openJournal(observe)
  const stopping = new AbortController()
  const signal = AbortSignal.any([stopped, stopping.signal])
  const lake = await openWritable(config, table, { format, catalog, onRetry: journal.retried })
  try {
    return await work({
      ...{ journal, lake, signal },
      fanOut: lake.fanOut(name, signal),
      stop: (reason) => stopping.abort(reason),
      lastWords: () => lake.fanOut(name, AbortSignal.timeout(lastWordsMs)),
    })
  } catch (error) {
    // Work that was told to stop fails for the reason it was told, not for what broke because of it.
    const told: unknown = signal.aborted ? signal.reason : undefined
    const isTold = told instanceof Failure && !(error instanceof LoadFailure)
    throw isTold ? told : error
  } finally {
    lake.close()
  }
}
