/** Slices of one load, as if they were one. */
import { Failure } from '../failure/failure.ts'
import type { LookupSize, SliceFacts } from '../lake/facts.ts'

/** @param slices in the order of the slicing, whichever ended first: files are in that order @throws Failure (2) for two keys of hashes */
export function addUp(slices: readonly SliceFacts[]): SliceFacts {
  const sum = (of: (slice: SliceFacts) => number) => slices.reduce((total, slice) => total + of(slice), 0)
  return {
    rowsRead: sum(({ rowsRead }) => rowsRead),
    rows: sum(({ rows }) => rows),
    bytesRead: sum(({ bytesRead }) => bytesRead),
    bytes: sum(({ bytes }) => bytes),
    lossy: byColumn(slices.map(({ lossy }) => lossy)),
    nulls: byColumn(slices.map(({ nulls }) => nulls)),
    files: slices.flatMap(({ files }) => files),
    ...hashKeyOf(slices),
    ...(slices.some(({ lookupsWithin }) => lookupsWithin) && {
      lookupsWithin: largest(slices.map(({ lookupsWithin = {} }) => lookupsWithin)),
    }),
    ...(slices.some(({ byPartition }) => byPartition) && {
      byPartition: slices.flatMap(({ byPartition }) => byPartition ?? []),
    }),
  }
}

function byColumn(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = Object.create(null)
  for (const each of counts) {
    for (const [name, count] of Object.entries(each)) total[name] = (total[name] ?? 0) + count
  }
  return total
}

function largest(sizes: readonly Readonly<Record<string, LookupSize>>[]): Record<string, LookupSize> {
  const most: Record<string, LookupSize> = Object.create(null)
  for (const each of sizes) {
    for (const [name, size] of Object.entries(each)) {
      const { rows, bytes } = most[name] ?? size
      most[name] = { rows: Math.max(rows, size.rows), bytes: Math.max(bytes, size.bytes) }
    }
  }
  return most
}

/** Machines have their keys each from an environment of its own. */
function hashKeyOf(slices: readonly SliceFacts[]): Pick<SliceFacts, 'hashKey'> {
  const [first, ...others] = new Set(slices.map(({ hashKey }) => hashKey))
  if (others.length === 0) return first === undefined ? {} : { hashKey: first }
  throw new Failure({
    exit: 2,
    act: 'add up',
    thing: 'the slices of a load',
    reason: 'they were not all hashed with one key',
    advice: 'Give every machine the same DRACULA_HASH_KEY, and start the load again.',
  })
}
