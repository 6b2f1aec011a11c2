/**
 * A load, step by step: stage → count → commit. Whatever happens, readers see the old load or this one, whole.
 *
 * I want to…                            → file
 * know what a load is asked             → options.ts
 * know what it tells, and prints        → events.ts, summary.ts
 * change what is read, and in what order → steps/extract.ts
 * change how a table becomes files      → lib/pipeline/slice.ts
 * change what stops a load              → steps/shrink.ts, steps/same-source.ts, steps/hash-key.ts, steps/lock-watch.ts
 * change what a load does in its lake   → steps/show.ts, lib/lake/lake.ts
 * change what is told of expectations   → steps/examine.ts, steps/findings.ts
 * know what readers are told of a table → documentation.ts, lib/lake/documentation.ts
 * have several machines read one table  → fan-out/
 */
import type { DryRunConfig } from '../config/config.ts'
import type { Table } from '../declare/table.ts'
import { Failure } from '../failure/failure.ts'
import { isReadable } from '../lake/lake.ts'
import { newLoadId } from '../lake/load-id.ts'
import { openLake, plannedLake } from '../lake/open.ts'
import type { Published } from '../lake/published.ts'
import type { Observe } from './events.ts'
import { loadFailure } from './failure.ts'
import { openJournal } from './journal.ts'
import type { LoadOptions } from './options.ts'
import { partitionBase } from './partitions/published.ts'
import { planOf } from './plan.ts'
import { describeSource } from './route.ts'
import { askable, referencesOf } from './steps/askable.ts'
import { extract } from './steps/extract.ts'
import { hashKeyFor, requireSameHashKey } from './steps/hash-key.ts'
import { show } from './steps/show.ts'
import { summarise } from './summarise.ts'
import type { LoadSummary } from './summary.ts'

/** What a load may know of its process. */
export interface LoadParts {
  /** The module whose default export is the table, absolute: other threads import it too. */
  readonly script?: string | undefined
  /** Cores that it may use; undefined: as many as there are. */
  readonly cores?: number | undefined
}

/** @throws LoadFailure, which knows what readers see now; nothing of the load is left behind unless its outcome is unknown */
export async function load(
  table: Table,
  config: DryRunConfig,
  options: LoadOptions,
  observe: Observe,
  stopped: AbortSignal,
  { script, cores }: LoadParts = {},
): Promise<LoadSummary> {
  requirePossible(table, options)
  const hashKey = hashKeyFor(table, config.hashKey)?.fingerprint
  const id = newLoadId()
  const journal = openJournal(observe)
  const stopping = new AbortController()
  const stop = (reason: Failure) => stopping.abort(reason)
  const signal = AbortSignal.any([stopped, stopping.signal])
  const lake = await openLake(config.lake, table.name, {
    ...options,
    format: table.format,
    onRetry: journal.retried,
  })
  let current: Published | 'unknown' = 'unknown'
  let discard: (() => Promise<readonly string[]>) | undefined
  try {
    // 0. What readers see, that it may be replaced, and from where to where.
    current = await lake.current(signal)
    const draft = lake.draft({ load: id, table, current, signal })
    discard = draft.discard
    if (current.kind === 'managed') requireSameHashKey(table.name, options, current, hashKey)
    const { adopt, adoptChanges } = options
    await lake.prepare(current, { adopt, adoptChanges, signal })
    const source = describeSource(config.database, table.source)
    observe({ kind: 'route', source, target: await lake.describe(), catalog: await lake.catalog() })

    const expected = await askable(table, lake, { journal, signal })
    const base = await partitionBase(table, {
      ...{ lake, draft, current, config, hashKey, journal, signal },
    })

    // 1–4. Open a snapshot of Postgres, read lookups and rows into files, count what was written, COMMIT.
    const extracted = await extract(table, {
      ...{ load: id, database: config.database, hashKey: config.hashKey, current, draft, options, base },
      ...{ script, cores, journal, signal, stop },
    })
    const { facts } = extracted
    observe({ kind: 'written', facts })
    const outcome = {
      ...{ table: table.name, dryRun: options.dryRun, location: draft.location },
      partitions: extracted.slicing.partitions,
    }
    if (!isReadable(draft)) {
      const { plannedExpectations } = await import('./expectations-plan.ts')
      const plan = planOf(
        table,
        extracted,
        await plannedLake(config.lake, {
          ...options,
          ...{ format: table.format, table: table.name, files: facts.files },
          references: referencesOf(table),
        }),
        { ...options, expectations: await plannedExpectations(table, config.lake?.glueDatabase) },
      )
      return summarise(facts, journal, { ...outcome, plan, published: false, crawled: false, scanned: [] })
    }

    // 5–8. Show it to the lake's engine alone, have it counted there, show it to readers; then old loads go.
    const onPublished = () => {
      discard = undefined
    }
    const shown = await show(draft, facts, {
      ...{ table, options, expected, journal, signal, onPublished },
    })
    return summarise(facts, journal, { ...outcome, published: true, ...shown })
  } catch (error) {
    const failure = loadFailure({ table: table.name, load: id }, error, { current, signal })
    // Nothing may go of what is or may be published.
    if (failure.exit !== 5) (await discard?.())?.forEach(journal.warn)
    throw failure
  } finally {
    lake.close()
  }
}

/** @throws Failure (2) for a table that has no partitions, where some are named */
function requirePossible(
  { name, partitionBy }: Table,
  { partitions }: Pick<LoadOptions, 'partitions'>,
): void {
  if (partitions !== undefined && partitionBy === undefined) {
    throw new Failure({
      exit: 2,
      act: 'read partitions of',
      thing: name,
      reason: 'it is declared without partitionBy',
      advice: 'Load it without --partitions.',
    })
  }
}
