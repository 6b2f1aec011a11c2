/** Step 7 of a load: it is shown to readers, unless what they see meanwhile forbids it. */
import type { Table } from '../../declare/table.ts'
import { Failure } from '../../failure/failure.ts'
import type { ExpectationResult, LoadFacts } from '../../lake/facts.ts'
import type { Draft, TableRows } from '../../lake/lake.ts'
import type { PublishedLoad } from '../../lake/published.ts'
import { lostTo, lostToPin } from '../failure.ts'
import { LoadFailure } from '../load-failure.ts'
import type { LoadOptions } from '../options.ts'
import { requireSameHashKey } from './hash-key.ts'
import { requireSameSource } from './same-source.ts'
import { refuseShrunk, refuseShrunkLookup } from './shrink.ts'

export interface CommitOptions {
  readonly table: Table
  readonly options: Pick<
    LoadOptions,
    'adopt' | 'adoptChanges' | 'retain' | 'newSource' | 'newHashKey' | 'allowEmpty' | 'maxShrink'
  >
  /** Seconds a phase, for the record. */
  readonly phases: Readonly<Record<string, number>>
  /** For the record; undefined: nothing is expected of its rows. */
  readonly expectations: ExpectationResult | undefined
  /** The same as in `CommitTerms`. */
  readonly estimatedUsd: number
  /** The same as in `CommitTerms`. */
  readonly onRestaged: () => Promise<void>
  /** Whether another process may have begun this very commit. */
  readonly again: boolean
}

/**
 * @throws Failure (1) if a newer snapshot was published or the table pinned meanwhile, (5) if the outcome is unknown, and
 * as the guards do
 */
export async function commit(
  draft: Pick<Draft, 'commit'>,
  facts: LoadFacts,
  { table, options, phases, again, expectations, estimatedUsd, onRestaged }: CommitOptions,
): Promise<void> {
  const { adopt, adoptChanges, retain: keep } = options
  const permit = (now: PublishedLoad, then: TableRows) => permitOver(now, then, facts, { table, options })
  const outcome = await draft.commit(facts, {
    ...{ adopt, adoptChanges, keep, phases, permit, again, expectations, estimatedUsd, onRestaged },
  })
  const name = { table: table.name, load: facts.load }
  if (outcome.outcome === 'lost') throw lostTo(name, outcome.to)
  if (outcome.outcome === 'pinned') throw lostToPin(name, outcome.to, outcome.pin)
}

/**
 * The guards again, as another load may have been published since they let this one pass.
 * @throws LoadFailure that says what readers see by now
 */
function permitOver(
  now: PublishedLoad,
  then: TableRows,
  facts: LoadFacts,
  { table, options }: Pick<CommitOptions, 'table' | 'options'>,
): void {
  try {
    requireSameSource(table.name, options, now, facts.source)
    requireSameHashKey(table.name, options, now, facts.hashKey)
    for (const [name, { rows }] of Object.entries(facts.lookups)) {
      refuseShrunkLookup({ table, options }, name, rows, now.lookups[name])
    }
    refuseShrunk({ table, options }, then, now.rows)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const published = { load: now.load, snapshotAt: now.snapshotAt }
    throw new LoadFailure({ ...error.detail, cause: error.cause }, { load: facts.load, published })
  }
}
