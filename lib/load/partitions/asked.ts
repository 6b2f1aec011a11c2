/** `--partitions`: which partitions somebody names, as `2026-03-01..2026-03-07` or `null`. */
import type { Table } from '../../declare/table.ts'
import { Failure } from '../../failure/failure.ts'
import { compareValues } from '../../iceberg/single-value.ts'
import type { PartitionValue } from '../../postgres/partition-form.ts'
import type { PartitionedBy } from './field.ts'

/** From the first to the last, both among them. */
export interface AskedRange {
  readonly first: PartitionValue
  readonly last: PartitionValue
}

/** @throws Failure (2) for a text that names none */
export function askedRanges({ name }: Pick<Table, 'name'>, field: PartitionedBy, text: string): AskedRange[] {
  return text.split(',').map((part): AskedRange => {
    const trimmed = part.trim()
    if (trimmed === 'null') return { first: null, last: null }
    const [first = '', last = first, more] = field.form.isRange ? trimmed.split('..') : [trimmed]
    const [from, to] = [field.valueOf(first), field.valueOf(last)]
    if (from === undefined || to === undefined || from === null || to === null || more !== undefined) {
      throw unknown(name, field, trimmed)
    }
    if (compareValues(from, to) > 0) throw unknown(name, field, trimmed)
    return { first: from, last: to }
  })
}

export function isAsked(ranges: readonly AskedRange[], value: PartitionValue): boolean {
  return ranges.some(({ first, last }) =>
    value === null || first === null || last === null
      ? value === first
      : compareValues(first, value) <= 0 && compareValues(value, last) <= 0,
  )
}

/** In SQL, which rows are of them. */
export function askedCondition({ form }: PartitionedBy, ranges: readonly AskedRange[]): string {
  return ranges.map(({ first, last }) => `(${form.condition(first, last)})`).join(' or ')
}

const examples: Readonly<Record<string, string>> = {
  day: '2026-03-01 or 2026-03-01..2026-03-07',
  month: '2026-03 or 2026-01..2026-03',
  year: '2026 or 2020..2026',
}

function unknown(table: string, { by, form }: PartitionedBy, text: string): Failure {
  const other = form.isRange ? '1000000 or 0..1000000' : 'one of its values'
  return new Failure({
    exit: 2,
    act: 'read partitions of',
    thing: table,
    reason: `--partitions "${text}" names none`,
    advice: `Write ${examples[by.transform] ?? other}, or null, with commas between several.`,
  })
}
