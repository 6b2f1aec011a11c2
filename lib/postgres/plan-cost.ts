/** What the planner expects of a query. */
import type { Reader } from './connect.ts'

export interface PlanCost {
  /** In the planner's own unit: about the reading of one page in order. */
  readonly cost: number
  readonly rows: number
}

/** @throws the driver's error */
export async function planCost(reader: Pick<Reader, 'query'>, query: string): Promise<PlanCost> {
  const [row] = await reader.query(`explain (format json) ${query}`)
  // PostgreSQL manual, EXPLAIN, FORMAT JSON: `[{"Plan": {"Total Cost": n, "Plan Rows": n, …}}]`.
  const answer = row?.['QUERY PLAN']
  const [top] = (typeof answer === 'string' ? JSON.parse(answer) : answer) as {
    readonly Plan: { readonly 'Total Cost': number; readonly 'Plan Rows': number }
  }[]
  if (top === undefined) throw new Error('EXPLAIN returned no plan')
  return { cost: top.Plan['Total Cost'], rows: top.Plan['Plan Rows'] }
}
