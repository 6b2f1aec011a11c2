/**
 * What Postgres says of every column in a load's own snapshot, for a later check to compare with what the lake says:
 * values, nulls, least, greatest, and exact sums.
 */

import type { Table } from '../declare/table.ts'
import type { Column } from '../types/type.ts'
import type { Reader } from './connect.ts'
import { type Fingerprint, type Fingerprints, kindOf } from './fingerprint-form.ts'
import { measuresIn, measuresText } from './fingerprint-measures.ts'
import { quoteName } from './relation.ts'
import { columnExpression, rowsClause } from './select.ts'
import { hasMeaning } from './session-settings.ts'
import type { Source } from './source.ts'
import { volatileFunctions } from './volatile-functions.ts'

/**
 * The server takes 1,664 expressions in a select, and aggregates are counted one by one (PostgreSQL manual, "PostgreSQL
 * Limits"); a column has four at the most.
 */
const columnsAtOnce = 400

export interface Taken {
  readonly fingerprints: Fingerprints
  /** How many `count(*)` says there are. */
  readonly rows: number
  /** What the source calls that may give other values each time, as `random()`: two measurements may be alike by chance. */
  readonly volatile: readonly string[]
}

/**
 * To be called in the transaction that has read the table. It is one scan for every 400 columns, and one more for every
 * array column. What a query computes is measured twice, as it may give other rows each time it is read.
 * @param encoding of the database, as `server_encoding` has it
 * @throws the driver's error
 */
export async function takeFingerprints(
  reader: Reader,
  table: Table,
  source: Source,
  encoding: string,
): Promise<Taken> {
  const { rows, ...first } = await measureColumns(reader, table, source, encoding)
  const taken = first.fingerprints
  if (!hasMeaning(table, source)) return { fingerprints: taken, rows, volatile: [] }
  const { fingerprints: again } = await measureColumns(reader, table, source, encoding)
  const fingerprints = Object.fromEntries(
    Object.entries(taken).map(([name, fingerprint]) =>
      Bun.deepEquals(fingerprint, again[name])
        ? [name, fingerprint]
        : [name, { ...fingerprint, unstable: true as const }],
    ),
  )
  return { fingerprints, rows, volatile: await volatileFunctions(reader, selectColumns(table)) }
}

/** The columns as the source has them: what is read of them calls no volatile function. */
function selectColumns(table: Table): string {
  const names = readColumns(table).map(([name, column]) => quoteName(column.source ?? name))
  return `select ${names.join(', ')} ${rowsClause(table)}`
}

async function measureColumns(
  reader: Reader,
  table: Table,
  source: Source,
  encoding: string,
): Promise<Omit<Taken, 'volatile'>> {
  const { measures, parse } = measuresIn(encoding)
  const found = new Map(source.columns.map((column) => [column.name, column]))
  const from = rowsClause(table)
  const columns = readColumns(table).map(([name, column], index) => {
    const type = found.get(column.source ?? name)
    const sent = (column.element === undefined ? type : type?.element)?.typname ?? ''
    return { name, column, sent, read: columnExpression(name, column, type), alias: `c${index}` }
  })

  const [row = {}] = columns.length === 0 ? await reader.query(`select ${countOfRows} ${from}`) : []
  for (let at = 0; at < columns.length; at += columnsAtOnce) {
    const some = columns.slice(at, at + columnsAtOnce)
    const values = some.map(({ read, column, sent, alias }) => {
      const value = column.element === undefined ? inLake(read, column, sent) : read
      return `${value} as ${alias}`
    })
    const measured = some.map(({ column, alias }) =>
      measuresText(measures[kindOf(column)], `s.${alias}`, alias),
    )
    const query = `select ${countOfRows}, ${measured.join(', ')} from (select ${values.join(', ')} ${from}) as s`
    Object.assign(row, (await reader.query(query))[0])
  }

  const fingerprints: [string, Fingerprint][] = []
  for (const { name, column, sent, read, alias } of columns) {
    const whole = parse(column, row[alias])
    const { element } = column
    if (element === undefined) {
      fingerprints.push([name, whole])
      continue
    }
    const [inside] = await reader.query(
      `select ${measuresText(measures[kindOf(element)], 's.e', 'e')} from (
         select ${inLake('u.e', element, sent)} as e
         from (select ${read} as list ${from}) as l cross join lateral pg_catalog.unnest(l.list) as u(e)
       ) as s`,
    )
    fingerprints.push([name, { ...whole, elements: parse(element, inside?.['e']) }])
  }
  return { fingerprints: Object.fromEntries(fingerprints), rows: Number(row['all_rows']) }
}

const countOfRows = 'pg_catalog.count(*) as all_rows'

/** Those of the lake that Postgres knows: neither internal nor derived. */
function readColumns({ columns, internal }: Table): (readonly [string, Column])[] {
  return Object.entries(columns).filter(([name]) => !internal.includes(name))
}

/** @param typname of `read` */
function inLake(read: string, column: Column, typname: string): string {
  return column.values.inLake?.(read, column, typname) ?? read
}
