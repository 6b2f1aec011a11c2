import type { Call } from '../aws/calls.ts'
import { type ListedObject, listCalls, listObjects } from '../aws/objects.ts'
import type { StoredObject } from '../aws/stored-object.ts'
import { Failure } from '../failure/failure.ts'
import { loadFolder } from '../lake/hive/layout.ts'
import type { Load } from './load.ts'
import type { LoadNames } from './load-names.ts'
import type { Staged } from './stage.ts'

/**
 * What is listed under the prefix is what was written: no object more or less, none of another size or content.
 * @throws Failure (4) naming the first that is not
 */
export async function requireStored(load: Load, { objects }: Pick<Staged, 'objects'>): Promise<void> {
  const { target, prefix, signal } = load
  if (target === undefined) return
  const listed = await listObjects(target.aws, { bucket: target.lake.bucket, prefix, signal })
  const difference = differenceInWords(objects, listed)
  if (difference !== undefined) throw changed(load, difference)
}

export function requireStoredCalls({
  lake,
  table,
  load,
}: Pick<LoadNames, 'lake' | 'table' | 'load'>): Call[] {
  return listCalls(lake.bucket, loadFolder(lake.prefix, table, load))
}

/** The first difference between what a load wrote and what is listed under its prefix, a clause; undefined: none. */
export function differenceInWords(
  written: readonly Pick<StoredObject, 'key' | 'bytes' | 'etag'>[],
  listed: readonly ListedObject[],
): string | undefined {
  const found = new Map(listed.map((object) => [object.key, object]))
  for (const { key, bytes, etag } of written) {
    const there = found.get(key)
    if (there === undefined) return `${key} is gone`
    if (there.bytes !== bytes) return `${key} has ${there.bytes} bytes, but ${bytes} were written`
    if (there.etag !== etag) return `${key} has the ETag ${there.etag}, but was written as ${etag}`
    found.delete(key)
  }
  const [more] = found.keys()
  return more === undefined ? undefined : `${more} is there and was not written by this load`
}

function changed({ table, location }: Load, reason: string): Failure {
  return new Failure({
    exit: 4,
    act: 'publish',
    thing: table.name,
    reason,
    advice: `Find out who else writes to ${location} (a load of this table with a much shorter --deadline removes it as a leftover), then run it again.`,
  })
}
