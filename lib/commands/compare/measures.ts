/** What is counted and summed up of each table by itself. */
import { type ComparedPair, fromOf, type Side, type SideTable, valuesOf } from './sql.ts'

/** Rows, and of each pair how many have a value, and what else `measuresOf` asks. */
export function measureQuery(side: Side, table: SideTable, pairs: readonly ComparedPair[]): string {
  const measures = pairs.flatMap((pair, at) => measuresOf(pair).map(({ sql }) => sql(`r${at}`, `f${at}`)))
  const read = ['1 as here', ...valuesOf(side, pairs)]
  return `select ${['count(*)', ...measures].join(', ')} from (select ${read.join(', ')} from ${fromOf(table)}) as s`
}

export interface Measure {
  readonly name: 'values' | 'least' | 'greatest' | 'sum' | 'length' | 'true'
  readonly sql: (raw: string, form: string) => string
}

/** Where values are not told, only how many there are is asked. */
export function measuresOf({ form: { kind }, told }: ComparedPair): readonly Measure[] {
  const values: Measure = { name: 'values', sql: (raw) => `count(${raw})` }
  if (!told || kind === 'bytes') return [values]
  if (kind === 'flag') {
    return [values, { name: 'true', sql: (_, form) => `count(case when ${form} then 1 end)` }]
  }
  if (kind === 'text') return [values, { name: 'length', sql: (_, form) => `sum(length(${form}))` }]
  const extremes: Measure[] = [
    { name: 'least', sql: (_, form) => `cast(min(${form}) as varchar)` },
    { name: 'greatest', sql: (_, form) => `cast(max(${form}) as varchar)` },
  ]
  if (kind === 'time') return [values, ...extremes]
  if (kind === 'float') {
    // Either of 0 and -0 may be the least.
    const positive = (which: 'min' | 'max') => (_: string, form: string) =>
      `cast(${which}(${form}) + 0E0 as varchar)`
    return [values, { name: 'least', sql: positive('min') }, { name: 'greatest', sql: positive('max') }]
  }
  const summed = (form: string) => (kind === 'integer' ? `cast(${form} as decimal(38, 0))` : form)
  return [values, ...extremes, { name: 'sum', sql: (_, form) => `cast(sum(${summed(form)}) as varchar)` }]
}
