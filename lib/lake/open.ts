/**
 * Which kind of lake a load goes to, and what a dry run tells of the one it would have gone to. What only Iceberg tables
 * need is imported where there is one: each load of a plain table would wait for it.
 */
import type { Table as GlueTable } from '@aws-sdk/client-glue'
import type { Aws } from '../aws/clients.ts'
import { awsFailure } from '../aws/failure.ts'
import { findTable } from '../aws/glue.ts'
import type { LakeConfig } from '../config/config.ts'
import type { Table } from '../declare/table.ts'
import { Failure } from '../failure/failure.ts'
import type { Account } from './account.ts'
import { readCatalog } from './catalog.ts'
import { connectLake } from './connect.ts'
import { openFolder } from './folder.ts'
import { type HiveOptions, openHive } from './hive/hive.ts'
import { plannedHive } from './hive/plan.ts'
import { publishedOf } from './hive/published.ts'
import { requireCrawler } from './hive/stage.ts'
import { isIceberg } from './iceberg/is-iceberg.ts'
import type { Keeping } from './keeping.ts'
import type { DryLake, Lake } from './lake.ts'
import { newLoadId } from './load-id.ts'
import type { Catalog, LoadNames } from './names.ts'
import { openNowhere } from './nowhere.ts'
import { describePlace } from './place.ts'
import type { PlannedLake } from './planned.ts'
import type { Published, PublishedLoad } from './published.ts'

export interface OpenOptions {
  readonly format: Table['format']
  readonly dryRun: boolean
  /** Folder for the files of a dry run, absolute. */
  readonly out: string | undefined
  readonly catalog: Catalog
  /** Told of every call that is tried again. */
  readonly onRetry: (message: string) => void
}

/** @throws Failure (2) when the configuration does not go with the options */
export async function openLake(
  config: LakeConfig | undefined,
  table: string,
  { format, dryRun, out, catalog, onRetry }: OpenOptions,
): Promise<Lake | DryLake> {
  if (dryRun) {
    if (config !== undefined) requireCatalog(config, table, { format, catalog })
    const describe = () => describeTarget(config, { table, dryRun })
    return out === undefined ? openNowhere(describe) : openFolder(out, table, describe)
  }
  if (config === undefined) throw new Error('Only a dry run can do without a lake.')
  return openWritable(config, table, { format, catalog, onRetry })
}

/** Opens a lake for loads that readers may come to see. @throws Failure as {@link openLake} */
export async function openWritable(
  config: LakeConfig,
  table: string,
  { format, catalog, onRetry }: Pick<OpenOptions, 'format' | 'catalog' | 'onRetry'>,
): Promise<Lake> {
  requireCatalog(config, table, { format, catalog })
  const aws = connectLake({ onRetry })
  return format === 'iceberg'
    ? openIceberg({ aws, config, table })
    : openHive({ aws, config, table, catalog })
}

async function openIceberg(options: Omit<HiveOptions, 'catalog'>): Promise<Lake> {
  const { openIceberg: open } = await import('./iceberg/iceberg.ts')
  return open(options)
}

async function icebergPublished(
  aws: Aws,
  config: LakeConfig,
  live: GlueTable,
  { table, signal }: { readonly table: string; readonly signal: AbortSignal },
): Promise<Published> {
  const { baseOf } = await import('./iceberg/base.ts')
  return (await baseOf({ aws, config, table }, live, signal)).published
}

/**
 * A crawler would show readers of an Iceberg table whatever metadata looks newest, staged and never audited.
 * @throws Failure (2)
 */
function requireCatalog(
  config: LakeConfig,
  table: string,
  { format, catalog }: Pick<OpenOptions, 'format' | 'catalog'>,
): void {
  if (format === 'plain') requireCrawler(config, table, catalog)
  if (format === 'plain' || catalog !== 'crawler') return
  throw new Failure({
    exit: 2,
    act: 'crawl',
    thing: table,
    reason: 'it is an Iceberg table, whose own metadata says what its columns are',
    advice: 'Load it without --catalog crawler.',
  })
}

/**
 * Opens the lake of a table, of whichever kind it is, for looking at its loads or rolling one back.
 * @throws Failure as `current` of a lake
 */
export async function openTable(config: LakeConfig, table: string, signal: AbortSignal): Promise<Lake> {
  const aws = connectLake()
  try {
    const live = await lookUp(aws, config, table, signal)
    return live !== undefined && isIceberg(live)
      ? await openIceberg({ aws, config, table })
      : openHive({ aws, config, table })
  } catch (error) {
    aws.close()
    throw error
  }
}

async function lookUp(aws: Aws, { glueDatabase: database }: LakeConfig, table: string, signal: AbortSignal) {
  try {
    return await findTable(aws, { database, table, signal })
  } catch (error) {
    throw awsFailure(error, 'read the table', `${database}.${table}`)
  }
}

/** What readers see of a table, of whichever kind it is. @throws Failure as `current` of a lake */
export async function readPublished(
  aws: Aws,
  config: LakeConfig,
  table: string,
  signal: AbortSignal,
): Promise<Published> {
  const live = await lookUp(aws, config, table, signal)
  if (live === undefined || !isIceberg(live)) return publishedOf(live)
  return icebergPublished(aws, config, live, { table, signal })
}

export interface LeftPartitions extends Pick<PublishedLoad, 'source'> {
  readonly account: Account | undefined
  readonly keeping: Keeping | undefined
  /** Whether others have changed rows since. */
  readonly isChangedByOthers: boolean
}

/**
 * What the load that readers see has left of the partitions of a table, for a dry run.
 * @returns undefined: no load has published it
 * @throws Failure as `current` of a lake
 */
export async function readLeft(
  config: LakeConfig,
  table: Table,
  signal: AbortSignal,
): Promise<LeftPartitions | undefined> {
  const lake = await openWritable(config, table.name, {
    format: table.format,
    catalog: 'auto',
    onRetry: () => {},
  })
  try {
    const current = await lake.current(signal)
    if (current.kind !== 'managed') return undefined
    const { keeping } = lake.draft({ load: newLoadId(), table, current, signal })
    const isChangedByOthers = (current.changes ?? []).length > 0
    return {
      account: await lake.account(current, signal),
      keeping,
      source: current.source,
      isChangedByOthers,
    }
  } finally {
    lake.close()
  }
}

/** Before anything is opened. @param table undefined: all tables */
export async function describeTarget(
  config: LakeConfig | undefined,
  { table, dryRun }: { readonly table?: string | undefined; readonly dryRun: boolean },
): Promise<string> {
  const place = config === undefined ? undefined : await describePlace(config, { table })
  if (!dryRun) return place ?? 'no lake'
  const nowhere = 'nowhere: this is a dry run'
  return place === undefined ? nowhere : `${nowhere}; a load would go to ${place}`
}

/** What a load would do; null: no lake is configured. */
export async function plannedLake(
  config: LakeConfig | undefined,
  {
    format,
    ...names
  }: Pick<LoadNames, 'table' | 'catalog' | 'files' | 'references'> & Pick<OpenOptions, 'format'>,
): Promise<PlannedLake | null> {
  if (config === undefined) return null
  if (format !== 'iceberg') return plannedHive({ lake: config, ...names })
  const { plannedIceberg } = await import('./iceberg/plan.ts')
  return plannedIceberg({ lake: config, ...names })
}

/** What readers see of every table, by name; of those that no load has made too. @throws Failure as `current` of a lake */
export async function publishedTables(
  config: LakeConfig,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Published>> {
  const aws = connectLake()
  try {
    return await publishedTablesOf(aws, config, signal)
  } finally {
    aws.close()
  }
}

/** The same, by clients that are connected. */
export async function publishedTablesOf(
  aws: Aws,
  config: LakeConfig,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Published>> {
  const tables = await readCatalog(aws, config, signal)
  return new Map([...tables].map(([name, { published }]) => [name, published]))
}
