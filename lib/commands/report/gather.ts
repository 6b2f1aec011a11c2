/** Reads what the page tells: the scripts, Glue, and the records beside the tables' files. Postgres is not asked. */
import type { Aws } from '../../aws/clients.ts'
import { inParallel } from '../../concurrency/in-parallel.ts'
import type { LakeConfig } from '../../config/config.ts'
import { brokenScripts, findTables, tableNames } from '../../declare/find-tables.ts'
import type { Table } from '../../declare/table.ts'
import { type CatalogTable, readCatalog } from '../../lake/catalog.ts'
import type { History } from '../../lake/history.ts'
import type { HistoryOptions } from '../../lake/lake.ts'
import type { TablePlace } from '../../lake/names.ts'
import { describePlace } from '../../lake/place.ts'
import { readHistory } from '../../lake/read-history.ts'
import { readFailing } from '../../notify/failing.ts'
import type { LakeFacts } from './facts.ts'
import { readPartitions } from './read-partitions.ts'
import { type Known, tableFacts } from './table-facts.ts'

/** Tables whose records are read at the same time. */
const tablesAtOnce = 8

export interface Gathering {
  readonly aws: Aws
  readonly lake: LakeConfig
  /** Newest loads of a table whose records are read. */
  readonly loads: number
  readonly signal: AbortSignal
  /** Takes secrets out of what a script, or AWS, says of a failure. */
  readonly scrub: (text: string) => string
  /** Told how many tables are read, of how many. */
  readonly onTable: (read: number, of: number) => void
}

/** @throws Failure (2) when refused or for a folder of scripts that is not there, (1) when AWS does not answer */
export async function gatherFacts(options: Gathering): Promise<LakeFacts> {
  const { aws, lake, signal, onTable } = options
  const [scripts, catalog, failing, place] = await Promise.all([
    readScripts(options.scrub),
    readCatalog(aws, lake, signal),
    readFailing(aws, lake, signal),
    describePlace(lake, { aws }),
  ])
  const ours = [...catalog].filter(([, { published }]) => published.kind === 'managed').map(([name]) => name)
  const names = [...new Set([...scripts.names, ...ours])].toSorted()
  const now = Date.now()
  let read = 0
  const tables = await inParallel(tablesAtOnce, names, async (name) => {
    const known = await readTable(name, scripts, catalog.get(name), options)
    onTable(++read, names.length)
    return tableFacts(
      name,
      { ...known, scrub: options.scrub, failing: failing.get(name) ?? [], mostLoads: options.loads },
      now,
    )
  })
  return { name: lake.glueDatabase, place, at: new Date(now).toISOString(), tables }
}

interface Scripts {
  readonly names: readonly string[]
  readonly tables: ReadonlyMap<string, Table>
  /** Why a script is no table. */
  readonly broken: ReadonlyMap<string, string>
}

async function readScripts(scrub: (text: string) => string): Promise<Scripts> {
  const names = await tableNames()
  const broken = await brokenScripts(names)
  const sound = names.filter((name) => !broken.has(name))
  const tables = sound.length === 0 ? [] : await findTables(sound)
  return {
    names,
    tables: new Map(tables.map((table) => [table.name, table])),
    broken: new Map([...broken].map(([name, { summary }]) => [name, scrub(summary)])),
  }
}

async function readTable(
  name: string,
  { names, tables, broken }: Scripts,
  found: CatalogTable | undefined,
  { aws, lake: config, loads: limit, signal }: Gathering,
): Promise<Omit<Known, 'failing' | 'mostLoads' | 'scrub'>> {
  const place = { aws, config, table: name }
  const table = tables.get(name)
  const history = await historyOf(place, found, { limit, signal })
  const { published } = history
  const partitions =
    published.kind === 'managed' && found?.isIceberg === true
      ? await readPartitions(place, table, published.load, signal)
      : undefined
  return { table, script: names.includes(name), broken: broken.get(name), found, history, partitions }
}

/** Read later than the catalog, and by itself: a load may have been published meanwhile. */
async function historyOf(
  place: TablePlace,
  found: CatalogTable | undefined,
  options: Pick<HistoryOptions, 'limit' | 'signal'>,
): Promise<History> {
  if (found?.published.kind === 'managed') {
    return readHistory(place, { ...options, isIceberg: found.isIceberg, examined: 'published' })
  }
  return { published: found?.published ?? { kind: 'absent' }, loads: [], more: 0, rollbacks: [] }
}
