/** Steps 5 to 8 of a load: its lake comes to show what was written, to its engine alone, then to readers. */
import type { RowExpectation } from '../../declare/expectation.ts'
import type { Table } from '../../declare/table.ts'
import type { ExpectationResult, LoadFacts } from '../../lake/facts.ts'
import type { Draft } from '../../lake/lake.ts'
import { estimatedUsd, totalUsd } from '../cost.ts'
import type { Journal } from '../journal.ts'
import type { LoadOptions } from '../options.ts'
import { audit } from './audit.ts'
import { commit } from './commit.ts'

export interface ShowOptions {
  readonly table: Table
  readonly options: LoadOptions
  /** What its rows are to be, see `askable`. */
  readonly expected: readonly RowExpectation[]
  readonly journal: Journal
  readonly signal: AbortSignal
  /** Whether another process may have begun this very commit. */
  readonly again?: boolean
  /** Told once readers see it: from here on nothing may take it away. */
  readonly onPublished: () => void
}

export interface Shown {
  readonly crawled: boolean
  readonly expectations: ExpectationResult | undefined
  /** Bytes, by query of the lake's engine. */
  readonly scanned: readonly number[]
}

/** @throws Failure as `audit` and `commit` do */
export async function show(
  draft: Draft,
  facts: LoadFacts,
  { table, options, expected, journal, signal, again = false, onPublished }: ShowOptions,
): Promise<Shown> {
  // 5. Show it to the lake's engine alone. 6. Have it counted there, and looked at for what is expected.
  const onWait = (message: string) => journal.observe({ kind: 'wait', message })
  const { crawled } = await journal.time('crawl', () => draft.stage({ facts, onWait }))
  const counting = { table: table.name, written: facts.rows }
  const counted = await journal.time('audit', () => audit(draft, counting, journal, signal))

  const look = async () => {
    const { examine } = await import('./examine.ts')
    return examine(draft, { table, expected, snapshotAt: facts.snapshotAt }, journal, signal)
  }
  const onRestaged = async () => void (expected.length > 0 && (await look()))
  const expectations = expected.length === 0 ? undefined : await journal.time('expectations', look)

  const scanned = expectations === undefined ? counted : [...counted, expectations.bytes_scanned]

  // 7. Show it to readers, in one call.
  const { phases } = journal
  const cost = estimatedUsd({ scanned, crawlSeconds: crawled ? phases.crawl : undefined })
  const terms = {
    table,
    options,
    phases,
    again,
    expectations,
    onRestaged,
    estimatedUsd: totalUsd(cost),
  }
  await journal.time('publish', () => commit(draft, facts, terms))
  onPublished()

  // 8. Old loads go.
  const { deadlineMs, retain: keep } = options
  const { warnings } = await journal.time('retain', () => draft.expire({ keep, deadlineMs }))
  warnings.forEach(journal.warn)
  return { crawled, expectations, scanned }
}
