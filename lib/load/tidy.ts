import type { Call } from '../aws/calls.ts'
import { stagedName } from '../lake/hive/layout.ts'
import { retain, retainCalls } from '../lake/hive/retain.ts'
import { dropStaged, dropStagedCalls } from '../lake/hive/staged-tables.ts'
import type { Load, Target } from './load.ts'
import type { LoadNames } from './load-names.ts'

/** The staged table goes, and step 8: old loads go. The load is published, so what fails here is a warning. */
export async function tidy(
  { table, options, staged, signal, warn }: Load,
  { aws, lake }: Target,
): Promise<void> {
  try {
    await dropStaged(aws, { database: lake.stagingDatabase, name: staged })
    const { warnings } = await retain(aws, {
      bucket: lake.bucket,
      prefix: lake.prefix,
      database: lake.glueDatabase,
      stagingDatabase: lake.stagingDatabase,
      table: table.name,
      keep: options.retain,
      deadlineMs: options.deadlineMs,
      signal,
    })
    warnings.forEach(warn)
  } catch (error) {
    warn(`old loads stay for now: ${error instanceof Error ? error.message : String(error)}`)
  }
}

export function tidyCalls({ lake, table, load }: LoadNames): Call[] {
  const { glueDatabase: database, stagingDatabase } = lake
  return [
    ...dropStagedCalls({ database: stagingDatabase, table: stagedName(table, load) }),
    ...retainCalls({ ...lake, database, table }),
  ]
}
