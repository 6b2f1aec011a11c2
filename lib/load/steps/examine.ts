/** Step 6 of a load, its second half: the rows that readers would see are as their script expects them. */
import { formatExpectation, type RowExpectation } from '../../declare/expectation.ts'
import type { Table } from '../../declare/table.ts'
import { Failure } from '../../failure/failure.ts'
import type { ExpectationResult } from '../../lake/facts.ts'
import type { Draft } from '../../lake/lake.ts'
import type { Journal } from '../journal.ts'
import { findingOf } from './findings.ts'
import { retrying } from './retry.ts'

/** Looking changes nothing, so a query that fails is run again. */
const again = { withinMs: 30_000, tries: 3 }

interface Examining {
  readonly table: Table
  /** One at the least. */
  readonly expected: readonly RowExpectation[]
  /** The moment of the load's snapshot, ISO 8601. */
  readonly snapshotAt: string
}

/** One line tells no more of them. */
const mostTold = 8

/** @throws Failure (4) that tells all that is not as expected, but for what stands under `warn` */
export async function examine(
  draft: Pick<Draft, 'examine' | 'pauseMs'>,
  { table, expected, snapshotAt }: Examining,
  journal: Pick<Journal, 'retried' | 'warn'>,
  signal: AbortSignal,
): Promise<ExpectationResult> {
  const pauseMs = await draft.pauseMs()
  const { answers, bytesScanned } = await retrying(journal, { ...again, signal, pauseMs }, () =>
    draft.examine(expected),
  )
  const found = expected.map((expectation, at) => ({
    expectation,
    finding: findingOf(expectation, answers[at]!, snapshotAt),
  }))
  const broken = (severity: RowExpectation['severity']) =>
    found.flatMap(({ expectation, finding }) =>
      expectation.severity === severity && finding !== undefined ? [finding] : [],
    )
  const warned = broken('warn')
  for (const each of warned) journal.warn(each)
  const stops = broken('stop')
  if (stops.length > 0) {
    throw new Failure({
      exit: 4,
      act: 'publish',
      thing: table.name,
      reason: listed(stops),
      advice: `Correct the rows in Postgres, or expect in scripts/${table.name}.ts; what stands under its warn is told and published.`,
    })
  }
  const held = found.filter(({ finding }) => finding === undefined)
  return {
    held: held.map(({ expectation }) => formatExpectation(expectation)),
    warned,
    bytes_scanned: bytesScanned,
  }
}

function listed(findings: readonly string[]): string {
  const told = findings.slice(0, mostTold).join('; ')
  const more = findings.length - mostTold
  return more <= 0 ? told : `${told}; and ${more} more`
}
