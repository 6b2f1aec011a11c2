/** `lossy()`: values that have no place in the lake pass all the same, changed. */
import { requireNoMore, requireType } from './is-column.ts'
import { textOf } from './text.ts'
import type { Column, UnboundedColumn } from './type.ts'

/**
 * Lets values that have no place in the lake pass all the same: `null` in their stead, or `clamp`ed to the nearest that
 * has one (a NaN has none and stops the load still). Each load reports how many.
 */
export function lossy<Value>(of: UnboundedColumn<Value>, policy: 'null'): Column<Value | null>
export function lossy<Value>(of: UnboundedColumn<Value>, policy: 'clamp'): Column<Value>
/** `text`: the whole column as Postgres prints it. */
export function lossy<Value>(of: UnboundedColumn<Value>, policy: 'text'): Column<string>
export function lossy(
  of: UnboundedColumn,
  policy: 'null' | 'clamp' | 'text',
  ...more: readonly never[]
): Column {
  requireNoMore('lossy', more)
  requireType('lossy', of)
  if (!('unbounded' in of)) {
    throw new TypeError(
      `Cannot declare "lossy(${(of as Column).type}, …)": every value of it has a place in the lake. Take it as it is.`,
    )
  }
  if (!['null', 'clamp', 'text'].includes(policy)) {
    throw new TypeError(
      `Cannot declare "lossy(${of.type}, …)": ${JSON.stringify(policy)} is no policy. Write 'null', 'clamp' or 'text'.`,
    )
  }
  if (policy === 'text')
    return textOf(
      of.accepts,
      of.accepts === 'any' || !of.accepts.includes('numeric') ? 'text' : 'numericText',
    )
  return Object.freeze({ ...of, nullable: policy === 'null' || of.nullable, lossy: policy })
}
