/** The tables of a query in its own DuckDB, each under the name it has there. */

import type { Engine } from '../engine.ts'
import { type GlueCatalog, isIceberg } from '../glue/catalog.ts'
import { identifier } from '../hive-type.ts'
import type { S3Store } from '../s3/store.ts'
import { QueryFailure } from './failure.ts'
import { createFunctions } from './functions.ts'
import { scansOf } from './iceberg/scan.ts'
import { columnList, icebergSelect } from './iceberg/select.ts'
import { stateOf, type TableState } from './iceberg/state.ts'
import { systemSelect } from './iceberg/system-tables.ts'
import { findTable, type IcebergTables } from './iceberg/tables.ts'
import type { Query } from './query.ts'
import type { FractionDigits } from './value.ts'
import { tableSelect } from './view.ts'

export interface QueryParts {
  readonly store: S3Store
  readonly catalog: GlueCatalog
  readonly iceberg: IcebergTables
}

interface Created {
  readonly bytesScanned: number
  /** Those of the tables' timestamps. */
  readonly fraction: FractionDigits
}

interface Planned {
  readonly view: string
  /** Its name in a plan. */
  readonly name: string
  readonly state: TableState
}

/**
 * Creates a view for every table that the query names.
 * @throws QueryFailure for one that is not there, or cannot be read
 */
export async function createViews(
  parts: QueryParts & { readonly engine: Engine },
  query: Query,
  database: string,
): Promise<Created> {
  const { engine, catalog } = parts
  let bytesScanned = 0
  let fraction: FractionDigits = 3
  for (const schema of new Set([database, ...query.tables.map((table) => table.database ?? database)])) {
    await engine.run(`create schema if not exists awsdatacatalog.${identifier(schema)}`)
  }
  await createFunctions(engine, query.sql, database)
  const seen = new Set<string>()
  const planned: Planned[] = []
  for (const { database: schema = database, name, table: asked, asOf } of query.tables) {
    const view = `awsdatacatalog.${identifier(schema)}.${identifier(name)}`
    if (seen.has(view)) continue
    seen.add(view)
    const found = findTable(catalog, schema, asked)
    if (found === undefined) {
      throw new QueryFailure(`TABLE_NOT_FOUND: Table 'awsdatacatalog.${schema}.${asked}' does not exist`)
    }
    const { table, part } = found
    if (asOf !== undefined && (part !== undefined || !isIceberg(table))) {
      throw new QueryFailure('NOT_SUPPORTED: This connector does not support versioned tables')
    }
    if (!isIceberg(table)) {
      const { sql, bytes } = await tableSelect(parts, table)
      await engine.run(`create view ${view} as ${sql}`)
      bytesScanned += bytes
      continue
    }
    const state = await stateOf(engine, await parts.iceberg.open(table), asOf)
    if (part === undefined) planned.push({ view, name: `awsdatacatalog.${schema}.${name}`, state })
    else await engine.run(`create view ${view} as ${await systemSelect(state, part)}`)
    // Moments of snapshots have three digits; a partition's extremes have all.
    if (part === undefined || part === 'partitions') fraction = 6
  }
  return { bytesScanned: bytesScanned + (await plan(parts, planned, query, database)), fraction }
}

/** Iceberg tables are read as the query's plan wants it: what it is planned over are tables without rows. */
async function plan(
  { engine, store }: QueryParts & { readonly engine: Engine },
  tables: readonly Planned[],
  query: Query,
  database: string,
): Promise<number> {
  if (tables.length === 0) return 0
  // A column that is counted is read, whatever the files' statistics would tell.
  await engine.run(`set disabled_optimizers = 'statistics_propagation'`)
  for (const { view, state } of tables) await engine.run(`create table ${view} (${columnList(state)})`)
  await engine.run(`use awsdatacatalog.${identifier(database)}`)
  const scans = await scansOf(engine, query.sql)
  await engine.run('use memory')
  let bytesScanned = 0
  for (const { view, name, state } of tables) {
    const { sql, bytes } = await icebergSelect({ store, engine }, state, scans.get(name))
    await engine.run(`drop table ${view}; create view ${view} as ${sql}`)
    bytesScanned += bytes
  }
  return bytesScanned
}
