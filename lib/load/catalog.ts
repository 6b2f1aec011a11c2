import { type Call, onlyWhen } from '../aws/calls.ts'
import { crawl, crawlCalls } from '../aws/crawler.ts'
import type { GlueColumn } from '../aws/table-input.ts'
import { Failure } from '../failure/failure.ts'
import { requireCrawledAsDeclared } from '../lake/hive/crawled-as-declared.ts'
import { crawlerName, stagedName } from '../lake/hive/layout.ts'
import { createStaged, createStagedCalls } from '../lake/hive/staged-tables.ts'
import type { Load, LoadInput, Target } from './load.ts'
import type { LoadNames } from './load-names.ts'

/** The published columns; the declaration is the authority. */
export function glueColumns({ table }: Load): GlueColumn[] {
  return Object.entries(table.output).map(([name, { athena }]) => ({ name, type: athena }))
}

/**
 * Step 5: the staged table, by a crawl whose result must equal the declaration, or from the declaration.
 * `auto` crawls no table without rows: a crawler finds nothing in it, and the first load with rows is crawled then.
 * @param crawledHash of the schema that was crawled last
 * @returns whether it crawled
 */
export async function catalogue(
  load: Load,
  target: Target,
  { rows, crawledHash }: { readonly rows: number; readonly crawledHash: string | undefined },
): Promise<boolean> {
  const { options, observe, signal, location, staged } = load
  const { aws, lake } = target
  const { crawlerRole: role, stagingDatabase: database } = lake
  const wanted =
    options.catalog === 'crawler' ||
    (options.catalog === 'auto' && rows > 0 && crawledHash !== load.schemaHash)
  const columns = glueColumns(load)
  if (!wanted || role === undefined) {
    await createStaged(aws, { database, name: staged, location, columns, signal })
    return false
  }
  const crawled = await crawl(aws, {
    crawlerName: crawlerName(lake.glueDatabase, load.table.name),
    role,
    stagingDatabase: database,
    tablePrefix: `${load.table.name}__`,
    target: location,
    timeoutMs: crawlTimeoutMs,
    signal,
    onWait: (message) => observe({ kind: 'wait', message }),
  })
  requireCrawledAsDeclared(load.table.name, columns, crawled.columns)
  return true
}

/** A crawl takes a minute or two; one that waits for another takes twice that. */
const crawlTimeoutMs = 20 * 60_000

/** Glue API, NameString. */
const mostNameLetters = 255

/** @throws Failure (2) when `--catalog crawler` has no role to crawl with, or the crawler a name that Glue does not take */
export function requireCrawler({
  options,
  config,
  table,
}: Pick<LoadInput, 'options' | 'config' | 'table'>): void {
  const { lake } = config
  if (options.catalog === 'declared' || lake === undefined) return
  const name = crawlerName(lake.glueDatabase, table.name)
  if (lake.crawlerRole !== undefined && name.length > mostNameLetters) {
    throw new Failure({
      exit: 2,
      act: 'crawl',
      thing: table.name,
      reason: `its crawler's name, ${name}, has ${name.length} letters, and Glue takes ${mostNameLetters}`,
      advice: 'Shorten the name of the table or of DRACULA_GLUE_DATABASE, or load with --catalog declared.',
    })
  }
  if (options.catalog !== 'crawler' || lake.crawlerRole !== undefined) return
  throw new Failure({
    exit: 2,
    act: 'crawl',
    thing: table.name,
    reason: '--catalog crawler needs a role, and DRACULA_CRAWLER_ROLE is not set',
    advice: 'Set it, or load with --catalog declared.',
  })
}

/** A crawl or, without one, the staged table from the declaration; which of them `auto` takes, only Glue knows. */
export function catalogueCalls({ lake, table, load, catalog, files }: LoadNames): Call[] {
  const { crawlerRole: role, glueDatabase, stagingDatabase } = lake
  const staged = { database: stagingDatabase, table: stagedName(table, load) }
  const declare = createStagedCalls(staged)
  const isEmpty = files.every(({ rows }) => rows === 0)
  if (role === undefined || catalog === 'declared' || (catalog === 'auto' && isEmpty)) return declare
  const crawled = crawlCalls({ crawlerName: crawlerName(glueDatabase, table), role, staged })
  if (catalog === 'crawler') return crawled
  return [
    ...onlyWhen('the table is new or its schema changed', crawled),
    ...onlyWhen('the schema is the one crawled last', declare),
  ]
}
