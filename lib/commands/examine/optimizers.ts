/** Glue's optimizers of Iceberg tables, which may be on for one table, or for the whole catalog. */
import { GetCatalogCommand, GetTableOptimizerCommand, TableOptimizerType } from '@aws-sdk/client-glue'
import type { Call } from '../../aws/calls.ts'
import type { Aws } from '../../aws/clients.ts'
import { awsFailure } from '../../aws/failure.ts'
import { findTable, named, readTableCalls } from '../../aws/glue.ts'
import { inParallel } from '../../concurrency/in-parallel.ts'
import { type Finding, warning } from './finding.ts'

const kinds = [
  TableOptimizerType.COMPACTION,
  TableOptimizerType.RETENTION,
  TableOptimizerType.ORPHAN_FILE_DELETION,
]
type Kind = (typeof kinds)[number]

const words: Readonly<Record<Kind, string>> = {
  compaction: 'compaction',
  retention: 'retention',
  orphan_file_deletion: 'orphan file deletion',
}

const asksAtOnce = 4

/** @param tables those that are Iceberg tables in Glue @throws Failure as `awsFailure` */
export async function examineOptimizers(
  aws: Aws,
  { database, tables, signal }: { database: string; tables: readonly string[]; signal: AbortSignal },
): Promise<string | Finding> {
  const [first = ''] = tables
  const catalogId = await idOfCatalog(aws, { database, table: first, signal })
  const on: string[] = []
  for (const kind of await inCatalog(aws, catalogId, signal)) {
    on.push(`${words[kind]} is on for all Iceberg tables of the catalog`)
  }
  const asked = tables.flatMap((table) => kinds.map((kind) => ({ table, kind })))
  const enabled = await inParallel(asksAtOnce, asked, (each) =>
    isOn(aws, { ...each, database, catalogId, signal }),
  )
  for (const [at, { table, kind }] of asked.entries()) {
    if (enabled[at]) on.push(`${words[kind]} is on for ${database}.${table}`)
  }
  if (on.length === 0) return 'Glue optimizes none of them'
  return warning(
    'iceberg optimizers',
    on.join('; '),
    'Turn them off: whole partitions are replaced, so there is nothing to compact; retention takes loads away that one could go back to; and deletion of orphans takes the files of a load that is under way for longer than its days.',
  )
}

async function idOfCatalog(aws: Aws, name: Parameters<typeof findTable>[1]): Promise<string> {
  try {
    return (await findTable(aws, name))?.CatalogId ?? ''
  } catch (error) {
    throw awsFailure(error, 'read the table', `${name.database}.${name.table}`)
  }
}

async function inCatalog(aws: Aws, catalogId: string, signal: AbortSignal): Promise<Kind[]> {
  try {
    const command = new GetCatalogCommand({ CatalogId: catalogId })
    const { Catalog } = await aws.glue.send(command, { abortSignal: signal })
    const set = Catalog?.CatalogProperties?.IcebergOptimizationProperties
    const settings: Readonly<Record<Kind, Readonly<Record<string, string>> | undefined>> = {
      compaction: set?.Compaction,
      retention: set?.Retention,
      orphan_file_deletion: set?.OrphanFileDeletion,
    }
    return kinds.filter((kind) => settings[kind]?.['enabled']?.toLowerCase() === 'true')
  } catch (error) {
    throw awsFailure(error, 'read the settings of', `the catalog ${catalogId}`)
  }
}

async function isOn(
  aws: Aws,
  {
    table,
    kind,
    database,
    catalogId,
    signal,
  }: { table: string; kind: Kind; database: string; catalogId: string; signal: AbortSignal },
): Promise<boolean> {
  const command = new GetTableOptimizerCommand({
    ...{ CatalogId: catalogId, DatabaseName: database, TableName: table, Type: kind },
  })
  try {
    const { TableOptimizer } = await aws.glue.send(command, { abortSignal: signal })
    return TableOptimizer?.configuration?.enabled === true
  } catch (error) {
    if (named(error, 'EntityNotFoundException')) return false
    throw awsFailure(error, 'read the optimizers of', `${database}.${table}`)
  }
}

export function examineOptimizersCalls(database: string, table: string): Call[] {
  const on = { kind: 'table', database, table } as const
  return [
    ...readTableCalls({ database, table }),
    { call: 'glue:GetCatalog', on: { kind: 'catalog' } },
    { call: 'glue:GetTableOptimizer', on },
  ]
}
