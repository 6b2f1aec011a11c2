/** What Athena counts in a staged table. */
import { queryCalls, quoteIdentifier, runQuery } from '../../aws/athena.ts'
import type { Call } from '../../aws/calls.ts'
import type { Counted } from '../lake.ts'
import { loadFolder, stagedName } from '../layout.ts'
import type { LoadNames, TablePlace } from '../names.ts'

const timeoutMs = 15 * 60_000

/** @param staged name of the staged table @throws Failure as `runQuery` */
export async function countStaged(
  { aws, config }: TablePlace,
  staged: string,
  signal: AbortSignal,
): Promise<Counted> {
  const { rows, bytesScanned } = await runQuery(aws, {
    sql: `select count(*) from ${quoteIdentifier(staged)}`,
    database: config.stagingDatabase,
    workgroup: config.workgroup,
    output: config.athenaOutput,
    timeoutMs,
    signal,
  })
  return { rows: Number(rows[0]?.[0] ?? Number.NaN), bytesScanned: [bytesScanned], differences: [] }
}

export function countCalls({ lake, table, load }: Pick<LoadNames, 'lake' | 'table' | 'load'>): Call[] {
  const { bucket, prefix, stagingDatabase: database, workgroup, athenaOutput: output } = lake
  return queryCalls({
    database,
    table: stagedName(table, load),
    workgroup,
    output,
    folder: { bucket, key: loadFolder(prefix, table, load) },
  })
}
