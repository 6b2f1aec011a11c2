/** How many there are of what AWS has quotas of. */
import type { GlueCatalog } from '../glue/catalog.ts'
import { type Json, list, optionalText, structure } from '../json/input.ts'
import type { Counted } from './published.ts'

export interface Countable {
  readonly catalog: GlueCatalog
  readonly crawlers: { count(): { readonly all: number; readonly atWork: number } }
  readonly athena: { atWork(): number }
}

/**
 * @param input of a request that makes one more of it, or several
 * @returns how many there would be but for the last of those; undefined: it makes none
 */
export function countOf(
  of: Counted,
  input: Json,
  { catalog, crawlers, athena }: Countable,
): number | undefined {
  const database = optionalText(input, 'DatabaseName') ?? ''
  switch (of) {
    case 'tables in the database':
      return catalog.countTables(database)
    case 'tables':
      return catalog.countTables()
    case 'versions of the table': {
      const name = optionalText(structure(input, 'TableInput'), 'Name') ?? ''
      return archives(input) ? catalog.countVersions(database, name) : undefined
    }
    case 'versions of tables':
      return archives(input) ? catalog.countVersions() : undefined
    case 'partitions of the table': {
      const there = catalog.countPartitions(database, optionalText(input, 'TableName') ?? '')
      return there + Math.max(0, list(input, 'PartitionInputList').length - 1)
    }
    case 'crawlers':
      return crawlers.count().all
    case 'crawlers at work':
      return crawlers.count().atWork
    case 'queries at work':
      return athena.atWork()
  }
}

/** Else the version before is given up for the new one. */
function archives(input: Json): boolean {
  return input['SkipArchive'] !== true
}
