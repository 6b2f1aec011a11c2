/** A source in ranges of the values of one of its columns, of which each row is in exactly one. */
import { formatSource, type Selection } from '../declare/selection.ts'
import { Failure } from '../failure/failure.ts'
import type { Reader } from './connect.ts'
import { quoteName } from './relation.ts'
import { rowsClause } from './select.ts'
import type { Source, SourceColumn } from './source.ts'

/** How a type's values are numbered. All names bear their schema, as they are read under the role's search_path. */
interface Numbered {
  /** SQL for the number of a value, which is an int8, or null where it has none as infinity. */
  readonly number: (value: string) => string
  /** SQL for the value of a number. */
  readonly value: (number: bigint) => string
}

const integer: Numbered = {
  number: (value) => `${value}::pg_catalog.int8`,
  value: (number) => `'${number}'::pg_catalog.int8`,
}

function temporal(type: 'date' | 'timestamp' | 'timestamptz'): Numbered {
  const zone = type === 'timestamptz' ? '+00' : ''
  const origin = `'2000-01-01${type === 'date' ? '' : ` 00:00:00${zone}`}'::pg_catalog.${type}`
  return type === 'date'
    ? {
        number: (value) => `(${value} operator(pg_catalog.-) ${origin})::pg_catalog.int8`,
        value: (number) => `(${origin} operator(pg_catalog.+) '${number}'::pg_catalog.int4)`,
      }
    : {
        number: (value) =>
          `pg_catalog.floor(pg_catalog.date_part('epoch', ${value}) operator(pg_catalog.-) 946684800)::pg_catalog.int8`,
        // Before PostgreSQL 15 the text of an interval had no room for so many seconds.
        value: (number) =>
          `(${origin} operator(pg_catalog.+) ('1 second'::pg_catalog.interval operator(pg_catalog.*) '${number}'::pg_catalog.float8))`,
      }
}

const numbered: Readonly<Record<string, Numbered>> = {
  int2: integer,
  int4: integer,
  int8: integer,
  date: temporal('date'),
  timestamp: temporal('timestamp'),
  timestamptz: temporal('timestamptz'),
}

/** @throws Failure (3) where the source has no such column, or it is of a type whose values have no numbers */
export function requireKey(
  table: Selection & { readonly name: string },
  source: Source,
  key: string,
): SourceColumn {
  const column = source.columns.find(({ name }) => name === key)
  if (column !== undefined && numbered[column.typname] !== undefined) return column
  throw new Failure({
    exit: 3,
    act: 'slice',
    thing: table.name,
    reason:
      column === undefined
        ? `${formatSource(table.source)} has no column ${key}`
        : `${key} of ${formatSource(table.source)} is ${column.type}`,
    advice: `Name in sliceBy of scripts/${table.name}.ts a column of the source whose type is smallint, integer, bigint, date or a timestamp.`,
  })
}

/**
 * Conditions in SQL, at most `wanted` of them, with ranges of equal width between the least and the greatest value. The
 * first has no lower bound, and the nulls; the last has no upper one.
 * @throws the driver's error
 */
export async function keyRanges(
  reader: Reader,
  selection: Selection,
  { name, typname }: SourceColumn,
  wanted: number,
): Promise<string[]> {
  const form = numbered[typname] ?? integer
  const key = quoteName(name)
  const finite = form === integer ? '' : ` filter (where pg_catalog.isfinite(${key}))`
  const [row] = await reader.query(
    `select ${form.number('least')} as least, ${form.number('greatest')} as greatest
     from (select pg_catalog.min(${key})${finite} as least, pg_catalog.max(${key})${finite} as greatest
       ${rowsClause(selection)}) as extremes`,
  )
  const bounds = boundsOf(row?.['least'], row?.['greatest'], wanted)
  return [undefined, ...bounds].map((from, index) => {
    const to = bounds[index]
    const parts = [
      ...(from === undefined ? [] : [`${key} operator(pg_catalog.>=) ${form.value(from)}`]),
      ...(to === undefined ? [] : [`${key} operator(pg_catalog.<) ${form.value(to)}`]),
    ].join(' and ')
    return from === undefined && bounds.length > 0 ? `(${parts} or ${key} is null)` : parts
  })
}

/** What ranges but the first begin with, each greater than the one before. */
function boundsOf(least: unknown, greatest: unknown, wanted: number): bigint[] {
  if (typeof least !== 'bigint' || typeof greatest !== 'bigint') return []
  const width = greatest - least + 1n
  const bounds = new Set<bigint>()
  for (let slice = 1n; slice < BigInt(wanted); slice++) bounds.add(least + (width * slice) / BigInt(wanted))
  bounds.delete(least)
  return [...bounds]
}
