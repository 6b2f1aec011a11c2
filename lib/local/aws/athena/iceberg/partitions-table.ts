/** `"t$partitions"`: what the manifests say of every partition, added up. No file is opened for it. */
import type { Entry } from '../../../../iceberg/manifest.ts'
import { schemasOf } from '../../../../iceberg/metadata.ts'
import { type BoundField, bindFields, partitionKey } from '../../../../iceberg/partition.ts'
import type { Field, Schema } from '../../../../iceberg/schema.ts'
import { compareValues, decodeValue, type SingleValue } from '../../../../iceberg/single-value.ts'
import type { PartitionValue } from '../../../../iceberg/transform.ts'
import { identifier } from '../../hive-type.ts'
import type { TableState } from './state.ts'
import { typedRows } from './typed-rows.ts'
import { sqlOf, textOf } from './value-text.ts'

/** Columns of one value whose extremes are shown: not those that a partition has one value of. */
type Shown = Pick<Field, 'id' | 'name'> & { readonly type: string }

interface Total {
  readonly values: readonly PartitionValue[]
  readonly entries: Entry[]
}

export function partitionsSelect({ table, schema }: TableState, entries: readonly Entry[]): string {
  const specs = new Map(
    table.metadata['partition-specs'].map((spec) => [
      spec['spec-id'],
      bindFields(spec, schemasOf(table.metadata)),
    ]),
  )
  // A table that was partitioned otherwise shows the fields of every spec.
  const fields = [...new Map([...specs.values()].flat().map((field) => [field['field-id'], field])).values()]
  const shown = shownOf(schema, fields)
  const rows = totalsOf(entries, fields, specs).map((total) => rowOf(total, fields, shown))
  const types = {
    ...{ rows: 'BIGINT', files: 'BIGINT', bytes: 'BIGINT' },
    ...Object.fromEntries(fields.map((_, at) => [`p${at}`, 'VARCHAR'])),
    ...Object.fromEntries(
      shown.flatMap(({ id }) => [
        ...['min', 'max'].map((name) => [`${name}${id}`, 'VARCHAR']),
        ...['nulls', 'nans'].map((name) => [`${name}${id}`, 'BIGINT']),
      ]),
    ),
  }
  const partition = fields.map(({ name, type }, at) => `${identifier(name)} := ${sqlOf(type, `p${at}`)}`)
  const data = shown.map(
    ({ id, name, type }) =>
      `${identifier(name.toLowerCase())} := struct_pack("min" := ${sqlOf(type, `min${id}`)}, "max" := ${sqlOf(type, `max${id}`)}, null_count := nulls${id}, nan_count := nans${id})`,
  )
  const columns = [
    ...(fields.length === 0 ? [] : [`struct_pack(${partition.join(', ')}) as "partition"`]),
    'rows as record_count, files as file_count, bytes as total_size',
    ...(shown.length === 0 ? [] : [`struct_pack(${data.join(', ')}) as "data"`]),
  ]
  return `select ${columns.join(', ')} from ${typedRows(types, rows)}`
}

function shownOf({ fields: columns }: Schema, fields: readonly BoundField[]): Shown[] {
  const constant = new Set(
    fields.filter(({ transform }) => transform === 'identity').map((field) => field['source-id']),
  )
  return columns.flatMap(({ id, name, type }) =>
    typeof type === 'string' && !constant.has(id) ? [{ id, name, type }] : [],
  )
}

function totalsOf(
  entries: readonly Entry[],
  fields: readonly BoundField[],
  specs: ReadonlyMap<number, readonly BoundField[]>,
): Total[] {
  const totals = new Map<string, Total>()
  for (const entry of entries) {
    const own = specs.get(entry.specId) ?? []
    const values = fields.map((field) => {
      const at = own.findIndex((each) => each['field-id'] === field['field-id'])
      return entry.file.partition[at] ?? null
    })
    const key = partitionKey(values)
    const total = totals.get(key) ?? { values, entries: [] }
    total.entries.push(entry)
    totals.set(key, total)
  }
  return [...totals.values()]
}

function rowOf({ values, entries }: Total, fields: readonly BoundField[], shown: readonly Shown[]) {
  const row: Record<string, string | number | null> = {
    rows: entries.reduce((sum, { file }) => sum + file.rows, 0),
    files: entries.length,
    bytes: entries.reduce((sum, { file }) => sum + file.bytes, 0),
  }
  for (const [at, { type }] of fields.entries()) row[`p${at}`] = textOf(type, values[at])
  for (const { id, type } of shown) {
    row[`min${id}`] = textOf(
      type,
      extreme(
        type,
        entries.map(({ file }) => file.lowerBounds?.get(id)),
        -1,
      ),
    )
    row[`max${id}`] = textOf(
      type,
      extreme(
        type,
        entries.map(({ file }) => file.upperBounds?.get(id)),
        1,
      ),
    )
    row[`nulls${id}`] = sum(entries.map(({ file }) => file.nullCounts?.get(id)))
    row[`nans${id}`] = sum(entries.map(({ file }) => file.nanCounts?.get(id)))
  }
  return row
}

function extreme(
  type: string,
  bounds: readonly (Uint8Array | undefined)[],
  sign: 1 | -1,
): SingleValue | null {
  return bounds.reduce<SingleValue | null>((best, bytes) => {
    if (bytes === undefined) return best
    const value = decodeValue(type, bytes)
    return best === null || sign * compareValues(value, best) > 0 ? value : best
  }, null)
}

function sum(counts: readonly (number | undefined)[]): number | null {
  return counts.every((count) => count === undefined)
    ? null
    : counts.reduce<number>((total, count) => total + (count ?? 0), 0)
}
