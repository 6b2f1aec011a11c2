/** Before anything is read: whether what a script expects of its rows can be looked for at all. */
import {
  type Expectation,
  formatExpectation,
  isOfRows,
  type RowExpectation,
} from '../../declare/expectation.ts'
import { describeNearest } from '../../declare/nearest.ts'
import type { Table } from '../../declare/table.ts'
import { Failure } from '../../failure/failure.ts'
import { type DryLake, hasReaders, type Lake } from '../../lake/lake.ts'
import type { Column } from '../../types/type.ts'
import type { Journal } from '../journal.ts'

interface Asking {
  readonly journal: Pick<Journal, 'warn'>
  readonly signal: AbortSignal
}

/**
 * A dry run asks no lake. A table that is not there yet only silences a `warn`.
 * @returns what the lake's engine is to be asked
 * @throws Failure (1) where a table that rows refer to is not published yet, (3) where it has no such column
 */
export async function askable(
  table: Table,
  lake: Lake | DryLake,
  { journal, signal }: Asking,
): Promise<readonly RowExpectation[]> {
  const expected = table.expectations.filter(isOfRows)
  if (!hasReaders(lake)) return expected
  const asked: RowExpectation[] = []
  for (const each of expected) {
    const unpublished = await describeUnpublished(table, each, lake, signal)
    if (unpublished === undefined) asked.push(each)
    else if (each.severity === 'warn')
      journal.warn(`not looked for: ${formatExpectation(each)}, as ${unpublished}`)
    else {
      throw refused(
        table,
        1,
        unpublished,
        `Load that first, as by bun scripts/${targetOf(each)}.ts; or move it under warn, or correct its name, in scripts/${table.name}.ts.`,
      )
    }
  }
  return asked
}

/** The other tables that Athena is to look into; undefined: it is to look for nothing. */
export function referencesOf({ name, expectations }: Table): readonly string[] | undefined {
  if (!expectations.some(isOfRows)) return undefined
  const tables = expectations.flatMap((each) => (each.kind === 'references' ? [each.table] : []))
  return [...new Set(tables)].filter((each) => each !== name)
}

function targetOf(each: Expectation): string {
  return each.kind === 'references' ? each.table : ''
}

/** @returns why its table cannot be looked into, a clause; undefined: it can, or there is none but its own */
async function describeUnpublished(
  table: Table,
  each: RowExpectation,
  lake: Pick<Lake, 'columnsOf'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (each.kind !== 'references') return undefined
  const own = Object.entries(table.output).map(([name, { athena }]) => ({ name, type: athena }))
  const columns = each.table === table.name ? own : await lake.columnsOf(each.table, signal)
  if (columns === undefined) return `its ${each.column} refers to ${each.table}, which is not published`
  const found = columns.find(({ name }) => name === each.to)
  const correct = `Correct references in scripts/${table.name}.ts.`
  if (found === undefined) {
    const near = describeNearest(
      each.to,
      columns.map(({ name }) => name),
    )
    const reason = `its ${each.column} refers to ${each.table}.${each.to}, and ${each.table} has no such column in the lake${near}`
    throw refused(table, 3, reason, correct)
  }
  const column: Column | undefined = table.output[each.column]
  if (column !== undefined && familyOf(column.athena) !== familyOf(found.type)) {
    const reason = `its ${each.column} is ${column.athena} in the lake and refers to ${each.table}.${each.to}, which is ${found.type}: they are never equal`
    throw refused(table, 3, reason, correct)
  }
  return undefined
}

/** Types that Athena compares with one another. @param type in Hive's words */
function familyOf(type: string): string {
  const [name = ''] = type.toLowerCase().split('(')
  if (['tinyint', 'smallint', 'int', 'integer', 'bigint', 'decimal'].includes(name)) return 'number'
  return ['string', 'varchar', 'char'].includes(name) ? 'text' : name
}

function refused({ name }: Table, exit: 1 | 3, reason: string, advice: string): Failure {
  return new Failure({ exit, act: 'load', thing: name, reason, advice })
}
