/** What Glue says of every table of a lake, whoever has made it: for who looks at all of them. */
import type { Table } from '@aws-sdk/client-glue'
import type { Aws } from '../aws/clients.ts'
import { inParallel } from '../concurrency/in-parallel.ts'
import type { LakeConfig } from '../config/config.ts'
import type { Documentation } from '../declare/documentation.ts'
import { Failure } from '../failure/failure.ts'
import { documentationOn } from './documentation.ts'
import { liveTables, publishedOf } from './hive/published.ts'
import { isIceberg } from './iceberg/is-iceberg.ts'
import type { Published } from './published.ts'

export interface CatalogTable {
  readonly published: Published
  readonly isIceberg: boolean
  /** What its readers are told of it. */
  readonly documentation: Documentation
  /** Why nobody can tell what readers see of it, a sentence; undefined: one can. */
  readonly unreadable: string | undefined
}

/** Metadata of Iceberg tables that is read at the same time. */
const readAtOnce = 8

/** By name. @throws Failure (2) when refused, (1) when AWS does not answer */
export async function readCatalog(
  aws: Aws,
  config: LakeConfig,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, CatalogTable>> {
  const tables = [...(await liveTables(aws, config.glueDatabase, signal))]
  const read = await inParallel(readAtOnce, tables, async ([name, live]) => {
    const described = { isIceberg: isIceberg(live), documentation: documentationOn(live) }
    try {
      const published = await publishedIn({ aws, config, table: name }, live, signal)
      return { ...described, published, unreadable: undefined }
    } catch (error) {
      // Whatever is wrong with somebody's table is no reason to tell nothing of the others.
      if (!(error instanceof Failure) || error.exit === 1 || signal.aborted) throw error
      const published = { kind: 'unmanaged', unlike: 'a table of the format ICEBERG' } as const
      return { ...described, published, unreadable: error.summary }
    }
  })
  return new Map(tables.map(([name], at) => [name, read[at]!]))
}

async function publishedIn(
  place: { readonly aws: Aws; readonly config: LakeConfig; readonly table: string },
  live: Table,
  signal: AbortSignal,
): Promise<Published> {
  if (!isIceberg(live)) return publishedOf(live)
  const { baseOf } = await import('./iceberg/base.ts')
  return (await baseOf(place, live, signal)).published
}
