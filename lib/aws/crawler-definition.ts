/** How the table's crawler is set up in Glue. */
import {
  type Crawler,
  CreateCrawlerCommand,
  type CreateCrawlerCommandInput,
  GetCrawlerCommand,
  UpdateCrawlerCommand,
} from '@aws-sdk/client-glue'
import type { Aws } from './clients.ts'
import { named } from './glue.ts'

export interface CrawlerDefinition {
  readonly crawlerName: string
  /** ARN or name of the role the crawler runs as. */
  readonly role: string
  readonly stagingDatabase: string
  /** The staged table is named after it and the target's last folder. */
  readonly tablePrefix: string
  /** `s3://bucket/…/<load>/`, with the slash. */
  readonly target: string
}

/** Creates the crawler or points it at the target. LOG: it changes and deletes nothing it made before. */
export async function defineCrawler(
  aws: Aws,
  { crawlerName, role, stagingDatabase, tablePrefix, target }: CrawlerDefinition,
  before: Crawler | undefined,
  signal: AbortSignal,
): Promise<void> {
  const definition: CreateCrawlerCommandInput = {
    Name: crawlerName,
    Role: role,
    DatabaseName: stagingDatabase,
    TablePrefix: tablePrefix,
    Targets: { S3Targets: [{ Path: target }] },
    SchemaChangePolicy: { UpdateBehavior: 'LOG', DeleteBehavior: 'LOG' },
    RecrawlPolicy: { RecrawlBehavior: 'CRAWL_EVERYTHING' },
  }
  if (before === undefined) {
    try {
      await aws.glue.send(new CreateCrawlerCommand(definition), { abortSignal: signal })
      return
    } catch (error) {
      if (!named(error, 'AlreadyExistsException')) throw error
    }
  }
  await aws.glue.send(new UpdateCrawlerCommand(definition), { abortSignal: signal })
}

/** undefined: there is none. */
export async function findCrawler(aws: Aws, name: string, signal: AbortSignal): Promise<Crawler | undefined> {
  try {
    const { Crawler } = await aws.glue.send(new GetCrawlerCommand({ Name: name }), { abortSignal: signal })
    return Crawler
  } catch (error) {
    if (named(error, 'EntityNotFoundException')) return undefined
    throw error
  }
}

/** The folder it is pointed at. */
export function targetOf(crawler: Crawler): string | undefined {
  return crawler.Targets?.S3Targets?.[0]?.Path
}
