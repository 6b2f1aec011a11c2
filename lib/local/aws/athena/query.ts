/** What a statement is: its kind, the tables it reads, the columns it gives. */
import type { Answering } from '../engine.ts'
import { literal } from '../hive-type.ts'
import type { Json } from '../json/input.ts'
import { ServiceError } from '../service-error.ts'
import { type AsOf, type Travel, withoutTravel } from './iceberg/time-travel.ts'

export interface TableName {
  /** Undefined: that of the query's context. */
  readonly database: string | undefined
  /** What the statement calls it. */
  readonly name: string
  /** What it is in the catalog; `events$partitions` where it is not rows that are wanted. */
  readonly table: string
  /** Undefined: as it is now. */
  readonly asOf: AsOf | undefined
}

export interface Query {
  readonly sql: string
  readonly tables: readonly TableName[]
  /** By position, `_col0` for an expression without a name; undefined where the engine's own name stands. */
  readonly columns: readonly (string | undefined)[]
}

/**
 * Takes a statement apart, by DuckDB's own parser.
 * @throws ServiceError InvalidRequestException for what is no statement, or none this stand-in runs
 */
export async function parseQuery(engine: Answering, text: string): Promise<Query> {
  const { sql, past } = withoutTravel(text.replace(/;\s*$/, ''))
  const [row] = await engine.rows(`select json_serialize_sql(${literal(sql)}::varchar) as tree`)
  const tree = JSON.parse(String(row?.['tree'])) as Json
  const invalid = (message: string) => new ServiceError('InvalidRequestException', message)
  if (tree['error'] === true) {
    throw invalid(
      tree['error_type'] === 'parser'
        ? `line 1:1: ${String(tree['error_message'])}`
        : 'The local stand-in runs SELECT statements only.',
    )
  }
  const statements = tree['statements'] as { readonly node: Json }[]
  const [statement] = statements
  if (statement === undefined || statements.length > 1) throw invalid('Only one sql statement is allowed.')
  const found: TableName[] = []
  const common = new Set<string>()
  visit(statement, (node) => {
    if (node['type'] === 'SHOW_REF') throw invalid('The local stand-in runs SELECT statements only.')
    if (node['type'] === 'BASE_TABLE') {
      const database = String(node['schema_name'] ?? '')
      found.push({
        database: database === '' ? undefined : database.toLowerCase(),
        ...tableOf(String(node['table_name']).toLowerCase(), past),
      })
    }
    const map = (node['cte_map'] as { map?: { key: string }[] } | undefined)?.map
    for (const { key } of map ?? []) common.add(key.toLowerCase())
  })
  const tables = found.filter(({ database, name }) => database !== undefined || !common.has(name))
  return { sql, tables, columns: columnNames(statement.node) }
}

function tableOf(name: string, past: Travel['past']): Omit<TableName, 'database'> {
  const { name: table, asOf } = past.get(name) ?? { name, asOf: undefined }
  return { name, table, asOf }
}

function visit(value: unknown, meet: (node: Json) => void): void {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) meet(value as Json)
  for (const child of Object.values(value)) visit(child, meet)
}

/** The columns of the outermost SELECT, the first one of a UNION; after a `*` positions are not known. */
function columnNames(node: Json): (string | undefined)[] {
  if (node['type'] === 'SET_OPERATION_NODE') return columnNames(node['left'] as Json)
  const selected = (node['select_list'] ?? []) as Json[]
  if (selected.some((each) => each['class'] === 'STAR')) return []
  return selected.map((each, index) =>
    each['alias'] === '' && each['class'] !== 'COLUMN_REF' ? `_col${index}` : undefined,
  )
}
