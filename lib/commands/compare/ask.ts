/** Asks Athena about two tables, and reads what it answers. */
import { mostQueryBytes, runQuery } from '../../aws/athena.ts'
import type { Aws } from '../../aws/clients.ts'
import { tellMistake } from '../../aws/query-mistake.ts'
import type { LakeConfig } from '../../config/config.ts'
import { Failure } from '../../failure/failure.ts'
import {
  type Answer,
  countIn,
  type Keys,
  keysIn,
  keysWithout,
  type Rows,
  rowsIn,
  wholeRowsIn,
} from './answer.ts'
import type { TableColumn } from './match.ts'
import { measureQuery, measuresOf } from './measures.ts'
import { keyQuery, rowQuery } from './rows.ts'
import type { ComparedPair, Side, SideTable } from './sql.ts'
import { wholeRowQuery } from './whole-rows.ts'

const timeoutMs = 30 * 60_000

export interface Asking {
  readonly aws: Aws
  readonly config: LakeConfig
  readonly signal: AbortSignal
  /** Bytes that each query has scanned. */
  readonly scanned: number[]
}

export interface Comparing {
  readonly tables: Readonly<Record<Side, SideTable>>
  /** Empty: rows are told apart by all that is compared. */
  readonly key: readonly ComparedPair[]
  readonly pairs: readonly ComparedPair[]
  readonly examples: number
  /** Digits of the greatest difference of two numbers that are taken for the same. */
  readonly tolerance: string | undefined
}

export interface Queries {
  readonly measures: Readonly<Record<Side, string>>
  /** Undefined: there is no key. */
  readonly keys: Readonly<Record<Side, string>> | undefined
  readonly rows: string
}

export function queriesOf({ tables, key, pairs, examples, tolerance }: Comparing): Queries {
  const measures = {
    ours: measureQuery('ours', tables.ours, pairs),
    theirs: measureQuery('theirs', tables.theirs, pairs),
  }
  if (key.length === 0) return { measures, keys: undefined, rows: wholeRowQuery(tables, pairs, { examples }) }
  const keys = {
    ours: keyQuery('ours', tables.ours, key, { examples }),
    theirs: keyQuery('theirs', tables.theirs, key, { examples }),
  }
  return { measures, keys, rows: rowQuery(tables, key, pairs, { examples, tolerance }) }
}

export type Measured = Readonly<Record<Side, readonly (string | null)[]>>

export interface Compared {
  readonly keys: Readonly<Record<Side, Keys>>
  /** For each pair, in the order of `measuresOf`. */
  readonly measures: readonly Measured[]
  /** Undefined: keys that several rows have would be joined to each other. */
  readonly rows: Rows | undefined
}

/** @throws Failure as `runQuery`, and (1) where a table was loaded between two queries */
export async function compareTables(asking: Asking, comparing: Comparing): Promise<Compared> {
  const { measures, keys, rows } = queriesOf(comparing)
  const [ours = [], theirs = [], oursKeys = [], theirsKeys = []] = await askAll(asking, [
    measures.ours,
    measures.theirs,
    ...(keys === undefined ? [] : [keys.ours, keys.theirs]),
  ])
  const found =
    keys === undefined
      ? { ours: keysWithout(countIn(ours, 0)), theirs: keysWithout(countIn(theirs, 0)) }
      : { ours: keysIn(oursKeys), theirs: keysIn(theirsKeys) }
  requireSame(comparing.tables.ours, countIn(ours, 0), found.ours.rows)
  requireSame(comparing.tables.theirs, countIn(theirs, 0), found.theirs.rows)
  let at = 1
  const measured = comparing.pairs.map((pair): Measured => {
    const from = at
    at += measuresOf(pair).length
    return { ours: ours.slice(from, at), theirs: theirs.slice(from, at) }
  })
  const isJoinable = found.ours.repeated === 0 && found.theirs.repeated === 0
  const read = keys === undefined ? wholeRowsIn : rowsIn
  const joined = isJoinable ? read(await ask(asking, rows), comparing.pairs.length) : undefined
  if (joined !== undefined) {
    const whole = ({ rows: all, without }: Keys) => all - without
    requireSame(comparing.tables.ours, whole(found.ours), joined.both + joined.onlyOurs)
    requireSame(comparing.tables.theirs, whole(found.theirs), joined.both + joined.onlyTheirs)
  }
  return { keys: found, measures: measured, rows: joined }
}

/** The columns that a query gives. @throws Failure as `runQuery` */
export async function columnsOf(
  asking: Asking,
  sql: string,
  { micros }: Pick<TableColumn, 'micros'>,
): Promise<TableColumn[]> {
  const { columns, types } = await run(asking, sql)
  return columns.map((name, at) => ({ name: name.toLowerCase(), type: types[at] ?? '', micros }))
}

/** All at the same time. Once one fails the others are stopped, as each is paid for by what it reads. */
async function askAll(asking: Asking, queries: readonly string[]): Promise<Answer[]> {
  const failed = new AbortController()
  const signal = AbortSignal.any([asking.signal, failed.signal])
  const asked = queries.map((sql) => ask({ ...asking, signal }, sql))
  try {
    return await Promise.all(asked)
  } catch (error) {
    failed.abort(error)
    await Promise.allSettled(asked)
    throw error
  }
}

/** The one row that a query gives. */
async function ask(asking: Asking, sql: string): Promise<Answer> {
  const { rows } = await run(asking, sql).catch((error: unknown) => {
    throw tellUnequal(error)
  })
  const [row] = rows
  if (row === undefined) throw new Error('A query of aggregates has no row.')
  return row
}

async function run({ aws, config, signal, scanned }: Asking, sql: string) {
  if (Buffer.byteLength(sql) > mostQueryBytes) {
    throw new Failure({
      exit: 2,
      act: 'compare',
      thing: 'so many columns',
      reason: `the query has more than the ${mostQueryBytes.toLocaleString('en')} bytes that Athena takes`,
      advice: 'Compare some at a time: --ignore leaves columns out.',
    })
  }
  const { glueDatabase: database, workgroup, athenaOutput: output } = config
  const result = await runQuery(aws, { sql, database, workgroup, output, timeoutMs, signal })
  scanned.push(result.bytesScanned)
  return result
}

/** A query that is made of the types of columns, and that Athena does not take, is not one to try again. */
function tellUnequal(error: unknown): unknown {
  const mistake = tellMistake(error)
  if (mistake === error || !(mistake instanceof Failure)) return error
  const advice =
    'Leave out the column whose values cannot be compared so, by --ignore, or correct the condition; --dry-run shows the queries.'
  return new Failure({ ...mistake.detail, advice, cause: error })
}

function requireSame({ database, table }: SideTable, before: number, after: number): void {
  if (before === after) return
  throw new Failure({
    exit: 1,
    act: 'compare',
    thing: `${database}.${table}`,
    reason: `it changed meanwhile: it had ${before.toLocaleString('en')} rows, and then ${after.toLocaleString('en')}`,
    advice: 'Run it again while nobody loads it, or bound what is compared: --where.',
  })
}
