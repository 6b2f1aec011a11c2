import { quoteIdentifier, runQuery } from '../aws/athena.ts'
import type { Aws } from '../aws/clients.ts'
import type { LakeConfig } from '../config.ts'
import { countsAgree } from './counts.ts'
import type { Load, Target } from './load.ts'

const timeoutMs = 15 * 60_000

/**
 * Step 6: the rows that Athena sees in the staged table are the rows that were written.
 * @throws Failure (4) if not
 */
export async function audit(
  { table, staged, signal }: Load,
  { aws, lake }: Target,
  written: number,
): Promise<void> {
  const counted = await countStaged(aws, lake, staged, signal)
  countsAgree(table.name, 'rows counted by Athena', counted, 'were written', written)
}

/** Rows that Athena counts in a staged table; NaN if it does not say. */
export async function countStaged(
  aws: Aws,
  lake: LakeConfig,
  staged: string,
  signal: AbortSignal,
): Promise<number> {
  const { rows } = await runQuery(aws, {
    sql: `select count(*) from ${quoteIdentifier(staged)}`,
    database: lake.stagingDatabase,
    workgroup: lake.workgroup,
    output: lake.athenaOutput,
    timeoutMs,
    signal,
  })
  return Number(rows[0]?.[0] ?? Number.NaN)
}
