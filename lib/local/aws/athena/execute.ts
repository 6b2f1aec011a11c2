/** How a query is carried out, and what Athena would say of one that fails. */
import type { Engine } from '../engine.ts'
import type { Engines } from '../engines.ts'
import type { GlueCatalog } from '../glue/catalog.ts'
import { identifier } from '../hive-type.ts'
import type { S3Store } from '../s3/store.ts'
import { ServiceError } from '../service-error.ts'
import { QueryFailure } from './failure.ts'
import { scansOf } from './iceberg/scan.ts'
import { columnList, currentState, icebergSelect, type TableState } from './iceberg/select.ts'
import { type IcebergTables, isIceberg } from './iceberg/tables.ts'
import type { Query } from './query.ts'
import { athenaText, athenaType } from './value.ts'
import { tableSelect } from './view.ts'

export interface Results {
  readonly columns: readonly { readonly name: string; readonly type: ReturnType<typeof athenaType> }[]
  readonly rows: (string | null)[][]
  readonly bytesScanned: number
}

interface Parts {
  readonly store: S3Store
  readonly catalog: GlueCatalog
  readonly engines: Engines
  readonly iceberg: IcebergTables
}

/** A query has a DuckDB to itself: it sees its tables alone, as they were when it began, and can be interrupted. */
export async function executeQuery(
  parts: Parts,
  query: Query,
  database: string,
  stop: AbortSignal,
): Promise<Results> {
  const engine = await parts.engines.take()
  let isEmpty = false
  // Again and again: an interrupt that comes between two statements is lost.
  let interrupting: Timer | undefined
  const interrupt = () => {
    interrupting ??= setInterval(() => engine.interrupt(), 10)
  }
  stop.addEventListener('abort', interrupt)
  try {
    await engine.run("attach ':memory:' as awsdatacatalog")
    const { bytesScanned, fraction } = await createViews({ ...parts, engine }, query, database)
    await engine.run(`use awsdatacatalog.${identifier(database)}`)
    if (stop.aborted) throw new QueryFailure('cancelled')
    const result = await engine.stream(query.sql)
    const types = result.columnTypes()
    const columns = result.columnNames().map((name, index) => ({
      name: (query.columns[index] ?? name).toLowerCase(),
      type: athenaType(result.columnType(index), fraction),
    }))
    const rows: (string | null)[][] = []
    for await (const chunk of result.yieldRows()) {
      for (const row of chunk) {
        rows.push(
          row.map((value, index) => athenaText(value, types[index] ?? result.columnType(index), fraction)),
        )
      }
    }
    await engine.run('use memory; detach awsdatacatalog; reset disabled_optimizers')
    isEmpty = true
    return { columns, rows, bytesScanned }
  } finally {
    stop.removeEventListener('abort', interrupt)
    clearInterval(interrupting)
    // One that was interrupted, or failed at anything, is used no more.
    if (isEmpty && !stop.aborted) parts.engines.giveBack(engine)
    else engine.close()
  }
}

/** Every table of a query, under the name it has there. */
async function createViews(
  parts: Parts & { readonly engine: Engine },
  query: Query,
  database: string,
): Promise<{ bytesScanned: number; fraction: 3 | 6 }> {
  const { engine, catalog } = parts
  let bytesScanned = 0
  for (const schema of new Set([database, ...query.tables.map((table) => table.database ?? database)])) {
    await engine.run(`create schema if not exists awsdatacatalog.${identifier(schema)}`)
  }
  const seen = new Set<string>()
  const iceberg = new Map<string, { readonly planned: string; readonly state: TableState }>()
  for (const { database: schema = database, name } of query.tables) {
    const view = `awsdatacatalog.${identifier(schema)}.${identifier(name)}`
    if (seen.has(view)) continue
    seen.add(view)
    const table = catalog.find(schema, name)
    if (table === undefined) {
      throw new QueryFailure(`TABLE_NOT_FOUND: Table 'awsdatacatalog.${schema}.${name}' does not exist`)
    }
    if (isIceberg(table)) {
      const state = currentState(await parts.iceberg.open(table))
      iceberg.set(view, { planned: `awsdatacatalog.${schema}.${name}`, state })
    } else {
      const { sql, bytes } = await tableSelect(parts, table)
      await engine.run(`create view ${view} as ${sql}`)
      bytesScanned += bytes
    }
  }
  if (iceberg.size === 0) return { bytesScanned, fraction: 3 }

  // A column that is counted is read, whatever the files' statistics would tell.
  await engine.run(`set disabled_optimizers = 'statistics_propagation'`)
  for (const [view, { state }] of iceberg) await engine.run(`create table ${view} (${columnList(state)})`)
  await engine.run(`use awsdatacatalog.${identifier(database)}`)
  const scans = await scansOf(engine, query.sql)
  await engine.run('use memory')
  for (const [view, { planned, state }] of iceberg) {
    const { sql, bytes } = await icebergSelect(parts.store, state, scans.get(planned))
    await engine.run(`drop table ${view}; create view ${view} as ${sql}`)
    bytesScanned += bytes
  }
  return { bytesScanned, fraction: 6 }
}
/** Athena's code for what went wrong, and the first line of what DuckDB says. */
export function failureReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof QueryFailure) return message
  if (error instanceof ServiceError) return `GENERIC_INTERNAL_ERROR: ${error.code}: ${message}`
  const [line = ''] = message.split('\n')
  const codes: [RegExp, string][] = [
    [/^Binder Error: (Referenced|Table) .*column/, 'COLUMN_NOT_FOUND'],
    [/^Catalog Error: .*Function/, 'FUNCTION_NOT_FOUND'],
    [/^Conversion Error/, 'INVALID_CAST_ARGUMENT'],
    [/^Out of Range Error/, 'NUMERIC_VALUE_OUT_OF_RANGE'],
    [/^Binder Error/, 'TYPE_MISMATCH'],
    [/^IO Error/, 'HIVE_CANNOT_OPEN_SPLIT'],
  ]
  return `${codes.find(([pattern]) => pattern.test(message))?.[1] ?? 'GENERIC_INTERNAL_ERROR'}: ${line}`
}
