/** One table's rows: in the lake, as its load recorded them, and in Postgres now. */

import type postgres from 'postgres'
import { queryCalls, quoteIdentifier, runQuery } from '../../lib/aws/athena.ts'
import type { Call } from '../../lib/aws/calls.ts'
import type { Aws } from '../../lib/aws/clients.ts'
import { readTableCalls } from '../../lib/aws/glue.ts'
import type { DatabaseConfig, LakeConfig } from '../../lib/config/config.ts'
import { formatSource } from '../../lib/declare/selection.ts'
import { describeIdentity, differenceOf } from '../../lib/declare/source-identity.ts'
import type { Table } from '../../lib/declare/table.ts'
import { Failure } from '../../lib/failure/failure.ts'
import { tableFolder } from '../../lib/lake/layout.ts'
import { readPublished } from '../../lib/lake/open.ts'
import type { PublishedLoad } from '../../lib/lake/published.ts'
import { type CountMode, countSource } from '../../lib/postgres/count.ts'
import { postgresFailure } from '../../lib/postgres/failure.ts'
import { readSourceIdentity } from '../../lib/postgres/source-identity.ts'
import type { TableVerdict } from '../check.ts'
import { formatLimit, isWithin, type Limit } from '../limit.ts'

/** One table in the JSON of the check; null where there is nothing to count. */
export interface RowCount extends TableVerdict {
  readonly status: 'ok' | 'differs' | 'not published' | 'not ours'
  readonly load: string | null
  /** Rows the load says are in the lake. */
  readonly recorded: number | null
  /** Rows that Athena counts there. */
  readonly lake: number | null
  /** Rows the load read from Postgres, before any filter. */
  readonly rows_read: number | null
  /** Rows in Postgres now, from the same source under the same condition. */
  readonly source: number | null
}

export interface CountedSource {
  readonly sql: postgres.Sql
  /** What `sql` is connected to. */
  readonly database: DatabaseConfig
  readonly mode: CountMode
}

export interface Counting {
  readonly aws: Aws
  readonly lake: LakeConfig
  /** undefined: Postgres is not asked. */
  readonly source: CountedSource | undefined
  readonly limit: Limit
  readonly signal: AbortSignal
}

/** A load published meanwhile is counted from the start; this many times. */
const attempts = 3

const queryTimeoutMs = 15 * 60_000

/** @throws Failure when something cannot be counted, or (1) loads follow one another faster than that */
export async function countRows(table: Table, counting: Counting): Promise<RowCount> {
  const { aws, lake, source, limit, signal } = counting
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const published = await readPublished(aws, lake, table.name, signal)
    if (published.kind === 'absent') return uncounted(table, 'not published', 'it is not published')
    if (published.kind === 'unmanaged') {
      return uncounted(
        table,
        'not ours',
        'the lake has an unmanaged table of that name: Dracula has not made it',
      )
    }
    if (source !== undefined) await requireSameSource(table, source, published)
    const counts = Promise.all([
      countLake(table, counting),
      source && countSource(source.sql, table, source.mode),
    ])
    const [counted] = await Promise.allSettled([counts])
    const now = await readPublished(aws, lake, table.name, signal)
    if (now.kind !== 'managed' || now.load !== published.load) continue
    if (counted.status === 'rejected') throw counted.reason

    const [inLake, inSource] = counted.value
    const { load, rows: recorded, rowsRead } = published
    const findings: string[] = []
    if (inLake !== recorded) {
      findings.push(`the lake has ${rows(inLake)}, but its load recorded ${rows(recorded)}`)
    }
    if (inSource !== undefined && !isWithin(limit, inSource - rowsRead, rowsRead)) {
      const about = source?.mode === 'estimate' ? 'about ' : ''
      const apart = `more than ${formatLimit(limit)} apart`
      findings.push(`Postgres has ${about}${rows(inSource)}, but the load read ${rows(rowsRead)}, ${apart}`)
    }
    return {
      table: table.name,
      status: findings.length === 0 ? 'ok' : 'differs',
      load,
      recorded,
      lake: inLake,
      rows_read: rowsRead,
      source: inSource ?? null,
      findings,
    }
  }
  throw new Failure({
    exit: 1,
    act: 'count the rows of',
    thing: table.name,
    reason: `${attempts} times another load was published before they were counted`,
    advice: 'Run the check when no load is under way.',
  })
}

export function countRowsCalls(lake: LakeConfig, table: string): Call[] {
  const { bucket, prefix, glueDatabase: database, workgroup, athenaOutput: output } = lake
  const folder = { bucket, key: tableFolder(prefix, table) }
  return [
    ...readTableCalls({ database, table }),
    ...queryCalls({ database, table, workgroup, output, folder }),
  ]
}

/**
 * Two databases are not compared: their counts say nothing about the load.
 * @throws Failure (2) naming both, where the load was read from another than is counted
 */
async function requireSameSource(
  { name, source }: Table,
  { sql, database }: CountedSource,
  published: Pick<PublishedLoad, 'load' | 'source'>,
): Promise<void> {
  if (published.source === undefined) return
  const now = await readSourceIdentity((text) => sql.unsafe(text), database, source).catch((error) => {
    throw postgresFailure(error, 'count', formatSource(source))
  })
  if (differenceOf(published.source, now) === undefined) return
  throw new Failure({
    exit: 2,
    act: 'count the rows of',
    thing: name,
    reason: `load ${published.load} was read from ${describeIdentity(published.source)}, and would be compared with ${describeIdentity(now)}`,
    advice:
      'Check which database DATABASE_URL names. --source-count none counts the lake alone; a load with --new-source takes the table from there.',
  })
}

/** @throws Failure as `runQuery` */
async function countLake(table: Table, { aws, lake, signal }: Counting): Promise<number> {
  const answer = await runQuery(aws, {
    sql: `select count(*) from ${quoteIdentifier(table.name)}`,
    database: lake.glueDatabase,
    workgroup: lake.workgroup,
    output: lake.athenaOutput,
    timeoutMs: queryTimeoutMs,
    signal,
  })
  return Number(answer.rows[0]?.[0] ?? Number.NaN)
}

function uncounted(table: Table, status: RowCount['status'], finding: string): RowCount {
  const nothing = { load: null, recorded: null, lake: null, rows_read: null, source: null }
  return { table: table.name, status, ...nothing, findings: [finding] }
}

function rows(count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? 'row' : 'rows'}`
}
