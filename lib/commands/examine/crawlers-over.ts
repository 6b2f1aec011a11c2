/** Crawlers that look where an Iceberg table is: none may. */
import { type Crawler, paginateGetCrawlers, type S3Target } from '@aws-sdk/client-glue'
import type { Call } from '../../aws/calls.ts'
import type { Aws } from '../../aws/clients.ts'
import { awsFailure } from '../../aws/failure.ts'
import { type Finding, warning } from './finding.ts'

export interface IcebergPlace {
  readonly database: string
  readonly table: string
  /** `s3://lake/tables/events/iceberg/` */
  readonly location: string
}

/** @throws Failure as `awsFailure` */
export async function examineCrawlers(
  aws: Aws,
  places: readonly IcebergPlace[],
  signal: AbortSignal,
): Promise<string | Finding> {
  const found: string[] = []
  try {
    for await (const { Crawlers = [] } of paginateGetCrawlers(
      { client: aws.glue },
      {},
      { abortSignal: signal },
    )) {
      for (const crawler of Crawlers) {
        const over = places.filter((place) => isOver(crawler, place))
        if (over.length === 0) continue
        const names = over.map(({ database, table }) => `${database}.${table}`)
        found.push(`the crawler ${crawler.Name} looks at ${names.join(', ')}`)
      }
    }
  } catch (error) {
    throw awsFailure(error, 'read', 'the crawlers')
  }
  if (found.length === 0) return 'none looks at them'
  return warning(
    'iceberg crawlers',
    found.join('; '),
    'Exclude these tables from it: a crawler of Iceberg tables publishes whatever metadata is newest, audited or not, and one of plain files makes tables of rows that are no longer there.',
  )
}

function isOver({ Targets = {} }: Crawler, place: IcebergPlace): boolean {
  const { S3Targets = [], IcebergTargets = [], CatalogTargets = [] } = Targets
  return (
    S3Targets.some((target) => isCrawled(target, place)) ||
    IcebergTargets.some(({ Paths = [], Exclusions }) =>
      Paths.some((Path) => isCrawled({ Path, ...(Exclusions && { Exclusions }) }, place)),
    ) ||
    CatalogTargets.some(
      ({ DatabaseName, Tables = [] }) => DatabaseName === place.database && Tables.includes(place.table),
    )
  )
}

/** A path that is part of the table's, or that the table's is part of (AWS Glue, "How crawlers work", "Include and exclude patterns"). */
function isCrawled({ Path = '', Exclusions = [] }: S3Target, { location }: IcebergPlace): boolean {
  const path = `${Path.replace(/\/+$/, '')}/`
  if (path.startsWith(location)) return true
  if (!location.startsWith(path)) return false
  const key = `${location.slice(path.length)}metadata/any.metadata.json`
  return !Exclusions.some((pattern) => new Bun.Glob(pattern).match(key))
}

export const examineCrawlersCalls: readonly Call[] = [{ call: 'glue:GetCrawlers', on: { kind: 'crawlers' } }]
