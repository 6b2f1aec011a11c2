/** Single values on their way into SQL: as texts, and as what makes values of DuckDB of them again. */
import { decimalDigits } from '../../../../iceberg/schema.ts'
import type { SingleValue } from '../../../../iceberg/single-value.ts'
import { duckType } from './types.ts'

/** Days, microseconds, digits, hexadecimal bytes: exact, and for `sqlOf` alone. */
export function textOf(type: string, value: SingleValue | null | undefined): string | null {
  if (value === null || value === undefined) return null
  const scale = decimalDigits(type)?.scale ?? 0
  if (scale > 0) {
    const digits = String(value)
      .replace('-', '')
      .padStart(scale + 1, '0')
    return `${(value as bigint) < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  return Object.is(value, -0) ? '-0' : String(value)
}

/** SQL. @param text an expression of such a text */
export function sqlOf(type: string, text: string): string {
  switch (type) {
    case 'date':
      return `(date '1970-01-01' + cast(${text} as integer))`
    case 'time':
      return `(time '00:00:00' + to_microseconds(cast(${text} as bigint)))`
    case 'timestamp':
      return `make_timestamp(cast(${text} as bigint))`
    case 'timestamptz':
      return `make_timestamptz(cast(${text} as bigint))`
    default:
      return duckType(type) === 'BLOB' ? `unhex(${text})` : `cast(${text} as ${duckType(type)})`
  }
}
