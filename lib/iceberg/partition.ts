/** How a table is partitioned (Iceberg specification, "Partition Specs"), and its partitions: one value a field. */
import { Failure } from '../failure/failure.ts'
import { type Field, fieldById, type IcebergType, type Schema } from './schema.ts'
import { compareValues } from './single-value.ts'
import {
  type PartitionValue,
  type Transform,
  transformedType,
  transformOf,
  truncateWidth,
} from './transform.ts'

/** JSON as it stands in table metadata. */
export interface PartitionSpec {
  readonly 'spec-id': number
  readonly fields: readonly PartitionField[]
}

export interface PartitionField {
  readonly 'source-id': number
  /** 1000 or more. */
  readonly 'field-id': number
  readonly name: string
  readonly transform: string
}

/** What a script declares: `day('created_at')`. */
export interface PartitionBy {
  readonly column: string
  readonly transform: Transform
}

/** One value a field of the spec, in its order. */
export type Partition = readonly PartitionValue[]

/**
 * Fields for a spec, named as others name them: `created_at_day`, `id_trunc`, `kind`.
 * @param lastPartitionId the greatest id that was ever given to a partition field; 999: none was
 * @throws Failure (2) for a column that there is none of, or that is not partitioned so
 */
export function partitionFields(
  table: string,
  { fields }: Pick<Schema, 'fields'>,
  by: readonly PartitionBy[],
  lastPartitionId: number,
): PartitionField[] {
  const taken = new Set(fields.map(({ name }) => name))
  return by.map(({ column, transform }, at) => {
    const source = fields.find(({ name }) => name === column)
    const type = source && primitiveOf(source.type)
    if (source === undefined || type === undefined || transformOf(transform, type) === undefined) {
      throw new Failure({
        exit: 2,
        act: 'partition',
        thing: table,
        reason:
          source === undefined
            ? `it has no column ${column}`
            : `${column} is ${type === undefined ? 'no single value' : `of the type ${type}`}, which has no ${transform}`,
        advice:
          'Partition it by day, month or year of a date or a timestamp, by ranges of an integer, or by the value of a column that is not a floating-point number.',
      })
    }
    return {
      'source-id': source.id,
      'field-id': lastPartitionId + 1 + at,
      name: fieldName(column, transform, taken),
      transform,
    }
  })
}

/** A name that no column has, unless the values are the column's. */
function fieldName(column: string, transform: string, taken: ReadonlySet<string>): string {
  if (transform === 'identity') return column
  const suffix = truncateWidth(transform) === undefined ? transform : 'trunc'
  let name = `${column}_${suffix}`
  while (taken.has(name)) name += '_'
  return name
}

/** A partition's field, with the column it is made of. */
export interface BoundField extends PartitionField {
  readonly source: Field
  readonly sourceType: string
  /** That of the partition's values. */
  readonly type: string
}

/**
 * @param schemas where the columns are looked for, the first that has them: a spec may be older than what is left of them
 */
export function bindFields({ fields }: PartitionSpec, schemas: readonly Schema[]): BoundField[] {
  return fields.map((field) => {
    const source = schemas.flatMap((schema) => fieldById(schema, field['source-id']) ?? [])[0]
    const sourceType = source && primitiveOf(source.type)
    if (source === undefined || sourceType === undefined) {
      throw new TypeError(`The partition field ${field.name} is made of a column that no schema has.`)
    }
    return { ...field, source, sourceType, type: transformedType(field.transform, sourceType) }
  })
}

function primitiveOf(type: IcebergType): string | undefined {
  return typeof type === 'string' ? type : undefined
}

/** Equal for equal partitions of a table, whatever the types of its columns were when they were written. */
export function partitionKey(partition: Partition): string {
  return JSON.stringify(partition.map((value) => (value === null ? null : String(value))))
}

/** Null comes first. */
export function comparePartitions(a: Partition, b: Partition): number {
  for (const [at, value] of a.entries()) {
    const other = b[at] ?? null
    const order =
      value === null || other === null
        ? Number(value !== null) - Number(other !== null)
        : compareValues(value, other)
    if (order !== 0) return order
  }
  return 0
}
