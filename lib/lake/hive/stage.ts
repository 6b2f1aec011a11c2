/** The staged table of a load: by a crawl whose result must equal the declaration, or from the declaration. */
import { type Call, onlyWhen } from '../../aws/calls.ts'
import { crawl, crawlCalls } from '../../aws/crawler.ts'
import type { GlueColumn } from '../../aws/table-input.ts'
import type { LakeConfig } from '../../config/config.ts'
import type { Table } from '../../declare/table.ts'
import { Failure } from '../../failure/failure.ts'
import type { StageOptions } from '../lake.ts'
import { crawlerName, loadFolder, stagedName } from '../layout.ts'
import type { Catalog, LoadNames, LoadPlace } from '../names.ts'
import { schemaHash } from '../schema-hash.ts'
import { createStaged, createStagedCalls } from '../staged-tables.ts'
import { requireCrawledAsDeclared } from './crawled-as-declared.ts'

/** The published columns; the declaration is the authority. */
export function glueColumns({ output }: Table): GlueColumn[] {
  return Object.entries(output).map(([name, { athena }]) => ({ name, type: athena }))
}

/**
 * `auto` crawls no table without rows: a crawler finds nothing in it, and the first load with rows is crawled then.
 * @param crawledHash of the schema that was crawled last
 * @returns whether it crawled
 */
export async function stageLoad(
  { aws, config, table: name, load, signal }: LoadPlace,
  declared: { readonly table: Table; readonly catalog: Catalog; readonly crawledHash: string | undefined },
  { facts: { rows }, onWait }: StageOptions,
): Promise<boolean> {
  const { table, catalog, crawledHash } = declared
  const { crawlerRole: role, stagingDatabase: database } = config
  const location = `s3://${config.bucket}/${loadFolder(config.prefix, name, load)}`
  const wanted =
    catalog === 'crawler' || (catalog === 'auto' && rows > 0 && crawledHash !== schemaHash(table))
  const columns = glueColumns(table)
  if (!wanted || role === undefined) {
    await createStaged(aws, { database, name: stagedName(name, load), location, columns, signal })
    return false
  }
  const crawled = await crawl(aws, {
    crawlerName: crawlerName(config.glueDatabase, name),
    role,
    stagingDatabase: database,
    tablePrefix: `${name}__`,
    target: location,
    timeoutMs: crawlTimeoutMs,
    signal,
    onWait,
  })
  requireCrawledAsDeclared(name, columns, crawled.columns)
  return true
}

/** A crawl takes a minute or two; one that waits for another takes twice that. */
const crawlTimeoutMs = 20 * 60_000

/** Glue API, NameString. */
const mostNameLetters = 255

/** @throws Failure (2) when `--catalog crawler` has no role to crawl with, or the crawler a name that Glue does not take */
export function requireCrawler(lake: LakeConfig, table: string, catalog: Catalog): void {
  if (catalog === 'declared') return
  const name = crawlerName(lake.glueDatabase, table)
  if (lake.crawlerRole !== undefined && name.length > mostNameLetters) {
    throw new Failure({
      exit: 2,
      act: 'crawl',
      thing: table,
      reason: `its crawler's name, ${name}, has ${name.length} letters, and Glue takes ${mostNameLetters}`,
      advice: 'Shorten the name of the table or of DRACULA_GLUE_DATABASE, or load with --catalog declared.',
    })
  }
  if (catalog !== 'crawler' || lake.crawlerRole !== undefined) return
  throw new Failure({
    exit: 2,
    act: 'crawl',
    thing: table,
    reason: '--catalog crawler needs a role, and DRACULA_CRAWLER_ROLE is not set',
    advice: 'Set it, or load with --catalog declared.',
  })
}

/** A crawl or, without one, the staged table from the declaration; which of them `auto` takes, only Glue knows. */
export function stageCalls({ lake, table, load, catalog, files }: LoadNames): Call[] {
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
