/** Hashed columns have one key: rows are joined by what it makes of values, over tables and over loads. */
import { hashedColumns } from '../../declare/hidden-columns.ts'
import type { Table } from '../../declare/table.ts'
import { Failure } from '../../failure/failure.ts'
import type { PublishedLoad } from '../../lake/published.ts'
import { type HashKey, hashKeyOf } from '../../types/hash-key.ts'
import type { LoadOptions } from '../options.ts'

/** @returns undefined: the lake has no hashed column of the table @throws Failure (2) where it has, and there is no key */
export function hashKeyFor(table: Table, secret: string | undefined): HashKey | undefined {
  const hashed = hashedColumns(table)
  if (hashed.length === 0) return undefined
  if (secret !== undefined) return hashKeyOf(secret)
  const columns = new Intl.ListFormat('en-GB').format(hashed)
  throw new Failure({
    exit: 2,
    act: 'hash',
    thing: `${columns} of ${table.name}`,
    reason: 'neither DRACULA_HASH_KEY nor DRACULA_HASH_KEY_FILE is set',
    advice:
      'Set the key that all tables are hashed with, of 32 bytes at the least; a first one makes: openssl rand -hex 32',
  })
}

/**
 * @param before what readers see; undefined: nothing
 * @param now the fingerprint of this load's key; undefined: it needs none
 * @throws Failure (2) where what readers see was hashed with another key
 */
export function requireSameHashKey(
  table: string,
  { newHashKey }: Pick<LoadOptions, 'newHashKey'>,
  before: Pick<PublishedLoad, 'load' | 'hashKey'> | undefined,
  now: string | undefined,
): void {
  const then = before?.hashKey
  if (then === undefined || now === undefined || then === now || newHashKey) return
  throw new Failure({
    exit: 2,
    act: 'replace',
    thing: table,
    reason: `load ${before?.load}, which readers see, was hashed with the key ${then}, and this one would be with the key ${now}: no row would join those of other tables and earlier loads (what is shown are fingerprints)`,
    advice: `Set DRACULA_HASH_KEY to the key of before. If all tables have another from now on, load each once with --new-hash-key.`,
  })
}

/** @throws Failure (2) where slices were read by machines that do not have this key */
export function requireOneHashKey(
  table: string,
  read: string | undefined,
  hashKey: HashKey | undefined,
): void {
  if (read === hashKey?.fingerprint) return
  throw new Failure({
    exit: 2,
    act: 'finish',
    thing: table,
    reason: 'its slices were not all hashed with one key',
    advice: 'Give every machine the same DRACULA_HASH_KEY, and start the load again.',
  })
}
