/**
 * Whoever publishes what a fan-out has read: it verifies all slices, has the holder COMMIT, completes the files of the
 * slices that count, and goes on as a load of one machine does. Nothing is taken away here, so that it can be run again.
 */
import type { Config } from '../../config/config.ts'
import type { Table } from '../../declare/table.ts'
import type { FanOut } from '../../lake/fan-out.ts'
import type { Published } from '../../lake/published.ts'
import type { Observe } from '../events.ts'
import { loadFailure } from '../failure.ts'
import { inputsOf, relationsOf } from '../inputs.ts'
import { describeSource } from '../route.ts'
import { askable } from '../steps/askable.ts'
import { show } from '../steps/show.ts'
import { summarise } from '../summarise.ts'
import type { LoadSummary } from '../summary.ts'
import { gather } from './gather.ts'
import { type Machine, onMachine } from './machine.ts'
import { publishedNote } from './notes.ts'
import { readPlan } from './plan.ts'
import { publishing } from './publishing.ts'

export interface FinishOptions {
  readonly table: Table
  readonly config: Config
  /** The name of the fan-out. */
  readonly name: string
  readonly observe: Observe
  readonly signal: AbortSignal
}

/**
 * Publishes it once, however often it is run.
 * @throws LoadFailure as `load` does; (1) while a slice has no record, (2) once the snapshot is lost
 */
export async function finish(options: FinishOptions): Promise<LoadSummary> {
  const { table, config, name, observe, signal } = options
  const asked = { lake: config.lake, table: table.name, name, observe, signal }
  const plan = await onMachine(asked, ({ fanOut }) => readPlan(fanOut, name, table))
  const { load, options: loading } = plan
  return onMachine({ ...asked, catalog: loading.catalog }, async (machine) => {
    const { lake, journal } = machine
    observe({ kind: 'start', load, snapshotAt: plan.snapshot.at, estimatedRows: undefined })
    let current: Published | 'unknown' = 'unknown'
    try {
      current = await lake.current(machine.signal)
      const isPublished = await wasPublished(machine.fanOut, load, current)
      if (!isPublished) await lake.prepare(current, { adopt: loading.adopt, signal: machine.signal })
      observe({
        ...{ kind: 'route', source: describeSource(config.database, table.source) },
        ...{ target: await lake.describe(), catalog: await lake.catalog() },
      })
      const { source, lookupSources: lookups } = plan
      observe({ kind: 'reads', source, lookups, relations: relationsOf(inputsOf(table)) })
      const draft = lake.draft({ load, table, current, signal: machine.signal })
      const expected = isPublished ? [] : await askable(table, lake, machine)
      const facts = await gather(plan, table, { draft, current, isPublished, machine, config })
      observe({ kind: 'written', facts })
      const outcome = { table: table.name, dryRun: false, location: draft.location, published: true }
      if (isPublished) {
        const { retain: keep, deadlineMs } = loading
        const { warnings } = await journal.time('retain', () => draft.expire({ keep, deadlineMs }))
        warnings.forEach(journal.warn)
        await dropOthers(machine, load)
        journal.warn(`load ${load} had been published before`)
        return summarise(facts, journal, { ...outcome, crawled: false, scanned: [] })
      }
      await journal.time('count', () => draft.requireWritten(facts.files))
      const shown = await publishing(machine, plan, () => {
        const showing = { table, options: loading, expected, journal, signal: machine.signal, again: true }
        return show(draft, facts, { ...showing, onPublished() {} })
      })
      await dropOthers(machine, load)
      return summarise(facts, journal, { ...outcome, ...shown })
    } catch (error) {
      throw loadFailure({ table: table.name, load }, error, { current, signal: machine.signal })
    }
  })
}

async function wasPublished(fanOut: FanOut, load: string, current: Published): Promise<boolean> {
  if (current.kind === 'managed' && current.load === load) return true
  return (await fanOut.listNotes(load)).includes(publishedNote)
}

/** What machines have uploaded that read a slice which another had recorded. Never throws. */
async function dropOthers({ fanOut, journal }: Machine, load: string): Promise<void> {
  await fanOut.dropUnfinished(load).catch((error: unknown) => {
    journal.warn(
      `some uploads stay for a later load to remove: ${error instanceof Error ? error.message : error}`,
    )
  })
}
