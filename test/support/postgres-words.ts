/** What Postgres itself says of the values that a load was to bring, to hold against what readers find in its files. */
import type { Sql } from 'postgres'
import { quoteName } from '../../lib/postgres/relation.ts'
import type { Column } from '../../lib/types/type.ts'
import { since } from './needs-postgres.ts'
import { type Columns, floatWords } from './readers.ts'

export type Words = Record<string, (string | null)[]>

/**
 * Every value in the words that readers.ts brings all readers to.
 * @param order of the rows; unless given, as they lie in the table
 */
export async function postgresWords(
  sql: Sql,
  columns: Columns,
  relation: string,
  where = 'true',
  order = `${relation}.ctid`,
): Promise<Words> {
  const names = Object.keys(columns)
  const list = names.map((name) => {
    const column = columns[name]!
    return `${sqlWords(column, quoteName(column.source ?? name))} as ${quoteName(name)}`
  })
  const rows = await sql.begin(async (transaction) => {
    await transaction`set local timezone to 'UTC'`
    return await transaction.unsafe(
      `select ${list.join(', ')} from ${relation} where ${where} order by ${order}`,
    )
  })
  return Object.fromEntries(
    names.map((name) => [name, rows.map((row) => readerWords(columns[name]!, row[name]))]),
  )
}

/** Microseconds since 1970: before PostgreSQL 14 extract() gave a double, which has no room for all of them. */
export function microsecondsOf(name: string): string {
  const seconds = `extract(epoch from date_trunc('second', ${name}))::pg_catalog.numeric`
  return since(
    14,
    `trunc(extract(epoch from ${name}) * 1000000)`,
    `${seconds} * 1000000 + extract(microseconds from ${name})::pg_catalog.int8 % 1000000`,
  )
}

function sqlWords({ parquet: { physical, logical }, element }: Column, name: string): string {
  if (element !== undefined) {
    // By subscripts, as unnest() would spread a composite over several columns.
    const each = sqlWords(element, `(${name})[place]`)
    const words = `select coalesce(json_agg(${each} order by place), '[]')::text`
    return `case when ${name} is not null then (${words} from generate_subscripts(${name}, 1) as place) end`
  }
  if (logical.kind === 'date') return `(${name} - date '1970-01-01')::text`
  if (logical.kind === 'timestamp') return `(${microsecondsOf(name)})::text`
  if (logical.kind === 'decimal') return `round(${name}, ${logical.scale})::text`
  if (physical === 'BYTE_ARRAY' && logical.kind === 'none') return `encode(${name}, 'hex')`
  // COPY prints by the output function, which a cast need not use: format() does, but has '' for null.
  if (logical.kind === 'string') return `case when num_nulls(${name}) = 0 then format('%s', ${name}) end`
  return physical === 'DOUBLE' ? `${name}::float8::text` : `${name}::text`
}

/** Floats as readers.ts prints them; a float4 is printed as the double it becomes. */
function readerWords({ parquet: { physical }, element }: Column, words: string | null): string | null {
  if (words === null) return null
  if (element !== undefined) {
    const elements = JSON.parse(words) as (string | null)[]
    return JSON.stringify(elements.map((each) => readerWords(element, each)))
  }
  if (physical === 'DOUBLE') return floatWords(Number(words))
  return physical === 'FLOAT' ? floatWords(Math.fround(Number(words))) : words
}

/** The first few values that a reader found otherwise than Postgres has them; empty: none. */
export function differences(found: Words, expected: Words): string[] {
  const all = Object.entries(expected).flatMap(([name, values]) => {
    const there = found[name] ?? []
    const count =
      there.length === values.length ? [] : [`${name}: ${there.length} values of ${values.length}`]
    return [
      ...count,
      ...values.flatMap((value, row) =>
        there[row] === value ? [] : [`${name}, row ${row + 1}: ${shown(there[row])}, not ${shown(value)}`],
      ),
    ]
  })
  return all.slice(0, 20)
}

function shown(value: string | null | undefined): string {
  return JSON.stringify(value)?.slice(0, 100) ?? 'nothing'
}
