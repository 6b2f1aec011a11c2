/**
 * The lake of Iceberg tables in S3, Glue and Athena: whole partitions are replaced, in one snapshot, which one guarded call
 * shows to readers (../lake.ts has the table of files).
 */
import type { HiveOptions } from '../hive/hive.ts'
import type { Lake, PrepareOptions } from '../lake.ts'
import type { TablePlace } from '../names.ts'
import { pinned } from '../pinned.ts'
import { describePlace } from '../place.ts'
import type { Published } from '../published.ts'
import { requireSurroundings } from '../surroundings.ts'
import { refuseUnmanaged } from '../unmanaged.ts'
import { accountReader } from './account.ts'
import { type Base, readBase } from './base.ts'
import { refuseChanged } from './changed.ts'
import { openDraft } from './draft.ts'
import { readHistory } from './history.ts'
import { notByMany } from './not-by-many.ts'
import { rollBack } from './rollback.ts'
import { unpin } from './unpin.ts'

export function openIceberg({ aws, config, table }: Omit<HiveOptions, 'catalog'>): Lake {
  const place: TablePlace = { aws, config, table }
  /** What was read with what is published. */
  const bases = new WeakMap<Published, Base>()
  const readAccount = accountReader(place)
  let account: string | undefined
  return {
    describe: () => describePlace(config, { table, aws, account }),
    catalog: async () => ({ region: (await aws.where()).region, account }),
    async current(signal) {
      const base = await readBase(place, signal)
      bases.set(base.published, base)
      return base.published
    },
    async prepare(current, options) {
      requireReplaceable(place, current, options)
      account = await requireSurroundings(place, options.signal)
    },
    draft(options) {
      const base = bases.get(options.current)
      if (base === undefined) throw new Error('What it is to replace was not read here.')
      return openDraft({ ...place, readAccount }, base, options)
    },
    account: ({ load }, signal) => readAccount(load, signal),
    async columnsOf(name, signal) {
      const { columnsOf } = await import('../expect/columns-of.ts')
      return columnsOf(place, name, signal)
    },
    history: (options) => readHistory(place, options),
    rollBack: (options) => rollBack(place, options),
    unpin: (signal) => unpin(place, signal),
    fanOut() {
      throw notByMany(table)
    },
    close: () => aws.close(),
  }
}

/** @throws Failure (2), and (4) where others have changed rows */
function requireReplaceable(
  { config, table }: TablePlace,
  current: Published,
  { adopt, adoptChanges = false }: PrepareOptions,
): void {
  if (current.kind === 'unmanaged') refuseUnmanaged(current, { database: config.glueDatabase, table, adopt })
  if (current.kind !== 'managed') return
  if (current.pin !== undefined) throw pinned(table, current.load, current.pin)
  refuseChanged(table, current, adoptChanges)
}
