/** The texts that readers of all languages bring values to, and Postgres' own in the same. */
import type { Table } from '../../../lib/declare/table.ts'
import type { Rows } from '../read-back.ts'

/** @param row a text or null for each column */
export function rowText(row: readonly (string | null)[]): string {
  return JSON.stringify(row)
}

/** The eight bytes of the number in hex, as languages print numbers otherwise. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return bytes.toString('hex')
}

/** Rows as `rowsHeld` has them, with floats in these texts. */
export function inTexts({ columns }: Pick<Table, 'columns'>, rows: Rows): Rows {
  const floats = Object.values(columns).map(({ parquet: { physical } }) =>
    ['FLOAT', 'DOUBLE'].includes(physical),
  )
  return rows.map((row) => {
    const values = JSON.parse(row) as (string | null)[]
    return rowText(
      values.map((value, at) => (floats[at] && value !== null ? floatText(Number(value)) : value)),
    )
  })
}
