/** The digest of a partition's rows, asked of Athena: the same that Postgres is asked for, in SQL that Trino and DuckDB read alike. */
import { quoteIdentifier } from '../../lib/aws/athena.ts'
import { kindOf } from '../../lib/postgres/fingerprint-form.ts'
import type { Column } from '../../lib/types/type.ts'

/** One text of all columns of a row. */
export function rowText(columns: readonly (readonly [string, Column])[]): string {
  const texts = columns.map(
    ([name, column]) => `coalesce('v' || ${text(quoteIdentifier(name), column)}, 'n')`,
  )
  return texts.length === 0 ? "''" : texts.join(' || chr(31) || ')
}

/** @param rowText name of that text @returns the sum of 60 bits of each row's MD5 */
export function digest(rowText: string): string {
  const bits = `from_base(substr(to_hex(md5(to_utf8(${rowText}))), 1, 15), 16)`
  return `sum(cast(${bits} as decimal(38, 0)))`
}

function text(name: string, column: Column): string {
  switch (kindOf(column)) {
    case 'timestamp':
      return timestampText(name, column)
    case 'binary':
      return `lower(to_hex(${name}))`
    case 'text':
    case 'json':
      return name
    default:
      return `cast(${name} as varchar)`
  }
}

/** DuckDB's milliseconds have the seconds in them. */
function timestampText(name: string, { parquet: { logical } }: Column): string {
  const isUtc = logical.kind === 'timestamp' && logical.utc
  const at = isUtc ? `(${name} at time zone 'UTC')` : name
  const parts = ['month', 'day', 'hour', 'minute', 'second'] as const
  const seconds = parts.reduce((sum, part) => `(${sum} * 100 + ${part}(${at}))`, `year(${at})`)
  return `cast(${seconds} * 1000 + millisecond(${at}) % 1000 as varchar)`
}
