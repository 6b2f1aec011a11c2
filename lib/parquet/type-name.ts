/** The name of a column's Parquet type for messages. */
import type { Column, ParquetType } from '../types/type.ts'

/**
 * A column's type in Parquet's own words (LogicalTypes.md): `INT32`, `BYTE_ARRAY STRING`, `INT64 TIMESTAMP(MICROS, UTC)`,
 * `FIXED_LEN_BYTE_ARRAY(16) DECIMAL(38,10)`, `LIST of INT32`.
 */
export function typeName({ parquet, element }: Column): string {
  return element === undefined ? plainName(parquet) : `LIST of ${plainName(parquet)}`
}

function plainName({ physical, logical, length }: ParquetType): string {
  const stored = length === undefined ? physical : `${physical}(${length})`
  switch (logical.kind) {
    case 'none':
      return stored
    case 'string':
      return `${stored} STRING`
    case 'date':
      return `${stored} DATE`
    case 'decimal':
      return `${stored} DECIMAL(${logical.precision},${logical.scale})`
    case 'timestamp':
      return `${stored} TIMESTAMP(MICROS, ${logical.utc ? 'UTC' : 'local'})`
  }
}
