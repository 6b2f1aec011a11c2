/** Iceberg tables: what each has in its place, and whom else there is that would change them. */
import type { Call } from '../../aws/calls.ts'
import type { Aws } from '../../aws/clients.ts'
import { formatSize } from '../../cli/size.ts'
import { inParallel } from '../../concurrency/in-parallel.ts'
import type { LakeConfig } from '../../config/config.ts'
import type { Table } from '../../declare/table.ts'
import { type Condition, conditionCalls, conditionOf } from '../../lake/iceberg/condition.ts'
import { icebergLocation } from '../../lake/iceberg/layout.ts'
import { examineCrawlers, examineCrawlersCalls } from './crawlers-over.ts'
import { type Finding, findingOf, ok, warning } from './finding.ts'
import { examineOptimizers, examineOptimizersCalls } from './optimizers.ts'

const tablesAtOnce = 4

/** Metadata of this size takes every query a moment more. */
const largeMetadata = 1024 * 1024

/** @returns nothing where no script declares such a table */
export async function examineIceberg(
  aws: Aws,
  config: LakeConfig,
  declared: readonly Pick<Table, 'name' | 'format'>[],
  signal: AbortSignal,
  now: Date = new Date(),
): Promise<Finding[]> {
  const names = declared.flatMap(({ name, format }) => (format === 'iceberg' ? [name] : []))
  const there: string[] = []
  const each = await inParallel(tablesAtOnce, names, (table) =>
    findingOf(`iceberg ${table}`, signal, async () => {
      const condition = await conditionOf({ aws, config, table }, signal, now)
      if (condition === undefined) return 'it is not there yet; the first load makes it'
      there.push(table)
      return describe(`iceberg ${table}`, condition)
    }),
  )
  if (there.length === 0) return each
  const database = config.glueDatabase
  const places = there.map((table) => ({ database, table, location: `${icebergLocation(config, table)}/` }))
  return [
    ...each,
    await findingOf('iceberg crawlers', signal, () => examineCrawlers(aws, places, signal)),
    await findingOf('iceberg optimizers', signal, () =>
      examineOptimizers(aws, { database, tables: there, signal }),
    ),
  ]
}

function describe(check: string, { snapshots, metadataBytes, objects, bytes, orphans }: Condition): Finding {
  const found = `${snapshots} snapshots in ${formatSize(metadataBytes)} of metadata, ${objects} objects of ${formatSize(bytes)}`
  const { own, others } = orphans
  if (own + others > 0) {
    return warning(
      check,
      `${found}, of which no snapshot needs ${own + others} (${formatSize(orphans.bytes)})`,
      [
        own > 0 ? `The next load removes the ${own} that Dracula has written.` : '',
        others > 0 ? `Find out who has written the other ${others}: Dracula leaves them alone.` : '',
      ]
        .filter(Boolean)
        .join(' '),
    )
  }
  if (metadataBytes < largeMetadata) return ok(check, found)
  return warning(
    check,
    found,
    'Every query reads the metadata first: keep fewer snapshots by --retain, or load less often, as those of the last day stay.',
  )
}

export function examineIcebergCalls(lake: LakeConfig, table: string): Call[] {
  return [
    ...conditionCalls({ lake, table, load: '<load>', catalog: 'auto', files: [] }),
    ...examineCrawlersCalls,
    ...examineOptimizersCalls(lake.glueDatabase, table),
  ]
}
