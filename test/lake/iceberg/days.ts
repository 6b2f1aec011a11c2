/** An Iceberg table of days, loaded without a database: whole, or some of its days. */

import { quoteIdentifier, runQuery } from '../../../lib/aws/athena.ts'
import type { Aws } from '../../../lib/aws/clients.ts'
import type { LakeConfig } from '../../../lib/config/config.ts'
import type { LoadFacts, PartitionFacts, WrittenFile } from '../../../lib/lake/facts.ts'
import { openIceberg } from '../../../lib/lake/iceberg/iceberg.ts'
import { type CommitTerms, type Draft, isReadable, type Lake } from '../../../lib/lake/lake.ts'
import { newLoadId } from '../../../lib/lake/load-id.ts'
import type { PublishedTable } from '../../../lib/lake/published.ts'
import { bigint, day, integer, nullable, table, timestamptz } from '../../../lib/table.ts'
import { dayMicros, epochDays } from '../../iceberg/events.ts'
import { never } from '../../support/aws.ts'
import { encode, writeFile } from '../../support/parquet.ts'

const columns = { id: bigint, at: nullable(timestamptz), n: integer }

/** Ids of the rows of each day: `2026-03-01`, or `null` for rows without one. */
export type Days = Readonly<Record<string, readonly number[]>>

export interface DaysLoad {
  readonly draft: Draft
  readonly facts: LoadFacts
  stage(): Promise<unknown>
  commit(terms?: Partial<CommitTerms>): ReturnType<Draft['commit']>
}

export interface LoadOfDays {
  /** The second of its snapshot, in a certain minute. */
  readonly second: number
  readonly days: Days
  /** `these`: other days stay. */
  readonly which?: 'all' | 'these'
  /** Files as they are told to be, from what they are. */
  readonly told?: (files: readonly WrittenFile[]) => readonly WrittenFile[]
  /** Which day's file rows go to. */
  readonly misroute?: (day: string) => string
  /** When it began; at that second of 2026-01-01 when absent. */
  readonly begins?: Date
  readonly signal?: AbortSignal
}

export function tableOfDays(place: {
  readonly aws: Aws
  readonly config: LakeConfig
  readonly table: string
}) {
  const declared = table({
    ...{ name: place.table, from: 'parts', columns, partitionBy: day('at') },
    incremental: { changed: 'at', overlap: '1h', key: 'id' },
  })
  const lake: Lake = openIceberg(place)

  async function file(
    draft: Draft,
    name: string,
    rows: readonly (readonly [number, string])[],
  ): Promise<WrittenFile> {
    const values = rows.map(([id, of], at) => [BigInt(id), microsOf(of, at), id % 100])
    const { fieldIds } = draft
    const groups = await Array.fromAsync(encode(columns, values))
    const written = await writeFile(columns, groups, { ...(fieldIds && { fieldIds }) })
    const opened = draft.openFile(name)
    await opened.write(written.file)
    const kept = await opened.finish()
    return { name, rows: rows.length, ...kept, ...(written.metrics && { metrics: written.metrics }) }
  }

  /** Up to the point where it could be staged. */
  async function open(
    { second, days, which = 'all', told, misroute, begins, signal = never }: LoadOfDays,
    adopt = false,
  ): Promise<DaysLoad> {
    const load = newLoadId(begins ?? new Date(Date.UTC(2026, 0, 1, 0, 0, second)))
    const current = await lake.current(never)
    await lake.prepare(current, { adopt, signal: never })
    const draft = lake.draft({ load, table: declared, current, signal })
    if (!isReadable(draft)) throw new Error('Nobody could read it.')
    const filled = Object.entries(days).filter(([, ids]) => ids.length > 0)
    const made: WrittenFile[] = []
    for (const [of, ids] of filled) {
      const rows = ids.map((id) => [id, misroute?.(of) ?? of] as const)
      made.push(await file(draft, `${place.table}-${of}-00000.parquet`, rows))
    }
    const files = told?.(made) ?? made
    const rows = filled.reduce((sum, [, ids]) => sum + ids.length, 0)
    const facts: LoadFacts = {
      load,
      snapshotAt: `2026-01-01T00:00:${String(second).padStart(2, '0')}.000000Z`,
      source: {
        ...{ cluster: '7', database: 'shop', database_oid: '16384', schema: 'public', relation: 'parts' },
        ...{ place: at, primary: { ...at, timeline: 1 } },
      },
      ...{ rowsRead: rows, rows, bytesRead: 0, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) },
      slicing: { connections: 1, slices: 1, by: null, column: null, reason: null },
      ...{
        lossy: {},
        nulls: {},
        lookups: {},
        documentation: { comment: undefined, owner: undefined, columns: {}, tags: {} },
        files,
        transactions: '795:799:795,797',
      },
      ...{ fingerprint: undefined, volatile: [], heldSeconds: 0 },
      partitions: { which, list: Object.entries(days).map(factsOf) },
    }
    return {
      draft,
      facts,
      stage: () => draft.stage({ facts, onWait() {} }),
      commit: (terms = {}) =>
        draft.commit(facts, { adopt: false, keep: 5, phases: {}, permit() {}, ...terms }),
    }
  }

  return {
    lake,
    declared,
    open,
    /** A load from its first file to its last step. */
    async publish(options: LoadOfDays, { keep = 5, adopt = false } = {}): Promise<PublishedTable> {
      const { draft, stage, commit } = await open(options, adopt)
      await stage()
      const counted = await draft.count()
      if (counted.differences.length > 0) throw new Error(counted.differences.join('\n'))
      const outcome = await commit({ keep, adopt })
      if (outcome.outcome !== 'published') throw new Error(`It is ${outcome.outcome}.`)
      const { warnings } = await draft.expire({ keep, deadlineMs: 3_600_000 })
      if (warnings.length > 0) throw new Error(warnings.join('\n'))
      const now = await lake.current(never)
      if (now.kind !== 'managed') throw new Error(`It is ${now.kind}.`)
      return now
    },
    /** What readers see: ids by day, as Athena reads them. */
    async rows(): Promise<Days> {
      const { aws, config, table: name } = place
      const { rows } = await runQuery(aws, {
        sql: `select coalesce(cast(cast("at" at time zone 'UTC' as date) as varchar), 'null'), id from ${quoteIdentifier(name)} order by id`,
        ...{ database: config.glueDatabase, workgroup: 'primary', output: 's3://lake-results/' },
        ...{ timeoutMs: 20_000, signal: never },
      })
      const found = Object.groupBy(rows, ([of]) => of!)
      return Object.fromEntries(
        Object.entries(found).map(([of, each = []]) => [of, each.map(([, id]) => Number(id))]),
      )
    },
  }
}

const at = { server: 'db:5432', address: '10.0.0.7:5432' }

function factsOf([of, ids]: readonly [string, readonly number[]]): PartitionFacts {
  const sum = ids.length === 0 ? null : String(ids.reduce((a, b) => a + b, 0))
  const key = { count: ids.length, sum, hash: sum }
  return { values: [of === 'null' ? null : of], rowsRead: ids.length, rows: ids.length, key }
}

/** Some moment of the day, the first and the last of it among them. */
function microsOf(of: string, row: number): bigint | null {
  if (of === 'null') return null
  const days = Date.parse(`${of}T00:00:00Z`) / 86_400_000
  const start = BigInt(days - epochDays) * dayMicros
  return start + (row === 0 ? 0n : row === 1 ? dayMicros - 1n : BigInt(row) * 1_000_000n)
}
