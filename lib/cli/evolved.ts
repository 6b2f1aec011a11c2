/** A table with the columns that its source has got, where the script or a flag says so: they are written, and told of. */
import type { DatabaseConfig } from '../config/config.ts'
import type { Table } from '../declare/table.ts'
import type { LoadOptions } from '../load/options.ts'
import type { Log } from './log.ts'
import { requireTypes } from './require-types.ts'

export interface EvolvedOptions {
  readonly options: Pick<LoadOptions, 'evolve' | 'dryRun'>
  readonly database: DatabaseConfig
  readonly script: string | undefined
  readonly log: Log
  readonly signal: AbortSignal
}

/** @throws Failure (3) where the script cannot be changed for sure, else as Postgres fails */
export async function evolved(
  table: Table,
  { options, database, script, log, signal }: EvolvedOptions,
): Promise<Table> {
  if (!options.evolve && table.evolve === undefined) return table
  const { query, tenants } = table.source
  if (query !== undefined || tenants !== undefined) {
    const what =
      tenants === undefined
        ? 'that is read by a query, which names its columns itself'
        : 'of tenants, which may each have got others'
    log.warn(`--evolve adds nothing to a table ${what}`)
    return table
  }
  const { newColumns } = await import('../load/evolve/new-columns.ts')
  const added = await newColumns(table, database, signal)
  if (added.length === 0) return table
  const lines = added.map(({ line }) => line).join(' ')
  if (options.dryRun) {
    log.warn(`a load would write into scripts/${table.name}.ts, and read: ${lines}`)
    return table
  }
  const { evolveScript } = await import('../load/evolve/evolve.ts')
  const now = await evolveScript(table, added, {
    script,
    requireTypes: () => requireTypes(log.warn, script),
  })
  log.warn(`wrote into scripts/${table.name}.ts: ${lines}`)
  return now
}
