/** The field that a table is partitioned by: its values as Postgres computes them, as the lake has them, and in words. */
import type { PartitionBy } from '../../declare/partition-by.ts'
import type { Table } from '../../declare/table.ts'
import { partitionText, partitionValue } from '../../iceberg/partition-text.ts'
import { primitiveType } from '../../iceberg/schema.ts'
import { transformedType, transformOf } from '../../iceberg/transform.ts'
import { type PartitionForm, type PartitionValue, partitionForm } from '../../postgres/partition-form.ts'
import type { Source } from '../../postgres/source.ts'

export interface PartitionedBy {
  readonly by: PartitionBy
  /** Its name in the source. */
  readonly column: string
  readonly form: PartitionForm
  /** `2026-03-01`; null stays null. */
  textOf(value: PartitionValue): string | null
  /** The partition that such a text is, or lies in; undefined: it is the text of none. */
  valueOf(text: string): PartitionValue | undefined
}

/** @param by of the table @param source that has been held against the declaration */
export function partitionedBy({ columns }: Table, by: PartitionBy, source: Source): PartitionedBy {
  const column = columns[by.column]!
  const name = column.source ?? by.column
  const found = source.columns.find((each) => each.name === name)
  if (found === undefined) throw new Error(`The source has no ${name}.`)
  const type = primitiveType(column)
  const field = { transform: by.transform, type: transformedType(by.transform, type) }
  const isRange = by.transform.startsWith('truncate')
  return {
    ...{ by, column: name, form: partitionForm(by, column, found) },
    textOf: (value) => partitionText(field, value),
    valueOf(text) {
      const value = partitionValue(field, text)
      if (value === undefined || value instanceof Uint8Array) return undefined
      if (!isRange || value === null) return value
      // Any number of a range stands for it.
      const start = transformOf(by.transform, type)?.(value)
      return start instanceof Uint8Array ? undefined : start
    },
  }
}
