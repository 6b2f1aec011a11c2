/** An Iceberg table at one snapshot as SQL over its files. */
import type { Entry } from '../../../../iceberg/manifest.ts'
import type { Field, Schema } from '../../../../iceberg/schema.ts'
import type { Answering } from '../../engine.ts'
import { identifier, literal } from '../../hive-type.ts'
import type { S3Store } from '../../s3/store.ts'
import { readablePaths } from './data-files.ts'
import { neededFiles, type PartitionFiles } from './pruning.ts'
import type { Scan } from './scan.ts'
import type { TableState } from './state.ts'
import { typedRows } from './typed-rows.ts'
import { duckType, leafIds } from './types.ts'
import { sqlOf, textOf } from './value-text.ts'

/** A table of the same columns and no rows, to plan over: `create table <name> (…)` needs what this gives. */
export function columnList({ schema }: TableState): string {
  return schema.fields.map(({ name, type }) => `${nameOf(name)} ${duckType(type)}`).join(', ')
}

/**
 * SQL that reads the table as Athena's engine does: columns by the ids of their fields, null where a file lacks one, files
 * of the partitions alone that may have rows wanted. Values that a partition has one of are the manifest's; where no other
 * column is wanted rows are as many as manifests say, and no file is opened (Trino, `IcebergPageSourceProvider`).
 * @param scans undefined: it is not known what is wanted
 * @returns the SELECT, and the bytes of the columns it reads
 * @throws QueryFailure for a file that cannot be read
 */
export async function icebergSelect(
  { store, engine }: { store: S3Store; engine: Answering },
  state: TableState,
  scans: readonly Scan[] | undefined,
): Promise<{ sql: string; bytes: number }> {
  const { schema } = state
  const { partitions, allMatch } = await neededFiles(engine, state, scans)
  const none = { sql: `select ${nulls(schema)} where false`, bytes: 0 }
  if (partitions.length === 0) return none
  const wanted = scans && schema.fields.filter((field) => scans.some((scan) => names(scan.columns, field)))
  const isKnown = wanted?.every(({ id }) => partitions.every(({ constants }) => constants.has(id)))
  if (allMatch && isKnown) return { sql: countedRows(schema, partitions), bytes: 0 }

  const entries = partitions.flatMap((partition) => partition.entries)
  const paths = await readablePaths({ store, engine }, state, entries)
  const selects = [...Map.groupBy(partitions, ({ constants }) => [...constants].join())].map(([, group]) =>
    filesSelect(schema, group, paths),
  )
  return { sql: selects.join(' union all '), bytes: bytesRead(schema, entries, scans) }
}

/** Gives as many rows as the manifests say, each with a value that its partition has. */
function countedRows(schema: Schema, partitions: readonly PartitionFiles[]): string {
  const rows = partitions.map(({ entries, ranges }) => ({
    rows: entries.reduce((sum, { file }) => sum + file.rows, 0),
    ...texts(schema, ranges),
  }))
  const known = schema.fields.filter(({ id }) => partitions.some(({ ranges }) => ranges.has(id)))
  if (known.length === 0) {
    return `select ${nulls(schema)} from range(${rows.reduce((sum, each) => sum + each.rows, 0)})`
  }
  const types = Object.fromEntries(known.map(({ id }) => [`v${id}`, 'VARCHAR']))
  const columns = schema.fields.map((field) => `${valueIn(field, known)} as ${nameOf(field.name)}`)
  return `select ${columns.join(', ')} from (select *, unnest(range(rows)) from ${typedRows({ rows: 'BIGINT', ...types }, rows)})`
}

/** Files of partitions that have the same columns of one value. */
function filesSelect(
  schema: Schema,
  partitions: readonly PartitionFiles[],
  paths: ReadonlyMap<Entry, string>,
): string {
  const columns = schema.fields.map(
    ({ id, name, type }) =>
      `${id}: {'name': ${literal(name.toLowerCase())}, 'type': ${literal(duckType(type))}, 'default_value': null}`,
  )
  const files = partitions.flatMap(({ entries }) => entries.flatMap((entry) => paths.get(entry) ?? []))
  const read = `read_parquet([${files.map(literal).join(', ')}], schema = map {${columns.join(', ')}}`
  const constant = schema.fields.filter(({ id }) => partitions[0]?.constants.has(id))
  if (constant.length === 0) return `select * from ${read})`
  const rows = partitions.flatMap(({ entries, ranges }) =>
    entries.map((entry) => ({ path: paths.get(entry), ...texts(schema, ranges) })),
  )
  const types = Object.fromEntries(constant.map(({ id }) => [`v${id}`, 'VARCHAR']))
  const list = schema.fields.map((field) =>
    constant.includes(field)
      ? `${valueIn(field, constant)} as ${nameOf(field.name)}`
      : `f.${nameOf(field.name)}`,
  )
  return `select ${list.join(', ')} from ${read}, filename = 'file path') f join ${typedRows({ path: 'VARCHAR', ...types }, rows)} on f."file path" = r.path`
}

function texts({ fields }: Schema, ranges: PartitionFiles['ranges']): Record<string, string | null> {
  return Object.fromEntries(
    fields.flatMap(({ id, type }) => {
      const range = ranges.get(id)
      return typeof type !== 'string' || range === undefined ? [] : [[`v${id}`, textOf(type, range?.lower)]]
    }),
  )
}

function valueIn({ id, type }: Field, known: readonly Field[]): string {
  const isKnown = typeof type === 'string' && known.some((field) => field.id === id)
  return isKnown ? sqlOf(type, `v${id}`) : `cast(null as ${duckType(type)})`
}

function nameOf(name: string): string {
  return identifier(name.toLowerCase())
}

function nulls({ fields }: Schema): string {
  return fields.map(({ name, type }) => `cast(null as ${duckType(type)}) as ${nameOf(name)}`).join(', ')
}

/** The columns' compressed bytes by the manifests; whole files where those do not say. */
function bytesRead(schema: Schema, entries: readonly Entry[], scans: readonly Scan[] | undefined): number {
  const isRead = (field: Field) =>
    scans?.some((scan) => names(scan.columns, field) || mentions(scan.conditions, field)) ?? true
  const ids = schema.fields.filter(isRead).flatMap(leafIds)
  return entries.reduce((sum, { file: { bytes, columnSizes } }) => {
    if (columnSizes === undefined || scans === undefined) return sum + bytes
    return sum + ids.reduce((columns, id) => columns + (columnSizes.get(id) ?? 0), 0)
  }, 0)
}

function names(columns: readonly string[], { name }: Field): boolean {
  const plain = name.toLowerCase()
  return columns.some((column) => column === plain || column.startsWith(`${plain}.`))
}

function mentions(conditions: readonly string[], { name }: Field): boolean {
  const plain = name.toLowerCase()
  return conditions.some(
    (condition) =>
      condition.split(/[^\w$]+/).some((word) => word === plain) ||
      (/\W/.test(plain) && condition.includes(plain)),
  )
}
