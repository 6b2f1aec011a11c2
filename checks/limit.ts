/** How far two counts may be apart. */
import { InvalidArgumentError } from 'commander'

/** How far Postgres may have moved on since a load: `100` rows, or `1%` of the rows it read. */
export type Limit = { readonly rows: number } | { readonly percent: number }

/** @throws InvalidArgumentError */
export function parseLimit(text: string): Limit {
  const [, number, sign] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? []
  const amount = Number(number)
  if (sign === '%') return { percent: amount }
  if (number !== undefined && Number.isSafeInteger(amount)) return { rows: amount }
  throw new InvalidArgumentError('It is a number of rows such as 100, or a share such as 1%.')
}

/** @param rows those the load read */
export function isWithin(limit: Limit, difference: number, rows: number): boolean {
  const allowed = 'rows' in limit ? limit.rows : (rows * limit.percent) / 100
  return Math.abs(difference) <= allowed
}

export function formatLimit(limit: Limit): string {
  return 'rows' in limit ? `${limit.rows.toLocaleString('en')} rows` : `${limit.percent}%`
}
