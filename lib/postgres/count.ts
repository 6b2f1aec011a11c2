/** How many rows a table's source has now, for checks. */
import type postgres from 'postgres'
import type { Selection } from '../declare/selection.ts'
import { formatSource } from '../declare/selection.ts'
import { Failure } from '../failure/failure.ts'
import { postgresFailure } from './failure.ts'
import { requireNoTemporary } from './lent-connection.ts'
import { rowsClause } from './select.ts'
import { settleSource, sourceStatements } from './session-settings.ts'
import { tenantRowsAlone } from './tenant-rows.ts'
import { findTenants, tenantInputs } from './tenants.ts'

/** `estimate`: what the planner expects, in no time and from the last ANALYZE. */
export type CountMode = 'exact' | 'estimate'

/** A scan of a huge table takes long. */
const longestMs = 3_600_000

/**
 * Over the same source and condition as a load reads, which mean the same here: those of the role and its database.
 * @throws Failure as `postgresFailure` maps it
 */
export async function countSource(
  sql: postgres.Sql,
  selection: Selection,
  mode: CountMode,
  deadlineMs = longestMs,
): Promise<number> {
  try {
    return await sql.begin('isolation level repeatable read read only', async (transaction) => {
      await transaction.unsafe(sourceStatements({ deadlineMs }))
      const [settled] = await transaction.unsafe(settleSource)
      requireNoTemporary(settled, 'count', formatSource(selection.source))
      const tenants = await findTenants(
        (text) => transaction.unsafe(text),
        tenantInputs([{ selection, place: 'its script' }]),
      )
      const rows = rowsClause(tenantRowsAlone(selection, tenants))
      if (mode === 'exact') {
        const [row] = await transaction.unsafe(`select pg_catalog.count(*) as count ${rows}`)
        return Number(row?.['count'])
      }
      const [row] = await transaction.unsafe(`explain (format json) select 1 ${rows}`)
      return plannedRows(row?.['QUERY PLAN'])
    })
  } catch (error) {
    const failure = postgresFailure(error, 'count', formatSource(selection.source))
    throw failure.advice.includes('--deadline') ? tooLong(failure, deadlineMs) : failure
  }
}

/** PostgreSQL manual, EXPLAIN, FORMAT JSON: `[{"Plan": {"Plan Rows": n, …}}]`. */
function plannedRows(plan: unknown): number {
  const [top] = plan as { Plan: { 'Plan Rows': number } }[]
  if (top === undefined) throw new Error('EXPLAIN returned no plan')
  return top.Plan['Plan Rows']
}

/** The check has another way than a load's deadline. */
function tooLong({ detail, cause }: Failure, ms: number): Failure {
  return new Failure({
    ...detail,
    reason: `it took longer than ${ms / 1_000} s`,
    advice: 'Run the check with --source-count estimate.',
    cause,
  })
}
