/** Columns of an Iceberg table as Glue shows them to people: engines read the metadata. */
import type { IcebergContent } from '../../aws/table-input.ts'
import { columnComment } from '../../declare/documentation.ts'
import { decimalDigits, type IcebergType, isList, type Schema } from '../../iceberg/schema.ts'

export function icebergColumns({ fields }: Schema): IcebergContent['columns'] {
  return fields.map(({ id, name, type, doc }) => {
    // Others' may be longer than Glue's.
    const comment = columnComment(doc)
    return { id, name, type: hiveType(type), ...(comment !== undefined && { comment }) }
  })
}

/** In Hive's words, as plain tables have them: `bigint`, `array<string>`. */
function hiveType(type: IcebergType): string {
  if (typeof type !== 'string') return isList(type) ? `array<${hiveType(type.element)}>` : type.type
  const digits = decimalDigits(type)
  if (digits !== undefined) return `decimal(${digits.precision},${digits.scale})`
  return words[type] ?? type
}

const words: Readonly<Record<string, string>> = {
  long: 'bigint',
  timestamptz: 'timestamp',
  uuid: 'string',
  time: 'string',
}
