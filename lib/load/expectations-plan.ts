/** What a dry run tells of expectations: which there are, and what Athena would be asked. */
import { formatExpectation, isOfRows } from '../declare/expectation.ts'
import type { Table } from '../declare/table.ts'
import type { PlannedExpectations } from './summary.ts'

/** @param database that readers use; undefined: no lake is configured */
export async function plannedExpectations(
  table: Table,
  database = '<database>',
): Promise<PlannedExpectations | null> {
  const { expectations } = table
  if (expectations.length === 0) return null
  const ofRows = expectations.filter(isOfRows)
  const { queryFor } = await import('../lake/expect/ask.ts')
  return {
    expected: expectations.map(
      (each) => `${each.severity === 'warn' ? 'warn: ' : ''}${formatExpectation(each)}`,
    ),
    query: ofRows.length === 0 ? null : queryFor(table, ofRows, { load: '<load>', database }),
  }
}
