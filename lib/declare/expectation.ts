/** What a table is expected to be, as plain data, and in words. */

/** What breaks a `stop` keeps a load from its readers; what breaks a `warn` is told. */
export type Severity = 'stop' | 'warn'

/** One thing that is expected of all rows that readers would see. Columns are the lake's. */
export type RowExpectation = { readonly severity: Severity } & (
  | { readonly kind: 'unique'; readonly columns: readonly string[] }
  | { readonly kind: 'notNull'; readonly column: string }
  /** `values` as SQL writes them, without quotes. */
  | { readonly kind: 'values'; readonly column: string; readonly values: readonly string[] }
  | { readonly kind: 'references'; readonly column: string; readonly table: string; readonly to: string }
  /** Its newest value is no older than that, against the load's snapshot or the time of a check. */
  | { readonly kind: 'newest'; readonly column: string; readonly withinMs: number }
  | { readonly kind: 'rows'; readonly min: number }
)

/** How old what readers see may be: what a check looks at, and no load. */
export interface AgeExpectation {
  readonly severity: Severity
  readonly kind: 'age'
  readonly withinMs: number
}

export type Expectation = RowExpectation | AgeExpectation

export function isOfRows(expectation: Expectation): expectation is RowExpectation {
  return expectation.kind !== 'age'
}

/** In few words, as a plan, a summary and a record list it: `unique id`. */
export function formatExpectation(expectation: Expectation): string {
  switch (expectation.kind) {
    case 'unique':
      return `unique ${expectation.columns.join(', ')}`
    case 'notNull':
      return `notNull ${expectation.column}`
    case 'values':
      return `values of ${expectation.column}: ${formatValues(expectation.values)}`
    case 'references':
      return `references ${expectation.column} → ${expectation.table}.${expectation.to}`
    case 'newest':
      return `freshness of ${expectation.column}: ${formatTime(expectation.withinMs)}`
    case 'age':
      return `freshness: ${formatTime(expectation.withinMs)}`
    case 'rows':
      return `rows: ${expectation.min.toLocaleString('en')} at the least`
  }
}

const mostShown = 5

/** The first of them, and how many more there are. */
export function formatValues(values: readonly string[]): string {
  const shown = values.slice(0, mostShown).map((each) => shorten(each))
  const more = values.length - shown.length
  return more === 0 ? shown.join(', ') : `${shown.join(', ')} and ${more.toLocaleString('en')} more`
}

/** Letters of a value in a message. */
export const mostLetters = 40

/** Digits stand as they are, all else in quotes. */
function shorten(value: string): string {
  if (/^-?\d+(?:\.\d+)?$/.test(value)) return value
  return JSON.stringify(value.length > mostLetters ? `${value.slice(0, mostLetters)}…` : value)
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
] as const

/** What a script writes for it: `2h`. */
export function formatTime(ms: number): string {
  const [unit, each] = units.find(([, size]) => ms >= size && ms % size === 0) ?? ['s', 1_000]
  return `${ms / each}${unit}`
}
