/** A load, step by step: stage → crawl → audit → publish. Whatever happens, readers see the old load or this one, whole. */
import { quoteIdentifier, runQuery } from './aws/athena.ts'
import { connectAws } from './aws/clients.ts'
import { dropStaged, ensureDatabase, type Published, readPublished } from './aws/glue.ts'
import { recordKey } from './aws/layout.ts'
import { putNew } from './aws/objects.ts'
import { publish } from './aws/publish.ts'
import { retain } from './aws/retain.ts'
import type { Config } from './config.ts'
import { Failure } from './failure.ts'
import { catalogue, glueColumns, requireCrawlerRole } from './load/catalog.ts'
import { countsAgree } from './load/counts.ts'
import { type Extract, extract } from './load/extract.ts'
import { loadFailure } from './load/failure.ts'
import { beginLoad, type Load, type Target } from './load/load.ts'
import { secondsSince } from './load/phases.ts'
import { loadRecord } from './load/record.ts'
import { removeLoad } from './load/remove.ts'
import type { LoadOptions, LoadSummary, Observe } from './load/types.ts'
import type { Table } from './table.ts'

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
  config: Config,
  options: LoadOptions,
  observe: Observe,
  signal: AbortSignal,
): Promise<LoadSummary> {
  const aws = options.dryRun ? undefined : connectAws()
  const run = beginLoad({ table, config, options, observe, signal }, aws)
  let before: Published | 'unknown' = 'unknown'
  try {
    if (run.target === undefined)
      return summary(run, await extract(run, 0), { published: false, crawled: false })
    before = await readReplaced(run, run.target)
    const extracted = await extract(run, before.kind === 'ours' ? before.rows : 0)
    const crawled = await publishLoad(run, run.target, extracted, before)
    await tidy(run, run.target)
    return summary(run, extracted, { published: true, crawled })
  } catch (error) {
    const failure = loadFailure(run, error, before)
    if (failure.exit !== 5) await removeLoad(run)
    throw failure
  } finally {
    aws?.close()
  }
}

/** Step 0: what this load will replace, and that it may. */
async function readReplaced(run: Load, { aws, lake }: Target): Promise<Published> {
  const { table, options, signal } = run
  requireCrawlerRole(run)
  const published = await readPublished(aws, { database: lake.glueDatabase, table: table.name, signal })
  if (published.kind === 'foreign' && !options.adopt) {
    throw new Failure({
      exit: 2,
      act: 'replace the table',
      thing: `${lake.glueDatabase}.${table.name}`,
      reason: 'no load of ours has made it',
      advice: 'Give the table another name, drop the old one, or take it over with --adopt.',
    })
  }
  await Promise.all(
    [lake.glueDatabase, lake.stagingDatabase].map((name) => ensureDatabase(aws, name, signal)),
  )
  return published
}

/** Steps 5 to 7. @returns whether it crawled */
async function publishLoad(
  run: Load,
  target: Target,
  extracted: Extract,
  before: Published,
): Promise<boolean> {
  const { table, id, location, schemaHash, signal, phases } = run
  const { aws, lake } = target
  const crawledHash = before.kind === 'ours' ? before.crawledHash : undefined
  const crawled = await phases.time('crawl', () => catalogue(run, target, crawledHash))
  await phases.time('audit', () => audit(run, target, extracted.rows))
  await phases.time('publish', async () => {
    const now = await readPublished(aws, { database: lake.glueDatabase, table: table.name, signal })
    const record = loadRecord(run, extracted, { crawled, replaces: now.kind === 'ours' ? now.load : null })
    await putNew(aws, {
      bucket: lake.bucket,
      key: recordKey(lake.prefix, table.name, id),
      body: JSON.stringify(record, undefined, 2),
      contentType: 'application/json',
      kmsKey: lake.kmsKey,
      signal,
    })
    const outcome = await publish(aws, {
      database: lake.glueDatabase,
      table: table.name,
      location,
      columns: glueColumns(run),
      adopt: run.options.adopt,
      signal,
      load: {
        load: id,
        rows: extracted.rows,
        rowsRead: extracted.rowsRead,
        snapshotAt: extracted.snapshot.at,
        schemaHash,
        crawledHash: crawled ? schemaHash : crawledHash,
        bytes: extracted.bytes,
      },
    })
    if (outcome.outcome === 'published') return
    throw new Failure({
      exit: 1,
      act: 'publish',
      thing: table.name,
      reason: `load ${outcome.to.load} of a newer snapshot (${outcome.to.snapshotAt}) was published meanwhile`,
      advice: 'Nothing need be done: readers see the newer one.',
    })
  })
  return crawled
}

/** Step 6: the rows that Athena sees are the rows that were written. */
async function audit({ table, staged, signal }: Load, { aws, lake }: Target, rows: number): Promise<void> {
  const { rows: answer } = await runQuery(aws, {
    sql: `select count(*) from ${quoteIdentifier(staged)}`,
    database: lake.stagingDatabase,
    workgroup: lake.workgroup,
    output: lake.athenaOutput,
    timeoutMs: auditTimeoutMs,
    signal,
  })
  countsAgree(
    table.name,
    'rows counted by Athena',
    Number(answer[0]?.[0] ?? Number.NaN),
    'were written',
    rows,
  )
}

const auditTimeoutMs = 15 * 60_000

/** The staged table, and step 8. The load is published: what fails here is a warning. */
async function tidy(run: Load, { aws, lake }: Target): Promise<void> {
  const { table, options, staged, signal, phases, warn } = run
  await phases.time('retain', async () => {
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
  })
}

function summary(
  run: Load,
  extracted: Extract,
  outcome: { published: boolean; crawled: boolean },
): LoadSummary {
  return {
    version: 1,
    table: run.table.name,
    load: run.id,
    snapshot_at: extracted.snapshot.at,
    published: outcome.published,
    dry_run: run.options.dryRun,
    rows: extracted.rows,
    rows_read: extracted.rowsRead,
    bytes: extracted.bytes,
    location: run.location,
    files: extracted.objects.map(({ key }) => `s3://${run.config.lake.bucket}/${key}`),
    crawled: outcome.crawled,
    seconds: secondsSince(run.started),
    xmin_held_s: extracted.heldSeconds,
    phases: run.phases.seconds,
    warnings: run.warnings,
  }
}
