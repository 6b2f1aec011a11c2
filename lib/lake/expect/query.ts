/**
 * What the lake's engine is asked about expectations: one query that gives one row. What can be said row by row comes of one
 * scan; each `unique` and each `references` has a scan of its own columns.
 */
import { quoteIdentifier } from '../../aws/athena.ts'
import { mostLetters, type RowExpectation } from '../../declare/expectation.ts'
import type { Columns } from '../../declare/selection.ts'

export interface AskedTable {
  /** Its name for readers. */
  readonly name: string
  /** What is asked instead, in the database that the query is run in: the staged table. */
  readonly staged: string
  /** The database that readers use. */
  readonly database: string
  /** The columns of the lake. */
  readonly output: Columns
  /** Whether the lake tells timestamps with a zone from those without. */
  readonly hasZones: boolean
  /** By which rows are told that have a null; undefined: they are only counted. */
  readonly key: string | undefined
  /** The columns whose values may stand in a message, text too where the script lists what there is to be. */
  readonly told: ReadonlySet<string>
}

/** The columns of the row are those of each expectation in turn, as `answersIn` reads them. */
export function expectationQuery(table: AskedTable, expectations: readonly RowExpectation[]): string {
  const asked = expectations.map((each, at) => {
    const { measures, from } = measuresOf(table, each)
    return { from, measures: measures.map((sql, which) => ({ sql, name: `e${at}_${which}` })) }
  })
  const scans = [...Map.groupBy(asked, ({ from }) => from)].map(([from, group], at) => {
    const measures = group.flatMap((each) => each.measures.map(({ sql, name }) => `${sql} as ${name}`))
    return `(select ${measures.join(', ')} from ${from}) as s${at}`
  })
  const names = asked.flatMap(({ measures }) => measures.map(({ name }) => name))
  return `select ${names.join(', ')} from ${scans.join(' cross join ')}`
}

interface Measures {
  readonly measures: readonly string[]
  /** Equal ones are scanned once. */
  readonly from: string
}

function measuresOf(table: AskedTable, expectation: RowExpectation): Measures {
  const from = quoteIdentifier(table.staged)
  switch (expectation.kind) {
    case 'rows':
      return { from, measures: ['count(*)'] }
    case 'newest':
      return { from, measures: [secondsSince1970(table, expectation.column)] }
    case 'notNull': {
      const condition = `${quoteIdentifier(expectation.column)} is null`
      return {
        from,
        measures: countAndExamples(condition, table.key === undefined ? nothing : shown(table, table.key)),
      }
    }
    case 'values': {
      const column = table.output[expectation.column]!
      const listed = expectation.values.map((each) => literal(column, each)).join(', ')
      const condition = `${quoteIdentifier(expectation.column)} not in (${listed})`
      const example = table.told.has(expectation.column) ? shown(table, expectation.column) : nothing
      return { from, measures: countAndExamples(condition, example) }
    }
    case 'unique':
      return repeated(table, expectation.columns)
    case 'references':
      return missing(table, expectation)
  }
}

/** How many rows, and the least and the greatest example of those. */
function countAndExamples(condition: string, example: string): string[] {
  const both = ['min', 'max'].map((extreme) => `${extreme}(case when ${condition} then ${example} end)`)
  return [`count(case when ${condition} then 1 end)`, ...both]
}

/** And how many values, last. */
function repeated(table: AskedTable, names: readonly string[]): Measures {
  const columns = names.map(quoteIdentifier)
  const filled = columns.map((each) => `${each} is not null`).join(' and ')
  const isTold = names.every((each) => isKey(table, each))
  const example = isTold ? names.map((each) => shown(table, each)).join(` || ', ' || `) : nothing
  const groups = `select count(*) as ${rows}, ${example} as ${value} from ${quoteIdentifier(table.staged)} where ${filled} group by ${columns.join(', ')} having count(*) > 1`
  return { from: `(${groups}) as g`, measures: [`sum(${rows})`, ...examples, 'count(*)'] }
}

function missing(
  table: AskedTable,
  { column: name, table: target, to }: Extract<RowExpectation, { readonly kind: 'references' }>,
): Measures {
  const staged = quoteIdentifier(table.staged)
  const [column, other] = [quoteIdentifier(name), quoteIdentifier(to)]
  const there =
    target === table.name ? staged : `${quoteIdentifier(table.database)}.${quoteIdentifier(target)}`
  const example = isKey(table, name) ? shown(table, name) : nothing
  const found = `select o.${other} from ${there} as o where o.${other} is not null`
  const missed = `select ${example} as ${value} from ${staged} where ${column} not in (${found})`
  return { from: `(${missed}) as g`, measures: ['count(*)', ...examples] }
}

/** Names that no column has. */
const [rows, value] = ['"#rows"', '"#value"']
const examples = [`min(${value})`, `max(${value})`]

const nothing = 'cast(null as varchar)'

/** Whether the column's values are told that are no words of the script: an e-mail address may be unique, or refer to one. */
export function isKey({ output, told }: Pick<AskedTable, 'output' | 'told'>, name: string): boolean {
  const column = output[name]
  return told.has(name) && (column?.values.kind !== 'text' || column.type === 'uuid')
}

/** A value as text, which is cut where it is long. */
function shown({ output }: AskedTable, name: string): string {
  const text = `cast(${quoteIdentifier(name)} as varchar)`
  return output[name]?.values.kind === 'text' ? `substr(${text}, 1, ${mostLetters + 1})` : text
}

function secondsSince1970({ output, hasZones }: AskedTable, name: string): string {
  const newest = `max(${quoteIdentifier(name)})`
  if (output[name]?.values.kind === 'date') return `date_diff('day', date '1970-01-01', ${newest}) * 86400`
  const isZoned = hasZones && output[name]?.type.startsWith('timestamptz')
  const utc = isZoned ? `cast(${newest} at time zone 'UTC' as timestamp)` : newest
  return `date_diff('second', timestamp '1970-01-01 00:00:00', ${utc})`
}

/** Text alone may hold anything; the others are digits, and decimals are cast to exactly their column's type. */
function literal({ values: { kind }, athena }: Columns[string], text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`
  if (kind === 'text') return quoted
  if (kind === 'date') return `date ${quoted}`
  if (kind === 'decimal') return `cast(${quoted} as ${athena})`
  return text
}
