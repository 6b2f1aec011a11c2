/** The day of a moment. */
import { date, nullable } from '../../lib/table.ts'
import { dayOf } from '../../lib/time.ts'

/** The day, in UTC, of the row's timestamp of this name; null of null. */
export function dayIn<Moment extends string>(moment: Moment) {
  type Row = { readonly [Name in Moment]: bigint | null }
  return { type: nullable(date), value: (row: Row) => dayOf(row[moment]) }
}
