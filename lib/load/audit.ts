import { queryCalls, quoteIdentifier, runQuery } from '../aws/athena.ts'
import type { Call } from '../aws/calls.ts'
import type { Aws } from '../aws/clients.ts'
import type { LakeConfig } from '../config/config.ts'
import { loadFolder, stagedName } from '../lake/hive/layout.ts'
import { countsAgree } from './counts.ts'
import type { Load, Target } from './load.ts'
import type { LoadNames } from './load-names.ts'
import { retrying } from './retry.ts'

const timeoutMs = 15 * 60_000

/** Counting changes nothing, so a query that fails is run again. */
const againWithinMs = 30_000

/**
 * Step 6: the rows that Athena sees in the staged table are the rows that were written.
 * @returns bytes that Athena scanned for it @throws Failure (4) if they are not
 */
export async function audit(load: Load, { aws, lake }: Target, written: number): Promise<number> {
  const { table, staged, signal } = load
  const { readBack: pauseMs } = await aws.timings()
  const { rows, bytesScanned } = await retrying(load, { withinMs: againWithinMs, pauseMs, tries: 3 }, () =>
    countStaged(aws, lake, staged, signal),
  )
  countsAgree(table.name, 'rows counted by Athena', rows, 'were written', written)
  return bytesScanned
}

export function auditCalls({ lake, table, load }: Pick<LoadNames, 'lake' | 'table' | 'load'>): Call[] {
  const { bucket, prefix, stagingDatabase: database, workgroup, athenaOutput: output } = lake
  return queryCalls({
    database,
    table: stagedName(table, load),
    workgroup,
    output,
    folder: { bucket, key: loadFolder(prefix, table, load) },
  })
}

/** Rows that Athena counts in a staged table, NaN if it does not say; and bytes that it scanned for it. */
export async function countStaged(
  aws: Aws,
  lake: LakeConfig,
  staged: string,
  signal: AbortSignal,
): Promise<{ readonly rows: number; readonly bytesScanned: number }> {
  const { rows, bytesScanned } = await runQuery(aws, {
    sql: `select count(*) from ${quoteIdentifier(staged)}`,
    database: lake.stagingDatabase,
    workgroup: lake.workgroup,
    output: lake.athenaOutput,
    timeoutMs,
    signal,
  })
  return { rows: Number(rows[0]?.[0] ?? Number.NaN), bytesScanned }
}
