/** What a query reads of S3 and the catalog, for the guard. */
import type { Answering } from '../engine.ts'
import { isIceberg, locationOf } from '../glue/catalog.ts'
import type { TableRead } from '../iam/needs.ts'
import { kmsKeyOf, objectsRead } from '../iam/s3.ts'
import { parseLocation } from '../s3/location.ts'
import type { Execution } from './execution.ts'
import { QueryFailure } from './failure.ts'
import { stateOf } from './iceberg/state.ts'
import { findTable, type IcebergTables, placeOf } from './iceberg/tables.ts'
import type { TableName } from './query.ts'
import type { QueryParts } from './query-tables.ts'

type Parts = QueryParts & { readonly engine: Answering }

/** Tables that are not there are looked up all the same. */
export async function readsOf(
  parts: Parts,
  { query, database: usual }: Pick<Execution, 'query' | 'database'>,
): Promise<TableRead[]> {
  const { store, catalog } = parts
  const reads: TableRead[] = []
  for (const name of query.tables) {
    const database = name.database ?? usual
    const found = findTable(catalog, database, name.table)
    const table = found?.table.name ?? name.table
    const location = found && parseLocation(locationOf(found.table))
    if (found !== undefined && isIceberg(found.table)) {
      const { paths, lies } = await icebergPaths(parts, found, name)
      const objects = paths.flatMap((path) => {
        const place = placeOf(path)
        return place === undefined ? [] : [{ ...place, kmsKey: kmsKeyOf(store, place.bucket, place.key) }]
      })
      reads.push({ database, table, location: parseLocation(lies ?? '') ?? location, objects })
    } else {
      reads.push({ database, table, location, objects: objectsRead(store, location) })
    }
  }
  return reads
}

/** Metadata, manifests, and data files unless manifests are all that is wanted; no more than can be found out. */
async function icebergPaths(
  { engine, iceberg }: { engine: Answering; iceberg: IcebergTables },
  { table, part }: NonNullable<ReturnType<typeof findTable>>,
  { asOf }: TableName,
): Promise<{ paths: readonly string[]; lies?: string }> {
  const file = iceberg.fileOf(table)
  try {
    const opened = await iceberg.open(table)
    const { snapshot } = await stateOf(engine, opened, asOf)
    const metadata = await opened.readsOf(snapshot)
    const data = part === undefined ? (await opened.files(snapshot)).map((entry) => entry.file.path) : []
    return { paths: [...metadata, ...data], lies: opened.metadata.location }
  } catch (error) {
    // The query will say so itself.
    if (error instanceof QueryFailure) return { paths: [file] }
    throw error
  }
}
