/** What a load that was not published takes away of itself, of whatever kind its table is. */
import { abortUpload, deleteObjects, listUploads } from '../aws/objects.ts'
import { Failure } from '../failure/failure.ts'
import { stagedName } from './layout.ts'
import type { LoadPlace } from './names.ts'
import { dropStaged } from './staged-tables.ts'

/** A process that was told to stop has seconds, not minutes. */
const patienceMs = 15_000

/**
 * Takes away everything of a load that was not published, as far as it can in a few seconds; what it cannot,
 * a later load removes. Never throws.
 * @param prefix of the keys of its files @param keys of the objects it has begun to write
 * @returns a sentence for what stays
 */
export async function discardLoad(
  { aws, config, table, load }: Omit<LoadPlace, 'signal'>,
  prefix: string,
  keys: readonly string[],
): Promise<string[]> {
  const { bucket, stagingDatabase } = config
  const signal = AbortSignal.timeout(patienceMs)
  // Only an upload whose beginning was not answered is still there: nobody knew it.
  const uploads = async (): Promise<void> => {
    for (const { key, id } of await listUploads(aws, { bucket, prefix, signal }))
      await abortUpload(aws, { bucket, key, id, signal })
  }
  const results = await Promise.allSettled([
    deleteObjects(aws, { bucket, keys, signal }),
    uploads(),
    dropStaged(aws, { database: stagingDatabase, name: stagedName(table, load), signal }),
  ])
  const reasons = results.flatMap((result) =>
    result.status === 'rejected' && !isWithoutBucket(result.reason) ? [summaryOf(result.reason)] : [],
  )
  if (reasons.length === 0) return []
  return [`some of load ${load} may be left behind, for a later load to remove: ${reasons.join('; ')}`]
}

/** Where there is no bucket, nothing is left in it. */
function isWithoutBucket(error: unknown): boolean {
  return error instanceof Failure && error.cause instanceof Error && error.cause.name === 'NoSuchBucket'
}

function summaryOf(error: unknown): string {
  if (error instanceof Failure) return error.summary
  return error instanceof Error ? error.message : String(error)
}
