import { dropStaged } from '../aws/glue.ts'
import { recordKey } from '../aws/layout.ts'
import { deleteObjects, listObjects } from '../aws/objects.ts'
import type { Load } from './load.ts'

/** A process that was told to stop has seconds, not minutes. */
const patienceMs = 15_000

/**
 * Takes away everything of a load that was not published, as far as it can in a few seconds; what it cannot,
 * a later load removes. Never throws.
 */
export async function removeLoad(load: Load): Promise<void> {
  const { target, prefix, table, id, staged } = load
  if (target === undefined) return
  const { aws, lake } = target
  const { bucket, stagingDatabase } = lake
  const signal = AbortSignal.timeout(patienceMs)
  const objects = async (): Promise<void> => {
    const keys = (await listObjects(aws, { bucket, prefix, signal })).map(({ key }) => key)
    await deleteObjects(aws, { bucket, keys: [...keys, recordKey(lake.prefix, table.name, id)], signal })
  }
  const results = await Promise.allSettled([
    objects(),
    dropStaged(aws, { database: stagingDatabase, name: staged, signal }),
  ])
  for (const result of results) {
    if (result.status === 'rejected') load.warn(`some of load ${id} is left behind; a later load removes it`)
  }
}
