/** An Iceberg table at one snapshot as SQL over its files. */
import type { Entry } from '../../../../iceberg/manifest.ts'
import type { Field, Schema } from '../../../../iceberg/schema.ts'
import { identifier, literal } from '../../hive-type.ts'
import type { S3Store } from '../../s3/store.ts'
import { QueryFailure } from '../failure.ts'
import type { Scan } from './scan.ts'
import type { TableState } from './state.ts'
import type { IcebergTable } from './tables.ts'
import { duckType, leafIds } from './types.ts'

/** A table of the same columns and no rows, to plan over: `create table <name> (…)` needs what this gives. */
export function columnList({ schema }: TableState): string {
  return schema.fields.map(({ name, type }) => `${nameOf(name)} ${duckType(type)}`).join(', ')
}

/**
 * SQL that reads the table as Athena's engine does: columns by the ids of their fields, null where a file lacks one.
 * Where no column is wanted rows are counted by the manifests, and no file is opened (Trino, `IcebergPageSourceProvider`).
 * @param scans undefined: it is not known what is wanted
 * @returns the SELECT, and the bytes of the columns it reads
 * @throws QueryFailure for a file that is gone, or is not as long as its manifest says
 */
export async function icebergSelect(
  store: S3Store,
  { table, schema, snapshot }: TableState,
  scans: readonly Scan[] | undefined,
): Promise<{ sql: string; bytes: number }> {
  const entries = await table.files(snapshot)
  if (scans?.every(({ columns, conditions }) => columns.length + conditions.length === 0)) {
    const rows = entries.reduce((sum, { file }) => sum + file.rows, 0)
    return { sql: `select ${nulls(schema)} from range(${rows})`, bytes: 0 }
  }
  if (entries.length === 0) return { sql: `select ${nulls(schema)} where false`, bytes: 0 }
  const paths = entries.map((entry) => store.path(blobOf(table, entry)))
  const columns = schema.fields.map(
    ({ id, name, type }) =>
      `${id}: {'name': ${literal(name.toLowerCase())}, 'type': ${literal(duckType(type))}, 'default_value': null}`,
  )
  return {
    sql: `select * from read_parquet([${paths.map(literal).join(', ')}], schema = map {${columns.join(', ')}})`,
    bytes: bytesRead(schema, entries, scans),
  }
}

function nameOf(name: string): string {
  return identifier(name.toLowerCase())
}

function nulls({ fields }: Schema): string {
  return fields.map(({ name, type }) => `cast(null as ${duckType(type)}) as ${nameOf(name)}`).join(', ')
}

function blobOf(table: IcebergTable, { file: { path, bytes } }: Entry): string {
  const object = table.find(path)
  const reason =
    object === undefined
      ? 'The specified key does not exist.'
      : object.bytes === bytes
        ? undefined
        : `Incorrect file size (${bytes}) for file (end of stream not reached): ${path}`
  if (object !== undefined && reason === undefined) return object.blob
  throw new QueryFailure(
    `ICEBERG_CANNOT_OPEN_SPLIT: Error opening Iceberg split ${path} (offset=0, length=${bytes}): ${reason}`,
  )
}

/** The compressed columns' bytes by the manifests; whole files where those do not say. */
function bytesRead(schema: Schema, entries: readonly Entry[], scans: readonly Scan[] | undefined): number {
  const wanted = scans === undefined ? schema.fields : schema.fields.filter((field) => isWanted(field, scans))
  const ids = wanted.flatMap(leafIds)
  return entries.reduce((sum, { file: { bytes, columnSizes } }) => {
    if (columnSizes === undefined || scans === undefined) return sum + bytes
    return sum + ids.reduce((columns, id) => columns + (columnSizes.get(id) ?? 0), 0)
  }, 0)
}

function isWanted({ name }: Field, scans: readonly Scan[]): boolean {
  const plain = name.toLowerCase()
  return scans.some(
    ({ columns, conditions }) =>
      columns.some((column) => column === plain || column.startsWith(`${plain}.`)) ||
      conditions.some((condition) => condition.includes(plain)),
  )
}
