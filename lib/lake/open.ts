/** Which kind of lake a load goes to, and what a dry run tells of the one it would have gone to. */
import type { LakeConfig } from '../config/config.ts'
import { openFolder } from './folder.ts'
import { connectLake } from './hive/connect.ts'
import { openHive } from './hive/hive.ts'
import type { Catalog, HiveNames } from './hive/names.ts'
import { describePlace } from './hive/place.ts'
import { plannedHive } from './hive/plan.ts'
import { publishedTables as publishedHives } from './hive/published.ts'
import { requireCrawler } from './hive/stage.ts'
import type { DryLake, Lake } from './lake.ts'
import { openNowhere } from './nowhere.ts'
import type { PlannedLake } from './planned.ts'
import type { Published } from './published.ts'

export interface OpenOptions {
  readonly dryRun: boolean
  /** Folder for the files of a dry run, absolute. */
  readonly out: string | undefined
  readonly catalog: Catalog
  /** Told of every call that is tried again. */
  readonly onRetry: (message: string) => void
}

/** @throws Failure (2) when the configuration does not go with the options */
export function openLake(
  config: LakeConfig | undefined,
  table: string,
  { dryRun, out, catalog, onRetry }: OpenOptions,
): Lake | DryLake {
  if (dryRun) {
    if (config !== undefined) requireCrawler(config, table, catalog)
    const describe = () => describeTarget(config, { table, dryRun })
    return out === undefined ? openNowhere(describe) : openFolder(out, table, describe)
  }
  if (config === undefined) throw new Error('Only a dry run can do without a lake.')
  return openWritable(config, table, { catalog, onRetry })
}

/** Opens a lake for loads that readers may come to see. @throws Failure as {@link openLake} */
export function openWritable(
  config: LakeConfig,
  table: string,
  { catalog, onRetry }: Pick<OpenOptions, 'catalog' | 'onRetry'>,
): Lake {
  requireCrawler(config, table, catalog)
  return openHive({ aws: connectLake({ onRetry }), config, table, catalog })
}

/** Opens a lake for looking at the loads of a table, or rolling one back. */
export function openTable(config: LakeConfig, table: string): Lake {
  return openHive({ aws: connectLake(), config, table })
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
export function plannedLake(
  config: LakeConfig | undefined,
  names: Pick<HiveNames, 'table' | 'catalog' | 'files'>,
): PlannedLake | null {
  return config === undefined ? null : plannedHive({ lake: config, ...names })
}

/** What readers see of every table, by name; of those that no load has made too. @throws Failure as `current` of a lake */
export async function publishedTables(
  config: LakeConfig,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Published>> {
  const aws = connectLake()
  try {
    return await publishedHives(aws, config.glueDatabase, signal)
  } finally {
    aws.close()
  }
}
