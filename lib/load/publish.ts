import type { Call } from '../aws/calls.ts'
import { readTableCalls } from '../aws/glue.ts'
import { putNew, putNewCalls } from '../aws/objects.ts'
import { Failure } from '../failure/failure.ts'
import { recordKey } from '../lake/hive/layout.ts'
import { publish, publishCalls } from '../lake/hive/publish.ts'
import { readPublished } from '../lake/hive/published.ts'
import type { PublishedLoad } from '../lake/published.ts'
import { glueColumns } from './catalog.ts'
import type { Extract } from './extract.ts'
import { lostTo, lostToPin } from './failure.ts'
import type { Load, Target } from './load.ts'
import type { LoadNames } from './load-names.ts'
import { loadRecord } from './record.ts'
import { requireSameSource } from './same-source.ts'
import { refuseShrunk, refuseShrunkLookup } from './shrink.ts'
import { requireStored, requireStoredCalls } from './stored.ts'
import { LoadFailure } from './types.ts'

/** Of the schema that was last found equal to the declaration, this load's crawl included. */
export interface Crawl {
  readonly crawled: boolean
  readonly crawledHash: string | undefined
}

/**
 * Step 7: the record first, then the one call that readers see.
 * @throws Failure (1) if a newer snapshot was published or the table pinned meanwhile, (5) if the outcome is unknown, and
 * as the guards do
 */
export async function publishLoad(
  load: Load,
  target: Target,
  extracted: Extract,
  crawl: Crawl,
): Promise<void> {
  const { table, id, location, signal, options } = load
  const { aws, lake } = target
  const live = { database: lake.glueDatabase, table: table.name, signal }
  const now = await readPublished(aws, live)
  const replaces = now.kind === 'ours' ? now.load : null
  const key = recordKey(lake.prefix, table.name, id)
  load.keys.push(key)
  await putNew(aws, {
    bucket: lake.bucket,
    key,
    body: JSON.stringify(loadRecord(load, extracted, { crawled: crawl.crawled, replaces }), undefined, 2),
    contentType: 'application/json',
    kmsKey: lake.kmsKey,
    signal,
  })
  // Last, as much time may have passed since they were written.
  await requireStored(load, extracted)
  const outcome = await publish(aws, {
    ...live,
    location,
    columns: glueColumns(load),
    adopt: options.adopt,
    permit: (now) => permit(load, extracted, now),
    load: {
      load: id,
      rows: extracted.rows,
      rowsRead: extracted.rowsRead,
      lookups: Object.fromEntries(Object.entries(extracted.lookups).map(([name, { rows }]) => [name, rows])),
      snapshotAt: extracted.snapshot.at,
      schemaHash: load.schemaHash,
      crawledHash: crawl.crawledHash,
      bytes: extracted.bytes,
      source: extracted.identity,
    },
  })
  if (outcome.outcome === 'lost') throw lostTo(load, outcome.to)
  if (outcome.outcome === 'pinned') throw lostToPin(load, outcome.to, outcome.pin)
}

/**
 * The guards again, as another load may have been published since they let this one pass.
 * @throws LoadFailure that says what readers see by now
 */
function permit(load: Load, { identity, lookups, ...extracted }: Extract, now: PublishedLoad): void {
  try {
    requireSameSource(load, now, identity)
    for (const [name, { rows }] of Object.entries(lookups)) {
      refuseShrunkLookup(load, name, rows, now.lookups[name])
    }
    refuseShrunk(load, extracted, now.rows)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const published = { load: now.load, snapshotAt: now.snapshotAt }
    throw new LoadFailure({ ...error.detail, cause: error.cause }, { load: load.id, published })
  }
}

export function publishLoadCalls(names: LoadNames): Call[] {
  const { lake, table, load } = names
  const live = { database: lake.glueDatabase, table }
  return [
    ...readTableCalls(live),
    ...putNewCalls(lake.bucket, recordKey(lake.prefix, table, load)),
    ...requireStoredCalls(names),
    ...publishCalls(live),
  ]
}
