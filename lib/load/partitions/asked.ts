/**
 * `--partitions`: which partitions somebody names, as `2026-03-01..2026-03-07` or `null`. A value that has a comma, or is
 * the word null, stands in double quotes, which are written twice within them.
 */
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
  return partsOf(text).map((part): AskedRange => {
    if (part === 'null') return { first: null, last: null }
    const range = rangeOf(field, part)
    if (range === undefined) throw unknown(name, field, part)
    return range
  })
}

/** What stands between commas, those within quotes apart. */
function partsOf(text: string): string[] {
  return (text.match(/(?:^|,)(?:\s*"(?:[^"]|"")*"\s*(?=,|$)|[^,]*)/g) ?? []).map((part) =>
    part.replace(/^,/, '').trim(),
  )
}

/** @returns undefined: it names none */
function rangeOf(field: PartitionedBy, part: string): AskedRange | undefined {
  const [, quoted] = /^"((?:[^"]|"")*)"$/.exec(part) ?? []
  // No quotes at all are left out by mistake, as by a variable that is not set.
  if (quoted === undefined && (part === '' || part.startsWith('"'))) return undefined
  const named = quoted?.replaceAll('""', '"') ?? part
  const [first = '', last = first, more] =
    quoted === undefined && field.form.isRange ? named.split('..') : [named]
  const [from, to] = [field.valueOf(first), field.valueOf(last)]
  if (from === undefined || to === undefined || from === null || to === null) return undefined
  if (more !== undefined || compareValues(from, to) > 0) return undefined
  return { first: from, last: to }
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
  const other = form.isRange ? '1000000 or 0..1000000' : 'one of its values, as eu, "a,b" or "null"'
  return new Failure({
    exit: 2,
    act: 'read partitions of',
    thing: table,
    reason: `--partitions "${text}" names none`,
    advice: `Write ${examples[by.transform] ?? other}, or null, with commas between several.`,
  })
}
