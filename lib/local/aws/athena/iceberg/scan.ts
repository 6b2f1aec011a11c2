/** What a query reads of its tables, as DuckDB plans it: columns, and the conditions it hands down to a table. */
import type { Engine } from '../../engine.ts'

/** One reading of a table. */
export interface Scan {
  /** In the words of the plan: `id`, and `place.city` for a part of one. */
  readonly columns: readonly string[]
  /** SQL over the table's columns; all have to hold. */
  readonly conditions: readonly string[]
}

interface PlanNode {
  readonly name: string
  readonly extra_info?: Readonly<Record<string, unknown>>
  readonly children?: readonly PlanNode[]
}

/**
 * The scans of a query, by the name of their table without quotes: `awsdatacatalog.lake.events`.
 *
 * Statistics must not decide: the tables that are planned over are empty.
 */
export async function scansOf(engine: Engine, sql: string): Promise<Map<string, Scan[]>> {
  const [row] = await engine.rows(`explain (format json) ${sql}`)
  const scans = new Map<string, Scan[]>()
  const visit = ({ extra_info: info = {}, children = [] }: PlanNode): void => {
    const table = info['Table']
    if (typeof table === 'string') {
      const name = table.replaceAll('"', '')
      const scan = { columns: texts(info['Projections']), conditions: texts(info['Filters']) }
      scans.set(name, [...(scans.get(name) ?? []), scan])
    }
    for (const child of children) visit(child)
  }
  for (const node of JSON.parse(String(row?.['explain_value'])) as PlanNode[]) visit(node)
  return scans
}

function texts(value: unknown): string[] {
  return [value ?? []]
    .flat()
    .map(String)
    .filter((text) => text !== '')
}
