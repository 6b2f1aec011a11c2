/** The data files of a table, held against what the manifests and the table's columns say of them. */
import type { Entry } from '../../../../iceberg/manifest.ts'
import { type IcebergType, isList } from '../../../../iceberg/schema.ts'
import type { Answering } from '../../engine.ts'
import { parseHiveType, readableAs } from '../../hive-type.ts'
import { type FileColumn, parquetColumns } from '../../parquet-schema.ts'
import type { S3Store } from '../../s3/store.ts'
import { QueryFailure } from '../failure.ts'
import type { TableState } from './state.ts'
import type { IcebergTable } from './tables.ts'
import { namesWithin } from './types.ts'

/** Columns of files that were looked into, by the paths of blobs, which never change. */
const known = new Map<string, readonly FileColumn[]>()
const mostKnown = 50_000

/**
 * Where each file lies on this machine.
 * @throws QueryFailure for a file that is gone, is not as long as its manifest says, is no Parquet file, or has values of
 * another type
 */
export async function readablePaths(
  { store, engine }: { store: S3Store; engine: Answering },
  { table, schema }: TableState,
  entries: readonly Entry[],
): Promise<Map<Entry, string>> {
  refuseRenamedWithin(table)
  const paths = new Map(entries.map((entry) => [entry, store.path(blobOf(table, entry))]))
  const entryOf = new Map([...paths].map(([entry, path]) => [path, entry]))
  const unseen = [...entryOf.keys()].filter((path) => !known.has(path))
  const found = await parquetColumns(engine, unseen).catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error)
    const entry = entryOf.get(unseen.find((path) => message.includes(path)) ?? '')
    throw entry === undefined ? error : cannotOpen(entry, `Not valid Parquet file: ${entry.file.path}`)
  })
  if (known.size + found.size > mostKnown) known.clear()
  for (const [path, columns] of found) known.set(path, columns)
  const byName = table.metadata.properties?.['schema.name-mapping.default'] !== undefined
  for (const [path, entry] of entryOf) {
    const columns = known.get(path) ?? []
    if (byName && columns.every(({ fieldId }) => fieldId === undefined)) {
      throw new QueryFailure(
        `NOT_SUPPORTED: files without field ids, read by a name mapping, are not supported by this stand-in: ${entry.file.path}`,
      )
    }
    for (const { id, name, type } of schema.fields) {
      const inFile = columns.find(({ fieldId }) => fieldId === id)
      const declared = hiveType(type)
      if (inFile === undefined || declared === undefined) continue
      if (readableAs(parseHiveType(inFile.type), parseHiveType(declared))) continue
      throw new QueryFailure(
        `ICEBERG_BAD_DATA: Unsupported Trino column type (${declared}) for Parquet column ([${name.toLowerCase()}] ${inFile.type}): ${entry.file.path}`,
      )
    }
  }
  return paths
}

/** DuckDB finds columns by their ids, and what is in a struct by its name. */
function refuseRenamedWithin({ name, metadata }: IcebergTable): void {
  const names = new Map<number, string>()
  for (const [id, found] of metadata.schemas.flatMap(({ fields }) =>
    fields.flatMap((field) => namesWithin(field.type)),
  )) {
    if ((names.get(id) ?? found) !== found) {
      throw new QueryFailure(
        `NOT_SUPPORTED: ${names.get(id)} in a struct of ${name} is now called ${found}, which is not supported by this stand-in`,
      )
    }
    names.set(id, found)
  }
}

function blobOf(table: IcebergTable, entry: Entry): string {
  const { path, bytes } = entry.file
  const object = table.find(path)
  if (object === undefined) throw cannotOpen(entry, 'The specified key does not exist.')
  if (object.bytes === bytes) return object.blob
  throw cannotOpen(entry, `Incorrect file size (${bytes}) for file (end of stream not reached): ${path}`)
}

function cannotOpen({ file: { path, bytes } }: Entry, reason: string): QueryFailure {
  return new QueryFailure(
    `ICEBERG_CANNOT_OPEN_SPLIT: Error opening Iceberg split ${path} (offset=0, length=${bytes}): ${reason}`,
  )
}

const hiveNames: Readonly<Record<string, string>> = {
  boolean: 'boolean',
  int: 'int',
  long: 'bigint',
  float: 'float',
  double: 'double',
  date: 'date',
  timestamp: 'timestamp',
  timestamptz: 'timestamp',
  string: 'string',
  binary: 'binary',
}

/** In Hive's words; undefined: files are not held against it. */
function hiveType(type: IcebergType): string | undefined {
  if (typeof type === 'string') return type.startsWith('decimal') ? type : hiveNames[type]
  if (!isList(type)) return undefined
  const element = hiveType(type.element)
  return element && `array<${element}>`
}
