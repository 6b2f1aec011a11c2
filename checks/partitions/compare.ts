/** One table's partitions: as Postgres has them now, and as Athena reads those that no load has a reason to read again. */
import type { Aws } from '../../lib/aws/clients.ts'
import type { DatabaseConfig, LakeConfig } from '../../lib/config/config.ts'
import { codePart } from '../../lib/declare/code-beside.ts'
import { changedPart, type Recipe, recipeOf } from '../../lib/declare/recipe.ts'
import type { Table } from '../../lib/declare/table.ts'
import { Failure } from '../../lib/failure/failure.ts'
import { readAccount } from '../../lib/lake/iceberg/account.ts'
import { partitionAnswers } from '../../lib/lake/iceberg/partition-answers.ts'
import { readPublished } from '../../lib/lake/open.ts'
import { digestedColumns } from '../../lib/postgres/partition-digests.ts'
import type { SourceMeaning } from '../../lib/postgres/source-meaning.ts'
import type { TableVerdict } from '../check.ts'
import { agrees } from '../measures/agree.ts'
import { comparisonsOf, expression } from '../measures/measure.ts'
import { digest, rowText } from './lake-sql.ts'
import { repairOf } from './repair.ts'
import { type KeptPartition, keyOf, readPartitions } from './source.ts'

/** One table in the JSON of the check. */
export interface ComparedPartitions extends TableVerdict {
  readonly status:
    | 'ok'
    | 'differs'
    | 'not incremental'
    | 'has a filter'
    | 'script changed'
    | 'no account'
    | 'not published'
    | 'not ours'
  readonly load: string | null
  /** Those compared. */
  readonly partitions: number
  /** Those that the next load reads by itself, for which nothing was compared. */
  readonly due: number
  /** Rows that were compared. */
  readonly rows: number
  /** In words, those whose rows are not what Postgres has. */
  readonly stale: readonly (string | null)[]
  /** The command that loads them again; null: there are none. */
  readonly repair: string | null
  /** Columns of the lake whose values Postgres does not have: derived ones, and hidden ones, which are only counted. */
  readonly not_compared: readonly string[]
  readonly bytes_scanned: number
}

export interface ComparingPartitions {
  readonly aws: Aws
  readonly lake: LakeConfig
  readonly database: DatabaseConfig
  /** What `--partitions` says; undefined: all. */
  readonly which: string | undefined
  readonly signal: AbortSignal
}

/** A load published meanwhile is compared from the start; this many times. */
const attempts = 3

/** @throws Failure when something cannot be read, or (1) loads follow one another faster than that */
export async function comparePartitions(
  table: Table,
  comparing: ComparingPartitions,
): Promise<ComparedPartitions> {
  const { aws, lake, signal } = comparing
  const { name } = table
  if (table.incremental === undefined) return nothing(name, 'not incremental', null, [])
  if (table.filter !== undefined) return nothing(name, 'has a filter', null, [])
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const published = await readPublished(aws, lake, name, signal)
    if (published.kind === 'absent') return nothing(name, 'not published', null, ['it is not published'])
    if (published.kind === 'unmanaged') {
      const finding = 'the lake has no table of that name which is partitioned as its script declares'
      return nothing(name, 'not ours', null, [finding])
    }
    const { load } = published
    const [compared] = await Promise.allSettled([compareLoad(table, load, comparing)])
    const now = await readPublished(aws, lake, name, signal)
    if (now.kind !== 'managed' || now.load !== load) continue
    if (compared.status === 'rejected') throw compared.reason
    return compared.value
  }
  throw new Failure({
    exit: 1,
    act: 'compare the partitions of',
    thing: name,
    reason: `${attempts} times another load was published before they were compared`,
    advice: 'Run the check when no load is under way.',
  })
}

async function compareLoad(
  table: Table,
  load: string,
  { aws, lake, database, which, signal }: ComparingPartitions,
): Promise<ComparedPartitions> {
  const { name } = table
  const place = { aws, config: lake, table: name }
  const account = await readAccount(place, load, signal)
  const { increment } = account ?? {}
  if (account === undefined || increment === undefined) {
    return nothing(name, 'no account', load, ['its load has left no account of its partitions'])
  }
  const changed = changedPart(ofScript(increment.recipe), recipeOf(table))
  if (changed !== undefined) {
    return nothing(name, 'script changed', load, [`its script makes something else of rows: ${changed}`])
  }
  const { kept, due } = await readPartitions(table, {
    ...{ database, account: { ...account, increment }, which, signal },
  })
  const { stale, bytesScanned } = await staleAmong(table, kept, place, signal)
  const texts = stale.map(({ values: [text = null] }) => text)
  const repair = stale.length === 0 ? null : repairOf(name, texts)
  const findings = repair === null ? [] : [`${describeStale(stale.length, kept.length)}: ${repair}`]
  return {
    ...{ table: name, status: stale.length === 0 ? 'ok' : 'differs', load, findings },
    ...{ partitions: kept.length, due, stale: texts },
    rows: kept.reduce((sum, { rows }) => sum + rows, 0),
    repair,
    not_compared: Object.entries(table.output).flatMap(([each, { protection }]) =>
      protection !== undefined || each in table.derive ? each : [],
    ),
    bytes_scanned: bytesScanned,
  }
}

/** What the source makes of rows is compared, and what functions do is not. */
const besideScript: readonly string[] = ['settings', 'views', codePart] satisfies (
  | keyof SourceMeaning
  | typeof codePart
)[]

function ofScript(recipe: Recipe): Recipe {
  return Object.fromEntries(Object.entries(recipe).filter(([part]) => !besideScript.includes(part)))
}

async function staleAmong(
  table: Table,
  kept: readonly KeptPartition[],
  place: Parameters<typeof partitionAnswers>[0],
  signal: AbortSignal,
): Promise<{ readonly stale: readonly KeptPartition[]; readonly bytesScanned: number }> {
  const [first] = kept
  if (first === undefined) return { stale: [], bytesScanned: 0 }
  const { inDigest, measured } = digestedColumns(table)
  const values = [['t', rowText(inDigest)], ...measured.map(([name], at) => [`m${at}`, `"${name}"`] as const)]
  const comparisons = (partition: KeptPartition) =>
    measured.flatMap(([name], at) =>
      comparisonsOf(name, 'values', partition.measured[at]!).map((each) => ({ ...each, column: `m${at}` })),
    )
  const others = comparisons(first).map(({ kind, measure, column }) => expression(kind, measure, column))
  const { answers, bytesScanned } = await partitionAnswers(place, {
    ...{ partitions: kept, values: Object.fromEntries(values), signal },
    measures: ['count(*)', digest('t'), ...others],
  })
  const stale = kept.filter((partition) => {
    const [rows, sum, ...rest] = answers.get(keyOf(partition)) ?? []
    if (rows !== String(partition.rows) || sum !== partition.digest) return true
    return !comparisons(partition).every((each, at) => agrees(each, rest[at] ?? null))
  })
  return { stale, bytesScanned }
}

function describeStale(stale: number, all: number): string {
  return `${stale} of ${all} partitions that loads keep ${stale === 1 ? 'is' : 'are'} not what Postgres has`
}

function nothing(
  table: string,
  status: ComparedPartitions['status'],
  load: string | null,
  findings: readonly string[],
): ComparedPartitions {
  const none = { partitions: 0, due: 0, rows: 0, stale: [], repair: null, not_compared: [], bytes_scanned: 0 }
  return { table, status, load, ...none, findings }
}
