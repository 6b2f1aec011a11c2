/**
 * The volume guard: a load that would take most of a table's rows from its readers stops before it is published.
 *
 * What is compared is what readers lose: rows written with rows published. Rows read are not, so that a filter may
 * become a condition in SQL. No table is too small for it: half of ten exchange rates is missed as much as half of a
 * million orders, and where few rows come and go, `shrink` says so. That all rows went is an older rule, of another flag:
 * an emptied source is refused whatever share may go. A filter that keeps none of the rows is refused on the first load
 * too: it is a comparison of what is never alike, such as a bigint and a number, more often than meant.
 */
import type { Table } from '../../declare/table.ts'
import { Failure } from '../../failure/failure.ts'
import type { LoadOptions } from '../options.ts'

interface Guarded {
  readonly table: Table
  readonly options: Pick<LoadOptions, 'allowEmpty' | 'maxShrink'>
}

/**
 * @param rowsRead before any filter
 * @param before what readers see; undefined: nothing is published yet
 * @throws Failure (3) where no row is left of some, (4) where more are gone than may
 */
export function refuseShrunk(
  { table, options }: Guarded,
  { rows, rowsRead }: { readonly rows: number; readonly rowsRead: number },
  before: number | undefined,
): void {
  if (rows === 0 && (before === undefined ? rowsRead > 0 : before > 0)) {
    if (options.allowEmpty) return
    const reason =
      rowsRead === 0 ? 'the source has no rows' : `the filter keeps none of ${count(rowsRead)} rows`
    const readers = before === undefined ? '' : `, and readers now see ${count(before)}`
    throw refusal(table.name, 3, `${reason}${readers}`, emptyAdvice)
  }
  if (before === undefined) return
  const bound = options.maxShrink ?? table.shrink
  if (!isShrunk(rows, before, bound)) return
  const read = rowsRead === rows ? '' : `, of ${count(rowsRead)} read,`
  const reason = `${count(rows)} rows${read} would replace the ${count(before)} that readers see now`
  throw refusal(
    table.name,
    4,
    `${reason}, ${describeLoss(rows, before, bound)}`,
    shrunkAdvice(rows, before, optionOf(table)),
  )
}

/** @throws as {@link refuseShrunk}; a lookup that the load readers see did not have has lost nothing */
export function refuseShrunkLookup(
  { table, options }: Guarded,
  name: string,
  rows: number,
  before = 0,
): void {
  const lookup = table.lookups[name]
  if (rows === 0 && before > 0) {
    if (options.allowEmpty) return
    const reason = `the lookup ${name} has no rows, and had ${count(before)} in the load that readers see now`
    throw refusal(table.name, 3, reason, emptyAdvice)
  }
  const bound = options.maxShrink ?? lookup?.shrink ?? 100
  if (!isShrunk(rows, before, bound)) return
  const reason = `the lookup ${name} has ${count(rows)} rows, and had ${count(before)} in the load that readers see now`
  throw refusal(
    table.name,
    4,
    `${reason}, ${describeLoss(rows, before, bound)}`,
    shrunkAdvice(rows, before, `in that lookup of scripts/${table.name}.ts shrink`),
  )
}

function isShrunk(rows: number, before: number, bound: number): boolean {
  return rows * 100 < before * (100 - bound)
}

function describeLoss(rows: number, before: number, bound: number): string {
  const percent = Math.floor(lossOf(rows, before) * 100) / 100
  return `which is ${percent}% fewer, and a load may lose ${bound}%`
}

/** Percent. */
function lossOf(rows: number, before: number): number {
  return ((before - rows) / before) * 100
}

const emptyAdvice = 'If it is meant to be empty, load it with --allow-empty.'

/** Where it stands already if it stands anywhere: beside the other name for the same it is refused. */
function optionOf({ name, shrinkOption }: Table): string {
  return shrinkOption === 'shrink'
    ? `in scripts/${name}.ts shrink`
    : `in expect.rows of scripts/${name}.ts maxShrink`
}

/** @param option a place in the script, and the option's name */
function shrunkAdvice(rows: number, before: number, option: string): string {
  const enough = Math.ceil(lossOf(rows, before))
  return `Find out where they went; if that is as it should be, load it once with --max-shrink ${enough}%, or write ${option}: '${enough}%'.`
}

function count(rows: number): string {
  return rows.toLocaleString('en')
}

function refusal(thing: string, exit: 3 | 4, reason: string, advice: string): Failure {
  return new Failure({ exit, act: 'publish', thing, reason, advice })
}
