/** Whether the bucket holds of a load what was written, and nothing else. */
import type { Call } from '../aws/calls.ts'
import { type ListedObject, listCalls, listObjects } from '../aws/objects.ts'
import { Failure } from '../failure/failure.ts'
import type { WrittenFile } from './facts.ts'
import { loadFolder } from './layout.ts'
import type { LoadNames, LoadPlace } from './names.ts'

/** An object as a record names it. */
export interface WrittenObject {
  readonly key: string
  readonly bytes: number
  readonly etag: string
  readonly crc32: string | null
}

/** @param folder key prefix of the load's files */
export function objectsOf(files: readonly WrittenFile[], folder: string): WrittenObject[] {
  return files.map(({ name, bytes, etag = '', crc32 = null }) => ({ key: folder + name, bytes, etag, crc32 }))
}

/**
 * What is listed under the load's prefix is what was written: no object more or less, none of another size or content.
 * @param prefix of the keys of its files
 * @throws Failure (4) naming the first that is not
 */
export async function requireWritten(
  { aws, config: { bucket }, table, signal }: Omit<LoadPlace, 'load'>,
  prefix: string,
  files: readonly WrittenFile[],
): Promise<void> {
  const listed = await listObjects(aws, { bucket, prefix, signal })
  const reason = describeDifference(objectsOf(files, prefix), listed)
  if (reason === undefined) return
  throw new Failure({
    exit: 4,
    act: 'publish',
    thing: table,
    reason,
    advice: `Find out who else writes to s3://${bucket}/${prefix} (a load of this table with a much shorter --deadline removes it as a leftover), then run it again.`,
  })
}

export function requireWrittenCalls({
  lake,
  table,
  load,
}: Pick<LoadNames, 'lake' | 'table' | 'load'>): Call[] {
  return listCalls(lake.bucket, loadFolder(lake.prefix, table, load))
}

/** The first difference between what a load wrote and what is listed under its prefix, a clause; undefined: none. */
export function describeDifference(
  written: readonly Pick<WrittenObject, 'key' | 'bytes' | 'etag'>[],
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
