/** What the lake's engine has found against an expectation, in a clause that names columns, rows and some values. */
import { formatTime, formatValues, type RowExpectation } from '../../declare/expectation.ts'
import type { ExpectationAnswer } from '../../lake/expect/answer.ts'

/**
 * @param at the moment that `newest` is held against, ISO 8601
 * @returns undefined: it holds
 */
export function findingOf(
  expectation: RowExpectation,
  { number, values, examples }: ExpectationAnswer,
  at: string,
): string | undefined {
  if (expectation.kind === 'newest') return staleness(expectation, number, at)
  const count = number ?? 0
  if (expectation.kind === 'rows') {
    const { min } = expectation
    return count >= min ? undefined : `it has ${rows(count)}, and at the least ${rows(min)} are expected`
  }
  if (count === 0) return undefined
  const such = examples.length === 0 ? '' : `, such as ${formatValues(examples)}`
  switch (expectation.kind) {
    case 'unique': {
      const [first, ...more] = expectation.columns
      const what = more.length === 0 ? `of ${first}` : `of ${expectation.columns.join(', ')} together`
      const many = values === 1 ? 'one value' : `${values.toLocaleString('en')} values`
      return `${many} ${what}, expected to be unique, ${values === 1 ? 'is' : 'are'} in ${rows(count)}${such}`
    }
    case 'notNull': {
      const which = examples.length === 0 ? '' : `, such as that of ${formatValues(examples)}`
      return `${expectation.column}, expected not to be null, is null in ${rows(count)}${which}`
    }
    case 'values':
      return `${expectation.column}, expected to be one of ${formatValues(expectation.values)}, is another in ${rows(count)}${such}`
    case 'references': {
      const { column, table, to } = expectation
      return `${column}, expected to be in ${table}.${to}, is not there in ${rows(count)}${such}`
    }
  }
}

function staleness(
  { column, withinMs }: Extract<RowExpectation, { readonly kind: 'newest' }>,
  seconds: number | null,
  at: string,
): string | undefined {
  const expected = `expected within ${formatTime(withinMs)}`
  if (seconds === null) return `${column}, ${expected}, has no value`
  const newest = seconds * 1_000
  if (Date.parse(at) - newest <= withinMs) return undefined
  const when = new Date(newest).toISOString().replace(/\.\d+Z$/, 'Z')
  return `${column}, ${expected} before the load's snapshot, is ${when} at the latest`
}

function rows(count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? 'row' : 'rows'}`
}
