/** What is asked of rows that no key tells apart: how often each of them, as a whole, is in either table. */
import {
  type ComparedPair,
  columnOf,
  cut,
  type ExampleOptions,
  examplesOf,
  formOf,
  fromOf,
  type Side,
  type SideTable,
} from './sql.ts'

/** Rows of both, as often as both have them; rows of ours alone, and of theirs; examples of the latter two. */
export function wholeRowQuery(
  { ours, theirs }: Readonly<Record<Side, SideTable>>,
  pairs: readonly ComparedPair[],
  options: ExampleOptions,
): string {
  const names = pairs.flatMap((_, at) => [`n${at}`, `f${at}`])
  const groups = `select ${names.join(', ')}, sum(o) as o, sum(t) as t from (${sideSelect('ours', ours, pairs)} union all ${sideSelect('theirs', theirs, pairs)}) as s group by ${names.map((_, at) => at + 1).join(', ')}`
  const texts = pairs.flatMap(({ form, told }, at) => {
    const text = form.kind === 'bytes' ? `to_hex(f${at})` : `cast(f${at} as varchar)`
    return told ? [cut(text)] : []
  })
  // A row that has a null in it has no place in an order, and the text of it has.
  const order = texts.length === 0 ? '' : `json_format(cast(array[${texts.join(', ')}] as json))`
  return `select ${[
    'coalesce(sum(case when o < t then o else t end), 0)',
    'coalesce(sum(case when o > t then o - t else 0 end), 0)',
    'coalesce(sum(case when t > o then t - o else 0 end), 0)',
    examplesOf(texts, order, 'o > t', options),
    examplesOf(texts, order, 't > o', options),
  ].join(', ')} from (${groups}) as g`
}

/** Whether a value is null is told too: one that has no place in its form is not. */
function sideSelect(side: Side, table: SideTable, pairs: readonly ComparedPair[]): string {
  const columns = pairs.flatMap((pair, at) => {
    const form = formOf(pair, side)
    // The numbers 0 and -0 are the same, and in groups they need not be.
    const value = pair.form.kind === 'float' ? `${form} + 0E0` : form
    return [`${columnOf(pair, side)} is null as n${at}`, `${value} as f${at}`]
  })
  return `select ${columns.join(', ')}, ${side === 'ours' ? '1 as o, 0 as t' : '0 as o, 1 as t'} from ${fromOf(table)}`
}
