/** The measures of a load's fingerprint, asked of Athena: SQL that Trino and DuckDB read alike. */
import { quoteIdentifier } from '../../lib/aws/athena.ts'
import {
  type Fingerprint,
  type Fingerprints,
  type Kind,
  type Measure,
  prefixLength,
} from '../../lib/postgres/fingerprint-form.ts'

/** One thing to compare. */
export interface Comparison {
  readonly column: string
  /** What is measured: a column's values, or the elements of its arrays. */
  readonly of: 'values' | 'elements'
  readonly kind: Kind
  readonly measure: Measure
  readonly recorded: string | null
}

export interface MeasureQuery {
  readonly sql: string
  /** In the order of the columns of the only row it answers. */
  readonly comparisons: readonly Comparison[]
}

/** Columns of one query: Athena takes 262,144 bytes of SQL (Athena User Guide, "Service quotas"). */
const columnsAtOnce = 100

/** One query for every hundred columns, and one for the elements of each array column. */
export function measureQueries(table: string, fingerprints: Fingerprints): MeasureQuery[] {
  const from = quoteIdentifier(table)
  const columns = Object.entries(fingerprints).filter(([, { unstable }]) => unstable !== true)
  const queries: MeasureQuery[] = []
  for (let at = 0; at < columns.length; at += columnsAtOnce) {
    const some = columns.slice(at, at + columnsAtOnce)
    const comparisons = some.flatMap(([column, print]) => comparisonsOf(column, 'values', print))
    queries.push({ sql: select(comparisons, ({ column }) => quoteIdentifier(column), from), comparisons })
  }
  for (const [column, { elements }] of columns) {
    if (elements === undefined) continue
    const comparisons = comparisonsOf(column, 'elements', elements)
    const unnested = `${from} cross join unnest(${from}.${quoteIdentifier(column)}) as u(e)`
    queries.push({ sql: select(comparisons, () => 'u.e', unnested), comparisons })
  }
  return queries
}

/** Sums that Athena's widest decimal may not hold are left out, and columns of which Postgres gives no two answers alike. */
export function whatIsNotCompared(fingerprints: Fingerprints): string[] {
  return Object.entries(fingerprints).flatMap(([column, { elements, unstable, ...print }]) => [
    ...(unstable ? [`values of ${column} (its source gives others each time it is read)`] : []),
    ...(!unstable && mayOverflow(print) ? [`sum of ${column}`] : []),
    ...(!unstable && elements !== undefined && mayOverflow(elements)
      ? [`sum of the elements of ${column}`]
      : []),
  ])
}

export function comparisonsOf(column: string, of: Comparison['of'], print: Fingerprint): Comparison[] {
  return Object.entries(print.measures)
    .map(([name, recorded]) => ({ column, of, kind: print.kind, measure: name as Measure, recorded }))
    .filter(({ measure }) => measure !== 'sum' || !mayOverflow(print))
}

function select(
  comparisons: readonly Comparison[],
  value: (comparison: Comparison) => string,
  from: string,
): string {
  const list = comparisons.map(
    (each, index) => `${expression(each.kind, each.measure, value(each))} as m${index}`,
  )
  return `select ${list.join(', ')} from ${from}`
}

/** @param value of each row, in SQL */
export function expression(kind: Kind, measure: Measure, value: string): string {
  switch (measure) {
    case 'values':
      return `count(${value})`
    case 'nulls':
      return `count(*) - count(${value})`
    case 'true':
      return `count(case when ${value} then 1 end)`
    case 'nan':
      return `count(case when ${isNan(value)} then 1 end)`
    case 'sum':
      // A sum of bigints is a bigint to Athena, and may overflow.
      return `sum(${kind === 'integer' ? `cast(${value} as decimal(38,0))` : value})`
    case 'length': {
      const length = kind === 'binary' ? `length(to_hex(${value})) / 2` : `length(${value})`
      return `sum(cast(${length} as decimal(38,0)))`
    }
    case 'min':
    case 'max':
      if (kind === 'text') return `${measure}(substr(${value}, 1, ${prefixLength}))`
      if (kind === 'real' || kind === 'double')
        return `${measure}(case when not (${isNan(value)}) then ${value} end)`
      return `${measure}(${value})`
  }
}

/**
 * Trino spells the test `is_nan`, DuckDB `isnan`, and DuckDB's NaN equals itself. A computed NaN may have the sign bit,
 * which DuckDB shows and which is no difference.
 */
function isNan(value: string): string {
  return `lower(cast(${value} as varchar)) in ('nan', '-nan')`
}

/** Whether some part of the sum might have more than the 38 digits of Athena's widest decimal. */
function mayOverflow({ kind, scale = 0, measures: { values, min, max } }: Fingerprint): boolean {
  if (kind !== 'decimal') return false
  const wholes = [min, max].map((text) => (text ?? '0').replace('-', '').replace(/\..*/, '').length)
  return Math.max(...wholes) + (values ?? '0').length + scale > 38
}
