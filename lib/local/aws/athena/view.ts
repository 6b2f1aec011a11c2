/** A table of Glue as a SELECT over its files, with what Athena would object to in them. */
import type { Answering } from '../engine.ts'
import {
  columnsOf,
  type GlueCatalog,
  type GlueColumn,
  type GlueTable,
  locationOf,
  partitionKeysOf,
} from '../glue/catalog.ts'
import { duckType, type HiveType, identifier, literal, parseHiveType, readableAs } from '../hive-type.ts'
import { structure } from '../json/input.ts'
import { parquetColumns } from '../parquet-schema.ts'
import { parseLocation, visibleObjects } from '../s3/location.ts'
import type { S3Store } from '../s3/store.ts'
import { QueryFailure } from './failure.ts'

interface Declared {
  readonly name: string
  readonly type: HiveType
}

/**
 * SQL that reads a Glue table as Athena does: Parquet columns by name, cast to what the table declares, null where
 * a file lacks one, timestamps rounded to milliseconds, partition keys from the catalog.
 * @returns the SELECT, and the bytes of the files below it
 * @throws QueryFailure HIVE_BAD_DATA for a file that holds another type, or is not Parquet
 */
export async function tableSelect(
  { store, catalog, engine }: { store: S3Store; catalog: GlueCatalog; engine: Answering },
  table: GlueTable,
): Promise<{ sql: string; bytes: number }> {
  refuse(table)
  const columns = declared(columnsOf(table))
  const keys = declared(partitionKeysOf(table))
  const places =
    keys.length === 0
      ? [{ values: [] as readonly string[], location: locationOf(table) }]
      : catalog.partitions(table.database, table.name)
  const selects: string[] = []
  let bytes = 0
  for (const { values, location } of places) {
    const place = parseLocation(location)
    if (place === undefined) throw new QueryFailure(`GENERIC_INTERNAL_ERROR: no S3 location: ${location}`)
    const objects = visibleObjects(store, place)
    const keyOf = new Map(objects.map(({ blob, key }) => [store.path(blob), `s3://${place.bucket}/${key}`]))
    const files = await parquetColumns(engine, [...keyOf.keys()]).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error)
      const path = [...keyOf.keys()].find((each) => message.includes(each)) ?? ''
      throw new QueryFailure(`HIVE_BAD_DATA: Not valid Parquet file: ${keyOf.get(path) ?? location}`)
    })
    for (const [path, found] of files) checkTypes(keyOf.get(path) ?? path, found, columns)
    if (objects.length === 0) continue
    bytes += objects.reduce((sum, object) => sum + object.bytes, 0)
    const merged = new Map([...files.values()].flat().map(({ name, type }) => [name, type]))
    const list = [
      ...columns.map(
        (column) => `${expression(column, merged.get(column.name))} as ${identifier(column.name)}`,
      ),
      ...keys.map(
        ({ name, type }, index) =>
          `cast(${partitionValue(values[index])} as ${duckType(type)}) as ${identifier(name)}`,
      ),
    ]
    selects.push(
      `select ${list.join(', ')} from read_parquet([${[...keyOf.keys()].map(literal).join(', ')}], union_by_name = true)`,
    )
  }
  const none = [...columns, ...keys]
    .map(({ name, type }) => `cast(null as ${duckType(type)}) as ${identifier(name)}`)
    .join(', ')
  return { sql: selects.length === 0 ? `select ${none} where false` : selects.join(' union all '), bytes }
}

/** Hive's name of the partition for rows whose key is null. */
function partitionValue(value = '__HIVE_DEFAULT_PARTITION__'): string {
  return value === '__HIVE_DEFAULT_PARTITION__' ? 'null' : literal(value)
}

/** What would silently read wrong is refused. */
function refuse(table: GlueTable): void {
  const parameters = structure(table.input, 'Parameters')
  const inputFormat = String(structure(table.input, 'StorageDescriptor')['InputFormat'] ?? '')
  const unknown =
    table.input['TableType'] === 'VIRTUAL_VIEW'
      ? 'views'
      : parameters['projection.enabled'] === 'true'
        ? 'partition projection'
        : /parquet/i.test(inputFormat)
          ? undefined
          : `the input format "${inputFormat}"`
  if (unknown === undefined) return
  throw new QueryFailure(`NOT_SUPPORTED: the local stand-in does not read ${unknown}: ${table.name}`)
}

function declared(columns: readonly GlueColumn[]): Declared[] {
  return columns.map(({ name, type }) => {
    try {
      return { name, type: parseHiveType(type) }
    } catch {
      throw new QueryFailure(
        `HIVE_INVALID_METADATA: column ${name} has the type ${type}, which Athena does not know`,
      )
    }
  })
}

function checkTypes(uri: string, found: readonly GlueColumn[], columns: readonly Declared[]): void {
  for (const { name, type } of columns) {
    const inFile = found.find((each) => each.name === name)
    if (inFile === undefined || readableAs(parseHiveType(inFile.type), type)) continue
    throw new QueryFailure(
      `HIVE_BAD_DATA: Field ${name}'s type ${inFile.type} in parquet file ${uri} is incompatible with type ${duckType(type).toLowerCase()} defined in table schema`,
    )
  }
}

function expression({ name, type }: Declared, inFile: string | undefined): string {
  const target = duckType(type)
  if (inFile === undefined) return `cast(null as ${target})`
  const column = identifier(name)
  if (target === 'TIMESTAMP') return milliseconds(`cast(${column} as TIMESTAMP)`)
  if (target === 'TIMESTAMP[]') {
    return `list_transform(cast(${column} as TIMESTAMP[]), lambda each: ${milliseconds('each')})`
  }
  if (target === 'VARCHAR' && inFile === 'binary') return `decode(${column})`
  if (target === 'BLOB' && inFile !== 'binary') return `encode(${column})`
  return `cast(${column} as ${target})`
}

/** Half up, as Trino reads a file's microseconds. */
function milliseconds(timestamp: string): string {
  return `date_trunc('milliseconds', ${timestamp} + interval 500 microseconds)`
}
