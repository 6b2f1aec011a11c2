/** A load, step by step: stage → crawl → audit → publish. Whatever happens, readers see the old load or this one, whole. */

import { connectAws } from './aws/clients.ts'
import { ensureDatabase } from './aws/glue.ts'
import type { DryRunConfig } from './config/config.ts'
import type { Table } from './declare/table.ts'
import { pinned } from './lake/hive/pin.ts'
import { readPublished } from './lake/hive/published.ts'
import { refuseUnmanaged } from './lake/hive/unmanaged.ts'
import type { Published } from './lake/published.ts'
import { audit } from './load/audit.ts'
import { catalogue, requireCrawler } from './load/catalog.ts'
import { extract } from './load/extract.ts'
import { loadFailure } from './load/failure.ts'
import { prepareFolder, removeFiles } from './load/folder.ts'
import { beginLoad, type Load, type Target } from './load/load.ts'
import { publishLoad } from './load/publish.ts'
import { removeLoad } from './load/remove.ts'
import { plannedRoute, routeOf } from './load/route.ts'
import { loadSummary } from './load/summary.ts'
import { tidy } from './load/tidy.ts'
import type { LoadOptions, LoadSummary, Observe } from './load/types.ts'
import { requireWorkgroup } from './load/workgroup.ts'

export type {
  LoadEvent,
  LoadFailure,
  LoadOptions,
  LoadSummary,
  Observe,
  Phase,
  StillPublished,
} from './load/types.ts'

/** @throws LoadFailure, which knows what readers see now; nothing of the load is left behind unless its outcome is unknown */
export async function load(
  table: Table,
  config: DryRunConfig,
  options: LoadOptions,
  observe: Observe,
  signal: AbortSignal,
): Promise<LoadSummary> {
  requireCrawler({ table, config, options })
  const { lake } = config
  if (lake === undefined && !options.dryRun) throw new Error('Only a dry run can do without a lake.')
  const target =
    options.dryRun || lake === undefined
      ? undefined
      : { aws: connectAws({ onRetry: (message) => run.retried(message) }), lake }
  const run: Load = beginLoad({ table, config, options, observe, signal }, target)
  const { phases } = run
  let before: Published | 'unknown' = 'unknown'
  let published = false
  try {
    if (target === undefined) {
      if (options.out !== undefined) await prepareFolder(options.out, table.name)
      observe({ kind: 'route', ...(await plannedRoute(table, config)) })
      return loadSummary(run, await extract(run, nothing), { published: false, crawled: false, scanned: [] })
    }
    before = await readPublished(target.aws, {
      database: target.lake.glueDatabase,
      table: table.name,
      signal,
    })
    const account = await prepareTarget(run, target, before)
    observe({ kind: 'route', ...(await routeOf(table, config, { aws: target.aws, account })) })
    const replaced = before.kind === 'ours' ? before : nothing
    const { crawledHash } = replaced

    const extracted = await extract(run, replaced)
    const crawled = await phases.time('crawl', () =>
      catalogue(run, target, { rows: extracted.rows, crawledHash }),
    )
    const scanned = await phases.time('audit', () => audit(run, target, extracted.rows))
    const crawl = { crawled, crawledHash: crawled ? run.schemaHash : crawledHash }
    await phases.time('publish', () => publishLoad(run, target, extracted, crawl))
    published = true
    await phases.time('retain', () => tidy(run, target))
    return loadSummary(run, extracted, { published: true, crawled, scanned: [scanned] })
  } catch (error) {
    const failure = loadFailure(run, error, before)
    // Of what is or may be published, nothing may go. Before it was read, nothing was written.
    if (!published && failure.exit !== 5 && before !== 'unknown') await removeLoad(run)
    await removeFiles(run.paths)
    throw failure
  } finally {
    target?.aws.close()
  }
}

const nothing = {
  load: '',
  rows: 0,
  snapshotAt: '',
  lookups: {},
  source: undefined,
  crawledHash: undefined,
}

/**
 * Step 0, once it is known what this load will replace: that it may, and that there is a place for it and for its count.
 * @returns the account whose catalog it is; undefined: the catalog does not say
 */
async function prepareTarget(load: Load, target: Target, published: Published): Promise<string | undefined> {
  const { table, options, signal } = load
  const { aws, lake } = target
  if (published.kind === 'unmanaged') {
    refuseUnmanaged(published.unlike, {
      database: lake.glueDatabase,
      table: table.name,
      adopt: options.adopt,
    })
  }
  if (published.kind === 'ours' && published.pin !== undefined) {
    throw pinned(table.name, published.load, published.pin)
  }
  await requireWorkgroup(load, target)
  const [account] = await Promise.all(
    [lake.glueDatabase, lake.stagingDatabase].map((name) => ensureDatabase(aws, name, signal)),
  )
  return account
}
